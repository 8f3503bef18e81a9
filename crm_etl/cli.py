"""The command line: parse, call, print. What a command does lives in the rooms; how it looks in ``show``.

Heavy rooms are imported by the command that needs them, so that ``crm-etl --help`` answers at once. The commands
about names: :mod:`crm_etl.cli_names`; about the matching alone: :mod:`crm_etl.cli_matching`; about the sources:
:mod:`crm_etl.cli_profile`; about a source's database: :mod:`crm_etl.cli_tables`; about what people fill in:
:mod:`crm_etl.cli_forms`. Exit codes, faults, ``--json``: :mod:`crm_etl.answers`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crm_etl import __version__
from crm_etl.answers import COULD_NOT_RUN, DIFFERENCES, FINE, Guarded, emit, machine, opened, watched
from crm_etl.cli_forms import resubmit, template
from crm_etl.cli_matching import blocking, evaluate
from crm_etl.cli_names import names
from crm_etl.cli_profile import profile
from crm_etl.cli_tables import tables
from crm_etl.number import counted

if TYPE_CHECKING:
    from crm_etl.run import Run


@click.group(cls=Guarded, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="crm-etl")
@click.option(
    "-C",
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="CRM_ETL_MIGRATION",
    help="Migration folder [default: this one, or the only one below it].",
)
@click.pass_context
def main(ctx: click.Context, folder: Path | None) -> None:
    """Move a company's clients from legacy systems into a new CRM.

    A migration is a folder with a migration.yaml. Start with `crm-etl demo` (an example company) or
    `crm-etl init DIR` (your own); then `check`, `profile`, `dry-run`, `run`, `reconcile`.
    """
    ctx.obj = folder


main.add_command(names)
main.add_command(blocking)
main.add_command(evaluate)
main.add_command(tables)
main.add_command(template)
main.add_command(resubmit)
main.add_command(profile)


changes_only = click.option(
    "--incremental", is_flag=True, help="Compare only records that changed since the last run, by its model."
)


@contextmanager
def _run(folder: Path | None, as_json: bool, incremental: bool = False) -> Iterator[Run]:
    from crm_etl.run import Run
    from crm_etl.storage import State

    migration = opened(folder)
    with watched(as_json) as progress:
        yield Run(migration, State.of(migration), progress, incremental=incremental)


@main.command()
@click.argument("target", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@machine
def init(target: Path, as_json: bool) -> None:
    """Write a commented starting migration.yaml into DIR."""
    from crm_etl.starter import write_starter

    path = write_starter(target)
    if as_json:
        emit({"written": str(path)})
    else:
        click.echo(f"wrote {path}\nnext: put your sources beside it, edit it, then run: crm-etl -C {target} check")


@main.command()
@machine
@click.pass_obj
def check(folder: Path | None, as_json: bool) -> None:
    """Check the migration file, the sources' layouts, the suites and the target, moving nothing."""
    from crm_etl import preflight, show

    migration = opened(folder)
    with watched(as_json) as progress:
        findings = preflight.look(migration, progress)
    if as_json:
        emit(findings)
    else:
        show.preflight(findings)
    sys.exit(FINE if findings["ok"] else COULD_NOT_RUN)


@main.command()
@click.argument("sources", nargs=-1, required=True)
@machine
@click.pass_obj
def accept(folder: Path | None, sources: tuple[str, ...], as_json: bool) -> None:
    """Take the SOURCES as they are now, though their columns or volumes are not those of the last load.

    They are read; later deliveries are held against what is found.
    """
    from crm_etl.run import accept as take
    from crm_etl.storage import State

    migration = opened(folder)
    chosen = [migration.source(name) for name in dict.fromkeys(sources)]
    with State.of(migration).alone(), watched(as_json) as progress:
        found = {source.name: take(migration, source, progress) for source in chosen}
    if as_json:
        emit({name: layout.document() for name, layout in found.items()})
    else:
        for name, layout in found.items():
            columns, rows = counted(len(layout.columns), "column"), counted(layout.records, "row")
            click.echo(f"{name}: {columns}, {rows} are right from now on")


@main.command("dry-run")
@changes_only
@machine
@click.pass_obj
def dry_run(folder: Path | None, incremental: bool, as_json: bool) -> None:
    """Run every stage up to the plan and show it; the target is not touched."""
    from crm_etl import show

    with _run(folder, as_json, incremental) as run:
        summary = run.rehearse()
    if as_json:
        emit(summary)
    else:
        show.rehearsal(summary)
    sys.exit(DIFFERENCES if summary["plan"]["blocked"] or not summary["ledger"]["closed"] else FINE)


