"""The fields of one source, read by its mapping: rules to readers, readings to columns, errors to refusals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from crm_etl.migration import ENUMS, FIELD_TYPES, FieldRule, Source
from crm_etl.normalize import addresses, amounts, dates, emails, identifiers, phones, words
from crm_etl.normalize.reading import (
    NOTHING,
    Cells,
    Codes,
    Mending,
    Objects,
    Read,
    Reader,
    Reading,
    combine,
    gather,
    objects,
)
from crm_etl.normalize.refusals import Refusals
from crm_etl.normalize.text import clean, has_control
from crm_etl.schema import RAW_PREFIX

#: Date fields that are days; the others may be instants.
_DAYS = ("birth_date", "since", "expected_close")
#: Most characters of a cell that is read as anything but text: names and addresses stay well below, and what is
#: taken apart must not cost more than it is worth.
LONGEST = 2_000
_TOO_LONG = Reading(error="too_long")


class Fields:
    """Reads the fields of ``rows`` (a raw frame) for ``source``; keeps the notes of each row and what is refused."""

    def __init__(self, rows: Any, source: Source) -> None:
        self.rows = rows
        self.source = source
        self.size = len(rows)
        self.refusals = Refusals(self.size)
        self.notes: list[list[str]] = [[] for _ in range(self.size)]
        self._tokens = frozenset(clean(token).casefold() for token in source.null_tokens)
        self._types = FIELD_TYPES[source.entity]
        self._gathered: dict[FieldRule, Cells] = {}

    def has(self, field: str) -> bool:
        return field in self.source.fields

    def cells(self, field: str, rule: FieldRule) -> Cells:
        """The cells of one rule; rows whose cells hold control characters are refused, marked ones noted."""
        cells = gather(self.rows, rule, self._tokens, self.source.remove_controls)
        for mark, positions in cells.marks.items():
            self.note(positions.tolist(), f"{field}:{mark}")
        if cells.control:
            bad = cells.read(lambda cell: Reading(error="control_characters" if has_control(cell) else None))
            self.refusals.add(bad.where(_has_error), field, "control_characters")
        return cells

    def reads(self, field: str) -> list[Read]:
        """The readings of each rule of ``field``; their notes and errors are booked."""
        reads = []
        for rule in self.source.fields.get(field, ()):
            if self._types[field] == "phone" and rule.country is None and self.has("country"):
                read = self._phones(field, rule)
            else:
                read = self.cells(field, rule).read(self._reader(field, rule))
            self._book(field, rule, read)
            reads.append(read)
        return reads

    def _phones(self, field: str, rule: FieldRule) -> Read:
        """Phone cells, a number without a country code read in its row's own country, else in the source's."""
        cells = self.cells(field, rule)
        lands, names = self._lands
        codes, firsts = combine([cells.codes, lands])
        empty = cells.codes[firsts] < 0
        readings = [
            NOTHING if none else _phone(cells.texts[cells.codes[row]], names[lands[row]], rule.restore_zero)
            for row, none in zip(firsts.tolist(), empty.tolist(), strict=True)
        ]
        return Read(np.where(empty[codes], -1, codes), readings)

    @cached_property
    def _lands(self) -> tuple[Codes, list[str]]:
        """Of each row the position of its country among the names beside them."""
        columns = [
            self.cells("country", rule).read(self._reader("country", rule)).take()
            for rule in self.source.fields["country"]
        ]
        names = {self.source.country: 0}
        rows = [value if value is not None else self.source.country for value in _first(columns, self.size).tolist()]
        codes = np.fromiter((names.setdefault(row, len(names)) for row in rows), dtype=np.int64, count=self.size)
        return codes, list(names)

    def scalar(self, field: str) -> Objects:
        """One value a row: of the first rule that has one."""
        return _first([read.take() for read in self.reads(field)], self.size)

    def joined(self, field: str, separator: str = "; ") -> Objects:
        """Text of all rules of ``field``, joined."""
        return _joined([read.take() for read in self.reads(field)], self.size, separator)

    def listed(self, field: str) -> tuple[list[list[str]], Objects]:
        """All values a row, none twice and in the rules' order, and the rests of the cells."""
        reads = self.reads(field)
        values = [read.take() for read in reads]
        rests = _joined([read.rests() for read in reads], self.size, "; ")
        lists = [
            list(dict.fromkeys(value for cell in row if cell is not None for value in cell)) for row in _rows(values)
        ]
        return lists if values else [[] for _ in range(self.size)], rests

    def raw(self, *fields: str, separator: str = "; ") -> Objects:
        """The cells of ``fields`` as they came, joined; blank ones leave no gap."""
        parts = [_blank_to_none(objects(self.rows[RAW_PREFIX + column])) for column in self._columns(fields)]
        return _joined(parts, self.size, separator)

    def shown(self, *fields: str, separator: str = "; ") -> Objects:
        """Like :meth:`raw`, but for what the source declares to be set right: fit for people to read."""
        columns = self._columns(fields)
        if not self.source.remove_controls and not any("mojibake" in rule.repair for rule in columns.values()):
            return self.raw(*fields, separator=separator)
        parts = []
        for column, rule in columns.items():
            mend = Mending("mojibake" in rule.repair, self.source.remove_controls)
            cells = _blank_to_none(objects(self.rows[RAW_PREFIX + column]))
            cells[:] = [None if cell is None else mend.mended(cell)[0] for cell in cells.tolist()]
            parts.append(cells)
        return _joined(parts, self.size, separator)

    def _columns(self, fields: Sequence[str]) -> dict[str, FieldRule]:
        """The columns that fill ``fields``, none twice, each with the first rule that names it."""
        rules = [rule for field in fields for rule in self.source.fields.get(field, ())]
        found: dict[str, FieldRule] = {}
        for rule in rules:
            for column in rule.source_columns:
                found.setdefault(column, rule)
        return found

    def note(self, positions: Iterable[int], *codes: str) -> None:
        for position in positions:
            for code in codes:
                if code not in self.notes[position]:
                    self.notes[position].append(code)

    def note_counts(self, accepted: Any) -> dict[str, int]:
        """Code -> accepted rows that bear it."""
        counts = Counter(code for row, good in zip(self.notes, accepted, strict=True) if good for code in row)
        return dict(sorted(counts.items()))

    def _book(self, field: str, rule: FieldRule, read: Read) -> None:
        for reason in sorted({r.error for r in read.readings if r.error is not None}):
            bad = read.where(lambda reading, reason=reason: reading.error == reason)  # type: ignore[misc]
            if rule.on_error == "warn":
                self.note(bad.tolist(), f"{field}:{reason}")
            else:
                self.refusals.add(bad, field, reason)
        if self._types[field] == "identifier":
            self._refuse_identifiers(field, rule, read)
        for position in read.where(lambda reading: bool(reading.notes)).tolist():
            self.note((position,), *read.readings[read.codes[position]].notes)

    def _refuse_identifiers(self, field: str, rule: FieldRule, read: Read) -> None:
        """A number with a wrong check digit is not used; whether its row goes is the column's declaration. One that
        would be right with leading zeros lost them on the way: to put them back, or to do without, is declared too."""
        if rule.on_error == "warn":
            return
        self.refusals.add(read.where(lambda reading: "identifiers:zero_missing" in reading.notes), field, "zeros_lost")
        if rule.on_error == "quarantine":
            self.refusals.add(read.where(lambda reading: "identifiers:bad_check" in reading.notes), field, "bad_check")

    def _reader(self, field: str, rule: FieldRule) -> Reader:
        mapping = words.folded(rule.map)
        reader = self._typed(field, rule, mapping)
        if self._types[field] != "text":
            reader = _bounded(reader)
        if rule.constant is not None:
            constant = rule.constant
            return reader if self._types[field] not in ("date", "money") else lambda _: Reading(constant)
        if not mapping or self._types[field] in ("enum", "bool", "text"):
            return reader
        return lambda cell: reader(mapping.get(words.key(cell), cell))

    def _typed(self, field: str, rule: FieldRule, mapping: dict[str, str]) -> Reader:
        country = rule.country or self.source.country
        form = rule.format or ""
        readers: dict[str, Callable[[str], Reading]] = {
            "enum": lambda cell: words.read_enum(cell, mapping, ENUMS[field]),
            "bool": lambda cell: words.read_bool(cell, mapping),
            "text": lambda cell: words.read_text(cell, mapping, rule.closed),
            "name": lambda cell: Reading(cell),
            "date": lambda cell: (dates.read_day if field in _DAYS else dates.read)(
                cell, form, rule.calendar, typed=self.source.typed
            ),
            "money": lambda cell: amounts.kept(amounts.read(cell, self.source.decimal, typed=self.source.typed)),
            "currency": amounts.currency,
            "country": addresses.country,
            "address": lambda cell: Reading(cell),
            "phone": lambda cell: phones.read(cell, country, rule.restore_zero),
            "email": lambda cell: emails.read(cell, "homoglyphs" in rule.repair),
            "identifier": lambda cell: identifiers.read(cell, rule.type or "other", rule.restore_zero),
        }
        return readers[self._types[field]]


