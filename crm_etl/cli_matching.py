"""The commands about the matching alone: what blocking will do, and how good the last run's merges are.

What they find: :mod:`crm_etl.outlook`, :mod:`crm_etl.assessment`. How it looks: :mod:`crm_etl.show_matching`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from crm_etl.answers import DIFFERENCES, FINE, emit, machine, opened, watched


@click.command()
@click.option("--budget", type=click.IntRange(min=1), metavar="PAIRS", help="Pairs that may be compared.")
@click.option("--propose", is_flag=True, help="Choose rules for the budget, out of all or of --rules.")
@click.option("--rules", metavar="NAMES", help="Look at these rules, joined by commas [default: matching.rules].")
@click.option("--fresh", is_flag=True, help="Read the sources again, though a run has left its records.")
@machine
@click.pass_obj
def blocking(
    folder: Path | None, budget: int | None, propose: bool, rules: str | None, fresh: bool, as_json: bool
) -> None:
    """Show what the blocking rules will bring together, what they find and what they cost; compare nothing.

    Ends with 1 if the rules make more pairs than the budget [default: what matching.pairs_per_record allows], and with
    --propose if no rule fits it.
    """
    from crm_etl import outlook, show_matching
    from crm_etl.storage import State

    migration = opened(folder)
    names = [name.strip() for name in (rules or "").split(",") if name.strip()]
    with watched(as_json) as progress:
        found = outlook.look(
            migration, State.of(migration), progress, rules=names, budget=budget, propose=propose, fresh=fresh
        )
    _answer(found, show_matching.blocking, as_json)
    sys.exit(FINE if (found["settings"] is not None if propose else found["within"]) else DIFFERENCES)


@click.command()
@click.option(
    "--truth",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV with columns source, key, entity [default: truth.csv of the migration folder, if there is one].",
)
@machine
@click.pass_obj
def evaluate(folder: Path | None, truth: Path | None, as_json: bool) -> None:
    """Measure the last run's merges against a truth file; without one, tell what can be said all the same."""
    from crm_etl import assessment, show_matching
    from crm_etl.storage import State

    migration = opened(folder)
    with watched(as_json) as progress:
        figures = assessment.assess(migration, State.of(migration), truth, progress)
    _answer(figures, show_matching.evaluation, as_json)


def _answer(found: dict[str, Any], show: Callable[[dict[str, Any]], None], as_json: bool) -> None:
    if as_json:
        emit(found)
    else:
        show(found)
