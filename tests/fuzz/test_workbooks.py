"""Workbooks of every kind with any cells, and damaged ones: no crash, no hang, no cell lost, moved or doubled."""

from __future__ import annotations

import datetime as dt
import io
import re
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
from hypothesis import strategies as st

from tests.connectors.reading import Read
from tests.connectors.workbooks import ods_table, xls_table, xlsb
from tests.fuzz.reading import check_account, read
from tests.fuzz.rounds import fuzz

_SOUND, _DAMAGED = 80, 200
#: Of the sound workbooks at least this part must be read with marks in it, or the fuzzer looks at nothing.
_FLOOR = 0.5
_ROWS, _COLUMNS = 8, 5
_NAMES = ["id", *(f"column {number}" for number in range(1, _COLUMNS))]
_MARK = re.compile(r"mark \d+ \d+")
_PLAIN = st.one_of(
    st.none(),
    st.integers(-(10**17), 10**17),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([" ", "\u200f", "007", "1e5", "_x0041_", "<&>", "a\tb"]),
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn"), max_codepoint=0xFFFF), max_size=5),
)
_RICH = st.one_of(
    _PLAIN,
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.timedeltas(min_value=dt.timedelta(0), max_value=dt.timedelta(days=900)),
    st.sampled_from(["=A1", "=1/0", "#REF!", "#N/A"]),
)


@dataclass
class Book:
    """A workbook, the marks in it by sheet row and column, and whether it was damaged afterwards."""

    path: str
    data: bytes
    marks: dict[tuple[int, int], str]


@st.composite
def books(draw: st.DrawFn, path: str) -> Book:
    """A sound workbook of the kind that ``path`` says."""
    marks: dict[tuple[int, int], str] = {}
    rows: list[Sequence[Any]] = [_NAMES]
    for line in range(2, 3 + draw(st.integers(0, _ROWS))):
        cells = [draw(_RICH if path == "a.xlsx" else _PLAIN) for _ in range(_COLUMNS)]
        for column in range(1, _COLUMNS + 1):
            if draw(st.integers(0, 3)) == 0:
                cells[column - 1] = marks[line, column] = f"mark {line} {column}"
        rows.append(cells)
    merged = draw(_areas()) if path == "a.xlsx" and draw(st.integers(0, 4)) == 0 else None
    if merged is not None:
        # What stood below the first of the merged cells is gone from the file itself.
        top, left, bottom, right = merged
        covered = {(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)}
        marks = {place: mark for place, mark in marks.items() if place not in covered or place == (top, left)}
    return Book(path, _xlsx(rows, merged) if path == "a.xlsx" else _MAKERS[path](rows), marks)


@st.composite
def _areas(draw: st.DrawFn) -> tuple[int, int, int, int]:
    top, left = draw(st.integers(2, _ROWS)), draw(st.integers(1, _COLUMNS))
    return top, left, draw(st.integers(top, _ROWS)), draw(st.integers(left, _COLUMNS))


def _xlsx(rows: Sequence[Sequence[Any]], merged: tuple[int, int, int, int] | None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "data"
    for line, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            _write(sheet.cell(line, column), value)
    if merged is not None:
        top, left, bottom, right = merged
        sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(cell: Any, value: Any) -> None:
    try:
        cell.value = value
    except (ValueError, openpyxl.utils.exceptions.IllegalCharacterError):
        return
    if isinstance(value, str) and value.startswith("#"):
        cell.data_type = "e"


def _ods(rows: Sequence[Sequence[Any]]) -> bytes:
    return ods_table([[escape(cell) if isinstance(cell, str) else cell for cell in row] for row in rows])


_MAKERS: dict[str, Callable[[Sequence[Sequence[Any]]], bytes]] = {"a.xls": xls_table, "a.xlsb": xlsb, "a.ods": _ods}
_KINDS = ("a.xlsx", *_MAKERS)


@st.composite
def damaged(draw: st.DrawFn, path: str) -> Book:
    """A workbook of which some bytes, or some of one of its parts, were replaced or cut off."""
    data = draw(books(path)).data
    if path == "a.xls" or draw(st.integers(0, 3)) == 0:
        return Book(path, draw(_torn(data)), {})
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as whole, zipfile.ZipFile(out, "w") as copy:
        torn = draw(st.sampled_from(whole.namelist()))
        for name in whole.namelist():
            part = whole.read(name)
            copy.writestr(name, draw(_torn(part)) if name == torn else part)
    return Book(path, out.getvalue(), {})


@st.composite
def _torn(draw: st.DrawFn, data: bytes) -> bytes:
    """Some bytes replaced one for one; or a few put in the place of others, which moves all that follows."""
    held = bytearray(data)
    for _ in range(draw(st.integers(0, 4))):
        held[draw(st.integers(0, len(held) - 1))] = draw(st.integers(0, 255))
    if draw(st.booleans()):
        at = draw(st.integers(0, len(held)))
        held[at : at + draw(st.integers(0, 40))] = draw(st.binary(max_size=8))
    if draw(st.integers(0, 9)) == 0:
        del held[draw(st.integers(0, len(held))) :]
    return bytes(held)


def _found(book: Book) -> tuple[Read, tuple[str, ...]] | None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / book.path).write_bytes(book.data)
        found = read("excel", Path(folder), path=book.path)
    if found is not None:
        check_account(*found)
    return found


def _placed(whole: Read, columns: tuple[str, ...]) -> dict[tuple[int | None, int], str]:
    """The marks that were read, by sheet row and column."""
    rows: list[tuple[int | None, Sequence[str | None]]] = list(zip(whole.lines, whole.cells, strict=True))
    rows += [(row.origin.line, [row.cells[name] for name in columns]) for row in whole.refused]
    return {
        (line, column): cell
        for line, cells in rows
        for column, cell in enumerate(cells, 1)
        if cell is not None and _MARK.fullmatch(cell)
    }


def test_every_mark_stands_where_it_stood() -> None:
    seen = {kind: [0, 0] for kind in _KINDS}

    def work(book: Book) -> None:
        seen[book.path][0] += 1
        found = _found(book)
        if not book.marks:
            return
        assert found is not None
        assert found[1] == tuple(_NAMES)
        assert _placed(*found) == book.marks
        seen[book.path][1] += 1

    for kind in _KINDS:
        fuzz(books(kind), work, _SOUND // len(_KINDS))
    assert all(read_whole >= _FLOOR * drawn > 0 for drawn, read_whole in seen.values()), seen


def test_damaged_workbooks_are_a_fault_or_do_no_harm() -> None:
    faults = {kind: [0, 0] for kind in _KINDS}

    def work(book: Book) -> None:
        faults[book.path][_found(book) is None] += 1

    for kind in _KINDS:
        fuzz(damaged(kind), work, _DAMAGED // len(_KINDS))
    assert all(whole > 0 and refused > 0 for whole, refused in faults.values()), faults
