"""A workbook before it is parsed: what kind of file it is, how large its sheets really are, which cells lie.

The parser behind :mod:`connectors.excel` allots memory for the rectangle around all cells and shows error cells
and formulas without a stored value as blanks. So the sheet's XML (ECMA-376 part 1, 18.3.1.4 ``c``) is scanned
beforehand: in pieces, without building anything but a list of the odd cells.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from connectors.content import kind_of
from crm_etl.faults import DeclarationNeeded, SourceFault, Where

#: Most bytes that a workbook may unpack to, most cells that its rectangle may span (some 1.5 GB of memory), and
#: most bytes of one row: Excel allows 32767 characters a cell.
MAX_UNPACKED = 1 << 30
MAX_CELLS = 40_000_000
MAX_ROW = 64 << 20
_CHUNK = 4 << 20
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
#: A cell with something in it: a styled one without may be written as ``<c .../>`` or as ``<c ...></c>``.
_FILLED = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})(\d+)"[^>]*(?<!/)>(?!\s*</(?:\w+:)?c>)')
_COLUMN = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})\d+"[^>]*(?<!/)>(?!\s*</(?:\w+:)?c>)')
_ERROR = re.compile(rb'<(?:\w+:)?c\s(?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3})(\d+)"')
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_UNCACHED = re.compile(
    rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})(\d+)"[^>]*(?<!/)>\s*'
    rb"<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


@dataclass
class SheetScan:
    """What the XML of a sheet says. Positions are ``(sheet row, column)``, 1-based."""

    last_row: int = 0
    last_column: int = 0
    farthest: str = "A1"
    errors: set[tuple[int, int]] = field(default_factory=set)
    uncached: set[tuple[int, int]] = field(default_factory=set)


def check_workbook(path: Path, label: str) -> str:
    """``xlsx`` or ``xls``, by content.

    Raises:
        DeclarationNeeded: the file is no workbook at all, whatever its name says.
        SourceFault: it is protected by a password, truncated, too large, or of a kind that is not read.
    """
    where = Where(label)
    kind = kind_of(path)
    if kind == "ole":
        if _ENCRYPTED in path.read_bytes():
            raise protected(where)
        return "xls"
    if kind != "zip":
        raise DeclarationNeeded(
            f"not a workbook: the bytes are {'plain text, e.g. CSV' if kind == 'text' else 'those of a ' + kind}",
            where=where,
            remedy="declare 'connector: csv' if it is text; else open it in Excel and save it as .xlsx",
        )
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            unpacked = sum(entry.file_size for entry in archive.infolist())
            locked = any(entry.flag_bits & 1 for entry in archive.infolist())
    except zipfile.BadZipFile:
        raise SourceFault(
            "the workbook is truncated or damaged", where=where, remedy="have it sent again, whole"
        ) from None
    if locked:
        raise protected(where)
    if "xl/workbook.xml" not in names:
        raise SourceFault(
            "a zip archive, but not an .xlsx workbook",
            where=where,
            remedy="open it in its program and save it as .xlsx",
        )
    if unpacked > MAX_UNPACKED:
        raise SourceFault(
            f"the workbook unpacks to {unpacked >> 20} MiB; the limit is {MAX_UNPACKED >> 20} MiB",
            where=where,
            remedy="split it, or export the sheet as CSV",
        )
    return "xlsx"


def protected(where: Where) -> SourceFault:
    return SourceFault(
        "the workbook is protected by a password", where=where, remedy="remove the password in Excel and save it again"
    )


def scan_sheet(path: Path, sheet: str, where: Where) -> SheetScan:
    """The real extent and the odd cells of a sheet of an .xlsx file.

    Raises:
        SourceFault: the file is damaged.
    """
    scan = SheetScan()
    try:
        with zipfile.ZipFile(path) as archive:
            for piece in _pieces(archive, _part(archive, sheet), where):
                _scan(piece, scan)
    except (zipfile.BadZipFile, zlib.error, ElementTree.ParseError, KeyError, EOFError):
        raise SourceFault(
            "the workbook is truncated or damaged", where=where, remedy="have it sent again, whole"
        ) from None
    return scan


def check_extent(scan: SheetScan, where: Where) -> None:
    """Raises SourceFault when the cells of a sheet span more than :data:`MAX_CELLS`."""
    if scan.last_row * scan.last_column > MAX_CELLS:
        raise SourceFault(
            f"the sheet spans {scan.last_row} rows by {scan.last_column} columns up to cell {scan.farthest}",
            where=where,
            remedy="delete the stray cells far from the table in Excel and save it again",
        )


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    """The archive member that holds ``sheet``."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for node in book.iter():
        if node.tag.endswith("}sheet") and node.get("name") == sheet:
            target = targets[node.get(_RELATION)]
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    raise KeyError(sheet)


def _pieces(archive: zipfile.ZipFile, part: str, where: Where) -> Iterator[bytes]:
    """The part in pieces that end after a row."""
    with archive.open(part) as handle:
        rest = b""
        while chunk := handle.read(_CHUNK):
            rest += chunk
            end = rest.rfind(b"row>")
            if end >= 0:
                yield rest[:end]
                rest = rest[end:]
            if len(rest) > MAX_ROW:
                raise SourceFault(
                    f"a row of more than {MAX_ROW >> 20} MiB", where=where, remedy="export the sheet as CSV"
                )
        yield rest


def _scan(piece: bytes, scan: SheetScan) -> None:
    columns = set(_COLUMN.findall(piece))
    if not columns:
        return
    filled = _FILLED.findall(piece[-65536:]) or _FILLED.findall(piece)
    row = int(filled[-1][1])
    widest = max(columns, key=column_number)
    if row > scan.last_row or column_number(widest) > scan.last_column:
        scan.last_row = max(scan.last_row, row)
        scan.last_column = max(scan.last_column, column_number(widest))
        scan.farthest = f"{column_letters(scan.last_column)}{scan.last_row}"
    if b't="e"' in piece:
        scan.errors.update((int(row), column_number(column)) for column, row in _ERROR.findall(piece))
    if _FORMULA.search(piece) is not None:
        scan.uncached.update((int(row), column_number(column)) for column, row in _UNCACHED.findall(piece))


def column_number(letters: bytes) -> int:
    """``A`` is 1, ``XFD`` is 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def column_letters(number: int) -> str:
    """1 is ``A``, 16384 is ``XFD``."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
