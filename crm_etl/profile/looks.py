"""A first look at a file, folder or database that no mapping knows yet: how it could be declared, and how surely.

Proposals for people, made from the first lines, the last lines and the sheets; connectors never guess, they take
what is declared. What the columns hold is the matter of :mod:`.columns` and :mod:`.mapping`.
"""

from __future__ import annotations

import csv
import gzip
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from connectors.content import kind_of
from crm_etl.faults import DeclarationNeeded, SourceFault, Where
from crm_etl.migration import CsvSource
from crm_etl.normalize.names.romanization import romanize
from crm_etl.normalize.text import clean, digits, fold
from crm_etl.profile.encodings import Proposal, propose_encoding
from crm_etl.profile.headers import fields_of
from crm_etl.profile.patterns import mask

#: Markers of a row of totals, folded: in its first filled cell.
TOTALS = (
    "итого",
    "всего",
    "итог",
    "всього",
    "разом",
    "підсумок",
    "total",
    "totals",
    "grand total",
    "sum",
    "جمع",
    "جمع کل",
    "مجموع",
)
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
    ".dbf",
}
_DELIMITERS = (";", ",", "\t", "|", "^", "~")
_HEAD_BYTES, _TAIL_BYTES, _LINES = 1 << 18, 1 << 14, 200
_SHEET_ROWS, _SHEET_TAIL = 60, 5
_URL = re.compile(r"[a-zA-Z][\w+.\-]*://")


@dataclass
class Look:
    """How one table could be declared.

    ``settings``: of its connector as in migration.yaml; ``secrets``: those that must not be written down. ``notes``:
    on the settings, for people. ``header``: whether the first row names the columns; ``table``: whether it is a table
    at all (a sheet of remarks is not). ``keys`` and ``references`` (column -> table, column): what a database knows.
    """

    name: str
    title: str
    settings: dict[str, Any]
    secrets: dict[str, Any] = field(default_factory=dict, repr=False)
    notes: list[str] = field(default_factory=list)
    encodings: list[Proposal] = field(default_factory=list)
    confidence: float = 1.0
    header: bool = True
    table: bool = True
    keys: tuple[str, ...] = ()
    references: dict[str, tuple[str, str]] = field(default_factory=dict)


def is_place(argument: str, root: Path) -> bool:
    """Whether ``argument`` of a command means a file, folder or database rather than a source's name."""
    named = "/" in argument or "\\" in argument or Path(argument).suffix.lower() in SUFFIXES
    return named or _path(argument, root).exists() or _URL.match(argument) is not None


def look_at(argument: str, root: Path) -> list[Look]:
    """What is found at ``argument``: a path below ``root`` (or absolute), a folder, or a database URL.

    Raises:
        SourceFault: there is nothing, or nothing that is a table.
    """
    if _URL.match(argument) is not None:
        return _database(argument, root)
    path = _path(argument, root)
    if path.is_dir():
        files = sorted(one for one in path.iterdir() if one.suffix.lower() in SUFFIXES and one.is_file())
        found = [look for one in files for look in _tables(one, root)]
        if not found:
            raise SourceFault("no tables in this folder", where=Where(argument), remedy="name the files themselves")
        return _distinct(found)
    if not path.is_file():
        raise SourceFault("no such file or folder", where=Where(argument), remedy="mend the path or the URL")
    return _distinct(_tables(path, root))


def _path(argument: str, root: Path) -> Path:
    """Where people stand goes before the migration's folder."""
    return Path(argument) if Path(argument).exists() else root / argument


def _tables(path: Path, root: Path) -> list[Look]:
    kind = kind_of(path)
    shown = _relative(path, root)
    if kind in ("zip", "ole"):
        return _workbook(path, shown)
    if kind == "SQLite database":
        return _database(f"sqlite:///{shown}", root)
    if kind in ("text", "gzip archive"):
        return [_delimited(path, shown, packed=kind != "text")]
    raise DeclarationNeeded(
        f"no table that is read as it is: the bytes are those of a {kind}",
        where=Where(shown),
        remedy="export it as CSV, restore a dump into its database, or unpack the archive",
    )


