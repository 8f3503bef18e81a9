"""Batches of text rows -> one frame with origin, key and fingerprint, built in Arrow batch by batch.

An empty cell becomes no value. The fingerprint is the BLAKE2b hash (RFC 7693, 16 bytes, hex) of all cells of a
row, taken in the order of the column names: reordered columns change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import TEXT, Batch, Connector, Rows
from crm_etl import joining, schema
from crm_etl.extract.keys import key_of
from crm_etl.migration import Source

#: Bytes of a fingerprint.
_PRINT = 16


class RawFrame:
    """Collects the batches of a source; memory is the text itself plus one batch."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        self._columns = columns
        self._tables = [_table(columns, Rows(len(columns)).batch())]

    def add(self, batch: Batch) -> None:
        if batch.size:
            self._tables.append(_table(self._columns, batch))

    def cells(self) -> pd.DataFrame:
        """The ``raw:`` columns alone, whatever the mapping says of them."""
        table = pa.concat_tables(self._tables)
        return pd.DataFrame({name: text(table.column(name)) for name in table.column_names if _is_raw(name)})

    def finish(self, source: Source, connector: Connector) -> pd.DataFrame:
        """``schema.ORIGIN`` and ``raw:`` columns of everything that was added."""
        table = pa.concat_tables(self._tables)
        self._tables.clear()
        names = [schema.RAW_PREFIX + name for name in self._columns]
        size = table.num_rows
        data = {
            "source": text(_constant(source.name, size)),
            "key": text(key_of([table.column(schema.RAW_PREFIX + name) for name in source.key_columns])),
            "file": text(pc.fill_null(table.column("file"), connector.file)),
            "sheet": text(_constant(connector.sheet, size)),
            "line": _integers(table.column("line")),
            "row": _integers(table.column("row")),
            "fingerprint": text(table.column("fingerprint")),
            **{name: text(table.column(name)) for name in names},
        }
        return pd.DataFrame(data, index=pd.RangeIndex(size))


def fingerprints(frame: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """The fingerprint of each row of ``frame``, which has a ``raw:`` column for each of ``columns``."""
    arrays = [pa.array(frame[schema.RAW_PREFIX + name].tolist(), TEXT, from_pandas=True) for name in columns]
    prints: list[str] = _fingerprints(tuple(columns), arrays).to_pylist()
    return prints


def text(values: pa.ChunkedArray) -> Any:
    """Arrow text as the extension array that text columns consist of."""
    return pd.array(values, dtype="string[pyarrow]")


def arrow(values: pd.Series) -> pa.ChunkedArray:
    """A text column as Arrow."""
    array = pa.array(values.array)
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])


def _is_raw(name: str) -> bool:
    return name.startswith(schema.RAW_PREFIX)


def _table(columns: tuple[str, ...], batch: Batch) -> pa.Table:
    arrays = [_nulled(column) for column in batch.columns]
    data = {schema.RAW_PREFIX + name: array for name, array in zip(columns, arrays, strict=True)}
    data["file"] = pa.repeat(pa.scalar(batch.file, TEXT), batch.size)
    data["line"] = batch.lines
    data["row"] = batch.rows
    data["fingerprint"] = _fingerprints(columns, arrays)
    return pa.table(data)


def _nulled(values: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(values, ""), pa.scalar(None, TEXT), values)


def _fingerprints(columns: tuple[str, ...], arrays: list[pa.Array]) -> pa.Array:
    order = sorted(range(len(columns)), key=lambda position: columns[position])
    base = blake2b(joining.join([columns[position] for position in order]).encode(), digest_size=_PRINT)
    joined = joining.join_columns([arrays[position] for position in order])
    if not len(joined):
        return pa.array([], TEXT)
    # The bytes are hashed where Arrow holds them, and the hashes written at once: no text object a row.
    _, offsets, data = joined.buffers()
    ends = np.frombuffer(offsets, np.int64, len(joined) + 1, joined.offset * 8).tolist()
    view, prints = memoryview(data), []
    for begin, end in pairwise(ends):
        digest = base.copy()
        digest.update(view[begin:end])
        prints.append(digest.digest())
    places = np.arange(0, 2 * _PRINT * len(joined) + 1, 2 * _PRINT, dtype=np.int64)
    text = b"".join(prints).hex().encode("ascii")
    return pa.LargeStringArray.from_buffers(len(joined), pa.py_buffer(places), pa.py_buffer(text))


def _constant(value: str | None, size: int) -> pa.ChunkedArray:
    return pa.chunked_array([pa.repeat(pa.scalar(value, TEXT), size)])


def _integers(values: pa.ChunkedArray) -> Any:
    return pd.array(values.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get))
