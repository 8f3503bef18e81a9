"""DBF files: every type exactly, memos, deleted records, and what a damaged or a cut file gets."""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import dbf
import pytest

from connectors.dbf import DbfConnector
from crm_etl.faults import DeclarationNeeded, EncodingFault, LayoutFault, SourceFault
from tests.connectors.reading import Read, read_all

Field = tuple[str, str, int, int]


def dbf_bytes(
    fields: Sequence[Field],
    records: Sequence[bytes],
    *,
    version: int = 0x03,
    language: int = 0,
    count: int | None = None,
    flags: Sequence[int] = (),
    end: bytes = b"\x1a",
) -> bytes:
    """A DBF file, byte by byte. ``fields``: name, type, length, decimals; ``flags``: their marks."""
    width = 1 + sum(length for _, _, length, _ in fields)
    head = 32 + 32 * len(fields) + 1 + (263 if version == 0x30 else 0)
    out = struct.pack("<B3BIHH", version, 24, 1, 2, len(records) if count is None else count, head, width)
    out += bytes(17) + bytes([language]) + bytes(2)
    marks = [*flags, *[0] * (len(fields) - len(flags))]
    for (name, kind, length, decimals), mark in zip(fields, marks, strict=True):
        out += name.encode("cp866").ljust(11, b"\0") + kind.encode() + bytes(4)
        out += bytes([length, decimals, mark]) + bytes(13)
    out += b"\r" + (bytes(263) if version == 0x30 else b"")
    assert all(len(record) == width for record in records)
    return out + b"".join(records) + end


ID: Field = ("ID", "N", 5, 0)


def one(tmp_path: Path, field: Field, cells: Sequence[bytes], **options: object) -> Read:
    """A file with a key and one column, as it is read."""
    records = [f" {number:5}".encode() + cell for number, cell in enumerate(cells, 1)]
    (tmp_path / "a.dbf").write_bytes(dbf_bytes([ID, field], records, **options))  # type: ignore[arg-type]
    return read_all(opened(tmp_path))


def opened(tmp_path: Path, encoding: str | None = "cp866", **options: object) -> DbfConnector:
    return DbfConnector(root=tmp_path, key=("ID",), path="a.dbf", encoding=encoding, **options)  # type: ignore[arg-type]


def texts(read: Read) -> list[str | None]:
    return [row[1] for row in read.cells]


def reasons(read: Read) -> list[tuple[int, str | None, str, str | None]]:
    return [(row.origin.row, row.column, row.reason, row.cells["A"]) for row in read.refused]


def test_texts_in_their_code_page(tmp_path: Path) -> None:
    cells = [text.encode("cp866").ljust(8) for text in ("Пётр", " ab", "", "x")]
    assert texts(one(tmp_path, ("A", "C", 8, 0), [*cells, b"y\0\0\0\0\0\0\0"])) == ["Пётр", " ab", None, "x", "y"]


def test_numbers_are_the_digits_of_the_file(tmp_path: Path) -> None:
    cells = [
        "     10.50",
        "68.6649999",
        "        -3",
        "0000000007",
        "       .50",
        "      -.50",
        "        +5",
        "          ",
    ]
    read = one(tmp_path, ("A", "N", 10, 2), [cell.encode() for cell in cells])
    assert texts(read) == ["10.50", "68.6649999", "-3", "0000000007", "0.50", "-0.50", "5", None]


def test_numbers_with_exponent(tmp_path: Path) -> None:
    read = one(tmp_path, ("A", "F", 10, 2), [b"   1.5E+03", b"      1e-3"])
    assert texts(read) == ["1500", "0.001"]


def test_numbers_that_are_none(tmp_path: Path) -> None:
    read = one(tmp_path, ("A", "N", 6, 0), [b"******", b"  12,5", b"1 2   ", b"  nan ", b"     8"])
    assert reasons(read) == [
        (1, "A", "number_overflow", "******"),
        (2, "A", "bad_number", "12,5"),
        (3, "A", "bad_number", "1 2"),
        (4, "A", "bad_number", "nan"),
    ]
    assert (texts(read), read.rows) == (["8"], [5])


def test_dates(tmp_path: Path) -> None:
    read = one(tmp_path, ("A", "D", 8, 0), [b"19840321", b"        ", b"00000000", b"20230230", b"2023-1-1"])
    assert texts(read) == ["1984-03-21", None, None]
    assert reasons(read) == [(4, "A", "bad_date", "20230230"), (5, "A", "bad_date", "2023-1-1")]


