"""Parties that share what the records of one party share, without being one: people under one roof, branches of a firm.

Fellegi and Sunter know pairs that are one and pairs that have nothing to do with each other. Between clients stand
those who live, work or trade together: they agree on an address, a phone, a family name or a taxpayer number for that
reason alone, and differ in what is a person's own. They are a sort of pairs of their own here, with probabilities of
levels that are learned beside m and u (:mod:`crm_etl.match.em`). What a pair has in common counts for one client only
as far as it is likelier of one client than of kin; where a register knows no families, that takes nothing away.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from crm_etl.match.compare import COMPARISONS, comparison
from crm_etl.match.encode import ORGANIZATION, PERSON, Flags, Floats
from crm_etl.match.encode import Levels as LevelCodes

Codes = dict[str, LevelCodes]


@dataclass(frozen=True)
class Kin:
    """A sort of pairs that share much and are not one.

    ``shares``: comparison -> lowest level; who shares none of these is no kin. ``pairs``: such pairs a record that are
    believed before the data speak. ``levels``: comparison -> what is then believed of its levels, least to most alike;
    one that is not named, such as the sex, which given names have told, says nothing of kin.
    """

    name: str
    words: str
    shares: Mapping[str, str]
    pairs: float
    levels: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class Learned:
    """What was learned of a sort: ``prior``, the share of all pairs that are of it; ``levels``: as in :class:`Kin`."""

    prior: float
    levels: dict[str, Floats]


#: The sorts of kin of each kind of party.
KIN: dict[int, tuple[Kin, ...]] = {
    PERSON: (
        Kin(
            "household",
            "so do people who live or work together",
            {"phones": "tail", "emails": "same", "address": "moved"},
            0.2,
            {
                # differs, given_differs, family_differs, part, initials, similar, sounds, same
                "name": (0.3, 0.58, 0.06, 0.01, 0.01, 0.015, 0.015, 0.01),
                "patronymic": (0.65, 0.1, 0.25),
                # differs, year, day, digit, swapped, calendar, same: more twins than there are, to be on the safe side
                "birth_date": (0.92, 0.03, 0.004, 0.014, 0.001, 0.001, 0.03),
                "phones": (0.5, 0.01, 0.01, 0.48),
                "emails": (0.8, 0.01, 0.02, 0.02, 0.15),
                "identifiers": (0.745, 0.0005, 0.25, 0.002, 0.0005, 0.002),
                # differs, city, place, moved, street, similar, same
                "address": (0.15, 0.12, 0.03, 0.02, 0.03, 0.1, 0.55),
            },
        ),
    ),
    ORGANIZATION: (
        Kin(
            "branch",
            "so do branches of one firm",
            {"identifiers": "branch", "emails": "same"},
            0.05,
            {
                # differs, word, similar, sounds, same
                "organization": (0.03, 0.07, 0.1, 0.2, 0.6),
                "legal_form": (0.1, 0.9),
                "branch": (0.65, 0.15, 0.2),
                "registered": (0.5, 0.1, 0.01, 0.02, 0.01, 0.01, 0.35),
                "phones": (0.85, 0.03, 0.02, 0.1),
                "emails": (0.7, 0.02, 0.03, 0.05, 0.2),
                # differs, branch, unlike, slip, refused, same
                "identifiers": (0.01, 0.5, 0.01, 0.02, 0.01, 0.45),
                "address": (0.55, 0.3, 0.05, 0.01, 0.03, 0.02, 0.04),
            },
        ),
        Kin(
            "building",
            "so do firms in one building",
            {"phones": "tail", "emails": "same", "address": "moved"},
            0.05,
            {
                "organization": (0.85, 0.1, 0.02, 0.02, 0.01),
                "legal_form": (0.4, 0.6),
                "branch": (0.15, 0.84, 0.01),
                "registered": (0.93, 0.04, 0.005, 0.01, 0.005, 0.002, 0.008),
                "phones": (0.7, 0.02, 0.02, 0.26),
                "emails": (0.85, 0.02, 0.02, 0.03, 0.08),
                "identifiers": (0.85, 0.02, 0.1, 0.005, 0.005, 0.02),
                "address": (0.1, 0.05, 0.02, 0.03, 0.05, 0.15, 0.6),
            },
        ),
    ),
}


def believed(kin: Kin, records: int) -> Learned:
    """What is believed of a sort before the data speak."""
    prior = min(2 * kin.pairs / max(records - 1, 1), 0.1)
    return Learned(prior, {name: np.array(shares) / sum(shares) for name, shares in kin.levels.items()})


def possible(kind: int, kin: Kin, codes: Codes) -> Flags:
    """Which pairs share what such kin shares, (pairs,)."""
    found = np.zeros(len(next(iter(codes.values()))), dtype=np.bool_)
    for name, least in kin.shares.items():
        found |= codes[name] >= comparison(kind, name).code(least)
    return found


def odds(
    kind: int,
    kin: Kin,
    known: Learned,
    weight: Floats,
    prior: float,
    m: Mapping[str, Floats],
    codes: Codes,
) -> Floats:
    """Log2 odds of each pair to be kin against parties that have nothing to do with each other, (pairs,).

    They are minus infinity where it is no kin.

    Args:
        known: what was learned of the sort.
        weight: log2 odds of each pair to be one party against the same; kin share the same rare values.
        prior: share of all pairs that are one party, and ``m``: probabilities of levels among them.
        codes: levels of the pairs.
    """
    bits = np.where(possible(kind, kin, codes), weight + np.log2(known.prior / prior), -np.inf)
    for entry in COMPARISONS[kind]:
        if entry.name in known.levels:
            bits += np.append(np.log2(known.levels[entry.name] / m[entry.name]), 0.0)[codes[entry.name]]
    return bits


def taken(kin: list[Floats]) -> list[Floats]:
    """What each sort of kin takes from the weights of pairs, (pairs,) each, 0 or less.

    The weights are odds against unrelated parties alone; together the sorts take ``log2(1 + sum(2 ** odds))``, which
    makes them odds against kin, too. Each takes as much of it as it is likely.

    Args:
        kin: of each sort, see :func:`odds`.
    """
    if not kin:
        return []
    every = np.logaddexp2.reduce(kin)
    whole = np.logaddexp2(0.0, every)
    if len(kin) == 1:
        return [-whole]
    finite = np.maximum(every, -1e9)
    return [-whole * np.exp2(bits - finite) for bits in kin]
