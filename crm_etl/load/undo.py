"""Taking a batch back: inserted rows go, removed ones return, updated fields get their earlier values, the registry
forgets.

What people edited after the batch is never lost: such rows and fields stay as they are and are named. Only the
latest batch that is not undone yet can be taken back; earlier ones follow one by one.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from crm_etl.faults import PlanFault
from crm_etl.load import bulk, rowjson
from crm_etl.load.apply import CROSSWALK_ACTION, delete, insert_again, remember_again, set_fields
from crm_etl.load.cells import among
from crm_etl.load.connection import exists, target_url, writing
from crm_etl.load.registry import TargetState, frame, read
from crm_etl.load.targets import crm

_CHANGE = ("table_name", "row_id", "action", "before_values", "after_values")


def undo(batch_id: int, url: str, root: Path) -> dict[str, Any]:
    """Takes the batch back, in one transaction.

    Returns:
        ``deleted`` and ``restored`` rows (removed ones among them), ``crosswalk`` records set back, ``conflicts``
        (rows kept, wholly or in some fields, because people edited them since or other rows belong to them),
        ``kept``: these rows as ``table:row_id``.

    Raises:
        PlanFault: no such batch, undone already, or a later one stands.
        TargetFault: the target cannot be reached.
    """
    target = target_url(url, root)
    if not exists(target):
        raise PlanFault(f"no batch {batch_id}: the target does not exist", remedy="look at target.url")
    with writing(target) as connection, connection.begin():
        state = read(connection, lock=True)
        _latest(batch_id, state)
        log = frame(connection, crm.CHANGE, _CHANGE, crm.CHANGE.c.batch_id == batch_id)
        restored, edited = _restore(connection, log, state)
        deleted, kept = _remove(connection, log, state, batch_id)
        restored += _bring_back(connection, log, state, batch_id)
        records = _forget(connection, log, batch_id, kept.get("client", set()))
        moment = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        connection.execute(crm.BATCH.update().where(crm.BATCH.c.id == batch_id).values(undone_at=moment))
    names = sorted({*edited, *(f"{name}:{row}" for name, rows in kept.items() for row in rows)})
    return {
        "deleted": deleted,
        "restored": restored,
        "crosswalk": records,
        "conflicts": len(names),
        "kept": names,
    }


def _latest(batch_id: int, state: TargetState) -> None:
    batches = {batch["id"]: batch for batch in state.facts["batches"]}
    if batch_id not in batches:
        raise PlanFault(f"no batch {batch_id}", remedy=f"batches are: {', '.join(map(str, batches)) or 'none'}")
    if batches[batch_id]["undone"]:
        raise PlanFault(f"batch {batch_id} is undone already")
    latest = max(number for number, batch in batches.items() if not batch["undone"])
    if latest != batch_id:
        raise PlanFault(f"batch {batch_id} is not the latest", remedy=f"undo batch {latest} first")


def _restore(connection: sa.Connection, log: pd.DataFrame, state: TargetState) -> tuple[int, list[str]]:
    """Sets updated fields back where the CRM still has what the batch wrote; names the rows where it has not."""
    restored, edited = 0, []
    updates = log[among(log["action"], ["update", "retire"])]
    for name, rows in updates.groupby("table_name", sort=True):
        table = str(name)
        back = _earlier(rows, state.loadable(table).set_index(crm.key_of(table)), state.loaded(table))
        edited += [f"{table}:{row_id}" for row_id in back.loc[back["edited"], "row_id"]]
        back = back[back["fields"] != "[]"]
        set_fields(connection, table, back["row_id"], back["fields"], back["before"])
        remember_again(connection, table, back["row_id"].tolist(), back["loaded"].tolist())
        restored += len(back)
    return restored, edited


def _earlier(rows: pd.DataFrame, current: pd.DataFrame, loaded: pd.Series) -> pd.DataFrame:
    """For each change: row_id, fields to set back, their values before, the row as loaded before, edited since."""
    at = pd.Index(current.index).get_indexer(rows["row_id"].to_numpy(dtype=object))
    now = {name: current[name].to_numpy(dtype=object, na_value=None) for name in current}
    known = dict(zip(loaded.index, loaded.to_numpy(dtype=object), strict=True))
    found = []
    for place, row_id, before_json, after_json in zip(
        at, rows["row_id"], rows["before_values"], rows["after_values"], strict=True
    ):
        before, after = json.loads(before_json), json.loads(after_json)
        # A row that people deleted since has nothing to keep: only the registry's memory of it goes back.
        same = {name: value for name, value in before.items() if place < 0 or now[name][place] == after[name]}
        then = json.loads(known[row_id]) | same
        found.append(
            (row_id, rowjson.dump_names(same), rowjson.dump(same), rowjson.dump(then), len(same) < len(before))
        )
    return pd.DataFrame(found, columns=["row_id", "fields", "before", "loaded", "edited"])


def _remove(
    connection: sa.Connection, log: pd.DataFrame, state: TargetState, batch_id: int
) -> tuple[int, dict[str, set[str]]]:
    """Deletes inserted rows that nobody touched since; returns how many, and the keys kept by table."""
    deleted, kept = 0, {}
    inserts = log[log["action"] == "insert"]
    for table in reversed(crm.TABLES):  # rows before the clients that they belong to
        rows = inserts[inserts["table_name"] == table]
        if len(rows) == 0:
            continue
        current = state.loadable(table)
        at = pd.Index(current.iloc[:, 0].to_numpy(dtype=object)).get_indexer(rows["row_id"].to_numpy(dtype=object))
        now = rowjson.encode(current.iloc[at[at >= 0], 1:].reset_index(drop=True))
        changed = np.zeros(len(rows), dtype=bool)
        changed[at >= 0] = now.to_numpy(dtype=object) != rows.loc[at >= 0, "after_values"].to_numpy(dtype=object)
        stays = set(rows.loc[changed, "row_id"])
        if table == "client":
            stays |= _referred(connection, batch_id)
        goes = [row_id for row_id in rows["row_id"] if row_id not in stays]
        delete(connection, table, goes)
        deleted += len(goes)
        kept[table] = stays
    return deleted, kept


def _bring_back(connection: sa.Connection, log: pd.DataFrame, state: TargetState, batch_id: int) -> int:
    """Inserts the removed rows again, of clients that people have not deleted since; returns how many."""
    removed = log[log["action"] == "remove"]
    here = state.table("client")["client_id"]
    brought = 0
    for name, rows in removed.groupby("table_name", sort=True):
        table = str(name)
        owner = rowjson.decode(rows["before_values"], ["client_id"])["client_id"]
        rows = rows[among(owner, here)]
        since = _first_loaded(connection, table, rows["row_id"].tolist(), state)
        batches = [since.get(row_id, batch_id) for row_id in rows["row_id"]]
        insert_again(connection, table, rows["row_id"], rows["before_values"], batches)
        brought += len(rows)
    return brought


def _first_loaded(connection: sa.Connection, table: str, ids: list[str], state: TargetState) -> dict[str, int]:
    """The batch that brought each of these rows of a CRM table, of the batches that are not undone."""
    standing = [batch["id"] for batch in state.facts["batches"] if not batch["undone"]]
    change = crm.CHANGE.c
    of_table = sa.and_(change.batch_id.in_(standing), change.table_name == table, change.action == "insert")
    found: dict[str, int] = {}
    for part in bulk.parts(ids):
        query = sa.select(change.row_id, change.batch_id).where(of_table, change.row_id.in_(part))
        found |= dict(connection.execute(query.order_by(change.batch_id)).tuples().all())
    return found


def _referred(connection: sa.Connection, batch_id: int) -> set[str]:
    """Clients of the batch that rows still belong to: rows that people added, or that stayed for their edits."""
    change = crm.CHANGE.c
    inserted = sa.and_(change.batch_id == batch_id, change.table_name == "client", change.action == "insert")
    referring = [table.c.client_id for name, table in crm.TABLES.items() if name != "client" and "client_id" in table.c]
    found: set[str] = set()
    for column in (*referring, crm.TABLES["client"].c[crm.MERGED_INTO]):
        query = sa.select(column).distinct().join(crm.CHANGE, sa.and_(inserted, change.row_id == column))
        found |= set(connection.execute(query).scalars())
    return found


def _forget(connection: sa.Connection, log: pd.DataFrame, batch_id: int, kept: set[str]) -> int:
    """Sets the crosswalk back, except for records of the clients that stay."""
    moved = log[log["action"] == CROSSWALK_ACTION]
    before = rowjson.decode(moved["before_values"], ["client_id", "fingerprint"])
    names = [row_id.partition(":") for row_id in moved["row_id"]]
    source, key = [name[0] for name in names], [name[2] for name in names]
    columns = {name: before[name].to_numpy(dtype=object, na_value=None).tolist() for name in before}
    bulk.update(connection, crm.CROSSWALK, columns, {"source": source, "key": key})
    fresh = frame(connection, crm.CROSSWALK, ("source", "key", "client_id"), crm.CROSSWALK.c.batch_id == batch_id)
    fresh = fresh[~among(fresh["client_id"], kept)]
    for name, rows in fresh.groupby("source", sort=True):
        bulk.delete(connection, crm.CROSSWALK, "key", rows["key"].tolist(), {"source": str(name)})
    return len(moved) + len(fresh)
