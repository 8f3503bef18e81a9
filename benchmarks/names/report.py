"""The findings as tables: in the terminal, as Markdown, as JSON.

A finding is a plain dictionary, the one that ``--json`` writes; the tables show it and add nothing. Every table has
a column for each matcher, ours first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

Findings = dict[str, Any]
_LEAST_WIDTH = 118
_MEASURES = {
    "f1": "F1 at a threshold fixed beforehand",
    "recall_at_precision": "Recall at precision 0.99",
    "average_precision": "Average precision",
    "best_f1": "F1 at the best threshold",
}
_SPEEDS = {"new_names": "new names", "new_pairs": "known names, new pairs", "again": "the same again"}


@dataclass(frozen=True)
class Shown:
    """A table; the last columns, one a matcher, hold figures."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    texts: int


def tables(found: Findings) -> list[Shown]:
    """All tables for which there are findings."""
    made = [_quality(found, measure, title) for measure, title in _MEASURES.items()]
    if found["matchers"][0]["speed"]:
        made.append(_speed(found))
    if found["parse"] is not None:
        made.append(_parse(found["parse"]))
    return made


def _quality(found: Findings, measure: str, title: str) -> Shown:
    rows = []
    for group in found["groups"]:
        cells = [matcher["quality"][group] for matcher in found["matchers"]]
        counts = f"{cells[0]['pairs']:,}", f"{cells[0]['true']:,}"
        rows.append((group, *counts, *(f"{cell[measure]:.3f}" for cell in cells)))
    return Shown(title, ("", "pairs", "true", *_names(found)), rows, 1)


def _speed(found: Findings) -> Shown:
    rows: list[Sequence[str]] = []
    for number, speed in enumerate(found["matchers"][0]["speed"]):
        for measure, situation in _SPEEDS.items():
            cells = [matcher["speed"][number][measure] for matcher in found["matchers"]]
            sort = speed["sort"] if measure == "new_names" else ""
            rows.append((sort, situation, *(f"{cell:,.0f}" for cell in cells)))
    first = [f"{matcher['first_call']:.2f} s" for matcher in found["matchers"]]
    return Shown("Pairs a second", ("", "", *_names(found)), [*rows, ("the first pairs", "", *first)], 2)


def _parse(found: Findings) -> Shown:
    each = found["seconds"] / found["distinct"] * 1e6
    row = (f"{found['names']:,}", f"{found['distinct']:,}", f"{found['seconds']:.1f}", f"{each:.1f}")
    return Shown("Parsing", ("names", "distinct", "seconds", "microseconds a distinct name"), [row], 0)


def _names(found: Findings) -> list[str]:
    return [matcher["name"] for matcher in found["matchers"]]


def notes(found: Findings) -> list[str]:
    """What a reader must know of the tables."""
    fixed = (
        "The fixed threshold: ours is shipped; that of the others is the best one on the pairs that are not measured."
    )
    if not found["tuned"]:
        fixed = (
            "The fixed threshold: ours is shipped; no pairs are left to choose that of the others on: it is the best."
        )
    return [
        f"{found['unseen']:,} of {found['pairs']:,} pairs are measured: those of entities that were in no training.",
        fixed,
        *(f"{matcher['name']}: {matcher['about']}" for matcher in found["matchers"]),
        *(f"left out: {name}, not installed ({why})" for name, why in found["missing"].items()),
    ]


def show(found: Findings) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_LEAST_WIDTH)
    for shown in tables(found):
        table = Table(title=shown.title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
        for place, column in enumerate(shown.columns):
            ours = column == found["matchers"][0]["name"]
            table.add_column(column, justify="left" if place < shown.texts else "right", style="bold" if ours else "")
        for row in shown.rows:
            table.add_row(*row)
        console.print(table)
    for line in notes(found):
        console.print(line, soft_wrap=True, markup=False)


def markdown(found: Findings) -> str:
    """The same tables in Markdown."""
    parts: list[str] = []
    for shown in tables(found):
        rule = ["---" if place < shown.texts else "--:" for place in range(len(shown.columns))]
        lines = [_line(shown.columns), _line(rule), *(_line(row) for row in shown.rows)]
        parts.append(f"## {shown.title}\n\n" + "\n".join(lines) + "\n")
    return "\n".join([*parts, "\n".join(f"* {line}" for line in notes(found)), ""])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.strip() for cell in cells)} |"
