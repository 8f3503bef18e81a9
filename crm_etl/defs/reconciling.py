"""Asset ``reconcile/report``: both systems compared, with the ledger and the findings."""

from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from crm_etl import pipeline, schema
from crm_etl.defs import checks, columns, deliveries, figures, keys
from crm_etl.defs.deliveries import Account
from crm_etl.defs.labels import Labels
from crm_etl.defs.step import Result, materialize
from crm_etl.migration import Migration
from crm_etl.pipeline import Party, Raw
from crm_etl.progress import Progress
from crm_etl.reconcile import Reconciled
from crm_etl.report import files
from crm_etl.run import last_members
from crm_etl.storage import State


def build(migration: Migration) -> list[dg.AssetsDefinition]:
    """The asset of the reconciliation."""
    declared = checks.reconciliation_specs(keys.REPORT)

    @dg.asset(
        key=keys.REPORT,
        dagster_type=keys.typed(Reconciled),
        ins=deliveries.inputs(migration),
        deps=[keys.BATCH],
        group_name="reconcile",
        description=(
            "Legacy sources against the CRM as both are now: ledger, control totals, fields, reports. Each "
            "difference is raw, explained by a rule, or unexplained. The columns shown are those of the findings."
        ),
        owners=Labels(migration).owners(),
        kinds={"pandas", Labels(migration).target},
        metadata={"dagster/column_schema": columns.of_table(schema.FINDINGS)},
        check_specs=declared,
    )
    def report(context: dg.AssetExecutionContext, **given: Raw | Account | Party) -> Result:
        by_source, raws, state = deliveries.parties(given), deliveries.raws(given), State.of(migration)

        def work(_: Progress) -> _Reported:
            reconciled = pipeline.reconcile(migration, raws, by_source, last_members(state))
            return _Reported(reconciled, files.write_reconciliation(migration, reconciled, state))

        return materialize(
            context,
            work,
            _figures,
            lambda done: checks.reconciliation_results(done.reconciled.ledger, done.reconciled.findings),
            value=lambda done: done.reconciled,
        )

    return [report]


@dataclass(frozen=True)
class _Reported:
    reconciled: Reconciled
    reports: dict[str, Path]


def _figures(done: _Reported) -> figures.Metadata:
    return {
        **figures.counts(done.reconciled, "findings"),
        **figures.facts(done.reconciled.facts),
        **figures.ledger(done.reconciled.ledger),
        **figures.links(done.reports),
    }
