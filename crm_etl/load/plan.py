"""What a load would do to the CRM: insert, update, leave, refuse, conflict, retire, remove. Pure; writes nowhere.

The plan is frozen and has an id, the hash of its content. :mod:`crm_etl.load.apply` carries it out;
:mod:`crm_etl.load.differences` has the rule for a field, :mod:`crm_etl.load.loadable` what cannot be loaded,
:mod:`crm_etl.load.departures` what leaves a client with its record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.load import cells, rowjson
from crm_etl.load.cells import among
from crm_etl.load.departures import Departures, follows
from crm_etl.load.differences import CHANGE_NAMES, Differences, compare, for_review
from crm_etl.load.loadable import Clients, Refusals, refusals
from crm_etl.load.registry import TargetState
from crm_etl.load.targets import crm

_TEXT = "string[pyarrow]"
_SAMPLES = 5
#: Actions that write to the CRM.
WRITES = ("insert", "update", "retire", "remove")
ACTIONS = ("insert", "update", "leave", "refuse", "conflict", "retire", "remove", "kept_deleted", "vanished")
_CROSSWALK = ["source", "key", "client_id", "fingerprint"]


class Clustered(Protocol):
    """The part of the clustering that a plan needs: ``schema.MEMBERS`` and ``schema.EVENTS``."""

    @property
    def members(self) -> pd.DataFrame: ...

    @property
    def events(self) -> pd.DataFrame: ...


@dataclass(frozen=True)
class Plan:
    """A load that has not happened yet.

    ``changes``: table, row_id, client_id, action (insert, update, refuse, conflict, retire or remove; rows left alone
    are only counted), reason (of a refusal; of what leaves a client with its record, that and where it is), fields
    (JSON list; of an insert or a removal no value: all), before and after (JSON of those fields; of a conflict the
    CRM's and the legacy's value). ``crosswalk``: source, key, client_id,
    fingerprint of the records to write. ``events``: ``schema.EVENTS``. ``checks``: ``schema.CHECKS``.
    ``layouts``: what each source looked like in the delivery that the plan was made from
    (:class:`~crm_etl.extract.contract.Layout` as JSON). ``facts``: plan_id, target_fingerprint, counts {table:
    {action: rows}}, merged {table: rows}, reasons {table/reason: rows}, samples {table/action: row ids}, blocked,
    failed_checks, empty.
    """

    changes: pd.DataFrame
    crosswalk: pd.DataFrame
    events: pd.DataFrame
    checks: pd.DataFrame
    layouts: dict[str, dict[str, Any]]
    facts: dict[str, Any]

    @property
    def plan_id(self) -> str:
        return str(self.facts["plan_id"])

    @property
    def empty(self) -> bool:
        """Whether applying it would write nothing."""
        return not among(self.changes["action"], WRITES).any() and len(self.crosswalk) == 0


def make_plan(
    merged: Any,
    clustered: Clustered,
    target: TargetState,
    checks: pd.DataFrame,
    *,
    parties: pd.DataFrame | None = None,
    layouts: dict[str, dict[str, Any]] | None = None,
) -> Plan:
    """The plan that brings ``target`` to ``merged`` without touching what people changed there.

    Args:
        merged: object with one frame for each table of :data:`crm_etl.schema.CLIENT_TABLES`.
        clustered: which client holds which source record, and the merges and splits since the last load.
        target: the CRM now, from :func:`crm_etl.load.registry.read_target`.
        checks: results of all expectations; a critical one that failed blocks the plan.
        parties: accepted source records (schema.PARTY): their fingerprints for the crosswalk, and what those that
            left a client for another one had brought to it.
        layouts: of the deliveries that all this was made from, by source.
    """
    tables: dict[str, Differences] = {}
    clients: Clients | None = None
    left: Departures | None = None
    for name in schema.CLIENT_TABLES:
        tables[name], after = _table(name, getattr(merged, name), clustered, target, clients, left)
        if after is None:
            continue
        clients = after
        if parties is not None:
            staying, shut = merged.client["client_id"], _merged_by_people(target)
            left = Departures.of(clustered.members, parties, target, staying, clients.known, shut)
    assert clients is not None, "the client table comes before the tables that refer to it"
    changes = pd.concat([tables[name].changes for name in tables], ignore_index=True)[CHANGE_NAMES]
    checks = schema.CHECKS.conform(checks)
    plan = Plan(
        changes=changes,
        crosswalk=_crosswalk(_brought(clustered.members, merged.client), parties, target, clients),
        events=schema.EVENTS.conform(clustered.events),
        checks=checks,
        layouts={} if layouts is None else layouts,
        facts={
            "target_fingerprint": target.facts["fingerprint"],
            "counts": {name: {action: tables[name].counts[action] for action in ACTIONS} for name in tables},
            "merged": {name: len(getattr(merged, name)) for name in tables},
            "reasons": _reasons(changes),
            "samples": _samples(changes),
            **_verdict(checks),
        },
    )
    facts = plan.facts | {"empty": plan.empty, "plan_id": content_id(plan)}
    return replace(plan, facts=facts)


def content_id(plan: Plan) -> str:
    """The id that a plan of this content must have: the same for the same content, in any process."""
    frames = {"changes": plan.changes, "crosswalk": plan.crosswalk, "events": plan.events, "checks": plan.checks}
    return rowjson.digest(frames, [plan.facts["target_fingerprint"], plan.layouts])[:16]


def _table(
    name: str,
    frame: pd.DataFrame,
    clustered: Clustered,
    target: TargetState,
    clients: Clients | None,
    left: Departures | None,
) -> tuple[Differences, Clients | None]:
    columns = crm.columns_of(name)
    current, loaded = target.loadable(name), target.loaded(name)
    if name == "client":
        frame = frame.assign(**{crm.MERGED_INTO: pd.array([pd.NA] * len(frame), dtype=_TEXT)})
    rows, bad = cells.wanted(frame, columns)
    belongs = clients if "client_id" in rows.columns[1:] else None
    narrow = target.facts["narrow"].get(name, ())
    found = compare(name, rows, current, loaded, refusals(name, rows, bad, belongs, narrow))
    found = for_review(found, _merged_by_people(target))
    after = None
    retired = current.iloc[:0, 0]
    if name == "client":
        after = _clients(rows["client_id"], current["client_id"], found)
        wanted = _retired(rows, current, loaded, clustered.members, target, after)
        if len(wanted):
            retirement = compare(name, wanted, current, loaded, Refusals.none(len(wanted)))
            found, retired = _with_retired(found, retirement), wanted["client_id"]
    seen = pd.concat([rows.iloc[:, 0], retired, target.retired["client_id"] if name == "client" else retired])
    gone = pd.Series(loaded.index, dtype=_TEXT)
    vanished = among(current.iloc[:, 0], gone) & ~among(current.iloc[:, 0], seen)
    counts = {"retire": 0, "remove": 0} | found.counts | {"vanished": int(vanished.sum())}
    found = replace(found, counts=counts)
    if left is not None and follows(name):
        found = _with_departed(found, left.changes(name, rows[~found.refused], current[vanished], loaded))
    return found, after


def _merged_by_people(target: TargetState) -> pd.Index:
    """Clients that people merged into others in the CRM: the registry does not know of it."""
    loaded = target.loaded("client").reindex(target.retired["client_id"].to_numpy(dtype=object)).dropna()
    then = rowjson.decode(loaded, [crm.MERGED_INTO])[crm.MERGED_INTO]
    return loaded.index[then.isna().to_numpy(dtype=bool)]


def _clients(wanted: pd.Series, current: pd.Series, found: Differences) -> Clients:
    ids = wanted.to_numpy(dtype=object, na_value=None)
    standing = current.to_numpy(dtype=object)
    refused = pd.Index(ids[found.refused]).difference(pd.Index(standing))
    known = pd.Index(np.concatenate([standing, ids[found.inserted]]))
    # A duplicate of a client that is loaded is refused as a row, but its client is there.
    return Clients(known, pd.Index(ids[found.kept_deleted]), refused.difference(known))


def _retired(
    rows: pd.DataFrame,
    current: pd.DataFrame,
    loaded: pd.Series,
    members: pd.DataFrame,
    target: TargetState,
    clients: Clients,
) -> pd.DataFrame:
    """The clients that are no more because their records belong to others now: as loaded, but ``merged_into`` set.

    The client that took most of the records is named; where several took as many, the one with the smallest id.
    """
    moved = target.crosswalk[["source", "key", "client_id"]].merge(
        members[["source", "key", "client_id"]], on=["source", "key"], suffixes=("", "_now")
    )
    live = current.loc[current[crm.MERGED_INTO].isna(), "client_id"]
    moved = moved[moved["client_id"] != moved["client_id_now"]]
    moved = moved[
        among(moved["client_id"], live)
        & among(moved["client_id"], loaded.index)
        & ~among(moved["client_id"], rows["client_id"])
        & among(moved["client_id_now"], clients.known)
    ]
    into = (
        moved.groupby(["client_id", "client_id_now"], as_index=False)
        .size()
        .sort_values(["client_id", "size", "client_id_now"], ascending=[True, False, True])
        .drop_duplicates("client_id")
        .reset_index(drop=True)
    )
    then = rowjson.decode(loaded.reindex(into["client_id"].to_numpy(dtype=object)), list(rows.columns[1:]))
    then.insert(0, "client_id", pd.array(into["client_id"].array, dtype=_TEXT))
    then[crm.MERGED_INTO] = pd.array(into["client_id_now"].array, dtype=_TEXT)
    return then


def _with_retired(found: Differences, retirement: Differences) -> Differences:
    changes = retirement.changes.copy()
    changes.loc[changes["action"] == "update", "action"] = "retire"
    counts = found.counts | {
        "retire": retirement.counts["update"],
        "conflict": found.counts["conflict"] + retirement.counts["conflict"],
    }
    return replace(found, changes=pd.concat([found.changes, changes], ignore_index=True), counts=counts)


def _with_departed(found: Differences, changes: pd.DataFrame) -> Differences:
    removed = int((changes["action"] == "remove").sum())
    counts = found.counts | {
        "remove": removed,
        "conflict": found.counts["conflict"] + len(changes) - removed,
        "vanished": found.counts["vanished"] - len(changes),
    }
    return replace(found, changes=pd.concat([found.changes, changes], ignore_index=True), counts=counts)


def _brought(members: pd.DataFrame, client: pd.DataFrame) -> pd.DataFrame:
    """The records whose client the merge brings: others were refused there, and nothing is known anew of them."""
    return members[among(members["client_id"], client["client_id"])]


def _crosswalk(
    members: pd.DataFrame, parties: pd.DataFrame | None, target: TargetState, clients: Clients
) -> pd.DataFrame:
    """The records whose client or content is not what the registry knows, as far as their client is in the CRM."""
    rows = members[["source", "key", "client_id"]].astype(_TEXT)
    if parties is None:
        rows = rows.assign(fingerprint=pd.array([pd.NA] * len(rows), dtype=_TEXT))
    else:
        marks = parties[["source", "key", "fingerprint"]].drop_duplicates(["source", "key"])
        rows = rows.merge(marks, on=["source", "key"], how="left")
    rows = rows.merge(target.crosswalk, on=["source", "key"], how="left", suffixes=("", "_then"))
    same = (rows["client_id"] == rows["client_id_then"]).fillna(False) & (
        rows["fingerprint"].isna() | (rows["fingerprint"] == rows["fingerprint_then"]).fillna(False)
    )
    rows = rows[~same & among(rows["client_id"], clients.known)]
    rows = rows.sort_values(["source", "key"], kind="stable").reset_index(drop=True)
    rows["fingerprint"] = rows["fingerprint"].fillna(rows["fingerprint_then"])
    return rows[_CROSSWALK]


def _verdict(checks: pd.DataFrame) -> dict[str, Any]:
    failed = checks[(checks["severity"] == "critical") & ~checks["success"].fillna(False).astype(bool)]
    names = [f"{row.suite}/{row.table}: {row.check}" for row in failed.itertuples()]
    return {"blocked": bool(names), "failed_checks": names}


def _reasons(changes: pd.DataFrame) -> dict[str, int]:
    refused = changes[changes["action"] == "refuse"]
    counts = (refused["table"] + "/" + refused["reason"]).value_counts()
    return {str(name): int(counts[name]) for name in sorted(counts.index)}


def _samples(changes: pd.DataFrame) -> dict[str, list[str]]:
    first = changes.groupby(["table", "action"], sort=True).head(_SAMPLES)
    samples: dict[str, list[str]] = {}
    for row in first.itertuples():
        if isinstance(row.row_id, str):
            samples.setdefault(f"{row.table}/{row.action}", []).append(row.row_id)
    return samples
