"""DBF files and their memos with bytes of them replaced or cut off: refused, or read with every record in its place."""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path

from hypothesis import strategies as st

from tests.connectors.test_dbf import ID, Field, dbf_bytes
from tests.fuzz.reading import check_account, read
from tests.fuzz.rounds import fuzz

_EXAMPLES = 200
#: Every type, with its bytes.
_FIELDS: list[tuple[Field, int, bytes]] = [
    (ID, 0, b"    1"),
    (("A", "C", 6, 0), 2, b"abc   "),
    (("V", "V", 6, 0), 2, b"ab\0\0\0\x02"),
    (("N", "N", 8, 2), 2, b"   10.50"),
    (("F", "F", 8, 2), 2, b"-1.5e+02"),
    (("D", "D", 8, 0), 2, b"20240101"),
    (("L", "L", 1, 0), 2, b"T"),
    (("I", "I", 4, 0), 2, struct.pack("<i", -7)),
    (("B", "B", 8, 2), 2, struct.pack("<d", 0.1)),
    (("Y", "Y", 8, 4), 2, struct.pack("<q", 105000)),
    (("T", "T", 8, 0), 2, struct.pack("<ii", 2460311, 1000)),
    (("M", "M", 4, 0), 2, struct.pack("<i", 8)),
    (("_NullFlags", "0", 2, 0), 5, b"\x02\0"),
    (("_NullFlags", "0", 1, 0), 5, b"\x02"),
]
_MEMO = bytes(6) + b"\0\x40" + bytes(504) + struct.pack(">II", 1, 4) + b"note" + bytes(60)


@st.composite
def tables(draw: st.DrawFn) -> tuple[bytes, bytes, bool]:
    """A table and its memo file, damaged, each in a few bytes; whether the table is sound all the same."""
    chosen = [_FIELDS[0], *(field for field in _FIELDS[1:] if draw(st.booleans()))]
    record = b" " + b"".join(cell for _, _, cell in chosen)
    content = dbf_bytes(
        [field for field, _, _ in chosen],
        [record] * draw(st.integers(1, 4)),
        version=draw(st.sampled_from([0x03, 0x30, 0x32, 0x8B, 0xF5])),
        flags=[mark for _, mark, _ in chosen],
    )
    table = _damaged(draw, content)
    return table, _damaged(draw, _MEMO), table == content and chosen[-1] != _FIELDS[-1]


def _damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    content = bytearray(whole)
    for _ in range(draw(st.integers(0, 4))):
        content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    return bytes(content[: draw(st.integers(1, len(content)))] if draw(st.integers(0, 4)) == 0 else content)


def _work(example: tuple[bytes, bytes, bool]) -> None:
    table, memo, sound = example
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.dbf").write_bytes(table)
        for suffix in (".fpt", ".dbt"):
            (Path(folder) / f"a{suffix}").write_bytes(memo)
        found = read("dbf", Path(folder), path="a.dbf", encoding="cp866")
    if found is None:
        assert not sound
        return
    whole, columns = found
    check_account(whole, columns)
    count = struct.unpack_from("<I", table, 4)[0]
    assert len(whole.cells) + len(whole.refused) + len(whole.excluded) == count


def test_damaged_tables() -> None:
    assert fuzz(tables(), _work, _EXAMPLES) >= 1
