"""What Dagster has loaded: a snapshot of keys, dependencies, checks, jobs, schedules and sensors."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from crm_etl.defs import build
from crm_etl.faults import MigrationFault
from crm_etl.migration import Migration, load

SNAPSHOT = Path(__file__).parent / "demo_definitions.json"


def shape(defs: dg.Definitions) -> dict[str, Any]:
    graph = defs.resolve_asset_graph()
    assets: dict[str, Any] = {}
    for key in sorted(graph.materializable_asset_keys):
        node = graph.get(key)
        checks = [graph.get(check_key) for check_key in node.check_keys]
        assets[key.to_user_string()] = {
            "group": node.group_name,
            "kinds": sorted(tag.removeprefix("dagster/kind/") for tag in node.tags if tag.startswith("dagster/kind/")),
            "owners": list(node.owners),
            "deps": sorted(parent.to_user_string() for parent in node.parent_keys),
            "checks": {check.key.name: "blocks" if check.blocking else "tells" for check in checks},
        }
    jobs = {
        job.name: sorted(key.to_user_string() for key in job.asset_layer.executable_asset_keys)
        for job in defs.resolve_all_job_defs()
        if not job.name.startswith("__")
    }
    schedules = {
        schedule.name: [schedule.job_name, schedule.cron_schedule, schedule.default_status.value]
        for schedule in defs.get_repository_def().schedule_defs
    }
    sensors = {
        sensor.name: [sensor.job_name, sensor.default_status.value] for sensor in defs.get_repository_def().sensor_defs
    }
    return {"assets": assets, "jobs": jobs, "schedules": schedules, "sensors": sensors}


def test_the_demo_loads_as_the_snapshot_says(demo: Migration) -> None:
    """After a wanted change write it anew: CRM_ETL_SNAPSHOT=write pytest tests/defs/test_build.py."""
    found = shape(build(demo))
    if os.environ.get("CRM_ETL_SNAPSHOT") == "write":
        SNAPSHOT.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert found == json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def test_everything_loads_and_runs_in_one_process(shop: Migration) -> None:
    defs = build(shop)
    dg.Definitions.validate_loadable(defs)
    assert defs.executor is dg.in_process_executor


def test_every_asset_says_what_it_is_and_names_no_pickle(shop: Migration) -> None:
    graph = build(shop).resolve_asset_graph()
    assert all(graph.get(key).description for key in graph.materializable_asset_keys)
    columns = graph.get(dg.AssetKey(["party", "shop"])).metadata["dagster/column_schema"].columns
    assert {column.name for column in columns if "personal" in column.tags} >= {"name", "phones", "birth_date"}
    assert all(column.description for column in columns)


def test_reserved_words_of_dagster_may_name_sources(shop: Migration) -> None:
    text = (shop.root / "migration.yaml").read_text(encoding="utf-8")
    (shop.root / "migration.yaml").write_text(
        text.replace("shop\n", "config\n").replace("source: shop", "source: config")
    )
    dg.Definitions.validate_loadable(build(load(shop.root)))


def test_a_cron_line_that_is_none_is_a_fault(shop: Migration) -> None:
    with (shop.root / "migration.yaml").open("a", encoding="utf-8") as file:
        file.write("reconciliation: {schedule: at dawn}\n")
    with pytest.raises(MigrationFault, match="cron"):
        build(load(shop.root))


def _load(cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Load Dagster's entry module as its code server does: in a fresh process."""
    code = "from crm_etl.definitions import defs; print(len(list(defs.assets or [])))"
    drop = {"PYTHONDONTWRITEBYTECODE", "CRM_ETL_MIGRATION"}
    env = {name: value for name, value in os.environ.items() if name not in drop} | environ
    return subprocess.run([sys.executable, "-c", code], cwd=cwd, env=env, capture_output=True, text=True, timeout=60)


def test_entry_without_any_migration_is_empty_and_says_what_to_do(tmp_path: Path) -> None:
    done = _load(tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "0"
    assert "CRM_ETL_MIGRATION" in done.stderr


def test_entry_finds_the_migration_here_or_the_one_named(shop: Migration, tmp_path_factory: Any) -> None:
    assert _load(shop.root).stdout.strip() == "12"
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    named = _load(elsewhere, CRM_ETL_MIGRATION=str(shop.root))
    assert named.stdout.strip() == "12", named.stderr


def test_entry_raises_the_fault_of_a_named_migration_that_is_broken(tmp_path: Path) -> None:
    done = _load(tmp_path, CRM_ETL_MIGRATION=str(tmp_path / "nowhere"))
    assert done.returncode != 0
    assert "MigrationFault" in done.stderr
    assert "no migration.yaml" in done.stderr


@pytest.fixture(autouse=True)
def _calm() -> None:
    logging.getLogger("dagster").setLevel(logging.ERROR)
