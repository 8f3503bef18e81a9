"""Dates and instants: a cell in its declared format and calendar -> ISO text.

Guessing is not allowed here: a cell that does not have the declared format is an error, as is a Jalali year in
a Gregorian column. Typed dates of workbooks and databases reach us as exact ISO text; beside a declared format for
text they are read as what they are. Calendar arithmetic of the Jalali calendar is jdatetime's.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

from crm_etl.migration import Calendar
from crm_etl.normalize.reading import Reading
from crm_etl.normalize.text import digits

ERROR = "bad_date"
#: Years of the Gregorian calendar; those of the Jalali one lie below, those of the Buddhist one above.
_EARLIEST, _LATEST = 1600, 2200
#: Two-digit Jalali years up to this one lie in the 1400s, others in the 1300s.
_JALALI_PIVOT = 10
_FIELDS = {
    "Y": r"\d{4}",
    "y": r"\d{2}",
    "m": r"\d{1,2}",
    "d": r"\d{1,2}",
    "H": r"\d{1,2}",
    "M": r"\d{2}",
    "S": r"\d{2}",
}
_TIME = re.compile(r"%[HIMSTXcf]")
#: What a connector makes of a typed date or instant; see ``connectors.cells``.
_TYPED = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{6})?(?:[+-]\d\d:\d\d)?)?", re.ASCII)
#: Digits of directives that nothing parts: 2020111 could be 11 January or 1 November.
_WIDTHS = {"Y": 4, "y": 2, "m": 2, "d": 2, "H": 2, "M": 2, "S": 2}


def read(cell: str, form: str, calendar: Calendar = "gregorian", *, typed: bool = False) -> Reading:
    """``cell`` as ``YYYY-MM-DD``, or ``YYYY-MM-DDTHH:MM:SS`` if ``form`` holds a time.

    ``form`` is strptime style; in the Jalali calendar it may hold %Y %y %m %d %H %M %S. A two-digit year is
    read only where the format has %y. An instant with an offset (%z) is turned into UTC. Cells of ``typed`` sources
    (workbooks, databases) may also be the exact ISO text of a typed date, always Gregorian; its time is kept.
    """
    moment, timed = _moment(cell, form, calendar, typed)
    if moment is None:
        return Reading(error=ERROR)
    if moment.tzinfo is not None and timed:
        moment = moment.astimezone(UTC)
    moment = moment.replace(tzinfo=None)
    return Reading(moment.isoformat(timespec="seconds") if timed else moment.date().isoformat())


def read_day(cell: str, form: str, calendar: Calendar = "gregorian", *, typed: bool = False) -> Reading:
    """Like :func:`read`, for fields that are days: a time in the cell (databases add midnight) is dropped, and
    with it the offset, so that the day stays the one that was written."""
    moment, _ = _moment(cell, form, calendar, typed)
    return Reading(error=ERROR) if moment is None else Reading(moment.date().isoformat())


def _moment(cell: str, form: str, calendar: Calendar, typed: bool) -> tuple[datetime | None, bool]:
    """The instant of ``cell``, None if it is none, and whether its time means something."""
    cell = digits(cell).strip()
    try:
        return (_gregorian if calendar == "gregorian" else _jalali)(cell, form), _TIME.search(form) is not None
    except (ValueError, OverflowError):
        moment = _exact(cell) if typed and _TYPED.fullmatch(cell) else None
    if moment is None:
        return None, False
    return moment, _TIME.search(form) is not None or (moment.hour, moment.minute, moment.second) != (0, 0, 0)


def _exact(cell: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(cell)
        return moment if _EARLIEST <= moment.year <= _LATEST else None
    except ValueError:
        return None


def _gregorian(cell: str, form: str) -> datetime:
    moment = datetime.strptime(cell, form)
    if not _EARLIEST <= moment.year <= _LATEST:
        raise ValueError("a year of another calendar")
    if "%Y" in form and not re.search(r"\d{4}", cell):
        raise ValueError("a short year")
    if cell.isdecimal() and len(cell) != _width(form):
        raise ValueError("digits that could be parted in several ways")
    return moment


@lru_cache(maxsize=64)
def _width(form: str) -> int:
    """Digits of a cell in ``form`` if no directive drops its leading zero."""
    return sum(_WIDTHS.get(name, 0) for name in re.findall("%(.)", form))


def _jalali(cell: str, form: str) -> datetime:
    import jdatetime

    match = _pattern(form).fullmatch(cell)
    if match is None:
        raise ValueError("not in the declared format")
    part = {name: int(value) for name, value in match.groupdict().items()}
    year = part["Y"] if "Y" in part else part["y"] + (1400 if part["y"] <= _JALALI_PIVOT else 1300)
    if not 1200 <= year <= 1500:
        raise ValueError("a year of another calendar")
    day = jdatetime.date(year, part["m"], part["d"]).togregorian()
    return datetime(day.year, day.month, day.day, part.get("H", 0), part.get("M", 0), part.get("S", 0))


@lru_cache(maxsize=64)
def _pattern(form: str) -> re.Pattern[str]:
    names = re.findall("%(.)", form)
    if not {"m", "d"} <= set(names) or len({"Y", "y"} & set(names)) != 1 or set(names) - set(_FIELDS):
        raise ValueError("a Jalali format needs %Y or %y, %m and %d, and knows %H %M %S besides")
    pieces = re.split("(%.)", form)
    return re.compile(
        "".join(f"(?P<{p[1]}>{_FIELDS[p[1]]})" if len(p) == 2 and p[0] == "%" else re.escape(p) for p in pieces)
    )
