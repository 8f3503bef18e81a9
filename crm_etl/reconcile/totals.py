"""Control totals: the sums a book-keeper would compare before and after, each difference explained or not.

Money is summed as exact decimals, never as floats. A total is a count or a sum over one group (a kind, a
currency, a channel) on both sides; what lies between them is named: quarantined, merged, kept from an
earlier load, entered in the CRM, edited there. What remains is unexplained. Rows one by one belong to
:mod:`crm_etl.reconcile.compare`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation, localcontext

import pandas as pd

from crm_etl import schema
from crm_etl.load.cells import among
from crm_etl.normalize.amounts import read
from crm_etl.reconcile.sides import LATER_STAGES, ROW_TABLES, Crm, Legacy, placed

TOTALS = schema.Table(
    "totals",
    (
        schema.Column("total", "text", "what is counted or summed"),
        schema.Column("group", "text", "kind, currency or channel; no value: all"),
        schema.Column("legacy", "text", "delivered by the sources, exact decimal"),
        schema.Column("quarantined", "text", "of these refused with a reason"),
        schema.Column("merged", "text", "of these folded into a client that another record brought"),
        schema.Column("kept", "text", "loaded earlier, no longer delivered; it stays in the CRM"),
        schema.Column("entered", "text", "in the CRM, but from no row that was ever loaded"),
        schema.Column("edited", "text", "changed or deleted in the CRM since the last load"),
        schema.Column("crm", "text", "found in the CRM, exact decimal"),
        schema.Column("unexplained", "text", "legacy - quarantined - merged + kept + entered + edited - crm"),
        schema.Column("status", "text", "equal, explained or unexplained"),
    ),
)
_PARTS = ("legacy", "quarantined", "merged", "kept", "entered", "edited", "crm")
_AMOUNTS = {"transaction": "currency", "opportunity": "currency"}
_PLURALS = {"interaction": "interactions", "transaction": "transactions", "opportunity": "opportunities"}
_NO_GROUP = "not stated"
#: Enough digits that no sum of money is ever rounded.
_DIGITS = 100


@dataclass
class _Sums:
    """The parts of one total by group."""

    name: str
    parts: dict[str, dict[str, Decimal]]

    @classmethod
    def empty(cls, name: str) -> _Sums:
        return cls(name, {part: {} for part in _PARTS})

    def add(self, part: str, by_group: dict[str, Decimal]) -> None:
        for group, value in by_group.items():
            self.parts[part][group] = self.parts[part].get(group, Decimal(0)) + value

    def lines(self) -> Iterable[dict[str, str]]:
        for group in sorted({group for groups in self.parts.values() for group in groups}):
            values = {part: self.parts[part].get(group, Decimal(0)) for part in _PARTS}
            rest = values["legacy"] - values["quarantined"] - values["merged"] - values["crm"]
            rest += values["kept"] + values["entered"] + values["edited"]
            status = "unexplained" if rest else "equal" if values["legacy"] == values["crm"] else "explained"
            shown = {part: plain(value) for part, value in values.items()}
            yield {"total": self.name, "group": group, **shown, "unexplained": plain(rest), "status": status}


def totals(legacy: Legacy, crm: Crm) -> pd.DataFrame:
    """The control totals of both sides, TOTALS; counts and exact sums, groups in alphabetical order."""
    with localcontext(prec=_DIGITS):
        sums = [_clients(legacy, crm), _balances(legacy, crm)]
        sums += [_values(legacy, crm, field) for field in VALUE_TABLES]
        for entity in ROW_TABLES:
            sums.append(_rows(legacy, crm, entity))
            if entity in _AMOUNTS:
                sums.append(_amounts(legacy, crm, entity))
        return TOTALS.build(line for total in sums for line in total.lines())


def plain(value: Decimal) -> str:
    """``value`` in plain notation, without an exponent or a negative zero."""
    return format(value if value else abs(value), "f")


def decimals(values: pd.Series) -> pd.Series:
    """Exact numbers of decimal text (object column of Decimal); what is no number is None."""
    unique = {text: _decimal(text) for text in values.dropna().unique()}
    return pd.Series([unique.get(text) for text in values.to_numpy(dtype=object, na_value=None)], dtype=object)


def _decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(str(text).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _count(groups: pd.Series) -> dict[str, Decimal]:
    return {str(name): Decimal(int(rows)) for name, rows in groups.fillna(_NO_GROUP).value_counts().items()}


def _sum(groups: pd.Series, amounts: pd.Series) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    names = groups.fillna(_NO_GROUP).to_numpy(dtype=object)
    for name, amount in zip(names, decimals(amounts), strict=True):
        if amount is not None:
            found[name] = found.get(name, Decimal(0)) + amount
    return found


# --------------------------------------------------------------------------------------------------- clients
def _clients(legacy: Legacy, crm: Crm) -> _Sums:
    """Client records by kind. Of a client whose records disagree on its kind, that of the CRM is its kind."""
    sums = _Sums.empty("clients")
    sums.add("legacy", _count(legacy.due["kind"]))
    at = legacy.parties[["kind"]].reset_index(drop=True).rename(columns={"kind": "record_kind"})
    records = placed(legacy, crm).join(at, on="position")
    clients = crm.table("client")[["client_id", "kind"]]
    records = records.merge(clients, on="client_id", how="left")
    agrees = (records["record_kind"] == records["kind"]).fillna(False).astype(bool)
    # One record of each client is the client itself: one of the client's kind where there is one.
    ordered = records.assign(strange=~agrees).sort_values(["strange", "first"], ascending=[True, False], kind="stable")
    itself = ~ordered["client_id"].duplicated()
    sums.add("merged", _count(ordered.loc[~itself, "record_kind"]))
    strange = clients[~among(clients["client_id"], records["client_id"])]
    for part, rows in _kept_or_entered(crm, "client", strange).items():
        sums.add(part, _count(rows["kind"]))
    _add_moved(sums, crm, clients)
    sums.add("crm", _count(clients["kind"]))
    refused = legacy.refused["source"].map(dict(legacy.entities)) == "client"
    unknown = {"quarantined, kind unknown": Decimal(int(refused.sum()))}
    if refused.any():
        sums.add("legacy", unknown)
        sums.add("quarantined", unknown)
    return sums


def _add_moved(sums: _Sums, crm: Crm, clients: pd.DataFrame) -> None:
    """Kinds that people changed in the CRM since the last load."""
    before = crm.baseline.get("client")
    if before is None:
        return
    both = before[["client_id", "kind"]].merge(clients, on="client_id", suffixes=("_was", ""))
    moved = both[(both["kind_was"] != both["kind"]).fillna(False).astype(bool)]
    sums.add("edited", _count(moved["kind"]))
    sums.add("edited", {name: -rows for name, rows in _count(moved["kind_was"]).items()})


def _balances(legacy: Legacy, crm: Crm) -> _Sums:
    """Balances by currency. A client has one currency: what its records hold in others is merged away."""
    sums = _Sums.empty("balances")
    money = ["balance", "currency"]
    records = legacy.parties[money].reset_index(drop=True)
    sums.add("legacy", _sum(legacy.due["currency"], legacy.due["balance"]))
    clients = crm.table("client")[["client_id", *money]]
    before = crm.baseline.get("client", clients)[["client_id", *money]]
    held = placed(legacy, crm).join(records, on="position")
    held = held.merge(before[["client_id", "currency"]], on="client_id", how="left", suffixes=("", "_client"))
    other = held["currency"].fillna(_NO_GROUP) != held["currency_client"].fillna(_NO_GROUP)
    sums.add("merged", _sum(held.loc[other, "currency"], held.loc[other, "balance"]))
    strange = clients[~among(clients["client_id"], held["client_id"])]
    for part, rows in _kept_or_entered(crm, "client", strange).items():
        sums.add(part, _sum(rows["currency"], rows["balance"]))
    both = before.merge(clients, on="client_id", suffixes=("_was", ""))
    sums.add("edited", _sum(both["currency"], both["balance"]))
    sums.add("edited", {name: -value for name, value in _sum(both["currency_was"], both["balance_was"]).items()})
    sums.add("crm", _sum(clients["currency"], clients["balance"]))
    return sums


# ---------------------------------------------------------------------------------------------------- values
VALUE_TABLES = {
    "phones": ("client_phone", ("phone",)),
    "emails": ("client_email", ("email",)),
    "identifiers": ("client_identifier", ("type", "value")),
}


def list_values(crm: Crm, field: str, *, of: Mapping[str, pd.DataFrame] | None = None) -> pd.DataFrame | None:
    """``client_id`` and ``value`` of a list field's table, now or as other tables of ``crm`` say (None: not known)."""
    name, columns = VALUE_TABLES[field]
    frame = crm.table(name) if of is None else of.get(name)
    if frame is None:
        return None
    value = frame[columns[0]]
    for column in columns[1:]:
        value = value.str.cat(frame[column], sep=":")
    return pd.DataFrame({"client_id": frame["client_id"], "value": value})


