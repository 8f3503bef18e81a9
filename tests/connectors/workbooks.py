"""Workbooks made by hand, part by part and record by record: what no writing library would make."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import openpyxl
import xlwt

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_ODS = " ".join(
    f'xmlns:{name}="urn:{urn}:1.0"'
    for name, urn in {
        "office": "oasis:names:tc:opendocument:xmlns:office",
        "table": "oasis:names:tc:opendocument:xmlns:table",
        "text": "oasis:names:tc:opendocument:xmlns:text",
        "calcext": "org:documentfoundation:names:experimental:calc:xmlns:calcext",
    }.items()
)


def xlsx(rows: Iterable[Sequence[Any]], edit: Callable[[Any], None] | None = None, title: str = "data") -> bytes:
    """By openpyxl, one sheet; ``edit`` gets the sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    if edit is not None:
        edit(sheet)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def with_parts(data: bytes, parts: dict[str, bytes | None]) -> bytes:
    """A zip package with some parts replaced, added, or (None) left out."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            if part is not None:
                new.writestr(name, part)
    return made.getvalue()


def by_hand(sheet_data: str, root: str | None = None, shared: str | None = None) -> bytes:
    """An .xlsx whose only sheet, 'data', has this XML within ``sheetData``, or as a whole (``root``)."""
    whole = root or f'<worksheet xmlns="{MAIN}"><sheetData>{sheet_data}</sheetData></worksheet>'
    parts: dict[str, bytes | None] = {"xl/worksheets/sheet1.xml": whole.encode()}
    if shared is not None:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">{shared}</sst>'.encode()
    return with_parts(xlsx([["shared"]]), parts)


def ods(rows: str, name: str = "data", manifest: str = "") -> bytes:
    """An .ods with one table of these rows."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        package.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
        package.writestr(
            "content.xml",
            f"<office:document-content {_ODS}><office:body><office:spreadsheet>"
            f'<table:table table:name="{name}">{rows}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return made.getvalue()


def ods_row(*cells: str, times: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{times}">{"".join(cells)}</table:table-row>'


def ods_cell(value: Any = None, attributes: str = "", tag: str = "table:table-cell") -> str:
    """A cell of text, of a number, or (None) without a value."""
    if value is None:
        return f"<{tag} {attributes}/>"
    kind = "string" if isinstance(value, str) else "float"
    held = "" if kind == "string" else f' office:value="{value}"'
    return f'<{tag} office:value-type="{kind}"{held} {attributes}><text:p>{value}</text:p></{tag}>'


def xls(fill: Callable[[Any], None], date_1904: bool = False) -> bytes:
    """By xlwt, one sheet, which ``fill`` gets."""
    book = xlwt.Workbook()
    book.dates_1904 = date_1904
    fill(book.add_sheet("data"))
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def xls_table(rows: Sequence[Sequence[Any]]) -> bytes:
    def fill(sheet: Any) -> None:
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                sheet.write(row, column, cell)

    return xls(fill)


def ods_table(rows: Sequence[Sequence[Any]]) -> bytes:
    return ods("".join(ods_row(*map(ods_cell, row)) for row in rows))


def xlsb(rows: Sequence[Sequence[Any]], extra: bytes = b"", date_1904: bool = False) -> bytes:
    """An .xlsb of one sheet, 'data'. Cells: text (shared), number, bool, None, or (kind, data, style) of a record.
    ``extra``: records after the cells, e.g. merges."""
    texts = list(dict.fromkeys(value for row in rows for value in row if isinstance(value, str)))
    sheet = b"".join(_xlsb_row(number, row, texts) for number, row in enumerate(rows))
    shared = _record(159, struct.pack("<2I", len(texts), len(texts)))
    shared += b"".join(_record(19, b"\0" + _wide(text)) for text in texts) + _record(160)
    book = _record(131) + _record(153, struct.pack("<3I", int(date_1904), 0, 0)) + _record(143)
    book += _record(156, struct.pack("<2I", 0, 1) + _wide("rId1") + _wide("data")) + _record(144) + _record(132)
    # Two formats of cells: general, and the date dd.mm.yyyy (14).
    formats = struct.pack("<4H2I", 0, 0, 0, 0, 0, 0)[:16], struct.pack("<4H2I", 0, 14, 0, 0, 0, 0)[:16]
    styles = _record(278) + _record(617, struct.pack("<I", 2)) + b"".join(_record(47, f) for f in formats)
    styles += _record(618) + _record(279)
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    targets = {"worksheet": "worksheets/sheet1.bin", "sharedStrings": "sharedStrings.bin", "styles": "styles.bin"}
    relations = "".join(
        f'<Relationship Id="rId{number}" Type="{relation}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets.items(), 1)
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("xl/workbook.bin", book)
        package.writestr(
            "xl/_rels/workbook.bin.rels",
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}'
            "</Relationships>",
        )
        span = struct.pack("<4I", 0, max(len(rows) - 1, 0), 0, max(map(len, rows), default=1) - 1)
        package.writestr(
            "xl/worksheets/sheet1.bin",
            _record(129) + _record(148, span) + _record(145) + sheet + _record(146) + extra + _record(130),
        )
        package.writestr("xl/sharedStrings.bin", shared)
        package.writestr("xl/styles.bin", styles)
    return made.getvalue()


def xlsb_merge(top: int, left: int, bottom: int, right: int) -> bytes:
    """The records of one merge, 1-based."""
    ranges = struct.pack("<4I", top - 1, bottom - 1, left - 1, right - 1)
    return _record(177, struct.pack("<I", 1)) + _record(176, ranges) + _record(178)


def _xlsb_row(number: int, row: Sequence[Any], texts: list[str]) -> bytes:
    data = _record(0, struct.pack("<2I", number, 0) + b"\0" * 9)
    for column, value in enumerate(row):
        head = struct.pack("<2I", column, 0)
        if isinstance(value, tuple):
            kind, rest, style = value
            data += _record(kind, struct.pack("<2I", column, style) + rest)
        elif isinstance(value, bool):
            data += _record(4, head + bytes([value]))
        elif isinstance(value, str):
            data += _record(7, head + struct.pack("<I", texts.index(value)))
        elif value is not None:
            data += _record(5, head + struct.pack("<d", value))
    return data


def xlsb_date(serial: float) -> tuple[int, bytes, int]:
    """A cell for :func:`xlsb` with a number in a date format."""
    return 5, struct.pack("<d", serial), 1


def xlsb_formula(value: float) -> tuple[int, bytes, int]:
    """A cell for :func:`xlsb` with a formula and its stored result."""
    return 9, struct.pack("<dHI", value, 0, 0), 0


#: A cell for :func:`xlsb` that holds #REF!.
XLSB_ERROR = (3, b"\x17", 0)


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _record(kind: int, data: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, left = b"", len(data)
    while True:
        size += bytes([left & 0x7F | (0x80 if left > 0x7F else 0)])
        left >>= 7
        if not left:
            return head + size + data
