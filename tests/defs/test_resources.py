"""The IO manager: bundles rest as Parquet and JSON, and come back as the type that the reader asks for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from crm_etl import schema
from crm_etl.defs.resources import ParquetIO

KEY = dg.AssetKey(["raw", "shop"])


@dataclass(frozen=True)
class Whole:
    rows: pd.DataFrame
    facts: dict[str, int]


@dataclass(frozen=True)
class Part:
    facts: dict[str, int]


def read(io: ParquetIO, kind: type[Any]) -> Any:
    return io.load_input(dg.build_input_context(asset_key=KEY, dagster_type=dg.PythonObjectDagsterType(kind)))


def test_a_bundle_rests_without_pickle_and_comes_back(tmp_path: Path) -> None:
    io = ParquetIO(root=str(tmp_path))
    rows = schema.PARTY.build([{"source": "shop", "key": "1", "phones": ["+74951234567"]}])
    context = dg.build_output_context(asset_key=KEY)
    io.handle_output(context, Whole(rows, {"read": 1}))
    home = tmp_path / "frames" / "raw" / "shop"
    assert {path.name for path in home.iterdir()} == {"rows.parquet", "values.json"}
    assert context.get_logged_metadata()["path"].value == str(home)
    whole = read(io, Whole)
    pd.testing.assert_frame_equal(whole.rows, rows)
    assert whole.facts == {"read": 1}


def test_a_narrower_type_reads_no_more_than_it_asks_for(tmp_path: Path) -> None:
    io = ParquetIO(root=str(tmp_path))
    io.handle_output(dg.build_output_context(asset_key=KEY), Whole(schema.PARTY.empty(), {"read": 7}))
    (tmp_path / "frames" / "raw" / "shop" / "rows.parquet").write_bytes(b"not read")
    assert read(io, Part) == Part({"read": 7})


def test_a_stage_that_has_not_run_says_so_without_a_traceback_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(dg.Failure) as caught:
        read(ParquetIO(root=str(tmp_path)), Whole)
    assert "no result of 'raw/shop' yet" in str(caught.value.description)
    assert caught.value.allow_retries is False


def test_what_a_bundle_was_made_of_is_noted_beside_it(tmp_path: Path) -> None:
    io = ParquetIO(root=str(tmp_path), made_of={"match/clusters": ["raw/shop"]})
    clusters = dg.AssetKey(["match", "clusters"])
    for key in (KEY, clusters, KEY):
        io.handle_output(dg.build_output_context(asset_key=key), Whole(schema.PARTY.empty(), {"read": 1}))
    assert io.state.replaced("match/clusters") == []
    io.handle_output(dg.build_output_context(asset_key=KEY), Whole(schema.PARTY.build([{"key": "1"}]), {"read": 1}))
    assert io.state.replaced("match/clusters") == ["raw/shop"]
