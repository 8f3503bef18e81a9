"""What every connector is: a legacy table, sheet or query as batches of text rows, each with its origin.

Here: the protocol, a row's origin, rows refused and rows left out, and the files behind a reading. A connector
yields every cell as text or as no value (None, or the empty string) and never passes one through a float.
Opening a connector reads its column names and complains about a layout that cannot be used. What the columns
mean, keys and duplicates are no business of a connector: :mod:`crm_etl.extract` sees to them.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

import pyarrow as pa

from crm_etl.faults import LayoutFault, SourceFault, Where

#: Rows a batch: large enough to be vectorised, small enough that a batch of wide rows stays below some 50 MB.
BATCH_ROWS = 20_000
Cells = Sequence[str | None]
TEXT = pa.large_string()
#: Rule by which a row of a workbook for manual entry is left out while nothing was entered in it.
AWAITING = "awaiting_entry"


@dataclass(frozen=True, slots=True)
class RowOrigin:
    """Where a row stands. ``line``: physical line or sheet row, None in a database; ``row``: logical, 1-based."""

    line: int | None
    row: int


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be read safely, with everything that was delivered in it."""

    origin: RowOrigin
    column: str | None
    reason: str
    message: str
    cells: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class ExcludedRow:
    """A row left out by rule: blank_row, comment_row, repeated_header, total_row or awaiting_entry."""

    origin: RowOrigin
    rule: str
    cells: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """Rows that can be read, column by column as the connector's ``columns`` stand, and those that cannot.

    ``columns``: one Arrow text array (large_string) a column, ``""`` or null for no value; ``lines`` (null in a
    database) and ``rows``: int64. ``file``: the file that all rows of the batch stand in, where a connector reads
    several; none given: the connector's own. Connectors that meet their rows one by one collect them in
    :class:`Rows`.
    """

    columns: list[pa.Array]
    lines: pa.Array
    rows: pa.Array
    refused: list[RefusedRow] = field(default_factory=list)
    excluded: list[ExcludedRow] = field(default_factory=list)
    file: str | None = None

    @property
    def size(self) -> int:
        """Rows that can be read."""
        return len(self.rows)

    def __len__(self) -> int:
        return self.size + len(self.refused) + len(self.excluded)

    def cells(self) -> list[tuple[str | None, ...]]:
        """The rows that can be read, one by one."""
        return list(zip(*(column.to_pylist() for column in self.columns), strict=True))


class Rows:
    """Collects rows one by one, until they are made a batch."""

    def __init__(self, width: int) -> None:
        self._width = width
        self.cells: list[Cells] = []
        self.lines: list[int | None] = []
        self.rows: list[int] = []
        self.refused: list[RefusedRow] = []
        self.excluded: list[ExcludedRow] = []

    def __len__(self) -> int:
        return len(self.cells) + len(self.refused) + len(self.excluded)

    def take(self, origin: RowOrigin, cells: Cells) -> None:
        """A row that can be read: as many ``cells`` as there are columns."""
        self.cells.append(cells)
        self.lines.append(origin.line)
        self.rows.append(origin.row)

    def batch(self) -> Batch:
        series = list(zip(*self.cells, strict=True)) if self.cells else [()] * self._width
        return Batch(
            [pa.array(cells, TEXT) for cells in series],
            pa.array(self.lines, pa.int64()),
            pa.array(self.rows, pa.int64()),
            self.refused,
            self.excluded,
        )


@dataclass(frozen=True)
class Delivery:
    """What was read: a file with its hash and size, or a database table (no hash)."""

    file: str
    sha256: str | None
    bytes: int | None


class Connector(Protocol):
    """A source that has been opened: its layout is known, its rows not read yet.

    ``file`` names the place for people, relative to the migration folder and without a password; ``sheet`` the
    sheet of a workbook. ``warnings`` grows while the rows are read.
    """

    file: str
    sheet: str | None
    columns: tuple[str, ...]
    warnings: list[str]

    def batches(self) -> Iterator[Batch]:
        """The rows, in the source's own order; a database gives them in the order of the key.

        Raises:
            SourceFault: the source broke off, changed while it was read, or holds no data rows.
        """
        ...

    def delivery(self) -> Delivery:
        """What was read, once it has been read."""
        ...


