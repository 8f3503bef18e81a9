"""The tables of a source's database, and what could be declared of them: keys, and where a row finds its client.

Proposals only, from primary and foreign keys; a person decides. Reading the catalogue: :mod:`connectors.sqltables`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from connectors.database import database
from connectors.sqltables import DbTable, ForeignKey, reflect
from crm_etl.faults import MigrationFault
from crm_etl.migration import Migration, SqlSource, filled


def of_url(url: str, root: Path, *, count: bool = False, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Tables of the database at ``url``, in which ``${NAME}`` stands for what the environment holds.

    Raises:
        MigrationFault: a password stands in the URL, or the environment lacks a name.
        SourceFault: the database cannot be reached or read.
    """
    return _listed(filled(url, os.environ if environ is None else environ), root, (), count)


def of_source(migration: Migration, name: str, *, count: bool = False) -> dict[str, Any]:
    """Tables of the database that source ``name`` is read from; references name the migration's own sources.

    Raises:
        MigrationFault: there is no such source, or it is read from no database.
        SourceFault: the database cannot be reached or read.
    """
    source = migration.source(name)
    if not isinstance(source, SqlSource):
        raise MigrationFault(
            f"source '{name}' is read from no database", remedy="name a source with 'connector: sql', or give a URL"
        )
    sources = [other for other in migration.sources if isinstance(other, SqlSource) and other.url == source.url]
    return _listed(source.url, migration.root, tuple(sources), count)


def _listed(url: str, root: Path, sources: tuple[SqlSource, ...], count: bool) -> dict[str, Any]:
    tables = reflect(url, root, count=count)
    names = {table.name: _source_of(table, sources) for table in tables}
    return {
        "database": database(url, root).place,
        "tables": [
            {
                **asdict(table),
                "key": list(_key(table)),
                "source": names[table.name],
                "references": [_reference(key, names) for key in table.foreign_keys],
            }
            for table in tables
        ],
    }


def _source_of(table: DbTable, sources: tuple[SqlSource, ...]) -> str:
    """The migration's source of a table; where there is none, the name that one could have."""
    for source in sources:
        if source.table is not None and source.table.casefold() == table.name.casefold():
            return source.name
    name = re.sub(r"[^a-z0-9_]+", "_", table.name.lower()).strip("_")[:40]
    return name if re.match("[a-z]", name) else f"t_{name}"[:40]


def _key(table: DbTable) -> tuple[str, ...]:
    return table.primary_key or (table.keys[0] if table.keys else ())


def _reference(key: ForeignKey, names: dict[str, str]) -> dict[str, Any]:
    """What a related source would declare as its ``client``; None where several columns make the reference."""
    source = names.get(key.table)
    single = len(key.columns) == 1 and source is not None
    return {
        "columns": list(key.columns),
        "table": key.table,
        "referred": list(key.referred),
        "client": {"source": source, "column": key.columns[0]} if single else None,
    }
