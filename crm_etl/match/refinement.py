"""Levels of persons' names confirmed, mended or withdrawn by the letters that the names are written in.

What :mod:`crm_etl.match.names` finds by romanized words is cheap and coarse: *Иван* and *ایوان* look alike, Sergei and
the patronymic Sergeevich too, while *Фатемех* and *Fatima* do not. The evidence of letters
(:mod:`crm_etl.match.spellings`) tells, where a pair is worth it: names are as good as the weaker of their parts, family
with family and given with given name, or exchanged.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from crm_etl.match import forms, names, spellings, words
from crm_etl.match.encode import Flags, Floats, Ints, Levels, Parties
from crm_etl.match.forms import Forms
from crm_etl.match.name_kernels import ALIKE, WHOLE
from crm_etl.match.shortwords import count_bits
from crm_etl.match.spellings import Spellings
from crm_etl.normalize.names.compiled import compiled, inner

_DIFFERS, _GIVEN_DIFFERS, _FAMILY_DIFFERS, _PART, _INITIALS, _SIMILAR, _SOUNDS, _SAME = map(np.int8, range(8))
#: Bits of the weaker part: of names that sound alike, of similar ones, and of ones that may be a misspelling; more is
#: asked where nothing else spoke for them.
_STRONG, _FAIR, _WEAK, _WEAK_ALONE = 6.0, 1.0, -10.0, -5.0
#: Bits of words that have no sound in common; and of ones that are known as two names.
_NOTHING, _APART = -39.0, -50.0
#: Shares of sounds in common, of both words together, under which names that agree in nothing stay so.
_ENOUGH_SOUNDS = 1.0


def refine_person_name(parties: Parties, left: Ints, right: Ints, level: Levels) -> Levels:
    """``level`` (pairs,) of :func:`crm_etl.match.names.person_name` after the evidence of the letters."""
    known = forms.of(parties)
    found = level.copy()
    further = np.diff(known.further) > 0
    several = further[left] | further[right]
    at = np.flatnonzero(_open(level) & ~several)
    at = at[(level[at] > _DIFFERS) | _heard_alike(known.forms, known.words.words, left[at], right[at])]
    found[at] = _refined(parties, left[at], right[at], level[at])
    at = np.flatnonzero(_open(level) & several)
    pair, ours, theirs = names.pairs_of_forms(known, left[at], right[at])
    first = np.full(len(at), -1, dtype=np.int8)
    np.maximum.at(first, pair, _refined(parties, ours, theirs, names.form_levels(known, ours, theirs)))
    found[at] = first
    return found


def hopeful_person_name(parties: Parties, left: Ints, right: Ints, level: Levels) -> Flags:
    """Which names, said to differ, are written in two scripts and have sounds enough in common to be one, (pairs,):
    romanizing may have parted them."""
    script = parties.text("script").codes
    found: Flags = (level >= _DIFFERS) & (level <= _FAMILY_DIFFERS) & (script[left] != script[right])
    at = np.flatnonzero(found)
    known = forms.of(parties)
    found[at] = _heard_alike(known.forms, known.words.words, left[at], right[at])
    return found


def _open(level: Levels) -> Flags:
    """Levels that letters can change."""
    found: Flags = (level >= _DIFFERS) & (level < _SAME) & (level != _PART) & (level != _INITIALS)
    return found


def _refined(parties: Parties, ours: Ints, theirs: Ints, level: Levels) -> Levels:
    """``level`` of forms after the evidence of their letters."""
    known, spelled = forms.of(parties), spellings.of(parties)
    short = known.forms["abbreviated"]
    told = _open(level) & spelled.known(ours) & spelled.known(theirs) & ~short[ours] & ~short[theirs]
    at, found = np.flatnonzero(told), level.copy()
    bits, one_script = _weaker(spelled, ours[at], theirs[at], level[at])
    found[at] = _by_bits(level[at], bits)
    whole = ~spelled.compound(ours[at]) & ~spelled.compound(theirs[at])
    nothing = np.flatnonzero((bits <= _NOTHING) & (found[at] >= _SIMILAR) & whole)
    at = at[nothing]
    found[at] = _unlike(known, ours[at], theirs[at], one_script[nothing] & (bits[nothing] <= _APART))
    return found


def _weaker(spelled: Spellings, ours: Ints, theirs: Ints, level: Levels) -> tuple[Floats, Flags]:
    """Bits of the weaker part, family or given name, exchanged ones where those are fair, or weak but said to sound
    alike in one script; nan where nothing is told. And whether the names are in one script."""
    bits, one_script = spelled.bits(spelled.given[ours], spelled.given[theirs])
    _lower(bits, spelled, spelled.family[ours], spelled.family[theirs])
    at = np.flatnonzero((bits <= _WEAK) & ((level == _DIFFERS) | (level == _SOUNDS)))
    crossed, _ = spelled.bits(spelled.family[ours[at]], spelled.given[theirs[at]])
    _lower(crossed, spelled, spelled.given[ours[at]], spelled.family[theirs[at]])
    enough = np.where(one_script[at] & (level[at] == _SOUNDS), _WEAK, _FAIR)
    bits[at] = np.where(crossed >= enough, crossed, bits[at])
    return bits, one_script


def _lower(bits: Floats, spelled: Spellings, a: Ints, b: Ints) -> None:
    """Lowers ``bits`` to those of the spellings ``a`` and ``b``, where that may matter."""
    at = np.flatnonzero(~(bits <= _NOTHING))
    bits[at] = np.minimum(bits[at], spelled.bits(a[at], b[at])[0])


def _by_bits(level: Levels, bits: Floats) -> Levels:
    at_least, at_most = np.maximum(level, _SIMILAR), np.minimum(level, _SIMILAR)
    found: Levels = np.select(
        [
            bits >= _STRONG,
            bits >= _FAIR,
            bits > _WEAK_ALONE,
            (bits > _WEAK) & (level > _DIFFERS),
            bits > _NOTHING,
        ],
        [np.maximum(level, _SOUNDS), at_least, at_least, np.full_like(level, _SIMILAR), at_most],
        default=level,
    )
    return found


def _unlike(known: Forms, ours: Ints, theirs: Ints, apart: Flags) -> Levels:
    """Level of names whose letters have nothing in common: similar where their parts look alike nonetheless, unless
    they are ``apart``, known as two in the one script that both are written in."""
    family, given = (
        words.levels(known.words, known.forms[part][ours], known.forms[part][theirs], ALIKE)
        for part in ("family", "given")
    )
    differs = np.select([family > given, given > family], [_GIVEN_DIFFERS, _FAMILY_DIFFERS], default=_DIFFERS)
    alike = ~apart & (WHOLE[family + 1, given + 1] >= _SIMILAR)
    return np.where(alike, _SIMILAR, differs).astype(np.int8)


@compiled
def _heard_alike(known: Any, heard: Any, left: Any, right: Any) -> Any:
    """Which names have sounds enough in common to be one: of two names that agree in nothing few have, and most pairs
    of people who were born on one day are such names."""
    found = np.empty(len(left), dtype=np.bool_)
    for pair in range(len(left)):
        ours, theirs = known[left[pair]], known[right[pair]]
        straight = _sounds(heard, ours.family, theirs.family) + _sounds(heard, ours.given, theirs.given)
        crossed = _sounds(heard, ours.family, theirs.given) + _sounds(heard, ours.given, theirs.family)
        found[pair] = max(straight, crossed) >= _ENOUGH_SOUNDS
    return found


@inner
def _sounds(heard: Any, one: int, other: int) -> float:
    """The share of the shorter word's sounds that the other has too; none where a word is missing."""
    if one < 0 or other < 0:
        return 0.0
    x, y = heard[one].heard, heard[other].heard
    return float(count_bits(x & y) / max(min(count_bits(x), count_bits(y)), 1))
