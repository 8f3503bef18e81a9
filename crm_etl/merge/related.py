"""Interactions, transactions, opportunities and consents: pointed from the legacy key to the one client.

A row whose client record is not among the accepted ones leaves with the reason ``orphan`` (nobody delivered
that record) or ``client_quarantined`` (it was refused before, and comes back together with its client).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crm_etl import schema
from crm_etl.merge.ids import row_ids
from crm_etl.merge.refusals import refuse
from crm_etl.merge.users import Users
from crm_etl.migration import Migration

ORPHAN = "orphan"
CLIENT_QUARANTINED = "client_quarantined"
INCOMPLETE = "incomplete_consent"
STAGE = "merge"
#: Entity of a source -> the client table that its rows go to; consents are folded, see :mod:`consents`.
TABLES = {
    "interaction": schema.CLIENT_INTERACTION,
    "transaction": schema.CLIENT_TRANSACTION,
    "opportunity": schema.CLIENT_OPPORTUNITY,
}


@dataclass(frozen=True)
class Attached:
    """``rows``: entity -> accepted rows with ``client_id``; ``refused``: QUARANTINE; ``counts``: by source."""

    rows: dict[str, pd.DataFrame]
    refused: pd.DataFrame
    counts: dict[str, dict[str, int]]

    @property
    def owners(self) -> list[pd.Series]:
        return [frame["owner"] for frame in self.rows.values() if "owner" in frame]


def attach(
    related: Mapping[str, pd.DataFrame],
    members: pd.DataFrame,
    migration: Migration,
    lost: Mapping[tuple[str, str], str],
    raw: Mapping[str, pd.DataFrame],
) -> Attached:
    """Every row of ``related`` with its client, or refused; by source name, so that order does not matter."""
    crosswalk = members[["source", "key", "client_id"]].rename(columns={"source": "client_source", "key": "client_key"})
    kept: dict[str, list[pd.DataFrame]] = {entity: [] for entity in (*TABLES, "consent")}
    refused: list[pd.DataFrame] = []
    counts: dict[str, dict[str, int]] = {}
    for name in sorted(related):
        entity = migration.source(name).entity
        rows = related[name].merge(crosswalk, how="left", on=["client_source", "client_key"])
        orphans = rows["client_id"].isna().to_numpy()
        broken = (rows["channel"].isna() | rows["allowed"].isna()).to_numpy() if entity == "consent" else orphans
        out = orphans | broken
        kept[entity].append(rows[~out])
        refused.append(_orphans(rows[orphans], raw.get(name), lost))
        refused.append(_incomplete(rows[broken & ~orphans], raw.get(name)))
        counts[name] = {"read": len(rows), "kept": int((~out).sum()), "refused": int(out.sum())}
    return Attached(
        {entity: _sorted(frames, entity) for entity, frames in kept.items()},
        pd.concat([schema.QUARANTINE.empty(), *refused], ignore_index=True),
        counts,
    )


def table_of(entity: str, attached: Attached, users: Users) -> pd.DataFrame:
    """The client table of an entity: ids that depend on the legacy record alone, owners as users."""
    rows, table = attached.rows[entity], TABLES[entity]
    data: dict[str, Any] = {name: rows[name] for name in table.names if name in rows}
    data["row_id"] = row_ids(rows["source"], rows["key"])
    data["legacy_source"], data["legacy_key"] = rows["source"], rows["key"]
    if "owner" in table.names:
        data["owner"] = users.of_column(rows["owner"])
    return table.conform(pd.DataFrame(data, index=rows.index))


def _sorted(frames: list[pd.DataFrame], entity: str) -> pd.DataFrame:
    blank = schema.ENTITIES[entity].empty().assign(client_id=pd.array([], dtype="string[pyarrow]"))
    rows = pd.concat([blank, *frames], ignore_index=True)
    return rows.sort_values(["client_id", "source", "key"], kind="stable", ignore_index=True)


def _orphans(rows: pd.DataFrame, raw: pd.DataFrame | None, lost: Mapping[tuple[str, str], str]) -> pd.DataFrame:
    told = [_told(source, key, lost) for source, key in zip(rows["client_source"], rows["client_key"], strict=True)]
    return refuse(
        rows.drop(columns="client_id"),
        raw,
        stage=STAGE,
        field="client_key",
        reason=pd.Series([reason for reason, _ in told], index=rows.index, dtype=object),
        message=pd.Series([message for _, message in told], index=rows.index, dtype=object),
    )


def _told(source: Any, key: Any, lost: Mapping[tuple[str, str], str]) -> tuple[str, str]:
    if source is pd.NA or key is pd.NA:
        return ORPHAN, "the row names no client record: fill in the reference and send the row again"
    if (source, key) in lost:
        why = lost[(source, key)]
        return CLIENT_QUARANTINED, f"its client record {source}:{key} was refused ({why}): correct that one first"
    return ORPHAN, f"no client record {source}:{key} was delivered: mend the reference or deliver the record"


def _incomplete(rows: pd.DataFrame, raw: pd.DataFrame | None) -> pd.DataFrame:
    return refuse(
        rows.drop(columns="client_id"),
        raw,
        stage=STAGE,
        field="allowed",
        reason=INCOMPLETE,
        message="a consent needs its channel and yes or no: fill them in and send the row again",
    )
