"""The pages hold everything they show, say what was found and never run what a source delivered."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from crm_etl import schema
from crm_etl.load.plan import ACTIONS, Plan
from crm_etl.migration import Reconciliation
from crm_etl.reconcile import Reconciled, key_figures, reconcile
from crm_etl.reconcile.ledger import ledger
from crm_etl.reconcile.reports import LINES
from crm_etl.report import plan, quarantine, reconciliation
from tests.reconcile import company

EVIL = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'


class Watcher(HTMLParser):
    """Collects what a page would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "link", "iframe", "img", "object", "base", "form"):
            self.found.append(tag)
        self.found += [f"{tag}[{name}]" for name, _ in attrs if name in ("src", "href") or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


def watch(path: Path) -> Watcher:
    text = path.read_text(encoding="utf-8")
    assert "url(" not in text
    assert "@import" not in text
    watcher = Watcher()
    watcher.feed(text)
    assert watcher.found == []
    return watcher


def reconciled(*, broken: bool = False) -> Reconciled:
    crm = company.crm()
    if broken:
        crm = company.without(company.edited(company.crm(loaded=False), "client", 0, branch=EVIL), "client", 1)
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    found = reconcile(
        company.legacy(), crm, Reconciliation(), Path(), "sqlite:///none", target="0123456789abcdef", at=at
    )
    line = {"report": "sales", "title": "Sales", "measure": "clients"}
    lines = [
        line | {"line": "north", "legacy": "2", "crm": "2", "difference": "0", "status": "equal"},
        line | {"line": "south", "legacy": "1", "difference": "1", "status": "unexplained"},
    ]
    return replace(found, reports=LINES.build(lines))


def test_a_fine_reconciliation_says_so_first(tmp_path: Path) -> None:
    paths = reconciliation.write(reconciled(), tmp_path, "Ромашка", [key_figures(reconciled())] * 3)
    page = watch(paths[0])
    assert "Both systems agree" in page.text
    assert "Ромашка" in page.text
    assert page.text.index("Both systems agree") < page.text.index("Ledger")
    assert "Sign-off" in page.text
    assert "no such line" in page.text


def test_a_broken_one_names_the_rows_and_escapes_values(tmp_path: Path) -> None:
    page = watch(reconciliation.write(reconciled(broken=True), tmp_path)[0])
    assert "Rows cannot be accounted for" in page.text
    assert "shop:2" in page.text
    assert EVIL in page.text


def test_exports_hold_the_same_figures(tmp_path: Path) -> None:
    found = reconciled(broken=True)
    paths = {path.name: path for path in reconciliation.write(found, tmp_path)}
    document = json.loads(paths["reconciliation.json"].read_text(encoding="utf-8"))
    assert document["facts"]["unexplained"] == found.facts["unexplained"] > 0
    assert [line["difference"] for line in document["ledger"]] == found.ledger["difference"].tolist()
    rows = pd.read_csv(paths["reconciliation-findings.csv"], dtype=str, encoding="utf-8-sig")
    assert len(rows) == len(found.findings)


def test_quarantine_counts_by_reason_and_shows_nothing_that_runs(tmp_path: Path) -> None:
    refused = company.legacy().refused.assign(cells='{"name": "=1+1"}', message=EVIL, key="=cmd\u202e")
    page, *_ = quarantine.write(refused, tmp_path)
    watched = watch(page)
    assert "bad_date" in watched.text
    assert "=cmd⟨U+202E⟩" in watched.text
    assert "\u202e" not in page.read_text("utf-8")
    assert [line["rows"] for line in quarantine.by_reason(refused)] == [1, 1]
    empty, *_ = quarantine.write(schema.QUARANTINE.empty(), tmp_path)
    assert "No row was refused" in watch(empty).text


def make_plan(*, blocked: bool = False) -> Plan:
    nothing = dict.fromkeys(ACTIONS, 0)
    changes = [
        {"table": "client", "row_id": "c1", "client_id": "c1", "action": "insert"},
        {"table": "client", "row_id": "c2", "client_id": "c2", "action": "conflict", "fields": '["branch"]'},
    ]
    names = ["table", "row_id", "client_id", "action", "reason", "fields", "before", "after"]
    check = {"suite": "client", "table": "client", "check": "unique", "severity": "critical", "success": not blocked}
    facts = {
        "plan_id": "abc123",
        "counts": {"client": nothing | {"insert": 1, "conflict": 1}, "client_phone": nothing},
        "reasons": {},
        "blocked": blocked,
        "failed_checks": ["client/client: unique"] if blocked else [],
        "empty": False,
    }
    frame = pd.DataFrame(changes, columns=names).astype("string[pyarrow]")
    checks = schema.CHECKS.build([check | {"failed": int(blocked), "total": 2}])
    event = {"event": "merge", "client_id": "c1", "reason": "shop:1 joined crm:2; a person called them the same"}
    events = schema.EVENTS.build(event | {"other_id": f"old{number}"} for number in range(120))
    return Plan(frame, schema.CROSSWALK.empty(), events, checks, {}, facts)


@pytest.mark.parametrize(("blocked", "words"), [(False, "may be applied"), (True, "may not be applied")])
def test_the_dry_run_page_says_what_would_happen(tmp_path: Path, blocked: bool, words: str) -> None:
    balance = ledger(company.legacy(), company.crm())
    page, document, changes, events = plan.write(
        make_plan(blocked=blocked),
        tmp_path,
        title="Ромашка",
        ledger=balance,
        records_read=4,
        clients=3,
        review=1,
        refused=company.legacy().refused,
    )
    text = watch(page).text
    assert f"This plan {words}" in text
    assert "conflict" in text
    assert "branch" in text
    told = json.loads(document.read_text(encoding="utf-8"))
    assert told["facts"]["plan_id"] == "abc123"
    assert [event["other_id"] for event in told["events"]] == [f"old{number}" for number in range(120)]
    assert len(pd.read_csv(changes, encoding="utf-8-sig")) == 2
    assert len(pd.read_csv(events, encoding="utf-8-sig")) == 120
    assert "shop:1 joined crm:2; a person called them the same" in text
    assert "old99" in text
    assert "old100" not in text
    assert "first 100 of 120" in text
