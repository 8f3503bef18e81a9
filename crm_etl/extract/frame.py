"""Batches of text rows -> one frame with origin, key and fingerprint, built in Arrow batch by batch.

An empty cell becomes no value. The fingerprint is the BLAKE2b hash (RFC 7693, 16 bytes, hex) of all cells of a
row, taken in the order of the column names: reordered columns change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import TEXT, Batch, Connector, Rows
from crm_etl import schema
from crm_etl.extract.keys import key_of
from crm_etl.migration import Source

#: Joins cells for hashing. No accepted cell holds it: rows with control characters are refused.
_UNIT = "\x1f"


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
            "file": text(_constant(connector.file, size)),
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
    return [str(print_) for print_ in _fingerprints(tuple(columns), arrays)]


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
    data["line"] = batch.lines
    data["row"] = batch.rows
    data["fingerprint"] = pa.array(_fingerprints(columns, arrays), TEXT)
    return pa.table(data)


def _nulled(values: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(values, ""), pa.scalar(None, TEXT), values)


def _fingerprints(columns: tuple[str, ...], arrays: list[pa.Array]) -> list[str]:
    order = sorted(range(len(columns)), key=lambda position: columns[position])
    base = blake2b(_UNIT.join(columns[position] for position in order).encode(), digest_size=16)
    joined = pc.binary_join_element_wise(
        *(arrays[position] for position in order),
        pa.scalar(_UNIT, TEXT),
        null_handling="replace",
        null_replacement="",
    )
    prints = []
    for cells in joined.cast(pa.large_binary()).to_pylist():
        digest = base.copy()
        digest.update(cells)
        prints.append(digest.hexdigest())
    return prints


def _constant(value: str | None, size: int) -> pa.ChunkedArray:
    return pa.chunked_array([pa.repeat(pa.scalar(value, TEXT), size)])


def _integers(values: pa.ChunkedArray) -> Any:
    return pd.array(values.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get))
