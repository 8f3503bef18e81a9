"""The columns of parties, wherever they lie: a pandas frame, an Arrow table, or a Parquet file that is read as needed.

Long lists that are asked for by their hashes alone are hashed a piece at a time: their text is never held as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from crm_etl.match import texts
from crm_etl.match.texts import Hashes, Ints, Marks

#: Rows hashed at a time.
_PIECE = 65_536


class File:
    """A Parquet file as a frame whose columns are read one by one."""

    def __init__(self, path: Path) -> None:
        import pyarrow.parquet as pq

        self._path, self._file, self._lock = path, pq.ParquetFile(path), RLock()

    def __len__(self) -> int:
        return int(self._file.metadata.num_rows)

    def __getitem__(self, name: str) -> pa.ChunkedArray:
        with self._lock:
            return self._file.read([name]).column(name)

    def pieces(self, name: str) -> Iterator[pa.Array]:
        """The column a piece at a time."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(self._path) as file:
            for batch in file.iter_batches(_PIECE, columns=[name]):
                yield batch.column(0)


Frame: TypeAlias = pd.DataFrame | pa.Table | File


@dataclass(frozen=True)
class HashedLists:
    """A column of lists by the hashes of its entries.

    ``hashes`` and ``marks`` (:func:`crm_etl.match.texts.marked`) are of all entries, those of row r from ``bounds[r]``
    to ``bounds[r + 1]``.
    """

    hashes: Hashes
    marks: Marks
    bounds: Ints

    @classmethod
    def of(cls, frame: Frame, name: str) -> HashedLists:
        """Column ``name`` of ``frame``."""
        hashes, marks, lengths = ([np.zeros(0, dtype)] for dtype in (np.uint64, np.uint32, np.int64))
        for piece in _pieces(frame, name):
            entries, bounds = texts.lists(piece)
            found, first = texts.marked(entries)
            hashes.append(found)
            marks.append(first)
            lengths.append(np.diff(bounds))
        every = np.concatenate([np.zeros(1, dtype=np.int64), *lengths])
        return cls(np.concatenate(hashes), np.concatenate(marks), np.cumsum(every))

    def begin(self, prefix: str) -> tuple[Hashes, Ints]:
        """The hashes of entries that begin with ``prefix``, which is of three bytes, and their bounds."""
        return texts.begin(self.hashes, self.marks, self.bounds, prefix)

    @property
    def totals(self) -> Hashes:
        """One hash for each row, whatever the order of its entries; 0 for none."""
        return texts.totals(self.hashes, self.bounds)


def _pieces(frame: Frame, name: str) -> Iterator[Any]:
    if isinstance(frame, File):
        yield from frame.pieces(name)
        return
    column = frame[name]
    for start in range(0, len(column), _PIECE):
        rows = slice(start, start + _PIECE)
        yield column.iloc[rows] if isinstance(column, pd.Series) else column.slice(start, _PIECE)
