"""Workbooks that people fill in by hand for what exists only on paper: Excel sheets with rows still to be done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from connectors.base import Batch, ExcludedRow, RowOrigin, clean_column
from connectors.excel import ExcelConnector
from crm_etl.faults import LayoutFault

AWAITING = "awaiting_entry"


class ManualConnector(ExcelConnector):
    """An Excel sheet; a row whose ``required`` columns are all empty is left out: it still awaits its entry."""

    def __init__(
        self, *, root: Path, key: tuple[str, ...], path: str, sheet: str, header_row: int, required: tuple[str, ...]
    ) -> None:
        super().__init__(root=root, key=key, path=path, sheet=sheet, header_row=header_row)
        clean = [clean_column(name) for name in required]
        missing = [name for name in clean if name not in self.columns]
        if missing:
            raise LayoutFault(
                f"required columns are missing: {', '.join(missing)}; the sheet has {', '.join(self.columns)}",
                where=self._where,
                remedy="use the template as it was handed out, or mend 'required'",
            )
        self._required = [self.columns.index(name) for name in clean]

    def _sort_batch(self, batch: Batch) -> Batch:
        sorted_batch = Batch([], [], [], batch.refused, batch.excluded)
        for cells, line, row in zip(batch.cells, batch.lines, batch.rows, strict=True):
            if any((cells[position] or "").strip() for position in self._required):
                sorted_batch.cells.append(cells)
                sorted_batch.lines.append(line)
                sorted_batch.rows.append(row)
            else:
                given = dict(zip(self.columns, cells, strict=True))
                sorted_batch.excluded.append(ExcludedRow(RowOrigin(line, row), AWAITING, given))
        return sorted_batch

    def batches(self) -> Iterator[Batch]:
        """Rows in the sheet's order; those that await their entry are excluded."""
        for batch in super().batches():
            yield self._sort_batch(batch)
