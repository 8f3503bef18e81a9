"""Extraction: strict layout and keys, and no row lost."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.registry import CONNECTORS
from crm_etl import schema
from crm_etl.extract import Extracted, extract
from crm_etl.faults import LayoutFault, SourceFault
from crm_etl.migration import CsvSource, ExcelSource


def source(**settings: Any) -> CsvSource:
    base = {"name": "old", "connector": "csv", "path": "a.csv", "encoding": "utf-8", "key": "id"}
    return CsvSource.model_validate({**base, "fields": {"name": "name"}, **settings})


def extracted(folder: Path, data: str, **settings: Any) -> Extracted:
    (folder / "a.csv").write_text(data, encoding="utf-8", newline="")
    found = extract(source(**settings), folder)
    assert_balanced(found)
    return found


def assert_balanced(found: Extracted) -> None:
    assert found.facts["read"] == len(found.rows) + len(found.refused) + len(found.excluded)
    places = [*found.rows["row"], *found.refused["row"], *found.excluded["row"]]
    assert sorted(places) == list(range(1, found.facts["read"] + 1))


def reasons(found: Extracted) -> dict[int, str]:
    return dict(zip(found.refused["line"], found.refused["reason"], strict=True))


def test_rows_carry_their_origin(tmp_path: Path) -> None:
    found = extracted(tmp_path, "id,name\n 7 ,Пётр\n\n8,\n")
    assert list(found.rows.columns) == [*schema.ORIGIN_NAMES, "raw:id", "raw:name"]
    assert found.rows["key"].tolist() == ["7", "8"]
    assert found.rows["line"].tolist() == [2, 4]
    assert found.rows["row"].tolist() == [1, 3]
    assert found.rows["raw:id"].tolist() == [" 7 ", "8"]
    assert found.rows["raw:name"].isna().tolist() == [False, True]
    assert set(found.rows["source"]) == {"old"}
    assert found.facts["files"][0]["file"] == "a.csv"
    assert str(found.rows["raw:name"].dtype) == "string"


def test_layout_fault_shows_both_lists(tmp_path: Path) -> None:
    with pytest.raises(LayoutFault) as caught:
        extracted(tmp_path, "id,nam,extra\n1,a,b\n")
    text = str(caught.value)
    assert "mapped but missing:     name" in text
    assert "delivered but unmapped: nam, extra" in text
    assert "ignore" in text


def test_ignored_columns_are_kept_raw_and_names_compare_clean(tmp_path: Path) -> None:
    found = extracted(tmp_path, "id,name,My\u00a0 Note\n1,a,b\n", ignore=["My Note "])
    assert found.facts["columns"] == ["id", "name", "My Note "]
    assert found.rows["raw:My Note "].tolist() == ["b"]


def test_missing_keys_are_refused_with_their_cells(tmp_path: Path) -> None:
    found = extracted(tmp_path, "id,name\n1,a\n,b\n \u00a0,c\n")
    assert reasons(found) == {3: "key_missing", 4: "key_missing"}
    assert json.loads(found.refused["cells"][0]) == {"id": None, "name": "b"}


def test_duplicate_keys_are_all_refused_and_name_each_other(tmp_path: Path) -> None:
    found = extracted(tmp_path, "id,name\n1,a\n2,b\n1,c\n")
    assert reasons(found) == {2: "duplicate_key", 4: "duplicate_key"}
    assert "line 4" in found.refused["message"][0]
    assert "line 2" in found.refused["message"][1]
    assert found.rows["key"].tolist() == ["2"]


def test_exact_copies_leave_the_first(tmp_path: Path) -> None:
    found = extracted(tmp_path, "id,name\n1,a\n1,a\n2,b\n2,b\n2,c\n")
    assert found.facts["excluded"] == {"exact_duplicate": 2}
    assert found.rows["line"].tolist() == [2]
    assert reasons(found) == {4: "duplicate_key", 6: "duplicate_key"}


@pytest.mark.parametrize("twins", [("a1", "A1"), ("7", "007"), ("A-7", "A-07"), ("1 2", "12"), ("7", "7 ")])
def test_keys_too_alike(tmp_path: Path, twins: tuple[str, str]) -> None:
    found = extracted(tmp_path, f"id,name\n{twins[0]},a\n{twins[1]},b\n100,c\n10,d\n")
    assert reasons(found) == {2: "ambiguous_key", 3: "ambiguous_key"}
    assert found.rows["key"].tolist() == ["100", "10"]


def test_composite_key(tmp_path: Path) -> None:
    found = extracted(tmp_path, "id,branch,name\n1,x,a\n1,y,b\n1,,c\n", key=["branch", "id"])
    assert found.rows["key"].tolist() == ["x|1", "y|1"]
    assert reasons(found) == {4: "key_missing"}


def test_composite_keys_with_the_separator_inside_stay_apart(tmp_path: Path) -> None:
    data = "id,branch,name\nc,a|b,x\nb|c,a,y\n\\|c,a,z\n1,\u200bq\xa0,w\n1,q,w,w\n"
    found = extracted(tmp_path, data, key=["branch", "id"])
    assert found.rows["key"].tolist() == ["a\\|b|c", "a|b\\|c", "a|\\\\\\|c", "q|1"]
    assert found.refused["key"].tolist() == ["q|1"]


def test_filters_come_before_key_rules(tmp_path: Path) -> None:
    found = extracted(
        tmp_path,
        "id,name,gone\n1,a,no\n1,b, YES \n",
        exclude=[{"column": "gone", "values": ["yes"], "rule": "deleted"}],
    )
    assert found.facts["excluded"] == {"deleted": 1}
    assert len(found.rows) == 1


@pytest.mark.parametrize(("cell", "reason"), [("a\x00b", "control_character"), ("a\ufffd", "lost_characters")])
def test_unreadable_cells(tmp_path: Path, cell: str, reason: str) -> None:
    found = extracted(tmp_path, f"id,name\n1,{cell}\n2,b\n")
    assert reasons(found) == {2: reason}
    assert found.refused["field"].tolist() == ["name"]


def test_volume(tmp_path: Path) -> None:
    with pytest.raises(SourceFault, match="expected at least 3"):
        extracted(tmp_path, "id,name\n1,a\n2,b\n", volume={"least": 3})
    found = extracted(tmp_path, "id,name\n1,a\n2,b\n", volume={"most": 1})
    assert found.facts["warnings"] == ["2 rows, expected at most 1"]


def test_fingerprint_ignores_column_order_and_sees_every_cell(tmp_path: Path) -> None:
    one = extracted(tmp_path, "id,name\n1,a\n2,b\n").rows["fingerprint"].tolist()
    two = extracted(tmp_path, "name,id\na,1\nc,2\n").rows["fingerprint"].tolist()
    assert one[0] == two[0]
    assert one[1] != two[1]
    assert all(len(mark) == 32 for mark in one)


def test_totals_are_held_against_the_rows(tmp_path: Path) -> None:
    def found(total: float) -> Extracted:
        workbook = openpyxl.Workbook()
        for row in (
            ["id", "name", "sum"],
            [1, "a", 0.1],
            [2, "b", 0.2],
            [2, "c", 5],
            [1, "a", 0.1],
            ["جمع", None, total],
        ):
            workbook.active.append(row)
        workbook.save(tmp_path / "a.xlsx")
        base = {"name": "old", "connector": "excel", "path": "a.xlsx", "sheet": "Sheet", "key": "id"}
        settings = {"fields": {"name": "name"}, "ignore": ["sum"], "total_row": "جمع"}
        return extract(ExcelSource.model_validate({**base, **settings}), tmp_path)

    for total in (5.3, 5.4):  # without and with the copied row
        assert found(total).facts["warnings"] == []
    assert len(found(5.5).facts["warnings"]) == 1
    assert_balanced(found(5.3))


def test_every_kind_of_source_has_its_connector() -> None:
    assert set(CONNECTORS) == {"csv", "dbf", "excel", "manual", "sql"}


CELLS = st.sampled_from(["", " ", "1", "01", "2", "a", "A", "a b", 'q"q', "l\nl", "r\rr", "x\x00", "é", "\ufffd", "да"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=0, max_size=4), max_size=25), st.sampled_from(["\n", "\r\n"]))
def test_no_row_is_ever_lost(rows: list[list[str]], ending: str) -> None:
    handle = io.StringIO()
    csv.writer(handle, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(
        [["id", "name", "gone"], ["0", "sure", "no"], *rows]
    )
    with tempfile.TemporaryDirectory() as folder:
        found = extracted(
            Path(folder), handle.getvalue(), ignore=["gone"], exclude=[{"column": "gone", "values": ["да"]}]
        )
    assert found.facts["read"] == 1 + len(rows)
    assert found.rows["key"].is_unique
    assert found.rows["key"].notna().all()
