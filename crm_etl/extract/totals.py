"""Total rows of a workbook: their figures held against the rows that they sum up."""

from __future__ import annotations

import re
from decimal import Decimal

import pandas as pd

from connectors.base import ExcludedRow, RefusedRow
from crm_etl import schema

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
#: Half a hundredth: sheets compute totals in binary fractions.
_TOLERANCE = Decimal("0.005")


def check_totals(excluded: list[ExcludedRow], frame: pd.DataFrame, refused: list[RefusedRow]) -> list[str]:
    """A warning for each figure of a total row that is neither the sum of all rows delivered above it nor of those
    since the total before it, with or without exact copies. Names sheet row and column, not the figures."""
    warnings: list[str] = []
    frames = (frame, frame.drop_duplicates("fingerprint")) if any(map(_is_total, excluded)) else ()
    before = 0
    for total in filter(_is_total, excluded):
        line = total.origin.line or 0
        for name, cell in total.cells.items():
            figure = _number(cell)
            if figure is None:
                continue
            sums = [_sum(rows, refused, name, after, line) for rows in frames for after in (0, before)]
            if all(abs(found - figure) > _TOLERANCE for found in sums):
                warnings.append(f"total in row {line}, column '{name}': not the sum of the rows above it")
        before = line
    return warnings


def _is_total(row: ExcludedRow) -> bool:
    return row.rule == "total_row"


def _number(cell: str | None) -> Decimal | None:
    return Decimal(cell) if cell is not None and _NUMBER.fullmatch(cell) else None


def _sum(frame: pd.DataFrame, refused: list[RefusedRow], name: str, after: int, line: int) -> Decimal:
    inside = ((frame["line"] > after) & (frame["line"] < line)).to_numpy(dtype=bool)
    cells = frame.loc[inside, schema.RAW_PREFIX + name].to_numpy(dtype=object, na_value=None)
    aside = (row.cells.get(name) for row in refused if after < (row.origin.line or 0) < line)
    numbers = (_number(cell) for cell in (*cells, *aside))
    return sum((number for number in numbers if number is not None), Decimal(0))
