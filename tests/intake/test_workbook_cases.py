"""Bad workbooks and what each of them gets: refused as a whole, a row in quarantine, a question, or a warning.

Every test makes its workbook itself and sends it through extraction; no row disappears in any of them.
"""

from __future__ import annotations

import datetime as dt
import io
import os
import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable
from hashlib import md5
from pathlib import Path
from typing import Any

import msoffcrypto
import openpyxl
import pandas as pd
import pytest
import xlwt
from click.testing import CliRunner
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from xlwt.CompoundDoc import XlsDoc

from crm_etl.cli import main
from crm_etl.extract import Extracted, extract
from crm_etl.faults import DeclarationNeeded, LayoutFault, MigrationFault, SourceFault
from crm_etl.migration import ExcelSource, parse
from crm_etl.normalize import Normalized, normalize
from tests.connectors.workbooks import (
    MAIN,
    XLSB_ERROR,
    by_hand,
    ods,
    ods_cell,
    ods_row,
    ods_table,
    with_parts,
    xls,
    xls_table,
    xlsb,
    xlsb_date,
    xlsb_formula,
    xlsb_merge,
    xlsx,
)
from tests.extract.test_extract import assert_balanced, reasons

ROOT = Path(__file__).parent.parent.parent
TABLE = [["id", "name"], [1, "Анна"], [2, "Пётр"]]


def source(**settings: Any) -> ExcelSource:
    base = {"name": "old", "connector": "excel", "path": "a.xlsx", "key": "id", "fields": {"name": "name"}}
    return ExcelSource.model_validate({**base, **settings})


def extracted(folder: Path, data: bytes, **settings: Any) -> Extracted:
    declared = source(**settings)
    (folder / declared.path).write_bytes(data)
    found = extract(declared, folder)
    assert_balanced(found)
    return found


def names(found: Extracted) -> list[str | None]:
    return [None if name is pd.NA else name for name in found.rows["raw:name"]]


MAKERS: dict[str, Callable[[list[list[Any]]], bytes]] = {
    "a.xlsx": xlsx,
    "a.xls": xls_table,
    "a.xlsb": xlsb,
    "a.ods": ods_table,
}


@pytest.mark.parametrize("path", MAKERS)
def test_all_kinds_are_read_alike(tmp_path: Path, path: str) -> None:
    found = extracted(tmp_path, MAKERS[path](TABLE), path=path)
    assert found.rows["key"].tolist() == ["1", "2"]
    assert names(found) == ["Анна", "Пётр"]
    assert found.rows["line"].tolist() == [2, 3]
    assert set(found.rows["sheet"]) == {"data"}
    assert found.facts["warnings"] == []


@pytest.mark.parametrize("path", MAKERS)
@pytest.mark.parametrize("rows", [[], [["id", "name"]]])
def test_case_01_empty_or_header_only(tmp_path: Path, path: str, rows: list[list[Any]]) -> None:
    with pytest.raises(SourceFault, match="no data rows"):
        extracted(tmp_path, MAKERS[path](rows), path=path)
    (tmp_path / path).write_bytes(b"")
    with pytest.raises(SourceFault, match="no data rows"):
        extract(source(path=path), tmp_path)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<html><body><table><tr><td>id</td></tr></table></body></html>", "HTML"),
        (b"id;name\r\n1;Anna\r\n", "connector: csv"),
        (xlsx(TABLE), "format: xlsx"),
        (b"%PDF-1.7", "PDF document"),
    ],
)
def test_case_02_ending_lies(tmp_path: Path, data: bytes, says: str) -> None:
    with pytest.raises(DeclarationNeeded, match=says):
        extracted(tmp_path, data, path="a.xls")


def test_case_02_declared_format_is_believed_and_held(tmp_path: Path) -> None:
    assert len(extracted(tmp_path, xlsx(TABLE), path="a.xls", format="xlsx").rows) == 2
    with pytest.raises(DeclarationNeeded, match=r"declared as \.ods"):
        extracted(tmp_path, xlsx(TABLE), format="ods")
    with pytest.raises(DeclarationNeeded, match="not a workbook"):
        extracted(tmp_path, with_parts(xlsx(TABLE), {"xl/workbook.xml": None}))


def encrypted(data: bytes, password: str = "s3cret-word") -> bytes:
    locked = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, locked)
    return locked.getvalue()


def test_case_03_protected_workbook(tmp_path: Path) -> None:
    with pytest.raises(SourceFault, match="protected by a password") as caught:
        extracted(tmp_path, encrypted(xlsx(TABLE)))
    assert "password: ${NAME}" in str(caught.value)
    with pytest.raises(SourceFault, match="another password") as caught:
        extracted(tmp_path, encrypted(xlsx(TABLE)), password="wr0ng-word")
    assert "wr0ng-word" not in str(caught.value)
    declared = source(password="s3cret-word")
    assert names(extracted(tmp_path, encrypted(xlsx(TABLE)), password="s3cret-word")) == ["Анна", "Пётр"]
    assert "s3cret" not in repr(declared)


def rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def protected_xls(rows: list[list[Any]], password: str) -> bytes:
    """An .xls encrypted in the way of Excel 97 ([MS-OFFCRYPTO] 2.3.6): RC4, in blocks of 1024 bytes."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("data")
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    plain = book.get_biff_data()
    salt, verifier = bytes(range(16)), bytes(range(16, 32))
    truncated = md5(password.encode("utf-16-le")).digest()[:5]
    base = md5((truncated + salt) * 16).digest()[:5]

    def key(block: int) -> bytes:
        return md5(base + struct.pack("<I", block)).digest()

    checked = rc4(key(0), verifier + md5(verifier).digest())
    passed = struct.pack("<HHHHH", 0x2F, 54, 1, 1, 1) + salt + checked
    first = 4 + struct.unpack_from("<H", plain, 2)[0]
    stream = bytearray(plain[:first] + passed + plain[first:].rstrip(b"\0"))
    # It ends with the empty record EOF; padding of the file must be whole records too, so a record fills it up.
    stream += b"\0" * 3
    fill = -(len(stream) + 4) % 512
    stream += struct.pack("<2H", 0x3C, fill) + b"\0" * fill
    hidden = bytearray(len(stream))  # what stays readable: heads of records, and some records
    start = 0
    while start + 4 <= len(stream):
        kind, size = struct.unpack_from("<2H", stream, start)
        open_bytes = size if kind in (0x809, 0x2F, 0xE1) else 0
        if kind == 0x85:
            moved = struct.unpack_from("<I", stream, start + 4)[0] + len(passed)
            struct.pack_into("<I", stream, start + 4, moved)
            open_bytes = 4
        hidden[start + 4 + open_bytes : start + 4 + size] = b"\1" * (size - open_bytes)
        start += 4 + size
    for block in range(0, len(stream), 1024):
        whole = bytes(stream[block : block + 1024])
        locked = rc4(key(block // 1024), whole)
        mask = hidden[block : block + 1024]
        stream[block : block + 1024] = bytes(
            new if mark else old for old, new, mark in zip(whole, locked, mask, strict=True)
        )
    data = io.BytesIO()
    XlsDoc().save(data, bytes(stream))
    return data.getvalue()


def test_case_03_protected_xls(tmp_path: Path) -> None:
    data = protected_xls([*TABLE, *([number, "x" * 100] for number in range(3, 60))], "s3cret-word")
    found = extracted(tmp_path, data, path="a.xls", password="s3cret-word")
    assert names(found)[:2] == ["Анна", "Пётр"]
    assert len(found.rows) == 59
    with pytest.raises(SourceFault, match="protected by a password"):
        extracted(tmp_path, data, path="a.xls")
    with pytest.raises(SourceFault, match="another password") as caught:
        extracted(tmp_path, data, path="a.xls", password="wr0ng-word")
    assert "wr0ng" not in str(caught.value)


def test_case_03_protected_ods_and_useless_password(tmp_path: Path) -> None:
    locked = ods("", manifest="<manifest:encryption-data/>")
    with pytest.raises(SourceFault, match="protected by a password"):
        extracted(tmp_path, locked, path="a.ods")
    warnings = extracted(tmp_path, xlsx(TABLE), password="x").facts["warnings"]
    assert warnings == ["the workbook is not protected: 'password' is not needed"]


def test_case_03_password_never_stands_in_the_migration_file() -> None:
    text = """
name: move
sources:
  - {name: old, connector: excel, path: a.xlsx, key: id, fields: {name: name}, password: PASSWORD}
