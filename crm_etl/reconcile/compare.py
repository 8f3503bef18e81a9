"""Each client of the CRM against its source records, field by field, and each related row against its own.

Both sides are brought to the same canonical text first; the legacy side is the normalized one that the
matching uses too. A difference is *raw* (spelled otherwise, the same once normalized), *explained* by a rule
(another record of the client won, consents: the stricter won, people edited the CRM, the source changed since
the last load, ...) or *unexplained*. Which arrays differ is decided in :mod:`crm_etl.reconcile.difference`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.load import cells
from crm_etl.merge.users import user_id
from crm_etl.reconcile.difference import (
    CRM_EDIT,
    KEPT,
    NOTHING,
    Differences,
    Ints,
    Mask,
    Side,
    Texts,
    Units,
    Values,
    differences,
    list_differences,
)
from crm_etl.reconcile.sides import ROW_TABLES, Crm, Legacy, placed, row_pairs, with_client
from crm_etl.reconcile.totals import VALUE_TABLES, list_values

#: Field of the client table -> column of the party.
CLIENT_FIELDS = {
    "kind": "kind",
    "status": "status",
    "display_name": "name",
    "latin_name": "name_latin",
    "language": "language",
    "sex": "sex",
    "birth_date": "birth_date",
    "legal_form": "legal_form",
    "owner": "owner",
    "branch": "branch",
    "segment": "segment",
    "balance": "balance",
    "currency": "currency",
    "created_at": "created_at",
    "comment": "comment",
}
_RAW = {"display_name": "name_raw", "birth_date": "birth_date_raw"}
_LISTS = ("phones", "emails", "identifiers")
_IDENTIFYING = ("client_name", "client_phone", "client_email", "client_identifier")
#: Tables whose rows the merge composes -> their columns that are compared with what it makes today.
_COMPOSED = {"client_name": ("full_name", "script"), "client_address": ("street", "region")}
_CANONICAL: dict[str, Callable[[str], str | None]] = {
    "birth_date": cells.date_text,
    "since": cells.date_text,
    "expected_close": cells.date_text,
    "created_at": cells.instant_text,
    "occurred_at": cells.instant_text,
    "opened_at": cells.instant_text,
    "balance": cells.money_text,
    "amount": cells.money_text,
}


@dataclass(frozen=True)
class Compared:
    """``findings``: schema.FINDINGS of area ``fields``, every explained and unexplained difference but those that
    are counted only (raw spelling, union). ``fields``: one dictionary a field: field, compared, equal, raw,
    explained, unexplained, rules {rule: count}."""

    findings: pd.DataFrame
    fields: list[dict[str, Any]]


def compare(legacy: Legacy, crm: Crm, sample: int = 0) -> Compared:
    """All fields of ``sample`` clients (chosen by hash of their id, the same on every run; 0: all)."""
    found = [*_clients(legacy, crm, sample), *_related(legacy, crm)]
    frames = [part.findings for part in found if len(part.findings)]
    findings = pd.concat(frames, ignore_index=True) if frames else schema.FINDINGS.empty()
    return Compared(schema.FINDINGS.conform(findings), [part.line for part in found])


def sampled(client_ids: pd.Series, size: int) -> pd.Series:
    """Which of ``client_ids`` are in a sample of ``size`` clients; all when ``size`` is 0."""
    unique = client_ids.drop_duplicates().to_numpy(dtype=object)
    if size == 0 or len(unique) <= size:
        return pd.Series(True, index=client_ids.index)
    ranked = sorted(unique, key=lambda one: hashlib.blake2b(one.encode(), digest_size=8).digest())
    return client_ids.isin(ranked[:size]).astype(bool)


def _clients(legacy: Legacy, crm: Crm, sample: int) -> Iterator[Differences]:
    records = placed(legacy, crm)
    records = records[sampled(records["client_id"], sample)].reset_index(drop=True)
    parties = legacy.parties.take(records["position"].to_numpy(dtype=np.int64)).reset_index(drop=True)
    ids = pd.Index(records["client_id"].drop_duplicates().to_numpy(dtype=object))
    units = Units(
        record=ids.get_indexer(records["client_id"].to_numpy(dtype=object)).astype(np.int64),
        references=_references(records["source"], records["key"], records["client_id"]),
        unit_references=ids.to_numpy(dtype=object),
        changed=np.zeros(len(ids), dtype=bool),
        baseline_known="client" in crm.baseline,
        other=_other(crm, ids),
    )
    units.changed[np.unique(units.record[_changed(parties, crm)])] = True
    now = _rows_of(crm.table("client"), ids)
    was = _rows_of(crm.baseline.get("client", schema.CLIENT.empty()), ids)
    for field, column in CLIENT_FIELDS.items():
        side = Side(
            field,
            _texts(_owners(parties[column]) if field == "owner" else parties[column], field),
            _texts(now[field], field),
            _texts(was[field], field),
            rule=_lineage_rules(crm, field, ids),
            raw=_texts(parties[_RAW[field]]) if field in _RAW else None,
        )
        yield differences(units, _with_whole(units, side, parties))
    for field in _LISTS:
        yield list_differences(units, field, _exploded(parties[field]), *_held(crm, field, ids))
    yield _addresses(units, crm, parties, ids)
    yield _consents(units, legacy, crm, parties, ids)
    for name, columns in _COMPOSED.items():
        if name in crm.expected:
            yield from _composed(units, crm, ids, name, columns)


def _composed(clients: Units, crm: Crm, ids: pd.Index, name: str, columns: tuple[str, ...]) -> Iterator[Differences]:
    """Names and addresses, row by row, against those that the merge makes of the same records today."""
    frames = [crm.expected[name], crm.table(name), crm.baseline.get(name, schema.CLIENT_TABLES[name].empty())]
    made, held, was = (frame[cells.among(frame["client_id"], ids)].drop_duplicates("row_id") for frame in frames)
    both = pd.concat([made, held], ignore_index=True).drop_duplicates("row_id")
    rows = pd.Index(both["row_id"].to_numpy(dtype=object))
    client = ids.get_indexer(both["client_id"].to_numpy(dtype=object))
    references = both["client_id"].str.cat(both["row_id"], sep=" ").to_numpy(dtype=object)
    record = rows.get_indexer(made["row_id"].to_numpy(dtype=object)).astype(np.int64)
    units = Units(record, references[record], references, clients.changed[client], name in crm.baseline)
    now, then = (frame.set_index("row_id").reindex(rows) for frame in (held, was))
    left = ~np.isin(np.arange(len(rows)), record) & (
        pd.Index(was["row_id"].to_numpy(dtype=object)).get_indexer(rows) >= 0
    )
    whole = {KEPT: left & ~clients.other[client], CRM_EDIT: left & rows.isin(crm.edited(name))}
    for column in columns:
        legacy, present, loaded = (_texts(frame[column]) for frame in (made, now, then))
        side = Side(f"{name}.{column}", legacy, present, loaded, whole=whole)
        yield differences(units, side)


def _other(crm: Crm, ids: pd.Index) -> Mask:
    """Clients that were loaded with names, phones, e-mails and identifiers of which none is delivered any more.

    Perhaps their legacy key was given to another. Told by the batches: all that the merge makes today came later.
    """
    first, latest = np.full(len(ids), np.inf), np.full(len(ids), np.inf)
    for name in _IDENTIFYING:
        before, made = crm.baseline.get(name), crm.expected.get(name)
        if before is None or made is None:
            continue
        at = ids.get_indexer(before["client_id"].to_numpy(dtype=object))
        batch = before["row_id"].map(crm.since.get(name, {})).fillna(0).to_numpy(dtype=np.float64)
        today = cells.among(before["row_id"], made["row_id"])
        np.minimum.at(first, at[at >= 0], batch[at >= 0])
        np.minimum.at(latest, at[(at >= 0) & today], batch[(at >= 0) & today])
    return np.asarray(latest > first)


def _references(source: pd.Series, key: pd.Series, client_id: pd.Series) -> Texts:
    joined = source.str.cat(key, sep=":").str.cat(client_id, sep=" ")
    return np.asarray(joined.to_numpy(dtype=object, na_value=None))


def _texts(values: pd.Series, field: str = "") -> Texts:
    """A text column as str and None; dates, instants and money in the canonical form of the target."""
    change = _CANONICAL.get(field)
    plain: Texts = values.to_numpy(dtype=object, na_value=None)
    if change is None:
        return plain
    known = {text: change(text) or text for text in values.dropna().unique()}
    canonical = np.empty(len(plain), dtype=object)
    canonical[:] = [known.get(text) for text in plain]
    return canonical


def _owners(values: pd.Series) -> pd.Series:
    known = {text: user_id(text) for text in values.dropna().unique()}
    return values.map(known).astype("string[pyarrow]")


def _rows_of(frame: pd.DataFrame, ids: pd.Index) -> pd.DataFrame:
    """One row for each of ``ids``, in their order; no values where the frame has none."""
    return frame.drop_duplicates("client_id").set_index("client_id").reindex(ids)


def _changed(rows: pd.DataFrame, crm: Crm) -> Mask:
    """Which records are new or changed since the last load; none where that is not known."""
    if "fingerprint" not in crm.crosswalk.columns:
        return np.zeros(len(rows), dtype=bool)
    known = crm.crosswalk[["source", "key", "fingerprint"]].dropna()
    joined = rows[["source", "key", "fingerprint"]].merge(
        known.drop_duplicates(["source", "key"]), on=["source", "key"], how="left", suffixes=("", "_was")
    )
    same = (joined["fingerprint"] == joined["fingerprint_was"]).fillna(False)
    return np.asarray(~same.to_numpy(dtype=bool))


def _lineage_rules(crm: Crm, field: str, ids: pd.Index) -> Texts:
    rows = crm.lineage[crm.lineage["field"] == field]
    rules = rows.drop_duplicates("client_id").set_index("client_id")["rule"].reindex(ids)
    return np.asarray(rules.to_numpy(dtype=object, na_value=None))


# ------------------------------------------------------------------------- values put together from all records
def _with_whole(units: Units, side: Side, parties: pd.DataFrame) -> Side:
    """``side`` with the clients whose balance sums, or whose comment joins, those of all their records."""
    test = {"balance": _is_sum, "comment": _is_joined}.get(side.field)
    if test is None:
        return side
    differing = np.unique(units.record[(side.legacy != side.crm[units.record]) & (side.legacy != None)])  # noqa: E711
    held = np.flatnonzero(np.isin(units.record, differing) & (side.legacy != None))  # noqa: E711
    currencies = _texts(parties["currency"])
    parts: dict[int, list[tuple[str, str | None]]] = {}
    for record in held:
        parts.setdefault(int(units.record[record]), []).append((side.legacy[record], currencies[record]))
    mask = np.zeros(len(units), dtype=bool)
    for unit, values in parts.items():
        mask[unit] = side.crm[unit] is not None and test(side.crm[unit], values)
    rule = "sum" if side.field == "balance" else "joined"
    return Side(**{**side.__dict__, "whole": {rule: mask}})


def _is_sum(total: str, parts: list[tuple[str, str | None]]) -> bool:
    """Whether ``total`` is what the parts in one currency add up to, to the last unit."""
    by_currency: dict[str | None, Decimal] = {}
    with localcontext(prec=100):
        for amount, currency in parts:
            by_currency[currency] = by_currency.get(currency, Decimal(0)) + Decimal(amount)
        return Decimal(total) in by_currency.values()


def _is_joined(text: str, parts: list[tuple[str, str | None]]) -> bool:
    rest = text
    for part, _ in sorted(parts, key=lambda one: (-len(one[0]), one[0])):
        if part not in text:
            return False
        rest = rest.replace(part, "")
    return not rest.strip()


# --------------------------------------------------------------------------------------------- many values
def _exploded(values: pd.Series) -> tuple[Ints, Texts]:
    """(row, value) of a list column."""
    lengths = np.fromiter((len(cell) for cell in values), dtype=np.int64, count=len(values))
    flat = np.empty(int(lengths.sum()), dtype=object)
    flat[:] = [value for cell in values for value in cell]
    return np.repeat(np.arange(len(values), dtype=np.int64), lengths), flat


def _held(crm: Crm, field: str, ids: pd.Index) -> tuple[Values, Values, Values | None, Values]:
    """The values of a list field in the CRM now, at the last load, as the merge makes them today, and those of the
    first in rows that people edited."""
    now, was, made = (list_values(crm, field, of=of) for of in (None, crm.baseline, crm.expected))
    edited = list_values(crm, field, of=_edited(crm, VALUE_TABLES[field][0]))
    today = None if made is None else _positioned(made, ids)
    return _positioned(now, ids), _positioned(was, ids), today, _positioned(edited, ids)


def _edited(crm: Crm, name: str) -> dict[str, pd.DataFrame]:
    """The rows of one table of the CRM that people changed since the last load, by the table's name."""
    rows = crm.table(name)
    return {name: rows[cells.among(rows["row_id"], crm.edited(name))]}


