"""Check results come from the CHECKS frame; whatever it does not answer counts as failed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import dagster as dg

from crm_etl import schema
from crm_etl.defs import checks
from crm_etl.quality import load_suite

KEY = dg.AssetKey(["client", "database"])


def row(check: str, severity: str, success: bool, failed: int = 0) -> dict[str, Any]:
    counts = {"failed": failed, "total": 10}
    return {
        "check": check,
        "severity": severity,
        "success": success,
        "message": "says",
        "table": "client/x",
        "suite": "target",
        **counts,
    }


def declared(severity: str, name: str = "some_check") -> list[dg.AssetCheckSpec]:
    metadata = {"suite": "target", "expectation": name}
    return [dg.AssetCheckSpec(f"target_{name}", asset=KEY, blocking=severity == "critical", metadata=metadata)]


def answer(severity: str, *rows: dict[str, Any]) -> dg.AssetCheckResult:
    [result] = checks.answer(declared(severity))(SimpleNamespace(checks=schema.CHECKS.build(rows)))
    return result


def test_severity_decides_between_error_and_warning() -> None:
    critical = answer("critical", row("some_check", "critical", False, 3))
    assert (critical.passed, critical.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert critical.metadata["failed"].value == 3
    for mild in ("row", "warn"):
        result = answer(mild, row("some_check", mild, False, 1))
        assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.WARN)


def test_several_tables_make_one_answer() -> None:
    result = answer("warn", row("some_check", "warn", True), row("some_check", "warn", False, 2))
    assert not result.passed
    assert result.metadata["failed"].value == 2
    assert result.metadata["total"].value == 20


def test_no_answer_is_a_failure() -> None:
    result = answer("critical", row("another", "critical", True), row("some_check", "critical", True) | {"suite": "x"})
    assert not result.passed
    assert result.severity == dg.AssetCheckSeverity.ERROR


def test_critical_expectations_block_and_others_do_not() -> None:
    suite = load_suite("target")
    specs = {spec.name: spec for spec in checks.specs(checks.for_tables(suite), KEY)}
    assert set(specs) == {each.name for each in suite.expectations}
    assert all(specs[each.name].blocking == (each.severity == "critical") for each in suite.expectations)


def test_reconciliation_fails_on_an_open_ledger_and_warns_of_the_unexplained() -> None:
    ledger = schema.LEDGER.build([{"source": "shop", "read": 3, "difference": 1}, {"source": "desk", "difference": 0}])
    findings = schema.FINDINGS.build(
        [{"area": "fields", "status": "unexplained"}, {"area": "fields", "status": "explained"}]
    )
    closes, explained = checks.reconciliation_results(ledger, findings)
    assert (closes.passed, closes.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert closes.metadata["open_sources"].value == ["shop"]
    assert (explained.passed, explained.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert explained.metadata["in_fields"].value == 1
    clean = checks.reconciliation_results(ledger.iloc[1:], findings.iloc[1:])
    assert [result.passed for result in clean] == [True, True]
