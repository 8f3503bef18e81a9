"""Shapes of values without the values: masks, and the date formats that they would fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from crm_etl.normalize.text import digits

_MARKS = {"upper": "AAAA", "lower": "aaaa", "letter": "xxxx"}
_LONGEST = 60
#: Control characters are shown as pictures of themselves: ␀ for NUL.
_CONTROLS = {**{code: 0x2400 + code for code in range(0x20)}, 0x7F: 0x2421, **dict.fromkeys(range(0x80, 0xA0), 0xFFFD)}
_CLOCK = (
    r"(?:(?P<gap>[ T])(?P<time>\d{1,2}:\d\d)(?P<seconds>:\d\d)?(?P<fraction>\.\d{1,6})?(?P<zone>Z|[+-]\d\d:?\d\d)?)?"
)
_DATE = re.compile(r"(?P<first>\d{1,4})(?P<mark>[./-])(?P<middle>\d{1,2})(?P=mark)(?P<last>\d{1,4})" + _CLOCK)
_COMPACT = re.compile(r"((?:19|20|13|14)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_NAMED = re.compile(rf"\d{{1,2}}(?P<mark>[ -])(?:{_MONTHS})(?P=mark)(?P<year>\d{{4}}|\d\d)", re.IGNORECASE)


def mask(value: str) -> str:
    """The shape of ``value``: words as ``Aaaa``, ``AAAA``, ``aaaa`` or, in scripts without case, ``xxxx``; each
    digit as ``9``; punctuation as it is, blanks at the edges as ``␣``. ``Иванов И. 12`` becomes ``Aaaa AAAA. 99``."""
    if value[:1].isspace() or value[-1:].isspace():
        core = value.strip()
        before = value.find(core) if core else len(value)
        return "␣" * before + mask(core) + "␣" * (len(value) - before - len(core))
    runs = [(kind, "".join(run)) for kind, run in groupby(value, _kind)]
    shape, capital = "", False
    for kind, run in runs:
        if kind == "lower" and capital:
            shape = shape[: -len("AAAA")] + "Aaaa"
        else:
            shape += "9" * len(run) if kind == "digit" else _MARKS.get(kind) or run.translate(_CONTROLS)
        capital = kind == "upper" and len(run) == 1
        if len(shape) > _LONGEST:
            return shape[:_LONGEST] + "…"
    return shape


def _kind(character: str) -> str:
    if character.isalpha():
        return "upper" if character.isupper() else "lower" if character.islower() else "letter"
    return "digit" if character.isdigit() else "other"


def date_formats(values: Mapping[str, float]) -> list[dict[str, Any]]:
    """Formats that dates among ``values`` (value -> count) would fit, the most fitting first.

    Each has ``format`` (strptime style), ``calendar`` and ``share`` of all values. Day and month that can be
    either give two formats of equal share: only a person knows which is right.
    """
    total = sum(values.values())
    fits: dict[tuple[str, str], float] = {}
    for value, count in values.items():
        for fit in _fits(digits(value).strip()):
            fits[fit] = fits.get(fit, 0.0) + count
    ranked = sorted(fits.items(), key=lambda item: (-item[1], item[0]))
    return [
        {"format": form, "calendar": calendar, "share": round(count / total, 4)}
        for (form, calendar), count in ranked[:3]
        if count / total >= 0.05
    ]


def _fits(text: str) -> list[tuple[str, str]]:
    """Formats and calendars in which ``text`` is a date."""
    match = _DATE.fullmatch(text)
    if match is not None:
        return _separated(match)
    compact = _COMPACT.fullmatch(text)
    if compact is not None:
        return [("%Y%m%d", _calendar(int(compact[1])))]
    named = _NAMED.fullmatch(text)
    if named is None:
        return []
    return [(f"%d{named['mark']}%b{named['mark']}{'%Y' if len(named['year']) == 4 else '%y'}", "gregorian")]


def _separated(match: re.Match[str]) -> list[tuple[str, str]]:
    first, middle, last, mark = match["first"], match["middle"], match["last"], match["mark"]
    a, b, c = int(first), int(middle), int(last)
    found = []
    if len(first) == 4 and 1 <= b <= 12 and 1 <= c <= 31:
        found.append((f"%Y{mark}%m{mark}%d", a))
    if len(last) in (2, 4) and len(first) <= 2:
        year = "%Y" if len(last) == 4 else "%y"
        if 1 <= a <= 31 and 1 <= b <= 12:
            found.append((f"%d{mark}%m{mark}{year}", c))
        if 1 <= a <= 12 and 1 <= b <= 31:
            found.append((f"%m{mark}%d{mark}{year}", c))
    return [(form + _clock(match), _calendar(year)) for form, year in found]


def _clock(match: re.Match[str]) -> str:
    parts = (("time", f"{match['gap']}%H:%M"), ("seconds", ":%S"), ("fraction", ".%f"), ("zone", "%z"))
    return "".join(form for name, form in parts if match[name] is not None)


def _calendar(year: int) -> str:
    return "jalali" if 1200 <= year <= 1500 else "gregorian"
