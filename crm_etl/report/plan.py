"""The dry run for the people who decide whether to load: what would happen, and what forbids it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from crm_etl.load.plan import ACTIONS, Plan
from crm_etl.report.charts import bar_chart
from crm_etl.report.exports import records, write_csv, write_json
from crm_etl.report.page import render_template
from crm_etl.report.quarantine import by_reason

_SAMPLES = 6  # changes shown of each table and action
#: Merges and splits shown on the page; all of them stand in the CSV.
_EVENTS = 100
_TONES = {
    "refuse": "bad",
    "conflict": "warn",
    "retire": "warn",
    "remove": "warn",
    "kept_deleted": "warn",
    "vanished": "warn",
}
MEANINGS = {
    "insert": "new rows",
    "update": "rows that change",
    "leave": "rows that stay as they are",
    "refuse": "rows that the target cannot take",
    "conflict": "changed on both sides: the CRM's value stays, a person decides",
    "retire": "clients that become part of another one",
    "remove": "rows that leave a client with the record that is another client's now",
    "kept_deleted": "deleted in the CRM by people: not brought back",
    "vanished": "no longer delivered: kept as they are",
}


def write(
    plan: Plan,
    folder: Path,
    *,
    title: str,
    ledger: pd.DataFrame,
    records_read: int,
    clients: int,
    review: int,
    refused: pd.DataFrame,
    figures: Sequence[tuple[str, float]] = (),
) -> list[Path]:
    """Lay the page (``plan.html``), its figures (``plan.json``), all changes (``plan-changes.csv``) and the merges and
    splits of clients (``events.csv``) down.

    Args:
        ledger: schema.LEDGER as it would be after the load.
        records_read: accepted client records; ``clients``: what they became; ``review``: pairs a person decides.
        refused: schema.QUARANTINE of all stages.
        figures: quality of the matching where a truth is known, (name, share).
    """
    counts: dict[str, dict[str, int]] = plan.facts["counts"]
    actions = [action for action in ACTIONS if any(table.get(action) for table in counts.values())]
    sums = {action: sum(table.get(action, 0) for table in counts.values()) for action in ACTIONS}
    lines = records(ledger)
    page = folder / "plan.html"
    page.write_text(
        render_template(
            "plan.html",
            title=title,
            facts=plan.facts,
            counts=counts,
            actions=actions,
            sums=sums,
            meanings=MEANINGS,
            tones=_TONES,
            ledger=lines,
            ledger_sums={name: sum(line[name] for line in lines) for name in ledger.columns if name != "source"},
            open_rows=sum(abs(line["difference"]) for line in lines),
            closed=all(line["difference"] == 0 for line in lines),
            records=records_read,
            clients=clients,
            review=review,
            refused=len(refused),
            reasons=by_reason(refused)[:15],
            checks=_checks(plan.checks),
            passed=int(plan.checks["success"].fillna(False).sum()),
            samples=_samples(plan.changes),
            figures=figures,
            events=records(plan.events.head(_EVENTS)),
            events_total=len(plan.events),
            chart=bar_chart([(action, float(sums[action]), _TONES.get(action, "")) for action in actions], "actions"),
        ),
        encoding="utf-8",
    )
    document = {
        "facts": plan.facts,
        "ledger": lines,
        "records": records_read,
        "clients": clients,
        "review": review,
        "events": records(plan.events),
    }
    return [
        page,
        write_json(document, folder / "plan.json"),
        write_csv(plan.changes, folder / "plan-changes.csv"),
        write_csv(plan.events, folder / "events.csv"),
    ]


def _checks(checks: pd.DataFrame) -> list[dict[str, Any]]:
    """Checks that did not hold, the critical ones first."""
    failed = checks[~checks["success"].fillna(False).astype(bool)]
    order = {"critical": 0, "row": 1, "warn": 2}
    return sorted(records(failed), key=lambda one: (order.get(one["severity"], 3), one["table"], one["check"]))


def _samples(changes: pd.DataFrame) -> list[dict[str, Any]]:
    """Changes of rows that stand already, and refusals, by reference and field; values stay in the CSV."""
    touched = changes[changes["action"] != "insert"]
    rows = records(touched.groupby(["table", "action"], sort=False).head(_SAMPLES))
    return [{**row, "fields": ", ".join(json.loads(row["fields"])) if row["fields"] else ""} for row in rows]
