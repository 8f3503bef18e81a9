"""Whether refused and merged rows account for a report line's difference, to the last unit.

The rows of a line are those that state every one of its keys: accepted rows in their canonical fields, refused
ones in their original cells. A difference counts as explained only when *all* rows found that way add up to it
exactly; nothing is picked to fit. Otherwise it stays unexplained.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

import pandas as pd

from crm_etl.normalize.amounts import read
from crm_etl.normalize.text import fold
from crm_etl.reconcile.sides import Crm, Legacy, placed

_CLIENT_WORDS = ("kind", "status", "owner", "branch", "segment", "currency", "language", "sex", "legal_form")
_ROW_WORDS = ("source", "channel", "direction", "type", "stage", "currency", "owner")
_ROW_DATES = ("occurred_at", "opened_at")
_PERIODS = (4, 7, 10)  # characters of year, month and day of an ISO date

Index = dict[str, set[int]]


@dataclass(frozen=True)
class Refused:
    """A refused row: its record, its entity, the folded words of its cells, its amount where that can be read."""

    reference: str
    entity: str
    words: frozenset[str]
    amount: Decimal | None


@dataclass(frozen=True)
class Account:
    """Explains report lines from the rows of both sides; what it needs is computed when first asked."""

    legacy: Legacy
    crm: Crm

    def explain(self, keys: tuple[str, ...], measure: str, legacy: Decimal, crm: Decimal) -> str | None:
        """What accounts for ``legacy - crm`` of the line with ``keys``, in words; None when nothing does."""
        difference = legacy - crm
        if not difference:
            return None
        words = [fold(key) for key in keys]
        rows = [row for row in self._refused if all(word in row.words for word in words)]
        for entity in sorted({row.entity for row in rows}):
            of_entity = [row for row in rows if row.entity == entity]
            amounts = [row.amount for row in of_entity]
            known = [amount for amount in amounts if amount is not None]
            if len(known) == len(amounts) and known and sum(known, Decimal(0)) == difference:
                return f"quarantined: {len(of_entity)} {entity} row(s)"
            if _records(of_entity) == difference and legacy == legacy.to_integral_value():
                return f"quarantined: {_records(of_entity)} {entity} record(s)"
        return self._by_merging(words, difference, _records([row for row in rows if row.entity == "client"]))

    def _by_merging(self, words: list[str], difference: Decimal, quarantined: int) -> str | None:
        """Records of the line less the clients they became. A record that the CRM lost is in neither."""
        records, clients = _matching(self._records, words), _matching(self._clients, words)
        merged = len(records) - len(clients)
        if not records or difference != merged + quarantined:
            return None
        parts = [f"merged: {merged} client record(s)"] if merged else []
        return ", ".join([*parts, *([f"quarantined: {quarantined} client record(s)"] if quarantined else [])])

    @cached_property
    def _placed(self) -> pd.DataFrame:
        return placed(self.legacy, self.crm)

    @cached_property
    def _records(self) -> Index:
        frame = self.legacy.parties.take(self._placed["position"].to_numpy(dtype="int64"))
        return _index(frame.reset_index(drop=True), _CLIENT_WORDS)

    @cached_property
    def _clients(self) -> Index:
        frame = self.crm.table("client")
        frame = frame[frame["client_id"].isin(self._placed["client_id"])].reset_index(drop=True)
        names = self.crm.table("crm_user").drop_duplicates("user_id").set_index("user_id")["name"]
        return _index(frame.assign(owner=frame["owner"].map(names)), _CLIENT_WORDS)

    @cached_property
    def _refused(self) -> list[Refused]:
        found = [*self._orphans()]
        known = {(row["source"], row["key"]) for frame in self.legacy.related.values() for row in _keys(frame)}
        for source, key, cells in self.legacy.refused[["source", "key", "cells"]].itertuples(index=False):
            if (source, key) in known or pd.isna(cells) or source not in self.legacy.entities:
                continue
            texts = {name: str(text) for name, text in json.loads(cells).items() if text is not None}
            column, separator = self.legacy.amounts.get(source, ("", "."))
            amount = read(texts[column], separator).value if column in texts else None
            entity = self.legacy.entities[source]
            reference = f"{source}:{key}"
            found.append(
                Refused(reference, entity, self._words(source, texts), None if amount is None else Decimal(amount))
            )
        return found

    def _words(self, source: str, texts: Mapping[str, str]) -> frozenset[str]:
        """What a refused row states: its source, its cells, and what the mapping makes of them."""
        mapped = self.legacy.mapped.get(source, {})
        cells = {name: fold(text) for name, text in texts.items()}
        canonical = [mapped[name].get(word) for name, word in cells.items() if name in mapped]
        return frozenset([fold(source), *cells.values(), *(fold(word) for word in canonical if word is not None)])

    def _orphans(self) -> Iterable[Refused]:
        """Rows refused after normalization: their canonical fields are known."""
        refused = self.legacy.refused[["source", "key"]].dropna().drop_duplicates()
        for source, rows in self.legacy.related.items():
            entity = self.legacy.entities[source]
            for row in rows.merge(refused, on=["source", "key"], how="inner").to_dict("records"):
                words = [fold(str(row[name])) for name in _ROW_WORDS if name in row and not pd.isna(row[name])]
                dates = [str(row[name]) for name in _ROW_DATES if name in row and not pd.isna(row[name])]
                words += [date[:size] for date in dates for size in _PERIODS]
                amount = row.get("amount")
                known = amount is not None and not pd.isna(amount)
                yield Refused(
                    f"{source}:{row['key']}", entity, frozenset(words), Decimal(str(amount)) if known else None
                )


def _records(rows: list[Refused]) -> int:
    """Distinct legacy records: of a key that was delivered twice both rows are refused, but it is one record."""
    return len({row.reference for row in rows})


def _keys(frame: pd.DataFrame) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = frame[["source", "key"]].to_dict("records")
    return rows


def _index(frame: pd.DataFrame, columns: Iterable[str]) -> Index:
    """Folded word -> rows of ``frame`` that state it in one of ``columns``."""
    found: Index = {}
    for column in columns:
        for word, positions in frame.groupby(column, sort=False).indices.items():
            found.setdefault(fold(str(word)), set()).update(int(position) for position in positions)
    return found


def _matching(index: Index, words: list[str]) -> set[int]:
    sets = [index.get(word, set()) for word in words]
    return set.intersection(*sets) if sets else set()
