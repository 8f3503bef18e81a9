from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_etl.faults import StateFault
from crm_etl.migration import Reconciliation
from crm_etl.reconcile import Crm, Reconciled, history, key_figures, reconcile
from crm_etl.storage import State
from tests.reconcile import company


def run(crm: Crm) -> Reconciled:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    return reconcile(company.legacy(), crm, Reconciliation(), Path(), "sqlite:///none", target="abc", at=at)


def test_a_company_in_order_is_fine_and_repeats_itself() -> None:
    first, second = run(company.crm()), run(company.crm())
    assert first.facts["ok"]
    assert first.facts["at"] == "2026-01-02T03:04:05+00:00"
    assert (first.facts["unexplained"], first.facts["lost"]) == (0, 0)
    assert first.facts == second.facts
    assert first.findings.equals(second.findings)


def test_a_lost_row_is_not_fine_and_is_named() -> None:
    found = run(company.without(company.crm(), "client_transaction", 0))
    assert not found.facts["ok"]
    assert not found.facts["closed"]
    ledger = found.findings[found.findings["area"] == "ledger"]
    assert ledger["reference"].tolist() == ["sales:S1"]


def test_counts_agree_with_the_findings_listed() -> None:
    found = run(company.edited(company.crm(loaded=False), "client", 0, branch="east"))
    assert found.facts["unexplained"] == int((found.findings["status"] == "unexplained").sum()) == 2
    assert found.facts["differences"] == found.facts["explained"] + found.facts["unexplained"]
    assert found.facts["closed"]
    assert not found.facts["ok"]


def test_the_bundle_rests_in_the_state_folder(tmp_path: Path) -> None:
    found = run(company.crm())
    State(tmp_path).write("reconcile/report", found)
    again = State(tmp_path).read("reconcile/report", Reconciled)
    assert again.facts == found.facts
    assert again.ledger.equals(found.ledger)


def test_history_keeps_figures_of_each_run_and_no_values(tmp_path: Path) -> None:
    assert history.read(tmp_path) == []
    for _ in range(2):
        history.append(tmp_path, key_figures(run(company.crm())))
    first, second = history.read(tmp_path)
    assert first == second
    assert first["ledger"]["difference"] == 0
    assert "example.org" not in json.dumps(first)
    with (tmp_path / history.FILE).open("a", encoding="utf-8") as file:
        file.write("{broken\n")
    with pytest.raises(StateFault, match="damaged") as error:
        history.read(tmp_path)
    assert error.value.where is not None
    assert error.value.where.row == 3