def test_logical_values(tmp_path: Path) -> None:
    read = one(tmp_path, ("A", "L", 1, 0), [bytes([mark]) for mark in b"TtYyFfNn? \0Z"])
    assert texts(read) == ["true"] * 4 + ["false"] * 4 + [None] * 3
    assert reasons(read) == [(12, "A", "bad_logical", "Z")]


def test_binary_numbers_of_visual_foxpro(tmp_path: Path) -> None:
    fields: list[Field] = [ID, ("I", "I", 4, 0), ("B", "B", 8, 2), ("Y", "Y", 8, 4), ("T", "T", 8, 0)]
    moment = struct.pack("<ii", 2460311, ((3 * 60 + 4) * 60 + 5) * 1000)
    rows = [
        b"     1" + struct.pack("<idq", -7, 0.1, 105000) + moment,
        b"     2" + struct.pack("<idq", 0, 9161234567.0, -1) + bytes(8),
        b"     3" + struct.pack("<idq", 1, float("nan"), 0) + struct.pack("<ii", 2460311, -5),
    ]
    (tmp_path / "a.dbf").write_bytes(dbf_bytes(fields, rows, version=0x30))
    read = read_all(opened(tmp_path))
    assert read.cells == [
        ["1", "-7", "0.1", "10.5000", "2024-01-01T03:04:05"],
        ["2", "0", "9161234567", "-0.0001", None],
    ]
    assert [(row.origin.row, row.column, row.reason) for row in read.refused] == [(3, "B", "bad_number")]


def test_nulls_and_texts_of_variable_length(tmp_path: Path) -> None:
    fields: list[Field] = [ID, ("A", "V", 6, 0), ("N", "I", 4, 0), ("_NullFlags", "0", 1, 0)]
    rows = [
        b"     1" + b"ab\0\0\0\x02" + struct.pack("<i", 5) + b"\x01",
        b"     2" + b"abcdef" + struct.pack("<i", 0) + b"\x04",
        b"     3" + b"\0\0\0\0\0\0" + struct.pack("<i", 0) + b"\x03",
    ]
    (tmp_path / "a.dbf").write_bytes(dbf_bytes(fields, rows, version=0x32, flags=(0, 2, 2, 5)))
    connector = opened(tmp_path)
    assert connector.columns == ("ID", "A", "N")
    assert read_all(connector).cells == [["1", "ab", "5"], ["2", "abcdef", None], ["3", None, "0"]]


def test_blank_binary_cells_are_no_value(tmp_path: Path) -> None:
    """APPEND BLANK leaves blanks in every column, binary ones as well."""
    fields: list[Field] = [ID, ("I", "I", 4, 0), ("B", "B", 8, 2), ("Y", "Y", 8, 4), ("T", "T", 8, 0), ("P", "+", 4, 0)]
    fields.append(("M", "M", 4, 0))
    rows = [b"     1" + b" " * 36, b"     2" + struct.pack("<idqiiii", 3, 0.5, 5, 0, 0, 4, 0)]
    (tmp_path / "a.dbf").write_bytes(dbf_bytes(fields, rows, version=0x30))
    (tmp_path / "a.fpt").write_bytes(bytes(1024))
    read = read_all(opened(tmp_path))
    assert read.cells == [["1", None, None, None, None, None, None], ["2", "3", "0.5", "0.0005", None, "4", None]]
    assert not read.refused


def test_null_flags_that_are_too_few(tmp_path: Path) -> None:
    """Nine columns that may be null need two bytes of flags."""
    nullable: list[Field] = [(f"N{number}", "C", 1, 0) for number in range(9)]
    fields: list[Field] = [ID, *nullable, ("_NullFlags", "0", 1, 0)]
    (tmp_path / "a.dbf").write_bytes(dbf_bytes(fields, [b"     1abcdefghi\0"], version=0x30, flags=(0, *[2] * 9, 5)))
    with pytest.raises(SourceFault, match="damaged: it has 9 null flags, its records have room for 8"):
        opened(tmp_path)


def test_deleted_records_are_counted_and_left_out(tmp_path: Path) -> None:
    records = [b" " + b"    1", b"*" + b"    2", b" " + b"    3", b"!" + b"    4"]
    (tmp_path / "a.dbf").write_bytes(dbf_bytes([ID], records))
    read = read_all(opened(tmp_path))
    assert (read.cells, read.rows) == ([["1"], ["3"]], [1, 3])
    assert [(row.rule, row.origin.row) for row in read.excluded] == [("deleted_record", 2)]
    assert [(row.reason, row.origin.row) for row in read.refused] == [("broken_record", 4)]


def test_only_deleted_records(tmp_path: Path) -> None:
    (tmp_path / "a.dbf").write_bytes(dbf_bytes([ID], [b"*    1", b"*    2"]))
    with pytest.raises(SourceFault, match="all 2 records are deleted"):
        read_all(opened(tmp_path))


