"""A rerun of what changed, on the whole road: the same clients as a full run by the same model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crm_etl import migration
from crm_etl.match import Scored
from crm_etl.run import CLUSTERS, Run, last_scores
from crm_etl.storage import State


def _rehearse(folder: Path, *, incremental: bool) -> dict[str, Any]:
    loaded = migration.load(folder)
    return Run(loaded, State.of(loaded), incremental=incremental).rehearse()


def _scores(folder: Path) -> Scored:
    return State.of(migration.load(folder)).read("match/scores", Scored)


def _clusters(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(State.of(migration.load(folder)).root / CLUSTERS)


@pytest.fixture(scope="module")
def rehearsed(pristine_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rehearsed") / "demo-company"
    shutil.copytree(pristine_demo, folder)
    _rehearse(folder, incremental=True)
    return folder


@pytest.fixture
def before(rehearsed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(rehearsed, tmp_path / "demo-company"))


def _deliver_again(folder: Path) -> None:
    """The shop's clients with three rows gone, and birth dates of some exchanged with those of others."""
    path = folder / "legacy" / "shop_clients.csv"
    head, *rows = path.read_bytes().splitlines(keepends=True)
    cells = [row.split(b";") for row in rows]
    for row in range(4, 44, 4):
        cells[row][5], cells[row + 1][5] = cells[row + 1][5], cells[row][5]
    path.write_bytes(head + b"".join(b";".join(row) for row in cells[3:]))


def test_the_first_run_is_a_full_one(rehearsed: Path) -> None:
    facts = _scores(rehearsed).facts
    assert facts["compared"] > 0
    assert "incremental" not in facts


def test_a_rerun_compares_what_changed_and_finds_what_a_full_run_finds(before: Path, tmp_path: Path) -> None:
    full = Path(shutil.copytree(before, tmp_path / "full"))
    (full / "model.json").write_text(json.dumps(_scores(full).model), encoding="utf-8")
    declared = (full / "migration.yaml").read_text(encoding="utf-8")
    (full / "migration.yaml").write_text(declared.replace("matching:\n", "matching:\n  model: model.json\n"), "utf-8")
    for folder in (before, full):
        _deliver_again(folder)
    ours, theirs = _rehearse(before, incremental=True), _rehearse(full, incremental=False)
    pd.testing.assert_frame_equal(_clusters(before), _clusters(full))
    assert ours["plan"]["counts"] == theirs["plan"]["counts"]
    again, anew = _scores(before), _scores(full)
    pd.testing.assert_frame_equal(again.pairs, anew.pairs, check_exact=True)
    assert 0 < again.facts["compared"] < anew.facts["compared"] / 2
    assert 0 < again.facts["incremental"]["new_or_changed"] <= 20


def test_an_unchanged_delivery_is_not_compared_at_all(before: Path) -> None:
    clusters = _clusters(before)
    _rehearse(before, incremental=True)
    assert _scores(before).facts["compared"] == 0
    pd.testing.assert_frame_equal(_clusters(before), clusters)


def test_what_another_version_left_is_not_gone_on_from(before: Path) -> None:
    state = State.of(migration.load(before))
    assert last_scores(state) is not None
    left = _scores(before)
    state.write("match/scores", Scored(left.pairs, left.patterns, left.model, left.facts | {"program": "0.0.0"}))
    assert last_scores(state) is None
    state.write("match/scores", Scored(left.pairs, left.patterns, left.model | {"version": -1}, left.facts))
    assert last_scores(state) is None
