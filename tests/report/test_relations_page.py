"""The page on relations between clients: counts and references there, names in the CSV."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from crm_etl.match.relations import relate
from crm_etl.report import relations
from tests.match.factories import organization, parties, person
from tests.report.test_pages import EVIL, watch


def test_the_page_counts_and_the_csv_names(tmp_path: Path) -> None:
    frame = parties(
        person("1", "Ivan", "Petrov", name=EVIL, phones=["+79161234567"]),
        person("2", "Anna", "Petrov", phones=["+79161234567"]),
        person("3", "Oleg", "Sidorov", phones=["+74952748172;ext=5"]),
        organization("9", "Vostok", phones=["+74952748172"]),
    )
    members = frame[["source", "key"]].assign(client_id="c" + frame["key"])
    found = relate(frame, members).relations
    page, table = relations.write(found, members, frame, tmp_path, "Ромашка")
    text = watch(page).text
    assert "an extension of the organization's phone" in text
    assert "c3" in text
    assert "Petrov" not in text
    rows = pd.read_csv(table, encoding="utf-8-sig").sort_values("relation")
    assert rows[["relation", "from_id", "to_id", "to_name"]].to_numpy().tolist() == [
        ["household", "c1", "c2", "Petrov Anna"],
        ["works_at", "c3", "c9", "Vostok"],
    ]


def test_no_relations_make_a_page_all_the_same(tmp_path: Path) -> None:
    frame = parties()
    members = frame[["source", "key"]].assign(client_id=frame["key"])
    page, _ = relations.write(relate(frame, members).relations, members, frame, tmp_path)
    assert "Branch of" in watch(page).text
