"""Coarse skeletons of romanized words as numbers, compiled: those of :mod:`.skeletons`, for vocabularies of any size.

A skeleton is known by a hash of its sounds, the same in every run. Words are lower-case ASCII letters and digits,
which is all that folding leaves of Latin text. What is a skeleton, and how letters sound, stands in :mod:`.skeletons`.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from crm_etl.normalize.names.compiled import compiled, inner
from crm_etl.normalize.names.skeletons import MOST, Rule, heard, rules

Array = np.ndarray[Any, Any]

_LETTERS = string.ascii_lowercase + string.digits
_ASCII, _A = 128, ord("a")
_MOST = MOST["coarse"]
_PRIME = 0x9E3779B97F4A7C15
#: What is known of a skeleton: rows of the state. A cost that none has marks what is taken already.
_HASH, _LAST, _SIZE, _COST, _TAKEN = 0, 1, 2, 3, 2**32


class _Table(NamedTuple):
    """Rules of each first letter c, ``begin[c]`` to ``begin[c + 1]``, the heaviest first; the last one always fits.

    ``rule``: number of letters, whether only at the begin and at the end of a word, and where its sounds begin and end,
    and those that it has at the first letter of a word. ``context``: bits of the letters after which, and before which
    it holds, 0 for any. ``sound``: number of signs, and cost. ``letters`` and ``signs``: one row each.
    """

    begin: Array
    rule: Array
    letters: Array
    context: Array
    sound: Array
    signs: Array


def coarse_codes(letters: Array, offsets: Array) -> tuple[Array, Array, Array]:
    """Coarse skeletons of words: hashes (uint64), the likeliest of each word first; offsets (n + 1,) into them; and the
    number of sounds of each skeleton.

    Args:
        letters: ASCII codes of all words, uint8; word k is ``letters[offsets[k]:offsets[k + 1]]``.
    """
    size = len(offsets) - 1
    found, counts = np.empty((size, _MOST), dtype=np.uint64), np.zeros(size, dtype=np.int64)
    lengths = np.empty((size, _MOST), dtype=np.int64)
    _sound(letters, offsets, _table(), found, counts, lengths)
    kept = np.arange(_MOST) < counts[:, None]
    return found[kept], np.concatenate([[0], np.cumsum(counts)]), lengths[kept]


def code(skeleton: str) -> int:
    """The hash by which a ``skeleton`` is known."""
    found = 0
    for sign in skeleton:
        found = (found + ord(sign)) * _PRIME % 2**64
    return found


@cache
def _table() -> _Table:
    known = rules("any", "coarse")
    every = [(letter, rule) for letter in sorted(_LETTERS) for rule in [*known.get(letter, ()), None]]
    spoken = [heard(rule, letter, first=first) for letter, rule in every for first in (False, True)]
    at = np.cumsum([0, *map(len, spoken)]).tolist()
    sounds = [sound for several in spoken for sound in several]
    letters = [letter if rule is None else rule.letters for letter, rule in every]
    return _Table(
        np.searchsorted([ord(letter) for letter, _ in every], np.arange(_ASCII + 1)),
        np.array([_shape(rule, *at[2 * row : 2 * row + 3]) for row, (_, rule) in enumerate(every)], dtype=np.int64),
        _bytes(letters),
        np.array([(0, 0) if rule is None else (_bits(rule.after), _bits(rule.before)) for _, rule in every], np.uint64),
        np.array([(len(signs), cost) for signs, cost in sounds], dtype=np.int64),
        _bytes([signs for signs, _ in sounds]),
    )


def _shape(rule: Rule | None, begin: int, middle: int, end: int) -> tuple[int, ...]:
    size, first, last = (1, False, False) if rule is None else (len(rule.letters), rule.begin, rule.end)
    return size, first, last, begin, middle, middle, end


def _bits(letters: str) -> int:
    return sum(1 << (ord(letter) - _A) for letter in letters)


def _bytes(texts: Sequence[str]) -> Array:
    """One row of ASCII codes for each text, filled up with zeros."""
    width = max(map(len, texts))
    return np.array([list(text.encode().ljust(width, b"\0")) for text in texts], dtype=np.uint8)


@compiled
def _sound(letters: Array, offsets: Array, table: _Table, found: Array, counts: Array, lengths: Array) -> None:
    """Skeletons of every word, into ``found``, ``counts`` and ``lengths``."""
    state, fresh = np.zeros((4, _MOST), dtype=np.uint64), np.zeros((4, 8 * _MOST), dtype=np.uint64)
    for k in range(len(offsets) - 1):
        word = letters[offsets[k] : offsets[k + 1]]
        size, at = 1, 0
        state[:, 0] = 0
        while at < len(word):
            rule = _fitting(word, at, table)
            if rule < 0:
                at += 1
                continue
            column = 5 if at == 0 else 3
            size = _extend(state, size, fresh, table.rule[rule, column], table.rule[rule, column + 1], table)
            at += table.rule[rule, 0]
        for place in range(size):
            if state[_SIZE, place] > 0:
                found[k, counts[k]], lengths[k, counts[k]] = state[_HASH, place], state[_SIZE, place]
                counts[k] += 1


@inner
def _fitting(word: Array, at: int, table: _Table) -> int:
    """The heaviest rule that fits the letters from place ``at`` on; -1 for a sign that is no letter."""
    first = word[at]
    if first >= _ASCII:
        return -1
    for row in range(table.begin[first], table.begin[first + 1]):
        stop = at + table.rule[row, 0]
        if stop > len(word) or (table.rule[row, 1] and at > 0) or (table.rule[row, 2] and stop < len(word)):
            continue
        same = True
        for place in range(1, stop - at):
            same &= word[at + place] == table.letters[row, place]
        if same and _stands(word, at - 1, table.context[row, 0]) and _stands(word, stop, table.context[row, 1]):
            return int(row)
    return -1


@inner
def _stands(word: Array, at: int, among: int) -> bool:
    """Whether one of the letters ``among`` stands at place ``at``; always where there are none."""
    if among == 0:
        return True
    return bool(0 <= at < len(word) and word[at] >= _A and (among >> np.uint64(word[at] - _A)) & np.uint64(1))


@inner
def _extend(state: Array, size: int, fresh: Array, begin: int, end: int, table: _Table) -> int:
    """Each skeleton so far with each of the sounds ``begin`` to ``end``, the likeliest kept; returns their number."""
    if end - begin == 1 and table.sound[begin, 0] == 0:
        return size
    count = 0
    for place in range(size):
        for sound in range(begin, end):
            joined, last, signs = state[_HASH, place], state[_LAST, place], state[_SIZE, place]
            for sign in table.signs[sound, : table.sound[sound, 0]]:
                if sign != last:
                    joined = (joined + np.uint64(sign)) * np.uint64(_PRIME)
                    signs += np.uint64(1)
                    last = np.uint64(sign)
            cost = state[_COST, place] + np.uint64(table.sound[sound, 1])
            count = _keep(fresh, count, joined, last, signs, cost, end - begin == 1)
    return int(_likeliest(fresh, count, state, end - begin > 1))


@inner
def _keep(fresh: Array, count: int, joined: int, last: int, signs: int, cost: int, single: bool) -> int:
    """Adds a skeleton, or its cost if it is there already: the lower one, of a ``single`` sound the later one."""
    for place in range(count):
        if fresh[_HASH, place] == joined:
            if single or cost < fresh[_COST, place]:
                fresh[_COST, place] = cost
            return count
    fresh[_HASH, count], fresh[_LAST, count], fresh[_SIZE, count], fresh[_COST, count] = joined, last, signs, cost
    return count + 1


@inner
def _likeliest(fresh: Array, count: int, state: Array, several: bool) -> int:
    """The cheapest of ``fresh``, the earlier of equals, into ``state``; all of them unless ``several``."""
    size = min(count, _MOST)
    for place in range(size):
        best = place
        if several:
            best = 0
            for other in range(1, count):
                if fresh[_COST, other] < fresh[_COST, best]:
                    best = other
        for row in range(len(state)):
            state[row, place] = fresh[row, best]
        if several:
            fresh[_COST, best] = _TAKEN
    return size
