"""A typed cell of a workbook or database -> text, exactly.

Dates and instants become ISO 8601, booleans ``true`` and ``false``, decimals plain digits. Binary floating point
numbers take the fewest digits that still mean the same number, whole ones no fraction: 9161234567.0 is
``9161234567``.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any


def cell_text(value: Any) -> str | None:
    """``value`` as text; None and the empty string are no value."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return plain(Decimal(repr(value)))
    if isinstance(value, Decimal):
        return format(value, "f")
    return _other(value)


def plain(number: Decimal) -> str:
    """Digits without exponent and without a fraction of zeros; NaN and infinities by name."""
    if not number.is_finite():
        return str(number)
    if number == number.to_integral_value():
        return format(number.to_integral_value(), "f").replace("-0", "0") if number == 0 else f"{number:.0f}"
    return format(number, "f")


def _other(value: Any) -> str | None:
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="microseconds" if value.microsecond else "seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return value.isoformat(timespec="microseconds" if value.microsecond else "seconds")
    if isinstance(value, dt.timedelta):
        return _duration(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex() or None
    if isinstance(value, (list, dict, tuple)):
        import json

        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return str(value)


def _duration(value: dt.timedelta) -> str:
    sign, left = ("-", -value) if value < dt.timedelta() else ("", value)
    seconds, part = divmod(left, dt.timedelta(seconds=1))
    clock = f"{sign}{seconds // 3600:02}:{seconds % 3600 // 60:02}:{seconds % 60:02}"
    return f"{clock}.{part.microseconds:06}" if part else clock
