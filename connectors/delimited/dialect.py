"""How a delimited file is declared: what parts and quotes its cells, where its names stand, its encoding."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace


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


@dataclass(frozen=True)
class Form:
    """How files are declared. ``header_row``: line of the column names; with ``columns``, which are the names in
    place of a header, the lines above the first row. ``encoding``: None if nobody has declared one."""

    encoding: str | None = None
    dialect: Dialect = field(default_factory=Dialect)
    header_row: int = 1
    columns: tuple[str, ...] = ()

    @property
    def above(self) -> int:
        """Lines above the names, or above the first row where there are none."""
        return self.header_row if self.columns else self.header_row - 1
