"""What a materialization tells the catalogue: counts, seconds, links. Never a value from a row."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd

from crm_etl import schema
from crm_etl.defs import columns

Metadata = dict[str, Any]


def counts(bundle: Any, main: str) -> Metadata:
    """Rows of every frame of ``bundle``; those of the frame ``main`` also as Dagster's row count."""
    frames = {
        field.name: getattr(bundle, field.name)
        for field in dataclasses.fields(bundle)
        if isinstance(getattr(bundle, field.name), pd.DataFrame)
    }
    lengths = {name: len(frame) for name, frame in frames.items() if name != main}
    return {"dagster/row_count": len(frames[main]), **lengths}


def facts(values: Mapping[str, Any]) -> Metadata:
    """The numbers among a stage's facts, and its tables of counts by code, one table below another included."""
    figures: Metadata = {}
    for name, value in values.items():
        if isinstance(value, (bool, int, float)) or (_is_counts(value) and value):
            figures[f"fact/{name}"] = value
        elif isinstance(value, Mapping) and all(map(_is_counts, value.values())):
            figures |= {f"fact/{name}/{kind}": counts for kind, counts in value.items() if counts}
    return figures


def _is_counts(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(count, (int, float)) for count in value.values())


def reasons(refused: pd.DataFrame) -> Metadata:
    """How many rows were refused, by reason code."""
    if refused.empty:
        return {}
    tally = refused["reason"].value_counts(sort=False).sort_index()
    return {"refused_by_reason": {str(reason): int(count) for reason, count in tally.items()}}


def total(by_table: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Rows by action, over all tables."""
    actions: dict[str, int] = {}
    for counted in by_table.values():
        for action, rows in counted.items():
            actions[action] = actions.get(action, 0) + int(rows)
    return actions


def ledger(balance: pd.DataFrame) -> Metadata:
    """The balance as a table, one line a source."""
    records = [dg.TableRecord(line) for line in balance.astype(object).to_dict("records")]
    return {"ledger": dg.MetadataValue.table(records, columns.of_table(schema.LEDGER))}


def links(paths: Mapping[str, Path | str]) -> Metadata:
    """Where the report files lie that hold the details: a person opens them on purpose."""
    return {f"report/{name}": dg.MetadataValue.path(str(path)) for name, path in paths.items()}