def _bounded(reader: Reader) -> Reader:
    return lambda cell: _TOO_LONG if len(cell) > LONGEST else reader(cell)


def _phone(cell: str, country: str, restore_zero: bool) -> Reading:
    return _bounded(lambda text: phones.read(text, country, restore_zero))(cell)


def _blank_to_none(cells: Objects) -> Objects:
    kept = np.empty(len(cells), dtype=object)
    kept[:] = [cell if cell is not None and cell.strip() else None for cell in cells.tolist()]
    return kept


def _has_error(reading: Reading) -> bool:
    return reading.error is not None


def _first(columns: Sequence[Objects], size: int) -> Objects:
    if not columns:
        return np.full(size, None, dtype=object)
    best = columns[0].copy()
    for column in columns[1:]:
        empty = np.array([value is None for value in best], dtype=bool)
        best[empty] = column[empty]
    return best


def _joined(columns: Sequence[Objects], size: int, separator: str) -> Objects:
    if not columns:
        return np.full(size, None, dtype=object)
    if len(columns) == 1:
        return columns[0]
    joined = np.full(size, None, dtype=object)
    for position, row in enumerate(_rows(columns)):
        parts = [str(value) for value in row if value is not None]
        joined[position] = separator.join(dict.fromkeys(parts)) if parts else None
    return joined


def _rows(columns: Sequence[Objects]) -> Iterable[tuple[Any, ...]]:
    return zip(*(column.tolist() for column in columns), strict=True)
