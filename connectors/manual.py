"""Workbooks that people fill in by hand for what exists only on paper: Excel sheets with rows still to be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from connectors.base import clean_column
from connectors.excel import ExcelConnector
from connectors.told import told
from crm_etl.faults import LayoutFault


class ManualConnector(ExcelConnector):
    """An Excel sheet; a row whose ``required`` columns are all empty is left out: it still awaits its entry."""

    def __init__(self, *, required: tuple[str, ...], **settings: Any) -> None:
        super().__init__(**settings)
        clean = [clean_column(name) for name in required]
        missing = [name for name in clean if name not in self.columns]
        if missing:
            raise LayoutFault(
                f"required columns are missing: {', '.join(missing)}; the sheet has"
                f" {', '.join(told(self.columns, self._known | set(clean)))}",
                where=self._where,
                remedy="use the template as it was handed out, or mend 'required'",
            )
        self._required = [self.columns.index(name) for name in clean]

    def _awaiting(self, texts: list[pa.Array]) -> Sequence[int]:
        rest: Sequence[int] = range(len(texts[0]))
        for slot in self._required:
            cells = texts[slot].to_pylist()
            rest = [index for index in rest if not (cells[index] or "").strip()]
        return rest
