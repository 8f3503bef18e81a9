"""Which report files a run leaves behind, by the name under which a person is told of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from crm_etl import schema
from crm_etl.load.plan import Plan
from crm_etl.migration import Migration
from crm_etl.reconcile import Reconciled, history, key_figures
from crm_etl.report import plan, quarantine, reconciliation
from crm_etl.storage import State


class _Refused(Protocol):
    @property
    def refused(self) -> pd.DataFrame: ...


class Rehearsal(Protocol):
    """What the pages of a dry run need of it."""

    @property
    def raws(self) -> Any: ...
    @property
    def by_source(self) -> Any: ...
    @property
    def database(self) -> Any: ...
    @property
    def plan(self) -> Plan: ...
    @property
    def ledger(self) -> pd.DataFrame: ...


def write_rehearsal(
    migration: Migration, rehearsal: Rehearsal, summary: dict[str, Any], folder: Path
) -> dict[str, Path]:
    """The pages of a dry run: ``plan`` and ``quarantine``. ``summary``: records, clients, review."""
    refused = _refused([*rehearsal.raws.values(), *rehearsal.by_source.values(), rehearsal.database])
    title = migration.title or migration.name
    planned = plan.write(
        rehearsal.plan,
        folder,
        title=title,
        ledger=rehearsal.ledger,
        records_read=summary["records"],
        clients=summary["clients"],
        review=summary["review"],
        refused=refused,
    )
    kept = quarantine.write(refused, folder, title)
    return {"plan": planned[0], "quarantine": kept[0], "quarantine rows": kept[1]}


def write_reconciliation(migration: Migration, reconciled: Reconciled, state: State) -> dict[str, Path]:
    """The pages of a reconciliation; its key figures join the history first, so that the page shows them."""
    history.append(state.history, key_figures(reconciled))
    runs = history.read(state.history)
    written = reconciliation.write(reconciled, state.reports, migration.title or migration.name, runs)
    findings = state.reports / "reconciliation-findings.csv"
    return {"reconciliation": written[0], "findings": findings}


def _refused(parts: list[_Refused]) -> pd.DataFrame:
    frames = [part.refused for part in parts if len(part.refused)]
    if not frames:
        return schema.QUARANTINE.empty()
    return schema.QUARANTINE.conform(pd.concat(frames, ignore_index=True))
