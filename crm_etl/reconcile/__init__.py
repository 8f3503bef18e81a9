"""Reconciliation: do both systems say the same, and if not, why? Run as often as wanted, changing nothing.

Four questions, each in its module: is every row accounted for (``ledger``), do the sums agree (``totals``), do
the values agree (``compare``), do the reports agree (``reports``). The two sides (``sides``) are plain frames:
the sources as delivered now, the CRM as read back now. Pages and exports are :mod:`crm_etl.report`'s work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from crm_etl import schema
from crm_etl.migration import Reconciliation
from crm_etl.progress import NullProgress, Progress
from crm_etl.reconcile.account import Account
from crm_etl.reconcile.compare import compare
from crm_etl.reconcile.difference import EXPLAINED, UNEXPLAINED
from crm_etl.reconcile.ledger import closes, kept, ledger, lost
from crm_etl.reconcile.planned import planned, refused_rows
from crm_etl.reconcile.reports import compare_reports
from crm_etl.reconcile.sides import Crm, Legacy, crm_of
from crm_etl.reconcile.totals import totals

__all__ = ["Crm", "Legacy", "Reconciled", "crm_of", "key_figures", "planned", "reconcile", "refused_rows"]


@dataclass(frozen=True)
class Reconciled:
    """What a reconciliation found; a bundle for :class:`crm_etl.storage.State`.

    ``ledger``: schema.LEDGER. ``totals``: totals.TOTALS. ``findings``: schema.FINDINGS, every difference of all
    areas that is explained or not. ``reports``: reports.LINES. ``facts``: ok (closed and nothing unexplained),
    closed, lost (rows), differences, explained, unexplained, by_area {area: {explained, unexplained}}, fields
    (one dictionary a field, see compare.Compared), clients, records, read, at (ISO instant, UTC), target
    (fingerprint).
    """

    ledger: pd.DataFrame
    totals: pd.DataFrame
    findings: pd.DataFrame
    reports: pd.DataFrame
    facts: dict[str, Any]


def reconcile(
    legacy: Legacy,
    crm: Crm,
    settings: Reconciliation,
    root: Path,
    url: str,
    progress: Progress = NullProgress(),  # noqa: B008  (it has no state)
    *,
    target: str | None = None,
    at: datetime | None = None,
) -> Reconciled:
    """Compare both sides.

    Args:
        legacy: what the sources deliver.
        crm: what the CRM holds (:func:`crm_of`).
        settings: the reports to compare, and the size of the sample for field differences.
        root: the migration folder, where the old system's reports lie.
        url: the target, which answers the queries beside them.
        target: the target's fingerprint, to know later what was compared.
        at: time of the comparison, now if not given.

    Raises:
        SourceFault, TargetFault, MigrationFault: a report's file or query cannot be read.
    """
    with progress.task("reconcile: ledger and totals"):
        balance, sums = ledger(legacy, crm), totals(legacy, crm)
    with progress.task("reconcile: fields"):
        compared = compare(legacy, crm, settings.sample)
    with progress.task("reconcile: reports"):
        explain = Account(legacy, crm).explain
        lines = compare_reports(settings.reports, root, url, explain)
    missing = lost(legacy, crm)
    stale = _kept_findings(kept(legacy, crm))
    parts = [
        _ledger_findings(balance, missing),
        stale,
        _totals_findings(sums),
        compared.findings,
        _report_findings(lines),
    ]
    filled = [part for part in parts if len(part)]
    findings = schema.FINDINGS.conform(pd.concat(filled, ignore_index=True)) if filled else schema.FINDINGS.empty()
    counts = _by_area(findings)
    explained = sum(area[EXPLAINED] for area in counts.values()) + _unlisted(compared.fields, counts)
    unexplained = sum(area[UNEXPLAINED] for area in counts.values())
    closed = closes(balance)
    facts = {
        "ok": closed and unexplained == 0,
        "closed": closed,
        "lost": len(missing),
        "differences": explained + unexplained,
        "explained": explained,
        "unexplained": unexplained,
        "by_area": counts,
        "fields": compared.fields,
        "clients": len(crm.table("client")),
        "records": len(legacy.parties),
        "read": int(balance["read"].sum()),
        "at": (datetime.now(UTC) if at is None else at).isoformat(timespec="seconds"),
        "target": target,
    }
    return Reconciled(balance, sums, findings, lines, facts)


def key_figures(found: Reconciled) -> dict[str, Any]:
    """The counts that history keeps of a run: small, and free of personal data."""
    names = ("at", "ok", "closed", "lost", "differences", "explained", "unexplained", "clients", "records", "read")
    totals_of = found.ledger.drop(columns="source").sum()
    return {
        **{name: found.facts[name] for name in names},
        "target": found.facts["target"],
        "by_area": found.facts["by_area"],
        "ledger": {str(name): int(value) for name, value in totals_of.items()},
    }


def _ledger_findings(balance: pd.DataFrame, missing: pd.DataFrame) -> pd.DataFrame:
    """Lost rows one by one; a source that is out of balance for another reason as one finding."""
    rows = [
        {"subject": source, "reference": f"{source}:{key}", "legacy": "accepted", "crm": None}
        for source, key in missing.itertuples(index=False)
    ]
    known = missing["source"].value_counts()
    for line in balance.itertuples():
        if line.difference != int(known.get(line.source, 0)):
            accounted = str(line.read - line.difference)
            rows.append({"subject": line.source, "reference": line.source, "legacy": str(line.read), "crm": accounted})
    return schema.FINDINGS.build({"area": "ledger", "status": UNEXPLAINED, "rule": None, **row} for row in rows)


def _kept_findings(stale: pd.DataFrame) -> pd.DataFrame:
    """Records and rows that stand in the CRM from an earlier load only, one by one: a person must know of them."""
    return schema.FINDINGS.build(
        {
            "area": "ledger",
            "subject": source,
            "reference": f"{source}:{key}",
            "legacy": None,
            "crm": "loaded earlier",
            "status": EXPLAINED,
            "rule": rule,
        }
        for source, key, rule in stale.itertuples(index=False)
    )


def _totals_findings(sums: pd.DataFrame) -> pd.DataFrame:
    differing = sums[sums["status"] != "equal"]
    return schema.FINDINGS.build(
        {
            "area": "totals",
            "subject": line["total"],
            "reference": line["group"],
            "legacy": line["legacy"],
            "crm": line["crm"],
            "status": line["status"],
            "rule": _reasons(line) if line["status"] == EXPLAINED else None,
        }
        for line in differing.to_dict("records")
    )


def _reasons(line: dict[str, str]) -> str:
    return ", ".join(name for name in ("quarantined", "merged", "kept", "entered", "edited") if line[name] != "0")


def _report_findings(lines: pd.DataFrame) -> pd.DataFrame:
    differing = lines[lines["status"] != "equal"]
    return schema.FINDINGS.conform(
        pd.DataFrame(
            {
                "area": pd.array(["reports"] * len(differing), dtype="string[pyarrow]"),
                "subject": differing["report"],
                "reference": differing["line"].str.cat(differing["measure"], sep=": "),
                **{name: differing[name] for name in ("legacy", "crm", "status", "rule")},
            }
        ).reset_index(drop=True)
        if len(differing)
        else schema.FINDINGS.empty()
    )


def _by_area(findings: pd.DataFrame) -> dict[str, dict[str, int]]:
    counts = {area: {EXPLAINED: 0, UNEXPLAINED: 0} for area in ("ledger", "totals", "fields", "reports")}
    for (area, status), rows in findings.groupby(["area", "status"]).size().items():
        counts[str(area)][str(status)] = int(rows)
    return counts


def _unlisted(fields: list[dict[str, Any]], counts: dict[str, dict[str, int]]) -> int:
    """Explained differences that are counted but not listed: a record with fewer values than its client."""
    unlisted = sum(int(line["explained"]) for line in fields) - counts["fields"][EXPLAINED]
    counts["fields"][EXPLAINED] += unlisted
    return unlisted
