"""Bad delimited files, case by case: what is refused, quarantined, asked or accepted, and that no row disappears."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from crm_etl.cli import main
from crm_etl.extract import Extracted, extract, open_source
from crm_etl.faults import DeclarationNeeded, EncodingFault, Fault, LayoutFault, SourceFault
from crm_etl.migration import CsvSource
from crm_etl.profile import propose_encoding

ROWS = "id,name\n1,Иванов\n2,Петров\n3,Сидоров\n"


def source(**settings: Any) -> CsvSource:
    base = {"name": "old", "connector": "csv", "path": "a.csv", "encoding": "utf-8", "key": "id"}
    return CsvSource.model_validate({**base, "fields": {"name": "name"}, **settings})


def written(folder: Path, data: str | bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return path


def read(folder: Path, data: str | bytes | None = None, **settings: Any) -> Extracted:
    """What the source delivers, every row of it accounted for."""
    if data is not None:
        written(folder, data)
    found = extract(source(**settings), folder)
    assert found.facts["read"] == len(found.rows) + len(found.refused) + len(found.excluded)
    numbers = sorted([*found.rows["row"], *found.refused["row"], *found.excluded["row"]])
    assert numbers == list(range(1, found.facts["read"] + 1))
    return found


def stopped(folder: Path, data: str | bytes | None = None, **settings: Any) -> Fault:
    """The fault that stops the source: it says what to do, and shows no cell."""
    with pytest.raises(Fault) as caught:
        read(folder, data, **settings)
    fault = caught.value
    assert fault.exit_code == 2
    assert fault.remedy
    for value in ("Иванов", "Петров", "Сидоров"):
        assert value not in str(fault)
    return fault


def commanded(folder: Path, *command: str, **settings: Any) -> Result:
    """A command run on a migration of this one source."""
    entry = {"name": "old", "connector": "csv", "path": "a.csv", "encoding": "utf-8", "key": "id", **settings}
    document = {"name": "case", "sources": [{**entry, "fields": {"name": "name"}}]}
    (folder / "migration.yaml").write_text(json.dumps(document), encoding="utf-8")
    return CliRunner().invoke(main, ["-C", str(folder), *command])


def assert_nothing_loaded(folder: Path, result: Result) -> None:
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    database = folder / "crm.sqlite"
    if database.exists():
        with sqlite3.connect(database) as connection:
            tables = [name for (name,) in connection.execute("select name from sqlite_master where name = 'client'")]
            assert all(connection.execute(f"select count(*) from {table}").fetchone() == (0,) for table in tables)


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


# --- 1: nothing in it


@pytest.mark.parametrize(
    "data", [b"", b"id,name\n", b"id,name", b"id,name\n\n,\n", gzip.compress(b""), zipped({}), b"\xef\xbb\xbf"]
)
def test_case_01_files_without_data_rows_are_refused(tmp_path: Path, data: bytes) -> None:
    assert "no data rows" in str(stopped(tmp_path, data))


def test_case_01_a_header_alone_ends_the_run_with_2(tmp_path: Path) -> None:
    written(tmp_path, "id,name\n")
    result = commanded(tmp_path, "run")
    assert_nothing_loaded(tmp_path, result)
    assert "no data rows" in result.stderr


def test_case_01_one_empty_file_among_several_is_refused_by_name(tmp_path: Path) -> None:
    written(tmp_path, ROWS, "a1.csv")
    written(tmp_path, "id,name\n", "a2.csv")
    fault = stopped(tmp_path, path="a*.csv")
    assert "no data rows" in fault.what
    assert fault.where is not None
    assert fault.where.file == "a2.csv"


# --- 2: names that lie


def workbook() -> bytes:
    book, stream = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["id", "name"])  # type: ignore[union-attr]
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (workbook(), "xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ".xls workbook"),
        (b"<html><body><table><tr><td>id</td></tr></table></body></html>", "HTML"),
        ("<!DOCTYPE html><table>".encode("utf-16"), "HTML"),
        (gzip.compress(b"%PDF-1.7 ..."), "PDF"),
        (zipped({"a.csv": workbook()}), "xlsx"),
    ],
)
def test_case_02_files_that_are_no_text_are_named_for_what_they_are(tmp_path: Path, data: bytes, word: str) -> None:
    fault = stopped(tmp_path, data)
    assert isinstance(fault, DeclarationNeeded)
    assert word in fault.what


def test_case_02_packed_text_is_read_whatever_its_name(tmp_path: Path) -> None:
    plain = read(tmp_path, ROWS)
    for data in (gzip.compress(ROWS.encode()), zipped({"export.txt": ROWS.encode(), "__MACOSX/._export.txt": b"x"})):
        packed = read(tmp_path, data)
        assert packed.rows["raw:name"].tolist() == plain.rows["raw:name"].tolist()
        assert packed.rows["line"].tolist() == [2, 3, 4]
        assert packed.facts["files"][0]["bytes"] == len(data)


def test_case_02_an_archive_of_several_files_asks_which(tmp_path: Path) -> None:
    data = zipped({"clients.csv": ROWS.encode(), "sales.csv": b"x", "readme.txt": b"y"})
    fault = stopped(tmp_path, data)
    assert isinstance(fault, DeclarationNeeded)
    assert all(name in fault.what for name in ("clients.csv", "sales.csv", "readme.txt"))
    assert isinstance(stopped(tmp_path, data, member="*.csv"), DeclarationNeeded)
    assert isinstance(stopped(tmp_path, data, member="none.csv"), DeclarationNeeded)
    assert len(read(tmp_path, data, member="clients.csv").rows) == 3
    assert len(read(tmp_path, data, member="cl*").rows) == 3


def test_case_02_a_protected_archive_says_so(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.csv": ROWS.encode()}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # the flag of both headers that says: encrypted
        data[data.index(mark) + place] |= 1
    assert "password" in stopped(tmp_path, bytes(data)).what


# --- 4, 6: broken and boundless


def noise(rows: int) -> bytes:
    """Rows that do not pack well."""
    lines = (f"{number},{number * 7919 % 1_000_003}{number * 104_729 % 999_983}" for number in range(rows))
    return ("id,name\n" + "\n".join(lines)).encode()


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped({"a.csv": data})], ids=["gz", "zip"])
@pytest.mark.parametrize("kept", [0.3, 0.7, 0.999])
def test_case_04_a_truncated_archive_is_refused(tmp_path: Path, pack: Callable[[bytes], bytes], kept: float) -> None:
    data = pack(noise(20_000))
    assert "truncated" in stopped(tmp_path, data[: int(len(data) * kept)]).what


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped({"a.csv": data})], ids=["gz", "zip"])
def test_case_04_a_damaged_archive_is_refused_and_nothing_loaded(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    data = bytearray(pack(noise(20_000)))
    data[len(data) // 2] ^= 0xFF
    written(tmp_path, bytes(data))
    result = commanded(tmp_path, "run")
    assert_nothing_loaded(tmp_path, result)
    assert "damaged" in result.stderr


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped({"a.csv": data})], ids=["gz", "zip"])
def test_case_06_an_archive_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes]
) -> None:
    monkeypatch.setattr("connectors.delimited.files.UNPACKED", 1 << 20)
    fault = stopped(tmp_path, pack(b"id,name\n" + b"1,aaaaaaaaaaaaaaaaaaaaaaaaa\n" * 400_000))
    assert "unpacks to more than" in fault.what


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"id,name\n1," + b"x" * 200_000 + b"\n", "a cell holds more than 131072 characters"),
        (b'id,name\n1,"' + b"x" * 200_000 + b'"\n', "a cell holds more than 131072 characters"),
        (b"id,name\n1," + b"x" * (17 << 20), "a line of more than 16 MB"),
        (b"id,name\n" + b"1;2;3;4;" * (17 << 17), "a line of more than 16 MB"),
        (b"id,name\n" + b"\n" * ((1 << 20) + 9), "rows on end without a cell"),
    ],
)
def test_case_06_cells_lines_and_voids_beyond_measure_are_refused(tmp_path: Path, data: bytes, what: str) -> None:
    fault = stopped(tmp_path, data)
    assert what in fault.what
    assert isinstance(fault, SourceFault)


# --- 11: names of columns


@pytest.mark.parametrize(
    ("header", "what"),
    [
        ("id,name,id", "stand twice: id"),
        ("id,name, id ", "stand twice: id"),
        ("id,name,\ufeffid", "stand twice: id"),
        ("id,,name", "at position 2 of 3"),
        ("id, \u00a0\u200b,name", "at position 2 of 3"),
        ("id,name\x00,c", "control characters"),
    ],
)
def test_case_11_names_that_tell_no_column_apart_are_refused(tmp_path: Path, header: str, what: str) -> None:
    fault = stopped(tmp_path, f"{header}\n1,2,3\n")
    assert isinstance(fault, LayoutFault)
    assert what in fault.what


def test_case_11_names_are_compared_without_blanks_and_marks(tmp_path: Path) -> None:
    found = read(tmp_path, "\ufeff\ufeff id ,\u200fna\u0301me\u00a0\n1,a\n", key="id", fields={"name": "n\u00e1me"})
    assert found.rows["raw:n\u00e1me"].tolist() == ["a"]


def test_case_11_unusable_names_can_be_declared_by_position(tmp_path: Path) -> None:
    found = read(tmp_path, "id,,\n1,a,b\n", columns=["id", "name", "note"], header_row=1, ignore=["note"])
    assert found.rows["raw:note"].tolist() == ["b"]
    assert found.rows["line"].tolist() == [2]


# --- 13: delimiters


@pytest.mark.parametrize("data", ["id;name\n1;Иванов\n", '"id";"name"\n"1";"Иванов, П."\n', "id\tname\n1\tИванов\n"])
def test_case_13_one_wide_column_shows_the_structure_of_the_first_lines(tmp_path: Path, data: str) -> None:
    fault = stopped(tmp_path, data)
    assert isinstance(fault, DeclarationNeeded)
    assert repr(data.strip('"')[2:].lstrip('"')[0]) in str(fault)
    assert "9" in fault.what


def test_case_13_two_delimiters_in_one_file_show_the_lines_that_differ(tmp_path: Path) -> None:
    data = "id,name\n" + "".join(f"{n},Иванов\n" for n in range(50)) + "".join(f"{n};Петров\n" for n in range(50, 60))
    fault = stopped(tmp_path, data)
    assert isinstance(fault, DeclarationNeeded)
    assert "10 rows are parted by ';'" in fault.what
    assert "line 52: 99;a" in fault.what


def test_case_13_with_declared_names_the_rows_tell_the_delimiter(tmp_path: Path) -> None:
    fault = stopped(tmp_path, "1;Иванов\n2;Петров\n", columns=["id", "name"])
    assert isinstance(fault, DeclarationNeeded)
    assert "hardly ','" in fault.what
    assert fault.remedy == "declare delimiter: ';'"


def test_case_13_one_stray_line_with_another_delimiter_is_quarantined(tmp_path: Path) -> None:
    found = read(tmp_path, "id,name\n" + "".join(f"{n},a\n" for n in range(50)) + "50;b\n")
    assert found.refused["reason"].tolist() == ["ragged_row"]


# --- 14, 15, 16: rows and quotes


def test_case_14_rows_of_another_width_are_quarantined_whole(tmp_path: Path) -> None:
    found = read(tmp_path, "id,name,c\n1,a,b\n2,a\n3,a,b,c\n4,a,b\nTOTAL: 4\n", ignore=["c"])
    assert found.rows["key"].tolist() == ["1", "4"]
    assert found.refused["line"].tolist() == [3, 4, 6]
    assert set(found.refused["reason"]) == {"ragged_row"}
    assert json.loads(found.refused["cells"][1]) == {"id": "3", "name": "a", "c": "b", "#4": "c"}


def test_case_15_an_unclosed_quote_stops_the_source_at_its_line(tmp_path: Path) -> None:
    fault = stopped(tmp_path, 'id,name\n1,a\n2,"Иванов\n3,c\n4,d\n')
    assert fault.where is not None
    assert fault.where.row == 3
    assert "never closed" in fault.what


def test_case_15_text_after_a_closed_quote_is_quarantined(tmp_path: Path) -> None:
    found = read(tmp_path, 'id,name\n1,"a" b\n2,c\n3,"d\ne"f\n4,g\n')
    assert found.refused["line"].tolist() == [2, 4]
    assert set(found.refused["reason"]) == {"bad_quote"}
    assert "opened in line 4" in found.refused["message"][1]
    assert found.rows["key"].tolist() == ["2", "4"]


def test_case_15_a_quote_left_open_in_an_unquoted_cell_is_quarantined(tmp_path: Path) -> None:
    found = read(tmp_path, 'id,name,c\n1,ООО "Роза, Москва"\n2,ООО "Роза",x\n3,Мар"яна,y\n', ignore=["c"])
    assert found.rows["raw:name"].tolist() == ['ООО "Роза"']
    assert found.refused["line"].tolist() == [2, 4]
    assert found.refused["field"].tolist() == ["name", "name"]
    assert "line 2" in found.refused["message"][0]


def test_case_15_quotes_may_be_declared_to_be_text(tmp_path: Path) -> None:
    found = read(tmp_path, 'id,name\n1,"a\n2,5" pipe\n', quote=None)
    assert found.rows["raw:name"].tolist() == ['"a', '5" pipe']


def test_case_16_cells_of_several_lines_and_mixed_line_ends_keep_both_numbers(tmp_path: Path) -> None:
    found = read(tmp_path, 'id,name\r\n1,"a\nb\r\nc"\r2,d\n3,"e\rf"\n4,g')
    assert found.rows["raw:name"].tolist() == ["a\nb\r\nc", "d", "e\rf", "g"]
    assert found.rows["line"].tolist() == [2, 5, 6, 8]
    assert found.rows["row"].tolist() == [1, 2, 3, 4]


# --- 17: no names


def test_case_17_a_file_without_names_is_refused_and_asks_for_them(tmp_path: Path) -> None:
    for data in ("17,Иванов\n18,Петров\n", "1,Иванов\n2,Петров\n"):
        fault = stopped(tmp_path, data)
        assert isinstance(fault, LayoutFault)
        assert "looks like data" in str(fault)
        assert "'columns'" in str(fault)
        assert "9, a" in fault.what


@pytest.mark.parametrize("data", ["17,Иванов,\n18,Петров,x\n", "17,Иванов,Иванов\n18,Петров,x\n"])
def test_case_17_so_is_one_whose_first_row_could_not_be_names(tmp_path: Path, data: str) -> None:
    assert "'columns'" in str(stopped(tmp_path, data))


def test_case_17_and_a_file_without_names_among_others_with_them(tmp_path: Path) -> None:
    written(tmp_path, ROWS, "a1.csv")
    written(tmp_path, "4,Иванов\n", "a2.csv")
    fault = stopped(tmp_path, path="a*.csv")
    assert "'a2.csv': 9, a" in fault.what
    assert "'columns'" in str(fault)


def test_case_17_names_like_numbers_are_names(tmp_path: Path) -> None:
    assert len(read(tmp_path, "1,2\na,b\n", key="1", fields={"name": "2"}).rows) == 1
    fault = stopped(tmp_path, "id,2020,2021\n1,x,y\n", fields={"name": "title"}, ignore=["2020"])
    assert "delivered but unmapped: 2021" in fault.what


def test_case_17_names_can_be_declared(tmp_path: Path) -> None:
    found = read(tmp_path, "17,a\n18,b\n", columns=["id", "name"])
    assert found.rows["key"].tolist() == ["17", "18"]
    assert found.rows["line"].tolist() == [1, 2]


def test_case_17_declared_names_do_not_hide_a_header(tmp_path: Path) -> None:
    fault = stopped(tmp_path, "ID,Name\n18,b\n", columns=["id", "name"])
    assert "it is a header" in fault.what
    assert "header_row: 1" in str(fault)


def test_case_17_rows_above_the_data_and_comments_are_left_out_and_counted(tmp_path: Path) -> None:
    data = 'Export "2020\n\nid,name\n# made by hand\n1,a\n#2,b\n(2 rows affected)\n'
    found = read(tmp_path, data, header_row=3, comment=["#", "("])
    assert found.rows["line"].tolist() == [5]
    assert found.facts["excluded"] == {"comment_row": 3}
    assert found.excluded["line"].tolist() == [4, 6, 7]


# --- 19: twice


def test_case_19_the_same_content_under_two_names_is_refused_and_names_both(tmp_path: Path) -> None:
    written(tmp_path, ROWS, "in/a1.csv")
    written(tmp_path, ROWS.replace("1,", "9,"), "in/a2.csv")
    written(tmp_path, gzip.compress(ROWS.encode()), "in/a3.csv.gz")
    fault = stopped(tmp_path, path="in/a*")
    assert "twice" in fault.what
    assert "in/a1.csv" in fault.what
    assert "in/a3.csv.gz" in fault.what


def test_case_19_one_row_of_another_delivery_is_left_out_or_refused_by_name(tmp_path: Path) -> None:
    written(tmp_path, "id,name\n1,a\n2,b\n", "a2.csv")
    written(tmp_path, "id,name\n2,b\n1,c\n3,d\n", "a10.csv")
    found = read(tmp_path, path="a*.csv")
    assert found.facts["excluded"] == {"exact_duplicate": 1}
    assert found.rows["key"].tolist() == ["2", "3"]
    assert found.rows["file"].tolist() == ["a2.csv", "a10.csv"]
    assert found.refused["file"].tolist() == ["a2.csv", "a10.csv"]
    assert "line 3 of a10.csv" in found.refused["message"][0]


# --- several files of one source


def test_files_of_a_pattern_are_read_in_the_order_of_people(tmp_path: Path) -> None:
    for number in (1, 2, 10):
        written(tmp_path, f"id,name\n\n{number},a\n{number},\n,x,y\n", f"part{number}.csv")
    found = read(tmp_path, path="part*.csv")
    assert [file["file"] for file in found.facts["files"]] == ["part1.csv", "part2.csv", "part10.csv"]
    assert len({file["sha256"] for file in found.facts["files"]}) == 3
    assert found.excluded["file"].tolist() == ["part1.csv", "part2.csv", "part10.csv"]
    assert found.excluded["line"].tolist() == [2, 2, 2]
    assert found.excluded["row"].tolist() == [1, 5, 9]
    assert found.refused.loc[found.refused["reason"] == "ragged_row", "file"].tolist() == [
        "part1.csv",
        "part2.csv",
        "part10.csv",
    ]


@pytest.mark.parametrize("other", ["name,id\n9,b\n", "id,title\n9,b\n", "id,name,x\n9,b,c\n"])
def test_a_file_of_another_layout_stops_the_source_with_both_lists(tmp_path: Path, other: str) -> None:
    written(tmp_path, ROWS, "a1.csv")
    written(tmp_path, other, "a2.csv")
    fault = stopped(tmp_path, path="a*.csv")
    assert isinstance(fault, LayoutFault)
    assert "'a1.csv': id, name" in fault.what
    assert f"'a2.csv': {', '.join(other.split()[0].split(','))}" in fault.what


def test_a_pattern_that_nothing_matches_is_refused(tmp_path: Path) -> None:
    assert "no file matches" in stopped(tmp_path, path="none*.csv").what


def test_a_file_named_like_a_pattern_is_read(tmp_path: Path) -> None:
    written(tmp_path, ROWS, "export [1].csv")
    assert len(read(tmp_path, path="export [1].csv").rows) == 3


# --- 21, 22: other things than a table at rest


@pytest.mark.parametrize(
    ("data", "dialect"),
    [
        (b"USE [crm]\nGO\nINSERT [dbo].[c] VALUES (1)\nGO\n", "SQL Server"),
        ("USE [crm]\r\nGO\r\n".encode("utf-16"), "SQL Server"),
        (b"CREATE TABLE `clients` (`id` int)\n", "MySQL"),
        (b"-- MariaDB dump 10.19\n", "MySQL"),
        (b"--\n-- PostgreSQL database dump\n--\n", "PostgreSQL"),
        (gzip.compress(b"INSERT INTO `clients` VALUES (1)\n"), "MySQL"),
        (b"INSERT INTO clients VALUES (1);\n", "SQL script"),
    ],
)
def test_case_21_a_dump_is_refused_with_its_dialect(tmp_path: Path, data: bytes, dialect: str) -> None:
    fault = stopped(tmp_path, data)
    assert dialect in fault.what
    assert "connector: sql" in str(fault)


def test_case_22_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "id,name\n" + "".join(f"{n},abcdefgh\n" for n in range(300_000)))
    batches = open_source(source(), tmp_path).batches()
    next(batches)
    with path.open("a") as handle:
        handle.write("x,y\n")
    with pytest.raises(SourceFault, match="changed while"):
        list(batches)


def test_case_22_so_is_a_file_that_is_taken_away(tmp_path: Path) -> None:
    path = written(tmp_path, ROWS)
    batches = open_source(source(), tmp_path).batches()
    next(batches)
    path.unlink()
    with pytest.raises(SourceFault, match="changed while"):
        list(batches)


def test_case_22_and_one_that_goes_between_opening_and_reading(tmp_path: Path) -> None:
    path = written(tmp_path, ROWS)
    opened = open_source(source(), tmp_path)
    path.unlink()
    with pytest.raises(SourceFault, match="cannot be read"):
        list(opened.batches())


# --- 23, 24, 25: encodings

RUSSIAN = "id;имя\n1;Смирнова Яна Сергеевна\n2;ООО «Ромашка»\n3;Ещёнко Пётр\n"
UKRAINIAN = "id;ім'я\n1;Шевченко Євген\n2;Їжакевич Ольга\n3;ТОВ Ґрунт\n"
PERSIAN = "id;نام\n1;محمد رضايي\n2;علي احمدي\n3;شركت پارس گستر\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((RUSSIAN, name) for name in ("cp1251", "cp866", "koi8-r", "mac-cyrillic", "utf-16", "utf-8")),
        *((UKRAINIAN, name) for name in ("cp1251", "koi8-u", "utf-16-le", "utf-8")),
        *((PERSIAN, name) for name in ("cp1256", "utf-8", "utf-16-be")),
    ],
)
def test_case_23_an_undeclared_encoding_asks_with_proposals(tmp_path: Path, text: str, encoding: str) -> None:
    path = written(tmp_path, text.encode(encoding, "replace"))
    first, *others = propose_encoding(path)
    assert first.encoding == encoding
    assert first.confidence > 0.5
    assert sum(proposal.confidence for proposal in (first, *others)) <= 1.001
    assert text.split("\n")[1] in first.sample
    fault = stopped(tmp_path, encoding=None, delimiter=";", fields={"name": text[3:].partition("\n")[0]})
    assert isinstance(fault, DeclarationNeeded)
    assert f"{encoding} ({first.confidence:.0%})" in fault.what
    assert f"encoding: {encoding}" in str(fault)
    assert not any(word in str(fault) for word in ("Смирнова", "Шевченко", "محمد"))


def test_case_23_declared_as_proposed_it_is_read(tmp_path: Path) -> None:
    for encoding in ("cp1251", "cp866", "koi8-r", "mac-cyrillic", "utf-16", "utf-8-sig", "utf-8"):
        data = RUSSIAN.replace("«", '"').replace("»", '"').encode(encoding)
        found = read(tmp_path, data, encoding=encoding, delimiter=";", fields={"name": "имя"})
        assert found.rows["raw:имя"].tolist()[0] == "Смирнова Яна Сергеевна"


def test_case_23_an_order_mark_of_utf_8_is_enough_and_warned_of(tmp_path: Path) -> None:
    found = read(tmp_path, ROWS.encode("utf-8-sig"), encoding=None)
    assert found.rows["raw:name"].tolist() == ["Иванов", "Петров", "Сидоров"]
    assert "order mark" in found.facts["warnings"][0]


def test_case_23_the_run_ends_with_2(tmp_path: Path) -> None:
    written(tmp_path, RUSSIAN.encode("cp1251"))
    result = commanded(tmp_path, "run", encoding=None, delimiter=";")
    assert_nothing_loaded(tmp_path, result)
    assert "cp1251" in result.stderr
    assert "Смирнова" not in result.stderr


@pytest.mark.parametrize("before", [3, 120_000])
def test_case_24_bytes_that_are_no_utf_8_stop_the_source_with_offset_and_line(tmp_path: Path, before: int) -> None:
    good = ("id,name\r\n" + "".join(f"{n},Яна\r\n" for n in range(before))).encode()
    fault = stopped(tmp_path, good + b"x,\xcf\xf2\r\n")
    assert isinstance(fault, EncodingFault)
    assert f"offset {len(good) + 2}" in fault.what
    assert fault.where is not None
    assert fault.where.row == before + 2


def test_case_24_a_file_cut_in_a_character_is_refused(tmp_path: Path) -> None:
    assert isinstance(stopped(tmp_path, "id,name\n1,Я".encode()[:-1]), EncodingFault)
    assert isinstance(stopped(tmp_path, "id,name\n1,Я".encode("utf-16")[:-1], encoding="utf-16"), EncodingFault)


@pytest.mark.parametrize("before", [3, 120_000])
def test_case_25_two_encodings_name_the_first_line_of_the_second(tmp_path: Path, before: int) -> None:
    good = ("id,name\n" + "".join(f"{n},Пётр\n" for n in range(before))).encode("cp1251")
    fault = stopped(tmp_path, good + "x,Сергей\n".encode() + "y,Яна\n".encode("cp1251"), encoding="cp1251")
    assert isinstance(fault, EncodingFault)
    assert "two encodings" in fault.what
    assert fault.where is not None
    assert fault.where.row == before + 2


def test_case_25_lines_of_another_encoding_in_a_utf_8_file_are_refused(tmp_path: Path) -> None:
    fault = stopped(tmp_path, "id,name\n1,Яна\n".encode() + "2,Яна\n".encode("cp1251"))
    assert isinstance(fault, EncodingFault)
    assert fault.where is not None
    assert fault.where.row == 3
