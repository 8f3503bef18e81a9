"""Dagster's view of a migration: assets, checks, jobs, a schedule, a sensor, the IO manager. All of it thin.

:func:`build` makes them from a migration, whichever one; the stages themselves live in ``crm_etl.pipeline``
and below, which know nothing of Dagster. No function here may carry Dagster's ``@definitions`` decorator: such
a file hides everything else from the loader.
"""

from __future__ import annotations

import dagster as dg

from crm_etl import pipeline
from crm_etl.defs import clients, deliveries, deliveries_sensor, jobs, linkage, loading, reconciling
from crm_etl.defs.resources import ParquetIO
from crm_etl.migration import Migration
from crm_etl.storage import State


def build(migration: Migration) -> dg.Definitions:
    """Everything that Dagster shows and runs for ``migration``.

    Steps of a run share one process: a process for each would import everything again and again.

    Raises:
        MigrationFault: the schedule's cron line makes no sense.
    """
    rooms = (deliveries, linkage, clients, loading, reconciling)
    return dg.Definitions(
        assets=[asset for room in rooms for asset in room.build(migration)],
        jobs=[jobs.dry_run, jobs.full_migration, jobs.reconcile],
        schedules=[jobs.schedule(migration)],
        sensors=[deliveries_sensor.sensor(migration)],
        resources={"io_manager": ParquetIO(root=str(State.of(migration).root), made_of=pipeline.made_of(migration))},
        executor=dg.in_process_executor,
    )
