from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from crm_etl.report.exports import write_csv, write_json


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
