"""The names of a sheet's columns: one row of them, or several composed into one name a column.

A name that is merged over several columns belongs to each of them; levels are joined, ``Телефон / Рабочий``. Which
name is meant is never guessed: names that stand twice, or are merged where one row is declared, ask a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.base import clean_column
from connectors.cells import cell_text
from connectors.sheetscan import column_letters
from crm_etl.faults import DeclarationNeeded, LayoutFault, Where

Range = tuple[int, int, int, int]


@dataclass(frozen=True)
class Header:
    """Where the names stand: ``rows`` rows from sheet row ``row`` on, levels joined by ``joiner``."""

    row: int
    rows: int
    joiner: str

    @property
    def last(self) -> int:
        """The sheet row above the first data row."""
        return self.row + self.rows - 1

    def covers(self, merged: Range) -> bool:
        top, _, _, _ = merged
        return self.row <= top <= self.last


def column_names(
    levels: Sequence[Sequence[Any]], header: Header, first: int, merged: Sequence[Range], where: Where
) -> list[str | None]:
    """One name a column, None for none. ``levels``: the rows from the header's first on, at least one more than the
    header has, for a proposal; ``first``: the column of their first cells.

    Raises:
        LayoutFault: there are no names.
        DeclarationNeeded: they may mean several things.
    """
    own = levels[: header.rows]
    if not any(str(value).strip() for level in own for value in level):
        raise LayoutFault("no column names in this row", where=where, remedy="point header_row to the row with names")
    both = Header(header.row, len(levels), header.joiner)
    check_merged(header, merged, compose(levels, both, first, merged), where)
    names = compose(own, header, first, merged)
    check_unique(names, first, where)
    return names


def declared_names(declared: Sequence[str], width: int, first: int, where: Where) -> list[str | None]:
    """The names of a sheet of ``width`` columns as the migration file declares them.

    Raises:
        DeclarationNeeded: there are more or fewer of them than columns, or one stands twice.
    """
    if len(declared) != width:
        raise DeclarationNeeded(
            f"'columns' declares {len(declared)} names, the sheet has {width} columns,"
            f" {column_letters(first)} to {column_letters(first + width - 1)}",
            where=where,
            remedy="give one name for each column of the sheet, from left to right",
        )
    check_unique([clean_column(name) for name in declared], first, where)
    return list(declared)


def compose(levels: Sequence[Sequence[Any]], header: Header, first: int, merged: Iterable[Range]) -> list[str | None]:
    """One name a column, None for none; ``levels``: the header's rows, whose first cell is in column ``first``."""
    grid = [[clean_column(cell_text(value) or "") for value in level] for level in levels]
    for top, left, bottom, right in filter(header.covers, merged):
        if not 0 <= left - first < len(grid[0]):
            continue
        name = grid[top - header.row][left - first]
        for level in grid[top - header.row : bottom - header.row + 1]:
            for column in range(left - first, min(right - first + 1, len(level))):
                level[column] = name
    return [_joined(column, header.joiner) for column in zip(*grid, strict=True)]


def _joined(parts: Iterable[str], joiner: str) -> str | None:
    levels: list[str] = []
    for part in parts:
        if part and part not in levels[-1:]:
            levels.append(part)
    return joiner.join(levels) or None


def check_merged(header: Header, merged: Iterable[Range], proposal: Sequence[str | None], where: Where) -> None:
    """Raises DeclarationNeeded when names are merged over several columns but one row of them is declared."""
    wide = [(left, right) for top, left, _, right in filter(header.covers, merged) if right > left]
    if header.rows == 1 and wide:
        places = ", ".join(f"{column_letters(left)} to {column_letters(right)}" for left, right in sorted(wide))
        raise DeclarationNeeded(
            f"column names are merged over several columns: {places}",
            where=where,
            remedy="declare 'header_rows: 2' if the row below holds the second level; the columns would be:"
            f" {', '.join(name or '(none)' for name in proposal)}; else unmerge them, or declare 'columns'",
        )


def check_unique(names: Sequence[str | None], first: int, where: Where) -> None:
    """Raises DeclarationNeeded when a name stands twice; the remedy holds a list of names to declare."""
    places: dict[str, list[str]] = {}
    for position, name in enumerate(names):
        if name is not None:
            places.setdefault(name, []).append(column_letters(first + position))
    twice = [f"'{name}' ({', '.join(letters)})" for name, letters in places.items() if len(letters) > 1]
    if twice:
        raise DeclarationNeeded(
            f"column names stand twice: {', '.join(twice)}",
            where=where,
            remedy="give each a name of its own in the file, declare 'header_rows' if there are more rows of names,"
            f" or declare the names: columns: [{', '.join(_apart(names, first))}]",
        )


def _apart(names: Sequence[str | None], first: int) -> list[str]:
    seen: dict[str, int] = {}
    apart = []
    for position, name in enumerate(names):
        text = name if name is not None else f"column {column_letters(first + position)}"
        seen[text] = seen.get(text, 0) + 1
        apart.append(text if seen[text] == 1 else f"{text} ({seen[text]})")
    return apart
