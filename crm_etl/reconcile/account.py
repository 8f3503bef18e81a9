"""Whether refused, corrected and merged rows account for a report line's difference, to the last unit.

The rows of a line are those that state every one of its keys: accepted rows in their canonical fields, refused
ones and those that a person left out in their original cells and what the mapping makes of those, copies left out
as exact duplicates in the fields of the row that was kept. The old system reports a row that a person corrected as
it was delivered, the new one as it was corrected: it counts for the one line and against the other. A difference
counts as explained only when *all* rows found that way add up to it exactly, counted as rows delivered or as
distinct records; nothing is picked to fit.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

import pandas as pd

from crm_etl.migration import Report
from crm_etl.normalize import amounts, dates
from crm_etl.normalize.text import fold
from crm_etl.number import counted
from crm_etl.reconcile.sides import ROW_TABLES, Crm, Legacy, placed

_CLIENT_WORDS = ("kind", "status", "owner", "branch", "segment", "currency", "language", "sex", "legal_form")
_ROW_WORDS = ("source", "channel", "direction", "type", "stage", "currency", "owner")
_ROW_DATES = ("occurred_at", "opened_at")
COPY, BY_PERSON, CORRECTED = "exact_duplicate", "excluded_by_person", "corrected"
_PERIODS = (4, 7, 10)  # characters of year, month and day of an ISO date

#: What a row states: a field, and what stands there, folded.
Word = tuple[str, str]
Index = dict[str, set[int]]
#: Table that a report's query reads -> entity of the rows it counts. A query of none of them counts clients.
_ENTITIES = {table: entity for entity, table in ROW_TABLES.items()}


@dataclass(frozen=True)
class Aside:
    """A row set aside: its record, entity, folded words, and its amount where that can be read.

    ``rule``: why it is, where it was not refused: a copy, left out by a person, or corrected by one. ``sign``: -1 of a
    corrected row as it is now, for it is the new system that counts it there.
    """

    reference: str
    entity: str
    words: frozenset[Word]
    amount: Decimal | None
    rule: str = ""
    sign: int = 1

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
        aside = [row for row in rows if all(word in {text for _, text in row.words} for word in words)]
        return self._by_merging(words, difference, [row for row in aside if row.rule != COPY])

    def _by_merging(self, words: list[str], difference: Decimal, aside: list[Aside]) -> str | None:
        """Records of the line less the clients they became. A record that the CRM lost is in neither."""
        records, clients = _matching(self._records, words), _matching(self._clients, words)
        merged = len(records) - len(clients)
        if not records or difference != merged + _records(aside):
            return None
        parts = [f"merged: {counted(merged, 'client record')}"] if merged else []
        return ", ".join([*parts, *_told(aside, "client record", _records)])

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
        return [*self._orphans(), *self._refused(), *self._left_out(), *self._copies(), *self._corrected()]

    def _refused(self) -> Iterable[Aside]:
        """Rows refused before they had canonical fields: their cells are known."""
        known = {(row["source"], row["key"]) for frame in self.legacy.related.values() for row in _keys(frame)}
        for source, key, cells in self.legacy.refused[["source", "key", "cells"]].itertuples(index=False):
            if (source, key) in known or pd.isna(cells) or source not in self.legacy.entities:
                continue
            yield self._stated(source, key, cells)

    def _left_out(self) -> Iterable[Aside]:
        """Rows that a person left out."""
        rows = self.legacy.excluded
        rows = rows[(rows["rule"] == BY_PERSON).fillna(False)]
        for source, key, cells in rows[["source", "key", "cells"]].itertuples(index=False):
            yield replace(self._stated(source, key, cells), rule=BY_PERSON)

    def _stated(self, source: str, key: str, cells: str) -> Aside:
        texts = {name: str(text) for name, text in json.loads(cells).items() if text is not None}
        words = self._words(source, texts)
        return Aside(f"{source}:{key}", self.legacy.entities[source], words, self._amount(source, texts))

    def _amount(self, source: str, texts: Mapping[str, str]) -> Decimal | None:
        column, separator = self.legacy.amounts.get(source, ("", "."))
        amount = amounts.read(texts[column], separator).value if column in texts else None
        return None if amount is None else Decimal(amount)

    def _corrected(self) -> Iterable[Aside]:
        """Accepted rows that a person corrected, as they were delivered and as they are now."""
        frames = {name: rows for name, rows in self.legacy.taken.items() if self.legacy.corrected.get(name)}
        if any(self.legacy.corrected.get(name) for name in self.legacy.trust):
            frames |= {str(name): rows for name, rows in self.legacy.due.groupby("source")}
        for name, rows in frames.items():
            cells = {one["key"]: one["cells"] for one in self.legacy.corrected.get(name, ())}
            for row in rows[rows["key"].isin(list(cells))].to_dict("records"):
                now = replace(_canonical(row, self.legacy.entities[name]), rule=CORRECTED, sign=-1)
                yield self._before(name, now, cells[row["key"]])
                yield now

    def _before(self, source: str, now: Aside, cells: Mapping[str, Sequence[str | None]]) -> Aside:
        """A corrected row as it was delivered."""
        was = {name: old for name, (old, _) in cells.items() if old is not None}
        changed = {self.legacy.fields.get((source, name), name) for name in cells}
        kept = {word for word in now.words if word[0] not in changed}
        amount = self._amount(source, was) if self.legacy.amounts.get(source, ("",))[0] in cells else now.amount
        return replace(now, words=frozenset(kept | self._words(source, was)), amount=amount, sign=1)

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
                yield replace(_canonical(row, entity), rule=COPY)

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


def _canonical(row: Mapping[Any, Any], entity: str) -> Aside:
    names = {*_CLIENT_WORDS, *_ROW_WORDS} & set(row)
    words = {(str(name), fold(str(row[name]))) for name in names if not pd.isna(row[name])}
    for name in _ROW_DATES:
        if name in row and not pd.isna(row[name]):
            words.update(_periods(name, str(row[name])))
    amount = row.get("amount")
    known = None if amount is None or pd.isna(amount) else Decimal(str(amount))
    return Aside(f"{row['source']}:{row['key']}", entity, frozenset(words), known)


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
    known = [row.sign * row.amount for row in rows if row.amount is not None]
    # A cell that nobody can read as an amount adds nothing, in the old system's sum either.
    if (known and sum(known, Decimal(0)) == difference) or sum(row.sign for row in rows) == difference:
        return ", ".join(_told(rows, f"{rows[0].entity} row", len)) or None
    aside = [row for row in rows if row.rule != COPY]
    if _records(aside) == difference:
        return ", ".join(_told(aside, f"{rows[0].entity} record", _records))
    return None


def _told(rows: list[Aside], what: str, count: Callable[[list[Aside]], int]) -> Iterable[str]:
    """In words, how many of ``rows`` are aside for each reason."""
    by_rule = {rule: [row for row in rows if row.rule == rule] for rule in ("", BY_PERSON, COPY, CORRECTED)}
    by_rule[CORRECTED] = _moved(by_rule[CORRECTED])
    words = {"": ("quarantined", what), BY_PERSON: ("left out by a person", what)}
    words |= {COPY: ("excluded", "exact duplicate"), CORRECTED: ("corrected by a person", what)}
    numbers = {rule: len(some) if rule in (COPY, CORRECTED) else count(some) for rule, some in by_rule.items()}
    return [f"{words[rule][0]}: {counted(number, words[rule][1])}" for rule, number in numbers.items() if number]


def _moved(corrected: list[Aside]) -> list[Aside]:
    """Of corrected rows, as they were and as they are, one for each that the line gains, loses or has otherwise."""
    pairs: dict[str, list[Aside]] = {}
    for row in corrected:
        pairs.setdefault(row.reference, []).append(row)
    return [pair[0] for pair in pairs.values() if len(pair) == 1 or pair[0].amount != pair[1].amount]


def _records(rows: list[Aside]) -> int:
    """Distinct legacy records: of a key that was delivered twice both rows are refused, but it is one record."""
    corrected = sum(row.sign for row in rows if row.rule == CORRECTED)
    return len({row.reference for row in rows if row.rule != CORRECTED}) + corrected


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
