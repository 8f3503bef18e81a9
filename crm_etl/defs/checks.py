"""One asset check per expectation: declared from the suite's JSON, answered from the stage's own check frame.

The stage runs Great Expectations once; nothing is checked a second time here. A critical check blocks what
comes after within the run. Later runs are guarded by the load, which refuses a plan whose checks failed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import dagster as dg
import pandas as pd

from crm_etl import schema
from crm_etl.quality import Suite

CLOSES = "ledger_closes"
EXPLAINED = "differences_explained"
_CLOSES_SAYS = "every row read is accounted for, per source"


def specs(suite: Suite, key: dg.AssetKey, prefix: str = "") -> list[dg.AssetCheckSpec]:
    """The checks of ``suite`` on the asset ``key``; ``prefix`` keeps apart the names of a second suite."""
    return [
        dg.AssetCheckSpec(
            f"{prefix}{each.name}",
            asset=key,
            description=each.message,
            blocking=each.severity == "critical",
            metadata={"severity": each.severity, "suite": suite.name, "expectation": each.name},
        )
        for each in suite.expectations
    ]


def for_tables(suite: Suite) -> Suite:
    """The expectations of ``suite`` that are for some table of the client database."""
    applying = {
        each.name
        for table in schema.CLIENT_TABLES.values()
        for each in suite.applying(table.name, table.names).expectations
    }
    return replace(suite, expectations=tuple(each for each in suite.expectations if each.name in applying))


def answer(declared: Sequence[dg.AssetCheckSpec]) -> Callable[[Any], list[dg.AssetCheckResult]]:
    """A function from a bundle with a ``checks`` frame to one result per declared check."""

    def results(bundle: Any) -> list[dg.AssetCheckResult]:
        frame: pd.DataFrame = bundle.checks
        return [_result(spec, _rows(frame, spec)) for spec in declared]

    return results


def nothing_to_check(declared: Sequence[dg.AssetCheckSpec]) -> Callable[[Any], list[dg.AssetCheckResult]]:
    """The answers where no row was delivered, such as a workbook in which nothing has been entered yet."""

    def results(_: Any) -> list[dg.AssetCheckResult]:
        why = "no row was delivered: nothing to check"
        return [
            dg.AssetCheckResult(passed=True, check_name=spec.name, description=why, metadata={"total": 0})
            for spec in declared
        ]

    return results


def _rows(frame: pd.DataFrame, spec: dg.AssetCheckSpec) -> pd.DataFrame:
    ours = (frame["suite"] == spec.metadata["suite"]) & (frame["check"] == spec.metadata["expectation"])
    return frame[ours.fillna(False)]


def _result(spec: dg.AssetCheckSpec, rows: pd.DataFrame) -> dg.AssetCheckResult:
    """One answer, of several rows where the expectation is for several tables."""
    if rows.empty:
        return dg.AssetCheckResult(
            passed=False,
            check_name=spec.name,
            severity=_severity(spec.blocking),
            description="the stage gave no answer to this expectation",
        )
    counts = {"failed": int(rows["failed"].sum()), "total": int(rows["total"].sum())}
    return dg.AssetCheckResult(
        passed=bool(rows["success"].fillna(False).all()),
        check_name=spec.name,
        severity=_severity(bool((rows["severity"] == "critical").any())),
        description=str(rows["message"].iloc[0]),
        metadata={**counts, "severity": str(rows["severity"].iloc[0])},
    )


def _severity(critical: bool) -> dg.AssetCheckSeverity:
    return dg.AssetCheckSeverity.ERROR if critical else dg.AssetCheckSeverity.WARN


def rehearsal_specs(key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """What a plan must show before it may be loaded: the ledger closes."""
    return [dg.AssetCheckSpec(CLOSES, asset=key, blocking=True, description=_CLOSES_SAYS)]


def rehearsal_results(ledger: pd.DataFrame) -> list[dg.AssetCheckResult]:
    """The answer, from the :data:`schema.LEDGER` as it would stand after the plan."""
    open_sources = ledger.loc[ledger["difference"] != 0, "source"].tolist()
    return [
        dg.AssetCheckResult(
            passed=not open_sources,
            check_name=CLOSES,
            severity=dg.AssetCheckSeverity.ERROR,
            metadata={"open_sources": open_sources, "rows_missing": int(ledger["difference"].abs().sum())},
        )
    ]


def reconciliation_specs(key: dg.AssetKey) -> list[dg.AssetCheckSpec]:
    """What a reconciliation must show: the ledger closes; no difference is left unexplained."""
    return [
        dg.AssetCheckSpec(CLOSES, asset=key, description=_CLOSES_SAYS),
        dg.AssetCheckSpec(EXPLAINED, asset=key, description="every difference is explained by a rule"),
    ]


def reconciliation_results(ledger: pd.DataFrame, findings: pd.DataFrame) -> list[dg.AssetCheckResult]:
    """The answers, from frames :data:`schema.LEDGER` and :data:`schema.FINDINGS`."""
    unexplained = findings.loc[findings["status"] != "explained", "area"].value_counts(sort=False).sort_index()
    return [
        *rehearsal_results(ledger),
        dg.AssetCheckResult(
            passed=unexplained.empty,
            check_name=EXPLAINED,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"unexplained": int(unexplained.sum()), **{f"in_{a}": int(n) for a, n in unexplained.items()}},
        ),
    ]
