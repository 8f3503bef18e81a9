"""Tables for spreadsheets and programs: CSV that no spreadsheet executes, and JSON.

What is done to the cells, and how it is undone when people send a table back: :mod:`crm_etl.neutral`.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd

from crm_etl.neutral import neutral


def write_csv(frame: pd.DataFrame, path: Path) -> Path:
    """``frame`` as UTF-8 CSV with a byte-order mark, so that spreadsheets read its scripts; no value is empty."""
    columns = [_cells(frame.iloc[:, position]) for position in range(frame.shape[1])]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([neutral(str(name)) for name in frame.columns])
        writer.writerows(zip(*columns, strict=True))
    return path


def write_json(document: Any, path: Path) -> Path:
    """``document`` as readable JSON; NaN is an error, not a word that JSON does not know."""
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return path


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries of plain Python values, None for no value."""
    plain = {str(name): _plain(frame[name]) for name in frame.columns}
    return [dict(zip(plain, row, strict=True)) for row in zip(*plain.values(), strict=True)]


def _plain(values: pd.Series) -> list[Any]:
    cells: list[Any] = values.astype(object).where(values.notna(), None).tolist()
    return cells


def _cells(values: pd.Series) -> list[str]:
    """Texts neutralised; numbers and lists as they are written in Python, which a spreadsheet does not run either."""
    return [
        "" if cell is None else str(cell) if isinstance(cell, (int, float)) else neutral(str(cell))
        for cell in _plain(values)
    ]
