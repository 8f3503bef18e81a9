"""The names of a sheet's columns: one row of them, or several composed into one name a column.

A name that is merged over several columns belongs to each of them; levels are joined, ``Телефон / Рабочий``. Which
name is meant is never guessed: names that stand twice, or are merged where one row is declared, ask a person. The
question shows names only where they are names for sure: a sheet without a header has people in its first row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.base import clean_column
from connectors.cells import cell_text
from connectors.sheetscan import column_letters
from connectors.told import looks_like_data, shape, told
from crm_etl.faults import DeclarationNeeded, LayoutFault, Where
from crm_etl.number import counted

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
    levels: Sequence[Sequence[Any]],
    header: Header,
    first: int,
    merged: Sequence[Range],
    where: Where,
    known: Collection[str] = (),
) -> list[str | None]:
    """One name a column, None for none. ``levels``: the rows from the header's first on, at least one more than the
    header has, for a proposal; ``first``: the column of their first cells; ``known``: names that the sheet should have.

    Raises:
        LayoutFault: there are no names.
        DeclarationNeeded: they may mean several things.
    """
    own = levels[: header.rows]
    if not any(str(value).strip() for level in own for value in level):
        raise LayoutFault("no column names in this row", where=where, remedy="point header_row to the row with names")
    names = compose(own, header, first, merged)
    below = [cell_text(value) or "" for level in levels[header.rows :] for value in level]
    proposal = None
    if not looks_like_data(below) and (not known or _reach_down(names, header, first, merged, known)):
        both = Header(header.row, len(levels), header.joiner)
        proposal = sure_names(compose(levels, both, first, merged), known)
    check_merged(header, merged, proposal, where)
    check_unique(names, first, where, known)
    return names


def _reach_down(
    names: Sequence[str | None], header: Header, first: int, merged: Iterable[Range], known: Collection[str]
) -> bool:
    """Whether a known name is merged with the cell below the header: only then that row is one of names for sure."""
    reaching = [left - first for _, left, bottom, _ in filter(header.covers, merged) if bottom > header.last]
    return any(0 <= position < len(names) and names[position] in known for position in reaching)


def sure_names(names: Sequence[str | None], known: Collection[str]) -> list[str] | None:
    """The names as they may be told; None where they may be a person's data."""
    told_as = [name or "(none)" for name in names]
    sure = told(told_as, known) == told_as if known else not looks_like_data(told_as)
    return told_as if sure else None


def declared_names(declared: Sequence[str], width: int, first: int, where: Where) -> list[str | None]:
    """The names of a sheet of ``width`` columns as the migration file declares them.

    Raises:
        DeclarationNeeded: there are more or fewer of them than columns, or one stands twice.
    """
    if len(declared) != width:
        raise DeclarationNeeded(
            f"'columns' declares {counted(len(declared), 'name')}, the sheet has {counted(width, 'column')},"
            f" {column_letters(first)} to {column_letters(first + width - 1)}",
            where=where,
            remedy="give one name for each column of the sheet, from left to right",
        )
    clean = [clean_column(name) for name in declared]
    check_unique(clean, first, where, clean)
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


def check_merged(header: Header, merged: Iterable[Range], proposal: Sequence[str] | None, where: Where) -> None:
    """Raises DeclarationNeeded when names are merged over several columns but one row of them is declared.

    ``proposal``: the names with the row below, None where that may be data.
    """
    wide = [(left, right) for top, left, _, right in filter(header.covers, merged) if right > left]
    if header.rows == 1 and wide:
        places = ", ".join(f"{column_letters(left)} to {column_letters(right)}" for left, right in sorted(wide))
        raise DeclarationNeeded(
            f"column names are merged over several columns: {places}",
            where=where,
            remedy="declare 'header_rows: 2' if the row below holds the second level"
            + (f"; the columns would be: {', '.join(proposal)}" if proposal is not None else "")
            + "; else unmerge them, or declare 'columns'",
        )


def check_unique(names: Sequence[str | None], first: int, where: Where, known: Collection[str] = ()) -> None:
    """Raises DeclarationNeeded when a name stands twice; the remedy holds names to declare, if they are any."""
    sure = sure_names([name for name in names if name is not None], known) is not None
    places: dict[str, list[str]] = {}
    for position, name in enumerate(names):
        if name is not None:
            places.setdefault(name, []).append(column_letters(first + position))
    twice = [
        f"'{name if sure else shape(name)}' ({', '.join(letters)})"
        for name, letters in places.items()
        if len(letters) > 1
    ]
    if twice:
        raise DeclarationNeeded(
            f"column names stand twice: {', '.join(twice)}",
            where=where,
            remedy="give each a name of its own in the file, declare 'header_rows' if there are more rows of names,"
            + (
                f" or declare the names: columns: [{', '.join(_apart(names, first))}]"
                if sure
                else " or declare the names of all under 'columns', with 'header_rows: 0' if the first row is data"
            ),
        )


def _apart(names: Sequence[str | None], first: int) -> list[str]:
    seen: dict[str, int] = {}
    apart = []
    for position, name in enumerate(names):
        text = name if name is not None else f"column {column_letters(first + position)}"
        seen[text] = seen.get(text, 0) + 1
        apart.append(text if seen[text] == 1 else f"{text} ({seen[text]})")
    return apart
