"""Dates and instants: a cell in its declared format and calendar -> ISO text.

Guessing is not allowed here: a cell that does not have the declared format is an error, as is a Jalali year in
a Gregorian column. Calendar arithmetic of the Jalali calendar is jdatetime's.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

from crm_etl.migration import Calendar
from crm_etl.normalize.reading import Reading
from crm_etl.normalize.text import digits

ERROR = "bad_date"
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


def read(cell: str, form: str, calendar: Calendar = "gregorian") -> Reading:
    """``cell`` as ``YYYY-MM-DD``, or ``YYYY-MM-DDTHH:MM:SS`` if ``form`` holds a time.

    ``form`` is strptime style; in the Jalali calendar it may hold %Y %y %m %d %H %M %S. A two-digit year is
    read only where the format has %y.
    """
    try:
        moment = (_gregorian if calendar == "gregorian" else _jalali)(digits(cell).strip(), form)
    except (ValueError, OverflowError):
        return Reading(error=ERROR)
    return Reading(moment.isoformat(timespec="seconds") if _TIME.search(form) else moment.date().isoformat())


def read_day(cell: str, form: str, calendar: Calendar = "gregorian") -> Reading:
    """Like :func:`read`, for fields that are days: a time in the cell (databases add midnight) is dropped."""
    reading = read(cell, form, calendar)
    return reading if reading.value is None else Reading(reading.value[:10])


def _gregorian(cell: str, form: str) -> datetime:
    moment = datetime.strptime(cell, form).replace(tzinfo=None)
    if not 1600 <= moment.year <= 2200:
        raise ValueError("a year of another calendar")
    if "%Y" in form and not re.search(r"\d{4}", cell):
        raise ValueError("a short year")
    return moment


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
