"""Workbooks that people fill in by hand for what exists only on paper: Excel sheets with rows still to be done."""

from __future__ import annotations

from pathlib import Path

from connectors.base import ExcludedRow, RowOrigin, Rows, clean_column
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

    def _accept(self, origin: RowOrigin, cells: list[str | None], batch: Rows) -> None:
        if any((cells[position] or "").strip() for position in self._required):
            super()._accept(origin, cells, batch)
        else:
            batch.excluded.append(ExcludedRow(origin, AWAITING, dict(zip(self.columns, cells, strict=True))))
