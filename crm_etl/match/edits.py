"""Slips of the pen, counted by compiled code: how few edits part two texts, or two runs of digits.

Texts are kept as code points in one array, so that a pair costs no Python object and an accented letter is a character,
never two bytes. Digits are kept four bits each. What a slip *means* stands in :mod:`crm_etl.match.levels`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crm_etl.match.encode import Hashes, Ints
from crm_etl.match.texts import buffers
from crm_etl.normalize.names.compiled import compiled, inner

#: The lowest bit of each digit.
_LOWEST = 0x1111111111111111


class Letters(NamedTuple):
    """Texts: the code points of text t are ``points[offsets[t]:offsets[t + 1]]``."""

    offsets: Ints
    points: npt.NDArray[np.uint32]


def letters(texts: pa.Array) -> Letters:
    """The code points of ``texts`` (large_string, none of them null)."""
    return Letters(*_decoded(*buffers(texts)))


def shortened(texts: Letters) -> tuple[Ints, Hashes]:
    """Hashes of each text and of what remains of it without any one of its letters: two texts that one slip parts have
    one of them in common. Those of text t are ``hashes[offsets[t]:offsets[t + 1]]``."""
    lengths = np.diff(texts.offsets) + 1
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    hashes: Hashes = _shortened(texts, offsets)
    return offsets, hashes


@compiled
def _decoded(data: Any, at: Any) -> Any:
    """Offsets and code points of UTF-8, which is known to be valid."""
    size = len(at) - 1
    offsets, points = np.zeros(size + 1, dtype=np.int64), np.empty(at[size] - at[0], dtype=np.uint32)
    end = 0
    for text in range(size):
        place = at[text]
        while place < at[text + 1]:
            byte = np.uint32(data[place])
            more = 0 if byte < 0x80 else 1 if byte < 0xE0 else 2 if byte < 0xF0 else 3
            point = byte if more == 0 else byte & np.uint32(0x3F >> more)
            for step in range(1, more + 1):
                point = point << np.uint32(6) | np.uint32(data[place + step]) & np.uint32(0x3F)
            points[end] = point
            end += 1
            place += more + 1
        offsets[text + 1] = end
    return offsets, points[:end].copy()


@compiled
def _shortened(texts: Letters, offsets: Any) -> Any:
    """Hashes as that of Fowler, Noll and Vo (FNV-1a), of code points instead of bytes."""
    found = np.empty(offsets[-1], dtype=np.uint64)
    for text in range(len(offsets) - 1):
        start, end = texts.offsets[text], texts.offsets[text + 1]
        for left_out in range(start, end + 1):
            total = np.uint64(0xCBF29CE484222325)
            for at in range(start, end):
                if at != left_out:
                    total = (total ^ np.uint64(texts.points[at])) * np.uint64(0x100000001B3)
            found[offsets[text] + left_out - start] = total ^ (total >> np.uint64(32))
    return found


@inner
def one_slip(x: Any, y: Any) -> bool:
    """Whether at most one letter is put in, left out, replaced, or exchanged with the next."""
    if len(x) > len(y):
        x, y = y, x
    n, m = len(x), len(y)
    if m - n > 1:
        return False
    at = 0
    while at < n and x[at] == y[at]:
        at += 1
    if n < m:
        return bool(_ends_alike(x, at, y, at + 1))
    if at + 1 >= n or _ends_alike(x, at + 1, y, at + 1):
        return True
    return bool(x[at] == y[at + 1] and x[at + 1] == y[at] and _ends_alike(x, at + 2, y, at + 2))


@inner
def _ends_alike(x: Any, i: int, y: Any, j: int) -> bool:
    """Whether ``x`` from place i on is ``y`` from place j on; both are as long."""
    same = True
    for at in range(len(x) - i):
        same &= x[i + at] == y[j + at]
    return bool(same)


@inner
def within_two(x: Any, y: Any) -> bool:
    """Whether at most two letters of ``x`` are put in, left out, replaced, or exchanged with the next, to make ``y``:
    the first edit falls where the two part, so each kind is tried there and one more granted to the rest."""
    n, m, at = len(x), len(y), 0
    if abs(n - m) > 2:
        return False
    while at < n and at < m and x[at] == y[at]:
        at += 1
    if at in (n, m):
        return bool(n + m - 2 * at <= 2)
    if at + 1 < n and at + 1 < m and x[at] == y[at + 1] and x[at + 1] == y[at] and one_slip(x[at + 2 :], y[at + 2 :]):
        return True
    if one_slip(x[at + 1 :], y[at + 1 :]):
        return True
    return bool(one_slip(x[at + 1 :], y[at:]) or one_slip(x[at:], y[at + 1 :]))


@inner
def digits_off(a: int, b: int) -> int:
    """Edits between two numbers of as many digits, at most 15, four bits each: replacements, or 1 where two neighbours
    changed places."""
    differ = a ^ b
    differ |= differ >> 1
    differ |= differ >> 2
    differ &= _LOWEST
    count = (differ * _LOWEST >> 60) & 15
    if count != 2:
        return int(count)
    first = 0
    while not (differ >> first) & 1:
        first += 4
    exchanged = (a >> first) & 255 == ((b >> first) & 15) << 4 | (b >> (first + 4)) & 15
    return 1 if exchanged else 2
