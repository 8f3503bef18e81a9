"""The values of a sheet's column -> text, and which of them cannot be trusted.

Numbers are given with the 15 significant digits that Excel itself knows (ECMA-376 stores binary doubles): whole ones
without a fraction, and ones of more digits are doubtful because digits are already lost. Dates become ISO text.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import TEXT
from connectors.cells import cell_text, plain

#: From 16 digits on Excel has rounded. Before this day its calendar counts a 29 February 1900 that never was.
_ROUNDED = 1e15
_FIRST_SURE_DAY = dt.date(1900, 3, 1)
#: Day zero of LibreOffice: what an empty date becomes.
_ZERO_DAY = dt.date(1899, 12, 30)
#: Fifteen digits and a point: what is longer may hold more than Excel shows.
_SHORT = 16
_DURATION = re.compile(r"(-?)PT(\d+)H(\d+)M(\d+)(?:[.,](\d{1,6})\d*)?S")


@dataclass
class Texts:
    """A column's cells as text. ``doubts``: index -> reason; ``times``: indices of times of day."""

    cells: pa.Array
    doubts: dict[int, str] = field(default_factory=dict)
    times: list[int] = field(default_factory=list)


def column_texts(values: Sequence[Any], iso: bool = False) -> Texts:
    """``values`` of one column as text; ``iso``: the file keeps dates as ISO text, so none is miscounted.

    Columns of one kind, which most are, are written at once; others value by value.
    """
    kinds = set(map(type, values))
    if kinds == {str}:
        return Texts(pa.array(_durations(values) if iso else values, TEXT))
    if kinds <= {float, str} and not any(filter(_is_text, values)):
        numbers = pa.array([None if type(value) is str else value for value in values], pa.float64())
        if pc.all(pc.less(pc.abs(numbers), _ROUNDED)).as_py():
            return Texts(_numbers(numbers))
    elif kinds <= {dt.date, str} and not any(filter(_is_text, values)):
        days = pa.array([None if type(value) is str else value for value in values], pa.date32())
        if pc.all(pc.greater_equal(days, pa.scalar(_FIRST_SURE_DAY))).as_py():
            return Texts(days.cast(TEXT))
    return _one_by_one(values, iso)


def _is_text(value: Any) -> bool:
    return type(value) is str


def _numbers(numbers: pa.Array) -> pa.Array:
    """Numbers of less than 16 digits, as :func:`_number` writes them."""
    whole = pc.equal(pc.floor(numbers), numbers)
    if pc.all(whole).as_py() is not False:
        return numbers.cast(pa.int64()).cast(TEXT)
    shortest = numbers.cast(TEXT)
    wholes = pc.if_else(whole, numbers, 0.0).cast(pa.int64()).cast(TEXT)
    odd = pc.or_(pc.greater(pc.utf8_length(shortest), _SHORT), pc.match_substring(shortest, "e"))
    odd = pc.and_not(odd, whole)
    texts = pc.if_else(whole, wholes, shortest)
    if not pc.any(odd).as_py():
        return texts
    rewritten = [_number(value) for value in numbers.filter(odd).to_pylist()]
    return pc.replace_with_mask(texts, odd.fill_null(False), pa.array(rewritten, TEXT))


def _number(value: float) -> str:
    if value.is_integer():
        return str(int(value))
    text = f"{value:.15g}"
    return text if "e" not in text else plain(Decimal(text))


def _one_by_one(values: Sequence[Any], iso: bool) -> Texts:
    cells: list[str | None] = []
    texts = Texts(cells)
    for index, value in enumerate(values):
        kind = type(value)
        if kind is str:
            cells.append(value)
        elif kind is float and -_ROUNDED < value < _ROUNDED:
            cells.append(_number(value))
        else:
            cells.append(cell_text(value))
            _doubt(texts, index, value, iso)
    texts.cells = pa.array(_durations(cells) if iso else cells, TEXT)
    return texts


def _doubt(texts: Texts, index: int, value: Any, iso: bool) -> None:
    if isinstance(value, bool):
        return
    if isinstance(value, (int, float)):
        # What is not a number, or infinite, is no exact number either.
        if not -_ROUNDED < value < _ROUNDED:
            texts.doubts[index] = "digits_lost"
    elif isinstance(value, dt.date):
        day = value.date() if isinstance(value, dt.datetime) else value
        if day == _ZERO_DAY or (day < _FIRST_SURE_DAY and not iso):
            texts.doubts[index] = "unsure_date"
    elif isinstance(value, dt.time):
        texts.times.append(index)


def _durations(cells: Sequence[str | None]) -> Sequence[str | None]:
    """Durations that OpenDocument writes as PT36H00M00S, written as those of every other workbook: 36:00:00."""
    if not any(cell is not None and cell.startswith(("PT", "-PT")) for cell in cells):
        return cells
    return [cell if cell is None else _clock(cell) for cell in cells]


def _clock(cell: str) -> str:
    match = _DURATION.fullmatch(cell)
    if match is None:
        return cell
    part = (match[5] or "").rstrip("0")
    return f"{match[1]}{match[2]:0>2}:{match[3]:0>2}:{match[4]:0>2}" + (f".{part:0<6}" if part else "")
