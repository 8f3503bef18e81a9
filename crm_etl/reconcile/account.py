"""Whether refused and merged rows account for a report line's difference, to the last unit.

The rows of a line are those that state every one of its keys: accepted rows in their canonical fields, refused
ones in their original cells and what the mapping makes of those, copies left out as exact duplicates in the
fields of the row that was kept. A difference counts as explained only when *all* rows found that way add up to
it exactly, counted as rows delivered or as distinct records; nothing is picked to fit.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

import pandas as pd

from crm_etl.migration import Report
from crm_etl.normalize import amounts, dates
from crm_etl.normalize.text import fold
from crm_etl.reconcile.sides import ROW_TABLES, Crm, Legacy, placed

_CLIENT_WORDS = ("kind", "status", "owner", "branch", "segment", "currency", "language", "sex", "legal_form")
_ROW_WORDS = ("source", "channel", "direction", "type", "stage", "currency", "owner")
_ROW_DATES = ("occurred_at", "opened_at")
COPY = "exact_duplicate"
_PERIODS = (4, 7, 10)  # characters of year, month and day of an ISO date

#: What a row states: a field, and what stands there, folded.
Word = tuple[str, str]
Index = dict[str, set[int]]
#: Table that a report's query reads -> entity of the rows it counts. A query of none of them counts clients.
_ENTITIES = {table: entity for entity, table in ROW_TABLES.items()}


@dataclass(frozen=True)
class Aside:
    """A row set aside: its record, entity, folded words, its amount where that can be read, and if it is a copy."""

    reference: str
    entity: str
    words: frozenset[Word]
    amount: Decimal | None
    copy: bool = False

    @property
    def source(self) -> str:
        return self.reference.partition(":")[0]


@dataclass(frozen=True)
class Account:
    """Explains report lines from the rows of both sides; what it needs is computed when first asked."""

    legacy: Legacy
    crm: Crm

    def explain(self, report: Report, keys: tuple[str, ...], legacy: Decimal, crm: Decimal) -> str | None:
        """What accounts for ``legacy - crm`` of the report's line with ``keys``, in words; None when nothing does."""
        difference = legacy - crm
        if not difference:
            return None
        words = [fold(key) for key in keys]
        entities = _counted(report.query)
        sources = _asked(report.query)
        rows = [row for row in self._aside if row.entity in entities and (not sources or row.source in sources)]
        for stated in _readings(words, rows):
            found = _adding_up([row for row in rows if stated <= row.words], difference)
            if found is not None:
                return found
        if entities != {"client"}:
            return None
        refused = [
            row for row in rows if not row.copy and all(word in {text for _, text in row.words} for word in words)
        ]
        return self._by_merging(words, difference, _records(refused))

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
    def _aside(self) -> list[Aside]:
        return [*self._orphans(), *self._refused(), *self._copies()]

    def _refused(self) -> Iterable[Aside]:
        """Rows refused before they had canonical fields: their cells are known."""
        known = {(row["source"], row["key"]) for frame in self.legacy.related.values() for row in _keys(frame)}
        for source, key, cells in self.legacy.refused[["source", "key", "cells"]].itertuples(index=False):
            if (source, key) in known or pd.isna(cells) or source not in self.legacy.entities:
                continue
            texts = {name: str(text) for name, text in json.loads(cells).items() if text is not None}
            column, separator = self.legacy.amounts.get(source, ("", "."))
            amount = amounts.read(texts[column], separator).value if column in texts else None
            entity = self.legacy.entities[source]
            known_amount = None if amount is None else Decimal(amount)
            yield Aside(f"{source}:{key}", entity, self._words(source, texts), known_amount)

    def _words(self, source: str, texts: Mapping[str, str]) -> frozenset[Word]:
        """What a refused row states: its source, its cells, and what the mapping makes of them."""
        mapped = self.legacy.mapped.get(source, {})
        words = {("source", fold(source))}
        for name, text in texts.items():
            field = self.legacy.fields.get((source, name), name)
            words.add((field, fold(text)))
            canonical = mapped.get(name, {}).get(fold(text))
            if canonical is not None:
                words.add((field, fold(canonical)))
            if (source, name) in self.legacy.dates:
                day = dates.read(text, *self.legacy.dates[source, name]).value
                words.update([] if day is None else _periods(field, day))
        return frozenset(words)

    def _copies(self) -> Iterable[Aside]:
        """Exact duplicates left out: they say what the row of the same key that was kept says."""
        copies = self.legacy.excluded
        copies = copies[(copies["rule"] == COPY).fillna(False)][["source", "key"]]
        frames = [("client", self.legacy.parties), *self.legacy.related.items()]
        for name, rows in frames:
            for row in rows.merge(copies, on=["source", "key"], how="inner").to_dict("records"):
                entity = self.legacy.entities.get(name, "client")
                yield _canonical(row, entity, copy=True)

    def _orphans(self) -> Iterable[Aside]:
        """Rows refused after normalization: their canonical fields are known, and what their cells say."""
        refused = self.legacy.refused.dropna(subset=["source", "key"])[["source", "key", "cells"]]
        refused = refused.drop_duplicates(["source", "key"])
        for source, rows in self.legacy.related.items():
            for row in rows.merge(refused, on=["source", "key"], how="inner").to_dict("records"):
                cells = row.pop("cells")
                known = _canonical(row, self.legacy.entities[source])
                texts = {} if pd.isna(cells) else json.loads(cells)
                said = self._words(source, {name: str(text) for name, text in texts.items() if text is not None})
                yield replace(known, words=known.words | said)


