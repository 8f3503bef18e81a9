"""Legacy keys: cleaned for use, and folded to see which of them people could mistake for one another."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

_TEXT = pa.large_string()
#: White space of any kind, and marks that nobody sees: zero-width characters, soft hyphen, byte order mark.
_BLANK = r"[\s\x{00a0}\x{00ad}\x{2000}-\x{200f}\x{202f}\x{2060}\x{3000}\x{feff}]+"
_EDGES = rf"^{_BLANK}|{_BLANK}$"
#: The same marks for single texts.
_STRIPPED = "\t\n\f\r \u00a0\u00ad\u202f\u2060\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x2010)))
#: Marks that nobody sees, within a key too. A joiner between Persian letters is none: it is spelling.
_UNSEEN = (
    r"[\x{00ad}\x{034f}\x{061c}\x{180e}\x{200b}\x{200d}-\x{200f}\x{202a}-\x{202e}\x{2060}\x{2066}-\x{2069}\x{feff}]+"
)
_NO_BREAK = r"[\x{00a0}\x{2007}\x{202f}]"
_UNSEEN_RE, _NO_BREAK_RE = (re.compile(re.sub(r"\\x\{(\w+)\}", r"\\u\1", pattern)) for pattern in (_UNSEEN, _NO_BREAK))
_PADDING = r"(^|[^0-9])0+([0-9])"


def clean_key(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Keys without blanks at their edges, without marks that nobody sees and with plain blanks inside; what is empty
    then is no value."""
    if not pc.all(pc.string_is_ascii(values)).as_py():
        values = pc.replace_substring_regex(pc.replace_substring_regex(values, _UNSEEN, ""), _NO_BREAK, " ")
    trimmed = pc.replace_substring_regex(values, _EDGES, "")
    return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, trimmed.type), trimmed)


def key_of(parts: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    """The key of each row: its clean parts joined by ``|``, no value where any part has none.

    A ``|`` that stands inside one of several parts becomes ``\\|``: (a|b, c) and (a, b|c) are two keys.
    """
    return _joined([clean_key(part) for part in parts])


def key_text(parts: Iterable[str | None]) -> str | None:
    """:func:`key_of` of one row."""
    clean = [_NO_BREAK_RE.sub(" ", _UNSEEN_RE.sub("", part or "")).strip(_STRIPPED) for part in parts]
    if not all(clean):
        return None
    return clean[0] if len(clean) == 1 else "|".join(re.sub(r"([\\|])", r"\\\1", part) for part in clean)


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
    parts = [pc.replace_substring_regex(part, r"([\\|])", r"\\\1") for part in parts]
    return pc.binary_join_element_wise(*parts, pa.scalar("|", _TEXT), null_handling="emit_null")
