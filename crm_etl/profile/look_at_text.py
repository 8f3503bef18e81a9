"""A first look at a delimited text file: encoding, delimiter, lines before the header, comments, a row of totals."""

from __future__ import annotations

import csv
import gzip
import tempfile
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from crm_etl.migration import CsvSource
from crm_etl.number import agreeing, counted
from crm_etl.profile.encodings import Proposal, propose_encoding
from crm_etl.profile.headers import fields_of
from crm_etl.profile.look import Look, is_value, source_name, total_mark
from crm_etl.profile.patterns import mask

_DELIMITERS = (";", ",", "\t", "|", "^", "~")
_HEAD_BYTES, _TAIL_BYTES, _LINES = 1 << 18, 1 << 14, 200


def look_at_text(path: Path, shown: str, *, packed: bool = False) -> Look:
    """How the delimited text at ``path``, which is called ``shown``, could be declared; ``packed``: it is gzipped."""
    if packed:
        with gzip.open(path) as handle:
            head = handle.read(_HEAD_BYTES)
        return _looked(path.name.removesuffix(".gz"), shown, head, b"", _propose(head))
    head, tail = _ends(path)
    look = _looked(path.name, shown, head, tail, propose_encoding(path))
    _leave_total_out(look, path)
    return look


def _leave_total_out(look: Look, path: Path) -> None:
    """Declares the row of totals a comment, so that it is left out and counted, where no other line begins so."""
    mark = look.total
    if mark is None:
        return
    with path.open(encoding=look.settings["encoding"], errors="replace") as lines:
        begun = [place for place, line in enumerate(lines) if line.startswith(mark)]
    if len(begun) != 1:
        begins = agreeing(len(begun), "begins", "begin")
        look.notes.append(
            f"{counted(len(begun), 'line')} {begins} with {mark!r}, so it is not left out: mend it in the file"
        )
        return
    marks = [look.settings["comment"]] if "comment" in look.settings else []
    look.settings["comment"] = [*marks, mark] if marks else mark
    look.notes.append("it is left out as a comment, and counted")


def look_at_archive(path: Path, shown: str) -> list[Look]:
    """The delimited texts in a zip archive; none where it holds none."""
    looks = []
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if entry.is_dir() or Path(entry.filename).suffix.lower() not in (".csv", ".txt", ".tsv"):
                continue
            with archive.open(entry) as handle:
                head = handle.read(_HEAD_BYTES)
            look = _looked(Path(entry.filename).name, shown, head, b"", _propose(head))
            look.notes.append(f"{entry.filename} of the archive")
            if "member" in CsvSource.model_fields:
                look.settings["member"] = entry.filename
            looks.append(look)
    return looks


def _propose(head: bytes) -> list[Proposal]:
    """Encodings of a text that no file holds as it is."""
    with tempfile.NamedTemporaryFile(prefix="crm-etl-profile-") as file:
        file.write(head)
        file.flush()
        return propose_encoding(Path(file.name))


def _looked(file: str, shown: str, head: bytes, tail: bytes, encodings: list[Proposal]) -> Look:
    encoding = encodings[0].encoding if encodings else "utf-8"
    text = head.decode(encoding, "replace").removeprefix("\ufeff")
    lines = text.splitlines()[:_LINES]
    comment = _comment(lines)
    lines = ["" if comment and line.startswith(comment) else line for line in lines]
    delimiter, share = _delimiter(lines)
    rows = _parsed(lines, delimiter)
    first = _first_table_row(rows)
    header = _is_header(rows[first:]) if rows else False
    settings: dict[str, Any] = {"connector": "csv", "path": shown, "encoding": encoding, "delimiter": delimiter}
    name = file.rpartition(".")[0] or file
    columns = tuple(rows[first][1]) if header else ()
    look = Look(
        source_name(name),
        name,
        settings,
        encodings=encodings,
        confidence=round(share, 2),
        header=header,
        columns=columns,
    )
    if encodings and encodings[0].confidence < 1:
        look.notes.append(
            f"encoding {encoding}: confidence {encodings[0].confidence:.2f}; look at the first lines: --samples"
        )
    parted = f"delimiter {delimiter!r}: {share:.0%} of the first lines part into as many cells"
    look.notes.append(parted if share else "one column: no delimiter is seen")
    _header(look, rows, first, comment)
    mark = total_mark(_parsed(tail.decode(encoding, "replace").splitlines()[-5:], delimiter))
    if mark is not None:
        look.total = mark
        look.notes.append(f"a total row at the end, marked {mark!r}")
    return look


