"""A first look at a database: its tables with their primary and foreign keys."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crm_etl.environment import fill, literal
from crm_etl.faults import SourceFault, Where
from crm_etl.passwords import without_password
from crm_etl.profile.look import Look, path_of, seen_from, source_name


def look_at_database(url: str, root: Path) -> list[Look]:
    from sqlalchemy import create_engine, inspect
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

    shown, real = without_password(url), fill(url, _variable)
    secrets = {"url": real}
    try:
        if real.startswith("sqlite"):
            path = path_of(real.partition("///")[2], root)
            secrets = {"url": f"sqlite:///{seen_from(path, root)}"}
            real, shown = _sqlite(path), literal(secrets["url"])
        engine = create_engine(real)
        inspector = inspect(engine)
        tables = [*inspector.get_table_names(), *inspector.get_view_names()]
        looks = [_table(inspector, table, shown) for table in tables]
        for look in looks:
            look.secrets = secrets
        engine.dispose()
    except (ImportError, NoSuchModuleError, ArgumentError, ValueError):
        raise SourceFault(
            "no driver for this database URL", remedy="write dialect+driver://user:${PASSWORD}@host/database"
        ) from None
    except SQLAlchemyError:
        raise SourceFault(
            "the database cannot be reached or read",
            where=Where(urlsplit(shown).hostname or shown.partition("?")[0].rpartition("/")[2]),
            remedy="check host, database, user and password, and that the server is up",
        ) from None
    if not looks:
        raise SourceFault("no tables that this user may see", remedy="ask for the right to read them")
    return looks


def _table(inspector: Any, table: str, url: str) -> Look:
    look = Look(source_name(table), table, {"connector": "sql", "url": url, "table": table})
    look.keys = tuple(inspector.get_pk_constraint(table).get("constrained_columns") or ())
    for link in inspector.get_foreign_keys(table):
        if len(link["constrained_columns"]) == 1:
            look.references[link["constrained_columns"][0]] = (link["referred_table"], link["referred_columns"][0])
    if look.keys:
        look.notes.append(f"primary key {', '.join(look.keys)}")
    look.notes.extend(f"{column} refers to {other}.{key}" for column, (other, key) in look.references.items())
    return look


def _sqlite(path: Path) -> str:
    if not path.is_file():
        raise SourceFault("no such database file", where=Where(str(path)), remedy="mend the path in the URL")
    return f"sqlite:///file:{path.resolve()}?mode=ro&uri=true"


def _variable(name: str) -> str:
    if name not in os.environ:
        raise SourceFault(f"the environment has no variable {name}", remedy=f"set it before: export {name}=...")
    return os.environ[name]
