"""How the rows of a delimited file are written: what parts its cells, quotes them, and begins a comment."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Dialect:
    """``quote``: None where quotes are text like any other; ``comments``: what lines of comment begin with."""

    delimiter: str = ","
    quote: str | None = '"'
    comments: tuple[str, ...] = ()

    def cells(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """The cells of each row of ``lines``, by the strict parser of the standard library."""
        if self.quote is None:
            return csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE, strict=True)
        return csv.reader(lines, delimiter=self.delimiter, quotechar=self.quote, strict=True)

    def parted_by(self, delimiter: str) -> Dialect:
        """The same with another delimiter."""
        return replace(self, delimiter=delimiter)