"""
    with pytest.raises(MigrationFault, match="a password stands in the file") as caught:
        parse(text.replace("PASSWORD", "hunter2"), Path("migration.yaml"), {})
    assert "hunter2" not in str(caught.value)
    declared = parse(text.replace("PASSWORD", "'${BOOK}'"), Path("migration.yaml"), {"BOOK": "hunter2"})
    assert "hunter2" not in repr(declared)
    assert "hunter2" not in declared.model_dump_json()


@pytest.mark.parametrize("path", MAKERS)
def test_case_04_truncated(tmp_path: Path, path: str) -> None:
    whole = MAKERS[path]([*TABLE, *([number, f"n{number}"] for number in range(3, 900))])
    for size in (len(whole) // 8, len(whole) // 2, len(whole) - 40):
        with pytest.raises(SourceFault):
            extracted(tmp_path, whole[:size], path=path)


def test_case_04_bad_xml(tmp_path: Path) -> None:
    for rows in ('<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><v>', "<row><c></row>"):
        with pytest.raises(SourceFault, match="damaged"):
            extracted(tmp_path, by_hand(rows, f'<worksheet xmlns="{MAIN}"><sheetData>{rows}'))
    with pytest.raises(SourceFault, match="damaged"):
        extracted(tmp_path, with_parts(xlsx(TABLE), {"xl/workbook.xml": b"<workbook"}))
    with pytest.raises(SourceFault, match="damaged"):
        extracted(tmp_path, with_parts(xlsx(TABLE), {"xl/worksheets/sheet1.xml": None}))


def test_case_04_cells_that_stand_twice(tmp_path: Path) -> None:
    cells = [
        '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>',
        '<row r="22"><c r="A22"><v>1</v></c><c r="B2"><v>2</v></c></row>',
    ]
    for rows in [*cells, *(row.replace('"', "'") for row in cells)]:
        with pytest.raises(SourceFault, match="twice or out of order"):
            extracted(tmp_path, by_hand(rows))


def test_case_05_declared_range_of_the_whole_sheet(tmp_path: Path) -> None:
    lying = by_hand(
        "",
        f'<worksheet xmlns="{MAIN}"><dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1" t="inlineStr">'
        '<is><t>id</t></is></c><c r="B1" t="inlineStr"><is><t>name</t></is></c></row><row r="2"><c r="A2"><v>1</v></c>'
        "</row></sheetData></worksheet>",
    )
    assert extracted(tmp_path, lying).rows["key"].tolist() == ["1"]
    assert len(extracted(tmp_path, lying_xls(0x200, 4, 65_536), path="a.xls").rows) == 2
    filled = ods_row(ods_cell("id"), ods_cell("name")) + ods_row(ods_cell(1), ods_cell("a"))
    endless = ods_row(ods_cell(None, 'table:number-columns-repeated="16384"'), times=1048574)
    assert names(extracted(tmp_path, ods(filled + endless), path="a.ods")) == ["a"]


def lying_xls(kind: int, at: int, value: int) -> bytes:
    """An .xls with one record that claims more than there is: a number of 32 bits within it is another."""
    data = bytearray(xls_table(TABLE))
    stream = data.index(b"\x09\x08\x10\x00")
    start = stream
    while struct.unpack_from("<H", data, start)[0] != kind:
        start += 4 + struct.unpack_from("<H", data, start + 2)[0]
    struct.pack_into("<I", data, start + 4 + at, value)
    return bytes(data)


def far_cell(rows: list[list[Any]], row: int = 1_048_576, column: int = 16_384) -> bytes:
    return xlsx(rows, lambda sheet: sheet.cell(row, column, "x"))


BOMBS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "stray cell": ("a.xlsx", lambda: far_cell(TABLE)),
    "stray column of cells": ("a.xlsx", lambda: far_cell(TABLE, 1_048_576, 80)),
    "stray row": ("a.xlsx", lambda: far_cell(TABLE, 1_048_576, 1)),
    "repeated row": (
        "a.ods",
        lambda: ods(ods_row(ods_cell("x", 'table:number-columns-repeated="500"'), times=1048576)),
    ),
    "repeated cell": ("a.ods", lambda: ods(ods_row(ods_cell("x", 'table:number-columns-repeated="999999999"')))),
    "declared range beyond all rows": ("a.xls", lambda: lying_xls(0x200, 4, 0x7FFF_FFFF)),
    "declared texts without end": ("a.xls", lambda: lying_xls(0xFC, 4, 0x7FFF_FFFF)),
    "declared shared texts without end": (
        "a.xlsx",
        lambda: with_parts(
            xlsx(TABLE), {"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}" uniqueCount="2147483647"></sst>'.encode()}
        ),
    ),
    "text shown often": (
        "a.xlsx",
        lambda: by_hand(
            "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 100_000)),
            shared=f"<si><t>{'x' * 32_000}</t></si>",
        ),
    ),
    "long shared text": ("a.xlsx", lambda: by_hand("", shared=f"<si><t>{'x' * (100 << 20)}</t></si>")),
    "long text in the sheet": (
        "a.xlsx",
        lambda: by_hand(f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"x" * (100 << 20)}</t></is></c></row>'),
    ),
    "long text in the content": ("a.ods", lambda: ods(ods_row(ods_cell("x" * (100 << 20))))),
    "stray cell of a binary workbook": (
        "a.xlsb",
        lambda: xlsb([["id"], *([None] for _ in range(20_000)), [None] * 16_383 + [1]]),
    ),
}

LIMITED = """
import resource, sys
from pathlib import Path
from crm_etl.extract import extract
from crm_etl.faults import SourceFault
from crm_etl.migration import ExcelSource
limit = getattr(resource, sys.argv[3])
resource.setrlimit(limit, (2 << 30, 2 << 30))
fields = {"name": "name"}
declared = ExcelSource(name="old", connector="excel", path=sys.argv[2], key="id", fields=fields, ignore=sys.argv[4:])
try:
    found = extract(declared, Path(sys.argv[1]))
    print("read", len(found.rows))
except SourceFault as fault:
    print("refused:", fault.what)
"""


def within_two_gigabytes(folder: Path, path: str, limit: str = "RLIMIT_AS", ignore: tuple[str, ...] = ()) -> str:
    """What becomes of a workbook where no more than 2 GB of memory may be taken."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(folder), path, limit, *ignore],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, f"{done.returncode}: {done.stderr[-2000:]}"
    return done.stdout


@pytest.mark.parametrize("name", BOMBS)
def test_case_06_bombs_are_refused_within_two_gigabytes(tmp_path: Path, name: str) -> None:
    path, make = BOMBS[name]
    (tmp_path / path).write_bytes(make())
    assert within_two_gigabytes(tmp_path, path).startswith("refused: ")


