"""Addresses whose part before the @ is made of the name of who uses it: it tells no more than the name does.

anna.petrova@ at one provider and at another may well be two Anna Petrovas; petrova_4711@ hardly. What remains when the
words of the name, or their initials, are taken out says which: nothing, a year, two digits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from crm_etl.match.edits import Letters, letters
from crm_etl.match.encode import Flags, Parties
from crm_etl.normalize.names.compiled import compiled

_COLUMNS = ("family_latin", "given_latin", "patronymic_latin", "org_latin")
#: Letters of a word that must stand there, and letters beside all words: initials.
_LEAST_WORD, _INITIALS = 3, 2
#: Digits that tell nothing, or four that may be a year.
_FEW_DIGITS, _YEAR = 2, 4
_AT, _BLANK, _LONGEST = 64, 32, 64


def named(parties: Parties) -> Flags:
    """Of each code of ``emails`` whether its local part is made of the name of the first record that has it."""
    lists = parties.lists("emails")
    holder = _first(lists.offsets, lists.codes, lists.size)
    addresses = letters(lists.arrow)
    found = np.zeros(lists.size, dtype=np.bool_)
    columns = [parties.folded(name) for name in _COLUMNS]
    words = [column.codes[holder] for column in columns]
    texts = [letters(column.arrow) for column in columns]
    _judge(addresses, words[0], texts[0], words[1], texts[1], words[2], texts[2], words[3], texts[3], found)
    return found


@compiled
def _first(offsets: Any, codes: Any, size: int) -> Any:
    """The first record of each code."""
    found = np.zeros(size, dtype=np.int64)
    for record in range(len(offsets) - 2, -1, -1):
        for at in range(offsets[record], offsets[record + 1]):
            found[codes[at]] = record
    return found


@compiled
def _judge(
    addresses: Letters,
    family: Any,
    families: Letters,
    given: Any,
    givens: Letters,
    father: Any,
    fathers: Letters,
    firm: Any,
    firms: Letters,
    found: Any,
) -> None:
    rest = np.zeros(_LONGEST, dtype=np.uint32)
    initials = np.zeros(128, dtype=np.bool_)
    for address in range(len(found)):
        size, digits, year = _local(addresses, address, rest)
        if size == 0 or (digits > _FEW_DIGITS and not (digits == _YEAR and 1900 <= year < 2030)):
            continue
        initials[:] = False
        left = _without(rest, size, family[address], families, initials)
        left = _without(rest, left, given[address], givens, initials)
        left = _without(rest, left, father[address], fathers, initials)
        left = _without(rest, left, firm[address], firms, initials)
        found[address] = left < size and left <= _INITIALS
        for at in range(left):
            found[address] = found[address] and rest[at] < 128 and initials[rest[at]]


@compiled
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


@compiled
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


@compiled
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