def _positioned(values: pd.DataFrame | None, ids: pd.Index) -> tuple[Ints, Texts]:
    if values is None:
        return NOTHING
    at = ids.get_indexer(values["client_id"].to_numpy(dtype=object)).astype(np.int64)
    text: Texts = values["value"].to_numpy(dtype=object, na_value=None)
    return at[at >= 0], text[at >= 0]


def _addresses(units: Units, crm: Crm, parties: pd.DataFrame, ids: pd.Index) -> Differences:
    """Places: country, city and postal code. The street stands in the CRM in one record's spelling only."""
    record = _place(parties)
    there = np.flatnonzero(parties["city"].notna() | parties["postal_code"].notna()).astype(np.int64)
    all_sides = (crm.tables, crm.baseline, crm.expected, _edited(crm, "client_address"))
    sides = [_places(tables.get("client_address")) for tables in all_sides]
    now, was, made, edited = (_positioned(frame, ids) for frame in sides)
    today = None if sides[2] is None else made
    return list_differences(units, "address", (there, record[there]), now, was, today, edited)


def _places(frame: pd.DataFrame | None) -> pd.DataFrame | None:
    if frame is None:
        return None
    places = pd.DataFrame({"client_id": frame["client_id"], "value": pd.array(_place(frame), dtype="string[pyarrow]")})
    return places[(frame["city"].notna() | frame["postal_code"].notna()).to_numpy()].drop_duplicates()


