"""The names of the columns: read, declared, or missing; and the structure of lines without their content."""

from __future__ import annotations

import re
from collections.abc import Sequence

from connectors.base import clean_column

DELIMITERS = ",;\t|"
_WORDS = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
_SHOWN = 200
#: What no column is called: a number, a date, a phone, an e-mail address.
_DATUM = re.compile(r"[+(\-]?\d[\d\s.,:/()+\-]*|\S+@\S+\.\S+")


def shape(line: str) -> str:
    """A line with every word as ``a`` and every digit as ``9``: its structure without its content."""
    return _DIGIT.sub("9", _WORDS.sub("a", line[:_SHOWN]))


def looks_like_data(names: Sequence[str]) -> bool:
    """Whether one of the ``names`` is a number of two digits or more, a date, a phone or an e-mail address."""
    return any(_DATUM.fullmatch(name.strip()) and len(name.strip()) > 1 for name in names)


def repeats(cells: Sequence[str | None], names: Sequence[str]) -> bool:
    """Whether a first row of data is the header after all: it holds the declared names."""
    return [clean_column(cell or "").casefold() for cell in cells] == [name.casefold() for name in names]


def other_delimiter(lines: Sequence[str], declared: str) -> tuple[str, int] | None:
    """The delimiter that stands in each of ``lines``, unlike the declared one, and how often at least."""
    counts = {mark: min((line.count(mark) for line in lines), default=0) for mark in DELIMITERS if mark != declared}
    mark = max(counts, key=lambda candidate: counts[candidate])
    return (mark, counts[mark]) if counts[mark] else None
