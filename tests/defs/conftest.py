"""Migrations for Dagster to show: the small demo company, and a tiny shop whose suites a test may set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crm_etl.migration import Migration, load

SHOP = """\
name: tiny
owner: shop-team
sources:
  - name: shop
    connector: csv
    path: shop.csv
    encoding: utf-8
    key: id
    fields: {name: name, emails: email}
  - name: orders
    entity: transaction
    connector: csv
    path: orders.csv
    encoding: utf-8
    key: number
    fields:
      document: number
      amount: sum
      occurred_at: {column: day, format: "%Y-%m-%d"}
      type: {constant: sale}
      currency: {constant: EUR}
    client: {source: shop, column: client}
target: {url: "sqlite:///crm.sqlite"}
"""


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Migration:
    """The demo company, small."""
    from crm_etl.demo import generate

    folder = tmp_path_factory.mktemp("demo") / "company"
    generate(folder, size=300)
    return load(folder)


@pytest.fixture
def shop(tmp_path: Path) -> Migration:
    """Three clients and two orders; suites of one expectation each, which Great Expectations runs quickly."""
    (tmp_path / "migration.yaml").write_text(SHOP, encoding="utf-8")
    (tmp_path / "shop.csv").write_text(
        "id,name,email\n1,Anna Smith,anna@example.org\n2,Boris Petrov,boris@example.org\n3,Clara Weiss,\n",
        encoding="utf-8",
    )
    (tmp_path / "orders.csv").write_text(
        "number,client,sum,day\nA1,1,10.00,2024-03-01\nA2,2,5.50,2024-03-02\n", encoding="utf-8"
    )
    migration = load(tmp_path)
    for name in ("raw", "party", "related", "client"):
        write_suite(migration, name, at_least(1))
    write_suite(migration, "target", at_least(1, tables=["client"]))
    return migration


def write_suite(migration: Migration, name: str, *entries: dict[str, Any]) -> None:
    """Give the migration a suite of its own in place of the shipped one."""
    folder = migration.root / "expectations"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps({"name": name, "expectations": list(entries)}), encoding="utf-8")


def at_least(rows: int, severity: str = "critical", **meta: Any) -> dict[str, Any]:
    """An expectation on the number of rows."""
    return {
        "type": "expect_table_row_count_to_be_between",
        "kwargs": {"min_value": rows},
        "meta": {"check": "enough_rows", "severity": severity, "says": f"at least {rows} rows", **meta},
    }
