"""Words of closed lists: which value of an enum, or which answer, a cell means, in four languages.

The words are data: ``data/values.yml``; those of yes and no are the pipeline's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources

from crm_etl.normalize import lists
from crm_etl.normalize.text import digits, fold


@cache
def enum_words() -> dict[str, dict[str, str]]:
    """Field -> folded word -> value, from ``data/values.yml``."""
    document = lists.parse(resources.files(__package__).joinpath("data/values.yml"))
    return {
        name: {fold(str(word)): str(value) for value, words in values.items() for word in words}
        for name, values in document.items()
    }


@lru_cache(maxsize=20_000)
def enum_value(name: str, cell: str) -> str | None:
    """The value of field ``name`` that ``cell`` means; None where no word tells."""
    known = enum_words()[name]
    folded = fold(cell)
    if folded in known:
        return known[folded]
    joined = {known[word] for word in (folded.replace(" ", ""),) if word in known}
    begun = {
        value
        for word, value in known.items()
        for part in folded.split()
        if len(word) >= 4 and (part.startswith(word) or (len(part) >= 4 and word.startswith(part)))
    }
    for found in (joined, {known[part] for part in folded.split() if part in known and len(part) > 1}, begun):
        if len(found) == 1:
            return found.pop()
    return None


def covered(name: str, cells: Mapping[str, float]) -> float:
    """The share of the cells whose word is known for field ``name``; at least two values must be."""
    held = {cell: n for cell, n in cells.items() if cell not in ("", "-")}
    found = {cell: enum_value(name, cell) for cell in held}
    if len({value for value in found.values() if value is not None}) < min(2, len(held)):
        return 0.0
    return sum(n for cell, n in held.items() if found[cell] is not None) / (sum(held.values()) or 1)


def booleans(cells: Mapping[str, float]) -> float:
    known = lists.booleans()
    found = {cell: known.get(digits(cell).casefold()) for cell in cells if cell}
    if len({value for value in found.values() if value is not None}) == 0:
        return 0.0
    return sum(n for cell, n in cells.items() if found.get(cell) is not None) / (sum(cells.values()) or 1)
