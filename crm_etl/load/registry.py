"""What stands in the target: its rows in the schema's form, and what the registry remembers of earlier loads.

Reading only. A target that does not exist yet is an empty state, and looking creates nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from crm_etl import schema
from crm_etl.faults import TargetFault, Where
from crm_etl.load import cells, rowjson
from crm_etl.load.connection import exists, freeze, reading, shown, target_url
from crm_etl.load.targets import crm

_CHUNK = 50_000
#: Clients that one query asks for.
_KEYS = 500
_TEXT = "string[pyarrow]"
_BASELINE = ("table_name", "row_id", "row_values", "batch_id")
_CROSSWALK = ("source", "key", "client_id", "fingerprint")


@dataclass(frozen=True)
class TargetState:
    """The target at one moment.

    One frame for each table of :data:`crm_etl.schema.CLIENT_TABLES`, conformed to it, cells in the canonical text
    of :mod:`crm_etl.load.cells`, ordered by key. ``retired``: client_id, merged_into. ``baseline``: table_name,
    row_id, row_values (JSON) of every row as it was last loaded, batch_id of the batch that brought it.
    ``crosswalk``: source, key, client_id, fingerprint. ``facts``: exists, fingerprint (of the rows and the
    batches), batches [{id, plan_id, applied_at, undone}], counts {table: rows}.
    """

    crm_user: pd.DataFrame
    client: pd.DataFrame
    client_name: pd.DataFrame
    client_phone: pd.DataFrame
    client_email: pd.DataFrame
    client_address: pd.DataFrame
    client_identifier: pd.DataFrame
    client_consent: pd.DataFrame
    interaction: pd.DataFrame
    client_transaction: pd.DataFrame
    opportunity: pd.DataFrame
    retired: pd.DataFrame
    baseline: pd.DataFrame
    crosswalk: pd.DataFrame
    facts: dict[str, Any]

    def table(self, name: str) -> pd.DataFrame:
        """The rows of one CRM table."""
        rows: pd.DataFrame = getattr(self, name)
        return rows

    def loadable(self, name: str) -> pd.DataFrame:
        """The rows of one CRM table as text, with all columns that a load writes (of clients ``merged_into``)."""
        rows = self.table(name).astype(_TEXT)
        for column in crm.columns_of(name):
            if cells.kind_of(column) == "bool":
                rows[column.name] = rows[column.name].str.lower()
        if name == "client":
            rows = rows.merge(self.retired, on="client_id", how="left")
        return rows

    def loaded(self, name: str) -> pd.Series:
        """JSON of the rows of one CRM table as last loaded, indexed by row_id."""
        rows = self.baseline[self.baseline["table_name"] == name]
        return pd.Series(rows["row_values"].array, index=rows["row_id"].to_numpy(dtype=object))

    def survivors(self) -> dict[str, str]:
        """For each client merged into another one the client that is left, itself merged into none."""
        into = dict(zip(self.retired["client_id"], self.retired[crm.MERGED_INTO], strict=True))
        left = {}
        for client in into:
            seen, last = {client}, into[client]
            while last in into and last not in seen:
                seen.add(last)
                last = into[last]
            left[client] = last
        return left

    def since(self, name: str) -> dict[str, int]:
        """The batch that brought each loaded row of one CRM table, by row_id."""
        rows = self.baseline[self.baseline["table_name"] == name]
        return dict(zip(rows["row_id"], rows["batch_id"].astype(int), strict=True))


assert {field.name for field in fields(TargetState)} >= set(schema.CLIENT_TABLES), "a table without its frame"


def read_target(url: str, root: Path) -> TargetState:
    """The target's present state.

    Raises:
        TargetFault: it cannot be reached, holds another program's tables, or hides its rows.
    """
    target = target_url(url, root)
    if not exists(target):
        return _state({}, set())
    with reading(target) as connection:
        return read(connection)


def crosswalk(url: str, root: Path) -> pd.DataFrame:
    """Which client holds which source record: a frame of :data:`crm_etl.schema.CROSSWALK`, ordered."""
    target = target_url(url, root)
    if not exists(target):
        return schema.CROSSWALK.empty()
    with reading(target) as connection:
        if crm.CROSSWALK.name not in sa.inspect(connection).get_table_names():
            return schema.CROSSWALK.empty()
        return schema.CROSSWALK.conform(frame(connection, crm.CROSSWALK, schema.CROSSWALK.names))


@dataclass(frozen=True)
class Held:
    """The records of one source as last loaded, and what their clients are known by in the CRM.

    ``records``: key, client_id, fingerprint. The others hold client_id and ``value``, of the asked clients only.
    """

    records: pd.DataFrame
    names: pd.DataFrame
    births: pd.DataFrame
    contacts: pd.DataFrame


def held(url: str, root: Path, source: str, now: pd.DataFrame) -> Held:
    """What the CRM knows of the records of ``source`` whose fingerprint is another one ``now`` (key, fingerprint).

    Raises:
        TargetFault: it cannot be reached.
    """
    target = target_url(url, root)
    nothing = Held(_empty(_CROSSWALK[1:]), *(_empty(["client_id", "value"]) for _ in range(3)))
    if not exists(target):
        return nothing
    with reading(target) as connection:
        if not {crm.CROSSWALK.name, "client"} <= set(sa.inspect(connection).get_table_names()):
            return nothing
        records = frame(connection, crm.CROSSWALK, _CROSSWALK[1:], crm.CROSSWALK.c.source == source)
        marks = records.merge(now[["key", "fingerprint"]], on="key", suffixes=("", "_now"))
        changed = marks[(marks["fingerprint"] != marks["fingerprint_now"]).fillna(True)]
        clients = sorted(changed["client_id"].unique())
        names = [_of_clients(connection, "client_name", "full_name", clients)]
        names += [_of_clients(connection, "client", column, clients) for column in ("display_name", "latin_name")]
        contacts = [_of_clients(connection, f"client_{column}", column, clients) for column in ("phone", "email")] + [
            _of_clients(connection, "client_identifier", "value", clients)
        ]
        return Held(
            changed[list(_CROSSWALK[1:])].reset_index(drop=True),
            pd.concat(names, ignore_index=True),
            _of_clients(connection, "client", "birth_date", clients),
            pd.concat(contacts, ignore_index=True),
        )


def _of_clients(connection: sa.Connection, name: str, column: str, clients: list[str]) -> pd.DataFrame:
    """client_id and ``value`` of a column of the asked clients' rows."""
    table = crm.TABLES[name]
    parts = [
        frame(connection, table, ["client_id", column], table.c.client_id.in_(clients[start : start + _KEYS]))
        for start in range(0, len(clients), _KEYS)
    ]
    found = pd.concat([_empty(["client_id", column]), *parts], ignore_index=True)
    return found.set_axis(["client_id", "value"], axis=1).dropna()


