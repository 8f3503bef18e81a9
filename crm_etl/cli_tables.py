"""The command that shows what a source's database holds. What it finds: :mod:`crm_etl.tables`."""

from __future__ import annotations

from pathlib import Path

import click

from crm_etl.answers import emit, machine, opened


@click.command()
@click.argument("database", metavar="SOURCE|URL")
@click.option("--count", is_flag=True, help="Count the rows of every table instead of estimating them.")
@machine
@click.pass_obj
def tables(folder: Path | None, database: str, count: bool, as_json: bool) -> None:
    """Show the tables of a database: columns, keys and foreign keys, with what a migration could declare of them.

    SOURCE is a source of the migration with `connector: sql`. URL is one of SQLAlchemy; write '${NAME}' for its
    password, in single quotes, and set NAME in the environment. Nothing is written.
    """
    from crm_etl import show_tables
    from crm_etl.tables import of_source, of_url

    if "://" in database:
        found = of_url(database, folder or Path.cwd(), count=count)
    else:
        found = of_source(opened(folder), database, count=count)
    if as_json:
        emit(found)
    else:
        show_tables.tables(found)
