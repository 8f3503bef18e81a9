"""Assets ``load/plan`` and ``load/batch``: what a load would do, and the load itself."""

from dataclasses import dataclass
from typing import Any

import dagster as dg
import pandas as pd

from crm_etl import pipeline, run
from crm_etl.defs import checks, deliveries, figures, keys
from crm_etl.defs.deliveries import Account
from crm_etl.defs.labels import Labels
from crm_etl.defs.step import Result, materialize
from crm_etl.faults import ChecksFailed
from crm_etl.load import registry
from crm_etl.load.apply import Batch
from crm_etl.load.plan import Plan
from crm_etl.match import Clustered
from crm_etl.match.unheeded import REFUSED, WAITING
from crm_etl.migration import Migration
from crm_etl.pipeline import Clients, Party, Raw
from crm_etl.progress import Progress
from crm_etl.run import Rehearsal, Run
from crm_etl.storage import State


def build(migration: Migration) -> list[dg.AssetsDefinition]:
    """The two assets of the load."""
    return [_plan(migration), _batch(migration)]


def _plan(migration: Migration) -> dg.AssetsDefinition:
    @dg.asset(
        key=keys.PLAN,
        dagster_type=keys.typed(Plan),
        ins={
            "clustered": dg.AssetIn(key=keys.CLUSTERS, dagster_type=keys.typed(Clustered)),
            "database": dg.AssetIn(key=keys.DATABASE, dagster_type=keys.typed(Clients)),
            **deliveries.inputs(migration),
        },
        group_name="load",
        description="What a load would do to the target: insert, update, leave, refuse. Frozen; nothing is written.",
        owners=Labels(migration).owners(),
        kinds={"pandas", Labels(migration).target},
        check_specs=checks.rehearsal_specs(keys.PLAN),
    )
    def plan(
        context: dg.AssetExecutionContext, clustered: Clustered, database: Clients, **given: Raw | Account | Party
    ) -> Result:
        by_source, raws = deliveries.parties(given), deliveries.raws(given)
        return materialize(
            context,
            lambda _: _rehearse(migration, raws, by_source, clustered, database),
            _plan_figures,
            lambda done: checks.rehearsal_results(done.rehearsal.ledger),
            value=lambda done: done.rehearsal.plan,
        )

    return plan


@dataclass(frozen=True)
class _Rehearsed:
    rehearsal: Rehearsal
    summary: dict[str, Any]


def _rehearse(
    migration: Migration, raws: dict[str, Raw], by_source: dict[str, Party], clustered: Clustered, database: Clients
) -> _Rehearsed:
    target = registry.read_target(migration.target.url, migration.root)
    answers, people = pipeline.all_checks(migration, raws, by_source, database), pipeline.parties(migration, by_source)
    frozen = pipeline.plan(migration, raws, clustered, database, answers, people, target)
    ledger, refused = pipeline.rehearsed_ledger(migration, raws, by_source, clustered, database, frozen, target)
    rehearsal = Rehearsal(raws, by_source, clustered, database, frozen, ledger, refused, people)
    return _Rehearsed(rehearsal, Run(migration, State.of(migration)).report(rehearsal))


def _plan_figures(done: _Rehearsed) -> figures.Metadata:
    frozen = done.rehearsal.plan
    return {
        "plan_id": frozen.plan_id,
        **figures.counts(frozen, "changes"),
        "actions": figures.total(frozen.facts["counts"]),
        "by_table": dg.MetadataValue.json(frozen.facts["counts"]),
        "blocked": bool(frozen.facts["blocked"]),
        **done.summary["events"],
        "clients_to_look_at": sum(done.summary["flagged"].values()),
        **{f"decisions_{state}": done.summary["decisions"][state] for state in (REFUSED, WAITING)},
        **figures.ledger(done.rehearsal.ledger),
        **figures.links(done.summary["reports"]),
    }


def _batch(migration: Migration) -> dg.AssetsDefinition:
    @dg.asset(
        key=keys.BATCH,
        dagster_type=keys.typed(Batch),
        ins={"frozen": dg.AssetIn(key=keys.PLAN, dagster_type=keys.typed(Plan))},
        group_name="load",
        description=(
            "The plan applied to the target in one transaction. Refused if critical checks failed or the target "
            "changed since the plan was made. Can be undone: crm-etl undo BATCH_ID."
        ),
        owners=Labels(migration).owners(),
        kinds={Labels(migration).target},
    )
    def batch(context: dg.AssetExecutionContext, frozen: Plan) -> Result:
        def work(progress: Progress) -> Batch:
            require_standing_checks(migration)
            return run.load(migration, frozen, progress)

        return materialize(context, work, _batch_figures)

    return batch


def _batch_figures(batch: Batch) -> figures.Metadata:
    return {
        "batch_id": "nothing to write" if batch.batch_id is None else str(batch.batch_id),
        "plan_id": batch.plan_id,
        "actions": figures.total(batch.counts),
        "by_table": dg.MetadataValue.json(batch.counts),
    }


@dataclass(frozen=True)
class _Checked:
    checks: pd.DataFrame


def require_standing_checks(migration: Migration) -> None:
    """Pass when no critical check failed in what rests in the state folder now.

    The plan carries the checks of what it was made from. But a later run that a blocking check ended leaves
    newer, failed results beside that older plan: loading it would bring deliveries that are known to be outdated.

    Raises:
        ChecksFailed: a critical check failed after the plan was made; names the assets.
    """
    state = State.of(migration)
    stages = [key(source.name) for source in migration.sources for key in (keys.raw, keys.party)]
    paths = [keys.path(key) for key in (*stages, keys.DATABASE)]
    failed = [path for path in paths if state.has(path) and _fails(state.read(path, _Checked).checks)]
    if failed:
        raise ChecksFailed(
            f"critical checks failed since the plan was made: {', '.join(failed)}",
            remedy="mend the source or its mapping, then run the job dry_run again",
        )


def _fails(checks: pd.DataFrame) -> bool:
    return bool(((checks["severity"] == "critical") & ~checks["success"].fillna(False)).any())
