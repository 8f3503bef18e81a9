"""Looks before a migration leaps: do the file, the sources' layouts, the suites and the target fit together?

Opens every source far enough to know its columns, but reads no rows into a frame and writes nothing. What the
rows hold is the business of the dry run.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from crm_etl import corrections
from crm_etl.extract import open_source
from crm_etl.extract.contract import check_order
from crm_etl.extract.layout import match_columns
from crm_etl.faults import Fault, Where
from crm_etl.load import registry
from crm_etl.match import decisions, model_file, rules
from crm_etl.migration import Migration, Report, Source
from crm_etl.number import agreeing, counted
from crm_etl.progress import Progress
from crm_etl.quality import load_suite
from crm_etl.reconcile import reports
from crm_etl.run import HELD, known_layout
from crm_etl.storage import State

SUITES = ("raw", "party", "related", "client", "target")


def look(migration: Migration, progress: Progress) -> dict[str, Any]:
    """``{"ok": bool, "checks": [{"what", "ok", "detail"}]}``; faults are collected, not raised."""
    looks: list[tuple[str, Callable[[], str]]] = [
        *((f"source {source.name}", partial(_layout, migration, source)) for source in migration.sources),
        *((f"suite {name}", partial(_suite, migration, name)) for name in SUITES),
        *(
            (f"report {report.name}", partial(_report, migration, report))
            for report in migration.reconciliation.reports
        ),
        ("matching", partial(_matching, migration)),
        ("decisions", partial(_decisions, migration)),
        ("corrections", partial(_corrections, migration)),
        ("target", partial(_target, migration)),
    ]
    checks: list[dict[str, Any]] = []
    with progress.task("look", len(looks)) as task:
        for what, look_at in looks:
            checks.append(_tried(what, look_at))
            task.advance()
    return {"ok": all(check["ok"] for check in checks), "checks": checks}


def _tried(what: str, look_at: Callable[[], str]) -> dict[str, Any]:
    try:
        return {"what": what, "ok": True, "detail": look_at()}
    except Fault as fault:
        return {"what": what, "ok": False, "detail": str(fault)}


def _layout(migration: Migration, source: Source) -> str:
    connector = open_source(source, migration.root)
    where = Where(connector.file, connector.sheet)
    moved = check_order(source, known_layout(State.of(migration), source, HELD), connector.columns, where)
    columns = match_columns(source, connector)
    ignored = f", {len(source.ignore)} ignored" if source.ignore else ""
    return "; ".join([f"{counted(len(columns), 'column')}{ignored}", *moved])


def _suite(migration: Migration, name: str) -> str:
    return counted(len(load_suite(name, migration.root).expectations), "expectation")


def _report(migration: Migration, report: Report) -> str:
    lines = reports.read_legacy(report, migration.root)
    return counted(len(lines), "line")


def _matching(migration: Migration) -> str:
    chosen = rules.select(migration.matching)
    model = model_file.read(migration.root, migration.matching.model)
    by = "a model of its own in each full run" if model is None else "a given model"
    return f"{counted(len(chosen), 'blocking rule')}, {by}"


def _decisions(migration: Migration) -> str:
    return counted(len(decisions.read(migration.root / migration.matching.decisions)), "decision")


def _corrections(migration: Migration) -> str:
    standing = len(corrections.standing(corrections.read(migration.root / corrections.FILE)))
    return f"{counted(standing, 'correction')} of rows {agreeing(standing, 'stands', 'stand')}"


def _target(migration: Migration) -> str:
    state = registry.read_target(migration.target.url, migration.root)
    if not state.facts["exists"]:
        return "does not exist yet: the first load makes it"
    return counted(len(state.client), "client")
