"""The three-way comparison of one table, per field: as last loaded, as the legacy says now, as the CRM says now.

| legacy since the last load | CRM since the last load | what happens |
|---|---|---|
| unchanged | anything | leave |
| changed | unchanged | update |
| changed | changed to the same value | leave |
| changed | changed to another value | conflict: not written, a person decides |

Pure functions on frames of canonical text (:mod:`crm_etl.load.cells`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from crm_etl.load import rowjson
from crm_etl.load.cells import among
from crm_etl.load.loadable import Refusals

CHANGE_NAMES = ["table", "row_id", "client_id", "action", "reason", "fields", "before", "after"]
_TEXT = "string[pyarrow]"
NO_CHANGES = pd.DataFrame({name: pd.array([], dtype=_TEXT) for name in CHANGE_NAMES})


@dataclass(frozen=True)
class Differences:
    """What a load does to one table: change rows, and how many wanted rows had which fate."""

    changes: pd.DataFrame
    counts: dict[str, int]
    inserted: Any  # mask over the wanted rows
    kept_deleted: Any
    refused: Any


def compare(
    table: str, wanted: pd.DataFrame, current: pd.DataFrame, loaded: pd.Series, refusals: Refusals
) -> Differences:
    """Compares the rows that the legacy wants with those that stand in the CRM.

    Args:
        wanted: rows now, key column first, keys unique where not refused.
        current: rows of the CRM, the same columns.
        loaded: JSON of the rows as last loaded, indexed by key.
        refusals: what is wrong with which wanted row.
    """
    ids = wanted.iloc[:, 0].to_numpy(dtype=object, na_value=None)
    at_current = pd.Index(current.iloc[:, 0].to_numpy(dtype=object)).get_indexer(ids)
    at_loaded = pd.Index(loaded.index).get_indexer(ids)
    here, known = at_current >= 0, at_loaded >= 0
    deleted = known & ~here
    refused = refusals.any & ~deleted
    inserted = ~here & ~known & ~refused
    values = wanted.iloc[:, 1:]
    # Most rows of a rerun are as they were loaded: equal JSON spares the comparison field by field.
    now, then = rowjson.encode(values), loaded.reset_index(drop=True)
    same = np.zeros(len(ids), dtype=bool)
    same[known] = now[known].to_numpy(dtype=object) == then.iloc[at_loaded[known]].to_numpy(dtype=object)
    open_ = np.flatnonzero(here & ~refused & ~same)
    fields = _fields(values.iloc[open_], current.iloc[at_current[open_], 1:], then, at_loaded[open_])
    parts = _changed(table, wanted.iloc[open_], fields)
    if inserted.any():
        parts.append(_rows(table, wanted[inserted], "insert", after=now[inserted]))
    if refused.any():
        parts.append(_rows(table, wanted[refused], "refuse", refusals=refusals, mask=refused))
    updated = int(fields.updated.sum())
    counts = {
        "insert": int(inserted.sum()),
        "update": updated,
        "refuse": int(refused.sum()),
        "conflict": int(fields.conflicting.sum()),
        "kept_deleted": int(deleted.sum()),
    }
    only_conflict = int((fields.conflicting & ~fields.updated).sum())
    counts["leave"] = len(ids) - counts["insert"] - updated - counts["refuse"] - counts["kept_deleted"] - only_conflict
    changes = pd.concat(parts, ignore_index=True) if parts else NO_CHANGES
    return Differences(changes, counts, inserted, deleted, refused)


def for_review(found: Differences, merged: pd.Index) -> Differences:
    """``found`` with nothing written to clients that people ``merged`` into others: changes of their rows are conflicts
    and further rows of theirs refused (client_merged), for a person to bring to the client that is left."""
    changes = found.changes
    mine = among(changes["client_id"], merged) if len(merged) else np.zeros(len(changes), dtype=bool)
    if not mine.any():
        return found
    inserts, updates = (mine & (changes["action"] == action).to_numpy(dtype=bool) for action in ("insert", "update"))
    changes = changes.copy()
    changes.loc[inserts, ["action", "reason", "fields", "after"]] = ["refuse", "client_merged", '["client_id"]', pd.NA]
    changes.loc[updates, "action"] = "conflict"
    more = {"insert": -int(inserts.sum()), "refuse": int(inserts.sum()), "update": -int(updates.sum())}
    counts = {name: count + more.get(name, 0) for name, count in found.counts.items()}
    counts["conflict"] = int(changes.loc[changes["action"] == "conflict", "row_id"].nunique())
    return replace(found, changes=changes, counts=counts)


@dataclass(frozen=True)
class _Fields:
    """For each open row: its values here and there, and masks per field."""

    now: pd.DataFrame
    crm: pd.DataFrame
    write: dict[str, Any]
    conflict: dict[str, Any]

    @property
    def updated(self) -> Any:
        return _either(self.write, len(self.now))

    @property
    def conflicting(self) -> Any:
        return _either(self.conflict, len(self.now))


def _fields(now: pd.DataFrame, crm: pd.DataFrame, loaded: pd.Series, at: Any) -> _Fields:
    now, crm = now.reset_index(drop=True), crm.reset_index(drop=True)
    names = list(now.columns) if len(at) else []
    known = at >= 0
    then = rowjson.decode(loaded.iloc[at[known]], names)
    write, conflict = {}, {}
    for name in names:
        new, present = _objects(now[name]), _objects(crm[name])
        old = np.full(len(now), None, dtype=object)
        old[known] = _objects(then[name])
        # A row that stands in the CRM but was never loaded is people's own work: every difference is a conflict.
        differs = (new != present) & ((new != old) | ~known)
        edited = (present != old) | ~known
        write[name] = differs & ~edited
        conflict[name] = differs & edited
    return _Fields(now, crm, write, conflict)


def _changed(table: str, rows: pd.DataFrame, fields: _Fields) -> list[pd.DataFrame]:
    parts = []
    for action, rows_mask, masks in (
        ("update", fields.updated, fields.write),
        ("conflict", fields.conflicting, fields.conflict),
    ):
        if not rows_mask.any():
            continue
        only = {name: mask[rows_mask] for name, mask in masks.items() if mask.any()}
        parts.append(
            _rows(
                table,
                rows[rows_mask],
                action,
                fields=rowjson.encode_names(only, int(rows_mask.sum())),
                before=rowjson.encode(fields.crm[rows_mask], only),
                after=rowjson.encode(fields.now[rows_mask], only),
            )
        )
    return parts


def _rows(
    table: str,
    rows: pd.DataFrame,
    action: str,
    *,
    fields: pd.Series | None = None,
    before: pd.Series | None = None,
    after: pd.Series | None = None,
    refusals: Refusals | None = None,
    mask: Any = None,
) -> pd.DataFrame:
    size = len(rows)
    key = rows.columns[0]
    client = rows.get("client_id")
    reason = None
    if refusals is not None:
        reason = pd.Series(refusals.reason[mask])
        fields = pd.Series([f'["{name}"]' for name in refusals.field[mask]], dtype=object)
    columns = {
        "table": pd.Series([table] * size),
        "row_id": rows[key],
        "client_id": client,
        "action": pd.Series([action] * size),
        "reason": reason,
        "fields": fields,
        "before": before,
        "after": after,
    }
    none = pd.Series([None] * size)
    return pd.DataFrame(
        {name: pd.array((none if part is None else part).array, dtype=_TEXT) for name, part in columns.items()}
    )


def _objects(cells: pd.Series) -> Any:
    return cells.to_numpy(dtype=object, na_value=None)


def _either(masks: dict[str, Any], size: int) -> Any:
    return np.logical_or.reduce(list(masks.values())) if masks else np.zeros(size, dtype=bool)
