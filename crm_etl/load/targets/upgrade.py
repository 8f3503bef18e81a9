"""Bringing a target database to the schema of this version: Alembic, run from code.

The migrations in ``alembic/versions`` are the schema's history and never change once released; a new column
gets a new one. They carry no data of the CRM.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError

from crm_etl.faults import TargetFault, Where
from crm_etl.load.connection import shown, target_url, writing

_SCRIPTS = Path(__file__).parent / "alembic"


def upgrade(url: str, root: Path, revision: str = "head") -> None:
    """Makes the tables of an empty target, or brings those of an older version up to ``revision``.

    Raises:
        TargetFault: the target cannot be reached or another load is at work.
    """
    with writing(target_url(url, root)) as connection, connection.begin():
        upgrade_connection(connection, revision)


def upgrade_connection(connection: sa.Connection, revision: str = "head") -> None:
    """The same on an open connection, inside the caller's transaction.

    Raises:
        TargetFault: a later version of crm-etl made the tables.
    """
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError:
        raise TargetFault(
            "the target's tables are those of another version of crm-etl",
            where=Where(shown(connection.engine.url)),
            remedy="install the version that loaded it last, or a later one",
        ) from None
