"""Small raw frames and sources for the tests of this folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from crm_etl.migration import CsvSource
from crm_etl.schema import RAW_PREFIX


def raw(cells: Sequence[Mapping[str, str | None]], columns: list[str]) -> Any:
    """A raw frame with one row a dictionary."""
    size = len(cells)
    text = "string[pyarrow]"
    data: dict[str, Any] = {
        "source": pd.array(["shop"] * size, dtype=text),
        "key": pd.array([str(number) for number in range(size)], dtype=text),
        "file": pd.array(["clients.csv"] * size, dtype=text),
        "sheet": pd.array([pd.NA] * size, dtype=text),
        "line": pd.array(range(2, size + 2), dtype="Int64"),
        "row": pd.array(range(1, size + 1), dtype="Int64"),
        "fingerprint": pd.array([f"{number:08x}" for number in range(size)], dtype=text),
    }
    for column in columns:
        data[RAW_PREFIX + column] = pd.array([row.get(column) for row in cells], dtype=text)
    return pd.DataFrame(data)


def source(fields: dict[str, Any], **settings: Any) -> CsvSource:
    """A CSV source with ``fields`` as the migration file would give them."""
    return CsvSource.model_validate(
        {
            "name": "shop",
            "connector": "csv",
            "path": "clients.csv",
            "encoding": "utf-8",
            "key": "id",
            "fields": fields,
            **settings,
        }
    )
