"""Small makers of parties, clusters and migrations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from crm_etl import schema
from crm_etl.migration import Migration, parse

SOURCES = ("crm", "shop", "cards")
RELATED = {"calls": "interaction", "sales": "transaction", "deals": "opportunity", "optouts": "consent"}


def migration(survivorship: str = "") -> Migration:
    """Three client sources, crm the most trusted, and a source of each related entity."""
    lines = ["name: test", "survivorship:", "  trust: [crm, shop]"]
    lines += [f"  {line}" for line in survivorship.splitlines()]
    lines.append("sources:")
    for name in SOURCES:
        lines += [f"- {{name: {name}, connector: csv, path: a.csv, encoding: utf-8, key: id, fields: {{name: n}}}}"]
    for name, entity in RELATED.items():
        field = "channel" if entity in ("interaction", "consent") else "currency"
        lines += [
            f"- {{name: {name}, entity: {entity}, connector: csv, path: a.csv, encoding: utf-8, key: id,"
            f" fields: {{{field}: c}}, client: {{source: crm, column: cid}}}}"
        ]
    return parse("\n".join(lines), Path("migration.yaml"))


def origin(source: str, key: str) -> dict[str, Any]:
    return {
        "source": source,
        "key": key,
        "file": f"{source}.csv",
        "line": 2,
        "row": 1,
        "fingerprint": f"{source}-{key}",
    }


def party(source: str, key: str, client: str, **fields: Any) -> dict[str, Any]:
    """A party and, under ``client``, the client it belongs to. It has a name: clients without one are refused."""
    named = {"kind": "person", "name": "N"}
    return {**origin(source, key), **named, "client": client, **fields}


def frames(*parties: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """PARTY and MEMBERS frames of :func:`party` rows."""
    plain = [{name: cell for name, cell in one.items() if name != "client"} for one in parties]
    members = [{"source": one["source"], "key": one["key"], "client_id": one["client"]} for one in parties]
    return schema.PARTY.build(plain), schema.MEMBERS.build(members)


def related(entity: str, *rows: dict[str, Any]) -> pd.DataFrame:
    return schema.ENTITIES[entity].build(rows)
