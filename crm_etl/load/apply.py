"""Carrying a plan out: all of it with the registry in one transaction, or none of it.

Refuses a plan that was changed, is stale, or whose critical checks failed, whoever calls. What the plan should
be is decided in :mod:`crm_etl.load.plan`; how to take a batch back, in :mod:`crm_etl.load.undo`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import URL

from crm_etl.faults import ChecksFailed, PlanFault, RefusedRow, RowsRefused
from crm_etl.load import bulk, rowjson, violations
from crm_etl.load.cells import among
from crm_etl.load.connection import target_url, writing
from crm_etl.load.plan import WRITES, Plan, content_id
from crm_etl.load.registry import TargetState, read, read_target
from crm_etl.load.targets import crm
from crm_etl.load.targets.upgrade import upgrade_connection
from crm_etl.number import counted
from crm_etl.progress import NullProgress, Progress

CROSSWALK_ACTION = "crosswalk"


@dataclass(frozen=True)
class Batch:
    """An applied plan. ``batch_id`` and ``applied_at`` (ISO instant, UTC) are None if there was nothing to write."""

    batch_id: int | None
    plan_id: str
    applied_at: str | None
    counts: dict[str, Any]


def apply(plan: Plan, url: str, root: Path, progress: Progress | None = None) -> Batch:
    """Carries ``plan`` out on the target at ``url`` (a relative SQLite path starts at ``root``).

    Raises:
        ChecksFailed: critical checks of the plan failed.
        PlanFault: the plan was changed after it was made, or the target changed since.
        TargetFault: the target cannot be reached; nothing was written.
        RowsRefused: constraints of the target forbid rows, which the fault names; nothing was written.
    """
    _allowed(plan)
    if plan.empty:
        _fresh(plan, read_target(url, root))
        return Batch(None, plan.plan_id, None, plan.facts["counts"])
    target = target_url(url, root)
    try:
        return _carry_out(plan, target, progress or NullProgress())
    except RowsRefused as fault:
        refused = _refused(plan, target)
        raise _named(fault, refused) from None


def _carry_out(plan: Plan, target: URL, progress: Progress) -> Batch:
    with writing(target) as connection:
        with connection.begin():
            upgrade_connection(connection)
        with connection.begin():
            state = read(connection, lock=True)
            _fresh(plan, state)
            at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
            number = 1 + max((batch["id"] for batch in state.facts["batches"]), default=0)
            _write(connection, plan, state, number, at, progress)
    return Batch(number, plan.plan_id, at.isoformat(), plan.facts["counts"])


def _refused(plan: Plan, target: URL) -> list[RefusedRow]:
    """The rows that the target's constraints refuse, found in a transaction that is taken back."""

    def insert(name: str, rows: pd.DataFrame) -> None:
        bulk.insert(connection, crm.TABLES[name], bulk.cells_of(name, _inserted(name, rows)))

    def update(name: str, rows: pd.DataFrame) -> None:
        set_fields(connection, name, rows["row_id"], rows["fields"], rows["after"])

    def remove(name: str, rows: pd.DataFrame) -> None:
        bulk.delete(connection, crm.TABLES[name], crm.key_of(name), _plain(rows["row_id"]))

    changes = plan.changes[among(plan.changes["action"], WRITES)]
    with writing(target) as connection, connection.begin() as transaction:
        state = read(connection, lock=True)
        known = pd.concat([plan.crosswalk, state.crosswalk], ignore_index=True).drop_duplicates(["source", "key"])
        writers = {"remove": remove, "insert": insert, "update": update, "retire": update}
        found = violations.find(connection, changes, writers, known)
        transaction.rollback()
    return found


def _named(fault: RowsRefused, refused: list[RefusedRow]) -> RowsRefused:
    if not refused:  # a constraint that is checked at the end of a transaction only
        return fault
    constraints = Counter(row.constraint for row in refused)
    listed = "; ".join(f"{constraint} ({rows})" for constraint, rows in sorted(constraints.items()))
    first = f"{refused[0].table} {refused[0].row_id}, of {refused[0].records or 'no legacy record'}"
    named = RowsRefused(
        f"the target refused {counted(len(refused), 'row')}: {listed}\n  the first is {first}",
        where=fault.where,
        remedy="nothing was written; refused-by-target.csv among the reports names the rows: mend their records, or "
        "the target's own constraints, and load again",
    )
    named.rows = tuple(refused)
    return named


