"""A cell that a person typed into a workbook -> the text that its column has in the source.

A workbook may hold a date or a number where the source has text: a date is written in the format and calendar that
the mapping declares, an amount with its decimal separator. And what a spreadsheet does on its own to the cells of a
CSV file is told from what a person did.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from connectors.cells import cell_text, plain
from crm_etl.migration import FIELD_TYPES, FieldRule, Source

#: From 16 digits on Excel has rounded.
_ROUNDED = 1e15
_EXPONENT = re.compile(r"[0-9]([.,][0-9]+)?E\+[0-9]+")
_NUMBERS = re.compile(r"[0-9]+")
_DATE_SIGNS = re.compile(r"[0-9./: \-]+")


class DigitsLost(Exception):
    """A number of 16 digits or more, which a workbook rounds."""


class Retyped:
    """Texts for the columns of one source."""

    def __init__(self, source: Source) -> None:
        self._typed = source.typed
        self._decimal = source.decimal
        types = FIELD_TYPES[source.entity]
        self._dates: dict[str, FieldRule] = {}
        self._amounts: set[str] = set()
        for name, rules in source.fields.items():
            for rule in rules:
                if types[name] == "date" and rule.column is not None:
                    self._dates[rule.column] = rule
                elif types[name] == "money":
                    self._amounts.update(rule.source_columns)

    def text(self, column: str, value: Any) -> str | None:
        """``value`` as text of ``column``; None is no value.

        Raises:
            DigitsLost: digits that a person typed are not there any more.
        """
        if isinstance(value, str):
            return value or None
        if isinstance(value, float):
            if abs(value) >= _ROUNDED:
                raise DigitsLost(column)
            return self._number(column, plain(Decimal(f"{value:.15g}")))
        if isinstance(value, int) and not isinstance(value, bool):
            return self._number(column, str(value))
        if isinstance(value, dt.date):
            return self._date(column, value)
        return cell_text(value)

    def _number(self, column: str, text: str) -> str:
        local = column in self._amounts and self._decimal == "," and not self._typed
        return text.replace(".", ",") if local else text

    def _date(self, column: str, value: dt.date) -> str:
        rule = self._dates.get(column)
        if rule is None or rule.format is None or self._typed:
            timed = isinstance(value, dt.datetime) and value.time() != dt.time()
            return str(cell_text(value if timed else dt.date(value.year, value.month, value.day)))
        if rule.calendar == "jalali":
            import jdatetime

            moment = value if isinstance(value, dt.datetime) else dt.datetime.combine(value, dt.time())
            return str(jdatetime.datetime.fromgregorian(datetime=moment).strftime(rule.format))
        return value.strftime(rule.format)


def spoiled(old: str | None, new: str | None) -> bool:
    """Whether ``new`` is what a spreadsheet makes of ``old`` on its own: digits lost, zeros lost, a date rewritten."""
    if old is None or new is None:
        return False
    if _EXPONENT.fullmatch(new.upper()) and old.lstrip("+").isdecimal():
        return True
    if new.isdecimal() and old.lstrip("+").isdecimal():
        return new == old.lstrip("+").lstrip("0") or (len(new) > 15 and new[:15] == old.lstrip("+")[:15])
    dates = _DATE_SIGNS.fullmatch(old) and _DATE_SIGNS.fullmatch(new) and not old.isdecimal() and not new.isdecimal()
    return bool(dates) and _parts(old) == _parts(new) and old.strip() != new.strip() and len(_parts(old)) >= 3


def _parts(text: str) -> list[int]:
    return sorted(int(part) for part in _NUMBERS.findall(text))
