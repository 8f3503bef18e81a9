"""What is known of a sheet before it is parsed: the same however its XML is written, and nothing is lost."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.excel import ExcelConnector
from connectors.sheetscan import SheetScan, at, place
from connectors.workbook import Workbook, open_workbook
from crm_etl.faults import SourceFault
from tests.connectors.reading import Read, read_all
from tests.connectors.workbooks import MAIN, by_hand, ods, ods_cell, ods_row, with_parts, xlsb, xlsx


def opened(folder: Path, data: bytes, path: str = "a.xlsx") -> Workbook:
    (folder / path).write_bytes(data)
    return open_workbook(folder / path, path)


def read(folder: Path, data: bytes, path: str = "a.xlsx", **options: Any) -> Read:
    (folder / path).write_bytes(data)
    return read_all(ExcelConnector(root=folder, key=("id",), path=path, **options))


ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="inlineStr"><is><t>v</t></is></c></row>'
    '<row r="2"><c r="A2"><v>1</v></c><c r="B2" s="0"/></row>'
    '<row r="4"><c r="A4"><v>2</v></c><c r="B4" t="e"><v>#N/A</v></c></row>'
    '<row r="5"><c r="A5"><v>3</v></c><c r="B5"><f>A1</f></c></row>'
)
WAYS = {
    "other quotes": lambda text: text.replace('"', "'"),
    "attributes turned": lambda text: text.replace('<c r="B4" t="e">', '<c t="e" r="B4">'),
    "white space": lambda text: text.replace("<c r=", "<c\n  r="),
    "a comment": lambda text: "<!-- <row r='1'><c r='Z9'><v>1</v></c></row> -->" + text,
    "no row numbers": lambda text: text.replace('<row r="2">', "<row>"),
    "no references": lambda text: text.replace('<c r="A2">', "<c>").replace('<c r="B4" t="e">', '<c t="e">'),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_sheet_is_the_same_however_it_is_written(tmp_path: Path, way: str) -> None:
    usual = opened(tmp_path, by_hand(ROWS)).scan("data")
    other = by_hand(WAYS[way](ROWS))
    scan = opened(tmp_path, other).scan("data")
    assert (scan.last_row, scan.last_column, scan.cells) == (5, 2, 7)
    assert (scan.errors, scan.uncached) == ({at(4, 2)}, {at(5, 2)})
    assert (usual.errors, usual.uncached, usual.cells) == (scan.errors, scan.uncached, scan.cells)
    whole = read(tmp_path, other)
    assert whole.cells == [["1", ""]]
    assert [(row.reason, row.origin.line) for row in whole.refused] == [
        ("formula_error", 4),
        ("formula_not_computed", 5),
    ]


def test_a_sheet_with_a_prefix_in_another_encoding(tmp_path: Path) -> None:
    rows = ROWS
    for tag in ("row", "c", "v", "is", "t", "f"):
        for mark in (f"<{tag} ", f"<{tag}>", f"</{tag}>"):
            rows = rows.replace(mark, mark.replace("<", "<x:").replace("<x:/", "</x:"))
    root = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
    assert read(tmp_path, by_hand("", root)).cells == [["1", ""]]
    wide = f'<?xml version="1.0" encoding="UTF-16"?>{root}'.encode("utf-16")
    with pytest.raises(SourceFault, match="cells that cannot be read"):
        read(tmp_path, with_parts(by_hand(""), {"xl/worksheets/sheet1.xml": wide}))


def test_cells_without_a_value_below_the_table_warn(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(by_hand(ROWS + '<row r="9"><c r="A9"><v></v></c></row>'))
    connector = ExcelConnector(root=tmp_path, key=("id",), path="a.xlsx")
    assert read_all(connector).lines == [2]
    assert connector.warnings == ["cells without a value stand below the last row that has one, to row 9"]


def test_cells_without_references_follow_on(tmp_path: Path) -> None:
    rows = (
        "<row><c t='inlineStr'><is><t>id</t></is></c><c t='inlineStr'><is><t>v</t></is></c></row>"
        "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row><row><c s='0'/><c><v>4</v></c></row>"
    )
    cells = read(tmp_path, by_hand(rows)).cells
    assert [[cell or "" for cell in row] for row in cells] == [["1", "2"], ["3", ""], ["", "4"]]


def test_rows_of_nothing_but_formulas_never_computed_are_not_lost(tmp_path: Path) -> None:
    whole = read(tmp_path, xlsx([["id", "v"], [1, 2], ["=A2+1", "=B2"], [], ["=A3"]]))
    assert [row.origin.line for row in whole.refused] == [3, 5]
    assert whole.cells == [["1", "2"]]
    assert [row.rule for row in whole.excluded] == ["blank_row"]


def test_dates_below_zero_are_not_taken_for_midnight(tmp_path: Path) -> None:
    def form(sheet: Any) -> None:
        for row, number in ((2, -5), (3, 0.5)):
            sheet.cell(row, 2, number).number_format = "hh:mm"
        sheet["B4"].number_format = "hh:mm"

    whole = read(tmp_path, xlsx([["id", "v"], [1, 0], [2, 0], [3, dt.time()]], form))
    assert whole.cells == [["2", "12:00:00"], ["3", "00:00:00"]]
    assert [row.reason for row in whole.refused] == ["unsure_date"]


def test_repeated_cells_of_open_document_are_all_there(tmp_path: Path) -> None:
    rows = ods_row(ods_cell("id"), ods_cell("v"), ods_cell("w"))
    rows += ods_row(ods_cell(1), ods_cell("x", 'table:number-columns-repeated="2"'), times=2)
    rows += ods_row(ods_cell(None, 'table:number-columns-repeated="3"'), times=3) + ods_row(ods_cell(2))
    whole = read(tmp_path, ods(rows), "a.ods")
    assert whole.cells == [["1", "x", "x"], ["1", "x", "x"], ["2", "", ""]]
    assert whole.lines == [2, 3, 7]
    assert [row.origin.line for row in whole.excluded] == [4, 5, 6]
    scan = opened(tmp_path, ods(rows), "a.ods").scan("data")
    assert (scan.last_row, scan.last_column, scan.cells) == (7, 3, 10)


def test_notes_and_covered_cells_of_open_document(tmp_path: Path) -> None:
    noted = (
        '<table:table-cell office:value-type="string"><office:annotation><text:p>a note</text:p></office:annotation>'
        "<text:p>value</text:p></table:table-cell>"
    )
    rows = ods_row(ods_cell("id"), ods_cell("v")) + ods_row(ods_cell(1), noted)
    rows += ods_row(ods_cell("3"), ods_cell("hidden value", tag="table:covered-table-cell"))
    assert read(tmp_path, ods(rows), "a.ods").cells == [["1", "value"], ["3", "hidden value"]]


def test_positions() -> None:
    assert [place(at(*cell)) for cell in ((1, 1), (1_048_576, 16_384), (7, 1))] == [(1, 1), (1_048_576, 16_384), (7, 1)]
    scan = SheetScan(errors={at(number, 1) for number in range(1, 20)})
    assert len(scan.errors) == 19


VALUES = st.one_of(
    st.none(),
    st.text(st.characters(min_codepoint=32, max_codepoint=0xD7FF), max_size=8),
    st.integers(-(10**16), 10**16),
    st.floats(-1e12, 1e12, allow_nan=False).map(lambda number: float(f"{number:.12g}")),
    st.booleans(),
    st.datetimes(dt.datetime(1905, 1, 1), dt.datetime(2100, 1, 1)).map(lambda moment: moment.replace(microsecond=0)),
    st.sampled_from(["=A1", "#REF!", "Total", " ", "007", "1e5", "TRUE"]),
)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.lists(VALUES, min_size=3, max_size=3), min_size=1, max_size=12),
    merges=st.lists(st.tuples(st.integers(2, 13), st.integers(1, 3), st.integers(0, 2), st.integers(0, 2)), max_size=2),
)
def test_every_value_that_openpyxl_sees_is_read_refused_or_excluded(
    rows: list[list[Any]], merges: list[tuple[int, int, int, int]]
) -> None:
    """An independent reader of the same file: each of its rows with a value ends in exactly one place, whole."""

    def edit(sheet: Any) -> None:
        taken: set[tuple[int, int]] = set()
        for top, left, down, right in merges:
            cells = {(top + r, min(left + c, 3)) for r in range(down + 1) for c in range(right + 1)}
            if len(cells) > 1 and not cells & taken:
                taken |= cells
                sheet.merge_cells(start_row=top, start_column=left, end_row=top + down, end_column=min(left + right, 3))

    # The last row is sound, and stands below all that was drawn.
    data = xlsx([["id", "b", "c"], *rows, *([] for _ in range(20 - len(rows))), ["end", 1, 2]], edit)
    seen = openpyxl.load_workbook(io.BytesIO(data))["data"]
    with tempfile.TemporaryDirectory() as folder:
        whole = read(Path(folder), data, total_row="total")
    accepted = dict(zip(whole.lines, whole.cells, strict=True))
    aside = {row.origin.line: list(row.cells.values()) for row in (*whole.refused, *whole.excluded)}
    assert not accepted.keys() & aside.keys()
    numbers = [*accepted, *aside]
    assert sorted(numbers) == list(range(2, 23))
    blank = {row.origin.line for row in whole.excluded if row.rule == "blank_row"}
    for line, row in enumerate(seen.iter_rows(min_row=2, values_only=True), 2):
        values = [value for value in row if value is not None and str(value).strip()]
        if line in blank:
            assert values == []
        for value, cell in zip(row, accepted.get(line, []), strict=False):
            assert same(value, cell), (value, cell)


def same(value: Any, cell: str | None) -> bool:
    """Whether ``cell`` means what openpyxl read; formulas and errors are never accepted."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return not (cell or "").strip()
    if isinstance(value, bool):
        return cell == ("true" if value else "false")
    if isinstance(value, (int, float)):
        return cell is not None and "e" not in cell and float(cell) == float(f"{value:.15g}")
    if isinstance(value, dt.datetime):
        return cell is not None and abs(dt.datetime.fromisoformat(cell) - value) < dt.timedelta(seconds=1)
    return cell == value and not value.startswith("=")


