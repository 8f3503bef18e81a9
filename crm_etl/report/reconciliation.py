"""The reconciliation for the people who sign it: one page, and the same figures as CSV and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from crm_etl.reconcile import Reconciled
from crm_etl.report.charts import line_chart
from crm_etl.report.exports import records, write_csv, write_json
from crm_etl.report.page import aligned, render_template

_SAMPLES = 12  # differences shown of each field; the CSV has all
_RUNS = 60  # runs shown in the history
_DIFFERING, _EQUAL = 400, 12  # lines shown of each report; the CSV has all
RULES = {
    "only_value": "only this record states it",
    "same_everywhere": "all records agree",
    "trusted": "the more trusted source won",
    "recent": "the more recent record won",
    "frequent": "the value that most records state won",
    "longest": "the longest value won",
    "alphabet": "a tie, decided by alphabet",
    "native_script": "the name in its native script won",
    "earliest": "the earliest date won",
    "stricter": "consents disagree: the stricter one stands",
    "sum": "the sum over the client's records",
    "joined": "the texts of the client's records, joined",
    "union": "other records of the client state more values",
    "survivorship": "another record of the client won",
    "crm_edit": "changed or deleted in the CRM since the load",
    "changed_since_load": "the source changed since the last load",
}


def write(reconciled: Reconciled, folder: Path, title: str = "", history: Sequence[dict[str, Any]] = ()) -> list[Path]:
    """Lay the page (``reconciliation.html``) and its exports down in ``folder``; the page comes first.

    ``history``: key figures of the runs so far, the oldest first (:mod:`crm_etl.reconcile.history`).
    """
    page = folder / "reconciliation.html"
    page.write_text(render_template("reconciliation.html", **context(reconciled, title, history)), encoding="utf-8")
    tables = {name: getattr(reconciled, name) for name in ("ledger", "totals", "reports", "findings")}
    document = {
        "facts": reconciled.facts,
        **{name: records(frame) for name, frame in tables.items() if name != "findings"},
    }
    return [
        page,
        write_json(document, folder / "reconciliation.json"),
        *(write_csv(frame, folder / f"reconciliation-{name}.csv") for name, frame in tables.items()),
    ]


def context(reconciled: Reconciled, title: str, history: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What the page shows."""
    facts = reconciled.facts
    ledger = records(reconciled.ledger)
    names = [name for name in reconciled.ledger.columns if name != "source"]
    return {
        "title": title,
        "facts": facts,
        "verdict": _verdict(facts),
        "ledger": ledger,
        "sums": {name: sum(line[name] for line in ledger) for name in names},
        "open_rows": sum(abs(line["difference"]) for line in ledger),
        "lost": _lost(reconciled),
        "totals": records(reconciled.totals),
        "reports": _reports(reconciled),
        "fields": [line for line in facts["fields"] if line["compared"] or line["explained"] or line["unexplained"]],
        "samples": _samples(reconciled),
        "rules": RULES,
        "history": list(history)[-_RUNS:],
        "sparkline": line_chart([float(run["unexplained"]) for run in history][-_RUNS:], "unexplained differences"),
    }


def _verdict(facts: dict[str, Any]) -> dict[str, str]:
    if facts["ok"]:
        return {
            "tone": "ok",
            "word": "Both systems agree",
            "text": "Every row is accounted for, every difference explained.",
        }
    if not facts["closed"]:
        return {
            "tone": "bad",
            "word": "Rows cannot be accounted for",
            "text": "The ledger does not close. Nothing may be signed off until the rows below are found.",
        }
    return {
        "tone": "bad",
        "word": "Differences without an explanation",
        "text": "Every row is accounted for, but values differ and no rule says why: find the cause.",
    }


def _lost(reconciled: Reconciled) -> list[dict[str, Any]]:
    findings = reconciled.findings
    return records(findings[findings["area"] == "ledger"].head(_SAMPLES * 4))


def _reports(reconciled: Reconciled) -> list[dict[str, Any]]:
    found = []
    for name, lines in reconciled.reports.groupby("report", sort=False):
        differing = lines["status"] != "equal"
        shown = pd.concat([lines[differing].head(_DIFFERING), lines[~differing].head(_EQUAL)])
        found.append(
            {
                "name": str(name),
                "title": str(lines["title"].iloc[0]),
                "lines": [_even(line) for line in records(shown)],
                "count": len(lines),
                "differing": int(differing.sum()),
                "unexplained": int((lines["status"] == "unexplained").sum()),
            }
        )
    return found


def _even(line: dict[str, Any]) -> dict[str, Any]:
    names = ("legacy", "crm", "difference")
    return line | dict(zip(names, aligned([line[name] for name in names]), strict=True))


def _samples(reconciled: Reconciled) -> list[dict[str, Any]]:
    """Field differences to look at: of each field the unexplained ones, then one or two of each rule."""
    fields = reconciled.findings[reconciled.findings["area"] == "fields"]
    unexplained = fields[fields["status"] == "unexplained"].groupby("subject", sort=False).head(_SAMPLES)
    explained = fields[fields["status"] == "explained"].groupby(["subject", "rule"], sort=False).head(2)
    found: dict[str, dict[str, Any]] = {}
    for row in [*records(unexplained), *records(explained)]:
        field = found.setdefault(row["subject"], {"field": row["subject"], "rows": []})
        field["rows"].append(row)
    return sorted(found.values(), key=lambda one: (one["rows"][0]["status"] != "unexplained", one["field"]))
