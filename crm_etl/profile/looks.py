"""A first look at a file, folder or database that no mapping knows yet: how it could be declared, and how surely.

Proposals for people, made from the first lines, the last lines and the sheets; connectors never guess, they take
what is declared. What the columns hold is the matter of :mod:`.columns` and :mod:`.mapping`.
"""

from __future__ import annotations

import glob
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from connectors.content import kind_of
from connectors.registry import CONNECTORS
from crm_etl.environment import literal
from crm_etl.faults import DeclarationNeeded, Fault, SourceFault, Where
from crm_etl.profile.look import Look, path_of, seen_from, source_name
from crm_etl.profile.look_at_database import look_at_database
from crm_etl.profile.look_at_text import look_at_archive, look_at_text
from crm_etl.profile.look_at_workbook import look_at_workbook

SUFFIXES = {
    ".csv",
    ".txt",
    ".tsv",
    ".xlsx",
    ".xlsm",
    ".xls",
    ".xlsb",
    ".ods",
    ".db",
    ".sqlite",
    ".sqlite3",
    ".gz",
    ".zip",
    ".dbf",
}
#: What reads files of a suffix; all others are text.
_CONNECTORS = {
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xls": "excel",
    ".xlsb": "excel",
    ".ods": "excel",
    ".db": "sql",
    ".sqlite": "sql",
    ".sqlite3": "sql",
    ".dbf": "dbf",
}
_URL = re.compile(r"[a-zA-Z][\w+.\-]*://")


def is_place(argument: str, root: Path) -> bool:
    """Whether ``argument`` of a command means a file, folder or database rather than a source's name."""
    named = "/" in argument or glob.has_magic(argument) or "\\" in argument or Path(argument).suffix.lower() in SUFFIXES
    return named or path_of(argument, root).exists() or _URL.match(argument) is not None


def look_at(argument: str, root: Path) -> list[Look]:
    """What is found at ``argument``: a path below ``root`` (or absolute), a folder, or a database URL.

    A file that cannot be read is found with its fault, so that it stops no other.

    Raises:
        SourceFault: there is nothing, or nothing that is a table.
    """
    if _URL.match(argument.strip()) is not None:
        return look_at_database(argument.strip(), root)
    path = path_of(argument, root)
    if path.is_dir():
        files = sorted(one for one in path.iterdir() if one.suffix.lower() in SUFFIXES and one.is_file())
        found = [look for one in files for look in _seen(one, root)]
        if not found:
            raise SourceFault("no tables in this folder", where=Where(argument), remedy="name the files themselves")
        return _distinct(found)
    if not path.is_file():
        raise SourceFault("no such file or folder", where=Where(argument), remedy="mend the path or the URL")
    return _distinct(_seen(path, root))


def require_one(looks: Sequence[Look]) -> None:
    """Raises the fault of the first table if none of ``looks`` could be read."""
    faults = [look.fault for look in looks if look.fault is not None]
    if faults and len(faults) == len(looks):
        if len(faults) == 1:
            raise faults[0]
        first = faults[0]
        raise SourceFault(
            f"none of {len(faults)} files can be read; of the first: {first.what}",
            where=first.where,
            remedy=first.remedy,
        )


def _seen(path: Path, root: Path) -> list[Look]:
    """The tables in the file at ``path``, or the file with the fault for which there are none."""
    if path.name.startswith("~$"):
        return []
    shown = seen_from(path, root)
    try:
        return _tables(path, shown, root)
    except Fault as problem:
        fault = problem
    except (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as problem:
        reason = getattr(problem, "strerror", None) or "damaged, or packed in a way that is not known"
        fault = SourceFault(f"the file cannot be read: {reason}", where=Where(shown), remedy="have it sent again")
    connector = _CONNECTORS.get(path.suffix.lower(), "csv")
    place = {"url": f"sqlite:///{literal(shown)}", "table": path.stem} if connector == "sql" else {"path": shown}
    return [Look(source_name(path.stem), path.name, {"connector": connector, **place}, fault=fault)]


def _tables(path: Path, shown: str, root: Path) -> list[Look]:
    kind = kind_of(path)
    if path.suffix.lower() == ".dbf":
        return [_dbase(path, shown)]
    if kind == "zip" and zipfile.is_zipfile(path):
        looks = look_at_archive(path, shown)
        if looks:
            return looks
    if kind in ("zip", "ole"):
        return look_at_workbook(path, shown)
    if kind == "SQLite database":
        return look_at_database(f"sqlite:///{literal(shown)}", root)
    if kind in ("text", "gzip archive"):
        return [look_at_text(path, shown, packed=kind != "text")]
    raise DeclarationNeeded(
        f"no table that is read as it is: the bytes are those of a {kind}",
        where=Where(shown),
        remedy="export it as CSV, restore a dump into its database, or unpack the archive",
    )


#: Code page marks of dBASE files (byte 29) that say for sure.
_CODE_PAGES = {
    0x01: "cp437",
    0x02: "cp850",
    0x03: "cp1252",
    0x26: "cp866",
    0x65: "cp866",
    0xC9: "cp1251",
    0x7E: "cp1256",
}


def _dbase(path: Path, shown: str) -> Look:
    if "dbf" not in CONNECTORS:
        raise DeclarationNeeded("a dBASE table", where=Where(shown), remedy="export it as CSV")
    with path.open("rb") as handle:
        mark = handle.read(32)[29:30]
    encoding = _CODE_PAGES.get(mark[0]) if mark else None
    settings: dict[str, Any] = {"connector": "dbf", "path": shown}
    if encoding is None:
        return Look(source_name(path.stem), path.stem, settings, ["the file does not say its code page"])
    return Look(
        source_name(path.stem), path.stem, settings | {"encoding": encoding}, ["the code page is the file's own"]
    )


def _distinct(looks: list[Look]) -> list[Look]:
    """Each with a name of its own."""
    seen: Counter[str] = Counter()
    for look in looks:
        seen[look.name] += 1
        if seen[look.name] > 1:
            look.name = f"{look.name[:36]}_{seen[look.name]}"
    return looks
