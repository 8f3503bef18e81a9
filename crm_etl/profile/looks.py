"""A first look at a file, folder or database that no mapping knows yet: how it could be declared, and how surely.

Proposals for people, made from the first lines, the last lines and the sheets; connectors never guess, they take
what is declared. What the columns hold is the matter of :mod:`.columns` and :mod:`.mapping`.
"""

from __future__ import annotations

import glob
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

from connectors.content import kind_of
from connectors.registry import CONNECTORS
from crm_etl.faults import DeclarationNeeded, SourceFault, Where
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
_URL = re.compile(r"[a-zA-Z][\w+.\-]*://")


def is_place(argument: str, root: Path) -> bool:
    """Whether ``argument`` of a command means a file, folder or database rather than a source's name."""
    named = "/" in argument or glob.has_magic(argument) or "\\" in argument or Path(argument).suffix.lower() in SUFFIXES
    return named or path_of(argument, root).exists() or _URL.match(argument) is not None


def look_at(argument: str, root: Path) -> list[Look]:
    """What is found at ``argument``: a path below ``root`` (or absolute), a folder, or a database URL.

    Raises:
        SourceFault: there is nothing, or nothing that is a table.
    """
    if _URL.match(argument) is not None:
        return look_at_database(argument, root)
    path = path_of(argument, root)
    if path.is_dir():
        files = sorted(one for one in path.iterdir() if one.suffix.lower() in SUFFIXES and one.is_file())
        found = [look for one in files for look in _tables(one, root)]
        if not found:
            raise SourceFault("no tables in this folder", where=Where(argument), remedy="name the files themselves")
        return _distinct(found)
    if not path.is_file():
        raise SourceFault("no such file or folder", where=Where(argument), remedy="mend the path or the URL")
    return _distinct(_tables(path, root))


def _tables(path: Path, root: Path) -> list[Look]:
    if path.name.startswith("~$"):
        return []
    kind = kind_of(path)
    shown = seen_from(path, root)
    if path.suffix.lower() == ".dbf":
        return [_dbase(path, shown)]
    if kind == "zip" and zipfile.is_zipfile(path):
        looks = look_at_archive(path, shown)
        if looks:
            return looks
    if kind in ("zip", "ole"):
        return look_at_workbook(path, shown)
    if kind == "SQLite database":
        return look_at_database(f"sqlite:///{shown}", root)
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
