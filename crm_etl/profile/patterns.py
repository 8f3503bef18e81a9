"""Shapes of values without the values: masks, and the date formats that they would fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from crm_etl.normalize.text import digits

_MARKS = {"upper": "AAAA", "lower": "aaaa", "letter": "xxxx"}
_LONGEST = 60
_DATE = re.compile(r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})(?:[ T](\d{1,2}:\d\d)(:\d\d)?)?")


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
            shape += "9" * len(run) if kind == "digit" else _MARKS.get(kind, run)
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
        match = _DATE.fullmatch(digits(value).strip())
        if match is not None:
            for fit in _fits(match):
                fits[fit] = fits.get(fit, 0.0) + count
    ranked = sorted(fits.items(), key=lambda item: (-item[1], item[0]))
    return [
        {"format": form, "calendar": calendar, "share": round(count / total, 4)}
        for (form, calendar), count in ranked[:3]
        if count / total >= 0.05
    ]


def _fits(match: re.Match[str]) -> list[tuple[str, str]]:
    first, mark, middle, last, time, seconds = match.groups()
    clock = "" if time is None else " %H:%M" if seconds is None else " %H:%M:%S"
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
    return [(form + clock, "jalali" if 1200 <= year <= 1500 else "gregorian") for form, year in found]
