"""What a manual-entry workbook asks for: its columns, each with its type, its list and an example.

Everything comes from the mapping of the source, so that whatever the workbook accepts the normalization reads.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from crm_etl.forms import words
from crm_etl.forms.words import Language
from crm_etl.migration import ENUMS, FIELD_TYPES, FieldRule, ManualSource

Kind = Literal["text", "key", "list", "date", "day_text", "number", "email"]
#: A day for examples, in both calendars.
_DAY, _JALALI_DAY = (
    dt.date(1984, 3, 21),
    {"Y": "1363", "y": "63", "m": "01", "d": "01", "H": "00", "M": "00", "S": "00"},
)
_EXCEL = {"d": "dd", "m": "mm", "Y": "yyyy", "y": "yy", "H": "hh", "M": "mm", "S": "ss"}
_DIRECTIVE = re.compile("%(.)")


@dataclass(frozen=True)
class Column:
    """One column of the sheet.

    Attributes:
        name: as the mapping spells it.
        field: what it fills, ``key`` or ``client``; None for a column that only a filter looks at.
        options: the values of its list; ``closed``: whether no other is accepted.
        needed: one of those that make a row entered, or the key.
        length: fewest and most characters.
    """

    name: str
    field: str | None
    kind: Kind
    rule: FieldRule | None = None
    options: tuple[str, ...] = ()
    closed: bool = True
    needed: bool = False
    length: tuple[int, int] | None = None

    @property
    def date_format(self) -> str:
        """The declared format in Excel's words, e.g. ``dd.mm.yyyy``."""
        form = self.rule.format if self.rule is not None and self.rule.format is not None else "%Y-%m-%d"
        return _DIRECTIVE.sub(lambda match: _EXCEL[match[1]], form)

    def example(self, language: Language) -> str | dt.date:
        """A value that the column accepts; a date where the column holds typed ones; empty for none."""
        if self.options:
            return self.options[0]
        if self.kind == "date":
            return _DAY
        if self.kind == "day_text":
            return self._day()
        if self.field is None:
            return ""
        if self.rule is not None and self.rule.type is not None:
            return words.identifier(self.rule.type, language)[1]
        return words.example(self.field, language)

    def example_text(self, language: Language) -> str:
        """The example as it looks in its cell."""
        value = self.example(language)
        return self._day() if isinstance(value, dt.date) else value

    def _day(self) -> str:
        form = self.rule.format if self.rule is not None and self.rule.format is not None else "%Y-%m-%d"
        if self.rule is not None and self.rule.calendar == "jalali":
            return _DIRECTIVE.sub(lambda match: _JALALI_DAY[match[1]], form)
        return _DAY.strftime(form)

    def hint(self, language: Language) -> str:
        """What is to be entered, in a sentence or two."""
        told = words.hint(self.field, language)
        if self.rule is not None and self.rule.type is not None:
            told = f"{words.identifier(self.rule.type, language)[0]}. {told}"
        return told


@dataclass(frozen=True)
class Form:
    """A workbook to be: ``title`` for people, the sheet that the source reads, the row of the column names."""

    title: str
    sheet: str
    header_row: int
    columns: tuple[Column, ...]


def form_of(source: ManualSource, language: Language) -> Form:
    """The form of a manual source; lists of yes and no, and of values without a map, are in ``language``."""
    columns: dict[str, Column] = {}
    for column in _asked(source, language):
        columns.setdefault(column.name, column)
    return Form(source.label, source.sheet, source.header_row, tuple(columns.values()))


def _asked(source: ManualSource, language: Language) -> Iterator[Column]:
    needed = {*source.required, *source.key_columns}
    for name in source.key_columns:
        yield Column(name, "key", "key" if isinstance(source.key, str) else "text", needed=True)
    if source.client is not None:
        yield Column(source.client.column, "client", "text", needed=True)
    types = FIELD_TYPES[source.entity]
    for field, rules in source.fields.items():
        for rule in rules:
            for name in rule.source_columns:
                yield _column(name, field, types[field], rule, name in needed, language)
    for name in (*source.required, *(rule.column for rule in source.exclude)):
        yield Column(name, None, "text", needed=name in needed)


def _column(name: str, field: str, kind: str, rule: FieldRule, needed: bool, language: Language) -> Column:
    options = _options(field, kind, rule, language)
    if options:
        return Column(name, field, "list", rule, options, kind in ("enum", "bool"), needed)
    if kind == "date":
        typed = rule.calendar == "gregorian" and set(_DIRECTIVE.findall(rule.format or "")) <= set(_EXCEL)
        return Column(name, field, "date" if typed else "day_text", rule, needed=needed)
    if kind == "identifier":
        length = words.length(rule.type or "")
        return Column(name, field, "text", rule, needed=needed, length=length)
    plain: dict[str, Kind] = {"money": "number", "email": "email"}
    return Column(name, field, plain.get(kind, "text"), rule, needed=needed)


def _options(field: str, kind: str, rule: FieldRule, language: Language) -> tuple[str, ...]:
    if rule.map and kind in ("enum", "bool", "text"):
        return tuple(rule.map)
    if kind == "enum":
        return ENUMS[field]
    if kind == "bool":
        spelled = words.conventions(language)
        return (str(spelled["yes"]), str(spelled["no"]))
    return ()
