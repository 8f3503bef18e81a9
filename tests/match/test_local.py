"""The local engine: the same outcome however the work is cut, and light to start."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from crm_etl import schema
from crm_etl.faults import Fault
from crm_etl.match import draws
from crm_etl.match.engines import local
from crm_etl.match.engines.local import Linked
from crm_etl.match.scoring import Settings
from crm_etl.storage import write_frame
from tests.match.factories import MATCHING, crowd, organization, parties


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    firms = parties(
        *(organization(f"o{n}", f"Firm {n // 2}", source="shop", phones=[f"+7495123{n // 2:04d}"]) for n in range(60))
    )
    return pd.concat([crowd(250)[0], firms], ignore_index=True)


def _link(people: pd.DataFrame, settings: Settings) -> Linked:
    return local.run(people, MATCHING, None, schema.CROSSWALK.empty(), settings=settings)


@pytest.fixture(scope="module")
def linked(people: pd.DataFrame) -> Linked:
    return _link(people, Settings(threads=1))


@pytest.mark.parametrize(
    "settings", [Settings(chunk=1, threads=2), Settings(chunk=77, threads=1), Settings(chunk=1000, threads=3)], ids=str
)
def test_neither_chunks_nor_threads_show_in_the_outcome(
    people: pd.DataFrame, linked: Linked, settings: Settings
) -> None:
    _same(_link(people, settings), linked)


def test_the_order_of_the_records_does_not_show_in_the_outcome(people: pd.DataFrame, linked: Linked) -> None:
    shuffled = people.sample(frac=1.0, random_state=3).reset_index(drop=True)
    _same(_link(shuffled, Settings()), linked)


def _same(one: Linked, other: Linked) -> None:
    pd.testing.assert_frame_equal(one.scored.pairs, other.scored.pairs, check_exact=True)
    pd.testing.assert_frame_equal(one.scored.patterns, other.scored.patterns, check_exact=True)
    assert json.dumps(one.scored.model) == json.dumps(other.scored.model)
    assert one.scored.facts == other.scored.facts
    by_record = [linked.clustered.members.sort_values(["source", "key"], ignore_index=True) for linked in (one, other)]
    pd.testing.assert_frame_equal(*by_record, check_exact=True)
    pd.testing.assert_frame_equal(one.clustered.matches, other.clustered.matches, check_exact=True)


def test_a_file_of_parties_is_linked_without_a_migration(people: pd.DataFrame, linked: Linked, tmp_path: Path) -> None:
    write_frame(people, tmp_path / "parties.parquet")
    done = subprocess.run(
        [sys.executable, "-m", "crm_etl.match.engines.local", "parties.parquet", "clusters.parquet"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert [line["stage"] for line in told["stages"]] == ["load", "score", "cluster", "write"]
    clusters = pd.read_parquet(tmp_path / "clusters.parquet").sort_values(["source", "key"], ignore_index=True)
    expected = linked.clustered.members.sort_values(["source", "key"], ignore_index=True)
    assert clusters["client_id"].tolist() == expected["client_id"].tolist()


def test_pairs_that_cannot_be_written_cost_no_clusters(people: pd.DataFrame, linked: Linked, tmp_path: Path) -> None:
    write_frame(people, tmp_path / "parties.parquet")
    names = [str(tmp_path / name) for name in ("parties.parquet", "clusters.parquet")]
    with pytest.raises(OSError, match="nowhere"):
        local.main([*names, "--pairs", str(tmp_path / "nowhere" / "pairs.parquet")])
    assert len(pd.read_parquet(names[1])) == len(people)
    local.main([*names, "--pairs", str(tmp_path / "pairs.parquet")])
    pairs = pd.read_parquet(tmp_path / "pairs.parquet")
    assert pairs["left"].tolist() == linked.scored.pairs["left"].tolist()


def test_what_goes_wrong_beside_other_work_is_told(people: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise Fault("nothing to draw from", remedy="none")

    monkeypatch.setattr(draws, "random_pairs", fail)
    with pytest.raises(Fault, match="nothing to draw from"):
        _link(people, Settings())


def test_linking_loads_no_heavy_library() -> None:
    loaded = "import sys; import crm_etl.match.engines.local; print(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()
    assert not {"recordlinkage", "sklearn", "great_expectations", "dagster", "duckdb", "sqlalchemy"} & set(names)