def _header(look: Look, rows: list[tuple[int, list[str]]], first: int, comment: str | None) -> None:
    line = rows[first][0] if rows else 1
    if comment is not None:
        look.notes.append(f"lines that begin with {comment!r} are comments")
        if "comment" in CsvSource.model_fields:
            look.settings["comment"] = comment
    if look.header and line > 1:
        look.settings["header_row"] = line
        look.notes.append(f"{counted(line - 1, 'line')} before the header, in line {line}")
    if not look.header:
        look.notes.append("no header row: the first line looks like the others; name the columns")
        if "columns" in CsvSource.model_fields:
            look.settings["columns"] = [f"c{place}" for place in range(1, len(rows[first][1]) + 1)] if rows else []


def _ends(path: Path) -> tuple[bytes, bytes]:
    """The first whole lines of the file, and its last bytes."""
    with path.open("rb") as handle:
        head = handle.read(_HEAD_BYTES)
        size = path.stat().st_size
        handle.seek(max(0, size - _TAIL_BYTES) // 2 * 2)
        tail = handle.read()
    cut = head.rfind(b"\n")
    return (head[: cut + 1] if cut > 0 and len(head) == _HEAD_BYTES else head), tail


def _comment(lines: Sequence[str]) -> str | None:
    """The mark of comment lines at the top, if there are any."""
    for mark in ("#", "//", "--"):
        if any(line.startswith(mark) for line in lines[:20]) and not all(line.startswith(mark) for line in lines):
            return mark
    return None


def _delimiter(lines: Sequence[str]) -> tuple[str, float]:
    """The character that parts most lines into equally many cells, and the share of lines that it does so to."""
    best = (",", 0.0, 0)
    for mark in _DELIMITERS:
        widths = Counter(len(cells) for _, cells in _parsed(lines, mark))
        wide = {width: count for width, count in widths.items() if width > 1}
        if wide:
            width = max(wide, key=lambda one: (wide[one], one))
            share = wide[width] / sum(widths.values())
            if (round(share, 1), width) > (round(best[1], 1), best[2]):
                best = (mark, share, width)
    return best[0], best[1]


def _parsed(lines: Sequence[str], delimiter: str) -> list[tuple[int, list[str]]]:
    """The rows that the lines hold, each with the line on which it begins; blank ones left out."""
    rows: list[tuple[int, list[str]]] = []
    line = 1
    reader = csv.reader((f"{one}\n" for one in lines), delimiter=delimiter)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return rows
        except csv.Error:
            cells = []
        if any(map(str.strip, cells)):
            rows.append((line, [cell.strip() for cell in cells]))
        line = reader.line_num + 1


def _first_table_row(rows: Sequence[tuple[int, list[str]]]) -> int:
    """Place of the first row that is as wide as most and filled in nearly all cells."""
    widths = Counter(len(cells) for _, cells in rows)
    if not widths:
        return 0
    usual = max(widths, key=lambda width: (widths[width], width))
    for place, (_, cells) in enumerate(rows):
        if len(cells) == usual and sum(map(bool, cells)) >= 0.6 * usual:
            return place
    return 0


def _is_header(rows: Sequence[tuple[int, list[str]]]) -> bool:
    """Whether the first of ``rows`` names the columns: names, unlike cells, are known, differ and have few figures.

    Names that stand twice are a header only where none of them looks like a cell.
    """
    names, below = rows[0][1], [cells for _, cells in rows[1:51]]
    if not all(names):
        return False
    doubled = len(set(names)) < len(names)
    known = sum(bool(fields_of(name)) for name in names if not is_value(name))
    if known >= 0.5 * len(names):
        return True
    figures = sum(is_value(name) for name in names)
    if figures > 0.2 * len(names) and figures >= known:
        return False
    if known >= 0.3 * len(names) and not doubled:
        return True
    unlike = sum(
        bool(column := [cells[place] for cells in below if place < len(cells) and cells[place]])
        and mask(name) not in {mask(cell) for cell in column}
        for place, name in enumerate(names)
    )
    return unlike == len(names) if doubled else not below or unlike >= 0.5 * len(names)
