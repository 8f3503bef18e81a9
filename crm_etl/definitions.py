"""Dagster's entry: the migration named by ``CRM_ETL_MIGRATION``, else the one in this folder or just below it."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

from crm_etl.defs import build
from crm_etl.faults import StateFault
from crm_etl.migration import load
from crm_etl.storage import open_migration

VARIABLE = "CRM_ETL_MIGRATION"


def _found() -> dg.Definitions:
    named = os.environ.get(VARIABLE)
    if named:
        return build(load(Path(named)))
    try:
        folder = open_migration(None)
    except StateFault as fault:
        dg.get_dagster_logger("crm_etl").warning(
            f"nothing to show: {fault.what}. Set {VARIABLE} to the folder of a migration, or start with "
            "'crm-etl -C DIR ui'; 'crm-etl demo' makes an example."
        )
        return dg.Definitions()
    return build(load(folder))


defs = _found()
