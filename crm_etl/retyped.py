"""A cell that a person typed into a workbook -> the text that its column has in the source.

A workbook may hold a date or a number where the source has text: a date is written in the format and calendar that
the mapping declares, an amount with its decimal separator. And what a spreadsheet does on its own to the cells of a
CSV file is told from what a person did.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from decimal import Decimal
from typing import Any

from connectors.cells import cell_text, plain
from crm_etl.migration import FIELD_TYPES, FieldRule, Source
from crm_etl.normalize import amounts

#: From 16 digits on Excel has rounded.
_ROUNDED = 1e15
_EXACT = 15
_EXPONENT = re.compile(r"[0-9]([.,٫][0-9]+)?E[+-][0-9]+", re.IGNORECASE)
#: A number as a spreadsheet writes it, without needless zeros; and as people do, once what sets it off is taken away.
_WRITTEN = re.compile(r"-?(?:0|[1-9][0-9]*)(?:[.,٫][0-9]*[1-9])?")
_NUMBER = re.compile(r"[+-]?(?:\d[\d.,]*|[.,]\d+)(?:[eE][+-]?\d{1,3})?")
_SET_OFF = re.compile(r"[\s'$€£₽﷼]")
_DIGITS = re.compile(r"\d+")
_DATE = re.compile(r"[\d./: T-]*\d(?: ?[AP]M)?", re.IGNORECASE)
_HOUR = re.compile(r"(\d{1,2})(:.*?) ?([AP])M", re.IGNORECASE)
#: A date whose month is a word: 2-Jan, 02.янв, May 5.
_WORDED = re.compile(r"(?:\d{1,4}[-./ ])?[^\W\d_]{3,9}\.?(?:[-./ ]\d{1,4})?")
_TRUTHS = {"TRUE", "FALSE", "ИСТИНА", "ЛОЖЬ"}


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
        others: set[str] = set()
        for name, rules in source.fields.items():
            for rule in rules:
                if types[name] == "date" and rule.column is not None:
                    self._dates[rule.column] = rule
                (self._amounts if types[name] == "money" else others).update(rule.source_columns)
        self._only_amounts = self._amounts - others

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

    def is_same_amount(self, column: str, old: str | None, new: str | None) -> bool:
        """Whether ``column`` holds nothing but amounts and both texts are the same one: 12,50 and 12,5."""
        if column not in self._only_amounts or old is None or new is None:
            return False
        before, after = (amounts.read(text, self._decimal, typed=self._typed).value for text in (old, new))
        return before is not None and after is not None and Decimal(before) == Decimal(after)

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
    """Whether ``new`` is what a spreadsheet makes of ``old`` on its own: a number, date or truth value rewritten."""
    if old is None or new is None or old.strip() == new.strip():
        return False
    return (
        _rounded(old, new)
        or _same_number(old, new)
        or _same_moment(old, new)
        or (new in _TRUTHS and old.upper() == new)
    )


def _rounded(old: str, new: str) -> bool:
    """Whether digits beyond the fifteenth are lost, or the number is shown with an exponent."""
    if _EXPONENT.fullmatch(new) is not None:
        return bool(_numbers(old))
    whole = old.lstrip("+")
    return new.isdecimal() and whole.isdecimal() and len(new) > _EXACT and new[:_EXACT] == whole[:_EXACT]


def _same_number(old: str, new: str) -> bool:
    if _WRITTEN.fullmatch(new) is None:
        return False
    return Decimal(new.replace(",", ".").replace("٫", ".")) in _numbers(old)


def _numbers(text: str) -> list[Decimal]:
    """What number ``text`` may mean: a point or a comma is its decimal sign or parts its thousands."""
    bare = _SET_OFF.sub("", text).replace("٫", ".")
    if _NUMBER.fullmatch(bare) is None:
        return []
    readings = (bare.replace(",", ""), bare.replace(".", "").replace(",", "."))
    return [Decimal(one) for one in readings if one.count(".") < 2]


def _same_moment(old: str, new: str) -> bool:
    """Whether both are one date or time; a spreadsheet adds year and seconds, and writes some months as words."""
    for one, other, least in ((old, new, 3), (new, old, 2)):
        if _WORDED.fullmatch(one) is not None and _DATE.fullmatch(other) is not None:
            numbers = Counter(_parts(one))
            return len(_parts(other)) >= least and bool(numbers) and not numbers - Counter(_parts(other))
    if _DATE.fullmatch(old) is None or _DATE.fullmatch(new) is None:
        return False
    before, after = Counter(_parts(old)), Counter(_parts(new))
    if before.total() < 2 or max(before.total(), after.total()) < 3:
        return False
    del before[0], after[0]
    added = (after - before).total()
    return not before - after and (not added or (added == 1 and any(len(one) == 4 for one in _DIGITS.findall(new))))


def _parts(text: str) -> list[int]:
    """The numbers of a date or time: years without their century, hours from 0 to 23."""
    day = _HOUR.sub(lambda match: f"{int(match[1]) % 12 + 12 * (match[3] in 'Pp')}{match[2]}", text)
    return [int(part) % 100 if len(part) == 4 else int(part) for part in _DIGITS.findall(day)]
