"""Delimited files: what is read, what is refused, and what stops the source."""

from __future__ import annotations

import gzip
import hashlib
import io
import struct
import zipfile
from pathlib import Path

import pytest

from connectors.base import Delivery, deliveries
from connectors.csv import CsvConnector
from crm_etl.faults import DeclarationNeeded, EncodingFault, Fault, LayoutFault, SourceFault
from tests.connectors.reading import Read, read_all


def opened(folder: Path, data: str | bytes, encoding: str = "utf-8", **options: object) -> CsvConnector:
    raw = data if isinstance(data, bytes) else data.encode(encoding)
    (folder / "a.csv").write_bytes(raw)
    return CsvConnector(root=folder, key=("id",), path="a.csv", encoding=encoding, **options)  # type: ignore[arg-type]


def read(folder: Path, data: str | bytes, encoding: str = "utf-8", **options: object) -> Read:
    return read_all(opened(folder, data, encoding, **options))


def fault(folder: Path, kind: type[Fault], data: str | bytes, encoding: str = "utf-8", **options: object) -> Fault:
    with pytest.raises(kind) as caught:
        read(folder, data, encoding, **options)
    assert type(caught.value) is kind
    assert caught.value.remedy
    return caught.value


def test_physical_and_logical_numbers_differ_after_a_cell_of_two_lines(tmp_path: Path) -> None:
    batch = read(tmp_path, 'id,name\r\n1,"a\nb"\n2,c\r3,d')
    assert batch.cells == [["1", "a\nb"], ["2", "c"], ["3", "d"]]
    assert (batch.lines, batch.rows) == ([2, 4, 5], [1, 2, 3])


def test_header_row_below_titles(tmp_path: Path) -> None:
    batch = read(tmp_path, 'Export "2020"\n\nid;name\n1;a\n', header_row=3, delimiter=";")
    assert (batch.cells, batch.lines, batch.rows) == ([["1", "a"]], [4], [1])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1251", "cp1256", "cp866", "koi8-r"])
def test_declared_encodings(tmp_path: Path, encoding: str) -> None:
    name = "رضا" if encoding == "cp1256" else "Пётр"
    connector = opened(tmp_path, f"\n id ,name\n1,{name}\n", encoding, header_row=2)
    assert connector.columns == ("id", "name")
    assert read_all(connector).cells == [["1", name]]


def test_byte_order_mark_of_a_file_declared_utf_8(tmp_path: Path) -> None:
    assert opened(tmp_path, b"\xef\xbb\xbfid,name\n1,a\n").columns == ("id", "name")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "gb18030"])
@pytest.mark.parametrize("marks", ["\ufeff", "\ufeff\ufeff"])
def test_order_marks_before_a_quote(tmp_path: Path, encoding: str, marks: str) -> None:
    connector = opened(tmp_path, f'{marks}"id","name"\n"1",a\n', encoding)
    assert connector.columns == ("id", "name")
    assert read_all(connector).cells == [["1", "a"]]
    named = opened(tmp_path, f'{marks}"1","a"\n', encoding, columns=("id", "name"))
    assert read_all(named).cells == [["1", "a"]]


@pytest.mark.parametrize("rows", [1, 30_000])
@pytest.mark.parametrize("header", ["id,name", '\ufeff"id","name"', " id , name\u00a0", '"id",name'])
def test_files_that_were_put_together(tmp_path: Path, header: str, rows: int) -> None:
    """By ``cat``, or as members of a gzip file: the names of the second stand among the rows."""
    first = "id,name\n" + "".join(f"{number},{'x' * 50}\n" for number in range(rows))
    for join in (lambda *parts: b"".join(parts), lambda *parts: b"".join(map(gzip.compress, parts))):
        whole = read(tmp_path, join(first.encode(), f'{header}\n\ufeff"x",b\nid,c\n'.encode()))
        assert len(whole.cells) == rows + 2
        assert whole.cells[-2:] == [["x", "b"], ["id", "c"]]
        assert [(row.rule, row.origin.line, row.origin.row) for row in whole.excluded] == [
            ("repeated_header", rows + 2, rows + 1)
        ]
        assert not whole.refused


def test_columns_that_are_counted_have_no_repeated_header(tmp_path: Path) -> None:
    assert read(tmp_path, "1,2,3\n1,2,3\n").cells == [["1", "2", "3"]]


def test_declared_names_that_the_first_row_holds_are_no_repeated_header(tmp_path: Path) -> None:
    said = fault(tmp_path, LayoutFault, "id,name\n1,a\n", columns=("id", "name"))
    assert "it is a header" in said.what
    assert read(tmp_path, "1,a\nid,name\n", columns=("id", "name")).cells == [["1", "a"]]


