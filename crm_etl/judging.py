"""Rows of the quarantine's file, held one by one against what their source delivers: a correction, nothing, or no.

Which row of the source is meant, whether it is still as the file shows it, and what a person changed. Where the file
comes from and what becomes of the corrections: :mod:`crm_etl.resubmission`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from crm_etl import corrections, schema
from crm_etl.corrections import CORRECT, EXCLUDE, Correction, Signature
from crm_etl.extract import Extracted
from crm_etl.extract.mending import broken_print, by_column
from crm_etl.migration import Migration, Source
from crm_etl.quarantine_file import Sent
from crm_etl.report.quarantine_table import BEYOND, Layout, digest, shown
from crm_etl.retyped import DigitsLost, Retyped, spoiled

_CHANGED = "the source has changed this row, or delivers it no more: correct it in the file of a new dry run"
_AGAIN = "the row was corrected or left out since this file was written: use the file of a new dry run"
_TWICE = "the row stands twice in the file, with different corrections"
_ACTIONS = ("", CORRECT, EXCLUDE)


class Unfit(Exception):
    """A row of the file that cannot be taken; its text is what a person is told."""


@dataclass(frozen=True)
class _Known:
    """A row as its source delivers it now, corrections applied.

    ``broken``: the connector could not read it. ``number``: of the correction that was applied.
    """

    origin: dict[str, Any]
    cells: dict[str, str | None]
    shown: dict[str, str]
    broken: bool
    number: int | None


class Judge:
    """Holds the rows of the file against what their sources deliver, one source after the other."""

    def __init__(self, migration: Migration, sign: Signature, why: str) -> None:
        self._earlier = {entry.number: entry for entry in corrections.read(migration.root / corrections.FILE)}
        self._stand = corrections.standing(self._earlier.values())
        self._sign = sign
        self._why = why
        self._made: dict[tuple[str, str | None, int | None], list[tuple[Sent, Correction]]] = defaultdict(list)
        self.untouched = 0
        self.refused: list[dict[str, str]] = []

    def take(self, source: Source, delivered: Extracted, sent: list[Sent]) -> None:
        known = _known(delivered, {row.told["fingerprint"] for row in sent})
        layout = Layout.of(source, delivered.facts)
        meant = _meant(sent, known)
        for row in sent:
            one = meant.get((row.told["fingerprint"], row.row))
            try:
                entry = None
                if one is None or (one.number is None and one.origin["row"] != row.row and self._standing(row)):
                    self._pass(source, row, known[row.told["fingerprint"]])
                else:
                    entry = self._judged(source, layout, row, one)
            except Unfit as problem:
                self._refuse(row, str(problem))
                continue
            if entry is None:
                self.untouched += 1
            else:
                self._made[(source.name, entry.fingerprint, entry.row)].append((row, entry))

    def entries(self) -> list[Correction]:
        """What is to be remembered. Rows that stand in the file more than once must agree."""
        agreed = []
        for made in self._made.values():
            entry = made[0][1]
            if all(other.cells == entry.cells and other.action == entry.action for _, other in made):
                agreed.append(entry)
            else:
                for row, _ in made:
                    self._refuse(row, _TWICE)
        return agreed

    def _pass(self, source: Source, row: Sent, known: list[_Known]) -> None:
        """Let ``row`` pass if what it says was said before: a file that is sent twice says nothing new.

        Raises:
            Unfit: it says something else.
        """
        texts = _texts(source, row)
        left_out = [entry.number for entry in self._standing(row) if entry.action == EXCLUDE]
        action = row.told["action"].lower()
        if action == EXCLUDE and left_out:
            return
        if action != EXCLUDE and any(one.number is not None and texts == one.shown for one in known):
            return
        alike = [one for one in known if digest(one.shown) == row.told["shown"]]
        if alike and not action and texts == alike[0].shown:
            return
        if left_out:
            raise Unfit(f"the row is left out: take that back first, with crm-etl resubmit --withdraw {left_out[0]}")
        raise Unfit(_AGAIN if known else _CHANGED)

    def _standing(self, row: Sent) -> list[Correction]:
        """What stands of this row and of its copies."""
        mark = (row.told["source"], row.told["fingerprint"])
        return [entry for entry in self._stand if (entry.source, entry.fingerprint) == mark]

    def _judged(self, source: Source, layout: Layout, row: Sent, known: _Known) -> Correction | None:
        action = row.told["action"].lower()
        if action not in _ACTIONS:
            raise Unfit(f"the action is one of: {CORRECT}, {EXCLUDE}, or nothing")
        changes = {} if action == EXCLUDE else _changes(source, layout, row, known)
        if not changes and action != EXCLUDE and not (action == CORRECT and known.broken):
            return None
        return Correction(
            self._sign.at,
            self._sign.who,
            EXCLUDE if action == EXCLUDE else CORRECT,
            **known.origin,
            reason=row.told["reason"] or None,
            cells=self._cells(known, changes),
            why=row.told["why"] or self._why,
            replaces=known.number,
        )

    def _cells(self, known: _Known, changes: dict[str, str | None]) -> dict[str, tuple[str | None, str | None]]:
        """Cell as delivered and cell as it shall be, of all columns that differ."""
        before = self._earlier[known.number].cells if known.number is not None else {}
        changed = {name: (before[name][0] if name in before else known.cells.get(name)) for name in changes}
        beyond = {name: (cell, None) for name, cell in known.cells.items() if name.startswith(BEYOND)}
        return {**before, **beyond, **{name: (cell, changes[name]) for name, cell in changed.items()}}

    def _refuse(self, row: Sent, why: str) -> None:
        record = f"{row.told['source']}:{row.told['key']}"
        self.refused.append({"place": str(row.where), "record": record, "why": why})


def _known(delivered: Extracted, wanted: set[str]) -> dict[str, list[_Known]]:
    """Fingerprint as delivered -> the rows of the source that had it, in its order."""
    again = {(one["row"], one["fingerprint"]): one for one in delivered.facts["corrections"]}
    prints = list(wanted | {one["fingerprint"] for one in again.values() if one["delivered"] in wanted})
    found: dict[str, list[_Known]] = defaultdict(list)
    columns = delivered.facts["columns"]
    for frame in (delivered.rows, delivered.refused):
        rows = frame[frame["fingerprint"].isin(prints)].astype(object)
        for row in rows.where(rows.notna(), None).to_dict("records"):
            one = again.get((row["row"], row["fingerprint"]))
            delivered_print = row["fingerprint"] if one is None else one["delivered"]
            found[delivered_print].append(_known_row(row, columns, delivered_print, one))
    return found


def _known_row(row: dict[Any, Any], columns: list[str], delivered: str, one: dict[str, Any] | None) -> _Known:
    if "cells" in row:
        told = json.loads(row["cells"])
        broken = broken_print(told) == row["fingerprint"]
    else:
        told, broken = {name: row[schema.RAW_PREFIX + name] for name in columns}, False
    names = ("source", "key", "file", "sheet", "line", "row")
    return _Known(
        {**{name: row[name] for name in names}, "fingerprint": delivered},
        {**dict.fromkeys(columns), **by_column(told, columns)},
        shown(told, columns),
        broken,
        None if one is None else one["number"],
    )


def _meant(sent: list[Sent], known: dict[str, list[_Known]]) -> dict[tuple[str, int], _Known]:
    """Fingerprint and number of a row of the file -> the row of the source that it shows, if it looks so still.

    Of copies that is the one with the same number; where lines came or went each has another, in their order.
    """
    free: dict[tuple[str, str], dict[int, _Known]] = defaultdict(dict)
    for mark, rows in known.items():
        for one in rows:
            free[(mark, digest(one.shown))][one.origin["row"]] = one
    wanted = {(row.told["fingerprint"], row.row): (row.told["fingerprint"], row.told["shown"]) for row in sent}
    found = {(mark, row): free[look].pop(row) for (mark, row), look in wanted.items() if row in free[look]}
    for place, look in wanted.items():
        if place not in found and free[look]:
            found[place] = free[look].pop(min(free[look]))
    return found


def _changes(source: Source, layout: Layout, row: Sent, known: _Known) -> dict[str, str | None]:
    """Column -> new cell, of the cells that a person changed.

    Raises:
        Unfit: a value stands where the source has no column, or was changed by a program and not by a person.
    """
    texts = _texts(source, row)
    retyped = Retyped(source)
    changes: dict[str, str | None] = {}
    for name in row.columns:
        old, new = known.shown.get(name), texts.get(name)
        if new == old or retyped.is_same_amount(name, old, new):
            continue
        if name in layout.columns:
            changes[name] = new
        elif new is not None:
            raise Unfit(f"a value under '{name}': put it under a column of the source")
    meant = layout.at_fault(row.told["field"] or None, layout.columns)
    lost = [
        name
        for name, new in changes.items()
        if name not in meant and not row.is_typed_text(name) and spoiled(known.shown.get(name), new)
    ]
    if lost:
        remedy = "correct the row in quarantine.xlsx" if row.csv else "enter it as text, in a cell of text format"
        raise Unfit(
            f"a spreadsheet seems to have changed {', '.join(lost)}, as it does with numbers and dates: {remedy}"
        )
    return changes


def _texts(source: Source, row: Sent) -> dict[str, str]:
    """The cells of ``row`` as texts of their columns.

    Raises:
        Unfit: a number has lost digits.
    """
    retyped = Retyped(source)
    try:
        texts = {name: retyped.text(name, cell) for name, cell in row.cells.items()}
    except DigitsLost as problem:
        raise Unfit(f"a number under '{problem}' has lost digits: enter it as text") from None
    return {name: text for name, text in texts.items() if text is not None}
