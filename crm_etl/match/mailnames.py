"""Addresses whose part before the @ is made of the name of who uses it: it tells no more than the name does.

anna.petrova@ at one provider and at another may well be two Anna Petrovas; petrova_4711@ hardly. What remains when the
words of the name, or their initials, are taken out says which: nothing, a year, two digits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from crm_etl.match.edits import Letters, letters
from crm_etl.match.encode import Flags, Parties
from crm_etl.normalize.names.compiled import compiled, inner

_COLUMNS = ("family_latin", "given_latin", "patronymic_latin", "org_latin")
#: Letters of a word that must stand there, and letters beside all words: initials.
_LEAST_WORD, _INITIALS = 3, 2
#: Digits that tell nothing, or four that may be a year.
_FEW_DIGITS, _YEAR = 2, 4
#: Years that an address may name: of birth or of its making.
_FIRST, _LAST = 1900, 2100
_AT, _BLANK, _LONGEST = 64, 32, 64


def named(parties: Parties) -> Flags:
    """Of each entry of ``emails`` whether its local part is made of the name of its own record, (entries,).

    What other records hold the address says nothing: an answer never changes because somebody else comes or goes.
    """
    lists = parties.lists("emails")
    found = np.zeros(len(lists.codes), dtype=np.bool_)
    names = [(column.codes, letters(column.arrow)) for column in map(parties.folded, _COLUMNS)]
    _judge(lists.offsets, lists.codes, letters(lists.arrow), names[0], names[1], names[2], names[3], found)
    return found


@compiled
def _judge(
    offsets: Any,
    codes: Any,
    addresses: Letters,
    family: Any,
    given: Any,
    father: Any,
    firm: Any,
    found: Any,
) -> None:
    rest = np.zeros(_LONGEST, dtype=np.uint32)
    initials = np.zeros(128, dtype=np.bool_)
    for record in range(len(offsets) - 1):
        for entry in range(offsets[record], offsets[record + 1]):
            size, digits, year = _local(addresses, codes[entry], rest)
            if size == 0 or (digits > _FEW_DIGITS and not (digits == _YEAR and _FIRST <= year < _LAST)):
                continue
            initials[:] = False
            left = _without(rest, size, family[0][record], family[1], initials)
            left = _without(rest, left, given[0][record], given[1], initials)
            left = _without(rest, left, father[0][record], father[1], initials)
            left = _without(rest, left, firm[0][record], firm[1], initials)
            told = left < size and left <= _INITIALS
            for at in range(left):
                told = told and rest[at] < 128 and initials[rest[at]]
            found[entry] = told


@inner
def _local(addresses: Letters, address: int, rest: Any) -> tuple[int, int, int]:
    """Letters before the @, written to ``rest``; how many, how many digits, and the number that those are."""
    size = digits = number = 0
    for at in range(addresses.offsets[address], addresses.offsets[address + 1]):
        point = addresses.points[at]
        if point == _AT or size == len(rest):
            break
        if 48 <= point <= 57:
            digits, number = digits + 1, (number * 10 + int(point) - 48) % 100_000
        elif 97 <= point <= 122 or 65 <= point <= 90 or point >= 128:
            rest[size] = point | 32 if point < 128 else point
            size += 1
    return size, digits, number


@inner
def _without(rest: Any, size: int, name: int, names: Letters, initials: Any) -> int:
    """Takes the words of a name out of the letters; how many are left. Their initials are noted."""
    if name < 0:
        return size
    start, end = names.offsets[name], names.offsets[name + 1]
    while start < end:
        stop = start
        while stop < end and names.points[stop] != _BLANK:
            stop += 1
        if stop > start and names.points[start] < 128:
            initials[names.points[start]] = True
        if stop - start >= _LEAST_WORD:
            size = _cut(rest, size, names.points, start, stop)
        start = stop + 1
    return size


@inner
def _cut(rest: Any, size: int, points: Any, start: int, stop: int) -> int:
    length = stop - start
    for at in range(size - length + 1):
        same = True
        for step in range(length):
            if rest[at + step] != points[start + step]:
                same = False
                break
        if same:
            for after in range(at, size - length):
                rest[after] = rest[after + length]
            return size - length
    return size
