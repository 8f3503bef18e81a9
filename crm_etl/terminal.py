"""Pieces of what commands print: a screen, tables that do not break words, cells by their type."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table


def screen() -> Console:
    """Standard output."""
    return Console(highlight=False, soft_wrap=False)


def grid(*columns: str, numeric: tuple[str, ...] = ()) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in numeric else "left", overflow="fold")
    return table


def put(console: Console, table: Table) -> None:
    """Prints ``table``; in a narrow window its columns stand closer, so that no word breaks."""
    wide = console.options.update(max_width=1000)
    if Measurement.get(console, wide, table).maximum > console.width:
        table.padding = 0
    console.print(table)


def filled(table: Table, rows: list[dict[str, Any]], names: tuple[str, ...]) -> Table:
    for row in rows:
        table.add_row(*(cell(row.get(name)) for name in names))
    return table


def cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "[green]yes[/]" if value else "[red]no[/]"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.3f}"
    return escape(str(value))


def remarks(console: Console, sentences: list[str]) -> None:
    """What a reader must know of the figures beside them."""
    for sentence in sentences:
        console.print(f"[yellow]{escape(sentence)}[/]", soft_wrap=True)


def flagged(console: Console, counts: dict[str, int]) -> None:
    """How many clients a person should look at, and where they are listed."""
    told = [f"{count:,} {flag.replace('_', ' ')}" for flag, count in counts.items() if count]
    if told:
        console.print(f"clients to look at: {', '.join(told)}; flagged.csv lists them", soft_wrap=True)


def reports(console: Console, paths: dict[str, str]) -> None:
    console.print("reports:")
    for name, path in paths.items():
        console.print(f"  {name:<16} {escape(path)}", soft_wrap=True)