@main.command("run")
@click.option("--summary", "short", is_flag=True, help="Print the short summary only.")
@changes_only
@machine
@click.pass_obj
def run_command(folder: Path | None, short: bool, incremental: bool, as_json: bool) -> None:
    """Run the whole migration: plan, load in one transaction, reconcile."""
    from crm_etl import show

    with _run(folder, as_json, incremental) as run:
        summary = run.migrate()
    if as_json:
        emit(summary)
    else:
        show.migrated(summary, short=short)
    sys.exit(FINE if summary["reconciliation"]["ok"] else DIFFERENCES)


@main.command()
@machine
@click.pass_obj
def reconcile(folder: Path | None, as_json: bool) -> None:
    """Read the sources and the target afresh and compare them; as often as wanted, changing nothing."""
    from crm_etl import show

    with _run(folder, as_json) as run:
        summary = run.reconcile()
    if as_json:
        emit(summary)
    else:
        show.reconciled(summary)
    sys.exit(FINE if summary["ok"] else DIFFERENCES)


@main.command()
@click.argument("reference")
@click.argument("other", required=False)
@machine
@click.pass_obj
def explain(folder: Path | None, reference: str, other: str | None, as_json: bool) -> None:
    """Explain a client, or two records: why they are one or are not, and where each value came from.

    REFERENCE is a client_id, or source:key of one of its records. With OTHER both are source:key, and any two records
    are compared in words, whether the last run compared them or not. Shows values: personal data.
    """
    from crm_etl import show
    from crm_etl.explanation import explain_two, explanation
    from crm_etl.storage import State

    migration = opened(folder)
    state = State.of(migration)
    found = (
        explanation(migration, state, reference) if other is None else explain_two(migration, state, reference, other)
    )
    if as_json:
        emit(found)
    else:
        show.explanation(found)


@main.command()
@click.argument("left")
@click.argument("right")
@click.argument("verdict", type=click.Choice(["same", "different", "unsure"]))
@click.option("--why", default="", help="The reason, in your words.")
@click.option("--who", help="Who judges [default: the user of this machine].")
@machine
@click.pass_obj
def decide(folder: Path | None, left: str, right: str, verdict: str, why: str, who: str | None, as_json: bool) -> None:
    """Judge a pair: are LEFT and RIGHT (each source:key) the same client? The next run obeys.

    The judgement is added to the decisions file; of several on one pair the last counts.
    """
    from crm_etl.explanation import decide as add_decision

    migration = opened(folder)
    added = add_decision(migration, left, right, verdict, why, who)
    if as_json:
        emit(added)
    else:
        click.echo(f"{left} and {right}: {verdict}. Takes effect with the next run: crm-etl dry-run")


@main.command()
@click.argument("batch_id", type=int)
@machine
@click.pass_obj
def undo(folder: Path | None, batch_id: int, as_json: bool) -> None:
    """Take back the batch BATCH_ID, the latest one: updates included, edits made since kept."""
    from crm_etl.load.undo import undo as take_back

    migration = opened(folder)
    counts = take_back(batch_id, migration.target.url, migration.root)
    if as_json:
        emit(counts)
    else:
        from crm_etl import show

        show.undone(batch_id, counts)


@main.command()
@click.argument("target", metavar="DIR", default="demo-company", type=click.Path(path_type=Path, file_okay=False))
@click.option("--size", default=8500, show_default=True, type=click.IntRange(min=50), help="Client records to make.")
@click.option("--seed", default=20260101, show_default=True, help="The same seed makes the same company.")
@click.option("--database-url", help="Put the SQL system into this database instead of SQLite (SQLAlchemy URL).")
@machine
def demo(target: Path, size: int, seed: int, database_url: str | None, as_json: bool) -> None:
    """Make the demo company in DIR: three legacy systems, a manual-entry workbook, and the truth."""
    from crm_etl import show
    from crm_etl.demo import generate

    with watched(as_json) as progress:
        facts = generate(target, size=size, seed=seed, database_url=database_url, progress=progress)
    if as_json:
        emit(facts)
    else:
        show.demo(target, facts)


@main.command()
@click.option("--port", default=3000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.pass_obj
def ui(folder: Path | None, port: int, host: str) -> None:
    """Open the migration in Dagster's web interface."""
    from crm_etl.ui import serve

    sys.exit(serve(opened(folder).root, port, host))
