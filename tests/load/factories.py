"""Small merged databases for the load tests, and direct looks into a target."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import sqlalchemy as sa

from crm_etl import schema
from crm_etl.load.apply import Batch, apply
from crm_etl.load.connection import target_url
from crm_etl.load.plan import Plan, make_plan
from crm_etl.load.registry import read_target
from crm_etl.load.targets import crm


@dataclass(frozen=True)
class Clustering:
    members: pd.DataFrame
    events: pd.DataFrame


def merged(**tables: list[dict[str, Any]]) -> SimpleNamespace:
    """A merge result with these rows; tables that are not named are empty."""
    return SimpleNamespace(**{name: table.build(tables.get(name, [])) for name, table in schema.CLIENT_TABLES.items()})


def clustering(*records: tuple[str, str, str], events: tuple[dict[str, Any], ...] = ()) -> Clustering:
    """Members as (source, key, client)."""
    rows = [{"source": source, "key": key, "client_id": client} for source, key, client in records]
    return Clustering(schema.MEMBERS.build(rows), schema.EVENTS.build(events))


def company(**changes: Any) -> SimpleNamespace:
    """Two clients with everything a client can have; ``changes`` go to the first one."""
    first = {
        "client_id": "c1",
        "kind": "person",
        "display_name": "Иванов Пётр",
        "latin_name": "Ivanov Petr",
        "birth_date": "1984-03-21",
        "balance": "-1234.50",
        "currency": "RUB",
        "created_at": "2020-01-05T10:30:00",
        "comment": 'two "lines"\nand 😀',
        "owner": "anna",
        "segment": "vip",
    }
    second = {"client_id": "c2", "kind": "organization", "display_name": "رایان", "balance": "98000000"}
    legacy = {"legacy_source": "shop", "client_id": "c1"}
    return merged(
        crm_user=[{"user_id": "u1", "name": "anna"}],
        client=[first | changes, second],
        client_name=[{"row_id": "n1", "client_id": "c1", "script": "Cyrl", "full_name": "Иванов", "is_primary": True}],
        client_phone=[
            {"row_id": "p1", "client_id": "c1", "phone": "+79161234567", "is_primary": True},
            {"row_id": "p2", "client_id": "c2", "phone": "+982112345678;ext=12", "is_primary": False},
        ],
        client_email=[{"row_id": "e1", "client_id": "c1", "email": "p@example.com", "is_primary": True}],
        client_address=[{"row_id": "a1", "client_id": "c1", "country": "RU", "street": "ул. Мира, 1"}],
        client_identifier=[{"row_id": "i1", "client_id": "c2", "type": "ru_inn", "value": "7707083893"}],
        client_consent=[
            {"row_id": "k1", "client_id": "c1", "channel": "email", "allowed": "no", "since": "2021-02-03"}
        ],
        interaction=[legacy | {"row_id": "x1", "legacy_key": "7", "occurred_at": "2021-05-06", "channel": "phone"}],
        client_transaction=[
            legacy
            | {"row_id": "t1", "legacy_key": "9", "occurred_at": "2021-05-06T07:08:09", "type": "sale", "amount": "0.1"}
        ],
        opportunity=[legacy | {"row_id": "o1", "legacy_key": "3", "title": "Станок", "expected_close": "2026-12-31"}],
    )


COMPANY = clustering(("shop", "1", "c1"), ("office", "A-1", "c1"), ("office", "B-2", "c2"))


def check(*, success: bool, severity: str = "critical") -> pd.DataFrame:
    row = {"suite": "client", "table": "client", "check": "has_name", "severity": severity, "success": success}
    return schema.CHECKS.build([row])


@dataclass(frozen=True)
class Target:
    """A target under test."""

    url: str
    root: Path

    def plan(self, wanted: Any, clustered: Clustering = COMPANY, **more: Any) -> Plan:
        return make_plan(wanted, clustered, read_target(self.url, self.root), schema.CHECKS.empty(), **more)

    def load(self, wanted: Any, clustered: Clustering = COMPANY, **more: Any) -> Batch:
        return apply(self.plan(wanted, clustered, **more), self.url, self.root)

    def edit(self, statement: str) -> None:
        """What a person does in the CRM."""
        engine = sa.create_engine(target_url(self.url, self.root), poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.exec_driver_sql(statement)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        engine = sa.create_engine(target_url(self.url, self.root), poolclass=sa.NullPool)
        with engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        engine = sa.create_engine(target_url(self.url, self.root), poolclass=sa.NullPool)
        with engine.connect() as connection:
            return {
                table.name: [tuple(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key))]
                for table in crm.METADATA.sorted_tables
            }
