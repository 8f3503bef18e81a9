"""Asset ``reconcile/report``: both systems compared, with the ledger and the findings."""

import dagster as dg

from crm_etl import pipeline, schema
from crm_etl.defs import checks, columns, deliveries, figures, keys
from crm_etl.defs.deliveries import Account
from crm_etl.defs.labels import Labels
from crm_etl.defs.step import Result, materialize
from crm_etl.migration import Migration
from crm_etl.pipeline import Party, Raw
from crm_etl.reconcile import Reconciled


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
        by_source, raws = deliveries.parties(given), deliveries.raws(given)
        return materialize(
            context,
            lambda progress: pipeline.reconcile(migration, raws, by_source, progress),
            _figures,
            lambda bundle: checks.reconciliation_results(bundle.ledger, bundle.findings),
        )

    return [report]


def _figures(bundle: Reconciled) -> figures.Metadata:
    return {
        **figures.counts(bundle, "findings"),
        **figures.facts(bundle.facts),
        "ledger": dg.MetadataValue.table(
            [dg.TableRecord(line) for line in bundle.ledger.astype(object).to_dict("records")],
            columns.of_table(schema.LEDGER),
        ),
    }