def batches(url: str, root: Path) -> list[dict[str, Any]]:
    """The applied plans, the first one first: id, plan_id, applied_at (UTC), undone."""
    target = target_url(url, root)
    if not exists(target):
        return []
    with reading(target) as connection:
        if crm.BATCH.name not in sa.inspect(connection).get_table_names():
            return []
        return _batches(frame(connection, crm.BATCH, crm.BATCH.columns.keys()))


def read(connection: sa.Connection, *, lock: bool = False) -> TargetState:
    """The state as ``connection`` sees it; with ``lock`` nobody else can write until the transaction ends."""
    present = set(sa.inspect(connection).get_table_names())
    _recognise(connection, present)
    if lock:
        freeze(connection, [name for name in crm.TABLES if name in present])
    frames = {
        name: frame(connection, table, [column.name for column in table.columns], lock=lock)
        for name, table in crm.TABLES.items()
        if name in present
    }
    for table, names in ((crm.LOADED, _BASELINE), (crm.CROSSWALK, _CROSSWALK), (crm.BATCH, crm.BATCH.columns.keys())):
        if table.name in present:
            frames[table.name] = frame(connection, table, names)
    state = _state(frames, present)
    state.facts["narrow"] = _narrow(connection)
    _visible(connection, state)
    return state


def _recognise(connection: sa.Connection, present: set[str]) -> None:
    foreign = sorted(present & set(crm.TABLES)) if crm.VERSION_TABLE not in present else []
    if foreign:
        raise TargetFault(
            f"the target already has tables that crm-etl did not make: {', '.join(foreign)}",
            where=Where(shown(connection.engine.url)),
            remedy="name an empty database, or move those tables away",
        )


def _visible(connection: sa.Connection, state: TargetState) -> None:
    """Hidden rows look like deleted ones, and a load would act on that: it must not come so far."""
    counts = state.baseline["table_name"].value_counts()
    hidden = "client" if len(state.client) == 0 and "client" in counts else _behind_policy(connection, state)
    batches = [batch for batch in state.facts["batches"] if not batch["undone"]]
    if hidden is None and batches and len(state.baseline) == 0 and len(state.crosswalk) == 0:
        hidden = crm.LOADED.name
    if hidden is not None:
        what = "no clients" if hidden == "client" and len(state.client) == 0 else f"not all rows of table {hidden}"
        raise TargetFault(
            f"the target shows {what} although some were loaded: its user cannot see them, or all were deleted",
            where=Where(shown(connection.engine.url)),
            remedy="give the user the right to see all rows (row-level security, views that hide deleted ones), or "
            "undo the last batch",
        )


