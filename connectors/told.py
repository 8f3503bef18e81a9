"""What messages tell of lines and column names: what may be a person's data is shown by its structure only.

A file whose first row is data has people for column names. So the names of a delivery are told as they are where one of
them at least is known, from the mapping or from an earlier delivery; else by their shape.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

NO_HEADER = "the first row looks like data: if the file has no row of names, declare them in order under 'columns'"
_WORDS = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
#: Characters of a line that are looked at.
_WIDTH = 200
#: What no column is called: a number, a date, a phone, an e-mail address.
_DATUM = re.compile(r"[+(\-]?\d[\d\s.,:/()+\-]*|\S+@\S+\.\S+")


def shape(line: str) -> str:
    """A line with every word as ``a`` and every digit as ``9``: its structure without its content."""
    return _DIGIT.sub("9", _WORDS.sub("a", line[:_WIDTH]))


def looks_like_data(names: Sequence[str]) -> bool:
    """Whether one of the ``names`` is a number, a date, a phone or an e-mail address; but for columns that are
    counted from one end to the other."""
    if list(names) in ([str(n) for n in range(len(names))], [str(n) for n in range(1, len(names) + 1)]):
        return False
    return any(_DATUM.fullmatch(name.strip()) for name in names)


def told(names: Sequence[str], known: Collection[str] = ()) -> list[str]:
    """The names of a delivery for people: as they are if one of them is ``known``, else by their shape."""
    return list(names) if any(name in known for name in names) else list(map(shape, names))
