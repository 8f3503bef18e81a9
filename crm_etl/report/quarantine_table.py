"""Rows in quarantine as a table that people correct: which columns it has, and how each row is shown.

To the left what is wrong and what to do with the row, then the cells as they were delivered, one column each, to
the right where the row comes from and the marks by which it is known again. Who writes the table:
:mod:`crm_etl.report.quarantine`, :mod:`crm_etl.report.quarantine_book`; who reads it back:
:mod:`crm_etl.resubmission`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import pandas as pd

from crm_etl.extract.mending import by_column
from crm_etl.migration import Source
from crm_etl.neutral import neutral
from crm_etl.report.exports import records

#: Columns before and after those of the source; ``fingerprint`` and ``shown`` are the marks.
LEAD = ("action", "why", "reason", "field", "message")
TRAIL = ("source", "key", "file", "sheet", "line", "row", "stage", "fingerprint", "shown")
#: Most characters of a cell: a cell of a workbook holds 32,767.
LONGEST = 30_000
#: The text of a row that could not be read, or cells beyond the last column: shown, not corrected.
BEYOND = "#"
#: Most characters that making one visible takes.
_GROWTH = 10
#: Rows that are made lines at a time.
_PIECE = 5_000
_CLIENT_FIELDS = ("client", "client_key", "client_source")


@dataclass(frozen=True)
class Layout:
    """What of a source the table must know.

    Attributes:
        columns: of the source, in the order of the delivery; empty where it is not known.
        blamed: field of the mapping -> the columns that fill it.
        delivered: fingerprint of a row that was corrected already -> that of the row as it was delivered.
    """

    columns: tuple[str, ...] = ()
    blamed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    delivered: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Source, facts: Mapping[str, Any]) -> Layout:
        """The layout of ``source``; ``facts`` are those of its extraction."""
        blamed = {
            name: tuple(column for rule in rules for column in rule.source_columns)
            for name, rules in source.fields.items()
        }
        blamed["|".join(source.key_columns)] = source.key_columns
        if source.client is not None:
            blamed.update(dict.fromkeys(_CLIENT_FIELDS, (source.client.column,)))
        again = {one["fingerprint"]: one["delivered"] for one in facts.get("corrections", ())}
        return cls(tuple(facts.get("columns", ())), blamed, again)

    def at_fault(self, name: str | None, columns: Sequence[str]) -> tuple[str, ...]:
        """Those of ``columns`` in which what the field or column ``name`` lacks can be mended."""
        if name is None:
            return ()
        meant = (name,) if name in columns else self.blamed.get(name.removesuffix("_raw"), ())
        return tuple(column for column in meant if column in columns)


@dataclass(frozen=True)
class Line:
    """One row of the table: what is told of it, and its cells as shown."""

    told: dict[str, Any]
    cells: dict[str, str]
    at_fault: tuple[str, ...]

    def row(self, columns: Sequence[str]) -> list[Any]:
        """The row in the order LEAD, ``columns``, TRAIL; texts neutral, None for no value."""
        lead, trail = ([_safe(self.told.get(name)) for name in names] for names in (LEAD, TRAIL))
        return [*lead, *(_safe(self.cells.get(name)) for name in columns), *trail]


@dataclass(frozen=True)
class Sheet:
    """The refused rows of one source (schema.QUARANTINE) under the columns that they have together."""

    source: str
    columns: tuple[str, ...]
    rows: pd.DataFrame
    layout: Layout

    @property
    def header(self) -> list[str]:
        return [*LEAD, *self.columns, *TRAIL]

    def lines(self, most: int | None = None) -> Iterator[Line]:
        """The lines, at most so many, made as they are asked for: there may be very many."""
        size = len(self.rows) if most is None else min(most, len(self.rows))
        for first in range(0, size, _PIECE):
            for row in records(self.rows.iloc[first : min(first + _PIECE, size)]):
                yield self._line(row)

    def _line(self, row: dict[str, Any]) -> Line:
        cells = shown(row.pop("cells"), self.layout.columns)
        row["fingerprint"] = self.layout.delivered.get(row["fingerprint"], row["fingerprint"])
        row["shown"] = digest(cells)
        return Line(row, cells, self.layout.at_fault(row["field"], self.columns))


def sheets(refused: pd.DataFrame, layouts: Mapping[str, Layout]) -> list[Sheet]:
    """``refused`` (schema.QUARANTINE) by source, in the order in which the sources appear."""
    return [
        _sheet(str(name), rows, layouts.get(str(name), Layout()))
        for name, rows in refused.groupby("source", sort=False)
    ]


def _sheet(name: str, rows: pd.DataFrame, layout: Layout) -> Sheet:
    seen: dict[str, None] = {}
    for cells in rows["cells"].dropna():
        seen.update(dict.fromkeys(shown(cells, layout.columns)))
    known = dict.fromkeys(layout.columns)
    beyond = [column for column in seen if column not in known and column.startswith(BEYOND)]
    others = [column for column in seen if column not in known and column not in beyond]
    return Sheet(name, (*known, *others, *sorted(beyond)), rows, layout)


def shown(cells: str | Mapping[str, Any] | None, columns: Sequence[str]) -> dict[str, str]:
    """The cells of a row (JSON, or a dictionary) as the table shows them, before they are made neutral.

    Those without a value are left out; one that no workbook could hold is told by its length.
    """
    told = json.loads(cells or "{}") if cells is None or isinstance(cells, str) else cells
    texts = {name: cell if isinstance(cell, str) else json.dumps(cell) for name, cell in told.items() if cell}
    return {name: _bounded(cell) for name, cell in by_column(texts, columns).items() if cell}


def digest(cells: Mapping[str, str]) -> str:
    """The mark of cells as shown: equal if and only if nobody has changed any of them."""
    told = json.dumps(sorted((name, cell) for name, cell in cells.items() if cell))
    return blake2b(told.encode(), digest_size=12).hexdigest()


def _bounded(cell: str) -> str:
    if len(cell) * _GROWTH <= LONGEST or (len(cell) <= LONGEST and len(neutral(cell)) <= LONGEST):
        return cell
    return f"… {len(cell)} characters, too many for a cell: kept as they are"


def _safe(value: Any) -> Any:
    return neutral(value) if isinstance(value, str) else value
