"""Ids that stay the same on every rerun: hashes of what identifies the row, never counters."""

from __future__ import annotations

import hashlib
from typing import Any

import pandas as pd
import pyarrow as pa

from crm_etl import joining
from crm_etl.match import texts

_BYTES = 8
#: Stands for "no value": no text of a source holds it.
_NOTHING = "\x00"


def digest(*parts: str) -> str:
    """Sixteen hex digits of BLAKE2b over ``parts``."""
    return _hash(joining.join(parts))


def row_ids(*columns: Any) -> list[str]:
    """The :func:`digest` of each row of parallel text columns."""
    joined = joining.join_columns([_arrow(column) for column in columns], nothing=_NOTHING)
    return [_hash(text) for text in joined.to_pylist()]


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=_BYTES).hexdigest()


def _arrow(column: Any) -> pa.Array:
    return texts.texts(pd.Series(column).astype("string[pyarrow]")).cast(texts.TEXT)