@pytest.mark.parametrize("row", ["1,a,b", "1"])
def test_ragged_rows_are_refused_whole(tmp_path: Path, row: str) -> None:
    batch = read(tmp_path, f"id,name\n0,z\n{row}\n")
    assert batch.cells == [["0", "z"]]
    (refused,) = batch.refused
    assert (refused.reason, refused.origin.line, refused.origin.row) == ("ragged_row", 3, 2)
    assert list(refused.cells.values()) == row.split(",")


def test_broken_quotes_refuse_their_row_and_keep_its_text(tmp_path: Path) -> None:
    batch = read(tmp_path, 'id,name\n1,"a"b\n2,c\n')
    assert batch.cells == [["2", "c"]]
    assert batch.refused[0].reason == "bad_quote"
    assert batch.refused[0].cells == {"#row": '1,"a"b'}


def test_quotes_inside_an_unquoted_cell_are_text(tmp_path: Path) -> None:
    assert read(tmp_path, 'id,name\n1,ООО "Х"\n').cells == [["1", 'ООО "Х"']]


def test_unclosed_quote_names_the_line_where_it_opened(tmp_path: Path) -> None:
    found = fault(tmp_path, SourceFault, 'id,name\n1,"a\nb"\n2,"c\n3,d\n4,e\n')
    assert found.where is not None
    assert found.where.row == 4


def test_unclosed_quote_in_a_long_file_stops_at_the_cell_limit(tmp_path: Path) -> None:
    found = fault(tmp_path, SourceFault, 'id,name\n1,"a\n' + "2,b\n" * 100_000)
    assert found.where is not None
    assert found.where.row == 2


def test_blank_lines_are_excluded(tmp_path: Path) -> None:
    batch = read(tmp_path, "id,name\n\n1,a\n , \n,\n")
    assert len(batch.cells) == 1
    assert [(row.rule, row.origin.line) for row in batch.excluded] == [("blank_row", n) for n in (2, 4, 5)]


@pytest.mark.parametrize("data", ["", "id,name\n", "id,name\n\n\n"])
def test_no_data_rows(tmp_path: Path, data: str) -> None:
    assert "no data rows" in fault(tmp_path, SourceFault, data).what


@pytest.mark.parametrize("bad_line", [2, 40_000])
def test_invalid_bytes_name_line_and_offset(tmp_path: Path, bad_line: int) -> None:
    before = "".join(f"{n},Пётр\n" if n else "id,name\n" for n in range(bad_line - 1)).encode()
    found = fault(tmp_path, EncodingFault, before + b"9,\xcf\xf2\n" + b"1,b\n" * 9)
    assert found.where is not None
    assert found.where.row == bad_line
    assert f"offset {len(before) + 2}" in found.what


def test_two_encodings_in_a_single_byte_file(tmp_path: Path) -> None:
    data = "id,name\n1,Иванов\n".encode("cp1251") + "2,Петров\n".encode()
    found = fault(tmp_path, EncodingFault, data, "cp1251")
    assert found.where is not None
    assert found.where.row == 3


def test_utf_8_declared_as_cp1251(tmp_path: Path) -> None:
    assert "utf-8" in str(fault(tmp_path, DeclarationNeeded, "id,name\n1,Иванов\n".encode(), "cp1251"))


def test_unknown_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id\n1\n")
    with pytest.raises(DeclarationNeeded, match="unknown encoding"):
        CsvConnector(root=tmp_path, key=("id",), path="a.csv", encoding="cp-1251-x")


def test_wrong_delimiter_shows_structure_and_no_content(tmp_path: Path) -> None:
    found = fault(tmp_path, DeclarationNeeded, "id;name\n17;Петров\n")
    assert "99;a" in str(found)
    assert "';'" in str(found)
    assert "Петров" not in str(found)


@pytest.mark.parametrize("header", ["id,name,id", "id,,name", "id, \ufeff ,name", "id,name\x00"])
def test_unusable_headers(tmp_path: Path, header: str) -> None:
    fault(tmp_path, LayoutFault, f"{header}\n1,2,3\n")


