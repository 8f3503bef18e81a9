"""The commands about names: take them apart, write them in Latin letters, compare them. Needs no migration.

What they find: :mod:`crm_etl.naming`. How it looks: :mod:`crm_etl.show`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from crm_etl.answers import emit, machine

_KINDS = click.Choice(["person", "organization"])


@click.group()
def names() -> None:
    """Names across scripts: take them apart, romanize them, compare them.

    TEXTs come from the command line, or with --file from a file: one name a line, or a column of a CSV file.
    """


def _from_file(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option("--column", help="The file is a CSV file; read this column of it.")(command)
    return click.option(
        "--file",
        "path",
        type=click.Path(path_type=Path, allow_dash=True),
        help="Read names from this file, - for stdin.",
    )(command)


@names.command()
@click.argument("texts", metavar="TEXT...", nargs=-1)
@click.option("--kind", type=_KINDS, help="What the names are of [default: taken from each name].")
@click.option("--lang", "language", help="ISO 639-1 code of their language [default: taken from each name].")
@click.option("--sex", type=click.Choice(["m", "f"]), help="Sex of the persons, where it is known.")
@_from_file
@machine
def parse(
    texts: tuple[str, ...],
    kind: str | None,
    language: str | None,
    sex: str | None,
    path: Path | None,
    column: str | None,
    as_json: bool,
) -> None:
    """Take names apart: given name, patronymic, family name, titles, legal form."""
    from crm_etl import naming, show

    found = naming.parsed(naming.texts(texts, path, column), kind, language, sex)
    if as_json:
        emit(found)
    else:
        show.parsed_names(found)


@names.command()
@click.argument("texts", metavar="TEXT...", nargs=-1)
@click.option("--lang", "language", help="ISO 639-1 code of their language [default: taken from each name].")
@click.option("--standard", help="The standard to follow [default: the language's first].")
@click.option("--standards", "lists", is_flag=True, help="Print the standards there are.")
@_from_file
@machine
def romanize(
    texts: tuple[str, ...],
    language: str | None,
    standard: str | None,
    lists: bool,
    path: Path | None,
    column: str | None,
    as_json: bool,
) -> None:
    """Write names in Latin letters by a standard of their language."""
    from crm_etl import naming, show

    if lists:
        found = naming.standards(language)
    else:
        found = naming.romanized(naming.texts(texts, path, column), language, standard)
    if as_json:
        emit(found)
    elif lists:
        show.romanization_standards(found)
    else:
        show.romanized_names(found)


@names.command()
@click.argument("left", required=False)
@click.argument("right", required=False)
@click.option("--kind", type=_KINDS, help="What the names are of [default: taken from each pair].")
@click.option("--left-lang", help="ISO 639-1 code of the language of LEFT.")
@click.option("--right-lang", help="ISO 639-1 code of the language of RIGHT.")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, allow_dash=True),
    help="Read pairs from this CSV file, - for stdin.",
)
@click.option("--columns", nargs=2, default=("left", "right"), show_default=True, help="Its columns to compare.")
@machine
def compare(
    left: str | None,
    right: str | None,
    kind: str | None,
    left_lang: str | None,
    right_lang: str | None,
    path: Path | None,
    columns: tuple[str, str],
    as_json: bool,
) -> None:
    """Compare LEFT with RIGHT: how much the names speak for one bearer, in bits, and why.

    With --file, one score a pair and no reasons.
    """
    from crm_etl import naming, show

    if path is not None or left is None or right is None:
        given = [text for text in (left, right) if text is not None]
        found = naming.compared(naming.pairs(given, path, columns), kind, left_lang, right_lang)
    else:
        found = naming.explained(left, right, kind, left_lang, right_lang)
    if as_json:
        emit(found)
    elif "meetings" in found:
        show.explained_names(found)
    else:
        show.compared_names(found)
