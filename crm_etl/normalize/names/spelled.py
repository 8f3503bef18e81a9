"""The letters of many words at once, as arrays: numbers of scripts, letter codes, sets of letters, sounds.

Gives for a whole list of words what :func:`crm_etl.normalize.names.tokens.spelling` gives for one. Words that are not
plainly of one known script are left to that function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from crm_etl.normalize.names.edits import LONGEST
from crm_etl.normalize.names.letters import SOUNDS, codes, sounds

Array = npt.NDArray[Any]
#: Script number and letter codes of one word.
Spell = Callable[[str], tuple[int, bytes]]
_SCRIPT_BITS = 6


class Spelled(NamedTuple):
    """Words: the letters of word k are ``letters[start[k]:start[k] + length[k]]``, codes in its script ``script[k]``,
    a number."""

    script: Array
    start: Array
    length: Array
    letters: Array


def spell(words: Sequence[str], otherwise: Spell) -> Spelled:
    """The letters of ``words``, none of them empty; ``otherwise`` spells those that are not of one known script."""
    sizes = np.fromiter((min(len(word), LONGEST) for word in words), dtype=np.int64, count=len(words))
    points = np.frombuffer("".join(word[:LONGEST] for word in words).encode("utf-32-le", "surrogatepass"), np.uint32)
    read = _codes()[np.minimum(points, len(_codes()) - 1)]
    begin = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
    script = read >> _SCRIPT_BITS
    lowest, highest = np.minimum.reduceat(script, begin), np.maximum.reduceat(script, begin)
    plain = (lowest == highest) & (lowest >= 0)
    return _together(words, plain, lowest.astype(np.int64), sizes, (read & 63).astype(np.uint8), otherwise)


def letter_sets(words: Spelled) -> Array:
    """The letter codes of each word as bits, int64 (words,)."""
    bits = np.int64(1) << words.letters.astype(np.int64)
    sets = np.zeros(len(words.start), dtype=np.int64)
    has = np.flatnonzero(words.length > 0)
    if len(has):
        sets[has] = np.bitwise_or.reduceat(bits, words.start[has])
    return sets


def heard(words: Spelled) -> Array:
    """How often each word has each of :data:`~.letters.SOUNDS`, int8 (words, sounds)."""
    size, width = len(words.start), len(SOUNDS) + 1
    owner = np.repeat(np.arange(size), words.length)
    table = _sounds()
    known = words.script[owner] < len(table)
    sound = table[np.minimum(words.script[owner], len(table) - 1), words.letters]
    counts = np.bincount(owner[known] * width + sound[known], minlength=size * width)
    return counts.reshape(size, width)[:, :-1].astype(np.int8)


def _together(
    words: Sequence[str], plain: Array, script: Array, length: Array, letters: Array, otherwise: Spell
) -> Spelled:
    """The plain words' letters, and those of the others in their places."""
    others = np.flatnonzero(~plain)
    spelled = [otherwise(words[at]) for at in others.tolist()]
    kept = np.repeat(plain, length)
    length = length.copy()
    script[others] = [number for number, _ in spelled]
    length[others] = [len(one) for _, one in spelled]
    whole = np.empty(int(length.sum()), dtype=np.uint8)
    place = np.repeat(plain, length)
    whole[place] = letters[kept]
    whole[~place] = np.frombuffer(b"".join(one for _, one in spelled), dtype=np.uint8)
    return Spelled(script, np.concatenate([[0], np.cumsum(length)[:-1]]).astype(np.int64), length, whole)


@cache
def _codes() -> Array:
    """By code point: script number and letter code; the last entry, for all that follow, is none."""
    known = {ord(letter): code for letter, code in codes().items()}
    table = np.full(max(known) + 2, -1, dtype=np.int16)
    table[list(known)] = list(known.values())
    return table


@cache
def _sounds() -> Array:
    """By script and letter code: place of its sound; their number where it has none. Codes beyond an alphabet sound
    like the first, as in the tables that bytes are translated by."""
    table = np.zeros((len(sounds()), 256), dtype=np.int64)
    for number, one in enumerate(sounds()):
        table[number, : len(one)] = list(one)
    return table
