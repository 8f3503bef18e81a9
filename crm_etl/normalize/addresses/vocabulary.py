"""The words of addresses (``words.yml``): kinds of streets, houses and flats, cities, regions, districts."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from crm_etl.normalize import lists


def bare(word: str) -> str:
    """``word`` as it stands in the tables: without case and dots."""
    return word.casefold().strip(".")


@cache
def kinds() -> dict[str, str]:
    """Word -> kind of street."""
    return _codes("kinds")


@cache
def units() -> dict[str, str]:
    """Word -> kind of what is numbered within a house."""
    return _codes("units")


@cache
def unit_order() -> tuple[str, ...]:
    return tuple(_document()["units"])


@cache
def words(kind: str) -> frozenset[str]:
    """The words listed under ``kind``: house, city, uncertain, region, district, dash_is_flat."""
    return frozenset(map(str, _document()[kind]))


@cache
def around(kind: str) -> re.Pattern[str]:
    """A word of ``kind`` (region, district) anywhere in a text, as a word."""
    either = "|".join(re.escape(word) for word in sorted(words(kind), key=lambda word: (-len(word), word)))
    return re.compile(rf"(?<![\w\-])(?:{either})(?![\w\-])\.?", re.IGNORECASE)


@cache
def city_word() -> re.Pattern[str]:
    """The word for a city and its dot at the begin of a text."""
    either = "|".join(re.escape(word) for word in sorted(words("city"), key=lambda word: (-len(word), word)))
    return re.compile(rf"(?:{either})(?![\w\-])\.?\s*(?=[^\W\d_])", re.IGNORECASE)


def _codes(part: str) -> dict[str, str]:
    return {bare(str(word)): code for code, listed in _document()[part].items() for word in listed}


@cache
def _document() -> Any:
    return lists.load("addresses/words.yml")
