"""The file of corrections: append-only, exact, the last word on a row counts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_etl.corrections import CORRECT, EXCLUDE, WITHDRAW, Correction, append, read, standing
from crm_etl.faults import Fault


def correction(action: str = CORRECT, **told: object) -> Correction:
    base = {"source": "shop", "fingerprint": "f1", "row": 1, "line": 2, "file": "a.csv"}
    return Correction("2026-01-05T10:00:00+00:00", "eva", action, **(base | told))  # type: ignore[arg-type]


def withdrawal(number: int) -> Correction:
    return Correction("2026-01-05T11:00:00+00:00", "eva", WITHDRAW, of=number)


def test_a_missing_file_holds_none(tmp_path: Path) -> None:
    assert read(tmp_path / "none.jsonl") == []


def test_appending_numbers_and_keeps_what_stood_there(tmp_path: Path) -> None:
    path = tmp_path / "corrections.jsonl"
    assert append(path, [correction(cells={"Имя": ("a", "б")}), correction(EXCLUDE, row=2)]) == [1, 2]
    before = path.read_bytes()
    assert append(path, [withdrawal(1)]) == [3]
    assert path.read_bytes().startswith(before)
    assert [(one.number, one.action) for one in read(path)] == [(1, CORRECT), (2, EXCLUDE), (3, WITHDRAW)]
    assert read(path)[0].cells == {"Имя": ("a", "б")}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.text(alphabet=st.characters(codec=None), min_size=1), st.one_of(st.none(), st.text()))
def test_every_cell_comes_back_exactly_and_misleads_nobody(tmp_path: Path, old: str, new: str | None) -> None:
    path = tmp_path / "corrections.jsonl"
    path.unlink(missing_ok=True)
    append(path, [correction(cells={"x": (old, new)})])
    assert read(path)[0].cells == {"x": (old, new)}
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") == 1
    assert not set(text) & set("\u202e\u2066\u200f\x00\x85\x1b")


def test_a_last_line_without_its_end_is_not_joined_to_the_next(tmp_path: Path) -> None:
    path = tmp_path / "corrections.jsonl"
    append(path, [correction()])
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    append(path, [correction(row=2)])
    assert [one.row for one in read(path)] == [1, 2]


def test_of_several_on_one_row_the_last_stands() -> None:
    first, second = correction(number=1), correction(EXCLUDE, number=2)
    assert standing([first, second]) == [second]
    assert standing([first, second, withdrawal(2)]) == [first]
    assert standing([first, second, withdrawal(2), withdrawal(1)]) == []


def test_one_that_replaces_another_takes_its_place_though_the_row_moved() -> None:
    first, second = correction(number=1), correction(number=2, row=5, replaces=1)
    assert standing([first, second]) == [second]
    assert standing([first, second, withdrawal(2)]) == [first]
    assert standing([first, correction(number=2, row=5)]) == [first, correction(number=2, row=5)]


WHOLE: dict[str, Any] = {
    "number": 2, "at": "x", "who": "y", "action": "correct", "source": "s", "fingerprint": "f", "row": 1,
    "cells": {"a": [None, "b"]},
}  # fmt: skip


@pytest.mark.parametrize("line", ['{"number": 1', "[]", "7", "[" * 100_000, '{"number": 1, "action": "correct"}'])
def test_a_line_that_is_no_correction_is_a_fault_with_its_number(tmp_path: Path, line: str) -> None:
    damaged(tmp_path, line)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("action", "drop"), ("action", "withdraw"), ("action", ["correct"]), ("more", 1), ("number", "x"),
        ("number", True), ("number", 0), ("number", 1.5), ("fingerprint", ["f"]), ("fingerprint", None),
        ("source", None), ("source", {}), ("row", "1"), ("row", 1.0), ("line", []), ("replaces", "1"), ("of", 1),
        ("who", 7), ("at", None), ("why", []), ("file", 3), ("cells", []), ("cells", {"a": "bc"}), ("cells", {"a": []}),
        ("cells", {"a": ["x", 1]}), ("cells", {"a": ["x", "y", "z"]}), ("cells", {"a": [["x"], "y"]}),
        ("cells", {"a": {"x": 1, "y": 2}}),
    ],
)  # fmt: skip
def test_a_line_that_was_edited_wrongly_is_a_fault_with_its_number(tmp_path: Path, name: str, value: Any) -> None:
    damaged(tmp_path, json.dumps({**WHOLE, name: value}))


def test_a_number_that_stands_twice_is_a_fault(tmp_path: Path) -> None:
    damaged(tmp_path, json.dumps({**WHOLE, "number": 1}), "two corrections have the number 1")
    path = tmp_path / "whole.jsonl"
    path.write_text(json.dumps(WHOLE), encoding="utf-8")
    assert read(path)[0].cells == {"a": (None, "b")}


def damaged(tmp_path: Path, line: str, says: str = "damaged") -> None:
    """The fault that ``line`` makes of the file."""
    path = tmp_path / "corrections.jsonl"
    append(path, [correction()])
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(Fault, match=says) as caught:
        read(path)
    assert caught.value.where is not None
    assert caught.value.where.row == 2


def test_another_encoding_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "corrections.jsonl"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(Fault, match="not UTF-8"):
        read(path)