@pytest.mark.parametrize("limit", ["RLIMIT_AS", "RLIMIT_DATA"])
def test_case_06_an_ordinary_workbook_is_read_within_two_gigabytes(tmp_path: Path, limit: str) -> None:
    rows = [["id", "name"], *([number, f"Клиент {number}"] for number in range(20_000))]
    (tmp_path / "a.xlsx").write_bytes(xlsx(rows))
    assert within_two_gigabytes(tmp_path, "a.xlsx", limit) == "read 20000\n"


def test_case_06_endless_hashing_of_a_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.locked._MAX_ROUNDS", 1000)
    with pytest.raises(SourceFault, match="damaged"):
        extracted(tmp_path, encrypted(xlsx(TABLE)), password="s3cret-word")


def test_case_06_size_that_lies(tmp_path: Path) -> None:
    """A part that unpacks to more than it declares, with the checksum of the part that a reader would stop at."""
    data = bytearray(xlsx(TABLE))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as package:
        entry = package.getinfo("xl/worksheets/sheet1.xml")
        start = package.read(entry)[:20]
    at = data.rfind(b"PK\x01\x02", 0, data.rfind(b"xl/worksheets/sheet1.xml"))
    data[at + 16 : at + 20] = zipfile.crc32(start).to_bytes(4, "little")
    data[at + 24 : at + 28] = len(start).to_bytes(4, "little")
    with pytest.raises(SourceFault, match="damaged"):
        extracted(tmp_path, bytes(data))


def several(folder: Path, **states: str) -> None:
    book = openpyxl.Workbook()
    book.active.title = "cover"
    for title, state in states.items():
        sheet = book.create_sheet(title)
        sheet.sheet_state = state
        for row in TABLE:
            sheet.append(row)
    book.save(folder / "a.xlsx")


def test_case_07_several_sheets_are_listed_and_never_guessed(tmp_path: Path) -> None:
    several(tmp_path, clients="visible", old="hidden", secret="veryHidden")
    with pytest.raises(DeclarationNeeded) as caught:
        extract(source(), tmp_path)
    for line in ("'cover': 0 rows", "'clients': 3 rows\n", "'old': 3 rows, hidden", "'secret': 3 rows, very hidden"):
        assert line in caught.value.what + "\n"
    with pytest.raises(DeclarationNeeded, match="'old': 3 rows, hidden"):
        extract(source(sheet="Clients"), tmp_path)
    found = extract(source(sheet="secret"), tmp_path)
    assert_balanced(found)
    assert found.facts["warnings"] == ["sheet 'secret' is very hidden"]


def test_case_07_sheet_may_be_left_out_where_only_one_can_be_meant(tmp_path: Path) -> None:
    several(tmp_path, clients="visible")
    assert set(extract(source(), tmp_path).rows["sheet"]) == {"clients"}
    several(tmp_path, clients="hidden")
    with pytest.raises(DeclarationNeeded, match="hidden"):
        extract(source(), tmp_path)


def test_case_08_titles_blanks_and_totals(tmp_path: Path) -> None:
    rows = [
        ["Отчёт о клиентах"],
        [],
        ["id", "name", "sum"],
        [1, "a", 10],
        [],
        [2, "b", 5.5],
        ["Итого:", None, 15.5],
        [3, "c", 4],
        [None, "ВСЕГО", 19.5],
    ]
    found = extracted(tmp_path, xlsx(rows), header_row=3, total_row=["итого", "всего"], ignore=["sum"])
    assert names(found) == ["a", "b", "c"]
    assert found.facts["excluded"] == {"blank_row": 1, "total_row": 2}
    assert found.facts["warnings"] == []
    rows[-1] = [None, "ВСЕГО", 20]
    found = extracted(tmp_path, xlsx(rows), header_row=3, total_row=["итого", "всего"], ignore=["sum"])
    assert found.facts["warnings"] == ["total in row 9, column 'sum': not the sum of the rows above it"]


TWO_LEVELS = [["id", "name", "Телефон", None], [None, None, "Рабочий", "Домашний"], [1, "Анна", "101", "102"]]
PHONES = ["Телефон / Рабочий", "Телефон / Домашний"]


def merge_header(sheet: Any) -> None:
    for area in ("A1:A2", "B1:B2", "C1:D1"):
        sheet.merge_cells(area)


def test_case_09_two_level_header_is_composed(tmp_path: Path) -> None:
    found = extracted(tmp_path, xlsx(TWO_LEVELS, merge_header), header_rows=2, ignore=PHONES)
    assert found.facts["columns"] == ["id", "name", *PHONES]
    assert found.rows["line"].tolist() == [3]
    assert found.rows["raw:Телефон / Домашний"].tolist() == ["102"]
    joined = [name.replace(" / ", ": ") for name in PHONES]
    found = extracted(tmp_path, xlsx(TWO_LEVELS, merge_header), header_rows=2, header_joiner=": ", ignore=joined)
    assert found.facts["columns"] == ["id", "name", *joined]


