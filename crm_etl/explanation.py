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

from crm_etl import corrected_values, neutral
from crm_etl.corrected_values import Applied
from crm_etl.faults import StateFault
from crm_etl.last_run import LastRun
from crm_etl.match import Parties, decisions, explain
from crm_etl.match.model import KindModel, restore
from crm_etl.match.references import locate
from crm_etl.match.verdicts import match_of, pairs_within
from crm_etl.migration import Migration
from crm_etl.storage import State

#: Records of a client up to which every pair within it is judged: 20,000 pairs at most.
_WHOLE = 200


@dataclass(frozen=True)
class _Members:
    members: pd.DataFrame


@dataclass(frozen=True)
class _Model:
    model: dict[str, Any]


def explanation(migration: Migration, state: State, reference: str) -> dict[str, Any]:
    """What is known of the client that ``reference`` names: a client_id, or ``source:key`` of one of its records.

    Raises:
        StateFault: nothing has run yet, what rests of runs does not fit together, or no client has that reference.
    """
    last = LastRun.of(state)
    client_id = _client_of(last.members, reference)
    records = last.members[last.members["client_id"] == client_id]
    lineage = last.lineage()
    told = [_record(last, str(row.source), str(row.key)) for row in records.itertuples()]
    corrected = {record["record"]: entry for record, entry in told if entry is not None}
    return {
        "client_id": client_id,
        "records": [record for record, _ in told],
        "evidence": explain.explain_client(client_id, last.members, last.matches, _light(last, records)),
        "values": _values(migration, lineage[lineage["client_id"] == client_id], corrected),
        "remarks": last.remarks(migration),
    }


def explain_two(migration: Migration, state: State, left: str, right: str) -> dict[str, Any]:
    """Why the records ``left`` and ``right`` (source:key) are one client, or are not; compared or not.

    Raises:
        StateFault: nothing has run yet, what rests of runs does not fit together, a reference names no record of the
            last run, or both name the same.
    """
    last = LastRun.of(state)
    one, other = _two_records(last.members, left, right)
    match = _match(last, one, other)
    return {
        "verdict": match["verdict"],
        "weight": None if explain.of_two_kinds(match) else match["weight"],
        "records": [_record(last, *record)[0] for record in (one, other)],
        "evidence": explain.explain_records(match, last.members, last.matches, last.unheeded),
        "remarks": last.remarks(migration),
    }


def _match(last: LastRun, one: tuple[str, str], other: tuple[str, str]) -> explain.Match:
    """The pair as clustering kept it, else judged anew by the model of the last run."""
    kept = last.matches
    for left, right in ((one, other), (other, one)):
        sides = zip(("left_source", "left_key", "right_source", "right_key"), (*left, *right), strict=True)
        found = kept[np.logical_and.reduce([kept[column] == value for column, value in sides])]
        if len(found):
            return {str(name): value for name, value in found.iloc[0].items()}
    parties = Parties(last.people())
    places = locate(parties, *(pd.array(side, dtype="string[pyarrow]") for side in zip(one, other, strict=True)))
    together = _client_of(last.members, ":".join(one)) == _client_of(last.members, ":".join(other))
    return match_of(parties, _models(last), int(places[0]), int(places[1]), together, last.matching)


def _light(last: LastRun, records: pd.DataFrame) -> list[explain.Match]:
    """The pairs within a client that clustering did not keep because too little speaks for them, judged anew."""
    if not 3 <= len(records) <= _WHOLE:
        return []
    kept = set(map(explain.sides, explain.within(records, last.matches)))
    if len(kept) == len(records) * (len(records) - 1) // 2:
        return []
    parties = Parties(last.people())
    judged = pairs_within(parties, _models(last), locate(parties, records["source"], records["key"]), last.matching)
    rows: list[explain.Match] = judged.to_dict("records")
    return [row for row in rows if kept.isdisjoint((explain.sides(row), explain.sides(row)[::-1]))]


def _models(last: LastRun) -> dict[int, KindModel]:
    return restore(last.state.read("match/scores", _Model).model)


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


def _record(last: LastRun, source: str, key: str) -> tuple[dict[str, Any], Applied | None]:
    """What is told of a record, and the correction by a person that it rests on."""
    rows = last.rows(source)
    row = rows[rows["key"] == key].iloc[0]
    names = ("file", "sheet", "line", "name_raw")
    told: dict[str, Any] = {"record": f"{source}:{key}"}
    told |= {name: None if pd.isna(row[name]) else str(row[name]) for name in names}
    entry = corrected_values.of_record(last.state, source, str(row["fingerprint"]), int(row["row"]))
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
