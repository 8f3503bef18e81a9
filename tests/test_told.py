"""What a dry run tells of clients that the target holds and of what people decided: nothing of it goes unsaid."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crm_etl import migration, show, show_matching
from crm_etl.assessment import assess
from crm_etl.explanation import decide, explain_two
from crm_etl.match import decisions
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
    """A demo company that was loaded, then judged by people, and its next dry run.

    One client is split, two are merged; one decision contradicts these, one names a record that there is not.
    """
    folder = tmp_path_factory.mktemp("told") / "demo-company"
    shutil.copytree(pristine_demo, folder)
    _run(folder).migrate()
    clients = [records for records in _references(folder) if len(records) <= 2]
    pair, (one,), (other,), (third,) = clients[0], *clients[-3:]
    loaded = migration.load(folder)
    decide(loaded, *pair, "different", "father and son", "eva")
    decide(loaded, one, other, "same", "same passport", "eva")
    decide(loaded, one, third, "different", "another passport", "eva")
    decide(loaded, third, other, "same", "looks alike", "eva")
    misspelt = {**decide(loaded, third, one, "different", "another passport", "eva"), "left_key": "nobody"}
    decisions.append(folder / loaded.matching.decisions, misspelt)
    return folder, _run(folder).rehearse(), [*pair, one, other, third]


def test_merges_and_splits_are_counted_and_listed(
    told: tuple[Path, dict[str, Any], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    _, summary, (left, right, *single) = told
    assert summary["events"] == {"merge": 1, "split": 1}
    with Path(summary["reports"]["merges, splits"]).open(encoding="utf-8-sig", newline="") as file:
        merge, split = csv.DictReader(file)
    assert (merge["event"], split["event"]) == ("merge", "split")
    assert set(merge["reason"].split(";")[0].split(" joined ")) < set(single)
    assert all(record in split["reason"] for record in (left, right))
    assert "a person called them different" in split["reason"]
    page = Path(summary["reports"]["plan"]).read_text(encoding="utf-8")
    assert merge["other_id"] in page
    show.rehearsal(summary)
    assert "clients of the target: 1 merge, 1 split; events.csv lists them" in capsys.readouterr().out


def test_decisions_that_were_not_obeyed_are_told_with_their_line_and_what_to_do(
    told: tuple[Path, dict[str, Any], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, summary, (_, _, one, other, third) = told
    found = summary["decisions"]
    assert (found["refused"], found["waiting"]) == (1, 1)
    refused, waiting = found["unheeded"]
    assert {refused["left"], refused["right"], refused["state"]} < {one, other, third, "refused"}
    assert "nobody is not in this run" in waiting["reason"]
    assert waiting["line"] == 7
    show.rehearsal(summary)
    shown = capsys.readouterr().out
    assert "decisions.csv: 1 decision not obeyed, 1 waiting for records" in shown
    assert f"line {refused['line']}: {refused['left']} and {refused['right']} same, not obeyed: it would" in shown
    assert "decide one of the pairs anew with crm-etl decide" in shown
    assert "another passport" not in shown
    loaded = migration.load(folder)
    assert summary["flagged"]["weak_link"] >= 1
    assert f"{summary['flagged']['weak_link']} weak link; flagged.csv lists them" in shown
    listed = pd.read_csv(summary["reports"]["flagged clients"], dtype="string", encoding="utf-8-sig")
    assert len(listed) >= max(summary["flagged"].values())
    assert listed["flags"].str.contains("weak_link").sum() == summary["flagged"]["weak_link"]
    evidence = explain_two(loaded, State.of(loaded), refused["left"], refused["right"])["evidence"]
    assert f"not obeyed: {refused['reason']}" in evidence
    figures = assess(loaded, State.of(loaded), None)
    assert figures["estimates"]["flagged"] == summary["flagged"]
    assert figures["estimates"]["decisions"] == {"refused": 1, "waiting": 1}
    show_matching.evaluation(figures)
    assert "1 decision of people not obeyed, 1 waiting for records: crm-etl dry-run lists them" in (
        " ".join(capsys.readouterr().out.split())
    )
