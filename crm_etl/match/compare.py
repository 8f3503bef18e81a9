"""The comparisons of the linkage model, as tables to read: what is compared, in which levels, and what each means.

A comparison has ordered levels, from contradiction to agreement. ``m`` and ``u`` are the probabilities of a level
among matching and among other pairs *before* any data has spoken: the model learns its own and falls back on
these where it has too little to learn from. ``most`` bounds the weight of a level from above where independence of
the comparisons, which Fellegi-Sunter supposes, is known to fail.

To add a comparison: a function in :mod:`crm_etl.match.levels`, an entry here, its cases in the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from crm_etl.match import features, frequencies, levels, names, organizations, refinement
from crm_etl.match.encode import ORGANIZATION, PERSON, Flags, Ints, Parties
from crm_etl.match.encode import Levels as LevelCodes
from crm_etl.match.frequencies import Shares

Measure = Callable[[Parties, Ints, Ints], LevelCodes]
Count = Callable[[Parties, Ints, Ints], Ints]
Chance = Callable[[Parties, Ints, Ints], Shares]
Refine = Callable[[Parties, Ints, Ints, LevelCodes], LevelCodes]
Hopeful = Callable[[Parties, Ints, Ints, LevelCodes], Flags]
#: A likelihood ratio is worth at most so many bits, whatever the data say.
BOUND = 30.0


@dataclass(frozen=True)
class Level:
    """One level: its name, what it means in words, starting beliefs, and bounds of its weight in bits."""

    name: str
    words: str
    m: float
    u: float
    most: float = BOUND
    least: float = -BOUND


@dataclass(frozen=True)
class Comparison:
    """A comparison: levels from least to most alike; their index is the level code.

    ``count`` gives the records that share what a pair agrees on; from ``rare_from`` upwards agreement on a rare
    value then counts for more. ``chance`` gives the records that would share it if its parts had nothing to do with
    each other; where rarity is ``learned``, the data say what it is worth. ``implied`` marks what the name has said
    already where it differs, ``named`` what is made of names. ``refine`` is given the levels that ``measure`` found and
    mends them by evidence too dear for every pair: it sees only pairs that are :func:`crm_etl.match.signs.in_play`;
    ``hopeful`` tells the pairs that it is likely to raise.
    """

    name: str
    measure: Measure
    levels: tuple[Level, ...]
    count: Count | None = None
    rare_from: int = 0
    implied: bool = False
    named: bool = False
    chance: Chance | None = None
    learned: bool = False
    refine: Refine | None = None
    hopeful: Hopeful | None = None

    def code(self, level: str) -> int:
        """Code of the level with this name."""
        return [entry.name for entry in self.levels].index(level)


def _count_birth_dates(parties: Parties, left: Ints, right: Ints) -> Ints:
    return features.birth_date(parties).count_of(left)


def _count_phones(parties: Parties, left: Ints, right: Ints) -> Ints:
    return features.phone_tails(parties).shared(left, right)


def _count_emails(parties: Parties, left: Ints, right: Ints) -> Ints:
    emails = features.emails(parties).shared(left, right)
    return np.where(emails > 0, emails, features.local_parts(parties).shared(left, right))


def _count_identifiers(parties: Parties, left: Ints, right: Ints) -> Ints:
    return features.identifier_numbers(parties).shared(left, right)


def _count_addresses(parties: Parties, left: Ints, right: Ints) -> Ints:
    addresses = features.address(parties)
    return np.maximum(addresses.count_of(left), addresses.count_of(right))


_PHONES = Comparison(
    "phones",
    levels.phones,
    (
        Level("differs", "no phone in common", 0.4, 0.999984, most=0.0, least=-6.0),
        Level("digit", "a phone that is one digit off, or has two digits exchanged", 0.02, 0.000006, most=12.0),
        Level("tail", "a phone in common but for its country code", 0.02, 0.000002),
        Level("same", "a phone in common", 0.56, 0.000008),
    ),
    count=_count_phones,
    rare_from=2,
)
_EMAILS = Comparison(
    "emails",
    levels.emails,
    (
        Level("differs", "no e-mail address in common", 0.38, 0.999935, most=0.0, least=-6.0),
        Level("named", "the same before the @, which is the name, another provider", 0.02, 0.00002, most=2.0),
        Level("letter", "an e-mail address that is one letter off", 0.02, 0.000005),
        Level("local", "the same name before the @, another provider", 0.05, 0.00003),
        Level("same", "an e-mail address in common", 0.53, 0.00001),
    ),
    count=_count_emails,
    rare_from=3,
    named=True,
)
_ADDRESS = Comparison(
    "address",
    levels.address,
    (
        Level("differs", "another place", 0.1, 0.8, most=0.0, least=-6.0),
        Level("city", "the same city or postal code, another street or an unknown one", 0.2, 0.198, most=5.0),
        Level("place", "the same city and postal code, another street or an unknown one", 0.05, 0.0005, most=6.0),
        Level("moved", "the same street and house number, in another place or an unknown one", 0.02, 0.0002),
        Level("street", "the same street or a similar one in the same place, another house number", 0.05, 0.001),
        Level("similar", "a similarly spelled street and the same house number in the same place", 0.2, 0.0001),
        Level("same", "the same address", 0.38, 0.0002),
    ),
    count=_count_addresses,
    rare_from=6,
)
_IDENTIFIERS = Comparison(
    "identifiers",
    levels.identifiers,
    (
        Level("differs", "two valid numbers of one type that differ", 0.002, 0.8, most=-8.0),
        Level("branch", "the same taxpayer number, another branch", 0.003, 0.000002, most=-8.0),
        Level("unlike", "another document, of a type that a party may have several of", 0.05, 0.199987, most=0.0),
        Level("slip", "a number that is one character off", 0.025, 0.000009),
        Level("refused", "the same number, whose check digit is wrong", 0.005, 0.000001),
        Level("same", "the same tax, state or document number", 0.915, 0.000001),
    ),
    count=_count_identifiers,
    rare_from=4,
)

_PERSON = (
    Comparison(
        "name",
        names.person_name,
        (
            Level("differs", "another name", 0.01, 0.9459, most=-6.0),
            Level("given_differs", "the same family name, another given name", 0.01, 0.01, most=4.0),
            Level("family_differs", "the same given name, another family name", 0.02, 0.03, most=1.0),
            Level("part", "one part of the name agrees, the other is missing", 0.03, 0.01, most=4.0),
            Level("initials", "family name and initial agree", 0.08, 0.003),
            Level("similar", "family and given name are similarly spelled, or one in short", 0.1, 0.0004),
            Level("sounds", "family and given name sound alike, or their letters correspond", 0.2, 0.0004),
            Level("same", "the same family and given name", 0.55, 0.0003),
        ),
        count=frequencies.namesakes,
        rare_from=5,
        chance=frequencies.namesakes_by_chance,
        learned=True,
        refine=refinement.refine_person_name,
        hopeful=refinement.hopeful_person_name,
    ),
    Comparison(
        "patronymic",
        names.patronymic,
        (
            Level("differs", "another patronymic", 0.03, 0.96, most=-2.0),
            # Where family and given name agree, patronymics often do: people of one family, of one custom.
            Level("similar", "a similar patronymic, or its initial", 0.12, 0.02, most=2.0),
            Level("same", "the same patronymic", 0.85, 0.02, most=3.0),
        ),
    ),
    Comparison(
        "birth_date",
        levels.birth_date,
        (
            Level("differs", "another birth date", 0.004, 0.9718, most=-3.0),
            Level("year", "born in the same year on another day", 0.01, 0.0215, most=0.0),
            Level("day", "born on the same day of another year", 0.006, 0.0027),
            Level("digit", "a birth date that is one digit off, or has two digits exchanged", 0.03, 0.0036),
            Level("swapped", "a birth date with day and month exchanged", 0.018, 0.00034),
            Level("calendar", "the same birth date, once in another calendar", 0.004, 0.00001),
            Level("same", "the same birth date", 0.928, 0.00005),
        ),
        count=_count_birth_dates,
        rare_from=5,
    ),
    _PHONES,
    _EMAILS,
    _IDENTIFIERS,
    _ADDRESS,
    Comparison(
        "sex",
        levels.sex,
        (
            Level("differs", "the other sex", 0.01, 0.5, most=-3.0, least=-6.0),
            # The given name has said it already: agreement adds nothing.
            Level("same", "the same sex", 0.99, 0.5, most=0.0, least=0.0),
        ),
        implied=True,
    ),
)

_ORGANIZATION = (
    Comparison(
        "organization",
        organizations.organization_name,
        (
            Level("differs", "another name", 0.04, 0.9957, most=-4.0),
            Level("word", "a telling word in common", 0.06, 0.003, most=6.0),
            Level("similar", "similar names", 0.1, 0.0004),
            Level("sounds", "names that sound alike, or whose words translate each other", 0.2, 0.0004),
            Level("same", "the same name", 0.6, 0.0005),
        ),
        count=organizations.sharing,
        rare_from=1,
        learned=True,
        refine=organizations.refine_organization_name,
    ),
    Comparison(
        "legal_form",
        levels.legal_form,
        (
            Level("differs", "another legal form", 0.1, 0.6, most=-1.0),
            Level("same", "the same legal form", 0.9, 0.4, most=1.5),
        ),
    ),
    Comparison(
        "branch",
        organizations.branch,
        (
            Level("differs", "a branch and its head office, or two branches", 0.002, 0.1, most=-4.0),
            Level("neither", "neither is a branch", 0.93, 0.895, most=0.5),
            Level("same", "the same branch", 0.068, 0.005, most=3.0),
        ),
    ),
    Comparison(
        "registered",
        levels.birth_date,
        (
            Level("differs", "another date of registration", 0.1, 0.9718, most=-2.0),
            Level("year", "registered in the same year", 0.02, 0.0215, most=0.0),
            Level("day", "registered on the same day of another year", 0.006, 0.0027),
            Level("digit", "a date of registration that is one digit off, or has two digits exchanged", 0.03, 0.0036),
            Level("swapped", "a date of registration with day and month exchanged", 0.02, 0.00034),
            Level("calendar", "the same date of registration, once in another calendar", 0.004, 0.00001),
            Level("same", "the same date of registration", 0.82, 0.00005),
        ),
        count=_count_birth_dates,
        rare_from=5,
    ),
    _PHONES,
    _EMAILS,
    _IDENTIFIERS,
    _ADDRESS,
)

#: The comparisons of each kind of party; pairs of a person and an organization are never compared.
COMPARISONS: dict[int, tuple[Comparison, ...]] = {PERSON: _PERSON, ORGANIZATION: _ORGANIZATION}


def comparison(kind: int, name: str) -> Comparison:
    """The comparison of this kind and name."""
    return next(entry for entry in COMPARISONS[kind] if entry.name == name)


def all_names() -> list[str]:
    """Names of the comparisons of both kinds, in the order of the tables, none twice."""
    return list(dict.fromkeys(entry.name for table in COMPARISONS.values() for entry in table))
