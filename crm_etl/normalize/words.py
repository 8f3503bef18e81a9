"""Words out of a closed set: enums through the mapping's map, and yes or no in the languages of the sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crm_etl.normalize import lists
from crm_etl.normalize.reading import NOTHING, Reading
from crm_etl.normalize.text import clean, digits

ERROR = "unmapped_value"


def key(cell: str) -> str:
    """What the mapping's cells are compared by: trimmed, without case."""
    return clean(cell).casefold()


def folded(mapping: Mapping[str, str]) -> dict[str, str]:
    return {key(cell): value for cell, value in mapping.items()}


def read_enum(cell: str, mapping: Mapping[str, str], allowed: Sequence[str]) -> Reading:
    """The value that ``mapping`` (keys made by :func:`key`) gives ``cell``, or the cell if it is an allowed value."""
    word = key(cell)
    if word in mapping:
        return Reading(mapping[word] or None)
    return Reading(word) if word in allowed else Reading(error=ERROR)


def read_bool(cell: str, mapping: Mapping[str, str]) -> Reading:
    """``yes`` or ``no``; ``mapping`` goes before the known words."""
    word = digits(key(cell))
    word = mapping.get(word, mapping.get(key(cell), word))
    if not word:
        return NOTHING
    value = lists.booleans().get(word.casefold())
    return Reading(error=ERROR) if value is None else Reading(value)


def read_text(cell: str, mapping: Mapping[str, str], closed: bool = False) -> Reading:
    """Free text, through ``mapping`` where it has the cell, or one of its values; ``closed`` takes no other cell."""
    if not mapping:
        return Reading(cell)
    word = key(cell)
    if word in mapping:
        return Reading(mapping[word] or None)
    return Reading(error=ERROR) if closed and word not in map(key, mapping.values()) else Reading(cell)
