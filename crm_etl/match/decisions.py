"""What people have judged of pairs: an append-only CSV file beside the migration file.

Lines are added, never changed; of several judgements on one pair the last counts. Machines read the file and obey
it: they never write to it on their own. People open it in spreadsheets, so its cells are neutral
(:mod:`crm_etl.neutral`) and restored when they are read.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from crm_etl import schema
from crm_etl.faults import Fault, Where
from crm_etl.neutral import neutral, restore
from crm_etl.number import counted

VERDICTS = ("same", "different", "unsure")

DECISIONS = schema.Table(
    "decisions",
    (
        schema.Column("left_source", "text", "source of the first record"),
        schema.Column("left_key", "text", "its key"),
        schema.Column("right_source", "text", "source of the second record"),
        schema.Column("right_key", "text", "its key"),
        schema.Column("verdict", "text", "same, different or unsure"),
        schema.Column("who", "text", "who judged"),
        schema.Column("at", "text", "ISO instant of the judgement"),
        schema.Column("why", "text", "why, in the person's words"),
    ),
)
#: The same as read from the file.
JUDGED = schema.Table("judged", (*DECISIONS.columns, schema.Column("line", "int", "line of the file, from 1")))


def read(path: Path) -> pd.DataFrame:
    """All judgements (:data:`JUDGED`) in the order of the file; a file that is not there holds none.

    Raises:
        Fault: the file is not UTF-8, a quote is left open, its columns are not those of :data:`DECISIONS`, a line is
            too short or too long or lacks a record, or a verdict is unknown.
    """
    if not path.exists():
        return JUDGED.empty()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Fault(
            f"not UTF-8 at byte {error.start}", where=Where(str(path)), remedy="save the file as CSV in UTF-8"
        ) from None
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return _rows(lines, path)
    except csv.Error:
        raise Fault(
            "quotes do not agree: a cell that begins with one ends nowhere",
            where=Where(str(path), row=lines.line_num),
            remedy="close the quote, in this line or one above it, or take it out",
        ) from None


def _rows(lines: Any, path: Path) -> pd.DataFrame:
    """All judgements in the ``lines`` of a CSV reader."""
    header: list[str] = next(lines, [])
    if not header:
        return JUDGED.empty()
    if header != DECISIONS.names:
        raise Fault(
            f"the first line is not the header of a decisions file: {_amiss(header)}",
            where=Where(str(path), row=1),
            remedy=f"the first line must be: {','.join(DECISIONS.names)}",
        )
    return JUDGED.build(_row(cells, path, lines.line_num) for cells in lines if cells)


def _amiss(header: list[str]) -> str:
    """What is wrong with a header. Its cells are not repeated: without a header they are a decision."""
    missing = [name for name in DECISIONS.names if name not in header]
    if missing:
        return f"without {', '.join(missing)}"
    if len(header) > len(DECISIONS.names):
        return f"{counted(len(header) - len(DECISIONS.names), 'column')} too many"
    return "its columns stand in another order"


def append(path: Path, decision: Mapping[str, str]) -> None:
    """Add one judgement to the end of the file, making it if needed; it is on the disk when this returns.

    Raises:
        Fault: the judgement lacks a record or names one twice, or its verdict is unknown, or the file is not one of
            decisions.
    """
    read(path)
    row = [str(decision.get(name) or "") for name in DECISIONS.names]
    if not all(row[:4]):
        raise Fault("a decision needs both records: source and key", where=Where(str(path)), remedy="name both records")
    if row[:2] == row[2:4]:
        raise Fault("a decision of a record with itself", where=Where(str(path)), remedy="name two records")
    _verdict(row[4], Where(str(path)))
    fresh = not path.exists() or path.stat().st_size == 0
    path.parent.mkdir(parents=True, exist_ok=True)
    broken = not fresh and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf-8", newline="") as file:
        if broken:
            file.write("\n")
        writer = csv.writer(file, lineterminator="\n")
        if fresh:
            writer.writerow(DECISIONS.names)
        writer.writerow(list(map(neutral, row)))
        file.flush()
        os.fsync(file.fileno())


def latest(decisions: pd.DataFrame) -> pd.DataFrame:
    """The judgement that counts for each pair: the last one, whichever record stood left."""
    if decisions.empty:
        return decisions
    left = list(zip(decisions["left_source"], decisions["left_key"], strict=True))
    right = list(zip(decisions["right_source"], decisions["right_key"], strict=True))
    pairs = [(a, b) if a <= b else (b, a) for a, b in zip(left, right, strict=True)]
    last = ~pd.Series(pairs, index=decisions.index).duplicated(keep="last")
    return decisions[last].reset_index(drop=True)


def _row(cells: list[str], path: Path, line: int) -> dict[str, Any]:
    where = Where(str(path), row=line)
    if len(cells) != len(DECISIONS.names):
        raise Fault(
            f"a decision of {counted(len(cells), 'cell')}, not {len(DECISIONS.names)}",
            where=where,
            remedy="mend the line",
        )
    if not all(cells[:4]):
        raise Fault("a decision without both records", where=where, remedy="fill in source and key of both")
    row: dict[str, Any] = {
        name: restore(cell) if cell else pd.NA for name, cell in zip(DECISIONS.names, cells, strict=True)
    }
    _verdict(cells[4], where)
    return row | {"line": line}


def _verdict(verdict: str, where: Where) -> None:
    if verdict not in VERDICTS:
        raise Fault("a decision with an unknown verdict", where=where, remedy=f"one of: {', '.join(VERDICTS)}")