def _relative(path: Path, root: Path) -> str:
    """``path`` as seen from ``root`` where both lie below where people stand; elsewhere the whole path."""
    resolved, base = path.resolve(), root.resolve()
    if resolved.is_relative_to(base):
        return str(resolved.relative_to(base))
    near = all(one.is_relative_to(Path.cwd()) for one in (resolved, base))
    return os.path.relpath(resolved, base) if near else str(resolved)


def source_name(text: str) -> str:
    """A name as the migration file wants it, made of a file's, sheet's or table's."""
    latin = re.sub(r"[^a-z0-9]+", "_", romanize(digits(clean(text))).replace("'", "")).strip("_")[:40].strip("_")
    return latin if latin[:1].isalpha() else f"source_{latin}"[:40].strip("_")


def _distinct(looks: list[Look]) -> list[Look]:
    """Each with a name of its own."""
    seen: Counter[str] = Counter()
    for look in looks:
        seen[look.name] += 1
        if seen[look.name] > 1:
            look.name = f"{look.name[:36]}_{seen[look.name]}"
    return looks


# ------------------------------------------------------------------------------------------------- delimited text
def _delimited(path: Path, shown: str, *, packed: bool) -> Look:
    head, tail = _ends(path, packed)
    encodings = propose_encoding(path) if not packed else []
    encoding = encodings[0].encoding if encodings else _plain_encoding(head)
    text = head.decode(encoding, "replace").removeprefix("\ufeff")
    lines = text.splitlines()[:_LINES]
    comment = _comment(lines)
    lines = ["" if comment and line.startswith(comment) else line for line in lines]
    delimiter, share = _delimiter(lines)
    rows = _parsed(lines, delimiter)
    first = _first_table_row(rows)
    header = _is_header(rows[first:]) if rows else False
    settings: dict[str, Any] = {"connector": "csv", "path": shown, "encoding": encoding, "delimiter": delimiter}
    name = path.name.removesuffix(".gz").rpartition(".")[0] or path.name
    look = Look(source_name(name), name, settings, encodings=encodings, confidence=round(share, 2), header=header)
    if encodings and encodings[0].confidence < 1:
        look.notes.append(f"encoding {encoding}: confidence {encodings[0].confidence:.2f}; look at the sample")
    parted = f"delimiter {delimiter!r}: {share:.0%} of the first lines part into as many cells"
    look.notes.append(parted if share else "one column: no delimiter is seen")
    _header(look, rows, first, comment)
    mark = _total(_parsed(tail.decode(encoding, "replace").splitlines()[-5:], delimiter))
    if mark is not None:
        look.notes.append(f"a total row at the end, marked {mark!r}")
    return look


def _header(look: Look, rows: list[tuple[int, list[str]]], first: int, comment: str | None) -> None:
    line = rows[first][0] if rows else 1
    if comment is not None:
        look.notes.append(f"lines that begin with {comment!r} are comments")
        if "comment" in CsvSource.model_fields:
            look.settings["comment"] = comment
    if look.header and line > 1:
        look.settings["header_row"] = line
        look.notes.append(f"{line - 1} lines before the header, in line {line}")
    if not look.header:
        look.notes.append("no header row: the first line looks like the others; name the columns")
        if "columns" in CsvSource.model_fields:
            look.settings["columns"] = [f"c{place}" for place in range(1, len(rows[first][1]) + 1)] if rows else []


