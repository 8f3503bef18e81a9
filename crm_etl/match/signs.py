"""What the levels of a pair say together: contradictions, support, and what is in play.

Tables to read, over the levels that :mod:`crm_etl.match.compare` declares, and the functions that apply them to many
pairs at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np

from crm_etl.match.compare import COMPARISONS, Comparison, comparison
from crm_etl.match.encode import ORGANIZATION, PERSON, Flags, Ints
from crm_etl.match.encode import Levels as LevelCodes


def _but(entry: Comparison, *names: str) -> tuple[str, ...]:
    """All levels but these."""
    return tuple(level.name for level in entry.levels if level.name not in names)


_NAME, _BIRTH_DATE, _ADDRESS = (comparison(PERSON, name) for name in ("name", "birth_date", "address"))
#: Levels that together mean "not one", whatever else agrees: all of a line must hold; None is no evidence. A slip in
#: the sex of one name is a slip; with any other name it is Alexander and Alexandra, who sound alike and live together,
#: unless they were born on the same day. A number in common outweighs a birth date, or a sex, that was mistaken.
#: Between people of one address another name and birth date weigh much, and no more: of many records of one person
#: two may be mistaken in different fields, and what the others say of both decides.
CONTRADICTIONS: dict[int, tuple[dict[str, tuple[str | None, ...]], ...]] = {
    PERSON: (
        {"identifiers": ("differs",)},
        {
            "birth_date": ("differs",),
            "name": ("differs", "given_differs"),
            "identifiers": ("differs", "branch", "unlike", None),
            "address": (*_but(_ADDRESS, "street", "similar", "same"), None),
        },
        {"birth_date": ("differs",), "patronymic": ("differs",)},
        {
            "sex": ("differs",),
            "name": _but(_NAME, "differs", "given_differs", "sounds", "same"),
            "identifiers": ("differs", "branch", "unlike", None),
        },
        {
            "sex": ("differs",),
            "name": ("sounds",),
            "birth_date": (*_but(_BIRTH_DATE, "same"), None),
            "identifiers": ("differs", "branch", "unlike", None),
        },
    ),
    ORGANIZATION: ({"identifiers": ("differs", "branch")}, {"branch": ("differs",)}),
}
#: Names by which the sex is known to differ, or not to matter. One line must hold.
_NAMED_APART: dict[int, tuple[dict[str, tuple[str | None, ...]], ...]] = {
    PERSON: ({"name": ("differs", "given_differs")},),
    ORGANIZATION: (),
}

#: The comparison of names of each kind, and groups of its levels. Parties whose names agree share more than others,
#: though they have nothing to do with each other: one name is of one country and one generation, and mailboxes are made
#: of it. In the ``whole`` group names could be one.
NAMES: dict[int, str] = {PERSON: "name", ORGANIZATION: "organization"}
LIKENESS: dict[int, dict[str, tuple[str, ...]]] = {
    PERSON: {"given": ("family_differs",), "whole": _but(_NAME, "differs", "given_differs", "family_differs")},
    ORGANIZATION: {"word": ("word",), "whole": ("similar", "sounds", "same")},
}

#: Bits that the rarity of a value, and a model that trusts the levels more than believed, may add to a pair.
PLAY = 9
#: Bits of names that refining is likely to mend.
_MENDED = 9
#: However few records there are, levels must be worth so many bits for a pair to be in play.
_LEAST_PLAY = 2

#: What a pair has in common beside a name, from which level on: without it only the rarity of the name can tell.
SUPPORT: dict[int, dict[str, str]] = {
    PERSON: {
        "birth_date": "digit",
        "phones": "tail",
        "emails": "local",
        "identifiers": "slip",
        "address": "moved",
    },
    ORGANIZATION: {"organization": "differs"},
}


def contradict(kind: int, codes: dict[str, LevelCodes]) -> Flags:
    """Which pairs contradict themselves; ``codes`` maps comparisons to level codes (pairs,)."""
    return _any_line(kind, CONTRADICTIONS[kind], codes)


def contradictions(kind: int, codes: dict[str, LevelCodes]) -> LevelCodes:
    """Which of :data:`CONTRADICTIONS` each pair shows first, counted from 1; 0 for none, (pairs,)."""
    found = np.zeros(len(next(iter(codes.values()))), dtype=np.int8)
    for number, line in reversed(list(enumerate(CONTRADICTIONS[kind], 1))):
        found[_any_line(kind, (line,), codes)] = number
    return found


def contradicting(kind: int) -> list[str]:
    """For each of :data:`CONTRADICTIONS` the comparisons in which the two differ, joined by ``+``."""
    return ["+".join(name for name, among in line.items() if None not in among) for line in CONTRADICTIONS[kind]]


def named_apart(kind: int, codes: dict[str, LevelCodes]) -> Flags:
    """Which pairs bear different given names, (pairs,): these have told already what is ``implied`` by them."""
    return _any_line(kind, _NAMED_APART[kind], codes)


def likeness(kind: int, codes: dict[str, LevelCodes]) -> LevelCodes:
    """The group of :data:`LIKENESS` that each pair is of, counted from 1; 0 for none, (pairs,)."""
    entry = comparison(kind, NAMES[kind])
    of_level = np.zeros(len(entry.levels) + 1, dtype=np.int8)
    for number, levels in enumerate(LIKENESS[kind].values(), 1):
        of_level[[entry.code(level) for level in levels]] = number
    return of_level[codes[entry.name]]


def unsupported(kind: int, codes: dict[str, LevelCodes]) -> Flags:
    """Which pairs have nothing but the name in common."""
    found = np.ones(len(next(iter(codes.values()))), dtype=np.bool_)
    for name, least in SUPPORT[kind].items():
        found &= codes[name] < comparison(kind, name).code(least)
    return found


def other_people(names: LevelCodes, born: LevelCodes, identifiers: LevelCodes) -> Flags:
    """Which pairs of persons bear different given names while no number of both is known: they may be twins, a couple,
    or father and son, however much else they share, so that their weight alone does not make them one. Twins bear one
    family name: where that differs too and the birth date is the same, a name was mistaken or changed."""
    differ = _chosen(_NAME, ("given_differs",))[names]
    differ |= _chosen(_NAME, ("differs",))[names] & ~_chosen(_BIRTH_DATE, ("same",))[born]
    found: Flags = differ & (identifiers < 0)
    return found


def in_play(
    kind: int,
    codes: dict[str, LevelCodes],
    records: int,
    *,
    refined: bool = False,
    hopeful: Callable[[Ints], Flags] | None = None,
) -> Flags:
    """Which pairs could be one party under any model of such data, or are worth a look; the others are only counted.

    The more ``records`` there are, the less likely any two of them are one party, and the more must speak for it. Each
    level is worth what it is believed to be before the data speak, in whole bits; until ``refined``, names that
    refining can mend, and what they imply, are no evidence against; names that it is likely to mend are evidence for.
    ``codes`` maps comparisons to level codes (pairs,); ``hopeful`` tells which of the pairs at some places have such
    names: it is asked only where that matters.
    """
    bits = np.zeros(len(next(iter(codes.values()))), dtype=np.int16)
    for entry in COMPARISONS[kind]:
        bits += _hopes(entry, refined)[codes[entry.name]]
    found: Flags = bits >= least_play(records)
    if hopeful is not None:
        near = np.flatnonzero(~found & (bits >= least_play(records) - _MENDED))
        found[near] = hopeful(near)
    return found


def least_play(records: int) -> int:
    """Bits that the levels of a pair must be believed to be worth among so many records."""
    return max(round(math.log2(max(records, 1))) - PLAY, _LEAST_PLAY)


@cache
def _hopes(entry: Comparison, refined: bool) -> LevelCodes:
    """Whole bits of each level, the last is no evidence (code -1)."""
    bits = [np.clip(np.log2(level.m / level.u), level.least, level.most) for level in entry.levels]
    mendable = entry.implied or (entry.refine is not None and not refined)
    mended = [max(value, 0.0) if mendable else value for value in bits]
    hopes: LevelCodes = np.rint(np.array([*mended, 0.0])).astype(np.int8)
    return hopes


def _any_line(kind: int, lines: tuple[dict[str, tuple[str | None, ...]], ...], codes: dict[str, LevelCodes]) -> Flags:
    """For which pairs all of any line holds."""
    found = np.zeros(len(next(iter(codes.values()))), dtype=np.bool_)
    for line in lines:
        holds = [_chosen(comparison(kind, name), among)[codes[name]] for name, among in line.items()]
        found |= np.logical_and.reduce(holds)
    return found


@cache
def _chosen(entry: Comparison, among: tuple[str | None, ...]) -> Flags:
    """Whether each level is ``among`` those, the last is no evidence (code -1)."""
    names = [*(level.name for level in entry.levels), None]
    unknown = set(among) - set(names)
    if unknown:
        raise ValueError(f"{entry.name} has no levels {sorted(map(str, unknown))}")
    return np.array([name in among for name in names])
