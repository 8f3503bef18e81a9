"""How the tables of a database look in the terminal. Takes what :mod:`crm_etl.tables` finds; adds nothing to it."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.markup import escape

from crm_etl.environment import literal
from crm_etl.number import counted
from crm_etl.terminal import grid, put, screen


def tables(found: dict[str, Any]) -> None:
    """One block a table: its columns, then what could be declared."""
    console = screen()
    console.print(f"{escape(found['database'])}: {counted(len(found['tables']), 'table or view', 'tables and views')}")
    for table in found["tables"]:
        _table(console, table)


def _table(console: Console, table: dict[str, Any]) -> None:
    sign = "" if table["counted"] else "about "
    rows = "" if table["rows"] is None else f", {sign}{counted(table['rows'], 'row')}"
    console.print(f"\n[bold]{escape(table['name'])}[/] ({table['kind']}{rows})")
    lines = grid("column", "type", "empty", "key", "points to")
    for column in table["columns"]:
        name = column["name"]
        lines.add_row(
            escape(name),
            escape(column["type"]),
            "yes" if column["nullable"] else "no",
            _part(table, name),
            escape(", ".join(_target(key, name) for key in table["references"] if name in key["columns"])),
        )
    put(console, lines)
    for line in _declarations(table):
        console.print(escape(line), soft_wrap=True)


def _part(table: dict[str, Any], name: str) -> str:
    if name in table["primary_key"]:
        return "primary"
    return "unique" if any(name in key for key in table["keys"]) else ""


def _target(key: dict[str, Any], name: str) -> str:
    return f"{key['table']}.{key['referred'][key['columns'].index(name)]}"


def _declarations(table: dict[str, Any]) -> list[str]:
    key = literal(table["key"])
    lines = [f"  key: {key[0] if len(key) == 1 else '[' + ', '.join(key) + ']'}" if key else "  no key is declared"]
    for reference in table["references"]:
        client = reference["client"]
        if client is not None:
            lines.append(f"  client: {{source: {client['source']}, column: {literal(client['column'])}}}")
    return lines
