"""How the inventory looks in the terminal. Counts, shapes and settings only; values stand on the page, if asked for."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape

from crm_etl.number import agreeing, counted
from crm_etl.terminal import filled, grid, put, reports, screen


def profile(found: dict[str, Any], paths: dict[str, str]) -> None:
    console = screen()
    names = ("source", "about", "rows", "columns", "filled", "personal", "key", "look at")
    table = grid(*names, numeric=("rows", "columns", "filled", "personal", "look at"))
    put(console, filled(table, [_row(source) for source in found["sources"]], names))
    for source in found["sources"]:
        _declaration(console, source)
    for one in found["left_out"]:
        console.print(f"left out: {escape(one['what'])}: {escape(one['why'])}", soft_wrap=True)
    for link in found["references"]:
        console.print(
            escape(
                f"{link['source']}.{link['column']} refers to {link['refers_to']}.{link['key']}: "
                f"{link['share']:.1%} of its values are keys there"
            )
        )
    if "proposal" in found:
        _proposal(console, found["proposal"])
    reports(console, paths)


def _row(source: dict[str, Any]) -> dict[str, Any]:
    columns = source["columns"]
    cells = source["rows"] * len(columns)
    key = source.get("key") or {}
    return {
        "source": source["source"],
        "about": source["entity"],
        "rows": source["rows"],
        "columns": len(columns),
        "filled": f"{sum(column['filled'] for column in columns) / cells:.0%}" if cells else "",
        "personal": len(source.get("sensitive", ())),
        "key": " + ".join(key.get("columns") or ()),
        "look at": len(source.get("findings", ())) if source["fault"] is None else "unreadable",
    }


def _declaration(console: Console, source: dict[str, Any]) -> None:
    """How a table that no migration knows could be declared; why one could not be read."""
    if source["declared"] and source["fault"] is None:
        return
    console.print(f"[bold]{escape(source['source'])}[/] {escape(source['title'])}")
    if not source["declared"]:
        settings = ", ".join(f"{key}: {value}" for key, value in source["settings"].items())
        console.print(f"  {escape(settings)}", soft_wrap=True)
        for note in source["notes"]:
            console.print(f"  {escape(note)}", soft_wrap=True)
    if source["fault"] is not None:
        for line in source["fault"].splitlines():
            console.print(f"  {escape(line)}", soft_wrap=True)
    for proposal in source["encodings"]:
        console.print(f"  encoding {proposal['encoding']}: confidence {proposal['confidence']:.2f}")


def _proposal(console: Console, counts: dict[str, Any]) -> None:
    console.print(
        f"proposed: {counted(counts['lines'], 'line')}, {counts['sure']} of them sure, {counts['doubtful']} to look at "
        f"(marked # ?); {counted(counts['nothing'], 'column')} of which nothing says what "
        f"{agreeing(counts['nothing'], 'it is', 'they are')}"
    )
    console.print(f"read and mend {escape(counts['file'])}, then: crm-etl check", soft_wrap=True)
