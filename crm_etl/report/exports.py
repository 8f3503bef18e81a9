"""Tables for spreadsheets and programs: CSV that no spreadsheet executes, and JSON.

A cell that begins with ``= + - @`` (or a tab or return) would be run as a formula; it gets a leading
apostrophe, which the import takes off again. Plain numbers such as ``-12.50`` stay numbers.
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def neutral(cell: str) -> str:
    """``cell`` so that a spreadsheet takes it for text, or for the plain number that it is."""
    if not cell.lstrip(" ").startswith(_FORMULA) or (_NUMBER.fullmatch(cell) and not cell.startswith("+")):
        return cell
    return f"'{cell}"


def write_csv(frame: pd.DataFrame, path: Path) -> Path:
    """``frame`` as UTF-8 CSV with a byte-order mark, so that spreadsheets read its scripts; no value is empty."""
    columns = [_cells(frame[name]) for name in frame.columns]
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
    return ["" if cell is None else neutral(cell) if isinstance(cell, str) else str(cell) for cell in _plain(values)]
