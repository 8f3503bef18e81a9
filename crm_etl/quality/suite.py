"""Suites of expectations as they stand in JSON files; read without importing Great Expectations.

The format is Great Expectations' own: ``{"name": ..., "expectations": [{"type", "kwargs", "meta"}]}``. In
``meta`` stands what this program adds: ``severity`` (critical, row or warn), ``says`` (what is expected, in
words), and where wanted ``check`` (the name) and ``tables`` (the frames it is for; none given: all).
A migration folder's ``expectations/<name>.json`` stands in place of the shipped suite of that name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args

from crm_etl import schema
from crm_etl.faults import SuiteFault, Where

FOLDER = "expectations"
Severity = Literal["critical", "row", "warn"]
_TYPE = re.compile(r"^expect_[a-z][a-z0-9_]*$")
_CHECK = re.compile(r"^[a-z][a-z0-9_]*$")
#: Kinds of expectations that point at the rows which break them.
_OF_ROWS = ("expect_column_values_", "expect_column_value_", "expect_column_pair_values_", "expect_compound_columns_")
_OF_ROWS_TOO = ("expect_select_column_values_", "expect_multicolumn_")
_COLUMNS = ("column", "column_A", "column_B")


@dataclass(frozen=True)
class Expectation:
    """One entry of a suite. ``name`` is unique in the suite and stable, ``message`` says what is expected."""

    name: str
    type: str
    kwargs: dict[str, Any]
    severity: Severity
    message: str
    tables: tuple[str, ...]

    @property
    def columns(self) -> list[str]:
        """Columns that it looks at, the derived ones among them."""
        named = [self.kwargs[name] for name in _COLUMNS if name in self.kwargs]
        return [str(name) for name in [*named, *self.kwargs.get("column_list", [])]]

    @property
    def relates(self) -> bool:
        """Whether it needs other tables beside its own (``column@table``)."""
        return any("@" in name for name in self.columns)


@dataclass(frozen=True)
class Suite:
    """A named list of expectations and the file it was read from."""

    name: str
    expectations: tuple[Expectation, ...]
    file: str

    def applying(self, table: str, columns: Iterable[str] = ()) -> Suite:
        """The expectations for a frame.

        Args:
            table: its name; of ``party/shop`` the last part counts.
            columns: its columns: those of an entity (``schema.ENTITIES``) make it a frame of that entity too.
        """
        names = {table.rsplit("/", 1)[-1], *_entities(columns)}
        kept = tuple(one for one in self.expectations if not one.tables or names & set(one.tables))
        return replace(self, expectations=kept)

    def of_severity(self, *severities: Severity) -> Suite:
        return replace(self, expectations=tuple(one for one in self.expectations if one.severity in severities))


def load_suite(name: str, root: Path | None = None) -> Suite:
    """The suite ``name``: that of the migration folder ``root`` if it has one, else the shipped one.

    Raises:
        SuiteFault: there is no such suite, or the file is malformed; names file, entry and remedy.
    """
    own = None if root is None else root / FOLDER / f"{name}.json"
    if own is not None and own.exists():
        return parse_suite(own.read_bytes(), name, str(own))
    shipped = _shipped(name)
    if shipped is None:
        where = Where(f"{FOLDER}/{name}.json" if own is None else str(own))
        raise SuiteFault(f"no suite of expectations '{name}'", where=where, remedy="write it, or mend the name")
    return parse_suite(shipped.read_bytes(), name, f"{FOLDER}/{name}.json")


def _shipped(name: str) -> Path | None:
    # Not importlib.resources: an editable install gives a namespace package a path that is no folder, which
    # the resources of Python 3.11 refuse.
    files = [Path(folder) / f"{name}.json" for folder in import_module(FOLDER).__path__]
    return next((file for file in files if file.is_file()), None)


def parse_suite(content: bytes, name: str, file: str) -> Suite:
    """The suite in ``content``; ``file`` is for messages."""
    try:
        document = json.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise SuiteFault(f"not UTF-8 at byte {error.start}", where=Where(file), remedy="save it as UTF-8") from None
    except json.JSONDecodeError as error:
        raise SuiteFault(
            f"not JSON: {error.msg}", where=Where(file, row=error.lineno), remedy="mend the commas or quotes"
        ) from None
    entries = document.get("expectations") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise SuiteFault(
            "no list of expectations", where=Where(file), remedy='write {"name": ..., "expectations": [...]}'
        )
    expectations = [_expectation(entry, number, file) for number, entry in enumerate(entries, start=1)]
    return Suite(name, tuple(_named(expectations, file)), file)


def _expectation(entry: Any, number: int, file: str) -> Expectation:
    def wrong(what: str, remedy: str) -> SuiteFault:
        kind = entry.get("type") if isinstance(entry, dict) else None
        label = f"entry {number}" + (f" ({kind})" if isinstance(kind, str) else "")
        return SuiteFault(f"{label}: {what}", where=Where(file), remedy=remedy)

    if not isinstance(entry, dict):
        raise wrong("is not an object", 'write {"type": ..., "kwargs": {...}, "meta": {...}}')
    kind, kwargs, meta = entry.get("type"), entry.get("kwargs", {}), entry.get("meta", {})
    if not isinstance(kind, str) or not _TYPE.match(kind):
        raise wrong("has no 'type' like expect_column_values_to_not_be_null", "name the expectation")
    if not isinstance(kwargs, dict) or not isinstance(meta, dict):
        raise wrong("'kwargs' and 'meta' must be objects", "mend them")
    severity: Any = meta.get("severity")
    says = meta.get("says")
    if severity not in get_args(Severity):
        raise wrong("meta.severity is missing or unknown", f"one of: {', '.join(get_args(Severity))}")
    if severity == "row" and not kind.startswith((*_OF_ROWS, *_OF_ROWS_TOO)):
        raise wrong("cannot point at rows, so its severity cannot be 'row'", "make it critical or warn")
    if not isinstance(says, str) or not says.strip():
        raise wrong("meta.says is missing", "say in words what is expected: people read it in the report")
    tables = meta.get("tables", [])
    if not isinstance(tables, list) or not all(isinstance(table, str) for table in tables):
        raise wrong("meta.tables must be a list of names", 'for example ["client_phone"]')
    check = meta.get("check", "")
    if check and (not isinstance(check, str) or not _CHECK.match(check)):
        raise wrong("meta.check may hold lower case letters, digits and _ only", "rename it")
    return Expectation(check, kind, kwargs, severity, says, tuple(tables))


def _named(expectations: list[Expectation], file: str) -> Iterable[Expectation]:
    given = [one.name for one in expectations if one.name]
    twice = sorted({check for check in given if given.count(check) > 1})
    if twice:
        raise SuiteFault(
            f"checks stand twice: {', '.join(twice)}", where=Where(file), remedy="rename one in meta.check"
        )
    taken = set(given)
    for one in expectations:
        if one.name:
            yield one
            continue
        name, number = _derived(one), 1
        check = name
        while check in taken:
            number += 1
            check = f"{name}_{number}"
        taken.add(check)
        yield replace(one, name=check)


def _derived(one: Expectation) -> str:
    what = one.type.removeprefix("expect_").removeprefix("column_").removeprefix("compound_columns_")
    parts = [*one.tables[:1], *one.columns, what]
    return re.sub(r"[^a-z0-9]+", "_", "_".join(parts).lower()).strip("_")


def _entities(columns: Iterable[str]) -> set[str]:
    there = set(columns)
    return {name for name, table in schema.ENTITIES.items() if there.issuperset(table.names)}