def _allowed(plan: Plan) -> None:
    if content_id(plan) != plan.plan_id:
        raise PlanFault(f"plan {plan.plan_id} was changed after it was made", remedy="plan again: crm-etl dry-run")
    critical = plan.checks["severity"] == "critical"
    failed = int((critical & ~plan.checks["success"].fillna(False).astype(bool)).sum())
    if failed:
        raise ChecksFailed(
            f"plan {plan.plan_id} is blocked: {counted(failed, 'critical check')} failed",
            remedy="mend the data or the mapping and plan again; the report of the dry run names the checks",
        )


def _fresh(plan: Plan, state: TargetState) -> None:
    if plan.facts["target_fingerprint"] != state.facts["fingerprint"]:
        raise PlanFault(
            f"plan {plan.plan_id} is stale: the target changed since it was made", remedy="plan again: crm-etl dry-run"
        )


def _write(
    connection: sa.Connection, plan: Plan, state: TargetState, number: int, at: datetime, progress: Progress
) -> None:
    changes = plan.changes[among(plan.changes["action"], WRITES)]
    connection.execute(
        crm.BATCH.insert().values(
            id=number, plan_id=plan.plan_id, applied_at=at, counts=json.dumps(plan.facts["counts"])
        )
    )
    with progress.task("load", total=len(changes)) as task:
        # First, so that a constraint of the target's own never sees a value at two clients.
        for name, rows in _by_table(changes[changes["action"] == "remove"]):
            _remove(connection, name, rows, number)
            task.advance(len(rows))
        for name, rows in _by_table(changes[changes["action"] == "insert"]):
            _insert(connection, name, rows, number, task.advance)
        _remember_inserts(connection, number)
        for name, rows in _by_table(changes[among(changes["action"], ["update", "retire"])]):
            _update(connection, name, rows, state, number)
            task.advance(len(rows))
    _write_crosswalk(connection, plan.crosswalk, state.crosswalk, number)
    _write_events(connection, plan.events, number)


