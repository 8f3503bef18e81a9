"""Several texts as one, for hashing and comparing: other texts always give another one.

The unit separator U+001F stands between them. Where a text holds it, or U+001E, an U+001E stands before the sign.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_TEXT = pa.large_string()
UNIT, _ESCAPE = "\x1f", "\x1e"
_SIGN, _ESCAPED = f"([{_ESCAPE}{UNIT}])", rf"{_ESCAPE}\1"


def join(texts: Sequence[str]) -> str:
    """``texts`` as one; their number must be known beforehand, for none and an empty one are alike."""
    joined = UNIT.join(texts)
    if _ESCAPE not in joined and joined.count(UNIT) < len(texts):
        return joined
    return UNIT.join(re.sub(_SIGN, _ESCAPED, text) for text in texts)


def join_columns(columns: Sequence[pa.Array], nothing: str = "") -> pa.Array:
    """The :func:`join` of each row of parallel columns of text; ``nothing`` stands for no value."""
    joined = _joined(columns, nothing)
    # Looked for in the bytes of all rows at once: hardly a text holds them, and to escape takes longer than to join.
    signs = np.frombuffer(joined.buffers()[2] or b"", np.uint8)
    between = (len(columns) - 1) * len(joined)
    if not np.any(signs == ord(_ESCAPE)) and np.count_nonzero(signs == ord(UNIT)) == between:
        return joined
    return _joined([pc.replace_substring_regex(column, _SIGN, _ESCAPED) for column in columns], nothing)


def _joined(columns: Sequence[pa.Array], nothing: str) -> pa.Array:
    separator = pa.scalar(UNIT, _TEXT)
    return pc.binary_join_element_wise(*columns, separator, null_handling="replace", null_replacement=nothing)
