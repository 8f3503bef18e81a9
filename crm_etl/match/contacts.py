"""How alike the phones and the e-mail addresses of two records are.

Functions from pairs of positions to level codes, as in :mod:`crm_etl.match.levels`. Every number and address is looked
at once, when its table is made; a pair is compared by integers, and letter by letter only where two addresses are
equally long but for one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from crm_etl.match import features, mailnames
from crm_etl.match.edits import Letters, digits_off, letters, one_slip
from crm_etl.match.encode import Flags, Ints, Levels, Parties
from crm_etl.match.texts import number
from crm_etl.normalize.names.compiled import compiled, inner

#: The last nine digits of a number of four bits each: what remains without the country code and a trunk digit.
_TAIL = 16**9 - 1
#: A shorter number is an extension or a short code: one digit more or less is another one.
_SHORTEST = 16**6
#: Characters of an address below which one letter may well tell two people apart: a@x.ru and b@x.ru.
_LEAST = 10


class Addresses(NamedTuple):
    """Of each e-mail address its mailbox, its telling local part (-1 none) and its letters; of each entry of a record
    whether the local part is made of its name."""

    mailbox: Ints
    local: Ints
    named: Flags
    letters: Letters


def phones(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 none in common, 1 one digit off or two neighbours exchanged, 2 the same last digits, 3 one in common."""
    lists = parties.lists("phones")
    numbers = parties.table("phones:digits", lambda: _packed(letters(lists.arrow)))
    level: Levels = _phone_levels(lists.offsets, lists.codes, numbers, left, right)
    return level


def emails(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 none in common, 1 the same name before the @, 2 one letter off, 3 the same before the @, 4 one in common."""
    lists = parties.lists("emails")
    table = parties.table("emails:parts", lambda: _addresses(parties))
    level: Levels = _email_levels(lists.offsets, lists.codes, table, left, right)
    return level


def _addresses(parties: Parties) -> Addresses:
    boxes, (locals_, telling) = features.mailboxes(parties), features.telling_locals(parties)
    return Addresses(
        number(boxes)[0],
        np.where(telling, number(locals_)[0], -1),
        mailnames.named(parties),
        letters(parties.lists("emails").arrow),
    )


@compiled
def _packed(texts: Letters) -> Ints:
    """The last sixteen digits of each number before its extension, four bits each."""
    found = np.zeros(len(texts.offsets) - 1, dtype=np.int64)
    for text in range(len(found)):
        for at in range(texts.offsets[text], texts.offsets[text + 1]):
            if texts.points[at] == 59:  # ;ext=
                break
            if 48 <= texts.points[at] <= 57:
                found[text] = ((found[text] << 4) | (np.int64(texts.points[at]) - 48)) & 0x7FFFFFFFFFFFFFFF
    return found


@compiled
def _phone_levels(offsets: Any, codes: Any, numbers: Any, left: Any, right: Any) -> Any:
    found = np.empty(len(left), dtype=np.int8)
    for pair in range(len(left)):
        a, b = left[pair], right[pair]
        level = -1
        for mine in range(offsets[a], offsets[a + 1]):
            for yours in range(offsets[b], offsets[b + 1]):
                level = max(level, _phone_level(numbers[codes[mine]], numbers[codes[yours]]))
        found[pair] = level
    return found


@inner
def _phone_level(a: int, b: int) -> int:
    if a == b:
        return 3
    a, b = a & _TAIL, b & _TAIL
    if a == b:
        return 2
    return 1 if a >= _SHORTEST and b >= _SHORTEST and digits_off(a, b) == 1 else 0


@compiled
def _email_levels(offsets: Any, codes: Any, table: Addresses, left: Any, right: Any) -> Any:
    mailbox, local, named = table.mailbox, table.local, table.named
    ends, points = table.letters.offsets, table.letters.points
    found = np.empty(len(left), dtype=np.int8)
    for pair in range(len(left)):
        level = -1
        for mine in range(offsets[left[pair]], offsets[left[pair] + 1]):
            for yours in range(offsets[right[pair]], offsets[right[pair] + 1]):
                a, b = codes[mine], codes[yours]
                if mailbox[a] == mailbox[b]:
                    level = 4
                elif local[a] >= 0 and local[a] == local[b]:
                    level = max(level, 1 if named[mine] or named[yours] else 3)
                elif level < 2:
                    sizes = ends[a + 1] - ends[a], ends[b + 1] - ends[b]
                    near = abs(sizes[0] - sizes[1]) <= 1 and min(sizes) >= _LEAST
                    slip = near and _one_letter_off(points[ends[a] : ends[a + 1]], points[ends[b] : ends[b + 1]])
                    level = 2 if slip else max(level, 0)
        found[pair] = level
    return found


@inner
def _one_letter_off(x: Any, y: Any) -> bool:
    """Whether one letter parts two addresses; where their digits differ, they were made to differ."""
    return bool(one_slip(x, y) and _digit_sum(x) == _digit_sum(y))


@inner
def _digit_sum(text: Any) -> int:
    """A number that one digit more, less or other changes."""
    total = 0
    for point in text:
        if 48 <= point <= 57:
            total += int(point) - 47
    return total