@settings(max_examples=150, deadline=None)
@given(data=st.data(), kind=st.sampled_from(["a.xlsx", "a.xlsb", "a.ods"]))
def test_damage_anywhere_is_a_fault_or_does_no_harm(data: st.DataObject, kind: str) -> None:
    """Bytes changed within the parts of a package, which is made whole again: no crash, no hang, nothing doubled."""
    table: list[list[Any]] = [["id", "v"], *([number, f"n{number % 3}"] for number in range(20))]
    makers = {"a.xlsx": xlsx, "a.xlsb": xlsb, "a.ods": _ods}
    part = {"a.xlsx": "xl/worksheets/sheet1.xml", "a.xlsb": "xl/worksheets/sheet1.bin", "a.ods": "content.xml"}[kind]
    whole = makers[kind](table)
    held = bytearray(_part(whole, part))
    for _ in range(data.draw(st.integers(1, 4))):
        place_of = data.draw(st.integers(0, len(held) - 1))
        held[place_of] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = read(Path(folder), with_parts(whole, {part: bytes(held)}), kind)
        except SourceFault:
            return
    lines = [*found.lines, *(row.origin.line for row in (*found.refused, *found.excluded))]
    assert len(lines) == len(set(lines))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]))
def test_any_bytes_are_refused(data: bytes, magic: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.raises(SourceFault):
        read(Path(folder), magic + data)


def _ods(rows: list[list[Any]]) -> bytes:
    return ods("".join(ods_row(*map(ods_cell, row)) for row in rows))


def _part(data: bytes, name: str) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name)
