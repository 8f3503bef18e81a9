"""The compiled reader says the same of every row as the strict one, whatever the text and however it is cut."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from connectors.base import BATCH_ROWS, Batch
from connectors.csv import CsvConnector
from connectors.delimited import blocks
from connectors.delimited.dialect import Dialect, Form
from connectors.delimited.files import DeliveredFile
from connectors.delimited.scan import ScanReader
from connectors.delimited.strict import Mixture, Piece, Reading, StrictReader
from connectors.delimited.table import DelimitedFile
from crm_etl.faults import Fault

ROOT = Path(__file__).parents[2]
COLUMNS = ("id", "имя", "c")
#: Marks of the grammar often, and characters whose first bytes are those of blanks.
TEXTS = st.text(st.sampled_from('abЖш۱,,,;""\r\n\n #\t\u00a0\u2003\u3000«\x1f\x85\ufeff'), max_size=60)
CELLS = st.sampled_from(["", "a", "Ж", '"x"', '"a""b"', '"l\nm"', '"', ' "q"', "«", "\u00a0", "#", '"a"b', "a,b"])
HEADER = st.sampled_from(
    [COLUMNS, ("\ufeffid", " имя", "c "), ('\ufeff"id"', '"имя"', "c"), ("id", "имя", "d"), ("\ufeff",)]
)
ROWS = st.lists(st.one_of(st.lists(CELLS, min_size=1, max_size=4), HEADER), max_size=30)


def readers(dialect: Dialect) -> tuple[StrictReader, ScanReader]:
    strict = StrictReader("a.csv", COLUMNS, dialect, Mixture("a.csv", dialect))
    return strict, ScanReader(strict, len(COLUMNS), dialect)


def told(read: Any) -> Any:
    """Everything that a reader says, or the fault that it stops with."""
    try:
        reading: Reading = read()
    except Fault as fault:
        return str(fault)
    batch = reading.batch
    where = list(zip(batch.lines.to_pylist(), batch.rows.to_pylist(), strict=True))
    return batch.cells(), where, batch.refused, batch.excluded, reading.used, reading.line


@given(
    text=TEXTS,
    final=st.booleans(),
    dialect=st.builds(
        Dialect, st.sampled_from(",; \t"), st.sampled_from(['"', "'", None]), st.sampled_from([(), ("#",), ("#", "--")])
    ),
)
@example(text='"a,b\n', final=False, dialect=Dialect())
@example(text='"a,b\n', final=True, dialect=Dialect())
@example(text='a,"b"c\r"d,e,f\n', final=True, dialect=Dialect())
@example(text='"a\r\nb",c,d\r\n\r\n\u00a0, ,\u3000\n«,,\n', final=True, dialect=Dialect())
@example(text='id,имя,c\n1,2,3\n\ufeff"id","имя",c\n\ufeff"1",b,c\n\ufeff', final=True, dialect=Dialect())
@example(text="\ufeff#a\n\ufeff\n\ufeff\ufeff,,", final=True, dialect=Dialect(comments=("#",)))
@example(text="#a\n,,\n#", final=True, dialect=Dialect(comments=("#",)))
@settings(max_examples=600, deadline=None)
def test_both_readers_say_the_same_of_any_text(text: str, final: bool, dialect: Dialect) -> None:
    raw = text.encode("utf-8")
    if not final:
        raw = raw[: max(raw.rfind(b"\n"), raw.rfind(b"\r", 0, -1)) + 1]
    piece = Piece(raw, line=7, row=3, final=final)
    if raw:
        strict, scan = readers(dialect)
        assert told(lambda: scan.read(piece)) == told(lambda: strict.read(piece))


@given(rows=ROWS, ends=st.lists(st.sampled_from(["\n", "\r", "\r\n"]), min_size=1), size=st.integers(1, 40))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_readers_say_the_same_of_a_file_cut_anywhere(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], ends: list[str], size: int
) -> None:
    lines = [",".join(COLUMNS), *map(",".join, rows)]
    text = "".join(line + ends[number % len(ends)] for number, line in enumerate(lines))
    path = tmp_path_factory.mktemp("cut") / "a.csv"
    path.write_bytes(text.encode("utf-8"))
    with pytest.MonkeyPatch.context() as patched:
        whole = outcome(path, strictly=True)
        patched.setattr(blocks, "CHUNK", size)
        assert outcome(path, strictly=True) == whole
        assert outcome(path, strictly=False) == whole


def outcome(path: Path, strictly: bool) -> Any:
    """All rows of the file and what was said of them; or the fault, and no rows."""
    try:
        file = DelimitedFile(DeliveredFile(path, "a.csv"), Form("utf-8"))
        batches = list(file.batches(1, strictly))
    except Fault as fault:
        return str(fault)
    return together(batches)


def together(batches: list[Batch]) -> Any:
    rows = [
        (line, row, cells)
        for batch in batches
        for line, row, cells in zip(batch.lines.to_pylist(), batch.rows.to_pylist(), batch.cells(), strict=True)
    ]
    return rows, [r for b in batches for r in b.refused], [r for b in batches for r in b.excluded]


def some_rows(count: int, seed: int) -> Iterator[str]:
    """Rows as exports hold them: mostly plain, some quoted, some over two lines, a few broken."""
    draw = random.Random(seed)
    for number in range(count):
        name = draw.choice(["Иванов Пётр", '"ООО ""Роза"", Москва"', "محمد", '"два\r\nряда"', "", " ", 'ООО "Х"'])
        row = draw.choices(
            ["{},{},c", '"{}",{},"c"', "{},{}", '{},{},"c"d', ",,", "", "#{},{},c"], [90, 9, 1, 1, 1, 1, 1]
        )
        yield row[0].format(number, name)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "utf-16"])
def test_a_file_of_several_blocks_reads_alike_in_both_ways(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    text = "\r\n".join([",".join(COLUMNS), *some_rows(60_000, seed=5)])
    path.write_bytes(text.encode(encoding, "replace"))
    form = Form(encoding, Dialect(comments=("#",)))
    strict, fast = (
        together(list(DelimitedFile(DeliveredFile(path, "a.csv"), form).batches(1, strictly)))
        for strictly in (True, False)
    )
    assert fast == strict
    rows, refused, excluded = fast
    assert min(len(rows), len(refused), len(excluded)) > 1000
    numbers = sorted([*(row for _, row, _ in rows), *(aside.origin.row for aside in (*refused, *excluded))])
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("cell", ["я" * 131_072, '"' + "я" * 131_072 + '"'])
def test_the_limit_of_a_cell_counts_characters_in_both(cell: str) -> None:
    strict, scan = readers(Dialect())
    piece = Piece(f"1,{cell},c\n".encode(), 1, 1, True)
    assert told(lambda: scan.read(piece)) == told(lambda: strict.read(piece))
    assert scan.read(piece).batch.size == 1
    piece = Piece(f"1,{cell.replace('я', 'яя', 1)},c\n".encode(), 1, 1, True)
    assert "131072" in told(lambda: scan.read(piece))
    assert told(lambda: scan.read(piece)) == told(lambda: strict.read(piece))


def test_marks_beyond_ascii_are_read_strictly(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id¦name\n" + "".join(f"{n}¦x\n" for n in range(200_000)), encoding="utf-8")
    connector = CsvConnector(root=tmp_path, key=("id",), path="a.csv", encoding="utf-8", delimiter="¦")
    assert sum(batch.size for batch in connector.batches()) == 200_000


def test_a_batch_of_odd_rows_stays_small(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"id,name\n" + b"1\n\n" * 100_000)
    for strictly in (True, False):
        file = DelimitedFile(DeliveredFile(tmp_path / "a.csv", "a.csv"), Form("utf-8"))
        batches = list(file.batches(1, strictly))
        assert max(map(len, batches)) == BATCH_ROWS
        assert sum(len(batch.refused) for batch in batches) == 100_000
        assert sum(len(batch.excluded) for batch in batches) == 100_000
        assert batches[-1].excluded[-1].origin.line == 200_001
        assert batches[-1].excluded[-1].origin.row == 200_000


MEASURED = """
import resource, sys
from pathlib import Path
from connectors.csv import CsvConnector
import connectors.delimited.scan

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

def read(name):
    connector = CsvConnector(root=Path(sys.argv[1]), key=("id",), path=name, encoding="utf-8")
    return sum(len(batch) for batch in connector.batches())

small = read("small.csv")
before = peak()
print(small, read("large.csv"), peak() - before)
"""


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    rows = [f"{number},{'я' * 40},{'x' * 40}\n" for number in range(10_000)]
    for name, times in (("small.csv", 5), ("large.csv", 50)):
        (tmp_path / name).write_text("id,name,c\n" + "".join(rows) * times, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(tmp_path)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    small, large, growth = map(int, done.stdout.split())
    assert (small, large) == (50_000, 500_000)
    assert growth < 30, f"{growth} MB more for 60 MB more of text"
