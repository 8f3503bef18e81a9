"""Total rows of a workbook: their figures held against the rows that they sum up."""

from __future__ import annotations

import re
from decimal import Decimal

import pandas as pd

from connectors.base import ExcludedRow
from crm_etl import schema

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
#: Half a hundredth: sheets compute totals in binary fractions.
_TOLERANCE = Decimal("0.005")


def check_totals(excluded: list[ExcludedRow], rows: pd.DataFrame) -> list[str]:
    """A warning for each figure of a total row that is neither the sum of all accepted rows above it nor of those
    since the total before it. Names sheet row and column, not the figures."""
    warnings: list[str] = []
    before = 0
    for total in (row for row in excluded if row.rule == "total_row"):
        line = total.origin.line or 0
        above = rows[(rows["line"] < line).to_numpy(dtype=bool)]
        since = above[(above["line"] > before).to_numpy(dtype=bool)]
        for name, cell in total.cells.items():
            figure = _number(cell)
            column = schema.RAW_PREFIX + name
            if figure is None or column not in rows.columns:
                continue
            if all(abs(_sum(part[column]) - figure) > _TOLERANCE for part in (above, since)):
                warnings.append(f"total in row {line}, column '{name}': not the sum of the accepted rows above it")
        before = line
    return warnings


def _number(cell: str | None) -> Decimal | None:
    return Decimal(cell) if cell is not None and _NUMBER.fullmatch(cell) else None


def _sum(cells: pd.Series) -> Decimal:
    numbers = (_number(cell) for cell in cells.to_numpy(dtype=object, na_value=None))
    return sum((number for number in numbers if number is not None), Decimal(0))