def test_no_records(tmp_path: Path) -> None:
    (tmp_path / "a.dbf").write_bytes(dbf_bytes([ID], []))
    with pytest.raises(SourceFault, match="no data rows"):
        read_all(opened(tmp_path))


@pytest.mark.parametrize(("count", "end"), [(3, b"\x1a"), (3, b""), (1, b"\x1a"), (0, b""), (4_000_000_000, b"\x1a")])
def test_counts_that_do_not_agree(tmp_path: Path, count: int, end: bytes) -> None:
    (tmp_path / "a.dbf").write_bytes(dbf_bytes([ID], [b"     1", b"     2"], count=count, end=end))
    with pytest.raises(SourceFault, match=f"holds 2 records, its head counts {count}"):
        opened(tmp_path)


def test_what_stands_behind_the_mark_of_the_end(tmp_path: Path) -> None:
    (tmp_path / "a.dbf").write_bytes(dbf_bytes([ID], [b"     1"], end=b"\x1a" + b"rubbish of an older, longer file"))
    assert read_all(opened(tmp_path)).cells == [["1"]]


@pytest.mark.parametrize("size", [10, 40, 64, 90])
def test_file_cut_in_its_head(tmp_path: Path, size: int) -> None:
    whole = dbf_bytes([ID, ("A", "C", 8, 0)], [b"     1" + b"x" * 8])
    (tmp_path / "a.dbf").write_bytes(whole[:size])
    with pytest.raises(SourceFault):
        opened(tmp_path)


def test_type_that_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "a.dbf").write_bytes(dbf_bytes([ID, ("A", "X", 1, 0)], [b"     1 "]))
    with pytest.raises(LayoutFault, match="column 'A' has a type that is not known: 'X'"):
        opened(tmp_path)


@pytest.mark.parametrize(("language", "proposed"), [(0xC9, "encoding: cp1251"), (0x26, "encoding: cp866"), (0, "none")])
def test_code_page_is_to_be_declared(tmp_path: Path, language: int, proposed: str) -> None:
    (tmp_path / "a.dbf").write_bytes(dbf_bytes([ID], [b"     1"], language=language))
    with pytest.raises(DeclarationNeeded, match=proposed):
        opened(tmp_path, None)


def test_declared_code_page_against_that_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.dbf").write_bytes(dbf_bytes([ID], [b"     1"], language=0xC9))
    assert opened(tmp_path, "windows-1251").warnings == []
    assert opened(tmp_path, "cp866").warnings == ["read as cp866, as declared; the file itself says cp1251"]


def test_bytes_that_the_code_page_does_not_allow(tmp_path: Path) -> None:
    rows = [b"     1" + b"abc ", b"*    2" + b"\x98   ", b"     3" + b"a\x98  "]
    (tmp_path / "a.dbf").write_bytes(dbf_bytes([ID, ("A", "C", 4, 0)], rows))
    with pytest.raises(EncodingFault, match="not cp1251: record 3") as caught:
        read_all(opened(tmp_path, "cp1251"))
    assert caught.value.where is not None
    assert (caught.value.where.row, caught.value.where.column) == (3, "A")


def test_column_names_in_the_code_page(tmp_path: Path) -> None:
    (tmp_path / "a.dbf").write_bytes(dbf_bytes([ID, ("ИМЯ", "C", 2, 0)], [b"     1" + b"ab"]))
    assert opened(tmp_path).columns == ("ID", "ИМЯ")


