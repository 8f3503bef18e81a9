"""What the levels of a pair say together: contradictions, strangers who share a roof, support, and what is in play.

Tables to read, over the levels that :mod:`crm_etl.match.compare` declares, and the functions that apply them to many
pairs at once.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from crm_etl.match.compare import COMPARISONS, Comparison, comparison
from crm_etl.match.encode import ORGANIZATION, PERSON, Flags
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
#: Who shares a household or a building without being one: people with other names, or with the same one from father
#: to son. Between them the comparisons marked ``household`` prove little. All of a line must hold, and one line only.
STRANGERS: dict[int, tuple[dict[str, tuple[str | None, ...]], ...]] = {
    PERSON: (
        {"name": ("differs",)},
        {"name": ("given_differs",)},
        {"name": ("family_differs",), "birth_date": ("differs",)},
        {"name": _but(_NAME, "differs", "given_differs", "family_differs"), "birth_date": ("differs",)},
    ),
    ORGANIZATION: ({"organization": ("differs",)},),
}

#: Kinds where the data tell what strangers share (:mod:`crm_etl.match.roofs`): people live together for other reasons
#: than firms have one building, and one switchboard, in common. Where they do not, it proves nothing.
ROOFS = (PERSON,)

#: Bits that the rarity of a value, and a model that trusts the levels more than believed, may add to a pair.
PLAY = 9
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


def strangers(kind: int, codes: dict[str, LevelCodes]) -> LevelCodes:
    """The first line of :data:`STRANGERS` that holds for each pair, -1 where they are none."""
    line = np.full(len(next(iter(codes.values()))), -1, dtype=np.int8)
    for place, wanted in reversed(list(enumerate(STRANGERS[kind]))):
        line[_any_line(kind, (wanted,), codes)] = place
    return line


def unsupported(kind: int, codes: dict[str, LevelCodes]) -> Flags:
    """Which pairs have nothing but the name in common."""
    found = np.ones(len(next(iter(codes.values()))), dtype=np.bool_)
    for name, least in SUPPORT[kind].items():
        found &= codes[name] < comparison(kind, name).code(least)
    return found


def other_people(names: LevelCodes, identifiers: LevelCodes) -> Flags:
    """Which pairs of persons bear different given names while no number of both is known: they may be twins, or father
    and son, however much else they share, so that their weight alone does not make them one."""
    differ = _chosen(_NAME, ("differs", "given_differs"))[names]
    found: Flags = differ & (identifiers < 0)
    return found


def in_play(kind: int, codes: dict[str, LevelCodes], records: int, *, refined: bool = False) -> Flags:
    """Which pairs could be one party under any model of such data, or are worth a look; the others are only counted.

    The more ``records`` there are, the less likely any two of them are one party, and the more must speak for it. Each
    level is worth what it is believed to be before the data speak, in whole bits; until ``refined``, names that
    refining can mend, and what they imply, are no evidence against. ``codes`` maps comparisons to level codes (pairs,).
    """
    bits = np.zeros(len(next(iter(codes.values()))), dtype=np.int16)
    for entry in COMPARISONS[kind]:
        bits += _hopes(entry, refined)[codes[entry.name]]
    found: Flags = bits >= least_play(records)
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
