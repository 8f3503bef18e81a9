"""Birth dates, and dates of registration, as they were written: digits that can be compared where a date is wrong.

Normalization refuses a 31 February and a month 19, and rightly so: nobody was born then. But of who typed it seven
digits of eight are right. Here such a cell is read by the order of day, month and year that the other cells of its
source have, and a year of the Jalali calendar in a Gregorian column is read as what it is. How alike two dates are is
told by :func:`birth_date`.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np

from crm_etl.match import texts
from crm_etl.match.edits import digits_off
from crm_etl.match.encode import Codes, Ints, Levels, Parties
from crm_etl.normalize.names.compiled import compiled
from crm_etl.normalize.text import clean, digits

#: Orders in which day, month and year are written, the commonest first: a draw goes to the first.
_ORDERS = ("dmy", "ymd", "mdy", "ydm")
#: Dates of a source that are looked at to learn its order.
_SAMPLE = 500
_GROUPS = re.compile(r"\d+")
#: Jalali years that may be meant: 1821 to 2121.
_JALALI = range(1200, 1500)
_VALID, _WRITTEN, _CONVERTED = 0, 1, 2


class Dates(NamedTuple):
    """Of each record the eight digits yyyymmdd of its date, four bits each (-1 none), and whether it is a valid date
    (0), digits as they were written (1), or converted from a calendar that the column does not have (2)."""

    digits: Ints
    origin: Levels


def of(parties: Parties) -> Dates:
    """The dates of all records."""
    found: Dates = parties.table("dates", lambda: _dates(parties))
    return found


def birth_date(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 differs, 1 same year, 2 same day of another year, 3 one digit off or two neighbours exchanged, 4 day and month
    exchanged, 5 same in another calendar, 6 same."""
    dates = of(parties)
    level: Levels = _levels(dates.digits, dates.origin, left, right)
    return level


def codes(parties: Parties) -> Codes:
    """The dates as codes."""
    return parties.derived("dates:codes", lambda: _coded(of(parties).digits))


def either_way(parties: Parties) -> Codes:
    """The dates, the same whichever number is the day and which the month."""
    return parties.derived("dates:either", lambda: _coded(_ordered(of(parties).digits)))


def years(parties: Parties) -> Codes:
    return parties.derived("dates:year", lambda: _coded(_shifted(of(parties).digits, 16)))


@compiled
def _levels(dates: Any, origin: Any, left: Any, right: Any) -> Any:
    found = np.empty(len(left), dtype=np.int8)
    for pair in range(len(left)):
        a, b = dates[left[pair]], dates[right[pair]]
        if a < 0 or b < 0:
            found[pair] = -1
        elif a == b:
            found[pair] = 5 if origin[left[pair]] == 2 or origin[right[pair]] == 2 else 6
        elif a >> 16 == b >> 16 and (a >> 8) & 0xFF == b & 0xFF and a & 0xFF == (b >> 8) & 0xFF:
            found[pair] = 4
        elif digits_off(a, b) == 1:
            found[pair] = 3
        elif a & 0xFFFF == b & 0xFFFF:
            found[pair] = 2
        else:
            found[pair] = a >> 16 == b >> 16
    return found


def _coded(numbers: Ints) -> Codes:
    has = numbers >= 0
    known = numbers[has]
    # Numbered in a table of hashes, where days beside each other would crowd: mixed with nothing they are spread, each
    # to another number.
    keys = texts.mix(known.astype(np.uint64), np.zeros(len(known), dtype=np.uint64))
    coded = np.full(len(numbers), -1, dtype=np.int64)
    coded[has], first = texts.number(keys)
    return Codes(coded, np.array([f"{value:x}" for value in known[first].tolist()], dtype=object))


def _ordered(numbers: Ints) -> Ints:
    month, day = (numbers >> 8) & 0xFF, numbers & 0xFF
    return np.where(numbers < 0, -1, (numbers >> 16 << 16) | np.minimum(month, day) << 8 | np.maximum(month, day))


