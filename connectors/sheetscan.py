"""What a scan finds out about a sheet before it is parsed, and whether there is memory to parse it.

The parser behind :mod:`connectors.excel` allots memory for the rectangle around all cells, copies a shared text
into every cell that shows it, and shows error cells and formulas without a stored value as blanks. The scanners
(:mod:`connectors.sheetxml`, :mod:`connectors.sheetbin`, :mod:`connectors.sheetods`) see the file first.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from connectors.room import room
from crm_etl.faults import SourceFault, Where
from crm_etl.number import counted

#: Columns of a sheet are 14 bits wide.
_COLUMN_BITS = 14
MAX_COLUMNS = 1 << _COLUMN_BITS
#: Most cells of a sheet that may be odd (errors, formulas never computed, merged): they are remembered one by one.
MAX_ODD = 2_000_000
#: Bytes that the parser takes, measured: a cell with something in it, a cell of the rectangle, a text besides its
#: letters; and what a batch of rows takes on our side, its texts apart, which are held thrice.
_FILLED, _SPANNED, _TEXT, _BATCH = 80, 32, 32, 128 << 20
#: Most cells of a batch of rows: batches of wide sheets have fewer rows.
BATCH_CELLS = 500_000


@dataclass
class SheetScan:
    """What a sheet holds. ``errors``, ``uncached`` and the rest are positions, see :func:`at`.

    ``cells``: with something in them; ``texts`` and ``letters``: those with text, and the bytes of it, each cell
    its own. ``merged``: ranges as (top, left, bottom, right), 1-based. ``empty_results``: formulas whose stored
    result is an empty text where that cannot be told from none. ``unread``: cells of which the parser shows a part.
    ``rewritten``: texts of cells that the parser shows otherwise.
    ``held_rows``, ``held_counts``: how many cells of a row hold a value, about; rows with none are left out; the
    scanner's ``values`` tells which they are. ``declared``: cells for which a parser that believes
    the declared range allots memory.
    """

    last_row: int = 0
    last_column: int = 0
    cells: int = 0
    texts: int = 0
    letters: int = 0
    empty_results: int = 0
    declared: int = 0
    errors: set[int] = field(default_factory=set)
    uncached: set[int] = field(default_factory=set)
    unread: set[int] = field(default_factory=set)
    rewritten: dict[int, str] = field(default_factory=dict)
    held_rows: array[int] = field(default_factory=lambda: array("q"))
    held_counts: array[int] = field(default_factory=lambda: array("q"))
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

    def fill(self, row: int, column: int) -> None:
        """A cell with something in it stands at ``row``, ``column``."""
        self.last_row = max(self.last_row, row)
        self.last_column = max(self.last_column, column)

    def hold(self, row: int, count: int) -> None:
        """``count`` cells of ``row`` hold a value that the parser must show; rows come in their order."""
        if not count:
            return
        if self.held_rows and self.held_rows[-1] == row:
            self.held_counts[-1] += count
        else:
            self.held_rows.append(row)
            self.held_counts.append(count)

    @property
    def bytes(self) -> int:
        """Memory that parsing the sheet takes, about."""
        span = self.last_row * self.last_column
        batch = 3 * self.letters * min(BATCH_CELLS, span) // max(span, 1)
        return max(self.cells, self.declared) * _FILLED + span * _SPANNED + self.texts * _TEXT + self.letters + batch

    def check_odd(self, where: Where) -> None:
        """Raises SourceFault when more cells are odd than can be told one by one."""
        if len(self.errors) + len(self.uncached) + len(self.unread) + len(self.rewritten) > MAX_ODD:
            raise SourceFault(
                f"more than {MAX_ODD} cells hold errors, formulas that were never computed, or texts with breaks",
                where=where,
                remedy="let Excel compute the workbook, mend the errors and save it, or export the sheet as CSV",
            )


def check_room(scan: SheetScan, where: Where) -> None:
    """Raises SourceFault when there is not the memory to parse a sheet."""
    needed, free = scan.bytes + _BATCH, room()
    if needed > free:
        farthest = f"{column_letters(scan.last_column)}{scan.last_row}"
        raise SourceFault(
            f"the sheet spans {counted(scan.last_row, 'row')} by {counted(scan.last_column, 'column')}"
            f" up to cell {farthest}, with"
            f" {counted(scan.cells, 'filled cell')}: reading it needs about {needed >> 20} MiB of memory,"
            f" {free >> 20} MiB are free",
            where=where,
            remedy="delete stray cells far from the table in Excel, give more memory, or export the sheet as CSV",
        )


def check_bytes(needed: int, what: str, where: Where) -> None:
    """Raises SourceFault when ``needed`` bytes for ``what`` are not there."""
    needed, free = needed + _BATCH, room()
    if needed > free:
        raise SourceFault(
            f"{what} would need about {needed >> 20} MiB of memory, {free >> 20} MiB are free",
            where=where,
            remedy="give more memory, split the workbook, or export the sheet as CSV",
        )


@contextmanager
def memory(where: Where) -> Iterator[None]:
    """Makes a fault of memory that runs out after all."""
    try:
        yield
    except MemoryError:
        raise SourceFault(
            "there is not enough memory to read the workbook",
            where=where,
            remedy="give more memory, split the workbook, or export the sheet as CSV",
        ) from None


def at(row: int, column: int) -> int:
    """The position of a cell as one number; row and column 1-based."""
    return row << _COLUMN_BITS | (column - 1)


def place(position: int) -> tuple[int, int]:
    """(row, column) of a position."""
    return position >> _COLUMN_BITS, (position & MAX_COLUMNS - 1) + 1


def column_number(letters: bytes) -> int:
    """``A`` is 1, ``XFD`` is 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def column_letters(number: int) -> str:
    """1 is ``A``, 16384 is ``XFD``."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
