"""Words of persons' names compared, romanized, in compiled code.

Two words are equal, sound alike (a common coarse skeleton, or forms of one given name), are similar (a slip of the pen,
a short form), or one is an initial by which the other may be abbreviated: in another script, or by another language's
form of the name. What initials stand for is told in :mod:`crm_etl.match.initials`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crm_etl.match import initials, shortwords, slips, texts
from crm_etl.match.encode import Ints
from crm_etl.match.shortwords import UNFIT, count_bits
from crm_etl.normalize.names.compiled import compiled, inlined
from crm_etl.normalize.names.languages.variants import in_full, variants
from crm_etl.normalize.names.sounding import coarse_codes

#: Likeness of two words; :data:`NONE` where one is missing.
NONE, DIFFERS, INITIAL, SIMILAR, SOUNDS, SAME = range(-1, 5)
#: Jaro-Winkler similarity from which two words that sound alike are plausible: only vowels differ, as between scripts.
_ALIKE_SOUND = 0.68
#: A skeleton of one sound says little: such words must look more alike, and have some length.
_ALIKE_ONE_SOUND, _LENGTH_ONE_SOUND = 0.72, 4
#: Letters from which one slip of the pen after the first letter is a misspelling, and how alike it leaves two words.
_LENGTH_SLIP, _SLIP = 5, 0.75
#: Most that a common begin adds to a similarity, as a share of what it lacks; and a similarity that no words have.
_BEGIN, _NEVER = 0.4, 2.0
_LAST_BIT = np.uint32(63)
#: Letters that the length of a word can tell; of so long ones only the begin is compared anyway.
_LONGEST = np.iinfo(np.int16).max

#: A word, within one line of the processor's cache. ``marks`` and ``heard``: bits that its letters and its skeletons
#: leave, to tell quickly that two words have little in common. ``packed``: the word in one number, if it is short.
#: ``stands``: bits of the initial that it is, if it
#: ``is_initial``; ``by``: of those that may stand for it. ``begin``, ``length``: its letters, ``first`` the first of
#: them; ``sound``, ``sounds``: its skeletons, ``short`` if the likeliest has one sound at most; ``group``, ``groups``:
#: the given names that it is a form of, of which the first ``full`` in full.
WORD = np.dtype(
    [
        ("marks", np.uint64),
        ("heard", np.uint64),
        ("packed", np.uint64),
        ("by", np.uint64),
        ("stands", np.uint64),
        ("begin", np.int32),
        ("sound", np.int32),
        ("group", np.int32),
        ("length", np.int16),
        ("first", np.uint8),
        ("sounds", np.int8),
        ("full", np.int8),
        ("groups", np.int8),
        ("is_initial", np.bool_),
        ("short", np.bool_),
    ],
    align=True,
)
Array = npt.NDArray[Any]


class Words(NamedTuple):
    """Words by number: what is known of each (:data:`WORD`), and what that points to, all in one array of uint32:
    letters, hashes of coarse skeletons, numbers of given names. ``first_sound`` is a hash of how each word sounds."""

    words: Array
    pool: Array
    first_sound: npt.NDArray[np.uint64]


def read(values: pa.Array) -> Words:
    """The words ``values``: distinct, folded, ASCII without blanks, none of them empty."""
    letters, at = _letters(values)
    sounds, sounds_at, sizes = coarse_codes(letters, at)
    spoken = np.append(sizes, 0)[sounds_at[:-1]] * (np.diff(sounds_at) > 0)
    words = np.zeros(len(values), dtype=WORD)
    words["begin"], words["length"] = at[:-1], np.minimum(np.diff(at), _LONGEST)
    words["sound"], words["sounds"], words["short"] = sounds_at[:-1] + len(letters), np.diff(sounds_at), spoken < 2
    words["stands"], words["is_initial"], words["by"] = initials.of(values)
    groups = _find_groups(words, values, len(letters) + len(sounds))
    pool = np.concatenate([letters.astype(np.uint32), (sounds >> np.uint64(32)).astype(np.uint32), groups])
    _mark(words, pool)
    first = np.append(sounds, np.uint64(0))[sounds_at[:-1]]
    return Words(words, pool, np.where(spoken > 0, first, texts.hashes(values, np.arange(len(values)))))


def levels(words: Words, a: Ints, b: Ints, alike: float) -> npt.NDArray[np.int8]:
    """Likeness of the words numbered ``a`` and ``b``, (pairs,); a number below 0 is no word.

    Args:
        alike: Jaro-Winkler similarity from which two words are a misspelling of each other.
    """
    found: npt.NDArray[np.int8] = _levels(a, b, alike, words.words, words.pool)
    return found


def _letters(values: pa.Array) -> tuple[npt.NDArray[np.uint8], Ints]:
    """Letters of all words, and (n + 1,) offsets into them."""
    data, at = texts.buffers(values)
    return data[at[0] : at[-1]], at.astype(np.int64) - at[0]


def _find_groups(words: Array, values: pa.Array, at: int) -> Array:
    """Notes in ``words`` which given names each is a form of; returns their numbers, which lie from ``at`` on."""
    groups: list[int] = []
    for form, place in initials.found(variants(), values):
        full, begin = in_full().get(form, ()), len(groups)
        groups += dict.fromkeys([*full, *variants()[form]])
        words["group"][place], words["full"][place], words["groups"][place] = at + begin, len(full), len(groups) - begin
    return np.array(groups, dtype=np.uint32)


@compiled
def _mark(words: Array, pool: Array) -> None:
    """Notes the bits of the letters and of the skeletons of each word."""
    for k in range(len(words)):
        marks, heard = np.uint64(0), np.uint64(0)
        for at in range(words[k].begin, words[k].begin + words[k].length):
            marks |= np.uint64(1) << np.uint64(pool[at] & _LAST_BIT)
        for at in range(words[k].sound, words[k].sound + words[k].sounds):
            heard |= np.uint64(1) << np.uint64(pool[at] & _LAST_BIT)
        words[k].marks, words[k].heard, words[k].first = marks, heard, pool[words[k].begin]
        words[k].packed = shortwords.packed(pool, words[k].begin, words[k].length)


@compiled
def _levels(a: Array, b: Array, alike: float, words: Array, pool: Array) -> Array:
    found = np.empty(len(a), dtype=np.int8)
    for pair in range(len(a)):
        found[pair] = likeness(a[pair], b[pair], alike, words, pool)
    return found


@inlined
def likeness(a: int, b: int, alike: float, words: Array, pool: Array) -> int:
    """Likeness of two words, by number. Compiled, for kernels."""
    if a < 0 or b < 0:
        return NONE
    if a == b:
        return SAME
    if words[a].is_initial or words[b].is_initial:
        return INITIAL if abbreviates(a, b, words) else DIFFERS
    if words[a].full > 0 and words[b].full > 0 and _share(a, b, words, pool, False):
        return SOUNDS
    level = _by_letters(a, b, alike, words, pool)
    if level == DIFFERS and words[a].groups > 0 and words[b].groups > 0 and _share(a, b, words, pool, True):
        return SIMILAR
    return int(level)


@inlined
def abbreviates(a: int, b: int, words: Array) -> bool:
    """Whether one of two words is an initial by which the other may be abbreviated."""
    return bool(((words[a].stands & words[b].by) | (words[b].stands & words[a].by)) != 0)


@inlined
def _share(a: int, b: int, words: Array, pool: Array, short: bool) -> bool:
    """Whether two words are forms of one given name: both in full, as Elena and Olena; or at least one, if the other
    may be ``short``, as Gholamreza and Reza, but not Ali and Reza."""
    for i in range(words[a].groups if short else words[a].full):
        for j in range(words[b].groups if short else words[b].full):
            full = i < words[a].full or j < words[b].full
            if full and pool[words[a].group + i] == pool[words[b].group + j]:
                return True
    return False


@inlined
def _by_letters(a: int, b: int, alike: float, words: Array, pool: Array) -> int:
    """Whether two words sound alike, or are similar, or differ. Nothing is worked out that cannot matter."""
    n, m = words[a].length, words[b].length
    first = words[a].first == words[b].first
    slip = first and min(n, m) >= _LENGTH_SLIP and abs(n - m) <= 1
    least, plausible = _SLIP if slip else alike, _NEVER
    if (words[a].heard & words[b].heard) != 0 and _sound_alike(a, b, words, pool):
        plausible = _plausible(a, b, words)
        least = min(least, plausible)
    if _at_most(words[a].marks, words[b].marks, n, m) < ((least - _BEGIN) / (1.0 - _BEGIN) if first else least):
        return DIFFERS
    found = _jaro_winkler(a, b, words, pool)
    if found >= plausible:
        return SOUNDS
    x, y = words[a].begin, words[b].begin
    similar = found >= alike or (slip and found >= _SLIP and slips.one_slip(pool, x, n, y, m))
    return SIMILAR if similar else DIFFERS


@inlined
def _jaro_winkler(a: int, b: int, words: Array, pool: Array) -> float:
    """Jaro-Winkler similarity of two words, the same whichever of them is asked for first: the shorter one or, if they
    are as long, the one that stands first in the alphabet is taken for the first."""
    n, m, one, other = words[a].length, words[b].length, words[a].packed, words[b].packed
    if one != UNFIT and other != UNFIT:
        if shortwords.turned(one, n, other, m):
            return float(shortwords.jaro_winkler(other, m, one, n))
        return float(shortwords.jaro_winkler(one, n, other, m))
    x, y = words[a].begin, words[b].begin
    if _turned(x, n, y, m, pool):
        return float(slips.jaro_winkler(pool, y, m, x, n))
    return float(slips.jaro_winkler(pool, x, n, y, m))


@inlined
def _plausible(a: int, b: int, words: Array) -> float:
    """How alike two words with a common skeleton must look at least to be thought to sound alike."""
    if not (words[a].short or words[b].short):
        return _ALIKE_SOUND
    return _ALIKE_ONE_SOUND if min(words[a].length, words[b].length) >= _LENGTH_ONE_SOUND else _NEVER


@inlined
def _sound_alike(a: int, b: int, words: Array, pool: Array) -> bool:
    """Whether two words have a skeleton in common."""
    for i in range(words[a].sound, words[a].sound + words[a].sounds):
        for j in range(words[b].sound, words[b].sound + words[b].sounds):
            if pool[i] == pool[j]:
                return True
    return False


@inlined
def _at_most(a: int, b: int, n: int, m: int) -> float:
    """Jaro similarity that words with these bits and lengths have at most: a bit that the other word lacks is a letter,
    at least, that meets none."""
    common = min(n - count_bits(a & ~b), m - count_bits(b & ~a))
    return float((common * (n + m) / (n * m) + 1.0) / 3.0)


@inlined
def _turned(x: int, n: int, y: int, m: int, letters: Array) -> bool:
    """Whether the second word is shorter or, if as long, before the first: so that it does not matter which of two is
    asked for first."""
    if n != m:
        return n > m
    for at in range(n):
        if letters[x + at] != letters[y + at]:
            return bool(letters[x + at] > letters[y + at])
    return False
