"""Delimited files, sound ones and those of every kind of brokenness: no crash, no hang, each cell in its place.

What is sound must be read, exactly. In what is broken every mark that was written must stand in the row whose lines
hold it, accepted or not, or the whole file is refused.
"""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from connectors.base import clean_column
from connectors.delimited import blocks
from tests.connectors.reading import Read
from tests.fuzz.reading import check_account, read, rows_of
from tests.fuzz.rounds import fuzz

_EXAMPLES = 200
_PIECES = st.sampled_from(
    [
        *(",", ",", ",", "\n", "\n", "\r\n", "\r", '"', '"', '""', ";", "\t", " "),
        *("\x00", "\ufeff", "\u2028", "\x0b", "\x85", "id,name\n"),
    ]
)
_TEXTS = st.text(st.characters(exclude_categories=("Cs", "Mn")), max_size=3)
_ENCODINGS = ("utf-8", "utf-16", "cp1251")
_HEADERS = st.sampled_from(["id,name\n", "id,name,note\r\n", 'id,"na\nme"\n', "id\n", "", "\ufeffid,name\n"])
_NAMES = ["id", "na\nme", "note", "x"]
#: The Cyrillic letters of these never make UTF-8 by chance in a single-byte encoding.
_CELLS = st.text(st.sampled_from("abАш«» ,;|\t\"'\r\n\u2028\x85\xa0#1"), max_size=5)


@pytest.fixture(params=[1 << 20, 24], ids=["one block", "many blocks"])
def chunk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one block a file is read strictly, from the second on by the compiled reader."""
    monkeypatch.setattr(blocks, "CHUNK", request.param)


def read_bytes(data: bytes, **options: Any) -> tuple[Read, tuple[str, ...]] | None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.csv").write_bytes(data)
        found = read("csv", Path(folder), path="a.csv", **options)
    if found is not None:
        check_account(*found)
    return found


def line_of(text: str, at: int) -> int:
    """The physical line on which a character stands."""
    before = text[:at]
    return 1 + before.count("\n") + before.count("\r") - before.count("\r\n")


@dataclass
class Table:
    """A sound file: its bytes, how it is declared, and its rows by the line on which they begin."""

    data: bytes
    options: dict[str, Any]
    rows: dict[int, list[str]]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Any cells, written as any exporter may write them."""
    encoding = draw(st.sampled_from((*_ENCODINGS, "utf-8-sig", "utf-16-le")))
    delimiter, quote = draw(st.sampled_from(",;\t|")), draw(st.sampled_from("\"'"))
    end, always = draw(st.sampled_from(["\n", "\r\n", "\r"])), draw(st.booleans())
    width, titles = draw(st.integers(1, 4)), draw(st.integers(0, 2))

    def written(cells: list[str]) -> str:
        marked = [always or not {delimiter, quote, *"\r\n"}.isdisjoint(cell) for cell in cells]
        return delimiter.join(_quoted(cell, quote) if m else cell for cell, m in zip(cells, marked, strict=True))

    some = _CELLS.map(lambda cell: cell.encode(encoding, "ignore").decode(encoding))
    text = f"title{end}" * titles + written(_NAMES[:width]) + end
    rows = {}
    for cells in [*draw(st.lists(st.lists(some, min_size=width, max_size=width), max_size=12)), ["last"] * width]:
        rows[line_of(text, len(text))] = cells
        text += written(cells) + end
    if draw(st.booleans()):
        text = text.removesuffix(end)
    data = text.encode(encoding)
    options = {"encoding": encoding, "delimiter": delimiter, "quote": quote, "header_row": titles + 1}
    return Table(gzip.compress(data) if draw(st.booleans()) else data, options, rows)


def _quoted(cell: str, quote: str) -> str:
    return f"{quote}{cell.replace(quote, quote * 2)}{quote}"


def _is_exact(table: Table) -> None:
    found = read_bytes(table.data, **table.options)
    assert found is not None
    whole, columns = found
    filled = {line: cells for line, cells in table.rows.items() if any(map(str.strip, cells))}
    assert list(columns) == [name.replace("\n", " ") for name in _NAMES[: len(columns)]]
    taken = [[cell or "" for cell in cells] for cells in whole.cells]
    assert dict(zip(whole.lines, taken, strict=True)) == filled
    assert not whole.refused
    assert [row.origin.line for row in whole.excluded] == [line for line in table.rows if line not in filled]
    assert {row.rule for row in whole.excluded} <= {"blank_row"}


