"""How one table could be declared, as a first look at it says; and what all such looks have in common."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm_etl.environment import literal
from crm_etl.faults import Fault
from crm_etl.normalize.names.romanization import romanize
from crm_etl.normalize.text import clean, digits, fold
from crm_etl.profile.encodings import Proposal

#: Markers of a row of totals, folded: in its first filled cell.
TOTALS = (
    "итого",
    "всего",
    "итог",
    "всього",
    "разом",
    "підсумок",
    "total",
    "totals",
    "grand total",
    "sum",
    "جمع",
    "جمع کل",
    "مجموع",
)


@dataclass
class Look:
    """How one table could be declared.

    ``settings``: of its connector, but its ``url`` as it may be written down; ``secrets``: those that must not be,
    as they are. ``notes``: on the settings, for people. ``header``: whether the first row names the columns;
    ``table``: whether it is a table at all (a sheet of remarks is not). ``total``: what marks its row of totals;
    ``columns``: as a text file names them. ``keys`` and ``references`` (column -> table, column): what a database
    knows. ``fault``: why nothing was seen, the file being damaged, say.
    """

    name: str
    title: str
    settings: dict[str, Any]
    notes: list[str] = field(default_factory=list)
    secrets: dict[str, Any] = field(default_factory=dict, repr=False)
    encodings: list[Proposal] = field(default_factory=list)
    confidence: float = 1.0
    header: bool = True
    table: bool = True
    total: str | None = None
    columns: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    references: dict[str, tuple[str, str]] = field(default_factory=dict)
    fault: Fault | None = None

    @property
    def written(self) -> dict[str, Any]:
        """The settings as in migration.yaml."""
        return {name: value if name == "url" else literal(value) for name, value in self.settings.items()}


def source_name(text: str) -> str:
    """A name as the migration file wants it, made of a file's, sheet's or table's."""
    latin = re.sub(r"[^a-z0-9]+", "_", romanize(digits(clean(text))).replace("'", "")).strip("_")[:40].strip("_")
    return latin if latin[:1].isalpha() else f"source_{latin}"[:40].strip("_")


def total_mark(rows: Iterable[tuple[int, Sequence[Any]]]) -> str | None:
    """The marker of a row of totals among ``rows``, as it is written; None where there is none."""
    for _, cells in rows:
        first = next((str(cell).strip() for cell in cells if cell is not None and str(cell).strip()), "")
        word = fold(first)
        if word in TOTALS or any(word.startswith(f"{mark} ") for mark in TOTALS):
            return first.rstrip(":").strip()
    return None


def is_value(cell: str) -> bool:
    """Whether a cell can hardly be a column's name: mostly figures, or an e-mail address."""
    figures = sum(map(str.isdigit, cell))
    return figures * 2 > len(cell) or ("@" in cell and "." in cell)


def seen_from(path: Path, root: Path) -> str:
    """``path`` as seen from ``root`` where both lie below where people stand; elsewhere the whole path."""
    resolved, base = path.resolve(), root.resolve()
    if resolved.is_relative_to(base):
        return str(resolved.relative_to(base))
    near = all(one.is_relative_to(Path.cwd()) for one in (resolved, base))
    return os.path.relpath(resolved, base) if near else str(resolved)


def path_of(argument: str, root: Path) -> Path:
    """Where people stand goes before the migration's folder."""
    return Path(argument) if Path(argument).exists() else root / argument
