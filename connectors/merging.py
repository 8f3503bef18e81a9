"""Merged cells of a sheet's data: only the first cell of a merge holds the value, the others come blank.

Whether its value is theirs too is for a person to say (``fill_merged``); where nobody did, their rows are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any

from connectors.headers import Range
from connectors.sheetscan import MAX_ODD
from crm_etl.faults import SourceFault, Where

Cell = tuple[int, int]


class Merges:
    """The merges of the rows from ``first_row`` on. Rows are given to :meth:`fill` in their order.

    ``odd`` says of a cell, by row and column, whether its value is not known though it is no blank.

    Raises:
        SourceFault: more cells are merged than can be remembered.
    """

    def __init__(
        self,
        ranges: Iterable[Range],
        first_row: int,
        last_row: int,
        last_column: int,
        where: Where,
        odd: Callable[[int, int], bool],
    ) -> None:
        self._odd = odd
        #: Row -> columns of the cells that hold a merge's value; row -> covered cells: column, holder's row, column.
        self._holders: dict[int, list[int]] = {}
        self._covered: dict[int, list[tuple[int, int, int]]] = {}
        self._values: dict[tuple[int, int], Any] = {}
        count = 0
        for top, left, bottom, right in ranges:
            rows = range(max(top, first_row), min(bottom, last_row) + 1)
            columns = range(left, min(right, last_column) + 1)
            count += len(rows) * len(columns)
            if count > MAX_ODD:
                raise SourceFault(
                    f"more than {MAX_ODD} cells are merged", where=where, remedy="unmerge them in Excel and save it"
                )
            if rows and top == rows[0]:
                self._holders.setdefault(top, []).append(left)
            for row in rows:
                cells = [(column, top, left) for column in columns if (row, column) != (top, left)]
                if cells:
                    self._covered.setdefault(row, []).extend(cells)

    def __contains__(self, line: int) -> bool:
        return line in self._holders or line in self._covered

    def __bool__(self) -> bool:
        return bool(self._holders or self._covered)

    def fill(
        self, line: int, values: Sequence[Any], first: int, wanted: Container[int]
    ) -> tuple[list[Any], dict[int, Cell], dict[int, Cell]]:
        """A row, whose first cell is in column ``first``, with its covered cells in ``wanted`` columns filled.

        Returns:
            the row, the columns that were filled, and those that are covered by a value and were not, each with
            the cell that holds it. A merge that begins above the data holds a name or a title, which fills nothing;
            neither does an odd cell.
        """
        row = list(values)
        filled: dict[int, Cell] = {}
        left_blank: dict[int, Cell] = {}
        for column in self._holders.get(line, ()):
            if 0 <= column - first < len(row):
                self._values[line, column] = row[column - first]
        for column, top, left in self._covered.get(line, ()):
            held, odd = self._values.get((top, left)), self._odd(top, left)
            if (held == "" and not odd) or not 0 <= column - first < len(row):
                continue
            if held is not None and not odd and column in wanted and row[column - first] == "":
                row[column - first] = held
                filled[column] = top, left
            else:
                left_blank[column] = top, left
        return row, filled, left_blank