@pytest.mark.usefixtures("chunk")
def test_sound_files_are_read_exactly() -> None:
    assert fuzz(tables(), _is_exact, _EXAMPLES) >= 1


@dataclass
class Delivery:
    """Bytes, the encoding that is declared, and the text with the marks that stand in them; none where it was
    damaged afterwards."""

    data: bytes
    encoding: str
    text: str
    marks: list[str]


@st.composite
def deliveries(draw: st.DrawFn) -> Delivery:
    parts, marks = [], []
    for number in range(draw(st.integers(0, 25))):
        if draw(st.booleans()):
            marks.append(f"m{number}k")
            parts.append(marks[-1])
        else:
            parts.append(draw(st.one_of(_PIECES, _TEXTS)))
    text = draw(_HEADERS) + "".join(parts)
    encoding = draw(st.sampled_from(_ENCODINGS))
    data = text.encode(encoding, "replace")
    if draw(st.integers(0, 9)) == 0:
        data, marks = _broken(draw, data), []
    if draw(st.integers(0, 9)) == 0:
        data = gzip.compress(data)
        if draw(st.booleans()):
            data, marks = data[: draw(st.integers(0, len(data)))], []
    return Delivery(data, encoding, text, marks)


def _broken(draw: st.DrawFn, data: bytes) -> bytes:
    """``data`` with a few bytes put in, or with its end cut off."""
    at = draw(st.integers(0, len(data)))
    return data[:at] + draw(st.binary(max_size=4)) + (data[at:] if draw(st.booleans()) else b"")


def _is_in_place(delivery: Delivery) -> None:
    found = read_bytes(delivery.data, encoding=delivery.encoding)
    if found is None:
        return
    whole, columns = found
    rows, text = rows_of(whole), delivery.text
    begins = {line: _begin(text, line) for line in rows}
    accepted = set(whole.lines)
    for mark in delivery.marks:
        at = text.index(mark)
        owner = max((line for line, begin in begins.items() if begin <= at), default=None)
        if owner is None:
            assert any(clean_column(mark) in name for name in columns)
        elif owner in accepted:
            cells = next(csv.reader(io.StringIO(text[begins[owner] :].lstrip("\ufeff"), newline="")))
            assert [mark in (cell or "") for cell in rows[owner]] == [mark in cell for cell in cells]
        else:
            assert any(mark in (cell or "") for cell in rows[owner])


def _begin(text: str, line: int) -> int:
    """Where a physical line begins."""
    lines = io.StringIO(text, newline="")
    return sum(len(next(lines)) for _ in range(line - 1))


@pytest.mark.usefixtures("chunk")
def test_every_mark_stands_in_its_row() -> None:
    assert fuzz(deliveries(), _is_in_place, _EXAMPLES) >= 1


def test_anything_that_calls_itself_delimited() -> None:
    def work(data: bytes) -> None:
        read_bytes(data, encoding="utf-8")

    assert fuzz(st.binary(max_size=200), work, _EXAMPLES) >= 1


_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_ROWS = 50
_PLAIN = b"id,name\n" + b"".join(f"{number},a\n".encode() for number in range(_ROWS))


@st.composite
def archives(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A packed table, and the same with bytes of it replaced, taken out or put in."""
    whole = gzip.compress(_PLAIN, mtime=0) if draw(st.booleans()) else _zipped(draw)
    data = bytearray(whole)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(data) - 1))
        data[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    if draw(st.integers(0, 4)) == 0:
        at = draw(st.integers(4, len(data)))
        del data[at : at + draw(st.integers(0, len(data)))]
    return whole, bytes(data)


def _zipped(draw: st.DrawFn) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", draw(st.sampled_from(_METHODS))) as archive:
        archive.writestr(zipfile.ZipInfo(draw(st.sampled_from(["a.csv", "имя.csv"]))), _PLAIN)
    return out.getvalue()


def _unpack(example: tuple[bytes, bytes]) -> None:
    whole, data = example
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.zip").write_bytes(data)
        found = read("csv", Path(folder), path="a.zip", encoding="utf-8")
    if found is None:
        assert data != whole
        return
    check_account(*found)
    assert len(found[0].cells) == _ROWS


def test_damaged_archives() -> None:
    assert fuzz(archives(), _unpack, _EXAMPLES) >= 1
