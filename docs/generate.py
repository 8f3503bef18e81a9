"""Writes the parts of the reference that follow from the code: the migration file's settings and the commands.

Run by ``make docs``; a test fails when what is checked in differs from what the code says.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import click
from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined

from crm_etl import cli, migration

HERE = Path(__file__).parent / "reference"

_MODELS: list[tuple[type[BaseModel], str]] = [
    (migration.Migration, "The file itself."),
    (migration.SourceBase, "What every source has. Each connector adds settings of its own, below."),
    (migration.CsvSource, "`connector: csv`, besides the above."),
    (migration.DbfSource, "`connector: dbf`, besides the above. More: [databases and DBF files](intake-sql.md)."),
    (migration.WorkbookSource, "What `connector: excel` and `connector: manual` have besides the above."),
    (migration.ExcelSource, "`connector: excel`, besides the above."),
    (migration.ManualSource, "`connector: manual`: a workbook filled in by hand, besides the above."),
    (
        migration.SqlSource,
        "`connector: sql`, besides the above. Give `table` or `query`. More: [databases](intake-sql.md).",
    ),
    (
        migration.FieldRule,
        "One rule of `fields`. A bare text is short for `{column: text}`; a list gives several rules.",
    ),
    (migration.ClientReference, "`client` of a related source."),
    (migration.Filter, "One entry of `exclude`."),
    (migration.Volume, "`volume` of a source."),
    (migration.Matching, "`matching`."),
    (migration.Survivorship, "`survivorship`. Rules: trusted, recent, frequent, longest."),
    (migration.Target, "`target`."),
    (migration.Reconciliation, "`reconciliation`."),
    (migration.Report, "One entry of `reconciliation.reports`."),
    (migration.Wave, "One entry of `waves`."),
]

_INTRODUCTION = """# The migration file

`migration.yaml` declares what is moved, from where, and how. `crm-etl init DIR` writes a commented one to start from;
`crm-etl check` says whether it makes sense, with the path and the line of each mistake.
[migration.schema.json](migration.schema.json) lets editors complete and check it, for example with a first line
`# yaml-language-server: $schema=path/to/migration.schema.json`.

Secrets never stand in the file: `${NAME}` in a value is filled from the environment, and a password in a URL is
refused. `$${NAME}` is the text `${NAME}` itself, where a column or a file is called so; so no `$` can stand right
before a variable. Names of settings are not filled, nor are the cells on the left of a `map`.
Relative paths start at the folder of the file.

This page is generated from the models in `crm_etl/migration.py` by `make docs`.
"""


def migration_file() -> str:
    parts = [_INTRODUCTION]
    for model, says in _MODELS:
        parts.append(f"## {model.__name__}\n\n{says}\n\n{_settings(model)}")
    parts.append(f"## Fields a mapping can fill\n\n{_fields()}")
    return "\n".join(parts)


def _settings(model: type[BaseModel]) -> str:
    base = model.__bases__[0]
    inherited = set(getattr(base, "model_fields", {}))
    lines = ["| setting | type | default | meaning |", "|---|---|---|---|"]
    for name, info in model.model_fields.items():
        if name not in inherited:
            default = "required" if info.default is PydanticUndefined else _default(info.default)
            lines.append(f"| `{name}` | {_type(info.annotation)} | {default} | {info.description or ''} |")
    return "\n".join(lines) + "\n"


def _default(value: Any) -> str:
    if value is None or value in ((), {}, ""):
        return ""
    if isinstance(value, BaseModel):
        return "its defaults"
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _type(annotation: Any) -> str:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(f"`{argument}`" for argument in arguments)
    if origin in (Union, UnionType):
        return " or ".join(_type(argument) for argument in arguments if argument is not type(None))
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"map of {_type(arguments[0])} to {_type(arguments[1])}"
    if arguments and hasattr(annotation, "__metadata__"):
        return _type(arguments[0])
    names = {str: "text", SecretStr: "text", int: "whole number", float: "number", bool: "yes or no"}
    return names.get(annotation, getattr(annotation, "__name__", str(annotation)))


def _fields() -> str:
    lines = ["| entity | field | read as | values |", "|---|---|---|---|"]
    for entity, fields in migration.FIELD_TYPES.items():
        for name, kind in fields.items():
            values = ", ".join(migration.ENUMS[name]) if kind == "enum" else ""
            lines.append(f"| {entity} | `{name}` | {kind} | {values} |")
    types = ", ".join(f"`{name}`" for name in migration.IDENTIFIER_TYPES)
    return "\n".join(lines) + f"\n\nIdentifier types: {types}.\n"


def commands() -> str:
    parts = ["# Commands\n\nWhat `--help` says, generated by `make docs`.\n"]
    parts.extend(_group(cli.main, "crm-etl"))
    return "\n".join(parts)


def _group(group: click.Group, name: str) -> list[str]:
    """Help of ``group`` and of all commands in it."""
    parts = [_help(group, name)]
    for word, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            parts.extend(_group(command, f"{name} {word}"))
        else:
            parts.append(_help(command, f"{name} {word}"))
    return parts


def _help(command: click.Command, name: str) -> str:
    # A command takes its help options from the group above it.
    settings = cli.main.context_settings
    context = click.Context(
        command, info_name=name, terminal_width=100, help_option_names=settings["help_option_names"]
    )
    return f"## {name}\n\n```text\n{command.get_help(context)}\n```\n"


PAGES = {"migration-file.md": migration_file, "commands.md": commands}

if __name__ == "__main__":
    for page, write in PAGES.items():
        (HERE / page).write_text(write(), encoding="utf-8")
    schema = json.dumps(migration.json_schema(), ensure_ascii=False, indent=2)
    (HERE / "migration.schema.json").write_text(schema + "\n", encoding="utf-8")
