"""Delimited files of every kind of brokenness: no crash, no hang, and no mark that was written is lost in silence."""

from __future__ import annotations

import gzip
import tempfile
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


def test_delimited_files() -> None:
    assert fuzz(deliveries(), _work, _EXAMPLES) >= 1


def test_anything_that_calls_itself_delimited() -> None:
    def work(data: bytes) -> None:
        _work((data, "utf-8", []))

    assert fuzz(st.binary(max_size=200), work, _EXAMPLES) >= 1
