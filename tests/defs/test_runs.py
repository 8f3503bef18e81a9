"""Runs in this process: the dry run of the demo, and what a critical failure stops, now and later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from crm_etl.defs import build, keys
from crm_etl.extract import Layout
from crm_etl.match import Scored
from crm_etl.migration import Migration, load
from crm_etl.run import HELD, SEEN, known_layout
from crm_etl.storage import State
from tests.defs.conftest import at_least, write_suite


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as ephemeral:
        yield ephemeral


def run(migration: Migration, job: str, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    return build(migration).resolve_job_def(job).execute_in_process(instance=instance, raise_on_error=False)


def run_alone(migration: Migration, key: dg.AssetKey, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    job = build(migration).resolve_implicit_global_asset_job_def()
    return job.execute_in_process(instance=instance, asset_selection=[key], raise_on_error=False)


def materialized(result: dg.ExecuteInProcessResult) -> list[str]:
    return [event.asset_key.to_user_string() for event in result.get_asset_materialization_events() if event.asset_key]


def failures(result: dg.ExecuteInProcessResult) -> str:
    return "\n".join(
        event.event_specific_data.error_display_string for event in result.all_events if event.is_step_failure
    )


def test_dry_run_of_the_demo_answers_every_check_and_touches_no_target(
    demo: Migration, instance: dg.DagsterInstance
) -> None:
    result = run(demo, "dry_run", instance)
    assert result.success, failures(result)
    defs = build(demo)
    upstream = defs.resolve_job_def("dry_run").asset_layer.executable_asset_keys
    assert set(materialized(result)) == {key.to_user_string() for key in upstream}
    graph = defs.resolve_asset_graph()
    answered = {evaluation.asset_check_key for evaluation in result.get_asset_check_evaluations()}
    assert answered == {check for key in upstream for check in graph.get(key).check_keys}
    assert not (demo.root / "crm.sqlite").exists()
    for event in result.get_asset_materialization_events():
        metadata = event.materialization.metadata
        assert metadata["dagster/row_count"].value >= 0
        assert metadata["seconds"].value >= 0
    frames = State.of(demo).root / "frames"
    assert not list(frames.rglob("*.pickle"))


def test_metadata_and_checks_hold_no_values_of_rows(shop: Migration, instance: dg.DagsterInstance) -> None:
    result = run(shop, "dry_run", instance)
    assert result.success, failures(result)
    told = [dg.serialize_value(event.materialization) for event in result.get_asset_materialization_events()]
    told += [dg.serialize_value(evaluation) for evaluation in result.get_asset_check_evaluations()]
    for secret in ("Anna", "Smith", "example.org", "Petrov"):
        assert not [text for text in told if secret.casefold() in text.casefold()]


def test_a_rerun_can_be_asked_to_compare_what_changed_alone(shop: Migration, instance: dg.DagsterInstance) -> None:
    run(shop, "dry_run", instance)
    job = build(shop).resolve_job_def("dry_run")
    for incremental in (False, True):
        config = {"ops": {"match__scores": {"config": {"incremental": incremental}}}}
        result = job.execute_in_process(run_config=config, instance=instance, raise_on_error=False)
        assert result.success, failures(result)
        facts = State.of(shop).read("match/scores", Scored).facts
        assert ("incremental" in facts) is incremental


def test_full_migration_loads_once_and_reconciles(shop: Migration, instance: dg.DagsterInstance) -> None:
    first = run(shop, "full_migration", instance)
    assert first.success, failures(first)
    assert {"load/batch", "reconcile/report"} <= set(materialized(first))
    closed = {e.check_name: e.passed for e in first.get_asset_check_evaluations() if e.asset_key == keys.REPORT}
    assert closed == {"ledger_closes": True, "differences_explained": True}
    [links] = [
        event.materialization.metadata
        for event in first.get_asset_materialization_events()
        if event.asset_key == keys.REPORT
    ]
    assert Path(str(links["report/reconciliation"].value)).read_text(encoding="utf-8").startswith("<!")
    second = run(shop, "full_migration", instance)
    assert second.success, failures(second)
    batch = json.loads((State.of(shop).root / "frames/load/batch/values.json").read_text(encoding="utf-8"))
    assert batch["batch_id"] is None


def test_a_load_holds_later_deliveries_against_those_of_its_plan(shop: Migration, instance: dg.DagsterInstance) -> None:
    def deliver(line: str) -> None:
        with (shop.root / "shop.csv").open("a", encoding="utf-8") as file:
            file.write(line)

    def known(as_: str) -> Layout | None:
        return known_layout(State.of(shop), shop.source("shop"), as_)

    assert run(shop, "full_migration", instance).success
    deliver("4,Dora Lang,dora@example.org\n")
    assert run(shop, "dry_run", instance).success
    planned = known(SEEN)
    deliver("5,Emil Novak,emil@example.org\n")
    assert run(shop, "reconcile", instance).success
    loaded = run_alone(shop, keys.BATCH, instance)
    assert loaded.success, failures(loaded)
    assert known(HELD) == planned != known(SEEN)


def test_a_critical_failure_blocks_the_load_in_the_same_run_and_later(
    shop: Migration, instance: dg.DagsterInstance
) -> None:
    assert run(shop, "dry_run", instance).success
    write_suite(shop, "party", at_least(1000))
    blocked = run(shop, "full_migration", instance)
    assert not blocked.success
    assert "party/shop" in materialized(blocked)
    assert not {"match/pairs", "load/plan", "load/batch"} & set(materialized(blocked))
    later = run_alone(shop, keys.BATCH, instance)
    assert not later.success
    assert "critical checks failed" in failures(later)
    assert run_alone(shop, keys.PLAN, instance).success
    assert "critical checks failed" in failures(run_alone(shop, keys.BATCH, instance))
    assert not (shop.root / "crm.sqlite").exists()


def test_a_mild_failure_warns_and_goes_on(shop: Migration, instance: dg.DagsterInstance) -> None:
    write_suite(shop, "party", at_least(1000, "warn"))
    result = run(shop, "dry_run", instance)
    assert result.success, failures(result)
    [check] = [e for e in result.get_asset_check_evaluations() if e.asset_key == keys.party("shop")]
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)


def test_a_fault_fails_the_step_with_its_remedy(shop: Migration, instance: dg.DagsterInstance) -> None:
    (shop.root / "shop.csv").write_text("id,title\n1,x\n", encoding="utf-8")
    result = run(shop, "dry_run", instance)
    assert not result.success
    assert "to do:" in failures(result)


def test_reconciliation_runs_alone_against_the_loaded_target(shop: Migration, instance: dg.DagsterInstance) -> None:
    assert run(shop, "full_migration", instance).success
    with (shop.root / "shop.csv").open("a", encoding="utf-8") as file:
        file.write("4,Dora Lang,dora@example.org\n")
    result = run(shop, "reconcile", instance)
    assert result.success, failures(result)
    assert "load/batch" not in materialized(result)
    found = {e.check_name: e.passed for e in result.get_asset_check_evaluations() if e.asset_key == keys.REPORT}
    assert found["ledger_closes"] is False


def test_a_source_of_excluded_rows_only_has_nothing_to_check(shop: Migration, instance: dg.DagsterInstance) -> None:
    write_suite(shop, "raw", at_least(0))
    file = shop.root / "migration.yaml"
    text = file.read_text(encoding="utf-8")
    excluded = "    exclude: [{column: client, values: ['1', '2']}]\n    client: {source: shop"
    file.write_text(text.replace("    client: {source: shop", excluded), encoding="utf-8")
    result = run(load(shop.root), "dry_run", instance)
    assert result.success, failures(result)
    [check] = [e for e in result.get_asset_check_evaluations() if e.asset_key == keys.party("orders")]
    assert (check.passed, check.description) == (True, "no row was delivered: nothing to check")
