"""The whole road with the legacy SQL system and the CRM on a real database server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from crm_etl import migration
from crm_etl.demo import generate
from crm_etl.load.undo import undo
from crm_etl.run import Run
from crm_etl.storage import State
from tests.load.conftest import SERVERS, fresh_database


@pytest.fixture(params=sorted(SERVERS))
def legacy_and_target(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    for legacy in fresh_database(request.param):
        for target in fresh_database(request.param):
            yield legacy, target


@pytest.mark.system
@pytest.mark.slow
def test_from_a_server_to_a_server_and_back(
    legacy_and_target: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    legacy, target = legacy_and_target
    folder = tmp_path / "company"
    generate(folder, size=200, seed=11, database_url=legacy)
    path = folder / "migration.yaml"
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["target"]["url"] = "${CRM_ETL_TEST_TARGET}"
    path.write_text(yaml.safe_dump(document, allow_unicode=True, sort_keys=False), encoding="utf-8")
    monkeypatch.setenv("CRM_ETL_TEST_TARGET", target)
    monkeypatch.setenv("CRM_ETL_DEMO_DB", legacy)

    first = a_run(folder).migrate()
    assert first["ledger"]["closed"]
    assert first["reconciliation"] == {**first["reconciliation"], "ok": True, "closed": True, "unexplained": 0}
    assert first["batch"]["id"] == 1

    again = a_run(folder).migrate()
    assert again["batch"]["id"] is None, again["plan"]["counts"]
    assert again["clients"] == first["clients"]

    counts = undo(1, target, folder)
    assert counts["conflicts"] == 0
    third = a_run(folder).rehearse()
    assert third["plan"]["counts"] == first["plan"]["counts"]


def a_run(folder: Path) -> Run:
    loaded = migration.load(folder)
    return Run(loaded, State.of(loaded))
