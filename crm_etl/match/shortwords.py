"""Short words in one number each, compared by a few operations on all their letters at once, compiled.

A word of up to :data:`LONGEST` letters a to z takes five bits a letter, the first one lowest, nothing (0) behind the
last. What is found is to the bit what :mod:`crm_etl.match.slips` finds letter by letter in words of any kind.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from crm_etl.normalize.names.compiled import inlined, inner

LONGEST = 12
#: A word that is too long, or has another letter.
UNFIT = np.uint64(0)
_FIELD, _LETTER, _ONE = np.uint64(5), np.uint64(31), np.uint64(1)
_EACH = np.uint64(sum(1 << 5 * place for place in range(LONGEST)))
#: The highest bit of each letter's field, and all bits below it.
_HIGH, _LOW = _EACH << np.uint64(4), _EACH * np.uint64(15)
_BEFORE_A, _LAST = 96, 26
#: As in :mod:`crm_etl.match.slips`.
_BOOST, _BEGIN, _WEIGHT = 0.7, 4, 0.1


@inner
def packed(letters: Any, begin: int, length: int) -> Any:
    """The word ``letters[begin:begin + length]`` as a number, or :data:`UNFIT`."""
    found = UNFIT
    if length > LONGEST:
        return UNFIT
    for place in range(length):
        letter = np.int64(letters[begin + place]) - _BEFORE_A
        if letter < 1 or letter > _LAST:
            return UNFIT
        found |= np.uint64(letter) << (_FIELD * np.uint64(place))
    return found


@inlined
def count_bits(of: Any) -> int:
    """How many of 64 bits are set."""
    of = of - ((of >> np.uint64(1)) & np.uint64(0x5555555555555555))
    of = (of & np.uint64(0x3333333333333333)) + ((of >> np.uint64(2)) & np.uint64(0x3333333333333333))
    of = (of + (of >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return int(np.int64((of * np.uint64(0x0101010101010101)) >> np.uint64(56)))


@inlined
def turned(a: Any, n: int, b: Any, m: int) -> bool:
    """Whether the second word is shorter or, if as long, before the first in the alphabet."""
    if n != m:
        return n > m
    differs = a ^ b
    if differs == 0:
        return False
    at = _place(differs & (~differs + _ONE))
    return bool(((a >> at) & _LETTER) > ((b >> at) & _LETTER))


@inlined
def jaro_winkler(a: Any, n: int, b: Any, m: int) -> float:
    """Jaro similarity of two words, none empty, raised where they begin alike (Winkler 1990)."""
    window = max(max(n, m) // 2 - 1, 0)
    common, meets, ours = 0, np.uint64(0), np.uint64(0)
    for i in range(n):
        letter = (a >> (_FIELD * np.uint64(i))) & _LETTER
        free = _zeros(b ^ (letter * _EACH)) & ~meets
        free &= (_ONE << (_FIELD * np.uint64(min(i + window + 1, LONGEST)))) - _ONE
        free &= ~((_ONE << (_FIELD * np.uint64(max(i - window, 0)))) - _ONE)
        if free != 0:
            meets |= free & (~free + _ONE)
            ours |= letter << (_FIELD * np.uint64(common))
            common += 1
    if common == 0:
        return 0.0
    moved = LONGEST - count_bits(_zeros(ours ^ _taken(b, meets)))
    likeness = (common / n + common / m + (common - moved // 2) / common) / 3.0
    if likeness <= _BOOST:
        return float(likeness)
    begin, differs = 0, a ^ b
    while begin < min(n, m, _BEGIN) and (differs >> (_FIELD * np.uint64(begin))) & _LETTER == 0:
        begin += 1
    return float(likeness + begin * _WEIGHT * (1.0 - likeness))


@inlined
def _zeros(fields: Any) -> Any:
    """The highest bit of each field in which no bit is set."""
    return ~(((fields & _LOW) + _LOW) | fields) & _HIGH


@inlined
def _taken(word: Any, at: Any) -> Any:
    """The letters of ``word`` whose fields have their highest bit set in ``at``, side by side."""
    found, end = np.uint64(0), np.uint64(0)
    while at != 0:
        lowest = at & (~at + _ONE)
        found |= ((word >> _place(lowest)) & _LETTER) << end
        end += _FIELD
        at ^= lowest
    return found


@inlined
def _place(bit: Any) -> Any:
    """The lowest bit of the field that the single ``bit`` stands in."""
    at = np.uint64(count_bits(bit - _ONE))
    return at - at % _FIELD
