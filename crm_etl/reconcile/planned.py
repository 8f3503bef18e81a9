"""What a plan would leave in the CRM, and which source rows it refuses: for a ledger before, and after, the load.

A plan refuses rows that the target could not take. Their source rows are neither loaded nor lost: they are
quarantined at the stage ``load``, with the plan's reason.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from crm_etl import schema
from crm_etl.load.cells import among
from crm_etl.merge import refuse
from crm_etl.reconcile.sides import ROW_TABLES, Crm

STAGE = "load"
_REFUSED = "refuse"


def planned(
    tables: Mapping[str, pd.DataFrame],
    members: pd.DataFrame,
    changes: pd.DataFrame,
    standing: Mapping[str, pd.DataFrame],
    lineage: pd.DataFrame,
) -> Crm:
    """The CRM after the plan: the merged ``tables`` without the rows that ``changes`` refuses to insert.

    ``members`` is schema.MEMBERS, ``changes`` the plan's, ``standing`` the target's present tables.
    """
    left = {name: frame[~_refused(name, frame, changes, standing.get(name))] for name, frame in tables.items()}
    return Crm(left, schema.CROSSWALK.conform(members[schema.CROSSWALK.names]), lineage)


def refused_rows(
    changes: pd.DataFrame,
    members: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    standing: Mapping[str, pd.DataFrame],
    parties: pd.DataFrame,
    related: Mapping[str, pd.DataFrame],
    raw: Mapping[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """The source rows that the plan keeps out of the CRM, schema.QUARANTINE of stage ``load``.

    ``standing`` is the CRM as it is: a refused change of a row that stands there keeps nothing out. ``raw`` maps
    a source to its extracted rows, for the original cells.
    """
    client = tables["client"]
    out = client.loc[_refused("client", client, changes, standing.get("client")), "client_id"]
    lost = members[among(members["client_id"], out)][["source", "key", "client_id"]]
    frames = [_quarantined(parties, lost.rename(columns={"client_id": "row_id"}), changes, "client", raw)]
    for name in ROW_TABLES.values():
        if name not in tables:
            continue
        rows = tables[name][_refused(name, tables[name], changes, standing.get(name))]
        keys = rows[["legacy_source", "legacy_key", "row_id"]]
        keys = keys.rename(columns={"legacy_source": "source", "legacy_key": "key"})
        for source in sorted(keys["source"].dropna().unique()):
            if source in related:
                frames.append(_quarantined(related[source], keys[keys["source"] == source], changes, name, raw))
    return schema.QUARANTINE.conform(pd.concat(frames, ignore_index=True))


def _refused(name: str, frame: pd.DataFrame, changes: pd.DataFrame, standing: pd.DataFrame | None) -> pd.Series:
    refused = changes[(changes["table"] == name) & (changes["action"] == _REFUSED)]["row_id"]
    key = schema.CLIENT_TABLES[name].names[0]
    out = pd.Series(among(frame[key], refused), index=frame.index)
    return out if standing is None else out & ~among(frame[key], standing[key])


def _quarantined(
    rows: pd.DataFrame, lost: pd.DataFrame, changes: pd.DataFrame, table: str, raw: Mapping[str, pd.DataFrame] | None
) -> pd.DataFrame:
    reasons = changes[(changes["table"] == table) & (changes["action"] == _REFUSED)]
    reasons = reasons.drop_duplicates("row_id").set_index("row_id")["reason"]
    found = rows.merge(lost[["source", "key", "row_id"]], on=["source", "key"], how="inner")
    parts = [schema.QUARANTINE.empty()]
    for source, part in found.groupby("source", sort=True):
        why = part["row_id"].map(reasons)
        parts.append(
            refuse(
                part.drop(columns="row_id"),
                None if raw is None else raw.get(str(source)),
                stage=STAGE,
                field=table,
                reason=why.astype(object),
                message="the target cannot take the row: correct it in the source and send it again",
            )
        )
    return pd.concat(parts, ignore_index=True)
