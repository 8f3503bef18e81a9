"""Delimited files of every kind of brokenness: no crash, no hang, and no mark that was written is lost in silence."""

from __future__ import annotations

import gzip
import io
import tempfile
import zipfile
from pathlib import Path

from hypothesis import strategies as st

from tests.fuzz.reading import check_account, read, text_of
from tests.fuzz.rounds import fuzz

_EXAMPLES = 200
_PIECES = st.sampled_from(
    [
        ",",
        ",",
        ",",
        "\n",
        "\n",
        "\r\n",
        "\r",
        '"',
        '"',
        '""',
        ";",
        "\t",
        " ",
        "\x00",
        "\ufeff",
        "\u2028",
        "\x0b",
        "\x85",
    ]
)
_ENCODINGS = ("utf-8", "utf-16", "cp1251")


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[bytes, str, list[str]]:
    """Bytes, the encoding that is declared, and the marks that stand in them."""
    parts, marks = [], []
    for number in range(draw(st.integers(0, 25))):
        if draw(st.booleans()):
            mark = f"m{number}k"
            marks.append(mark)
            parts.append(mark)
        else:
            parts.append(draw(st.one_of(_PIECES, st.text(max_size=3))))
    header = draw(st.sampled_from(["id,name\n", "id,name,note\r\n", 'id,"na\nme"\n', "id\n", "", "\ufeffid,name\n"]))
    encoding = draw(st.sampled_from(_ENCODINGS))
    data = (header + "".join(parts)).encode(encoding, "replace")
    if draw(st.integers(0, 9)) == 0:
        data = _broken(draw, data)
        marks = []
    if draw(st.integers(0, 9)) == 0:
        data = gzip.compress(data)
        if draw(st.booleans()):
            data, marks = data[: draw(st.integers(0, len(data)))], []
    return data, encoding, marks


def _broken(draw: st.DrawFn, data: bytes) -> bytes:
    """``data`` with a few bytes put in, or with its end cut off."""
    at = draw(st.integers(0, len(data)))
    return data[:at] + draw(st.binary(max_size=4)) + (data[at:] if draw(st.booleans()) else b"")


def _work(example: tuple[bytes, str, list[str]]) -> None:
    data, encoding, marks = example
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.csv").write_bytes(data)
        found = read("csv", Path(folder), path="a.csv", encoding=encoding)
    if found is None:
        return
    check_account(*found)
    held = text_of(*found)
    assert all(mark in held for mark in marks)


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


def test_delimited_files() -> None:
    assert fuzz(deliveries(), _work, _EXAMPLES) >= 1


def test_anything_that_calls_itself_delimited() -> None:
    def work(data: bytes) -> None:
        _work((data, "utf-8", []))

    assert fuzz(st.binary(max_size=200), work, _EXAMPLES) >= 1
