from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_etl.report.exports import neutral, write_csv, write_json

STARTS = ("=", "+", "-", "@")


@pytest.mark.parametrize(
    "cell", ["=1+1", "+79161234567", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", " =1", "-1e5", "--1", "＝1"]
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-12.50", "0", "3", "Анна", "a=b", "", "علی", "7-495"])
def test_numbers_and_plain_text_stay(cell: str) -> None:
    assert neutral(cell) == cell


@given(st.text())
def test_no_cell_starts_a_formula_and_nothing_is_lost(cell: str) -> None:
    safe = neutral(cell)
    assert safe.removeprefix("'") == cell or safe == cell
    if safe.lstrip(" ").startswith(STARTS):
        float(safe)


def test_csv_keeps_scripts_commas_and_missing_values(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "=name": pd.array(["علی, ب", "=HYPERLINK(1)", pd.NA], dtype="string[pyarrow]"),
            "rows": pd.array([1, -2, pd.NA], dtype="Int64"),
            "list": [["a"], [], ["b", "c"]],
        }
    )
    path = write_csv(frame, tmp_path / "out.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["'=name", "rows", "list"]
    assert [row[:2] for row in rows[1:]] == [["علی, ب", "1"], ["'=HYPERLINK(1)", "-2"], ["", ""]]


def test_json_has_no_nan(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json({"share": float("nan")}, tmp_path / "out.json")
