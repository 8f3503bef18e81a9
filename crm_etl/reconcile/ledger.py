"""The ledger: where each delivered row has gone, per source. It must close to zero.

read = loaded + merged + quarantined + excluded + awaiting. ``loaded`` and ``merged`` are counted in the CRM's
own tables and crosswalk, not in what any stage reported, so a row that was lost on the way, or loaded twice,
leaves a difference. What the differences consist of in fields belongs to :mod:`crm_etl.reconcile.compare`.
"""

from __future__ import annotations

import pandas as pd

from connectors.base import AWAITING
from crm_etl import schema
from crm_etl.faults import LedgerFault
from crm_etl.load.cells import among
from crm_etl.number import counted
from crm_etl.reconcile.sides import ROW_TABLES, Crm, Legacy, consent_rows, placed, row_pairs

#: Why the CRM holds what the sources do not bring today.
VANISHED, QUARANTINED = "vanished_since_load", "quarantined_since_load"


def ledger(legacy: Legacy, crm: Crm) -> pd.DataFrame:
    """The balance, schema.LEDGER, one line a source in the order of ``legacy.entities``. Counts are rows.

    Of the records of a client that of the most trusted source (then the lowest key) counts as loaded, the
    others as merged. Rows of related sources are loaded when the CRM holds a row with their legacy key; one that
    is refused today is quarantined although an earlier delivery of it still stands there (see :func:`kept`). Of
    consents that say the same of a client and channel one is loaded, the others merged.
    """
    clients, consents = placed(legacy, crm), consent_rows(legacy, crm)
    awaiting = legacy.excluded["rule"] == AWAITING
    counts = {
        "loaded": _add(_by_source(clients[clients["first"]]), _by_source(consents[consents["first"]])),
        "merged": _add(_by_source(clients[~clients["first"]]), _by_source(consents[~consents["first"]])),
        "quarantined": _by_source(legacy.refused),
        "excluded": _by_source(legacy.excluded[~awaiting.fillna(False)]),
        "awaiting": _by_source(legacy.excluded[awaiting.fillna(False)]),
    }
    for source, rows in legacy.taken.items():
        name = ROW_TABLES.get(legacy.entities[source])
        if name is not None:
            counts["loaded"][source] = len(row_pairs(rows, crm.table(name)))
    return schema.LEDGER.build(_line(source, legacy.read.get(source, 0), counts) for source in legacy.entities)


def lost(legacy: Legacy, crm: Crm) -> pd.DataFrame:
    """The accepted rows that the CRM does not hold and no stage refused: columns source, key."""
    found = [placed(legacy, crm)[["source", "key"]], consent_rows(legacy, crm)[["source", "key"]]]
    accepted = [legacy.parties[["source", "key"]]]
    for source, rows in legacy.related.items():
        accepted.append(rows[["source", "key"]])
        name = ROW_TABLES.get(legacy.entities[source])
        if name is not None:
            found.append(row_pairs(rows, crm.table(name))[["source", "key"]])
    # Rows without a key cannot be told apart; only refused rows have none, and those are not in `accepted`.
    known = pd.concat([*found, legacy.refused[["source", "key"]]], ignore_index=True).drop_duplicates()
    every = pd.concat(accepted, ignore_index=True)
    marked = every.merge(known, on=["source", "key"], how="left", indicator=True)
    return marked.loc[marked["_merge"] == "left_only", ["source", "key"]].reset_index(drop=True)


def kept(legacy: Legacy, crm: Crm) -> pd.DataFrame:
    """What earlier loads brought and the sources do not bring today: columns source, key, rule.

    Such records and rows stay in the CRM, since nothing is deleted there by itself. ``rule`` says whether the source
    delivers the row no more (:data:`VANISHED`) or delivers it with a fault (:data:`QUARANTINED`).
    """
    clients = crm.crosswalk[among(crm.crosswalk["client_id"], crm.table("client")["client_id"])]
    held, due = [clients[["source", "key"]]], [legacy.due[["source", "key"]]]
    for name in ROW_TABLES.values():
        rows = crm.table(name)[["legacy_source", "legacy_key"]].dropna()
        held.append(rows.set_axis(["source", "key"], axis=1))
    due += [rows[["source", "key"]] for rows in legacy.taken.values()]
    every = pd.concat(held, ignore_index=True).drop_duplicates()
    every = every[every["source"].isin(list(legacy.entities))]
    left = every[~_keys(every).isin(_keys(pd.concat(due, ignore_index=True)))]
    refused = _keys(left).isin(_keys(legacy.refused))
    rule = pd.Series(refused, index=left.index).map({True: QUARANTINED, False: VANISHED})
    return left.assign(rule=rule.astype("string[pyarrow]")).reset_index(drop=True)


def _keys(rows: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(rows[["source", "key"]].astype("string[pyarrow]"))


def closes(balance: pd.DataFrame) -> bool:
    """Whether every source's difference is zero."""
    return bool((balance["difference"] == 0).all())


def require_closed(balance: pd.DataFrame) -> None:
    """Pass when the ledger closes.

    Raises:
        LedgerFault: rows of some source cannot be accounted for; names the sources and how many rows.
    """
    if closes(balance):
        return
    open_lines = balance[balance["difference"] != 0]
    parts = [
        f"{line.source}: {counted(abs(line.difference), 'row')} {'missing' if line.difference > 0 else 'too many'}"
        for line in open_lines.itertuples()
    ]
    raise LedgerFault(
        f"the ledger does not close: {'; '.join(parts)}",
        remedy="nothing may be signed off: the reconciliation report lists the rows by reference; "
        "undo the batch with 'crm-etl undo' if it was just loaded",
    )


def _line(source: str, read: int, counts: dict[str, dict[str, int]]) -> dict[str, int | str]:
    parts = {name: by_source.get(source, 0) for name, by_source in counts.items()}
    return {"source": source, "read": read, **parts, "difference": read - sum(parts.values())}


def _by_source(rows: pd.DataFrame) -> dict[str, int]:
    return {str(source): int(count) for source, count in rows["source"].value_counts().items()}


def _add(first: dict[str, int], second: dict[str, int]) -> dict[str, int]:
    return {source: first.get(source, 0) + second.get(source, 0) for source in {**first, **second}}
