"""Blocks of text read in machine code, cell by cell as the strict parser reads them, straight into Arrow columns.

:func:`scan` is the grammar of :mod:`.strict` over bytes: it finds where rows and cells begin and end. Rows that it
finds odd (of another width, badly quoted, comments, perhaps blank, perhaps too long) it leaves to the strict reader,
so that both say the same of every row. Where they disagree all the same, and where too much is odd, the block is
read strictly.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numba import njit

from connectors.base import BATCH_ROWS, Batch, ExcludedRow, RefusedRow, RowOrigin
from connectors.delimited.dialect import Dialect
from connectors.delimited.header import REPEATED
from connectors.delimited.strict import LONGEST_CELL, Piece, Reading, StrictReader

Array = npt.NDArray[Any]
_LF, _CR = 10, 13
#: First bytes of characters that may be white space: ASCII, NEL and NBSP, and the blocks of the wider spaces.
_BLANK = np.zeros(256, dtype=np.bool_)
_BLANK[[*range(9, 14), *range(28, 33), 0xC2, 0xE1, 0xE2, 0xE3]] = True
_NO_QUOTE = 256


def _compiled(function: Callable[..., Any]) -> Any:
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:  # there is no place for the machine code: it is made anew in each process
        return njit(nogil=True)(function)


def can_scan(dialect: Dialect) -> bool:
    """Whether the marks of ``dialect`` are single bytes."""
    return dialect.delimiter.isascii() and (dialect.quote is None or dialect.quote.isascii())


class ScanReader:
    """Reads like the strict reader, at the speed of the memory."""

    def __init__(self, strict: StrictReader, width: int, dialect: Dialect) -> None:
        self._strict, self._width = strict, width
        self._delimiter = ord(dialect.delimiter)
        self._quote = _NO_QUOTE if dialect.quote is None else ord(dialect.quote)
        comments = [mark.encode("utf-8") for mark in dialect.comments]
        self._comments = np.array([*b"".join(comments)], dtype=np.uint8)
        self._comment_ends = np.cumsum([0, *map(len, comments)])

    def read(self, piece: Piece) -> Reading:
        """The rows of ``piece``, see :class:`connectors.delimited.strict.StrictReader`."""
        data = np.frombuffer(piece.text, dtype=np.uint8)
        marks = (self._delimiter, self._quote, self._comments, self._comment_ends)
        cells, good, odd, used, line = scan(data, *marks, self._width, piece.line, LONGEST_CELL, _BLANK)
        judged = None if len(odd) > BATCH_ROWS else self._judge(piece, odd, good)
        if judged is None:
            return self._strict.read(piece)
        refused, excluded, dropped = judged
        columns = [self._column(data, cells, column, len(good)) for column in range(self._width)]
        lines, rows = pa.array(good[:, 0]), pa.array(good[:, 1] + piece.row)
        if dropped:
            columns, lines, rows = _without(dropped, columns, lines, rows)
        again = self._strict.repeated.places(columns)
        if again:
            origins = [RowOrigin(lines[place].as_py(), rows[place].as_py()) for place in again]
            excluded += [ExcludedRow(origin, REPEATED) for origin in origins]
            excluded.sort(key=lambda row: row.origin.row)
            columns, lines, rows = _without(again, columns, lines, rows)
        read = Reading(Batch(columns, lines, rows, refused, excluded), int(used), int(line))
        left = len(piece.text) - read.used
        if left and (piece.final or left > LONGEST_CELL):
            # A row is open at the end of the piece. The strict reader knows whether it may go on.
            self._strict.read(Piece(piece.text[read.used :], read.line, piece.row + len(read.batch), piece.final))
        return read

    def _column(self, data: Array, cells: Array, column: int, rows: int) -> pa.Array:
        offsets, values = gather(data, cells, column, self._width, rows, self._quote)
        return pa.LargeStringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(values))

    def _judge(
        self, piece: Piece, odd: Array, good: Array
    ) -> tuple[list[RefusedRow], list[ExcludedRow], list[int]] | None:
        """What the strict reader says of the odd rows: refused, excluded, and which of the good ones are not good.
        None if it contradicts the scan."""
        refused: list[RefusedRow] = []
        excluded: list[ExcludedRow] = []
        dropped: list[int] = []
        for begin, end in _runs(odd):
            first, last = odd[begin], odd[end - 1]
            part = Piece(piece.text[first[0] : last[1]], int(first[2]), piece.row + int(first[3]), final=True)
            batch = self._strict.read(part).batch
            if len(batch) != end - begin:
                return None
            accepted = set(batch.rows.to_pylist())
            for _, _, _, row, place in odd[begin:end].tolist():
                if (piece.row + row in accepted) and place < 0:
                    return None
                if (piece.row + row not in accepted) and place >= 0:
                    dropped.append(place)
            refused.extend(batch.refused)
            excluded.extend(batch.excluded)
        return refused, excluded, dropped


def _without(
    places: list[int], columns: list[pa.Array], lines: pa.Array, rows: pa.Array
) -> tuple[list[pa.Array], pa.Array, pa.Array]:
    """All but the rows at ``places``."""
    kept = np.ones(len(rows), dtype=np.bool_)
    kept[places] = False
    mask = pa.array(kept)
    return [column.filter(mask) for column in columns], lines.filter(mask), rows.filter(mask)


def _runs(odd: Array) -> list[tuple[int, int]]:
    """Stretches of ``odd`` whose rows follow one another."""
    if not len(odd):
        return []
    breaks = np.flatnonzero(np.diff(odd[:, 3]) != 1) + 1
    edges = [0, *breaks.tolist(), len(odd)]
    return list(pairwise(edges))


@_compiled
def scan(
    data: Array,
    delimiter: int,
    quote: int,
    comments: Array,
    comment_ends: Array,
    width: int,
    line: int,
    longest: int,
    blank: Array,
) -> Any:
    """Where the rows and cells of ``data`` stand.

    Returns:
        cells: (begin, end) of the cells of good rows, row by row; ``end`` is negative where quotes are doubled.
        good: (line, row) of rows of the right width, rows counted from 0.
        odd: (begin, end, line, row, place among the good or -1) of rows that the strict reader must judge.
        used: bytes up to the end of the last whole row; ``line``: the physical line that follows it.
    """
    stops = np.zeros(257, dtype=np.bool_)
    stops[delimiter] = stops[quote] = stops[_LF] = stops[_CR] = True
    most_cells, most_rows = _room(data, delimiter)
    cells = np.empty((most_cells, 2), dtype=np.int32)
    good = np.empty((most_rows, 2), dtype=np.int64)
    odd = np.empty((most_rows, 5), dtype=np.int64)
    goods, odds, at, row = 0, 0, 0, 0
    while at < data.size:
        begin, begin_line, count = at, line, 0
        doubtful, filled = False, False
        at = _behind_marks(data, at)
        bad = _begins_comment(data, at, comments, comment_ends)
        more = not bad and at < data.size and data[at] != _LF and data[at] != _CR
        while more:
            doubled, stray = False, False
            if at < data.size and data[at] == quote:
                start = at + 1
                stop, doubled, passed = _closing(data, start, quote)
                if stop < 0:  # the row goes on beyond the data
                    return cells, good[:goods], odd[:odds], begin, begin_line
                line += passed
                at = stop + 1
                bad = at < data.size and (not stops[data[at]] or data[at] == quote)
            else:
                start = at
                while at < data.size and not stops[data[at]]:
                    at += 1
                if at < data.size and data[at] == quote:
                    at, stray = _end(data, at, quote, stops)
                stop = at
            if count < width:
                cells[goods * width + count, 0] = start
                cells[goods * width + count, 1] = -stop if doubled else stop
            count += 1
            doubtful = doubtful or stray or stop - start > longest
            filled = filled or (stop > start and not blank[data[start]])
            more = not bad and at < data.size and data[at] == delimiter
            at += more
        at = _next_line(data, at)
        line += 1
        right = count == width and not bad
        if not right or doubtful or not filled:
            odd[odds, 0], odd[odds, 1], odd[odds, 2], odd[odds, 3] = begin, at, begin_line, row
            odd[odds, 4] = goods if right else -1
            odds += 1
        if right:
            good[goods, 0], good[goods, 1] = begin_line, row
            goods += 1
        row += 1
    return cells, good[:goods], odd[:odds], at, line


@_compiled
def _room(data: Array, delimiter: int) -> Any:
    """As many cells and rows as ``data`` can hold at most."""
    cells, rows = 1, 1
    for byte in data:
        cells += byte == delimiter
        rows += (byte == _LF) | (byte == _CR)  # as a membership it would not be vectorised
    return cells + rows, rows


@_compiled
def _behind_marks(data: Array, at: int) -> int:
    """Where the row that begins ``at`` goes on behind order marks."""
    while at + 2 < data.size and data[at] == 0xEF and data[at + 1] == 0xBB and data[at + 2] == 0xBF:
        at += 3
    return at


@_compiled
def _begins_comment(data: Array, at: int, comments: Array, ends: Array) -> bool:
    for number in range(ends.size - 1):
        length = ends[number + 1] - ends[number]
        same = at + length <= data.size
        for step in range(length if same else 0):
            same = same and data[at + step] == comments[ends[number] + step]
        if same:
            return True
    return False


@_compiled
def _closing(data: Array, at: int, quote: int) -> Any:
    """Where the quoted cell that begins ``at`` is closed (-1: nowhere), whether quotes are doubled in it, and how many
    lines end in it."""
    doubled, lines = False, 0
    while at < data.size:
        byte = data[at]
        if byte == quote:
            if at + 1 >= data.size or data[at + 1] != quote:
                return at, doubled, lines
            doubled = True
            at += 1
        elif byte == _LF or (byte == _CR and (at + 1 >= data.size or data[at + 1] != _LF)):
            lines += 1
        at += 1
    return -1, doubled, lines


@_compiled
def _end(data: Array, at: int, quote: int, stops: Array) -> Any:
    """Where the unquoted cell whose first quote is ``at`` ends, and whether a quote in it is left open."""
    stray = False
    while at < data.size:
        if stops[data[at]]:
            if data[at] != quote:
                break
            stray = not stray
        at += 1
    return at, stray


@_compiled
def _next_line(data: Array, at: int) -> int:
    """Where the line after that of ``at`` begins."""
    while at < data.size and data[at] != _LF and data[at] != _CR:
        at += 1
    if at + 1 < data.size and data[at] == _CR and data[at + 1] == _LF:
        return at + 2
    return min(at + 1, data.size)


@_compiled
def gather(data: Array, cells: Array, column: int, width: int, rows: int, quote: int) -> Any:
    """The cells of one column, one after the other: Arrow's offsets and bytes, doubled quotes made single."""
    size = 0
    for row in range(rows):
        size += abs(cells[row * width + column, 1]) - cells[row * width + column, 0]
    offsets = np.empty(rows + 1, dtype=np.int64)
    values = np.empty(size, dtype=np.uint8)
    end = 0
    offsets[0] = 0
    for row in range(rows):
        start, stop = cells[row * width + column, 0], cells[row * width + column, 1]
        if stop >= 0:
            for at in range(start, stop):
                values[end] = data[at]
                end += 1
        else:
            at = start
            while at < -stop:
                values[end] = data[at]
                end += 1
                at += 2 if data[at] == quote else 1
        offsets[row + 1] = end
    return offsets, values[:end]
