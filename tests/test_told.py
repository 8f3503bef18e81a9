"""What a dry run tells of clients that the target holds and of what people decided: nothing of it goes unsaid."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crm_etl import migration, show
from crm_etl.explanation import decide
from crm_etl.run import CLUSTERS, Run
from crm_etl.storage import State


def _run(folder: Path) -> Run:
    loaded = migration.load(folder)
    return Run(loaded, State.of(loaded))


def _references(folder: Path) -> Iterator[list[str]]:
    """The records of each client of the last run, those of several records first."""
    members = pd.read_parquet(State.of(migration.load(folder)).root / CLUSTERS)
    members = members.assign(record=members["source"] + ":" + members["key"])
    clients = [part["record"].tolist() for _, part in members.groupby("client_id")]
    return iter(sorted(clients, key=len, reverse=True))


@pytest.fixture(scope="module")
def told(pristine_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any], list[str]]:
    """A demo company that was loaded, then judged by people: one client split, two merged; its next dry run."""
    folder = tmp_path_factory.mktemp("told") / "demo-company"
    shutil.copytree(pristine_demo, folder)
    _run(folder).migrate()
    clients = [records for records in _references(folder) if len(records) <= 2]
    pair, (one,), (other,) = clients[0], clients[-1], clients[-2]
    loaded = migration.load(folder)
    decide(loaded, *pair, "different", "father and son", "eva")
    decide(loaded, one, other, "same", "same passport", "eva")
    return folder, _run(folder).rehearse(), [*pair, one, other]


def test_merges_and_splits_are_counted_and_listed(
    told: tuple[Path, dict[str, Any], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    _, summary, (left, right, one, other) = told
    assert summary["events"] == {"merge": 1, "split": 1}
    with Path(summary["reports"]["merges, splits"]).open(encoding="utf-8-sig", newline="") as file:
        merge, split = csv.DictReader(file)
    assert (merge["event"], split["event"]) == ("merge", "split")
    assert all(record in merge["reason"] for record in (one, other))
    assert all(record in split["reason"] for record in (left, right))
    assert "a person called them different" in split["reason"]
    page = Path(summary["reports"]["plan"]).read_text(encoding="utf-8")
    assert merge["other_id"] in page
    show.rehearsal(summary)
    assert "clients of the target: 1 merge, 1 split; events.csv lists them" in capsys.readouterr().out
