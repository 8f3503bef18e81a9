"""Why a client is as it is: its records, the matches that joined them, where each value came from; and judging it.

Reads what the last run left in the state folder and shows values: personal data, for a person who asked.
"""

from __future__ import annotations

import getpass
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from crm_etl import corrected_values, neutral, pipeline, schema
from crm_etl.corrected_values import Applied
from crm_etl.faults import StateFault
from crm_etl.match import Parties, decisions, explain
from crm_etl.match.model import restore
from crm_etl.match.references import locate
from crm_etl.match.verdicts import match_of
from crm_etl.migration import Migration
from crm_etl.storage import State


@dataclass(frozen=True)
class _Clusters:
    members: pd.DataFrame
    matches: pd.DataFrame
    unheeded: pd.DataFrame


@dataclass(frozen=True)
class _Members:
    members: pd.DataFrame


@dataclass(frozen=True)
class _Model:
    model: dict[str, Any]


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
    told = [_record(migration, state, str(row.source), str(row.key)) for row in records.itertuples()]
    corrected = {record["record"]: entry for record, entry in told if entry is not None}
    return {
        "client_id": client_id,
        "records": [record for record, _ in told],
        "evidence": explain.explain_client(client_id, clusters.members, clusters.matches),
        "values": _values(migration, lineage[lineage["client_id"] == client_id], corrected),
    }


def explain_two(migration: Migration, state: State, left: str, right: str) -> dict[str, Any]:
    """Why the records ``left`` and ``right`` (source:key) are one client, or are not; compared or not.

    Raises:
        StateFault: nothing has run yet, a reference names no record of the last run, or both name the same.
    """
    clusters = state.read("match/clusters", _Clusters)
    one, other = _two_records(clusters.members, left, right)
    match = _match(migration, state, clusters, one, other)
    evidence = explain.explain_records(match, clusters.members, clusters.matches, clusters.unheeded)
    records = [_record(migration, state, *record)[0] for record in (one, other)]
    return {"verdict": match["verdict"], "weight": match["weight"], "records": records, "evidence": evidence}


def _match(
    migration: Migration, state: State, clusters: _Clusters, one: tuple[str, str], other: tuple[str, str]
) -> dict[str, Any]:
    """The pair as clustering kept it, else judged anew by the model of the last run."""
    kept = clusters.matches
    for left, right in ((one, other), (other, one)):
        sides = zip(("left_source", "left_key", "right_source", "right_key"), (*left, *right), strict=True)
        found = kept[np.logical_and.reduce([kept[column] == value for column, value in sides])]
        if len(found):
            return {str(name): value for name, value in found.iloc[0].items()}
    names = [source.name for source in migration.client_sources]
    parties = Parties(pipeline.stack([state.read(f"party/{name}", _Rows).rows for name in names], schema.PARTY))
    places = locate(parties, *(pd.array(side, dtype="string[pyarrow]") for side in zip(one, other, strict=True)))
    together = _client_of(clusters.members, ":".join(one)) == _client_of(clusters.members, ":".join(other))
    models = restore(state.read("match/scores", _Model).model)
    return match_of(parties, models, int(places[0]), int(places[1]), together, migration.matching)


def decide(migration: Migration, left: str, right: str, verdict: str, why: str, who: str | None) -> dict[str, str]:
    """Add a person's judgement on the records ``left`` and ``right`` (source:key) to the decisions file.

    Raises:
        StateFault: a reference names no record of the last run, or both name the same.
    """
    members = State.of(migration).read("match/clusters", _Members).members
    one, other = _two_records(members, left, right)
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


def _two_records(members: pd.DataFrame, left: str, right: str) -> tuple[tuple[str, str], tuple[str, str]]:
    one, other = (_record_of(members, reference) for reference in (left, right))
    if one == other:
        raise StateFault("both references name the same record", remedy="name two records of different rows")
    return one, other


def _record_of(members: pd.DataFrame, reference: str) -> tuple[str, str]:
    found = _rows_of(members, reference)
    if found.empty:
        raise StateFault(
            f"no record '{reference}' in the last run",
            remedy="name accepted records as source:key; review.csv lists the doubtful pairs",
        )
    return str(found["source"].iloc[0]), str(found["key"].iloc[0])


def _client_of(members: pd.DataFrame, reference: str) -> str:
    if (members["client_id"] == reference).any():
        return reference
    found = _rows_of(members, reference)
    if found.empty:
        raise StateFault(
            f"no client '{reference}' in the last run",
            remedy="give a client_id of clusters.parquet, or source:key of an accepted record; refused ones stand in "
            "quarantine.csv, and crm-etl resubmit --list shows those that people left out",
        )
    return str(found["client_id"].iloc[0])


def _rows_of(members: pd.DataFrame, reference: str) -> pd.DataFrame:
    """The record that ``reference`` names, as it stands or as a report shows it: unseen characters made visible."""
    for meant in (reference, neutral.restore(reference)):
        source, _, key = meant.partition(":")
        found = members[(members["source"] == source) & (members["key"] == key)]
        if len(found):
            return found
    return members.iloc[:0]


def _record(migration: Migration, state: State, source: str, key: str) -> tuple[dict[str, Any], Applied | None]:
    """What is told of a record, and the correction by a person that it rests on."""
    rows = state.read(f"party/{migration.source(source).name}", _Rows).rows
    row = rows[rows["key"] == key].iloc[0]
    names = ("file", "sheet", "line", "name_raw")
    told: dict[str, Any] = {"record": f"{source}:{key}"}
    told |= {name: None if pd.isna(row[name]) else str(row[name]) for name in names}
    entry = corrected_values.of_record(state, source, str(row["fingerprint"]), int(row["row"]))
    if entry is not None:
        told["corrected"] = corrected_values.as_told(entry)
    return told, entry


def _values(migration: Migration, lineage: pd.DataFrame, corrected: Mapping[str, Applied]) -> list[dict[str, Any]]:
    """The values of a client with where they came from. ``corrected``: by record, what people corrected of it."""
    values = []
    for row in lineage.itertuples():
        record = f"{row.source}:{row.key}"
        value = {
            "field": row.field,
            "value": row.value,
            "record": record,
            "rule": row.rule,
            "lost": [f"{lost['value']} ({lost['source']}:{lost['key']})" for lost in json.loads(row.lost or "[]")],
        }
        entry = corrected.get(record)
        if entry is not None and corrected_values.touches(entry, migration.source(str(row.source)), str(row.field)):
            value["corrected"] = {"who": entry["who"], "at": entry["at"]}
        values.append(value)
    return values