def _ends(path: Path, packed: bool) -> tuple[bytes, bytes]:
    if packed:
        with gzip.open(path) as handle:
            head = handle.read(_HEAD_BYTES)
        return head, b""
    with path.open("rb") as handle:
        head = handle.read(_HEAD_BYTES)
        size = path.stat().st_size
        handle.seek(max(0, size - _TAIL_BYTES) // 2 * 2)
        tail = handle.read()
    cut = head.rfind(b"\n")
    return (head[: cut + 1] if cut > 0 and len(head) == _HEAD_BYTES else head), tail


def _plain_encoding(head: bytes) -> str:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1251"
    return "utf-8"


def _comment(lines: Sequence[str]) -> str | None:
    """The mark of comment lines at the top, if there are any."""
    for mark in ("#", "//", "--"):
        if any(line.startswith(mark) for line in lines[:20]) and not all(line.startswith(mark) for line in lines):
            return mark
    return None


def _delimiter(lines: Sequence[str]) -> tuple[str, float]:
    """The character that parts most lines into equally many cells, and the share of lines that it does so to."""
    best = (",", 0.0, 0)
    for mark in _DELIMITERS:
        widths = Counter(len(cells) for _, cells in _parsed(lines, mark))
        wide = {width: count for width, count in widths.items() if width > 1}
        if wide:
            width = max(wide, key=lambda one: (wide[one], one))
            share = wide[width] / sum(widths.values())
            if (round(share, 1), width) > (round(best[1], 1), best[2]):
                best = (mark, share, width)
    return best[0], best[1]


def _parsed(lines: Sequence[str], delimiter: str) -> list[tuple[int, list[str]]]:
    """The rows that the lines hold, each with the line on which it begins; blank ones left out."""
    rows: list[tuple[int, list[str]]] = []
    line = 1
    reader = csv.reader((f"{one}\n" for one in lines), delimiter=delimiter)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return rows
        except csv.Error:
            cells = []
        if any(map(str.strip, cells)):
            rows.append((line, [cell.strip() for cell in cells]))
        line = reader.line_num + 1


def _first_table_row(rows: Sequence[tuple[int, list[str]]]) -> int:
    """Place of the first row that is as wide as most and filled in nearly all cells."""
    widths = Counter(len(cells) for _, cells in rows)
    if not widths:
        return 0
    usual = max(widths, key=lambda width: (widths[width], width))
    for place, (_, cells) in enumerate(rows):
        if len(cells) == usual and sum(map(bool, cells)) >= 0.6 * usual:
            return place
    return 0


def _is_header(rows: Sequence[tuple[int, list[str]]]) -> bool:
    """Whether the first of ``rows`` names the columns: names, unlike cells, are known, differ, and hold no figures."""
    names, below = rows[0][1], [cells for _, cells in rows[1:51]]
    if len(set(names)) < len(names) or not all(names):
        return False
    known = sum(bool(fields_of(name)) for name in names)
    figures = sum(_is_value(name) for name in names)
    if figures > 0.2 * len(names):
        return False
    if known >= 0.3 * len(names):
        return True
    unlike = sum(
        bool(column := [cells[place] for cells in below if place < len(cells) and cells[place]])
        and mask(name) not in {mask(cell) for cell in column}
        for place, name in enumerate(names)
    )
    return not below or unlike >= 0.5 * len(names)


def _is_value(cell: str) -> bool:
    """Whether a cell can hardly be a column's name: mostly figures, or an e-mail address."""
    figures = sum(map(str.isdigit, cell))
    return figures * 2 > len(cell) or ("@" in cell and "." in cell)


def _total(rows: Iterable[tuple[int, Sequence[Any]]]) -> str | None:
    """The marker of a row of totals among ``rows``, as it is written; None where there is none."""
    for _, cells in rows:
        first = next((str(cell).strip() for cell in cells if cell is not None and str(cell).strip()), "")
        word = fold(first)
        if word in TOTALS or any(word.startswith(f"{mark} ") for mark in TOTALS):
            return first.rstrip(":").strip()
    return None


# --------------------------------------------------------------------------------------------------------- workbooks
def _workbook(path: Path, shown: str) -> list[Look]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_path(path)
        looks = [_sheet(book, meta, path, shown) for meta in book.sheets_metadata]
    except PasswordError:
        raise SourceFault(
            "the workbook is protected by a password", where=Where(shown), remedy="remove the password, or declare it"
        ) from None
    except CalamineError:
        raise SourceFault(
            "the workbook is damaged, or a zip archive of something else",
            where=Where(shown),
            remedy="have it sent again",
        ) from None
    return [look for look in looks if look is not None]


def _sheet(book: Any, meta: Any, path: Path, shown: str) -> Look | None:
    """How the sheet could be declared; None where it is empty or a chart."""
    if "WorkSheet" not in str(meta.typ):
        return None
    sheet = book.get_sheet_by_name(meta.name)
    if sheet.start is None:
        return None
    rows = [
        (number, [clean(str(value)) for value in values])
        for number, values in enumerate(islice(sheet.iter_rows(), _SHEET_ROWS), 1)
    ]
    filled = [(number, cells) for number, cells in rows if any(cells)]
    widest = max((sum(map(bool, cells)) for _, cells in filled), default=0)
    first = next(place for place, (_, cells) in enumerate(filled) if sum(map(bool, cells)) >= 0.6 * widest)
    line, names = filled[first]
    header = len(set(filter(None, names))) == sum(map(bool, names)) and sum(map(_is_value, names)) <= 0.2 * widest
    settings: dict[str, Any] = {"connector": "excel", "path": shown, "sheet": meta.name}
    look = Look(
        source_name(f"{path.stem} {meta.name}" if len(book.sheet_names) > 1 else path.stem), meta.name, settings
    )
    look.header = header
    look.table = len(filled) > 2 and widest > 2 and header
    state = str(meta.visible).rpartition(".")[2]
    shown_as = "" if state == "Visible" else f", {state}"
    look.notes.append(f"{sheet.end[0] + 1} rows by {sheet.end[1] + 1} columns{shown_as}")
    if not look.table:
        look.notes.append("hardly a table: left out")
        return look
    if line > 1:
        settings["header_row"] = line
        look.notes.append(f"{line - 1} rows before the header, in row {line}")
    if not header:
        look.notes.append("no header row is seen: name the columns")
    last = list(sheet.iter_rows())[-_SHEET_TAIL:]
    mark = _total((0, values) for values in last)
    if mark is not None:
        settings["total_row"] = mark
        look.notes.append(f"a total row at the end, marked {mark!r}")
    return look


# --------------------------------------------------------------------------------------------------------- databases
def _database(url: str, root: Path) -> list[Look]:
    from sqlalchemy import create_engine, inspect
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

    shown, real = without_password(url), _filled(url)
    try:
        if real.startswith("sqlite"):
            path = _path(real.partition("///")[2], root)
            real, shown = _sqlite(path), f"sqlite:///{_relative(path, root)}"
            url = shown
        engine = create_engine(real)
        inspector = inspect(engine)
        tables = [*inspector.get_table_names(), *inspector.get_view_names()]
        looks = [_table(inspector, table, shown) for table in tables]
        for look in looks:
            look.secrets = {} if shown == url else {"url": url}
        engine.dispose()
    except (ImportError, NoSuchModuleError, ArgumentError, ValueError):
        raise SourceFault(
            "no driver for this database URL", remedy="write dialect+driver://user:${PASSWORD}@host/database"
        ) from None
    except SQLAlchemyError:
        raise SourceFault(
            "the database cannot be reached or read",
            where=Where(urlsplit(shown).hostname or shown.rpartition("/")[2]),
            remedy="check host, database, user and password, and that the server is up",
        ) from None
    if not looks:
        raise SourceFault("no tables that this user may see", remedy="ask for the right to read them")
    return looks


def _table(inspector: Any, table: str, url: str) -> Look:
    look = Look(source_name(table), table, {"connector": "sql", "url": url, "table": table})
    look.keys = tuple(inspector.get_pk_constraint(table).get("constrained_columns") or ())
    for link in inspector.get_foreign_keys(table):
        if len(link["constrained_columns"]) == 1:
            look.references[link["constrained_columns"][0]] = (link["referred_table"], link["referred_columns"][0])
    if look.keys:
        look.notes.append(f"primary key {', '.join(look.keys)}")
    look.notes.extend(f"{column} refers to {other}.{key}" for column, (other, key) in look.references.items())
    return look


def _sqlite(path: Path) -> str:
    if not path.is_file():
        raise SourceFault("no such database file", where=Where(str(path)), remedy="mend the path in the URL")
    return f"sqlite:///file:{path.resolve()}?mode=ro&uri=true"


def without_password(url: str) -> str:
    """``url`` as it may be written down: a literal password becomes ``${LEGACY_PASSWORD}``."""
    return re.sub(r"^([^:]+://[^/@:\s]+):(?!\$\{)[^@\s]+@", r"\1:${LEGACY_PASSWORD}@", url)


def _filled(url: str) -> str:
    def variable(match: re.Match[str]) -> str:
        name = match[1]
        if name not in os.environ:
            raise SourceFault(f"the environment has no variable {name}", remedy=f"set it before: export {name}=...")
        return os.environ[name]

    return re.sub(r"\$\{(\w+)\}", variable, url)
