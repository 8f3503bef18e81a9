"""Declared encodings held against the bytes, piece by piece."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.encoding import SecondEncoding, codec, encoding_fault, is_single_byte, judge_single_byte
from crm_etl.faults import DeclarationNeeded, EncodingFault, Fault, Where

WHERE = Where("a.csv")
LINES = st.lists(
    st.sampled_from([b"", b"abc", "Пётр".encode("cp1251"), "Пётр".encode(), "Сергей Иванов".encode(), "Я".encode()]),
    max_size=12,
)


def told(data: bytes, sizes: list[int] | None) -> str | None:
    """What is said of the data as a whole (no ``sizes``), or while it is read in pieces of these sizes."""

    @contextmanager
    def opened() -> Iterator[io.BytesIO]:
        yield io.BytesIO(data)

    try:
        if sizes is None:
            judge_single_byte(opened, "cp1251", WHERE)
            return None
        second, at = SecondEncoding(opened, "cp1251", WHERE), 0
        while at < len(data):
            size = sizes[at % len(sizes)]
            second.look(data[at : at + size])
            at += size
        second.look(b"")
    except Fault as fault:
        return f"{type(fault).__name__} {fault}"
    return None


@given(LINES, st.sampled_from([b"\n", b"\r\n", b"\r"]), st.lists(st.integers(1, 9), min_size=1))
def test_a_second_encoding_is_seen_however_the_file_is_cut(lines: list[bytes], end: bytes, sizes: list[int]) -> None:
    data = end.join(lines)
    assert told(data, sizes) == told(data, None)


def test_what_is_said_of_a_second_encoding() -> None:
    one, two = "Пётр".encode("cp1251"), "Сергей".encode()
    assert told(one + b"\n" + one, None) is None
    assert str(told(two + b"\n" + two, None)).startswith("DeclarationNeeded declared cp1251, yet all 2 lines")
    assert "row 2" in str(told(one + b"\r" + two + b"\r\n" + two, None))


@pytest.mark.parametrize(("lines", "row"), [(b"a\nb\r\nc\rd", 4), (b"", 1), (b"\r\n" * 600_000, 600_001)])
def test_invalid_bytes_stand_on_a_physical_line(lines: bytes, row: int) -> None:
    @contextmanager
    def opened() -> Iterator[io.BytesIO]:
        yield io.BytesIO(lines + b"\xff")

    fault = encoding_fault(opened, "utf-8-sig", WHERE)
    assert isinstance(fault, EncodingFault)
    assert fault.where is not None
    assert fault.where.row == row
    assert f"offset {len(lines)}" in fault.what


@pytest.mark.parametrize("name", ["cp-1251-x", "rot13", "hex", "idna", "unicode_escape", "utf-7", "a\0b", ""])
def test_names_that_are_no_character_set(name: str) -> None:
    with pytest.raises(DeclarationNeeded, match="unknown encoding"):
        codec(name, WHERE)


@pytest.mark.parametrize(
    ("name", "single"),
    [("cp1251", True), ("mac-cyrillic", True), ("koi8-u", True), ("utf-8", False), ("utf-16", False), ("cp037", False)],
)
def test_single_byte_encodings(name: str, single: bool) -> None:
    assert is_single_byte(codec(name, WHERE)) is single