def test_case_09_two_level_header_of_other_kinds(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        for area, name in (((0, 1, 0, 0), "id"), ((0, 1, 1, 1), "name"), ((0, 0, 2, 3), "Телефон")):
            sheet.write_merge(*area, name)
        for row, cells in ((1, {2: "Рабочий", 3: "Домашний"}), (2, dict(enumerate(TWO_LEVELS[2])))):
            for column, cell in cells.items():
                sheet.write(row, column, cell)

    down, right = 'table:number-rows-spanned="2"', 'table:number-columns-spanned="2"'
    covered = ods_cell(None, tag="table:covered-table-cell")
    table = ods(
        ods_row(ods_cell("id", down), ods_cell("name", down), ods_cell("Телефон", right), covered)
        + ods_row(covered, covered, ods_cell("Рабочий"), ods_cell("Домашний"))
        + ods_row(*map(ods_cell, TWO_LEVELS[2]))
    )
    merges = b"".join(xlsb_merge(*area) for area in ((1, 1, 2, 1), (1, 2, 2, 2), (1, 3, 1, 4)))
    for path, data in (("a.xls", xls(fill)), ("a.ods", table), ("a.xlsb", xlsb(TWO_LEVELS, merges))):
        found = extracted(tmp_path, data, path=path, header_rows=2, ignore=PHONES)
        assert found.facts["columns"] == ["id", "name", *PHONES], path
        assert names(found) == ["Анна"], path


def test_case_09_merged_or_ambiguous_header_asks(tmp_path: Path) -> None:
    with pytest.raises(DeclarationNeeded) as caught:
        extracted(tmp_path, xlsx(TWO_LEVELS, merge_header), ignore=PHONES)
    assert "merged over several columns: C to D" in caught.value.what
    assert f"header_rows: 2' if the row below holds the second level; the columns would be: id, name, {PHONES[0]}" in (
        caught.value.remedy or ""
    )
    ambiguous = [["id", "name", "Телефон", "Адрес"], [None, None, "Рабочий", "Рабочий"], [1, "a", "2", "3"]]
    merged = [["id", "name", "Телефон", None], [None, None, None, None], [1, "a", "2", "3"]]
    with pytest.raises(DeclarationNeeded, match=r"'Телефон' \(C, D\)"):
        extracted(tmp_path, xlsx(merged, merge_header), header_rows=2)
    found = extracted(tmp_path, xlsx(ambiguous), header_rows=2, ignore=["Телефон / Рабочий", "Адрес / Рабочий"])
    assert found.facts["columns"][2:] == ["Телефон / Рабочий", "Адрес / Рабочий"]


MERGED = [["id", "name", "branch"], [1, "a", "Центр"], [2, "b", None], [3, "c", "Север"], [4, "d", None]]


def merge_data(sheet: Any) -> None:
    sheet.merge_cells("C2:C3")
    sheet.merge_cells("B5:C5")


def test_case_10_merged_cells_are_refused_unless_declared(tmp_path: Path) -> None:
    found = extracted(tmp_path, xlsx(MERGED, merge_data), ignore=["branch"])
    assert reasons(found) == {3: "merged_cells", 5: "merged_cells"}
    found = extracted(tmp_path, xlsx(MERGED, merge_data), ignore=["branch"], fill_merged=True)
    assert found.rows["raw:branch"].tolist() == ["Центр", "Центр", "Север", "d"]
    assert found.facts["warnings"] == ["column 'branch': 2 cells filled with the value that they are merged with"]
    found = extracted(tmp_path, xlsx(MERGED, merge_data), ignore=["branch"], fill_merged=["name"])
    assert reasons(found) == {3: "merged_cells", 5: "merged_cells"}
    with pytest.raises(LayoutFault, match="fill_merged"):
        extracted(tmp_path, xlsx(MERGED, merge_data), ignore=["branch"], fill_merged=["nope"])


def test_case_10_merged_cells_of_other_kinds(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        for row, cells in enumerate(MERGED):
            for column, cell in enumerate(cells):
                if cell is not None and column < 2:
                    sheet.write(row, column, cell)
        sheet.write(0, 2, "branch")
        sheet.write_merge(1, 2, 2, 2, "Центр")
        sheet.write_merge(3, 4, 2, 2, "Север")

    covered, down = ods_cell(None, tag="table:covered-table-cell"), 'table:number-rows-spanned="2"'
    table = [
        ods_row(*map(ods_cell, MERGED[0])),
        *(
            ods_row(ods_cell(row[0]), ods_cell(row[1]), ods_cell(row[2], down) if row[2] else covered)
            for row in MERGED[1:]
        ),
    ]
    merges = xlsb_merge(2, 3, 3, 3) + xlsb_merge(4, 3, 5, 3)
    for path, data in (("a.xls", xls(fill)), ("a.ods", ods("".join(table))), ("a.xlsb", xlsb(MERGED, merges))):
        found = extracted(tmp_path, data, path=path, ignore=["branch"])
        assert reasons(found) == {3: "merged_cells", 5: "merged_cells"}, path
        found = extracted(tmp_path, data, path=path, ignore=["branch"], fill_merged=["branch"])
        assert found.rows["raw:branch"].tolist() == ["Центр", "Центр", "Север", "Север"], path


@pytest.mark.parametrize("fill", [False, True, ["branch"]])
@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ('<c r="C2" t="e"><f>1/0</f><v>#DIV/0!</v></c>', "formula_error"),
        ('<c r="C2"><f>A2</f></c>', "formula_not_computed"),
    ],
)
def test_case_10_what_is_merged_with_an_odd_cell_is_refused_with_it(
    tmp_path: Path, cell: str, reason: str, fill: bool | list[str]
) -> None:
    made = xlsx(
        [["id", "name", "branch"], [1, "a", "x"], [2, "b", None], [3, "c", None], [4, "d", "y"]],
        lambda sheet: sheet.merge_cells("C2:C4"),
    )
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    spoilt, count = re.subn(r'<c r="C2".*?</c>', cell, sheet)
    assert count == 1
    data = with_parts(made, {"xl/worksheets/sheet1.xml": spoilt.encode()})
    found = extracted(tmp_path, data, ignore=["branch"], fill_merged=fill)
    assert reasons(found) == {2: reason, 3: reason, 4: reason}
    assert names(found) == ["d"]


