"""The benchmark of intake: every reader reads every row, and everybody is measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.intake import deliveries, readers
from benchmarks.intake.__main__ import main


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_ETL_BENCH_DIR", str(tmp_path))


def test_every_reader_of_files_gets_all_rows() -> None:
    csv, xlsx = str(deliveries.delimited(300)), str(deliveries.workbook(300))
    assert readers.pandas_csv(csv) == 300
    assert readers.pandas_csv_pyarrow(csv) == readers.stream(csv) == readers.frame(csv) == 300
    assert readers.pandas_openpyxl(xlsx) == readers.pandas_calamine(xlsx) == readers.stream(xlsx) == 300


def test_deliveries_are_the_same_each_time(tmp_path: Path) -> None:
    first = deliveries.delimited(50).read_bytes()
    deliveries.delimited(50).unlink()
    assert deliveries.delimited(50).read_bytes() == first
    assert first.count(b'""the blue one""') == 16


def test_the_command_measures_and_writes_findings(tmp_path: Path) -> None:
    path = tmp_path / "found.json"
    result = CliRunner().invoke(main, ["--csv-rows", "200", "--xlsx-rows", "0", "--sql-rows", "0", "--json", str(path)])
    assert result.exit_code == 0, result.output
    found = json.loads(path.read_text())
    assert [line["reader"] for line in found][:3] == ["ours, in batches", "ours, in one frame", "pandas"]
    assert all(line["wall"] > 0 and line["memory"] > 1e6 for line in found)