def _place(frame: pd.DataFrame) -> Texts:
    parts = [frame[name].fillna("") for name in ("country", "city", "postal_code")]
    joined = parts[0].str.cat(parts[1:], sep=" | ").str.strip(" |")
    return np.asarray(joined.to_numpy(dtype=object, na_value=None))


# ------------------------------------------------------------------------------------------------ consents
def _consents(units: Units, legacy: Legacy, crm: Crm, parties: pd.DataFrame, ids: pd.Index) -> Differences:
    """Answers by client and channel; of answers that disagree only a ``no`` may stand."""
    record, items = _exploded(parties["consents"])
    split = [item.partition(":") for item in items]
    own = pd.DataFrame(
        {
            "client": units.record[record],
            "channel": [channel for channel, _, _ in split],
            "allowed": [allowed for _, _, allowed in split],
            "reference": units.references[record],
        },
        dtype=object,
    )
    answers = pd.concat([own, *_consent_answers(legacy, crm, ids)], ignore_index=True)
    now, was = crm.table("client_consent"), crm.baseline.get("client_consent", schema.CLIENT_CONSENT.empty())
    tables = [_answers_of(frame, ids) for frame in (now, was)]
    known = pd.concat([answers["client"].astype(str) + ":" + answers["channel"], *(t["unit"] for t in tables)])
    index = pd.Index(known.drop_duplicates().to_numpy(dtype=object))
    client = np.array([int(unit.partition(":")[0]) for unit in index], dtype=np.int64)
    channel = np.array([unit.partition(":")[2] for unit in index], dtype=object)
    by_channel = Units(
        record=index.get_indexer(answers["client"].astype(str) + ":" + answers["channel"]).astype(np.int64),
        references=answers["reference"].to_numpy(dtype=object),
        unit_references=ids.to_numpy(dtype=object)[client] + " " + channel if len(index) else channel,
        changed=units.changed[client],
        baseline_known="client_consent" in crm.baseline,
    )
    made = crm.expected.get("client_consent")
    stays = np.zeros(len(index), dtype=bool) if made is None else ~index.isin(_answers_of(made, ids)["unit"])
    edited = _answers_of(_edited(crm, "client_consent")["client_consent"], ids)["unit"]
    held, loaded = (table.drop_duplicates("unit").set_index("unit")["allowed"].reindex(index) for table in tables)
    stated, crm_says = answers["allowed"].to_numpy(dtype=object), _texts(held.astype("string[pyarrow]"))
    side = Side(
        "consents",
        stated,
        crm_says,
        _texts(loaded.astype("string[pyarrow]")),
        rule=np.full(len(index), "stricter", dtype=object),
        whole={KEPT: stays & ~units.other[client], CRM_EDIT: stays & index.isin(edited)},
        veto=(stated == "no") & (crm_says[by_channel.record] == "yes"),
    )
    return differences(by_channel, side)