def _behind_policy(connection: sa.Connection, state: TargetState) -> str | None:
    """A table whose row-level security holds for this user and that lacks rows which were loaded."""
    if connection.dialect.name != "postgresql":
        return None
    for name in schema.CLIENT_TABLES:
        loaded = state.loaded(name)
        if len(loaded) == 0 or cells.among(pd.Series(loaded.index, dtype=_TEXT), state.table(name).iloc[:, 0]).all():
            continue
        if connection.execute(sa.select(sa.func.row_security_active(name))).scalar():
            return name
    return None


def _narrow(connection: sa.Connection) -> dict[str, list[str]]:
    """Columns of the CRM in MySQL's character set of three bytes, by table: without strict mode it cuts a text at the
    first character that it does not have."""
    if connection.dialect.name not in ("mysql", "mariadb"):
        return {}
    columns = connection.execute(
        sa.text(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE() "
            "AND character_set_name IS NOT NULL AND character_set_name NOT IN ('utf8mb4', 'utf16', 'utf32')"
        )
    )
    found: dict[str, list[str]] = {}
    for table, column in columns:
        if table in crm.TABLES:
            found.setdefault(table, []).append(column)
    return found


def _state(read: dict[str, pd.DataFrame], present: set[str]) -> TargetState:
    client = read.get("client", _empty(["client_id", crm.MERGED_INTO]))
    retired = client.loc[client[crm.MERGED_INTO].notna(), ["client_id", crm.MERGED_INTO]].reset_index(drop=True)
    batches = _batches(read.get(crm.BATCH.name, _empty(crm.BATCH.columns.keys())))
    tables = {name: frame for name, frame in read.items() if name in crm.TABLES}
    rows = {name: _schema_form(name, frame) for name, frame in tables.items()}
    rows |= {name: table.empty() for name, table in schema.CLIENT_TABLES.items() if name not in rows}
    return TargetState(
        **rows,
        retired=retired,
        baseline=read.get(crm.LOADED.name, _empty(_BASELINE)),
        crosswalk=read.get(crm.CROSSWALK.name, _empty(_CROSSWALK)),
        facts={
            "exists": bool(present),
            "fingerprint": _fingerprint(tables, batches),
            "batches": batches,
            "counts": {name: len(rows[name]) for name in schema.CLIENT_TABLES},
            "narrow": {},
        },
    )


def _fingerprint(tables: dict[str, pd.DataFrame], batches: list[dict[str, Any]]) -> str:
    """Of content only: tables that are empty and tables that are not there yet are the same."""
    return rowjson.digest({name: frame for name, frame in tables.items() if len(frame)}, batches)


def _batches(logged: pd.DataFrame) -> list[dict[str, Any]]:
    rows = logged.to_dict("records")
    return [
        {
            "id": int(row["id"]),
            "plan_id": row["plan_id"],
            "applied_at": row["applied_at"],
            "undone": bool(pd.notna(row["undone_at"])),
        }
        for row in sorted(rows, key=lambda row: int(row["id"]))
    ]


def _schema_form(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    described = schema.CLIENT_TABLES[name]
    rows = rows[described.names].copy()
    for column in described.columns:
        if column.kind == "bool":
            texts = rows[column.name].to_numpy(dtype=object, na_value=None)
            rows[column.name] = pd.array([None if text is None else text == "true" for text in texts], dtype="boolean")
    return described.conform(rows)


def frame(
    connection: sa.Connection,
    table: sa.Table,
    names: Iterable[str],
    where: sa.ColumnElement[bool] | None = None,
    *,
    lock: bool = False,
) -> pd.DataFrame:
    """Columns of a table's rows as canonical text, ordered by key."""
    columns = [table.columns[name] for name in names]
    # Driver values as they are: cells.read knows them, and the types' own conversion of each cell costs seconds.
    query = sa.select(*(sa.type_coerce(column, sa.types.NullType()).label(column.name) for column in columns))
    query = query.order_by(*table.primary_key.columns)
    if where is not None:
        query = query.where(where)
    if lock and connection.dialect.name in ("mysql", "mariadb"):
        query = query.with_for_update()
    parts: list[list[pa.Array]] = [[] for _ in columns]
    for rows in connection.execute(query, execution_options={"yield_per": _CHUNK}).partitions():
        for part, column, values in zip(parts, columns, zip(*rows, strict=True), strict=True):
            part.append(cells.read(values, cells.kind_of(column)))
    chunked = [pa.chunked_array(part, type=pa.large_string()) for part in parts]
    return pd.DataFrame(
        {column.name: pd.array(chunk, dtype=_TEXT) for column, chunk in zip(columns, chunked, strict=True)}
    )


def _empty(names: Iterable[str]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.array([], dtype=_TEXT) for name in names})
