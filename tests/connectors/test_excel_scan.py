"""What is known of a sheet before it is parsed: the same however its XML is written, and nothing is lost."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import re
import struct
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.excel import ExcelConnector
from connectors.sheetscan import SheetScan, at, place
from connectors.sheetxml import _Fast, _Slow, _Unusual
from connectors.workbook import Workbook, open_workbook
from crm_etl.faults import SourceFault, Where
from tests.connectors.reading import Read, read_all
from tests.connectors.workbooks import MAIN, by_hand, ods, ods_cell, ods_row, ods_table, with_parts, xlsb, xlsx


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


HEAD = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c><c r="B1" t="inlineStr"><is><t>v</t></is></c></row>'
    '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><v>7</v></c></row>'
)
#: A sheet that goes through the XML parser, and one that need not.
ROADS = {"usual": "", "a comment": "<!-- -->"}
UNREAD = {
    "value of an inline text": '<c r="B3" t="inlineStr"><v>5</v></c>',
    "text and value": '<c r="B3" t="inlineStr"><is><t>x</t></is><v>5</v></c>',
    "CDATA": '<c r="B3"><v>12<![CDATA[34]]></v></c>',
    "CDATA of a text": '<c r="B3" t="inlineStr"><is><t>a<![CDATA[b]]></t></is></c>',
    "a comment in a value": '<c r="B3"><v>12<!-- x -->34</v></c>',
    "an instruction in a value": '<c r="B3"><v>12<?x y?>34</v></c>',
    "an element in a value": '<c r="B3"><v>12<x/>34</v></c>',
}


@pytest.mark.parametrize("road", ["usual", "a comment"])
@pytest.mark.parametrize("cell", UNREAD)
def test_a_value_that_the_parser_does_not_give_whole_is_refused(tmp_path: Path, cell: str, road: str) -> None:
    rows = f'{HEAD}{ROADS[road]}<row r="3"><c r="A3"><v>2</v></c>{UNREAD[cell]}</row>'
    whole = read(tmp_path, by_hand(rows))
    assert whole.cells == [["1", "7"]]
    assert [(row.reason, row.origin.line, row.column) for row in whole.refused] == [("unread_cell", 3, "v")]
    assert "cell B3" in whole.refused[0].message


def test_a_last_row_that_the_parser_does_not_give_at_all_is_refused(tmp_path: Path) -> None:
    rows = f'{HEAD}<row r="5"><c r="B5" t="inlineStr"><v>5</v></c></row>'
    whole = read(tmp_path, by_hand(rows))
    assert [(row.reason, row.origin.line) for row in whole.refused] == [("unread_cell", 5)]
    assert [row.origin.line for row in whole.excluded] == [3, 4]


def test_a_name_that_the_parser_does_not_give_stops_the_reading(tmp_path: Path) -> None:
    rows = HEAD.replace("<is><t>v</t></is>", "<v>v</v>").replace("<v>7</v>", "")
    with pytest.raises(SourceFault, match="name in cell B1"):
        read(tmp_path, by_hand(rows))


@pytest.mark.parametrize("road", ["usual", "a comment"])
def test_a_second_table_of_cells_is_not_lost(tmp_path: Path, road: str) -> None:
    second = '<sheetData><row r="3"><c r="A3"><v>2</v></c></row></sheetData>'
    root = f'<worksheet xmlns="{MAIN}">{ROADS[road]}<sheetData>{HEAD}</sheetData>{second}</worksheet>'
    with pytest.raises(SourceFault, match="damaged"):
        read(tmp_path, by_hand("", root))


@pytest.mark.parametrize(
    ("cell", "shared"),
    [
        ('t="s"><v>0</v>', "<si><t/></si>"),
        ('t="s"><v>1</v>', "<si><t>x</t></si><si/>"),
        ('t="s"><v>0</v>', '<si><t xml:space="preserve"></t></si>'),
        ('t="s"><v>0</v>', "<si><t></t><rPh><t>read</t></rPh></si>"),
        ('t="inlineStr"><is><t></t></is>', None),
        ('t="inlineStr"><is><t/></is>', None),
        ('t="inlineStr"><is><r><t></t></r></is>', None),
        ('t="str"><v></v>', None),
        ("><v/>", None),
    ],
)
def test_blanks_written_as_values_are_blanks(tmp_path: Path, cell: str, shared: str | None) -> None:
    rows = f'{HEAD}<row r="3"><c r="A3"><v>2</v></c><c r="B3" {cell}</c></row>'
    whole = read(tmp_path, by_hand(rows, shared=shared))
    assert ([[cell or "" for cell in row] for row in whole.cells], whole.refused) == ([["1", "7"], ["2", ""]], [])


def test_shared_texts_in_cdata_are_refused(tmp_path: Path) -> None:
    rows = f'{HEAD}<row r="3"><c r="A3"><v>2</v></c><c r="B3" t="s"><v>0</v></c></row>'
    with pytest.raises(SourceFault, match="damaged"):
        read(tmp_path, by_hand(rows, shared="<si><t>a<![CDATA[b]]></t></si>"))


@pytest.mark.parametrize("stored", ["", "<v></v>", "<v/>", '<v xml:space="preserve"></v>'])
@pytest.mark.parametrize("kind", ['t="b"', 't="n"', ""])
def test_formulas_without_a_stored_value_are_refused(tmp_path: Path, kind: str, stored: str) -> None:
    rows = f'{HEAD}<row r="3"><c r="A3"><v>2</v></c><c r="B3" {kind}><f>A1=1</f>{stored}</c></row>'
    assert [row.reason for row in read(tmp_path, by_hand(rows)).refused] == ["formula_not_computed"]


_TYPES = ("n", "s", "str", "b", "e", "inlineStr")
_KINDS = ["", ' s="1"', ' t="b" s="1"', *(f' t="{kind}"' for kind in _TYPES)]
_FORMULAS = ("", "<f>A1</f>", '<f t="shared" si="0"/>', "<f/>")
_STORED = ("", "<v>1</v>", "<v>0</v>", "<v></v>", "<v/>", "<v> </v>", '<v xml:space="preserve"></v>', "<v >0</v>")
_INLINE = ("", "<is><t>x</t></is>", "<is><t/></is>", "<is><t> </t></is>", "<is><r><t>x</t></r><r><t>y</t></r></is>")


@settings(max_examples=150, deadline=None)
@given(
    cells=st.lists(
        st.tuples(
            st.sampled_from(_KINDS), st.sampled_from(_FORMULAS), st.sampled_from(_STORED), st.sampled_from(_INLINE)
        ),
        max_size=9,
    ),
    never_computed=st.booleans(),
)
def test_both_roads_see_the_same(cells: list[tuple[str, str, str, str]], never_computed: bool) -> None:
    """However cells are put together: what the regular expressions find, the XML parser finds too."""
    rows = ""
    for number in range(0, len(cells), 3):
        line = 3 + number
        part = cells[number : number + 3]
        drawn = "".join(
            f'<c r="{"ABC"[place]}{line}"{cell[0]}>{"".join(cell[1:])}</c>' for place, cell in enumerate(part)
        )
        rows += f'<row r="{line}">{drawn}</row>'
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{HEAD}{rows}</sheetData></worksheet>'.encode()
    where, blanks = Where("a.xlsx"), bytearray([0, 1])
    slow = _Slow(where, never_computed, blanks).scan(iter([sheet]))
    try:
        fast = _Fast(where, never_computed, blanks).scan(iter([sheet]))
    except _Unusual:
        assert "<v " in rows or "<is>" in rows
        return
    for name in ("errors", "uncached", "unread", "last_row"):
        assert getattr(fast, name) == getattr(slow, name), name


def test_white_space_in_cells_of_open_document_is_kept(tmp_path: Path) -> None:
    texts = {
        "a<text:line-break/>b": "a\nb",
        "a<text:tab/>b": "a\tb",
        'a<text:s text:c="2"/>b<text:span>c<text:line-break/>d</text:span>': "a  bc\nd",
        "a</text:p><text:p>b<text:tab/>": "a\nb\t",
        "<text:ruby><text:ruby-base>a</text:ruby-base><text:ruby-text>spoken</text:ruby-text></text:ruby>": "a",
        "<draw:frame><draw:text-box><text:p>drawn</text:p></draw:text-box></draw:frame>a": "a",
        "a<![CDATA[b]]>": "ab",
        "<text:date>1.1.2020</text:date>": "1.1.2020",
    }
    rows = "".join(ods_row(ods_cell(text), ods_cell(str(number))) for number, text in enumerate(texts))
    drawn = 'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
    rows = rows.replace("<draw:frame>", f"<draw:frame {drawn}>")
    whole = read(tmp_path, ods(ods_row(ods_cell("v"), ods_cell("id")) + rows), "a.ods")
    assert [row[0] for row in whole.cells] == list(texts.values())


@pytest.mark.parametrize(
    ("cell", "held"),
    [
        ((2, struct.pack("<I", 5 << 2 | 2), 0), "5"),
        ((4, b"\1", 0), "true"),
        ((6, struct.pack("<I", 1) + b"a\0", 0), "a"),
        ((6, struct.pack("<I", 0), 0), ""),
        ((8, struct.pack("<I", 1) + b"a\0" + b"\0" * 10, 0), "a"),
        ((8, struct.pack("<I", 0) + b"\0" * 10, 0), ""),
        ((10, b"\1" + b"\0" * 10, 0), "true"),
        ((62, b"\0" + struct.pack("<I", 1) + b"a\0", 0), None),
    ],
)
def test_cells_of_xlsb_are_read_or_refused(tmp_path: Path, cell: tuple[int, bytes, int], held: str | None) -> None:
    whole = read(tmp_path, xlsb([["id", "v"], [1, cell], [2, "x"]]), "a.xlsb")
    assert whole.cells == ([] if held is None else [["1", held]]) + [["2", "x"]]
    assert [row.reason for row in whole.refused] == ([] if held is not None else ["unread_cell"])


def test_what_repeats_repeats_with_its_breaks(tmp_path: Path) -> None:
    cell = ods_cell("a<text:line-break/>b", 'table:number-columns-repeated="2"')
    data = ods(ods_row(ods_cell("id"), ods_cell("v")) + ods_row(cell, times=3))
    assert read(tmp_path, data, "a.ods").cells == [["a\nb", "a\nb"]] * 3


def test_a_break_in_a_name_of_open_document(tmp_path: Path) -> None:
    data = ods(ods_row(ods_cell("id"), ods_cell("first<text:line-break/>name")) + ods_row(ods_cell(1), ods_cell("a")))
    (tmp_path / "a.ods").write_bytes(data)
    assert ExcelConnector(root=tmp_path, key=("id",), path="a.ods").columns == ("id", "first name")


@pytest.mark.parametrize(
    "cell",
    [
        "<table:table-cell><text:p>no type</text:p></table:table-cell>",
        '<table:table-cell office:value-type="float"><text:p>5</text:p></table:table-cell>',
    ],
)
def test_cells_of_open_document_without_a_type_or_a_value_are_refused(tmp_path: Path, cell: str) -> None:
    rows = ods_row(ods_cell("id"), ods_cell("v")) + ods_row(ods_cell(1), cell) + ods_row(ods_cell(2), ods_cell("b"))
    whole = read(tmp_path, ods(rows), "a.ods")
    assert whole.cells == [["2", "b"]]
    assert [(row.reason, row.column) for row in whole.refused] == [("unread_cell", "v")]


def test_a_table_within_a_cell_is_refused(tmp_path: Path) -> None:
    inner = f"<table:table-cell><table:table>{ods_row(ods_cell('hidden'))}</table:table></table:table-cell>"
    rows = ods_row(ods_cell("id"), ods_cell("v")) + ods_row(ods_cell(1), inner)
    with pytest.raises(SourceFault, match="damaged"):
        read(tmp_path, ods(rows), "a.ods")


@pytest.mark.parametrize("way", ["usual", "quotes", "prefix"])
def test_dates_before_the_calendar_begins_are_no_times(tmp_path: Path, way: str) -> None:
    def form(sheet: Any) -> None:
        for row, number in ((2, -5), (3, -1.5), (4, 0.5), (5, 40000)):
            sheet.cell(row, 2, number).number_format = "dd.mm.yyyy"

    data = written(xlsx([["id", "v"], [1, 0], [2, 0], [3, 0], [4, 0]], form), way)
    whole = read(tmp_path, data)
    assert whole.cells == [["3", "12:00:00"], ["4", "2009-07-06"]]
    assert [row.reason for row in whole.refused] == ["unsure_date"] * 2


def test_a_date_before_the_calendar_begins_fills_no_merged_cell(tmp_path: Path) -> None:
    def form(sheet: Any) -> None:
        sheet["B2"].number_format = "dd.mm.yyyy"
        sheet.merge_cells("B2:B3")

    whole = read(tmp_path, xlsx([["id", "v"], [1, -1.5], [2, None], [3, 4]], form), fill_merged=True)
    assert whole.cells == [["3", "4"]]
    assert [row.reason for row in whole.refused] == ["unsure_date"] * 2


@pytest.mark.parametrize("way", ["usual", "quotes", "prefix"])
def test_zeros_are_shown_of_numbers_only(tmp_path: Path, way: str) -> None:
    def form(sheet: Any) -> None:
        for row in range(2, 5):
            sheet.cell(row, 1).number_format = "00000"
        sheet.merge_cells("A3:A4")

    data = written(xlsx([["id", "v"], ["123", "x"], [45, "y"], [None, "z"]], form), way)
    whole = read(tmp_path, data, shown_zeros=("id",), fill_merged=True)
    assert whole.cells == [["123", "x"], ["00045", "y"], ["00045", "z"]]


def written(data: bytes, way: str) -> bytes:
    """The workbook with its sheet's XML written in another way."""
    sheet = _part(data, "xl/worksheets/sheet1.xml").decode()
    if way == "quotes":
        sheet = sheet.replace('"', "'")
    if way == "prefix":
        sheet = re.sub(r"<(/?)(?!\?)(\w)", r"<\1x:\2", sheet).replace("xmlns=", "xmlns:x=")
    return with_parts(data, {"xl/worksheets/sheet1.xml": sheet.encode()})


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
    makers = {"a.xlsx": xlsx, "a.xlsb": xlsb, "a.ods": ods_table}
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


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_damage_to_packed_parts_is_a_fault_however_they_are_packed(tmp_path: Path, method: int) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx([["id"], [1]]))) as old, zipfile.ZipFile(made, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        parts = [(part.header_offset, part.compress_size, len(part.filename)) for part in new.infolist()]
    for offset, size, name_size in parts:
        data = bytearray(made.getvalue())
        begin = offset + 30 + name_size
        data[begin + size // 3 : begin + size // 2] = b"\xff" * (size // 2 - size // 3)
        with contextlib.suppress(SourceFault):
            read(tmp_path, bytes(data))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]))
def test_any_bytes_are_refused(data: bytes, magic: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.raises(SourceFault):
        read(Path(folder), magic + data)


def _part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name)
