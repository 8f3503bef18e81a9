"""The file of human judgements: append-only, strict, the last word counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_etl.faults import Fault
from crm_etl.match import decisions

ROW = {
    "left_source": "crm", "left_key": "1", "right_source": "shop", "right_key": "7",
    "verdict": "same", "who": "eva", "at": "2026-01-05T10:00:00", "why": "same passport, seen \"live\"",
}  # fmt: skip


def test_a_missing_file_holds_no_decisions(tmp_path: Path) -> None:
    found = decisions.read(tmp_path / "none.csv")
    assert found.empty
    assert list(found.columns) == [*decisions.DECISIONS.names, "line"]


def test_appending_keeps_what_stood_there(tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    decisions.append(path, ROW)
    before = path.read_bytes()
    decisions.append(path, ROW | {"verdict": "different", "why": "двойник"})
    assert path.read_bytes().startswith(before)
    assert decisions.read(path)["verdict"].tolist() == ["same", "different"]
    assert decisions.read(path)["why"].tolist() == [ROW["why"], "двойник"]
    assert decisions.read(path)["line"].tolist() == [2, 3]


def test_a_last_line_without_its_end_is_not_joined_to_the_next(tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    decisions.append(path, ROW)
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    decisions.append(path, ROW)
    assert len(decisions.read(path)) == 2


def test_the_last_decision_on_a_pair_counts_whichever_side(tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    turned = {"left_source": "shop", "left_key": "7", "right_source": "crm", "right_key": "1", "verdict": "unsure"}
    for row in (ROW, ROW | {"right_key": "8"}, ROW | turned):
        decisions.append(path, row)
    assert decisions.latest(decisions.read(path))["verdict"].tolist() == ["same", "unsure"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("left,right\n1,2\n", "without left_source, left_key"),
        (",".join(decisions.DECISIONS.names) + "\na,1,b,2,perhaps,eva,,\n", "unknown verdict"),
        (",".join(decisions.DECISIONS.names) + "\na,1,b,2,same\n", "5 cells"),
        (",".join(decisions.DECISIONS.names) + "\na,,b,2,same,eva,,\n", "without both records"),
        (",".join(decisions.DECISIONS.names) + '\na,1,b,2,same,eva,,"why\na,1,c,3,same,eva,,\n', "quotes do not agree"),
    ],
)
def test_a_wrong_file_is_a_fault_with_its_line(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "decisions.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Fault, match=what) as caught:
        decisions.read(path)
    assert caught.value.where is not None
    assert caught.value.where.row == text.count("\n", 0, len(text) - 1) + (0 if text.startswith("left,right") else 1)


@pytest.mark.parametrize(
    ("header", "what"),
    [
        (["crm", "7", "shop", "8", "same", "eva", "", "mother of Ivanova"], "without left_source"),
        ([*decisions.DECISIONS.names, "remark"], "1 column too many"),
        (decisions.DECISIONS.names[::-1], "another order"),
    ],
)
def test_a_header_that_is_none_is_told_of_and_not_repeated(tmp_path: Path, header: list[str], what: str) -> None:
    path = tmp_path / "decisions.csv"
    path.write_text(",".join(header) + "\n", encoding="utf-8")
    with pytest.raises(Fault, match=what) as caught:
        decisions.read(path)
    assert "Ivanova" not in str(caught.value)


def test_a_file_in_another_encoding_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    path.write_bytes("решение".encode("cp1251"))
    with pytest.raises(Fault, match="UTF-8"):
        decisions.read(path)


@pytest.mark.parametrize("wrong", [{"verdict": "perhaps"}, {"left_key": ""}])
def test_a_wrong_decision_is_not_written(tmp_path: Path, wrong: dict[str, str]) -> None:
    path = tmp_path / "decisions.csv"
    with pytest.raises(Fault):
        decisions.append(path, ROW | wrong)
    assert not path.exists()


def test_a_record_is_not_judged_against_itself(tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    with pytest.raises(Fault, match="of a record with itself"):
        decisions.append(path, ROW | {"right_source": "crm", "right_key": "1"})
    assert not path.exists()
