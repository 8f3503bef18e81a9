"""Rows as JSON text and back, column by column: how plans and the registry hold rows of any table.

All values are the canonical texts of :mod:`crm_etl.load.cells`, or null. The text is the same as that of
``json.dumps(row, ensure_ascii=False, separators=(",", ":"))``, so equal rows have equal text.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from json.encoder import encode_basestring
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from crm_etl import joining
from crm_etl.load.cells import arrow

_TEXT = "string[pyarrow]"
_MISSING = "\x00"


def encode(rows: pd.DataFrame, only: Mapping[str, Any] | None = None) -> pd.Series:
    """Each row as a JSON object; with ``only`` (column -> mask) just the fields whose mask is true."""
    names = list(rows.columns) if only is None else list(only)
    pieces = [_piece(f'"{name}":', _quoted(rows[name]), None if only is None else only[name]) for name in names]
    return _joined(pieces, "{", "}", len(rows))


def encode_names(masks: Mapping[str, Any], size: int) -> pd.Series:
    """For each row the JSON list of the columns whose mask is true."""
    pieces = [_piece(f'"{name}"', pa.array([""] * size, pa.large_string()), mask) for name, mask in masks.items()]
    return _joined(pieces, "[", "]", size)


def decode(texts: pd.Series, columns: list[str]) -> pd.DataFrame:
    """The rows that :func:`encode` wrote, as text columns; a field that a row does not have is no value."""
    cells = texts.to_numpy(dtype=object)
    if len(cells) == 0:
        return pd.DataFrame({name: pd.array([], dtype=_TEXT) for name in columns})
    data = "\n".join(cells).encode()
    longest = max(map(len, cells)) * 4
    table = pa.json.read_json(
        io.BytesIO(data),
        read_options=pa.json.ReadOptions(block_size=max(1 << 24, 2 * longest)),
        parse_options=pa.json.ParseOptions(
            explicit_schema=pa.schema([(name, pa.large_string()) for name in columns]),
            unexpected_field_behavior="ignore",
        ),
    )
    return pd.DataFrame({name: pd.array(table.column(name), dtype=_TEXT) for name in columns})


def dump(row: Mapping[str, str | None]) -> str:
    """One row, in the form of :func:`encode`."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def dump_names(names: Iterable[str]) -> str:
    """A list of columns, in the form of :func:`encode_names`."""
    return json.dumps(list(names), separators=(",", ":"))


def digest(frames: Mapping[str, pd.DataFrame], facts: object = None) -> str:
    """SHA-256 over the cells of ``frames`` and JSON ``facts``: equal for equal content, in any process."""
    total = hashlib.sha256(json.dumps(facts, ensure_ascii=False, sort_keys=True).encode())
    for name in sorted(frames):
        frame = frames[name]
        total.update(f"{_MISSING}{name} {len(frame)}".encode())
        for column in frame.columns:
            cells = frame[column].astype(_TEXT).to_numpy(dtype=object, na_value=_MISSING)
            total.update(f"{_MISSING}{column}{joining.UNIT}{joining.join(cells)}".encode())
    return total.hexdigest()


def _quoted(cells: pd.Series) -> pa.Array:
    coded = arrow(cells).dictionary_encode()
    quoted = pa.array([encode_basestring(value) for value in coded.dictionary.to_pylist()], pa.large_string())
    return pc.fill_null(quoted.take(coded.indices), "null")


def _piece(prefix: str, values: pa.Array, mask: Any) -> pa.Array:
    """``,prefix value`` where the mask is true, else nothing."""
    text = _concatenated(_scalar("," + prefix), values)
    return text if mask is None else pc.if_else(pa.array(np.asarray(mask, dtype=bool)), text, _scalar(""))


def _joined(pieces: list[pa.Array], left: str, right: str, size: int) -> pd.Series:
    if not pieces or size == 0:
        return pd.Series(pd.array([left + right] * size, dtype=_TEXT))
    # Arrow's own joining with null_handling="skip" loses rows in which everything is null (seen in 26.0).
    inner = pc.utf8_slice_codeunits(_concatenated(*pieces), start=1)
    return pd.Series(pd.array(_concatenated(_scalar(left), inner, _scalar(right)), dtype=_TEXT))


def _concatenated(*parts: pa.Array | pa.Scalar) -> pa.Array:
    return pc.binary_join_element_wise(*parts, _scalar(""))


def _scalar(text: str) -> pa.Scalar:
    return pa.scalar(text, pa.large_string())
