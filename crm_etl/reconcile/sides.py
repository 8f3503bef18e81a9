"""The two sides of a reconciliation as plain frames: what the legacy sources delivered, what the CRM holds.

Here belongs the shape of the inputs and the joins between both sides that every comparison needs. Both sides
are given, never fetched: the caller delivers the sources again and reads the target back, so that nothing here
depends on what the load said of itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm_etl import schema
from crm_etl.load import rowjson
from crm_etl.load.cells import among
from crm_etl.load.registry import TargetState
from crm_etl.migration import Calendar, Migration, Source
from crm_etl.normalize.text import fold

#: Entity of a related source -> table of the CRM that holds one row for each of its rows.
ROW_TABLES = {"interaction": "interaction", "transaction": "client_transaction", "opportunity": "opportunity"}
#: Stages that refuse rows which were accepted before them: the merge for want of a client, the plan as not loadable.
LATER_STAGES = ("merge", "load")


@dataclass(frozen=True)
class Legacy:
    """What the sources delivered.

    ``entities`` maps every source to its entity, ``trust`` lists the client sources, the most trusted first,
    ``read`` maps every source to the rows it delivered. ``excluded`` is schema.EXCLUDED, ``refused`` is
    schema.QUARANTINE of all stages, orphans of the merge included. ``parties`` is schema.PARTY of the accepted
    client records; ``related`` maps a source to its accepted rows (schema.ENTITIES), orphans among them.
    ``amounts`` maps a source to the column and decimal separator of its amounts, to read them in refused rows;
    ``mapped`` a source to its columns of mapped values: column -> folded cell -> canonical value; ``dates`` a
    source and its column of dates to their format and calendar; ``fields`` a source and its column to the field.
    ``corrected`` maps a source to the corrections of people that its rows rest on (``key``, and ``cells``: column ->
    cell as delivered, cell now).
    """

    entities: Mapping[str, str]
    trust: tuple[str, ...]
    read: Mapping[str, int]
    excluded: pd.DataFrame
    refused: pd.DataFrame
    parties: pd.DataFrame
    related: Mapping[str, pd.DataFrame]
    amounts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    mapped: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    dates: Mapping[tuple[str, str], tuple[str, Calendar]] = field(default_factory=dict)
    fields: Mapping[tuple[str, str], str] = field(default_factory=dict)
    corrected: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    @property
    def taken(self) -> dict[str, pd.DataFrame]:
        """The related rows that no later stage refused: those that the CRM is due to hold."""
        out = pd.MultiIndex.from_frame(self.refused_later)
        return {
            source: rows[~pd.MultiIndex.from_frame(rows[["source", "key"]]).isin(out)]
            for source, rows in self.related.items()
        }

    @property
    def due(self) -> pd.DataFrame:
        """The accepted client records that no later stage refused: those that the CRM is due to hold."""
        return self.parties[self.is_due]

    @property
    def is_due(self) -> npt.NDArray[np.bool_]:
        """Which rows of ``parties`` are :attr:`due`."""
        out = pd.MultiIndex.from_frame(self.refused_later)
        due: npt.NDArray[np.bool_] = ~pd.MultiIndex.from_frame(self.parties[["source", "key"]]).isin(out)
        return due

    @property
    def refused_later(self) -> pd.DataFrame:
        """source and key of the rows that were accepted at first and refused by a later stage.

        A row refused at once may bear the key of an accepted one (a torn line, say): that one is not meant.
        """
        later = self.refused[self.refused["stage"].isin(LATER_STAGES)]
        return later[["source", "key"]].dropna().drop_duplicates()

    @classmethod
    def of(
        cls,
        migration: Migration,
        read: Mapping[str, int],
        excluded: pd.DataFrame,
        refused: pd.DataFrame,
        parties: pd.DataFrame,
        related: Mapping[str, pd.DataFrame],
        corrected: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    ) -> Legacy:
        """The legacy side of ``migration``, its sources in the order of the file."""
        entities = {source.name: source.entity for source in migration.sources}
        amounts = {
            source.name: (source.fields["amount"][0].source_columns[0], source.decimal)
            for source in migration.sources
            if "amount" in source.fields and source.fields["amount"][0].source_columns
        }
        return cls(
            entities,
            tuple(migration.trust),
            read,
            excluded,
            refused,
            parties,
            related,
            amounts,
            {source.name: _mapped(source) for source in migration.sources},
            {place: form for source in migration.sources for place, form in _dates(source)},
            {place: name for source in migration.sources for place, name in _fields(source)},
            corrected or {},
        )


def _dates(source: Source) -> Iterator[tuple[tuple[str, str], tuple[str, Calendar]]]:
    for rule in (rule for rules in source.fields.values() for rule in rules):
        if rule.format is not None and len(rule.source_columns) == 1:
            yield (source.name, rule.source_columns[0]), (rule.format, rule.calendar)


def _fields(source: Source) -> Iterator[tuple[tuple[str, str], str]]:
    for name, rules in source.fields.items():
        for column in (column for rule in rules for column in rule.source_columns):
            yield (source.name, column), name


def _mapped(source: Source) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for rule in (rule for rules in source.fields.values() for rule in rules):
        for column in rule.source_columns:
            found.setdefault(column, {}).update({fold(cell): value for cell, value in rule.map.items()})
    return {column: cells for column, cells in found.items() if cells}


@dataclass(frozen=True)
class Crm:
    """What the CRM holds, or would hold after the plan.

    ``tables`` maps names of schema.CLIENT_TABLES to their rows as they stand now; ``baseline`` the same tables
    as the last load left them, which tells what people edited since; ``expected`` the same tables as the merge
    makes them of the crosswalk's records today. ``crosswalk`` is schema.CROSSWALK; a further column
    ``fingerprint`` tells the records as they were at the last load, so what the legacy side changed since.
    ``since`` maps a table to the batch that first loaded each row of the baseline, by its key. ``lineage`` is
    schema.LINEAGE. What is not known is left out.
    """

    tables: Mapping[str, pd.DataFrame]
    crosswalk: pd.DataFrame
    lineage: pd.DataFrame = field(default_factory=schema.LINEAGE.empty)
    baseline: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    expected: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    since: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def table(self, name: str) -> pd.DataFrame:
        """The CRM's table ``name``; empty where it was not given."""
        return self.tables[name] if name in self.tables else schema.CLIENT_TABLES[name].empty()

    def edited(self, name: str) -> pd.Series:
        """Keys of the rows of the CRM's table ``name`` that people changed since the last load, in any column."""
        key = schema.CLIENT_TABLES[name].names[0]
        now, was = self.table(name), self.baseline.get(name, schema.CLIENT_TABLES[name].empty())
        loaded = now[among(now[key], was[key])]
        same = pd.concat([was, loaded], ignore_index=True).duplicated().to_numpy()[len(was) :]
        return loaded.loc[~same, key]