@runtime_checkable
class ManyFiles(Protocol):
    """A connector that reads several files; its ``delivery`` speaks of all of them together."""

    def deliveries(self) -> list[Delivery]:
        """What was read, file by file, once it has been read."""
        ...


def deliveries(connector: Connector) -> list[Delivery]:
    """What ``connector`` has read, file by file."""
    return connector.deliveries() if isinstance(connector, ManyFiles) else [connector.delivery()]


class Snapshot:
    """A file as it was when opened: the same bytes must still be there when the reading is done."""

    def __init__(self, path: Path, label: str) -> None:
        self.path = path
        self.label = label
        self._sha256: str | None = None
        try:
            self._seen = self._stamp()
            with path.open("rb") as handle:
                handle.read(1)
        except FileNotFoundError:
            raise SourceFault(
                "no such file", where=Where(label), remedy="put the file there, or mend 'path' in migration.yaml"
            ) from None
        except IsADirectoryError:
            raise SourceFault("a folder, not a file", where=Where(label), remedy="name the file in 'path'") from None
        except OSError as error:
            raise SourceFault(
                f"cannot be read: {error.strerror}", where=Where(label), remedy="check permissions and locks"
            ) from None
        if self._seen[0] == 0:
            raise SourceFault("no data rows: the file is empty", where=Where(label), remedy="ask for a new delivery")

    @property
    def delivery(self) -> Delivery:
        """The file with its hash.

        Raises:
            SourceFault: the file was written to since it was opened.
        """
        if self._sha256 is None:
            digest = hashlib.sha256()
            with self.path.open("rb") as handle:
                while chunk := handle.read(1 << 20):
                    digest.update(chunk)
            self.check_unchanged()
            self._sha256 = digest.hexdigest()
        return Delivery(self.label, self._sha256, self._seen[0])

    def hashed(self, sha256: str) -> None:
        """Take the hash from a reader that passed all bytes: nobody needs to read them again for it."""
        self._sha256 = sha256

    def _stamp(self) -> tuple[int, int]:
        status = self.path.stat()
        return status.st_size, status.st_mtime_ns

    def check_unchanged(self) -> None:
        """Raises SourceFault when the file was written to since it was opened."""
        try:
            same = self._stamp() == self._seen
        except OSError:
            same = False
        if not same:
            raise SourceFault(
                "the file changed while it was read",
                where=Where(self.label),
                remedy="wait until the delivery is complete, then run again",
            )


_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200e\u200f\u2060\u00ad"))


def clean_column(name: str) -> str:
    """A column name as it is compared: NFC, without marks nobody sees, white space single and trimmed."""
    return " ".join(unicodedata.normalize("NFC", name.translate(_INVISIBLE)).split())


def check_columns(names: Iterable[str | None], where: Where) -> tuple[str, ...]:
    """The column names cleaned.

    Raises:
        LayoutFault: a name is blank, stands twice, or holds control characters.
    """
    clean = [clean_column(name or "") for name in names]
    blank = [str(position) for position, name in enumerate(clean, 1) if not name]
    if blank:
        raise LayoutFault(
            f"columns without a name, at position {', '.join(blank)} of {len(clean)}",
            where=where,
            remedy="name every column in the file, or point header_row to the row that holds the names",
        )
    twice = sorted({name for name in clean if clean.count(name) > 1})
    if twice:
        raise LayoutFault(
            f"column names stand twice: {', '.join(twice)}",
            where=where,
            remedy="give each column of the file a name of its own: which one is meant cannot be known",
        )
    odd = [name for name in clean if not name.isprintable() and any(unicodedata.category(c) == "Cc" for c in name)]
    if odd:
        raise LayoutFault(
            "column names hold control characters",
            where=where,
            remedy="declare the right encoding: 'crm-etl profile' proposes one",
        )
    return tuple(clean)
