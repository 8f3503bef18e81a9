"""The command: makes the deliveries, lets everybody read them in a process of its own, prints the table."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks import process
from benchmarks.intake import deliveries
from crm_etl.faults import Fault

_URL = "postgresql+psycopg://postgres@127.0.0.1:5432/test"
_OURS = ("ours, in batches", "ours, in one frame")
_PEERS = {
    "csv": ("pandas", "pandas, engine pyarrow"),
    "xlsx": ("pandas, openpyxl", "pandas, calamine"),
    "postgresql": ("pandas, read_sql",),
}
Findings = dict[str, Any]


@click.command()
@click.option("--csv-rows", default=1_000_000, show_default=True, type=click.IntRange(0), help="0: not read.")
@click.option("--xlsx-rows", default=200_000, show_default=True, type=click.IntRange(0, 1_048_575))
@click.option("--sql-rows", default=1_000_000, show_default=True, type=click.IntRange(0))
@click.option("--database-url", default=_URL, show_default=True, help="A PostgreSQL database that may be written to.")
@click.option("--runs", default=1, show_default=True, type=click.IntRange(1), help="Runs; the median time is told.")
@click.option("--json", "json_path", type=click.Path(path_type=Path, dir_okay=False), help="Write findings as JSON.")
def main(csv_rows: int, xlsx_rows: int, sql_rows: int, database_url: str, runs: int, json_path: Path | None) -> None:
    """Measure how fast, and in how much memory, sources are read as text, beside plain pandas."""
    found: list[Findings] = []
    try:
        if csv_rows:
            found += _contest("csv", csv_rows, str(deliveries.delimited(csv_rows)), runs)
        if xlsx_rows:
            found += _contest("xlsx", xlsx_rows, str(deliveries.workbook(xlsx_rows)), runs)
        if sql_rows:
            found += _contest("postgresql", sql_rows, f"{database_url}#{_table(sql_rows, database_url)}", runs)
    except Fault as fault:
        click.echo(f"error: {fault}", err=True)
        sys.exit(fault.exit_code)
    if json_path is not None:
        json_path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    _show(found)


def _table(size: int, url: str) -> str:
    import psycopg

    try:
        return deliveries.table(size, url)
    except psycopg.OperationalError:
        raise Fault(
            "no PostgreSQL database answers", remedy="name one with --database-url, or leave it out: --sql-rows 0"
        ) from None


def _contest(kind: str, size: int, what: str, runs: int) -> list[Findings]:
    """What every reader used for one delivery, in turns."""
    readers = (*_OURS, *_PEERS[kind])
    usages: dict[str, list[process.Usage]] = {reader: [] for reader in readers}
    with tempfile.TemporaryDirectory(prefix="crm-etl-bench-") as temporary:
        log = Path(temporary) / "log.txt"
        for _ in range(runs):
            for reader in readers:
                usages[reader].append(
                    process.run([sys.executable, "-m", "benchmarks.intake.readers", reader, what], log)
                )
                _check(reader, log, size)
    return [{"delivery": f"{kind}, {size:,} rows", "reader": reader, **_middle(usages[reader])} for reader in readers]


def _check(reader: str, log: Path, size: int) -> None:
    got = int(log.read_text(encoding="utf-8").split()[-1])
    if got != size:
        raise Fault(f"{reader} read {got:,} of {size:,} rows", remedy="a reading that loses rows is no reading")


def _middle(usages: Sequence[process.Usage]) -> Findings:
    wall, cpu = (statistics.median(getattr(usage, name) for usage in usages) for name in ("wall", "cpu"))
    return {"wall": wall, "cpu": cpu, "memory": max(usage.memory for usage in usages)}


def _show(found: Sequence[Findings]) -> None:
    shown = Table(box=box.SIMPLE)
    for name in ("delivery", "reader"):
        shown.add_column(name)
    for name in ("wall, s", "processor, s", "peak MB", "times our wall", "times our memory"):
        shown.add_column(name, justify="right")
    ours = {line["delivery"]: line for line in found if line["reader"] == _OURS[0]}
    for line in found:
        own = ours[line["delivery"]]
        figures = (f"{line['wall']:.1f}", f"{line['cpu']:.1f}", f"{line['memory'] / 1e6:,.0f}")
        ratios = (f"{line[name] / own[name]:.2f}" for name in ("wall", "memory"))
        shown.add_row(line["delivery"], line["reader"], *figures, *ratios)
    Console(width=118).print(shown)


if __name__ == "__main__":
    main()