def test_clipper_texts_longer_than_a_byte_counts(tmp_path: Path) -> None:
    whole = dbf_bytes([ID], [])
    width = 1 + 5 + 300
    entry = b"A".ljust(11, b"\0") + b"C" + bytes(4) + bytes([300 % 256, 300 // 256, 0]) + bytes(13)
    head = struct.pack("<BBBBIHH", 0x03, 24, 1, 2, 1, 97, width) + bytes(20) + whole[32:64] + entry + b"\r"
    (tmp_path / "a.dbf").write_bytes(head + b"     1" + b"z" * 300 + b"\x1a")
    assert read_all(opened(tmp_path)).cells == [["1", "z" * 300]]


def test_file_that_is_something_else(tmp_path: Path) -> None:
    (tmp_path / "a.dbf").write_bytes(b"PK\x03\x04" + bytes(60))
    with pytest.raises(DeclarationNeeded, match="a workbook or an archive"):
        opened(tmp_path)
    (tmp_path / "a.dbf").write_text("id;name\n1;x\n" * 10)
    with pytest.raises(SourceFault, match="not a DBF file"):
        opened(tmp_path)


MEMO: Field = ("A", "M", 10, 0)


def with_memo(tmp_path: Path, version: int, memo: bytes, suffix: str, cells: Sequence[bytes]) -> Read:
    (tmp_path / f"a{suffix}").write_bytes(memo)
    return one(tmp_path, MEMO, cells, version=version)


def test_memos_of_dbase_iii(tmp_path: Path) -> None:
    memo = bytes(512) + "Привет".encode("cp866").ljust(600, b"-") + b"\x1a\x1a".ljust(424, b"\0") + b"short\x1a\x1a"
    cells = [b"         1", b"          ", b"         3", b"         9", b"        x1"]
    read = with_memo(tmp_path, 0x83, memo, ".dbt", cells)
    assert [delivery.file for delivery in opened(tmp_path).deliveries()] == ["a.dbf", "a.dbt"]
    assert texts(read) == ["Привет" + "-" * 594, None, "short"]
    assert reasons(read) == [(4, "A", "broken_memo", None), (5, "A", "broken_memo", "x1")]


def test_memos_of_dbase_iv(tmp_path: Path) -> None:
    head = bytes(20) + struct.pack("<H", 64) + bytes(42)
    memo = head + b"\xff\xff\x08\x00" + struct.pack("<I", 8 + 5) + b"hello" + bytes(51) + b"\0" * 64
    read = with_memo(tmp_path, 0x8B, memo, ".DBT", [b"0000000001", b"         2"])
    assert texts(read) == ["hello"]
    assert reasons(read) == [(2, "A", "broken_memo", None)]


def test_memos_of_foxpro(tmp_path: Path) -> None:
    head = struct.pack(">IHH", 9, 0, 64) + bytes(504)
    text = struct.pack(">II", 1, 6) + "Привет".encode("cp866") + bytes(50)
    picture = struct.pack(">II", 0, 3) + b"\x01\x02\x03" + bytes(53)
    endless = struct.pack(">II", 1, 4_000_000_000) + bytes(56)
    read = with_memo(
        tmp_path, 0xF5, head + text + picture + endless, ".fpt", [b"         8", b"         9", b"        10"]
    )
    assert texts(read) == ["Привет"]
    assert reasons(read) == [(2, "A", "binary_value", "0x010203"), (3, "A", "broken_memo", None)]


def test_memo_file_that_is_missing(tmp_path: Path) -> None:
    records = [b"     1" + b"         1"]
    (tmp_path / "a.dbf").write_bytes(dbf_bytes([ID, MEMO], records, version=0x83))
    with pytest.raises(SourceFault, match=r"the memo file is missing: a\.dbt"):
        opened(tmp_path)
    assert read_all(opened(tmp_path, ignore=("A",))).cells == [["1", None]]


def test_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    records = [f" {number:5}".encode() for number in range(30_000)]
    whole = dbf_bytes([ID], records)
    (tmp_path / "a.dbf").write_bytes(whole)
    batches = opened(tmp_path).batches()
    next(batches)
    (tmp_path / "a.dbf").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceFault, match="changed while it was read"):
        list(batches)


def test_what_the_dbf_library_writes(tmp_path: Path) -> None:
    table = dbf.Table(
        str(tmp_path / "a.dbf"),
        "id N(9,0); name C(20); paid N(12,2); born D; active L; note M; made T; price Y; rate B; size I",
        dbf_type="vfp",
        codepage="cp1251",
    )
    table.open(mode=dbf.READ_WRITE)
    born, made = dt.date(1984, 3, 21), dt.datetime(2024, 2, 29, 23, 59, 58)
    table.append((1, "Пётр", 10.5, born, True, "Заметка " * 100, made, Decimal("1234.5600"), 0.1, -5))
    table.append((2, "", None, None, None, "", None, Decimal("0"), 0.0, 0))
    table.append((3, "gone", 1, born, False, "gone", made, Decimal("1"), 1.0, 1))
    dbf.delete(table[2])
    table.close()
    connector = opened(tmp_path, "cp1251")
    assert connector.columns == ("ID", "NAME", "PAID", "BORN", "ACTIVE", "NOTE", "MADE", "PRICE", "RATE", "SIZE")
    read = read_all(connector)
    note = ("Заметка " * 100).rstrip()
    assert read.cells == [
        ["1", "Пётр", "10.50", "1984-03-21", "true", note, "2024-02-29T23:59:58", "1234.5600", "0.1", "-5"],
        ["2", None, None, None, None, None, None, "0.0000", "0", "0"],
    ]
    assert [row.origin.row for row in read.excluded] == [3]