def _consent_answers(legacy: Legacy, crm: Crm, ids: pd.Index) -> Iterator[pd.DataFrame]:
    for source, rows in legacy.related.items():
        if legacy.entities[source] == "consent" and len(rows):
            linked = with_client(rows, crm).dropna(subset=["channel", "allowed"])
            client = ids.get_indexer(linked["client_id"].to_numpy(dtype=object))
            frame = pd.DataFrame(
                {
                    "client": client,
                    "channel": linked["channel"].to_numpy(dtype=object),
                    "allowed": linked["allowed"].to_numpy(dtype=object),
                    "reference": _references(linked["source"], linked["key"], linked["client_id"]),
                },
                dtype=object,
            )
            yield frame[client >= 0]


def _answers_of(frame: pd.DataFrame, ids: pd.Index) -> pd.DataFrame:
    client = ids.get_indexer(frame["client_id"].to_numpy(dtype=object))
    unit = pd.Series(client).astype(str) + ":" + pd.Series(frame["channel"].to_numpy(dtype=object))
    table = pd.DataFrame({"unit": unit, "allowed": frame["allowed"].to_numpy(dtype=object)}, dtype=object)
    return table[client >= 0]


# ------------------------------------------------------------------------------------------------- related rows
def _related(legacy: Legacy, crm: Crm) -> Iterator[Differences]:
    for entity, name in ROW_TABLES.items():
        frames = [rows for source, rows in legacy.related.items() if legacy.entities[source] == entity and len(rows)]
        if frames:
            yield from _rows(pd.concat(frames, ignore_index=True), crm, entity, name)


def _rows(rows: pd.DataFrame, crm: Crm, entity: str, name: str) -> Iterator[Differences]:
    pairs = row_pairs(with_client(rows, crm), crm.table(name))
    was = crm.baseline.get(name, schema.CLIENT_TABLES[name].empty())
    loaded = was.drop_duplicates("row_id").set_index("row_id").reindex(pairs["crm:row_id"])
    units = Units(
        record=np.arange(len(pairs), dtype=np.int64),
        references=_references(pairs["source"], pairs["key"], pairs["crm:client_id"]),
        unit_references=_references(pairs["source"], pairs["key"], pairs["crm:client_id"]),
        # The registry keeps no fingerprints of related rows: a change of theirs stays unexplained until it is loaded.
        changed=np.zeros(len(pairs), dtype=bool),
        baseline_known=name in crm.baseline,
    )
    for column in schema.CLIENT_TABLES[name].names:
        if column not in ("row_id", "legacy_source", "legacy_key"):
            value = _owners(pairs[column]) if column == "owner" else pairs[column]
            side = Side(
                f"{entity}.{column}",
                _texts(value, column),
                _texts(pairs[f"crm:{column}"], column),
                _texts(loaded[column], column),
            )
            yield differences(units, side)
