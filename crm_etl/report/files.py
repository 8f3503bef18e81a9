"""Which report files a run leaves behind, by the name under which a person is told of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from crm_etl.faults import RefusedRow
from crm_etl.load.plan import Plan
from crm_etl.match import Scored, diagnostics
from crm_etl.match.evidence import odds
from crm_etl.match.members import to_look_at
from crm_etl.migration import Migration
from crm_etl.reconcile import Reconciled, history, key_figures
from crm_etl.report import (
    doubtful,
    flagged,
    model,
    originals,
    plan,
    profile,
    quarantine,
    reconciliation,
    relations,
    repairs,
)
from crm_etl.report.exports import write_csv, write_json
from crm_etl.report.quarantine_table import Layout
from crm_etl.storage import State


class Delivered(Protocol):
    """What the quarantine needs of a source as it was delivered."""

    @property
    def facts(self) -> dict[str, Any]: ...


_REFUSED = "refused-by-target.csv"
_UNHEEDED = "unheeded.csv"


class Rehearsal(Protocol):
    """What the pages of a dry run need of it."""

    @property
    def raws(self) -> Mapping[str, Delivered]: ...
    @property
    def plan(self) -> Plan: ...
    @property
    def ledger(self) -> pd.DataFrame: ...
    @property
    def refused(self) -> pd.DataFrame: ...
    @property
    def matches(self) -> pd.DataFrame: ...
    @property
    def members(self) -> pd.DataFrame: ...
    @property
    def unheeded(self) -> pd.DataFrame: ...
    @property
    def parties(self) -> pd.DataFrame: ...


def write_rehearsal(
    migration: Migration, rehearsal: Rehearsal, weak: pd.DataFrame, summary: dict[str, Any], state: State
) -> dict[str, Path]:
    """The pages of a dry run, the rows to correct, the pairs to decide, the clients to look at, and what people decided
    in vain.

    ``weak``: the :func:`weak_places`. ``summary``: records, clients, review, evaluation. ``state`` holds the sources as
    they were delivered.
    """
    folder = state.reports
    refused = originals.complete(rehearsal.refused, state)
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
        figures=_figures(summary["evaluation"]),
    )
    layouts = {name: Layout.of(migration.source(name), raw.facts) for name, raw in rehearsal.raws.items()}
    page, rows, book = quarantine.write(refused, folder, title, layouts)
    return {
        "plan": planned[0],
        "merges, splits": planned[3],
        "quarantine": page,
        "quarantine rows": rows,
        "quarantine book": book,
        "pairs to decide": doubtful.write(rehearsal.matches, rehearsal.parties, folder),
        "flagged clients": flagged.write(weak, rehearsal.members, folder),
        "decisions not obeyed": write_csv(rehearsal.unheeded, folder / _UNHEEDED),
        "repairs": repairs.write_repairs(rehearsal.parties, folder),
        "unmapped values": repairs.write_unmapped(migration, refused, folder),
    }


def weak_places(migration: Migration, members: pd.DataFrame) -> pd.DataFrame:
    """The clients among ``members`` that a person should look at; a link under the threshold is a weak one."""
    return to_look_at(members, odds(migration.matching.threshold))


def write_refused(rows: Sequence[RefusedRow], folder: Path) -> Path:
    """The rows that the target's own constraints refused, by reference."""
    frame = pd.DataFrame([asdict(row) for row in rows], columns=[field.name for field in fields(RefusedRow)])
    return write_csv(frame, folder / _REFUSED)


def remove_refused(folder: Path) -> None:
    """The list of an earlier load, once one has succeeded."""
    (folder / _REFUSED).unlink(missing_ok=True)


def write_model(migration: Migration, scored: Scored, folder: Path) -> dict[str, Path]:
    """The page on the linkage model behind ``scored``, its figures as JSON, and the model itself."""
    figures = diagnostics.diagnose(scored, migration.matching)
    written = model.write(figures, folder, migration.title or migration.name, scored.model)
    return {"model": written[0], "model figures": written[1], "model file": written[2]}


def write_relations(
    migration: Migration, related: pd.DataFrame, members: pd.DataFrame, parties: pd.DataFrame, folder: Path
) -> dict[str, Path]:
    """The page on relations between clients (schema.RELATIONS), and all of them as CSV."""
    written = relations.write(related, members, parties, folder, migration.title or migration.name)
    return {"relations": written[0], "relations rows": written[1]}


def _figures(evaluation: dict[str, Any] | None) -> list[tuple[str, float]]:
    if evaluation is None:
        return []
    return [(f"{name} of pairs", float(evaluation["pairwise"][name])) for name in ("precision", "recall", "f1")]


def write_reconciliation(migration: Migration, reconciled: Reconciled, state: State) -> dict[str, Path]:
    """The pages of a reconciliation; its key figures join the history first, so that the page shows them."""
    history.append(state.history, key_figures(reconciled))
    runs = history.read(state.history)
    written = reconciliation.write(reconciled, state.reports, migration.title or migration.name, runs)
    findings = state.reports / "reconciliation-findings.csv"
    return {"reconciliation": written[0], "findings": findings}


def write_profile(
    found: dict[str, Any], folder: Path, samples: dict[str, dict[str, list[str]]] | None = None
) -> dict[str, Path]:
    """The inventory of the sources as a page (with ``samples`` of values if given) and, without them, as JSON."""
    page = folder / "profile.html"
    page.write_text(profile.render(found, samples), encoding="utf-8")
    return {"profile": page, "profile figures": write_json(found, folder / "profile.json")}
