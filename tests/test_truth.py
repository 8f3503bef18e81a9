"""The truth file: read strictly, whatever program saved it."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_etl.faults import SourceFault
from crm_etl.truth import read_truth


def _file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "truth.csv"
    path.write_text(text, encoding=encoding)
    return path


def test_a_truth_saved_with_a_byte_order_mark_is_read_as_one_without(tmp_path: Path) -> None:
    found = read_truth(_file(tmp_path, "source,key,entity\ncrm,007,a\n", "utf-8-sig"))
    assert found.to_numpy().tolist() == [["crm", "007", "a"]]


@pytest.mark.parametrize(
    ("text", "row", "message"),
    [
        ("source,key,entity\ncrm,1,a\ncrm,2,\n", 3, "not named"),
        ("source,key,entity\ncrm,1,a\n,2,b\n", 3, "not named"),
        ("source,key,entity\ncrm,1,a\ncrm,1,b\n", 3, "stands twice"),
    ],
)
def test_rows_that_cannot_be_told_are_refused_with_their_row(tmp_path: Path, text: str, row: int, message: str) -> None:
    with pytest.raises(SourceFault, match=message) as fault:
        read_truth(_file(tmp_path, text))
    assert f"row {row}" in str(fault.value)


def test_a_truth_without_entities_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceFault, match="no column entity"):
        read_truth(_file(tmp_path, "source,key\ncrm,1\n"))


@pytest.mark.parametrize(("text", "message"), [("", "is empty"), ("source,key,entity\na,1,b\na,2,b,c\n", "more cells")])
def test_a_truth_that_is_no_table_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SourceFault, match=message):
        read_truth(_file(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('source,key,entity\na,1,b\n"a,2,c\na,3,c\n', "a quote is opened and never closed"),
        ('source,key,entity\na,1,b\na,2,"c\n', "a quote is opened and never closed"),
        ("source,key,entity\na,1,b\na,2,b,c\n", "some row has more cells"),
    ],
)
def test_what_makes_a_truth_no_table_is_told_with_its_row(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SourceFault, match=message) as fault:
        read_truth(_file(tmp_path, text))
    assert "row 3" in str(fault.value)