def _by_table(changes: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """In loading order, so that a row's client is there before the row."""
    parts = ((name, changes[changes["table"] == name]) for name in crm.TABLES)
    return [(name, rows) for name, rows in parts if len(rows)]


def _insert(
    connection: sa.Connection, name: str, changes: pd.DataFrame, number: int, advance: Callable[[int], None]
) -> None:
    size = 20_000
    for start in range(0, len(changes), size):
        part = changes.iloc[start : start + size]
        bulk.insert(connection, crm.TABLES[name], bulk.cells_of(name, _inserted(name, part)))
        _remember(connection, name, _plain(part["row_id"]), _plain(part["after"]), [number] * len(part))
        advance(len(part))


def _remove(connection: sa.Connection, name: str, changes: pd.DataFrame, number: int) -> None:
    """Deletes rows and forgets them, so that they are new if they ever belong to their client again."""
    delete(connection, name, _plain(changes["row_id"]))
    _log(connection, number, changes)


def delete(connection: sa.Connection, name: str, ids: list[str]) -> None:
    """Deletes the rows ``ids`` of a CRM table and what the registry remembers of them."""
    bulk.delete(connection, crm.TABLES[name], crm.key_of(name), ids)
    bulk.delete(connection, crm.LOADED, "row_id", ids, {"table_name": name})


def insert_again(connection: sa.Connection, name: str, ids: pd.Series, values: pd.Series, batches: list[int]) -> None:
    """Inserts rows that were removed, with ``values`` (JSON), remembered as of the ``batches`` that brought them."""
    bulk.insert(connection, crm.TABLES[name], bulk.cells_of(name, _whole(name, ids, values)))
    _remember(connection, name, _plain(ids), _plain(values), batches)


def _inserted(name: str, changes: pd.DataFrame) -> pd.DataFrame:
    """The rows of one CRM table that ``changes`` insert, as canonical text."""
    return _whole(name, changes["row_id"], changes["after"])


def _whole(name: str, ids: pd.Series, values: pd.Series) -> pd.DataFrame:
    key = crm.key_of(name)
    rows = rowjson.decode(values, [column.name for column in crm.columns_of(name) if column.name != key])
    rows.insert(0, key, ids.array)
    return rows


def _remember(connection: sa.Connection, name: str, ids: list[Any], values: list[Any], batches: list[int]) -> None:
    columns = {"table_name": [name] * len(ids), "row_id": ids, "row_values": values, "batch_id": batches}
    bulk.insert(connection, crm.LOADED, columns)


def _remember_inserts(connection: sa.Connection, number: int) -> None:
    """The change rows of all inserts, made inside the database from what was just remembered."""
    loaded, change = crm.LOADED.c, crm.CHANGE.c
    rows = sa.select(loaded.batch_id, loaded.table_name, loaded.row_id, sa.literal("insert"), loaded.row_values).where(
        loaded.batch_id == number
    )
    into = [change.batch_id, change.table_name, change.row_id, change.action, change.after_values]
    connection.execute(crm.CHANGE.insert().from_select(into, rows))


def _update(connection: sa.Connection, name: str, changes: pd.DataFrame, state: TargetState, number: int) -> None:
    set_fields(connection, name, changes["row_id"], changes["fields"], changes["after"])
    loaded = state.loaded(name)
    then = loaded.reindex(changes["row_id"].to_numpy(dtype=object))
    values = [
        rowjson.dump(json.loads(old) | json.loads(new)) for old, new in zip(then, _plain(changes["after"]), strict=True)
    ]
    remember_again(connection, name, _plain(changes["row_id"]), values)
    _log(connection, number, changes)


def set_fields(connection: sa.Connection, name: str, ids: pd.Series, fields: pd.Series, values: pd.Series) -> None:
    """Sets in the rows ``ids`` of a CRM table those ``fields`` (JSON lists) to ``values`` (JSON objects)."""
    rows = pd.DataFrame({"id": ids.array, "fields": fields.array, "values": values.array})
    for listed, part in rows.groupby("fields", sort=True):
        cells = rowjson.decode(part["values"], json.loads(str(listed)))
        bulk.update(connection, crm.TABLES[name], bulk.cells_of(name, cells), {crm.key_of(name): _plain(part["id"])})


def remember_again(connection: sa.Connection, name: str, ids: list[str], values: list[str]) -> None:
    """What rows of a CRM table, known already, are as last loaded."""
    where = {"table_name": [name] * len(ids), "row_id": ids}
    bulk.update(connection, crm.LOADED, {"row_values": values}, where)


def _log(connection: sa.Connection, number: int, changes: pd.DataFrame) -> None:
    columns = {
        "batch_id": [number] * len(changes),
        "table_name": _plain(changes["table"]),
        "row_id": _plain(changes["row_id"]),
        "action": _plain(changes["action"]),
        "before_values": _plain(changes["before"]),
        "after_values": _plain(changes["after"]),
    }
    bulk.insert(connection, crm.CHANGE, columns)


def _write_crosswalk(connection: sa.Connection, rows: pd.DataFrame, then: pd.DataFrame, number: int) -> None:
    rows = rows.merge(then, on=["source", "key"], how="left", suffixes=("", "_then"))
    known = rows["client_id_then"].notna().to_numpy(dtype=bool)
    fresh, moved = rows[~known], rows[known]
    columns = {name: _plain(fresh[name]) for name in ("source", "key", "client_id", "fingerprint")}
    bulk.insert(connection, crm.CROSSWALK, columns | {"batch_id": [number] * len(fresh)})
    _log(connection, number, _crosswalk_changes(moved))
    bulk.update(
        connection,
        crm.CROSSWALK,
        {"client_id": _plain(moved["client_id"]), "fingerprint": _plain(moved["fingerprint"])},
        {"source": _plain(moved["source"]), "key": _plain(moved["key"])},
    )


def _crosswalk_changes(moved: pd.DataFrame) -> pd.DataFrame:
    """Moved records as change rows; the row is named by source:key, which is unique: a source has no colon."""
    before = moved[["client_id_then", "fingerprint_then"]].set_axis(["client_id", "fingerprint"], axis=1)
    return pd.DataFrame(
        {
            "table": crm.CROSSWALK.name,
            "row_id": moved["source"] + ":" + moved["key"],
            "action": CROSSWALK_ACTION,
            "before": rowjson.encode(before).array,
            "after": rowjson.encode(moved[["client_id", "fingerprint"]]).array,
        }
    )


def _write_events(connection: sa.Connection, events: pd.DataFrame, number: int) -> None:
    columns = {str(name): _plain(events[name]) for name in events.columns}
    place = {"batch_id": [number] * len(events), "position": list(range(len(events)))}
    bulk.insert(connection, crm.EVENT, place | columns)


def _plain(cells: pd.Series) -> list[Any]:
    plain: list[Any] = cells.to_numpy(dtype=object, na_value=None).tolist() if len(cells) else []
    return plain