def test_case_10_an_error_of_open_document_fills_nothing(tmp_path: Path) -> None:
    error = '<table:table-cell office:value-type="string" table:formula="x" table:number-rows-spanned="2"'
    error += ' calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell>'
    covered = ods_cell(None, tag="table:covered-table-cell")
    rows = [ods_row(*map(ods_cell, ("id", "name"))), ods_row(ods_cell(1), error), ods_row(ods_cell(2), covered)]
    data = ods("".join(rows) + ods_row(ods_cell(3), ods_cell("c")))
    found = extracted(tmp_path, data, path="a.ods", fill_merged=True)
    assert reasons(found) == {2: "formula_error", 3: "formula_error"}
    assert names(found) == ["c"]


def test_case_11_headers_are_cleaned_and_doubtful_ones_ask(tmp_path: Path) -> None:
    found = extracted(tmp_path, xlsx([["\ufeffid", " na\u200bme\u00a0"], [1, "a"]]))
    assert found.facts["columns"] == ["id", "name"]
    with pytest.raises(DeclarationNeeded) as caught:
        extracted(tmp_path, xlsx([["id", "name", "name "], [1, "a", "b"]]))
    assert "'name' (B, C)" in caught.value.what
    assert "columns: [id, name, name (2)]" in (caught.value.remedy or "")
    with pytest.raises(DeclarationNeeded, match="column C has values but no name"):
        extracted(tmp_path, xlsx([["id", "name", " "], [1, "a", "b"]]))


def test_case_11_names_may_be_declared(tmp_path: Path) -> None:
    rows = [["id", "name", "name"], [1, "a", "b"]]
    found = extracted(tmp_path, xlsx(rows), columns=["id", "name", "alias"], ignore=["alias"])
    assert found.rows["raw:alias"].tolist() == ["b"]
    found = extracted(tmp_path, xlsx(rows[1:]), columns=["id", "name", "alias"], header_rows=0, ignore=["alias"])
    assert found.rows["line"].tolist() == [1]
    with pytest.raises(DeclarationNeeded, match="declares 2 names, the sheet has 3 columns"):
        extracted(tmp_path, xlsx(rows), columns=["id", "name"])
    with pytest.raises(ValueError, match="must be declared under 'columns'"):
        source(header_rows=0)


def test_case_18_formulas_and_errors_of_xlsx(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'
        '<row r="2"><c r="A2"><f>1</f><v>1</v></c><c r="B2" t="str"><f>"a"</f><v>a</v></c></row>'
        '<row r="3"><c r="A3"><v>2</v></c><c r="B3"><f>A1</f></c></row>'
        '<row r="4"><c r="A4"><v>3</v></c><c r="B4"><f t="shared" si="0"/><v></v></c></row>'
        '<row r="5"><c r="A5"><v>4</v></c><c r="B5" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        '<row r="6"><c r="A6"><v>5</v></c><c r="B6" t="str"><f>""</f><v></v></c></row>'
        '<row r="7"><c r="A7"><f>A6+1</f></c></row>'
    )
    expected = {3: "formula_not_computed", 4: "formula_not_computed", 5: "formula_error", 7: "formula_not_computed"}
    shared = "<si><t>id</t></si><si><t>name</t></si>"
    for written in (rows, rows.replace('r="', 'r ="'), rows.replace("<c ", "<c\n")):
        found = extracted(tmp_path, by_hand(written, shared=shared))
        assert reasons(found) == expected
        assert names(found) == ["a", None]
    assert "cell B5" in found.refused["message"][2]


def test_case_18_values_that_a_program_left_for_excel_to_compute(tmp_path: Path) -> None:
    """XlsxWriter stores 0 as the result of every formula, and asks Excel to compute when it opens the file."""
    import xlsxwriter

    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet("data")
    for row, cells in enumerate((["id", "name"], [1, "=A1"], [2, 0])):
        sheet.write_row(row, 0, cells)
    sheet.write_formula(3, 0, "=A3+1", value=3)
    sheet.write_string(3, 1, "c")
    book.close()
    found = extract(source(), tmp_path)
    assert_balanced(found)
    assert reasons(found) == {2: "formula_not_computed"}
    assert found.rows["key"].tolist() == ["2", "3"]


