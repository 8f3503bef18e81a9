"""Which rows a correction meets, and where corrected rows stand: the rows of a source, corrected by hand-made lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crm_etl import corrections, migration
from crm_etl.corrections import CORRECT, EXCLUDE, Correction
from crm_etl.extract import Extracted, extract
from tests.intake.migrations import a_folder, a_source


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return a_folder(tmp_path / "m", a_source("people", {"name": "n"}, ignore=["m"], path="people*.csv"))


def read(folder: Path) -> Extracted:
    found = extract(migration.load(folder).source("people"), folder)
    assert found.facts["read"] == len(found.rows) + len(found.refused) + len(found.excluded)
    return found


def deliver(folder: Path, text: str, name: str = "people.csv") -> None:
    (folder / name).write_text(text, encoding="utf-8")


def judge(folder: Path, row: pd.Series[Any], cells: dict[str, Any], action: str = CORRECT) -> None:
    told: dict[str, Any] = {name: row[name] for name in ("source", "fingerprint", "file", "row", "line")}
    told |= {name: int(told[name]) for name in ("row", "line")}
    corrections.append(
        folder / corrections.FILE, [Correction("2026-01-05T10:00:00", "eva", action, cells=cells, **told)]
    )


def test_a_row_of_other_cells_takes_no_correction_though_its_fingerprint_is_the_same(folder: Path) -> None:
    deliver(folder, "id,m,n\n1,x\x1fIvan,\n2,q,w\n")
    refused = read(folder).refused.iloc[0]
    judge(folder, refused, {"m": ("x\x1fIvan", "x"), "n": (None, "Ivan")})
    assert read(folder).rows["raw:n"].tolist() == ["Ivan", "w"]
    deliver(folder, "id,m,n\n1,x,Ivan\x1f\n2,q,w\n")
    other = read(folder)
    assert other.rows["key"].tolist() == ["2"]
    assert (other.facts["corrected"], other.facts["stale_corrections"]) == (0, 1)
    assert other.refused["reason"].tolist() == ["control_character"]


def test_a_row_of_other_cells_is_not_left_out_though_joined_they_look_alike(folder: Path) -> None:
    deliver(folder, "id,m,n\n1,x\x1fIvan,\n")
    judge(folder, read(folder).refused.iloc[0], {}, EXCLUDE)
    assert read(folder).facts["excluded"] == {"excluded_by_person": 1}
    deliver(folder, "id,m,n\n1,x,Ivan\x1f\n")
    other = read(folder)
    assert other.refused["reason"].tolist() == ["control_character"]
    assert (other.facts["excluded"], other.facts["stale_corrections"]) == ({}, 1)


def test_a_correction_under_a_column_that_is_not_there_fits_no_row(folder: Path) -> None:
    deliver(folder, "id,m,n\n,x,Ivan\n,a,b,c\n")
    for _, row in read(folder).refused.iterrows():
        judge(folder, row, {"id": (None, "7"), "gone": (None, "x")})
    found = read(folder)
    assert (found.facts["corrected"], found.facts["stale_corrections"], len(found.refused)) == (0, 2, 2)


def test_corrected_rows_keep_their_place_among_the_files(folder: Path) -> None:
    deliver(folder, "id,m,n\n1,x\n2,y\n", "people-1.csv")
    deliver(folder, "id,m,n\n3,,Third\n", "people-2.csv")
    for _, row in read(folder).refused.iterrows():
        judge(folder, row, {"n": (None, "Known")})
    found = read(folder)
    assert found.rows["key"].tolist() == ["1", "2", "3"]
    assert found.rows["row"].tolist() == [1, 2, 3]


def test_copies_that_the_first_stands_for_are_left_out_with_it(folder: Path) -> None:
    deliver(folder, "id,m,n\n1,,Anna\n1,,Anna\n2,,Olga\n")
    judge(folder, read(folder).rows.iloc[0], {}, EXCLUDE)
    found = read(folder)
    assert found.rows["key"].tolist() == ["2"]
    assert found.facts["excluded"] == {"excluded_by_person": 2}
