"""Where a source's database is: its URL, the name that people see, and what may be told of its errors.

Passwords stay out of everything said here. Connecting is done in :mod:`connectors.sqlsession`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crm_etl.faults import SourceFault, Where
from crm_etl.passwords import cleared

if TYPE_CHECKING:
    from sqlalchemy import URL

#: Drivers that are meant by a URL that names none.
_DRIVERS = {"postgresql": "psycopg", "mysql": "pymysql", "mariadb": "pymysql"}
EXTRAS = {
    "postgresql": "pip install 'crm-etl[postgres]'",
    "mysql": "pip install 'crm-etl[mysql]' and write mysql+pymysql://",
    "mariadb": "pip install 'crm-etl[mysql]' and write mysql+pymysql://",
}


@dataclass(frozen=True)
class Database:
    """A database by its URL; a relative SQLite path starts at ``root``."""

    url: URL
    root: Path

    @property
    def kind(self) -> str:
        return self.url.get_backend_name()

    @property
    def place(self) -> str:
        """Server, port and database, or the SQLite file: what people call it."""
        if self.kind == "sqlite":
            return self.url.database or ":memory:"
        port = f":{self.url.port}" if self.url.port is not None else ""
        return f"{self.url.host or 'localhost'}{port}/{self.url.database or ''}"

    @property
    def where(self) -> Where:
        return Where(self.place)

    @property
    def path(self) -> Path:
        """The file of a SQLite database."""
        return self.root / (self.url.database or "")

    def words(self, error: BaseException) -> str:
        """The first line of the driver's complaint without the password. Only for what comes before the data.

        A short password may be part of any word, and taking it out would show it: then nothing but the kind of the
        complaint is told.
        """
        arguments = error.args
        numbered = len(arguments) > 1 and isinstance(arguments[0], int)  # drivers of MySQL: number and text
        lines = str(arguments[1] if numbered else error).strip().splitlines() or [type(error).__name__]
        return cleared(lines[0], self.url) or type(error).__name__


def database(url: str, root: Path) -> Database:
    """The database that ``url`` names.

    Raises:
        SourceFault: not a database URL, or a SQLite file that is not there.
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
        parsed.get_backend_name()
    except (ArgumentError, ValueError):
        raise SourceFault(
            "the url of a source is not a database URL",
            remedy="write it as dialect+driver://user:${PASSWORD}@host:port/database, or sqlite:///file",
        ) from None
    kind = parsed.get_backend_name()
    if "+" not in parsed.drivername and kind in _DRIVERS:
        parsed = parsed.set(drivername=f"{kind}+{_DRIVERS[kind]}")
    found = Database(parsed, root)
    if kind == "sqlite" and not found.path.is_file():
        raise SourceFault(
            "no such database file", where=found.where, remedy="mend 'url': the path starts at the migration folder"
        )
    return found
