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
UTF_8 = ["Пётр", "Сергей Иванов", "Я", "№ Ян", "Ия", "Оля", "日本語文"]
CP1251 = ["", "abc", "Пётр", "1;№", "В", "В «а»;"]
LINES = st.lists(
    st.sampled_from(
        [
            *(line.encode() for line in UTF_8),
            *(line.encode("cp1251") for line in CP1251),
            "Пётр;".encode("cp1251") + "Сергей".encode(),
        ]
    ),
    max_size=12,
)


def told(data: bytes, sizes: list[int] | None, encoding: str = "cp1251") -> str | None:
    """What is said of the data as a whole (no ``sizes``), or while it is read in pieces of these sizes."""

    @contextmanager
    def opened() -> Iterator[io.BytesIO]:
        yield io.BytesIO(data)

    try:
        if sizes is None:
            judge_single_byte(opened, encoding, WHERE)
            return None
        second, at = SecondEncoding(opened, encoding, WHERE), 0
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


SHORT = ["Оля", "Ян", "Ю", "رضا", "بم", "é", "№ Ян"]


@pytest.mark.parametrize("name", SHORT)
@pytest.mark.parametrize("declared", ["cp1251", "cp1252", "cp1256", "cp866", "koi8-r", "mac-cyrillic"])
def test_short_lines_of_utf_8(name: str, declared: str) -> None:
    """Each could be chance; all together are none."""
    data = b"id,name\n" + b"".join(f"{number},{name}\n".encode() for number in range(1, 6))
    said = str(told(data, None, declared))
    assert f"declared {declared}, yet all 5 lines" in said
    assert "row 2" in said
    assert told(data, [7], declared) == said


def test_one_short_line_of_utf_8_among_others() -> None:
    data = b"id,name\n" + "1,Пётр\n2,Анна\n".encode("cp1251") + "3,Оля\n".encode()
    said = str(told(data, [5]))
    assert said.startswith("EncodingFault two encodings in one file: 1 line ")
    assert "row 4" in said


def test_the_shortest_lines_of_utf_8_among_others_are_believed_where_they_differ() -> None:
    data = "1,Пётр\n".encode("cp1251") + "2,Ян\n2,Ян\n".encode()
    assert told(data, [5]) is None
    said = str(told(data + "3,Ия\n".encode(), [5]))
    assert said.startswith("EncodingFault two encodings in one file: 3 lines")
    assert "row 2" in said


def test_two_encodings_in_one_line() -> None:
    data = b"id,name\n" + "1,Пётр\n2,Анна,".encode("cp1251") + "Сидоренко\n".encode()
    said = str(told(data, [5]))
    assert said.startswith("EncodingFault two encodings in one file: 1 line ")
    assert "row 3" in said


RUSSIAN = """Съешь же ещё этих мягких французских булок, да выпей чаю. Её «СССР» — №1; рак там так сам он её
ЁЖ ВЁЛ ЕЁ; С–Р, «В» «Р», «С» Ё Я» В— № ООО «Роза» р/с № 12 Рёва сёстры РСФСР СССР Р. С. Т. ЁРР С\u00a0Р\u00a0 моё
Ґанок її ВІ ЇЇ Ті Єва Ві так тип сад том рад год в/ч «А–Я» А–Б–В–Г–Д 5° ½ ±§"""
PERSIAN = """سگ تک رگ برگ خاک پاک شک؟ «رضا»، گچ چای ژاله ریک تهران، خیابان ولی‌عصر پلاک ۱۲ شرط، خط؛ ط، ظ؟ بک اک دک
محمد گل محمدی پور ترک اشک کوچک نزدیک""".translate(str.maketrans("یک۱۲", "يک12"))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *[(RUSSIAN, name) for name in ("cp1251", "cp866", "koi8-r", "koi8-u", "mac-cyrillic")],
        *[(RUSSIAN.upper(), name) for name in ("cp1251", "cp866", "koi8-r", "koi8-u", "mac-cyrillic")],
        (PERSIAN, "cp1256"),
        ("Müller José Søren «été» Ðorđe Ñuñoa Ø Ù ÃO São João Øystein ÐÑ", "cp1252"),
    ],
)
def test_sound_texts_are_no_utf_8(text: str, encoding: str) -> None:
    """A word a line, each word alone in its file too, however often."""
    words = text.split()
    held = [raw for word in words if (raw := word.encode(encoding, "ignore"))]
    assert len(held) > 0.8 * len(words)
    assert told(b"\n".join(held), [4], encoding) is None
    assert told(b" ".join(held), None, encoding) is None
    assert [raw for raw in held if told((raw + b"\n") * 9, None, encoding) is not None] == []


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