def _shifted(numbers: Ints, bits: int) -> Ints:
    return np.where(numbers < 0, -1, numbers >> bits)


# ----------------------------------------------------------------------------------------------- what was written
def _dates(parties: Parties) -> Dates:
    valid, raw = parties.text("birth_date"), parties.text("birth_date_raw")
    table = np.array([*(_packed(str(value).replace("-", "")[:8]) for value in valid.values), -1], dtype=np.int64)
    found = table[valid.codes]
    origin = np.zeros(len(found), dtype=np.int8)
    wrong = np.flatnonzero((found < 0) & (raw.codes >= 0))
    orders = _orders(parties, found) if len(wrong) else {}
    source = parties.text("source").codes
    known: dict[tuple[int, int], tuple[int, int]] = {}
    for at in wrong.tolist():
        key = (int(source[at]), int(raw.codes[at]))
        if key not in known:
            known[key] = _written(str(raw.values[key[1]]), orders[key[0]])
        found[at], origin[at] = known[key]
    return Dates(found, origin)


def _packed(text: str) -> int:
    return int(text, 16) if len(text) == 8 and text.isdecimal() and text.isascii() else -1


def _orders(parties: Parties, found: Ints) -> dict[int, str]:
    """The order of the parts in the cells of each source: that in which most of its valid dates read themselves; empty
    where it has none."""
    source, raw = parties.text("source").codes, parties.text("birth_date_raw")
    orders = {}
    for number in np.unique(source).tolist():
        sample = np.flatnonzero((source == number) & (found >= 0) & (raw.codes >= 0))[:_SAMPLE]
        cells = [(_parts(str(raw.values[raw.codes[at]])), int(found[at])) for at in sample.tolist()]
        right = [sum(_pack(parts, order) == date for parts, date in cells) for order in _ORDERS]
        orders[number] = _ORDERS[int(np.argmax(right))] if any(right) else ""
    return orders


def _parts(cell: str) -> tuple[str, ...]:
    """The groups of digits of a cell; a time behind the date is left off."""
    return tuple(_GROUPS.findall(digits(clean(cell)))[:3])


def _written(cell: str, order: str) -> tuple[int, int]:
    """The digits of a cell that was refused as a date, and where they come from; none of an impossible Jalali date,
    whose digits have nothing in common with those of other calendars."""
    date = _pack(_parts(cell), order)
    if date < 0:
        return -1, _VALID
    year, month, day = int(f"{date >> 16:x}"), int(f"{(date >> 8) & 0xFF:x}"), int(f"{date & 0xFF:x}")
    return (_from_jalali(year, month, day), _CONVERTED) if year in _JALALI else (date, _WRITTEN)


def _pack(parts: tuple[str, ...], order: str) -> int:
    """The digits yyyymmdd of the parts of a cell in ``order``; the year is where four digits stand. -1 if unclear."""
    if len(parts) == 1 and len(parts[0]) == 8 and order:
        parts = (parts[0][:4], parts[0][4:6], parts[0][6:]) if order[0] == "y" else _year_last(parts[0])
    if len(parts) != 3:
        return -1
    year_first = len(parts[0]) == 4
    year, one, other = parts if year_first else (parts[2], *parts[:2])
    if len(year) != 4 or len(one) > 2 or len(other) > 2:
        return -1
    month_first = (order or ("ymd" if year_first else "dmy")).replace("y", "") == "md"
    month, day = (one, other) if month_first else (other, one)
    return _packed(f"{year}{month:0>2}{day:0>2}")


def _year_last(text: str) -> tuple[str, ...]:
    return text[:2], text[2:4], text[4:]


def _from_jalali(year: int, month: int, day: int) -> int:
    import jdatetime

    try:
        return _packed(jdatetime.date(year, month, day).togregorian().strftime("%Y%m%d"))
    except ValueError:
        return -1
