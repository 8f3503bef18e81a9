"""The commands about what people fill in: the template for manual entry, and rows of the quarantine sent again.

What they do: :mod:`crm_etl.template`, :mod:`crm_etl.resubmission`. How it looks: :mod:`crm_etl.show_forms`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crm_etl.answers import DIFFERENCES, FINE, emit, machine, opened, watched

if TYPE_CHECKING:
    from crm_etl.forms import Language


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--who", help="Who corrected [default: the user of this machine].")
@click.option("--why", default="", help="The reason, for rows of the file that state none.")
@click.option("--list", "listed", is_flag=True, help="List the corrections that were sent, and which of them stand.")
@click.option("--withdraw", metavar="NUMBER", help="Take back the correction of this number, or 'all'.")
@machine
@click.pass_obj
def resubmit(
    folder: Path | None,
    file: Path | None,
    who: str | None,
    why: str,
    listed: bool,
    withdraw: str | None,
    as_json: bool,
) -> None:
    """Send rows that were corrected in FILE, the quarantine's workbook or CSV, again: the next run takes them.

    The corrections are added to corrections.jsonl beside the migration file; the sources are not touched. Ends with 1
    if rows of the file were not taken, because their source has changed since or what stands there cannot be used.
    """
    from crm_etl import resubmission, show_forms

    if sum([file is not None, listed, withdraw is not None]) != 1:
        raise click.UsageError("give either FILE, or --list, or --withdraw")
    migration = opened(folder)
    if file is not None:
        with watched(as_json) as progress:
            found = resubmission.resubmit(migration, file, progress, who, why)
        emit(found) if as_json else show_forms.resubmitted(found)
        sys.exit(DIFFERENCES if found["refused"] else FINE)
    if withdraw is not None:
        found = resubmission.withdraw(migration, withdraw, who, why)
        emit(found) if as_json else show_forms.withdrawn(found)
    else:
        found = resubmission.listing(migration)
        emit(found) if as_json else show_forms.corrections(found)


@click.command()
@click.option("--source", metavar="NAME", help="The manual source to make it for [default: the only one there is].")
@click.option(
    "--entity",
    type=click.Choice(["client", "interaction", "transaction", "opportunity", "consent"]),
    help="Make it for all fields of these records, with the lines for migration.yaml that go with it.",
)
@click.option("--language", type=click.Choice(["en", "ru", "fa"]), default="en", show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="The workbook [default: NAME-template.xlsx here]."
)
@machine
@click.pass_obj
def template(
    folder: Path | None, source: str | None, entity: str | None, language: Language, out: Path | None, as_json: bool
) -> None:
    """Write an Excel workbook in which people enter what exists only on paper.

    With a manual source in the migration file its columns are those of its mapping; filled in, the workbook is put
    where 'path' of that source points. Without one, or with --entity, all fields are offered, and the lines for
    migration.yaml are written beside it.
    """
    from crm_etl import show_forms
    from crm_etl.template import make

    found = make(folder, source, entity, language, out)
    emit(found) if as_json else show_forms.template(found)