def _values(legacy: Legacy, crm: Crm, field: str) -> _Sums:
    """Distinct values. Merging does not change how many there are: each source's values all stand in the CRM."""
    sums = _Sums.empty(f"distinct {field}")
    delivered = set(legacy.due[field].explode().dropna())
    now = list_values(crm, field)
    assert now is not None  # the present is always known
    held = set(now["value"].dropna())
    before = list_values(crm, field, of=crm.baseline)
    was = None if before is None else set(before["value"].dropna())
    # Without a baseline nobody knows whether people or an error brought a value: it stays unexplained.
    entered = set() if was is None else held - delivered - was
    # What the merge makes today from no delivered value is an error, however long it has stood there.
    made = list_values(crm, field, of=crm.expected)
    kept = set() if was is None or made is None else (held & was) - delivered - set(made["value"].dropna())
    deleted = set() if was is None else (delivered & was) - held
    sizes = {
        "legacy": len(delivered),
        "kept": len(kept),
        "entered": len(entered),
        "edited": -len(deleted),
        "crm": len(held),
    }
    for part, size in sizes.items():
        sums.add(part, {"all": Decimal(size)})
    missing, strange = delivered - held - deleted, held - delivered - entered - kept
    if len(missing) == len(strange) and missing:
        # Equal numbers of lost and strange values would cancel out and hide each other.
        sums.add("legacy", {"lost": Decimal(len(missing))})
        sums.add("crm", {"strange": Decimal(len(strange))})
    return sums


