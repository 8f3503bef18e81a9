"""The runs that people start by name, the schedule and the sensor that start them, both off at first."""

from __future__ import annotations

import dagster as dg

from crm_etl.defs import keys
from crm_etl.faults import MigrationFault, Where
from crm_etl.migration import FILE_NAME, Migration

#: Terminals show what went wrong; everything else is in Dagster's own event log.
_CALM = {"loggers": {"console": {"config": {"log_level": "WARNING"}}}}

DELIVERIES = dg.AssetSelection.key_prefixes(["raw"], ["party"])

dry_run = dg.define_asset_job(
    "dry_run",
    selection=dg.AssetSelection.assets(keys.PLAN).upstream(),
    config=_CALM,
    description="Everything up to the plan. Writes nothing outside the state folder.",
)
full_migration = dg.define_asset_job(
    "full_migration",
    selection=dg.AssetSelection.all(),
    config=_CALM,
    description="Read, match, merge, check, plan, load in one transaction, and reconcile.",
)
reconcile = dg.define_asset_job(
    "reconcile",
    selection=DELIVERIES | dg.AssetSelection.assets(keys.REPORT),
    config=_CALM,
    description="Read the sources and the target afresh and compare them. Loads nothing.",
)


def schedule(migration: Migration) -> dg.ScheduleDefinition:
    """Reconciles as often as the migration file says (cron line, UTC), once somebody turns it on.

    Raises:
        MigrationFault: ``reconciliation.schedule`` is no cron line.
    """
    try:
        return dg.ScheduleDefinition(
            name="reconcile_schedule",
            job=reconcile,
            cron_schedule=migration.reconciliation.schedule,
            execution_timezone="UTC",
            default_status=dg.DefaultScheduleStatus.STOPPED,
            description="Reconciles regularly while old and new system run side by side.",
        )
    except dg.DagsterInvalidDefinitionError:
        raise MigrationFault(
            "reconciliation.schedule is no cron line",
            where=Where(str(migration.root / FILE_NAME)),
            remedy="write five fields: minute hour day month weekday, e.g. '0 6 * * *'",
        ) from None