def test_case_18_formulas_and_errors_of_other_kinds(tmp_path: Path) -> None:
    def fill(sheet: Any) -> None:
        for row, cells in enumerate([["id", "name"], [1, "a"], [2], [3]]):
            for column, cell in enumerate(cells):
                sheet.write(row, column, cell)
        sheet.row(2).set_cell_error(1, "#REF!")
        sheet.write(3, 1, xlwt.Formula("A1"))

    found = extracted(tmp_path, xls(fill), path="a.xls")
    assert reasons(found) == {3: "formula_error"}
    assert len(found.facts["warnings"]) == 1
    assert "1 formula with an empty result" in found.facts["warnings"][0]
    # The formula says that it came to a text, and none follows.
    lost = xls(fill).replace(b"\x03\0\0\0\0\0\xff\xff", b"\0\0\0\0\0\0\xff\xff")
    found = extracted(tmp_path, lost, path="a.xls")
    assert reasons(found) == {3: "formula_error", 4: "formula_not_computed"}
    assert found.facts["warnings"] == []
    table = xlsb([["id", "name"], [xlsb_formula(1), "a"], [2, XLSB_ERROR]])
    found = extracted(tmp_path, table, path="a.xlsb")
    assert reasons(found) == {3: "formula_error"}
    assert found.rows["key"].tolist() == ["1"]
    failed = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="" '
        'calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
    )
    cells = [failed, '<table:table-cell table:formula="of:=1"/>', ods_cell(7, 'table:formula="of:=7"')]
    # As LibreOffice writes what came to an empty text.
    cells.append(
        '<table:table-cell table:formula="of:=IF([.A1]=1;&quot;a&quot;;&quot;&quot;)"><text:p/></table:table-cell>'
    )
    rows = [ods_row(ods_cell(number), cell) for number, cell in enumerate(cells)]
    table = ods(ods_row(ods_cell("id"), ods_cell("name")) + "".join(rows))
    found = extracted(tmp_path, table, path="a.ods")
    assert reasons(found) == {2: "formula_error", 3: "formula_not_computed"}
    assert names(found) == ["7", None]
    assert [one.partition(":")[0] for one in found.facts["warnings"]] == ["1 formula with an empty result"]


def normalized(folder: Path, rows: list[list[Any]], edit: Callable[[Any], None] | None = None) -> Normalized:
    """Workbook with columns id, name, phone, born: through extraction and normalization."""
    fields = {"name": "name", "phones": "phone", "birth_date": {"column": "born", "format": "%d.%m.%Y"}}
    declared = {"fields": fields}
    found = extracted(folder, xlsx([["id", "name", "phone", "born"], *rows], edit), **declared)
    result = normalize(found.rows, source(**declared))
    assert len(result.rows) + len(result.refused) == len(found.rows)
    return result


def test_case_38_phones_as_numbers(tmp_path: Path) -> None:
    result = normalized(
        tmp_path, [[1, "Анна", 79161234567.0, None], [2, "Пётр", "9161234567.0", None], [3, "Ян", "9.16123E+09", None]]
    )
    phones = [list(held) for held in result.rows["phones"]]
    assert phones == [["+79161234567"], ["+79161234567"]]
    assert result.refused["reason"].tolist() == ["digits_lost"]
    assert result.refused["field"].tolist() == ["phones"]


@pytest.mark.parametrize("path", MAKERS)
def test_case_39_ids_of_more_than_15_digits(tmp_path: Path, path: str) -> None:
    rows = [["id", "name"], [1234567890123456.0, "lost"], [123456789012345.0, "whole"], ["1234567890123456", "text"]]
    found = extracted(tmp_path, MAKERS[path](rows), path=path)
    assert reasons(found) == {2: "digits_lost"}
    assert found.rows["key"].tolist() == ["123456789012345", "1234567890123456"]


def test_case_40_zeros_that_excel_shows(tmp_path: Path) -> None:
    def show(sheet: Any) -> None:
        for row, form in ((2, "000000"), (3, "0"), (4, "000000"), (5, "000000")):
            sheet.cell(row, 2).number_format = form

    rows = [["id", "name"], [1, 12], [2, 13], [3, 1234567], [4, "x"]]
    found = extracted(tmp_path, xlsx(rows, show))
    assert names(found) == ["12", "13", "1234567", "x"]
    assert found.facts["warnings"] == [
        "column 'name': Excel shows 1 number with leading zeros that it does not have; declare"
        " shown_zeros: [name] to take them as shown"
    ]
    found = extracted(tmp_path, xlsx(rows, show), shown_zeros=["name"])
    assert names(found) == ["000012", "13", "1234567", "x"]
    assert found.facts["warnings"] == ["column 'name': 1 number taken with the zeros that Excel shows"]
    with pytest.raises(SourceFault, match="shown_zeros"):
        extracted(tmp_path, ods_table(TABLE), path="a.ods", shown_zeros=["name"])


def test_zeros_are_shown_by_a_format_with_its_language_before_it(tmp_path: Path) -> None:
    table = xlsx([["id", "name"], [1, 12]], lambda sheet: setattr(sheet["B2"], "number_format", "[$-419]000000"))
    assert names(extracted(tmp_path, table, shown_zeros=["name"])) == ["000012"]
    assert len(extracted(tmp_path, table).facts["warnings"]) == 1


