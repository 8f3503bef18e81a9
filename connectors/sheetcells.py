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

from connectors.cells import cell_text, plain

#: From 16 digits on Excel has rounded. Before this day its calendar counts a 29 February 1900 that never was.
_ROUNDED = 1e15
_FIRST_SURE_DAY = dt.date(1900, 3, 1)
#: Day zero of LibreOffice: what an empty date becomes.
_ZERO_DAY = dt.date(1899, 12, 30)
_MIDNIGHT = dt.time()
_DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+)S")


@dataclass
class Texts:
    """A column's cells as text. ``doubts``: index -> reason; ``midnights``: indices of times of 00:00."""

    cells: list[str | None]
    doubts: dict[int, str] = field(default_factory=dict)
    midnights: list[int] = field(default_factory=list)


def column_texts(values: Sequence[Any], iso: bool = False) -> Texts:
    """``values`` of one column as text; ``iso``: the file keeps dates as ISO text, so none is miscounted."""
    if set(map(type, values)) == {str}:
        return Texts(_durations(values) if iso else list(values))
    texts = Texts([])
    append = texts.cells.append
    for index, value in enumerate(values):
        kind = type(value)
        if kind is str:
            append(value)
        elif kind is float and -_ROUNDED < value < _ROUNDED:
            if value.is_integer():
                append(str(int(value)))
            else:
                text = f"{value:.15g}"
                append(text if "e" not in text else plain(Decimal(text)))
        elif kind is dt.date and value >= _FIRST_SURE_DAY:
            append(value.isoformat())
        else:
            _other(texts, index, value, iso)
    return Texts(_durations(texts.cells), texts.doubts, texts.midnights) if iso else texts


def number_text(value: float) -> tuple[str, str | None]:
    """A number of a sheet as Excel shows it in full, and why it cannot be trusted, if so."""
    texts = column_texts([value])
    return texts.cells[0] or "", texts.doubts.get(0)


def _other(texts: Texts, index: int, value: Any, iso: bool) -> None:
    texts.cells.append(cell_text(value) or "")
    if isinstance(value, bool):
        return
    if isinstance(value, (int, float)):
        # Not a number and infinity are no exact numbers either.
        if not -_ROUNDED < value < _ROUNDED:
            texts.doubts[index] = "digits_lost"
    elif isinstance(value, dt.date):
        day = value.date() if isinstance(value, dt.datetime) else value
        if day == _ZERO_DAY or (day < _FIRST_SURE_DAY and not iso):
            texts.doubts[index] = "unsure_date"
    elif value == _MIDNIGHT:
        texts.midnights.append(index)


def _durations(cells: Sequence[str | None]) -> list[str | None]:
    """Durations that OpenDocument writes as PT36H00M00S, written as every other workbook's: 36:00:00."""
    if not any(cell is not None and cell.startswith("PT") for cell in cells):
        return list(cells)
    return [cell if cell is None else _DURATION.sub(_clock, cell) for cell in cells]


def _clock(match: re.Match[str]) -> str:
    whole = match.span() == (0, len(match.string))
    return f"{match[1]:0>2}:{match[2]:0>2}:{match[3]:0>2}" if whole else match[0]
