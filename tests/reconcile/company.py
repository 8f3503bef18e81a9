"""A small company on both sides of a reconciliation, with everything in order; tests then break one thing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from crm_etl import schema
from crm_etl.merge.users import user_id
from crm_etl.reconcile import Crm, Legacy

TEXT = "string[pyarrow]"


def origin(source: str, key: str, line: int = 1) -> dict[str, Any]:
    return {"source": source, "key": key, "file": f"{source}.csv", "line": line, "row": line, "fingerprint": f"f{key}"}


def parties() -> pd.DataFrame:
    """Two records of Anna (shop 1, desk A), one of Behzad (shop 2), one firm (desk B)."""
    return schema.PARTY.build(
        [
            origin("shop", "1")
            | {
                "kind": "person",
                "name": "Анна Ким",
                "name_raw": "КИМ Анна",
                "branch": "north",
                "owner": "Olga",
                "phones": ["+79160000001"],
                "consents": ["email:yes"],
                "balance": "10.50",
                "currency": "RUB",
                "birth_date": "1984-03-21",
            },
            origin("shop", "2") | {"kind": "person", "name": "بهزاد کریمی", "branch": "north", "balance": "3"},
            origin("desk", "A")
            | {
                "kind": "person",
                "name": "Anna Kim",
                "branch": "south",
                "owner": "olga",
                "phones": ["+79160000001", "+79160000002"],
                "emails": ["anna@example.org"],
                "consents": ["email:no"],
                "balance": "1.25",
                "currency": "RUB",
            },
            origin("desk", "B")
            | {"kind": "organization", "name": "Ромашка", "branch": "south", "identifiers": ["ru_inn:7707083893"]},
        ]
    )


def sales() -> pd.DataFrame:
    rows = [("S1", "shop", "1", "100.10", "RUB"), ("S2", "shop", "2", "0.20", "EUR"), ("S3", "shop", "99", "7", "RUB")]
    return schema.TRANSACTION.build(
        origin("sales", key)
        | {
            "client_source": source,
            "client_key": client,
            "amount": amount,
            "currency": currency,
            "type": "sale",
            "occurred_at": "2024-05-01",
        }
        for key, source, client, amount, currency in rows
    )


def optins() -> pd.DataFrame:
    return schema.CONSENT.build(
        origin("optins", key) | {"client_source": "shop", "client_key": "2", "channel": "sms", "allowed": allowed}
        for key, allowed in (("O1", "yes"), ("O2", "no"))
    )


def legacy() -> Legacy:
    refused = schema.QUARANTINE.build(
        [
            origin("shop", "3") | {"stage": "normalize", "field": "birth_date", "reason": "bad_date", "cells": "{}"},
            origin("sales", "S3") | {"stage": "merge", "field": "client_key", "reason": "orphan", "cells": "{}"},
        ]
    )
    excluded = schema.EXCLUDED.build(
        [origin("shop", "T") | {"rule": "total_row"}, origin("desk", "E") | {"rule": "awaiting_entry"}]
    )
    return Legacy(
        entities={"shop": "client", "desk": "client", "sales": "transaction", "optins": "consent"},
        trust=("shop", "desk"),
        read={"shop": 4, "desk": 3, "sales": 3, "optins": 2},
        excluded=excluded,
        refused=refused,
        parties=parties(),
        related={"sales": sales(), "optins": optins()},
        amounts={"sales": ("sum", ".")},
    )


CLIENTS = [
    {
        "client_id": "c1",
        "kind": "person",
        "display_name": "Анна Ким",
        "branch": "north",
        "owner": user_id("Olga"),
        "balance": "11.75",
        "currency": "RUB",
        "birth_date": "1984-03-21",
    },
    {"client_id": "c2", "kind": "person", "display_name": "بهزاد کریمی", "branch": "north", "balance": "3.00"},
    {"client_id": "c3", "kind": "organization", "display_name": "Ромашка", "branch": "south"},
]


def tables() -> dict[str, pd.DataFrame]:
    consents = [("n1", "c1", "email", "no"), ("n2", "c2", "sms", "no")]
    rows = [("t1", "c1", "S1", "100.10", "RUB"), ("t2", "c2", "S2", "0.20", "EUR")]
    return {
        "crm_user": schema.CRM_USER.build([{"user_id": user_id("Olga"), "name": "Olga"}]),
        "client": schema.CLIENT.build(CLIENTS),
        "client_phone": schema.CLIENT_PHONE.build(
            {"row_id": f"p{number}", "client_id": "c1", "phone": f"+7916000000{number}"} for number in (1, 2)
        ),
        "client_email": schema.CLIENT_EMAIL.build([{"row_id": "e1", "client_id": "c1", "email": "anna@example.org"}]),
        "client_identifier": schema.CLIENT_IDENTIFIER.build(
            [{"row_id": "i1", "client_id": "c3", "type": "ru_inn", "value": "7707083893"}]
        ),
        "client_consent": schema.CLIENT_CONSENT.build(
            {"row_id": row, "client_id": client, "channel": channel, "allowed": allowed}
            for row, client, channel, allowed in consents
        ),
        "client_transaction": schema.CLIENT_TRANSACTION.build(
            {
                "row_id": row,
                "client_id": client,
                "legacy_source": "sales",
                "legacy_key": key,
                "amount": amount,
                "currency": currency,
                "type": "sale",
                "occurred_at": "2024-05-01",
            }
            for row, client, key, amount, currency in rows
        ),
    }


def crosswalk() -> pd.DataFrame:
    links = [("shop", "1", "c1"), ("desk", "A", "c1"), ("shop", "2", "c2"), ("desk", "B", "c3")]
    return schema.CROSSWALK.build({"source": source, "key": key, "client_id": to} for source, key, to in links)


def lineage() -> pd.DataFrame:
    rows = [("c1", "display_name", "native_script"), ("c1", "branch", "trusted"), ("c1", "balance", "sum")]
    return schema.LINEAGE.build({"client_id": one, "field": field, "rule": rule} for one, field, rule in rows)


def crm(*, loaded: bool = True) -> Crm:
    """The CRM in order; with ``loaded`` its baseline and fingerprints are known too."""
    held = Crm(tables(), crosswalk(), lineage())
    if not loaded:
        return held
    walk = crosswalk().merge(parties()[["source", "key", "fingerprint"]], on=["source", "key"])
    return replace(held, baseline=tables(), crosswalk=walk)


def edited(side: Crm, table: str, at: int, **values: Any) -> Crm:
    """``side`` with cells of the row at position ``at`` of ``table`` set."""
    frame = side.tables[table].copy()
    for name, value in values.items():
        frame.loc[at, name] = value
    return replace(side, tables={**side.tables, table: frame})


def without(side: Crm, table: str, at: int) -> Crm:
    frame = side.tables[table].drop(index=at).reset_index(drop=True)
    return replace(side, tables={**side.tables, table: frame})
