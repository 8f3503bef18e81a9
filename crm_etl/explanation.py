"""Why a client is as it is: its records, the matches that joined them, where each value came from; and judging it.

Reads what the last run left in the state folder and shows values: personal data, for a person who asked.
"""

from __future__ import annotations

import getpass
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from crm_etl.faults import StateFault
from crm_etl.match import decisions, explain
from crm_etl.migration import Migration
from crm_etl.storage import State


@dataclass(frozen=True)
class _Clusters:
    members: pd.DataFrame
    matches: pd.DataFrame


@dataclass(frozen=True)
class _Lineage:
    lineage: pd.DataFrame


@dataclass(frozen=True)
class _Rows:
    rows: pd.DataFrame


def explanation(migration: Migration, state: State, reference: str) -> dict[str, Any]:
    """What is known of the client that ``reference`` names: a client_id, or ``source:key`` of one of its records.

    Raises:
        StateFault: nothing has run yet, or no client has that reference.
    """
    clusters = state.read("match/clusters", _Clusters)
    client_id = _client_of(clusters.members, reference)
    records = clusters.members[clusters.members["client_id"] == client_id]
    lineage = state.read("client/database", _Lineage).lineage
    return {
        "client_id": client_id,
        "records": [_record(migration, state, str(row.source), str(row.key)) for row in records.itertuples()],
        "evidence": explain.explain_client(client_id, clusters.members, clusters.matches),
        "values": _values(lineage[lineage["client_id"] == client_id]),
    }


def decide(migration: Migration, left: str, right: str, verdict: str, why: str, who: str | None) -> dict[str, str]:
    """Add a person's judgement on the records ``left`` and ``right`` (source:key) to the decisions file.

    Raises:
        StateFault: a reference names no record of the last run, or both name the same.
    """
    members = State.of(migration).read("match/clusters", _Clusters).members
    one, other = (_record_of(members, reference) for reference in (left, right))
    if one == other:
        raise StateFault("both references name the same record", remedy="name two records of different rows")
    decision = {
        "left_source": one[0],
        "left_key": one[1],
        "right_source": other[0],
        "right_key": other[1],
        "verdict": verdict,
        "who": getpass.getuser() if who is None else who,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "why": why,
    }
    decisions.append(migration.root / migration.matching.decisions, decision)
    return decision


def _record_of(members: pd.DataFrame, reference: str) -> tuple[str, str]:
    source, _, key = reference.partition(":")
    if not ((members["source"] == source) & (members["key"] == key)).any():
        raise StateFault(
            f"no record '{reference}' in the last run",
            remedy="name accepted records as source:key; review.csv lists the doubtful pairs",
        )
    return source, key


def _client_of(members: pd.DataFrame, reference: str) -> str:
    if (members["client_id"] == reference).any():
        return reference
    source, _, key = reference.partition(":")
    found = members.loc[(members["source"] == source) & (members["key"] == key), "client_id"]
    if found.empty:
        raise StateFault(
            f"no client '{reference}' in the last run",
            remedy="give a client_id of clusters.parquet, or source:key of an accepted record",
        )
    return str(found.iloc[0])


def _record(migration: Migration, state: State, source: str, key: str) -> dict[str, Any]:
    rows = state.read(f"party/{migration.source(source).name}", _Rows).rows
    row = rows[rows["key"] == key].iloc[0]
    names = ("file", "sheet", "line", "name_raw")
    return {"record": f"{source}:{key}", **{name: None if pd.isna(row[name]) else str(row[name]) for name in names}}


def _values(lineage: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "field": row.field,
            "value": row.value,
            "record": f"{row.source}:{row.key}",
            "rule": row.rule,
            "lost": [f"{lost['value']} ({lost['source']}:{lost['key']})" for lost in json.loads(row.lost or "[]")],
        }
        for row in lineage.itertuples()
    ]
