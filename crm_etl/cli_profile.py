"""The command that takes the inventory: which sources or places, and what is written.

What it finds: :mod:`crm_etl.inventory`. How it looks: :mod:`crm_etl.show_profile`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from crm_etl.answers import COULD_NOT_RUN, FINE, emit, machine, watched


@click.command()
@click.argument("sources", nargs=-1, metavar="[SOURCE|FILE|FOLDER|URL]...")
@click.option(
    "--propose", is_flag=True, help="Propose a mapping: a migration file with how sure each line is, and why."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where the proposal goes [default: migration.yaml, or proposal.yaml among the reports if there is one].",
)
@click.option("--samples", is_flag=True, help="Show values of the cells on the page: personal data.")
@machine
@click.pass_obj
def profile(
    folder: Path | None, sources: tuple[str, ...], propose: bool, out: Path | None, samples: bool, as_json: bool
) -> None:
    """Take the inventory of sources and write it as HTML and JSON: what is there, how full, how sound.

    Without arguments: all sources of the migration. Files, patterns such as 'sales-*.csv', folders and database URLs
    need no migration: how each could be declared is shown as well.
    """
    from crm_etl import inventory, show_profile

    wish = inventory.Wish(sources, folder, samples=samples, propose=propose or out is not None, out=out)
    with watched(as_json) as progress:
        found, paths = inventory.take(wish, progress)
    if as_json:
        emit(found)
    else:
        show_profile.profile(found, paths)
    sys.exit(COULD_NOT_RUN if found["totals"]["unreadable"] == found["totals"]["sources"] else FINE)
