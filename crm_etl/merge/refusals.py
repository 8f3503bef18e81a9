"""Rows that leave the stream with a reason: quarantine rows that hold the original cells to be corrected."""

from __future__ import annotations

import json
from typing import TypeAlias

import pandas as pd

from crm_etl import schema
from crm_etl.merge.records import texts

Told: TypeAlias = "str | pd.Series"


def refuse(
    rows: pd.DataFrame, raw: pd.DataFrame | None, *, stage: str, field: Told, reason: Told, message: Told
) -> pd.DataFrame:
    """``rows`` (with ORIGIN columns) as QUARANTINE rows.

    Args:
        raw: the source's extracted rows, looked up by (source, key) for the original cells; where it is not
            given or lacks a row, the cells are the row's own fields that have a value.
        field, reason, message: the same for all rows, or a series aligned with them.
    """
    origin = rows[schema.ORIGIN_NAMES].copy()
    for name, told in (("stage", stage), ("field", field), ("reason", reason), ("message", message)):
        origin[name] = told
    origin["cells"] = _cells(rows, raw)
    return schema.QUARANTINE.conform(origin)


def _cells(rows: pd.DataFrame, raw: pd.DataFrame | None) -> list[str]:
    own = [name for name in rows.columns if name not in schema.ORIGIN_NAMES]
    known = _originals(rows, raw) if raw is not None else {}
    records = rows[own].astype(object).to_dict("records")
    references = zip(texts(rows["source"]), texts(rows["key"]), strict=True)
    return [
        known[reference] if reference in known else _json(_stated(cells))
        for reference, cells in zip(references, records, strict=True)
    ]


def _originals(rows: pd.DataFrame, raw: pd.DataFrame) -> dict[tuple[str, str], str]:
    columns = [str(name) for name in raw.columns if str(name).startswith(schema.RAW_PREFIX)]
    keys = pd.MultiIndex.from_frame(rows[["source", "key"]])
    wanted = raw[pd.MultiIndex.from_frame(raw[["source", "key"]]).isin(keys)]
    cells = wanted[columns].astype(object).where(wanted[columns].notna(), None)
    cells.columns = pd.Index([name.removeprefix(schema.RAW_PREFIX) for name in columns])
    references = zip(texts(wanted["source"]), texts(wanted["key"]), strict=True)
    return {reference: _json(found) for reference, found in zip(references, cells.to_dict("records"), strict=True)}


def _stated(cells: dict[object, object]) -> dict[object, object]:
    return {name: cell for name, cell in cells.items() if cell is not pd.NA and cell is not None and cell != []}


def _json(cells: dict[object, object]) -> str:
    return json.dumps(cells, ensure_ascii=False, default=str)
