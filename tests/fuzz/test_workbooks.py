"""Workbooks with any cells, and workbooks whose parts were damaged: no crash, no hang, no mark lost in silence."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
from hypothesis import strategies as st

from tests.fuzz.reading import check_account, read, text_of
from tests.fuzz.rounds import fuzz

_EXAMPLES = 40
_ROWS, _COLUMNS = 8, 5
_CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**17), 10**17),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.datetimes(),
    st.timedeltas(min_value=dt.timedelta(0), max_value=dt.timedelta(days=900)),
    st.sampled_from(["=A1", "=1/0", "#REF!", "#N/A", " ", "\u200f", "007", "1e5", "_x0041_"]),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=5),
)
_PARTS = ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml", "[Content_Types].xml")


@st.composite
def books(draw: st.DrawFn) -> tuple[bytes, list[str]]:
    """A workbook and the marks that stand in it; none where it was damaged afterwards."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "data"
    sheet.append(["id", *(f"column {number}" for number in range(1, _COLUMNS))])
    marks = []
    for row in range(2, 2 + draw(st.integers(0, _ROWS))):
        for column in range(1, _COLUMNS + 1):
            if draw(st.integers(0, 3)) == 0:
                marks.append(f"m{row}x{column}k")
                sheet.cell(row, column, marks[-1])
            else:
                _write(sheet.cell(row, column), draw(_CELLS))
    if draw(st.integers(0, 4)) == 0:
        marks = [] if _merge(draw, sheet) else marks
    out = io.BytesIO()
    book.save(out)
    if draw(st.integers(0, 2)) == 0:
        return _damaged(draw, out.getvalue()), []
    return out.getvalue(), marks


def _write(cell: Any, value: Any) -> None:
    try:
        cell.value = value
    except (ValueError, openpyxl.utils.exceptions.IllegalCharacterError):
        return
    if isinstance(value, str) and value.startswith("#"):
        cell.data_type = "e"


def _merge(draw: st.DrawFn, sheet: Any) -> bool:
    """Merges some cells: what stood below the first of them is gone from the file itself."""
    top, left = draw(st.integers(1, _ROWS)), draw(st.integers(1, _COLUMNS))
    bottom, right = draw(st.integers(top, _ROWS)), draw(st.integers(left, _COLUMNS))
    sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    return (top, left) != (bottom, right)


def _damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """The archive with some bytes of it, or of one of its parts, replaced or cut off."""
    if draw(st.booleans()):
        at = draw(st.integers(0, len(data) - 1))
        return data[:at] + draw(st.binary(max_size=3)) + (data[at + 3 :] if draw(st.booleans()) else b"")
    part, out = draw(st.sampled_from(_PARTS)), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as whole, zipfile.ZipFile(out, "w") as copy:
        for name in whole.namelist():
            text = whole.read(name)
            if name == part:
                at = draw(st.integers(0, len(text)))
                text = text[:at] + draw(st.binary(max_size=8)) + text[at + draw(st.integers(0, 40)) :]
            copy.writestr(name, text)
    return out.getvalue()


def _work(example: tuple[bytes, list[str]]) -> None:
    data, marks = example
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.xlsx").write_bytes(data)
        found = read("excel", Path(folder), path="a.xlsx", sheet="data")
    if found is None:
        return
    check_account(*found)
    held = text_of(*found)
    assert all(mark in held for mark in marks)


def test_workbooks() -> None:
    assert fuzz(books(), _work, _EXAMPLES) >= 1
