"""What became of one cell, and the cells of a field gathered so that each distinct one is read once.

A reader is a pure function ``text -> Reading``. :func:`gather` takes the cells that one rule of the mapping
names; :meth:`Cells.read` calls the reader on the distinct texts; :meth:`Read.take` spreads the results.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from crm_etl.migration import FieldRule
from crm_etl.normalize import text
from crm_etl.schema import RAW_PREFIX

Objects = np.ndarray[Any, np.dtype[np.object_]]
Codes = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Reading:
    """One cell, read.

    ``value``: the canonical value (text, or a tuple of texts for list fields), None for none. ``notes``: codes
    of what was fixed or doubted. ``error``: why the cell cannot be read. ``rest``: what was in the cell besides.
    """

    value: Any = None
    notes: tuple[str, ...] = ()
    error: str | None = None
    rest: str | None = None


NOTHING = Reading()
Reader = Callable[[str], Reading]


@dataclass(frozen=True)
class Cells:
    """The cells of one rule: row -> code of its text in ``texts``, -1 for no value.

    ``control``: whether control characters are left in them. ``marks``: what was seen or set right in the cells as
    they came (``mojibake``, ``mojibake_repaired``, ``controls_removed``) -> the rows, ascending.
    """

    codes: Codes
    texts: list[str]
    control: bool = False
    marks: Mapping[str, Codes] = field(default_factory=dict)

    def read(self, reader: Reader) -> Read:
        return Read(self.codes, [reader(cell) for cell in self.texts])

    def take(self) -> Objects:
        return take(self.texts, self.codes)


@dataclass(frozen=True)
class Read:
    """The readings of one rule's cells, spread over the rows by code."""

    codes: Codes
    readings: list[Reading]

    def take(self) -> Objects:
        """The value of every row; None for none."""
        return take([reading.value for reading in self.readings], self.codes)

    def rests(self) -> Objects:
        return take([reading.rest for reading in self.readings], self.codes)

    def where(self, test: Callable[[Reading], bool]) -> Codes:
        """Positions of the rows whose reading passes ``test``, ascending."""
        good = np.fromiter((test(reading) for reading in self.readings), dtype=bool, count=len(self.readings))
        if not good.any():
            return np.empty(0, dtype=np.int64)
        return np.flatnonzero((self.codes >= 0) & good[self.codes])


def take(values: Sequence[Any], codes: Codes) -> Objects:
    """``values[code]`` for every code, None where the code is -1."""
    table = np.empty(len(values) + 1, dtype=object)
    for position, value in enumerate(values):
        table[position] = value
    table[len(values)] = None
    taken: Objects = table[codes]
    return taken


def objects(series: Any) -> Objects:
    """A text column as plain Python strings and None."""
    values: Objects = series.to_numpy(dtype=object, na_value=None)
    return values


def gather(rows: Any, rule: FieldRule, null_tokens: frozenset[str], remove_controls: bool = False) -> Cells:
    """The cleaned cells of ``rule``; several columns are joined by a blank, null tokens and blanks are no value.

    What the rule's ``repair`` names is set right, and with ``remove_controls`` control characters go; see
    :attr:`Cells.marks`.
    """
    if rule.constant is not None:
        return Cells(np.zeros(len(rows), dtype=np.int64), [rule.constant])
    mend = Mending("mojibake" in rule.repair, remove_controls)
    parts = [_column(rows, column, null_tokens, mend) for column in rule.source_columns]
    if len(parts) == 1:
        return parts[0]
    marks: dict[str, Codes] = {}
    for mark in sorted({mark for part in parts for mark in part.marks}):
        marks[mark] = np.unique(np.concatenate([part.marks[mark] for part in parts if mark in part.marks]))
    return replace(join(parts), marks=marks)


@dataclass(frozen=True)
class Mending:
    """What is done to a cell before anybody reads it."""

    mojibake: bool = False
    controls: bool = False

    def mended(self, cell: str) -> tuple[str, str | None]:
        """``cell`` as it is to be read, and the mark of what was seen or done."""
        found = None if cell.isascii() else text.mojibake(cell)
        if found is not None:
            return (found, "mojibake_repaired") if self.mojibake else (cell, "mojibake")
        if self.controls and text.has_control(cell):
            return text.uncontrolled(cell), "controls_removed"
        return cell, None


def join(parts: Sequence[Cells], separator: str = " ") -> Cells:
    """The cells of several rules side by side, joined by ``separator``; empty ones leave no gap."""
    if len(parts) == 1:
        return parts[0]
    combined, firsts = combine([part.codes for part in parts])
    texts: list[str | None] = []
    for row in firsts:
        found = [part.texts[part.codes[row]] for part in parts if part.codes[row] >= 0]
        texts.append(separator.join(found) if found else None)
    return compact(combined, texts)


def combine(codes: Sequence[Codes]) -> tuple[Codes, Codes]:
    """One code for each distinct combination of ``codes``, and the first row that has it."""
    combined = codes[0].astype(np.int64) + 1
    for more in codes[1:]:
        # Renumbering at each step keeps the product of the two ranges within 64 bits.
        combined = np.unique(combined, return_inverse=True)[1] * np.int64(int(more.max(initial=-1)) + 2) + more + 1
    _, firsts, inverse = np.unique(combined, return_index=True, return_inverse=True)
    return inverse.astype(np.int64), firsts.astype(np.int64)


def compact(codes: Codes, texts: Sequence[str | None]) -> Cells:
    """Cells of ``texts``, with equal texts sharing a code and None becoming no value."""
    fresh: dict[str, int] = {}
    table = np.full(len(texts) + 1, -1, dtype=np.int64)
    for position, cell in enumerate(texts):
        if cell is not None:
            table[position] = fresh.setdefault(cell, len(fresh))
    return Cells(table[codes], list(fresh), any(map(text.has_control, fresh)))


def _column(rows: Any, column: str, null_tokens: frozenset[str], mend: Mending) -> Cells:
    codes, uniques = pd.factorize(objects(rows[RAW_PREFIX + column]))
    mended = [mend.mended(cell) for cell in uniques]
    cells = compact(codes.astype(np.int64), [_present(cell, null_tokens) for cell, _ in mended])
    seen = np.array([*(mark for _, mark in mended), None], dtype=object)
    marks = {mark: np.flatnonzero(seen[codes] == mark) for mark in sorted({mark for mark in seen if mark is not None})}
    return replace(cells, marks=marks) if marks else cells


def _present(cell: str, null_tokens: frozenset[str]) -> str | None:
    cleaned = text.clean(cell)
    if not cleaned or (null_tokens and cleaned.casefold() in null_tokens):
        return None
    # Line ends separate the phones of a cell, so they stay; the readers trim the rest.
    return text.clean(cell) if "\n" not in cell and "\r" not in cell else _lines(cell)


def _lines(cell: str) -> str:
    return "\n".join(line for line in map(text.clean, cell.splitlines()) if line)
