"""Legacy keys: cleaned for use, and folded to see which of them people could mistake for one another."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

_TEXT = pa.large_string()
#: White space of any kind, and marks that nobody sees: zero-width characters, soft hyphen, byte order mark.
_BLANK = r"[\s\x{00a0}\x{00ad}\x{2000}-\x{200f}\x{202f}\x{2060}\x{3000}\x{feff}]+"
_EDGES = rf"^{_BLANK}|{_BLANK}$"
_PADDING = r"(^|[^0-9])0+([0-9])"


def clean_key(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Keys without blanks at their edges; what is empty then is no value."""
    trimmed = pc.replace_substring_regex(values, _EDGES, "")
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, trimmed.type), trimmed)


def key_of(parts: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    """The key of each row: its clean parts joined by ``|``, no value where any part has none."""
    return _joined([clean_key(part) for part in parts])


def delivered_key(parts: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    """The key of each row exactly as it came."""
    return _joined(parts)


def fold_key(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Keys without case, blanks anywhere and zero padding: those alike here are too alike."""
    folded = pc.utf8_lower(pc.replace_substring_regex(values, _BLANK, ""))
    return pc.replace_substring_regex(folded, _PADDING, r"\1\2")


def _joined(parts: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    if len(parts) == 1:
        return parts[0]
    return pc.binary_join_element_wise(*parts, pa.scalar("|", _TEXT), null_handling="emit_null")