def _canonical(row: Mapping[Any, Any], entity: str, *, copy: bool = False) -> Aside:
    names = {*_CLIENT_WORDS, *_ROW_WORDS} & set(row)
    words = {(str(name), fold(str(row[name]))) for name in names if not pd.isna(row[name])}
    for name in _ROW_DATES:
        if name in row and not pd.isna(row[name]):
            words.update(_periods(name, str(row[name])))
    amount = row.get("amount")
    known = None if amount is None or pd.isna(amount) else Decimal(str(amount))
    return Aside(f"{row['source']}:{row['key']}", entity, frozenset(words), known, copy)


def _periods(field: str, day: str) -> list[Word]:
    return [(field, fold(day[:size])) for size in _PERIODS]


def _counted(query: str) -> set[str]:
    """The entities whose rows ``query`` counts, by the tables it names."""
    named = set(re.findall(r"\w+", query.casefold()))
    return {entity for table, entity in _ENTITIES.items() if table in named} or {"client"}


def _asked(query: str) -> set[str]:
    """The sources whose rows alone ``query`` counts, where it says ``legacy_source = '...'``; none: all sources."""
    if re.search(r"\bor\b", query, re.IGNORECASE):  # a choice between conditions may count other rows as well
        return set()
    return set(re.findall(r"\blegacy_source\s*=\s*'([^']+)'", query, re.IGNORECASE))


def _readings(words: list[str], rows: list[Aside]) -> Iterable[frozenset[Word]]:
    """The ways to read a line's keys as fields: Tehran can be a branch or a system, but for all rows the same."""
    fields: dict[str, set[str]] = {word: set() for word in words}
    for row in rows:
        for field, text in row.words:
            if text in fields:
                fields[text].add(field)
    # The system that a line names is nearer than a field of its rows.
    for chosen in itertools.product(
        *(sorted(fields[word], key=lambda name: (name != "source", name)) for word in words)
    ):
        yield frozenset(zip(chosen, words, strict=True))


def _adding_up(rows: list[Aside], difference: Decimal) -> str | None:
    """In words, how ``rows`` of one entity make up ``difference``, by their amounts or by their number."""
    if not rows:
        return None
    refused = [row for row in rows if not row.copy]
    copies = len(rows) - len(refused)
    known = [row.amount for row in rows if row.amount is not None]
    # A cell that nobody can read as an amount adds nothing, in the old system's sum either.
    if (known and sum(known, Decimal(0)) == difference) or len(rows) == difference:
        parts = [f"quarantined: {len(refused)} {rows[0].entity} row(s)"] if refused else []
        return ", ".join([*parts, *([f"excluded: {copies} exact duplicate(s)"] if copies else [])])
    if _records(refused) == difference:
        return f"quarantined: {_records(refused)} {rows[0].entity} record(s)"
    return None


def _records(rows: list[Aside]) -> int:
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