@pytest.mark.parametrize(
    ("data", "kind", "word"),
    [
        (b"PK\x03\x04....", SourceFault, "truncated"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", DeclarationNeeded, "xls"),
        (b"<html><table>", DeclarationNeeded, "HTML"),
        (b"-- MySQL dump 10\n", SourceFault, "MySQL"),
        (b"CREATE TABLE `a` (x)\n", SourceFault, "MySQL"),
        (b"USE [crm]\nGO\n", SourceFault, "SQL Server"),
        (b"SQLite format 3\x00", DeclarationNeeded, "SQLite"),
    ],
)
def test_files_that_are_something_else(tmp_path: Path, data: bytes, kind: type[Fault], word: str) -> None:
    assert word in str(fault(tmp_path, kind, data))


def test_missing_file_and_folder(tmp_path: Path) -> None:
    (tmp_path / "dir").mkdir()
    for path in ("none.csv", "dir"):
        with pytest.raises(SourceFault) as caught:
            CsvConnector(root=tmp_path, key=(), path=path, encoding="utf-8")
        assert "Traceback" not in str(caught.value)


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    connector = opened(tmp_path, "id,name\n" + "1,a\n" * 50_000)
    batches = connector.batches()
    next(batches)
    with (tmp_path / "a.csv").open("a") as handle:
        handle.write("2,b\n")
    with pytest.raises(SourceFault, match="changed while"):
        list(batches)


def test_delivery_holds_hash_and_size(tmp_path: Path) -> None:
    delivery = opened(tmp_path, "id,name\n1,a\n").delivery()
    assert delivery.bytes == 12
    assert delivery.sha256 is not None
    assert len(delivery.sha256) == 64


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251"])
def test_a_line_beyond_all_measure_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr("connectors.delimited.blocks.MAX_LINE", 1 << 10)
    (tmp_path / "a.csv").write_bytes(b"id,name\n1,a\n" + b"2,b;" * 1000)
    connector = CsvConnector(root=tmp_path, key=("id",), path="a.csv", encoding=encoding)
    with pytest.raises(SourceFault, match="a line of more than") as caught:
        list(connector.batches())
    assert caught.value.where is not None
    assert caught.value.where.row == 3


def test_a_reading_can_be_left_at_any_time_and_begun_again(tmp_path: Path) -> None:
    connector = opened(tmp_path, "id,name\n" + "1,abcdefgh\n" * 400_000)
    batches = connector.batches()
    first = next(batches)
    batches.close()
    assert next(connector.batches()) == first
    assert sum(batch.size for batch in connector.batches()) == 400_000


def test_a_packed_file_is_delivered_with_the_hash_of_its_own_bytes(tmp_path: Path) -> None:
    data = gzip.compress(b"id,name\n1,a\n")
    connector = opened(tmp_path, data)
    assert read_all(connector).cells == [["1", "a"]]
    assert connector.delivery() == Delivery("a.csv", hashlib.sha256(data).hexdigest(), len(data))


def zipped(method: int = zipfile.ZIP_DEFLATED, name: str = "a.csv") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr(name, b"id,name\n" + b"1,2\n" * 500)
    return out.getvalue()


def with_bytes(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


WHOLE = zipped()
DAMAGED = {
    "a piece of the middle is gone": WHOLE[:4] + zipped(zipfile.ZIP_STORED)[1000:],
    "the directory points before the beginning": with_bytes(
        WHOLE, WHOLE.rfind(b"PK\x05\x06") + 16, struct.pack("<I", len(WHOLE) + 50)
    ),
    "the packed bytes are no LZMA": with_bytes(zipped(zipfile.ZIP_LZMA), 55, b"\xff\xff\xff"),
    "the packed bytes are no bzip2": with_bytes(zipped(zipfile.ZIP_BZIP2), 55, b"\xff\xff\xff"),
    "a name is not the UTF-8 that it says": zipped(name="имя.csv").replace("имя".encode(), "имя".encode("cp1251") * 2),
    "the end of a gzip file is gone": gzip.compress(b"id,name\n" + b"1,2\n" * 500)[:-9],
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_damaged_archives(tmp_path: Path, data: bytes) -> None:
    assert "truncated or damaged" in fault(tmp_path, SourceFault, data).what


def test_several_files_are_delivered_one_by_one_and_together(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / f"a{number}.csv").write_text(f"id,name\n{number},a\n", encoding="utf-8")
    connector = CsvConnector(root=tmp_path, key=("id",), path="a?.csv", encoding="utf-8")
    assert [batch.file for batch in connector.batches()] == ["a1.csv", "a2.csv"]
    one, two = deliveries(connector)
    assert (one.file, two.file) == ("a1.csv", "a2.csv")
    assert one.sha256 != two.sha256
    whole = connector.delivery()
    assert (whole.file, whole.bytes) == ("a?.csv", 24)
    assert whole.sha256 not in (None, one.sha256, two.sha256)


@pytest.mark.parametrize("where", [3, 60_000])
def test_the_header_may_stand_anywhere(tmp_path: Path, where: int) -> None:
    above = '"open quote and more text\n' * (where - 1)
    batch = read(tmp_path, f"{above}id,name\n1,a\n", header_row=where)
    assert (batch.cells, batch.lines, batch.rows) == ([["1", "a"]], [where + 1], [1])
    assert "no column names" in fault(tmp_path, SourceFault, above, header_row=where).what
