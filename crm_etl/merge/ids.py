"""Ids that stay the same on every rerun: hashes of what identifies the row, never counters."""

from __future__ import annotations

import hashlib
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

_BYTES = 8
#: Characters that no text of a source holds: between parts, and for "no value", which differs from any text.
_SEPARATOR = "\x1f"
_NOTHING = "\x00"


def digest(*parts: str) -> str:
    """Sixteen hex digits of BLAKE2b over ``parts``."""
    return _hash(_SEPARATOR.join(parts))


def row_ids(*columns: Any) -> list[str]:
    """The :func:`digest` of each row of parallel text columns."""
    arrays = [pc.fill_null(_arrow(column), _NOTHING) for column in columns]
    separator = pa.scalar(_SEPARATOR, pa.large_string())
    return [_hash(text) for text in pc.binary_join_element_wise(*arrays, separator).to_pylist()]


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=_BYTES).hexdigest()


def _arrow(column: Any) -> Any:
    values = pd.Series(column).astype("string[pyarrow]").array
    return pa.array(values).cast(pa.large_string())
