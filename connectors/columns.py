"""Values of one column, as a driver delivers them -> Arrow text, in the forms of :mod:`connectors.cells`.

Columns mostly hold one kind of value, so each kind has a road of its own; a column of mixed kinds goes cell by
cell. Texts in which databases write instants and binary fractions get their one form here as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import TEXT
from connectors.cells import cell_text, plain

Reader = Callable[[Sequence[Any]], pa.Array]
BINARY = frozenset({bytes, bytearray, memoryview})
_NONE = type(None)
_INSTANT = (
    r"^(?:(?P<day>\d{4,}-\d\d-\d\d) )?(?P<clock>-?\d{2,3}:\d\d:\d\d)(?:\.(?P<part>\d{1,6}))?"
    r"(?P<zone>[+-]\d\d(?::\d\d){0,2})?$"
)
_EMPTY = pa.scalar("", TEXT)
_ODD_FLOAT = r"[eE]|\.0+$|^-0(?:\.|$)"


def kinds(values: Sequence[Any]) -> set[type]:
    """The types of ``values``, None aside."""
    return set(map(type, values)) - {_NONE}


def text_of(values: Sequence[Any]) -> pa.Array:
    """Any values as text.

    Raises:
        UnicodeEncodeError: a text that is none: half a surrogate pair.
    """
    found = kinds(values)
    if found <= {str}:
        return pa.array(values, TEXT)
    if found == {bool}:
        return pa.array(values, pa.bool_()).cast(TEXT)
    if found == {int}:
        try:
            return pa.array(values, pa.int64()).cast(TEXT)
        except OverflowError:
            pass
    return pa.array(list(map(cell_text, values)), TEXT)


def instants(values: Sequence[Any]) -> pa.Array:
    """``2020-01-02 03:04:05.12+03`` -> ``2020-01-02T03:04:05.120000+03:00``; times of day likewise.

    What is no instant of the calendar (infinity, a year before Christ, a day 0000-00-00) stays as it is.
    """
    texts = text_of(values)
    parts = pc.extract_regex(texts, _INSTANT)
    day, clock, part, zone = (pc.struct_field(parts, name) for name in ("day", "clock", "part", "zone"))
    fraction = pc.if_else(pc.equal(pc.utf8_rtrim(part, "0"), ""), _EMPTY, _join(".", pc.utf8_rpad(part, 6, "0")))
    offset = pc.if_else(pc.equal(pc.utf8_length(zone), 3), _join(zone, ":00"), zone)
    date = pc.if_else(pc.equal(day, ""), _EMPTY, _join(day, "T"))
    whole = _join(date, clock, fraction, offset)
    kept = pc.or_kleene(pc.is_null(clock), pc.starts_with(texts, "0000-"))
    return pc.if_else(kept, texts, whole)


def _join(*parts: Any) -> Any:
    texts = (pa.scalar(part, TEXT) if isinstance(part, str) else part for part in parts)
    return pc.binary_join_element_wise(*texts, _EMPTY)


def floats(values: Sequence[Any]) -> pa.Array:
    """Binary fractions that the database wrote with the fewest digits: without exponent and ``.0``."""
    if not kinds(values) <= {str}:
        return text_of(values)
    texts = pa.array(values, TEXT)
    if not pc.any(pc.match_substring_regex(texts, _ODD_FLOAT)).as_py():
        return texts
    return pa.array([None if value is None else plain(Decimal(value)) for value in values], TEXT)


def singles(values: Sequence[Any]) -> pa.Array:
    """Binary fractions of 32 bits, delivered in 64: the fewest digits that mean the same number in 32."""
    return pa.array([None if value is None else plain(Decimal(str(np.float32(value)))) for value in values], TEXT)