# ------------------------------------------------------------------------------------------------------ rows
def _accepted(legacy: Legacy, entity: str) -> pd.DataFrame:
    table = schema.ENTITIES[entity]
    frames = [rows for source, rows in legacy.related.items() if legacy.entities[source] == entity and len(rows)]
    return pd.concat(frames, ignore_index=True) if frames else table.empty()


def _orphans(legacy: Legacy, rows: pd.DataFrame) -> pd.Series:
    """Which accepted rows were refused later, for want of their client."""
    refused = legacy.refused_later
    marked = rows[["source", "key"]].merge(refused, on=["source", "key"], how="left", indicator=True)
    return pd.Series((marked["_merge"] == "both").to_numpy(), index=rows.index)


def _delivered(rows: pd.DataFrame, held: pd.DataFrame) -> pd.Series:
    """Which rows of the CRM, now or as loaded, have their legacy row among ``rows``."""
    keys = pd.MultiIndex.from_frame(rows[["source", "key"]])
    return pd.Series(pd.MultiIndex.from_frame(held[["legacy_source", "legacy_key"]]).isin(keys), index=held.index)


def _kept_or_entered(crm: Crm, name: str, strange: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Rows of the CRM that no delivered row brought: by an earlier load, or by people. Unknown: by people."""
    key = schema.CLIENT_TABLES[name].names[0]
    before = crm.baseline.get(name)
    loaded = among(strange[key], [] if before is None else before[key])
    return {"kept": strange[loaded], "entered": strange[~loaded]}


def _rows(legacy: Legacy, crm: Crm, entity: str) -> _Sums:
    group = {"interaction": "channel", "transaction": "type", "opportunity": "stage"}[entity]
    sums = _Sums.empty(_PLURALS[entity])
    rows, held = _accepted(legacy, entity), crm.table(ROW_TABLES[entity]).reset_index(drop=True)
    sums.add("legacy", _count(rows[group]))
    orphans = _orphans(legacy, rows)
    sums.add("quarantined", _count(rows.loc[orphans, group]))
    for part, found in _kept_or_entered(crm, ROW_TABLES[entity], held[~_delivered(rows[~orphans], held)]).items():
        sums.add(part, _count(found[group]))
    sums.add("edited", _edits(crm, entity, group, None, rows[~orphans]))
    sums.add("crm", _count(held[group]))
    unknown = {f"quarantined, {group} unknown": Decimal(len(_unread(legacy, entity)))}
    if any(unknown.values()):
        sums.add("legacy", unknown)
        sums.add("quarantined", unknown)
    return sums


def _amounts(legacy: Legacy, crm: Crm, entity: str) -> _Sums:
    """Sums by currency. Of refused rows the amount counts where its cell can be read."""
    group = _AMOUNTS[entity]
    sums = _Sums.empty(f"{entity} amounts")
    rows, held = _accepted(legacy, entity), crm.table(ROW_TABLES[entity]).reset_index(drop=True)
    orphans = _orphans(legacy, rows)
    sums.add("legacy", _sum(rows[group], rows["amount"]))
    sums.add("quarantined", _sum(rows.loc[orphans, group], rows.loc[orphans, "amount"]))
    unread = {f"quarantined, {group} unknown": _refused_amounts(legacy, _unread(legacy, entity))}
    if any(unread.values()):
        sums.add("legacy", unread)
        sums.add("quarantined", unread)
    for part, found in _kept_or_entered(crm, ROW_TABLES[entity], held[~_delivered(rows[~orphans], held)]).items():
        sums.add(part, _sum(found[group], found["amount"]))
    sums.add("edited", _edits(crm, entity, group, "amount", rows[~orphans]))
    sums.add("crm", _sum(held[group], held["amount"]))
    return sums


def _unread(legacy: Legacy, entity: str) -> pd.DataFrame:
    """Refused rows of an entity that never became canonical, so that their group is not known."""
    refused = legacy.refused[(legacy.refused["source"].map(dict(legacy.entities)) == entity).fillna(False)]
    return refused[~refused["stage"].isin(LATER_STAGES)]


def _edits(crm: Crm, entity: str, group: str, amount: str | None, rows: pd.DataFrame) -> dict[str, Decimal]:
    """What people changed in what was loaded of ``rows``: the value now less that at the last load, by group."""
    before = crm.baseline.get(ROW_TABLES[entity])
    if before is None:
        return {}
    before = before[_delivered(rows, before)]
    now = crm.table(ROW_TABLES[entity])
    both = before.merge(now, on="row_id", how="left", suffixes=("_was", ""), indicator=True)
    gone = both["_merge"] == "left_only"
    columns = [group] if amount is None else [group, amount]
    changed = pd.Series(False, index=both.index)
    for column in columns:
        changed |= (both[column].fillna("") != both[f"{column}_was"].fillna("")).astype(bool)
    was, stays = both[changed | gone], both[changed & ~gone]
    plus = _count(stays[group]) if amount is None else _sum(stays[group], stays[amount])
    minus = _count(was[f"{group}_was"]) if amount is None else _sum(was[f"{group}_was"], was[f"{amount}_was"])
    return {name: plus.get(name, Decimal(0)) - minus.get(name, Decimal(0)) for name in {**plus, **minus}}


def _refused_amounts(legacy: Legacy, unread: pd.DataFrame) -> Decimal:
    """Sum of the amounts in the original cells of refused rows, where the mapping can read them."""
    total = Decimal(0)
    for source, cells in unread[["source", "cells"]].dropna().itertuples(index=False):
        if source in legacy.amounts:
            column, separator = legacy.amounts[source]
            cell = json.loads(cells).get(column)
            value = None if cell is None else read(str(cell), separator).value
            total += Decimal(0) if value is None else Decimal(str(value))
    return total