def dates(sheet: Any) -> None:
    for row in range(2, sheet.max_row + 1):
        if not isinstance(sheet.cell(row, 4).value, str):
            sheet.cell(row, 4).number_format = "dd.mm.yyyy"


def test_case_51_dates_of_a_sheet(tmp_path: Path) -> None:
    rows = [
        [1, "typed", None, dt.date(1985, 3, 7)],
        [2, "text", None, "07.03.1985"],
        [3, "serial as text", None, "31113"],
        [4, "serial", None, "31113.0"],
        [5, "29 February 1900", None, 60],
        [6, "before 1900", None, -5],
        [7, "day zero", None, 0],
    ]
    found = extracted(tmp_path, xlsx([["id", "name", "phone", "born"], *rows], dates), ignore=["phone", "born"])
    assert reasons(found) == {6: "unsure_date", 7: "unsure_date"}
    result = normalized(tmp_path, rows, dates)
    assert result.rows["birth_date"].tolist() == ["1985-03-07", "1985-03-07"]
    assert result.refused["reason"].tolist() == ["bad_date"] * 3


def test_case_51_1904_epoch(tmp_path: Path) -> None:
    day = dt.date(1985, 3, 7)
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    for row in (["id", "name"], [1, day]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert extract(source(), tmp_path).rows["raw:name"].tolist() == ["1985-03-07"]

    def fill(sheet: Any) -> None:
        for row, cells in enumerate([["id", "name"], [1, day]]):
            for column, cell in enumerate(cells):
                sheet.write(
                    row, column, cell, xlwt.easyxf(num_format_str="dd.mm.yyyy") if cell == day else xlwt.XFStyle()
                )

    for epoch in (False, True):
        assert names(extracted(tmp_path, xls(fill, epoch), path="a.xls")) == ["1985-03-07"]
        serial = xlsb_date(31113 - (1462 if epoch else 0))
        table = xlsb([["id", "name"], [1, serial]], date_1904=epoch)
        assert names(extracted(tmp_path, table, path="a.xlsb")) == ["1985-03-07"]


def test_case_52_times_and_durations_are_no_dates(tmp_path: Path) -> None:
    def form(sheet: Any) -> None:
        sheet["D4"].number_format = "[h]:mm"

    rows = [
        [1, "a", None, dt.time(12, 30)],
        [2, "b", None, dt.timedelta(hours=36)],
        [3, "c", None, 1.5],
        [4, "midnight", None, dt.time()],
        [5, "d", None, dt.datetime(1985, 3, 7)],
    ]
    result = normalized(tmp_path, rows, form)
    assert result.refused["reason"].tolist() == ["bad_date"] * 4
    assert result.rows["birth_date"].tolist() == ["1985-03-07"]
    lasting = '<table:table-cell office:value-type="time" office:time-value="PT36H05M00S"><text:p>36:05</text:p>'
    table = ods(ods_row(ods_cell("id"), ods_cell("name")) + ods_row(ods_cell(1), lasting + "</table:table-cell>"))
    assert names(extracted(tmp_path, table, path="a.ods")) == ["36:05:00"]


@pytest.mark.parametrize(
    ("written", "text"),
    [("PT36H05M00.25S", "36:05:00.250000"), ("-PT30H00M01S", "-30:00:01"), ("PT24H00M00.000S", "24:00:00")],
)
def test_durations_of_an_ods_below_zero_and_of_parts_of_a_second(tmp_path: Path, written: str, text: str) -> None:
    lasting = f'<table:table-cell office:value-type="time" office:time-value="{written}"><text:p>x</text:p>'
    table = ods(ods_row(ods_cell("id"), ods_cell("name")) + ods_row(ods_cell(1), lasting + "</table:table-cell>"))
    assert names(extracted(tmp_path, table, path="a.ods")) == [text]


def test_a_duration_keeps_the_parts_of_its_last_second(tmp_path: Path) -> None:
    lasting = dt.timedelta(hours=36, milliseconds=250)
    table = xlsx([["id", "name"], [1, lasting]], lambda sheet: setattr(sheet["B2"], "number_format", "[h]:mm:ss.00"))
    assert names(extracted(tmp_path, table)) == ["36:00:00.250000"]


def test_a_bad_workbook_stops_the_command_with_2_and_loads_nothing(tmp_path: Path) -> None:
    (tmp_path / "migration.yaml").write_text(
        "name: move\nsources:\n"
        "  - {name: old, connector: excel, path: a.xlsx, sheet: data, key: id, fields: {name: name}}\n",
        encoding="utf-8",
    )
    (tmp_path / "a.xlsx").write_bytes(encrypted(xlsx(TABLE)))
    answer = CliRunner().invoke(main, ["-C", str(tmp_path), "run"])
    assert answer.exit_code == 2, answer.output
    assert "protected by a password" in answer.output
    assert "Traceback" not in answer.output
    assert not (tmp_path / "crm.sqlite").exists()
    assert msoffcrypto.OfficeFile((tmp_path / "a.xlsx").open("rb")).is_encrypted()