def placed(legacy: Legacy, crm: Crm) -> pd.DataFrame:
    """The client records due that the CRM holds: ``position`` (row of the parties), source, key, client_id, first.

    ``first`` marks one record of each client: that of the most trusted source, then the lowest key. Records
    whose client does not stand in the CRM's client table are absent.
    """
    records = legacy.parties[["source", "key"]].reset_index(drop=True)
    records["position"] = records.index
    records = records[legacy.is_due]
    found = records.merge(crm.crosswalk[["source", "key", "client_id"]], on=["source", "key"], how="inner")
    found = found[among(found["client_id"], crm.table("client")["client_id"])]
    rank = {source: order for order, source in enumerate(legacy.trust)}
    order = found.assign(rank=found["source"].map(rank).astype("float64").fillna(len(rank)))
    order = order.sort_values(["rank", "source", "key", "position"], kind="stable")
    first = ~order["client_id"].duplicated()
    return found.assign(first=first.reindex(found.index)).sort_values("position", kind="stable").reset_index(drop=True)


def consent_rows(legacy: Legacy, crm: Crm) -> pd.DataFrame:
    """Rows of consent sources, taken, that the CRM holds: source, key, client_id, channel, allowed, first.

    A consent has no row of its own in the CRM: the strictest of a client's consents for a channel stands there.
    """
    frames = [frame for source, frame in legacy.taken.items() if legacy.entities[source] == "consent"]
    if not frames:
        names = ["source", "key", "client_id", "channel", "allowed", "first"]
        return pd.DataFrame({name: pd.Series(dtype="bool" if name == "first" else "string[pyarrow]") for name in names})
    rows = with_client(pd.concat(frames, ignore_index=True), crm).dropna(subset=["channel", "allowed"])
    held = crm.table("client_consent")[["client_id", "channel"]].drop_duplicates()
    rows = rows.merge(held, on=["client_id", "channel"], how="inner").sort_values(["source", "key"], kind="stable")
    rows = rows.assign(first=~rows.duplicated(["client_id", "channel"]))
    return rows[["source", "key", "client_id", "channel", "allowed", "first"]].reset_index(drop=True)


def with_client(rows: pd.DataFrame, crm: Crm) -> pd.DataFrame:
    """Related rows with the ``client_id`` that the crosswalk gives for their client; rows without one are absent."""
    walk = crm.crosswalk[["source", "key", "client_id"]].rename(
        columns={"source": "client_source", "key": "client_key"}
    )
    return rows.merge(walk, on=["client_source", "client_key"], how="inner")


def row_pairs(rows: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """Rows of a related source beside the CRM's rows of the same legacy key.

    Columns of ``rows`` keep their names, those of ``held`` get the prefix ``crm:``. Twice where the CRM holds a
    row twice.
    """
    crm = held.add_prefix("crm:")
    return rows.merge(crm, left_on=["source", "key"], right_on=["crm:legacy_source", "crm:legacy_key"], how="inner")


def crm_of(target: TargetState, lineage: pd.DataFrame, expected: Mapping[str, pd.DataFrame] | None = None) -> Crm:
    """The CRM as ``target`` holds it. Clients that were merged into another one, by a load or by people, are no more:
    their records are those of the client that is left."""
    tables = {name: target.table(name) for name in schema.CLIENT_TABLES}
    live = ~among(tables["client"]["client_id"], target.retired["client_id"])
    tables["client"] = tables["client"][live].reset_index(drop=True)
    baseline = {name: _loaded(target.loaded(name), table) for name, table in schema.CLIENT_TABLES.items()}
    since = {name: target.since(name) for name in schema.CLIENT_TABLES}
    return Crm(tables, _followed(target), lineage, baseline, {} if expected is None else expected, since)


def _followed(target: TargetState) -> pd.DataFrame:
    """The crosswalk with the client that is left in place of each client that was merged into it."""
    left = target.survivors()
    if not left:
        return target.crosswalk
    rows = target.crosswalk.copy()
    rows["client_id"] = rows["client_id"].map(lambda client: left.get(client, client)).astype("string[pyarrow]")
    return rows


def _loaded(rows: pd.Series, table: schema.Table) -> pd.DataFrame:
    frame = rowjson.decode(rows, table.names[1:])
    frame[table.names[0]] = pd.array(rows.index, dtype="string[pyarrow]")
    for column in table.columns:
        if column.kind == "bool":
            frame[column.name] = pd.array(frame[column.name].map({"true": True, "false": False}), dtype="boolean")
    return table.conform(frame)
