"""How templates and corrections look in the terminal. Counts and references only: no cells of people's rows."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape

from crm_etl.number import agreeing, counted
from crm_etl.terminal import filled, grid, put, screen

_LISTED = 20


def resubmitted(found: dict[str, Any]) -> None:
    out = screen()
    out.print(
        f"[bold]{found['corrected']:,}[/] {agreeing(found['corrected'], 'row')} corrected, "
        f"[bold]{found['excluded']:,}[/] left out, {found['untouched']:,} untouched of {found['rows']:,} in the file"
    )
    _rows(out, found["refused"], "[bold red]not taken[/]")
    _rows(out, found["still_refused"], "[bold]will be refused again[/]")
    if found["numbers"]:
        out.print("takes effect with the next run: crm-etl dry-run")


def _rows(out: Console, rows: list[dict[str, Any]], heading: str) -> None:
    if not rows:
        return
    out.print(f"{heading}: {counted(len(rows), 'row')}")
    names = ("record", "place", "why")
    put(out, filled(grid(*names), rows[:_LISTED], names))
    if len(rows) > _LISTED:
        out.print(f"and {len(rows) - _LISTED:,} more: --json lists all")


def withdrawn(found: dict[str, Any]) -> None:
    numbers = ", ".join(map(str, found["withdrawn"]))
    screen().print(f"withdrawn: {numbers}. Takes effect with the next run: crm-etl dry-run", soft_wrap=True)


def corrections(found: dict[str, Any]) -> None:
    out = screen()
    if not found["corrections"]:
        out.print("no corrections yet: crm-etl resubmit .crm-etl/reports/quarantine.xlsx")
        return
    names = ("number", "state", "action", "record", "place", "columns", "who", "at", "why")
    rows = [{**entry, "columns": ", ".join(entry["columns"])} for entry in found["corrections"]]
    put(out, filled(grid(*names, numeric=("number",)), rows, names))


def template(found: dict[str, Any]) -> None:
    out = screen()
    out.print(f"wrote {escape(found['workbook'])}", soft_wrap=True)
    if found["fragment"] is None:
        out.print(f"filled in, put it where source '{escape(found['source'])}' looks: {escape(found['path'])}")
        return
    out.print(f"wrote {escape(found['fragment_file'])}: add it to 'sources' of migration.yaml", soft_wrap=True)
    out.print(escape(found["fragment"]), soft_wrap=True, end="")
