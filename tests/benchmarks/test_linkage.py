"""The benchmark of linkage: its measures are right, its records repeat, every contestant is run and measured."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import process
from benchmarks.linkage import febrl, latin, people, quality, report, sets, slips
from benchmarks.linkage.__main__ import main
from benchmarks.linkage.outcome import Outcome, Stages, read
from crm_etl import migration, schema
from crm_etl.demo.dice import Dice
from crm_etl.faults import Fault
from crm_etl.match.evaluate import evaluate

PEERS = [name for name, module in (("splink", "splink"), ("recordlinkage", "recordlinkage")) if find_spec(module)]


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


# -------------------------------------------------------------------------------------------------------- quality
def known(entities: list[str | None]) -> pd.DataFrame:
    keys = [str(number) for number in range(len(entities))]
    return pd.DataFrame({"source": "a", "key": keys, "entity": entities}, dtype="string")


def outcome(pairs: list[tuple[int, int, float]], clusters: list[int]) -> Outcome:
    frame = pd.DataFrame(pairs, columns=["left", "right", "weight"])
    frame["probability"] = 1 / (1 + np.exp2(-frame["weight"]))
    # The order of the members must not matter.
    members = pd.DataFrame({"row": range(len(clusters)), "cluster": clusters}).iloc[::-1]
    return Outcome(members, frame, {"threshold": 0.95})


def test_measures_of_a_known_outcome() -> None:
    # x has three records, y two, z one; the last record stands in no truth.
    truth = known(["x", "x", "x", "y", "y", "z", None])
    pairs = [(0, 1, 10.0), (1, 2, 3.0), (3, 4, 8.0), (4, 5, 9.0), (5, 6, 12.0)]
    found = quality.measure(outcome(pairs, [1, 1, 2, 3, 3, 3, 4]), truth)
    assert found["pairs"] == {**quality.scores(2, 3, 4), "right": 2, "found": 3, "true": 4}
    assert found["pairs"]["f1"] == pytest.approx(4 / 7)
    assert (found["best"]["right"], found["best"]["found"], found["best"]["weight"]) == (3, 4, 3.0)
    assert found["pairwise"]["f1"] == pytest.approx(2 * 2 / (4 + 4))
    assert found["cluster"]["f1"] == 0.0
    assert found["b_cubed"]["recall"] == pytest.approx((2 * 2 / 3 + 1 / 3 + 2 + 1) / 6)
    # Of all pairs: {0, 1, 2}, which is x, and {3, 4, 5}; with fewer pairs at most z is right, among more clusters.
    assert found["components"] == {"f1": pytest.approx(2 * 1 / (2 + 3)), "weight": -4}


def test_pairs_of_equal_weight_are_never_told_apart() -> None:
    found = quality.best(np.array([2.0, 2.0, 1.0]), np.array([True, False, False]), true=1)
    assert (found["right"], found["found"], found["weight"]) == (1, 2, 2.0)
    assert quality.best(np.zeros(0), np.zeros(0, dtype=bool), true=0)["f1"] == 1.0


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30))
def test_exact_clusters_are_counted_as_the_product_does(rows: list[tuple[int, int]]) -> None:
    clusters, entities = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    truth = known([str(entity) for entity in entities])
    members = truth[["source", "key"]].assign(client_id=clusters.astype(str))
    assert quality.exact(clusters, entities) == pytest.approx(evaluate(members, truth)["cluster"]["f1"])


def test_ratios_say_what_a_peer_needs_more() -> None:
    def findings(wall: float, memory: int, f1: float) -> dict[str, Any]:
        measures = {"pairs": {"right": 10 * wall, "f1": f1}, "cluster": {"f1": f1}}
        return {"usage": {"wall": wall, "cpu": wall, "memory": memory}, "quality": measures}

    found = report.ratios(findings(2.0, 100, 0.9), findings(12.0, 50, 0.8))
    assert found["time"] == found["cpu"] == found["true_pairs"] == 6.0
    assert found["memory"] == 0.5
    assert found["pair_f1"] == found["cluster_f1"] == pytest.approx(-0.1)


def test_outcomes_are_read_as_they_were_left(tmp_path: Path) -> None:
    left = outcome([(0, 1, 3.0)], [0, 0])
    left.members.to_parquet(tmp_path / "members.parquet")
    left.pairs.to_parquet(tmp_path / "pairs.parquet")
    stages = Stages()
    stages.done("load")
    stages.write(tmp_path, pairs=1, threshold=0.95)
    found = read(tmp_path)
    pd.testing.assert_frame_equal(found.pairs, left.pairs)
    assert found.facts["threshold"] == 0.95
    assert list(found.facts["stages"]) == ["load"]


# ------------------------------------------------------------------------------------------------------------ sets
def test_made_records_repeat_and_are_party_rows(tmp_path: Path) -> None:
    for name, processes in (("one", 1), ("two", 2)):
        latin.write(1000, tmp_path / f"{name}.parquet", tmp_path / f"{name}.csv", processes, block=400)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    frame = pd.read_parquet(tmp_path / "one.parquet")
    assert list(frame.columns) == schema.PARTY.names
    assert (frame["name_keys"].map(len) > 0).mean() > 0.99
    truth = pd.read_csv(tmp_path / "one.csv", dtype=str)
    assert not frame.duplicated(["source", "key"]).any()
    assert len(frame.merge(truth, on=["source", "key"])) == len(frame) == 1000
    assert 1.5 < len(truth) / truth["entity"].nunique() < 1.7


def test_surnames_have_a_long_tail() -> None:
    found = pd.Series([person.family for person in people.people("tail", 5000)]).value_counts()
    assert len(found) > 1500
    assert found.iloc[0] > 5 * found.median()


@given(st.integers(), st.text("abcdefghijklmnopqrstuvwxyzäöüéłABCJ", min_size=2, max_size=12))
def test_a_slip_is_small(seed: int, word: str) -> None:
    slipped = slips.slip(Dice(seed), word)
    assert slipped
    assert abs(len(slipped) - len(word)) <= 2


def test_people_of_a_household_share_what_families_share() -> None:
    together = [home for home in (people.household(Dice(seed)) for seed in range(300)) if len(home) > 1]
    assert together
    assert all(len({person.place for person in home}) == 1 for home in together)
    shared = [len({person.family for person in home}) < len(home) for home in together]
    assert sum(shared) > len(shared) / 2


def test_unknown_sets_are_refused() -> None:
    with pytest.raises(Fault, match="no set 'greek'"):
        sets.prepare("greek", 100)


def test_the_demo_set_is_what_a_run_would_link(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_ETL_BENCH_DIR", str(cache))
    made = sets.prepare("demo", 150)
    truth = quality.truth(made.parties, made.truth)
    assert len(truth) > 100
    assert truth["entity"].notna().mean() > 0.9
    stamp = made.parties.stat().st_mtime_ns
    assert sets.prepare("demo", 150).parties.stat().st_mtime_ns == stamp


@pytest.mark.parametrize("number", febrl.SETS)
def test_febrl_is_a_migration_that_only_maps_columns(number: int, tmp_path: Path) -> None:
    febrl.write(number, tmp_path)
    declared = migration.load(tmp_path)
    assert declared.matching == migration.Matching()  # type: ignore[call-arg]
    truth = pd.read_csv(tmp_path / "truth.csv", dtype=str)
    assert len(declared.client_sources) == truth["source"].nunique() == (2 if number == 4 else 1)
    assert len(truth) == {1: 1000, 2: 5000, 3: 5000, 4: 10_000}[number]
    assert truth["entity"].nunique() == {1: 500, 2: 4000, 3: 2000, 4: 5000}[number]


# ------------------------------------------------------------------------------------------------------- processes
def test_a_process_is_measured_with_what_it_starts(tmp_path: Path) -> None:
    hold = "b = bytearray(80_000_000); import time; time.sleep(0.4)"
    start = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}]); {hold}; print('done')"
    used = process.run([sys.executable, "-c", start], tmp_path / "log.txt")
    assert used.wall > 0.7
    assert used.memory > 80_000_000
    assert (tmp_path / "log.txt").read_text().strip() == "done"


def test_memory_of_who_starts_a_process_is_not_counted(tmp_path: Path) -> None:
    mine = bytearray(300_000_000)
    used = process.run([sys.executable, "-c", "import time; time.sleep(0.4)"], tmp_path / "log.txt")
    assert len(mine) > 3 * used.memory > 3_000_000


def test_a_contestant_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="ended with 3 and said at last: no more room"):
        process.run(
            [sys.executable, "-c", "import sys; print('no more room', file=sys.stderr); sys.exit(3)"],
            tmp_path / "log.txt",
        )


@pytest.mark.slow
def test_the_command_runs_everybody_and_measures_them(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_ETL_BENCH_DIR", str(cache))
    options = ("--set", "latin", "--size", "2000", "--random-pairs", "20000", "--peers", ",".join(PEERS))
    ran = call(*options, "--json", cache / "found.json")
    assert ran.exit_code == 0, ran.output
    found = json.loads((cache / "found.json").read_text("utf-8"))
    (contest,) = found["results"]
    assert (contest["set"], contest["records"]) == ("latin", 2000)
    assert [one["name"] for one in contest["contestants"]] == ["crm-etl", *PEERS]
    for one in contest["contestants"]:
        assert one["usage"]["wall"] > 0.1
        assert one["usage"]["memory"] > 20_000_000
        assert one["pairs"] >= one["quality"]["pairs"]["right"] > 0
        assert one["quality"]["pairs"]["true"] == contest["true"]
        assert 0.3 < one["quality"]["pairs"]["f1"] <= one["quality"]["best"]["f1"] <= 1
        assert 0.3 < one["quality"]["cluster"]["f1"] <= 1
    assert set(contest["ratios"]) == set(PEERS)
    for text in ("latin: 2,000 records", "cluster F1", "times our wall time"):
        assert text in ran.output


def test_unknown_peers_are_refused() -> None:
    ran = call("--peers", "dedupe")
    assert ran.exit_code != 0
    assert "no such peers: dedupe" in ran.output
