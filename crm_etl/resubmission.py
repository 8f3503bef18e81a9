"""Rows that people corrected in the quarantine's file, sent again: held against the sources, and remembered.

Every row of the file must be one that its source still delivers, shown as it is now: of an older file, whose
originals changed since, the row is refused and the others are taken. Untouched rows are no corrections. What is
remembered stands in :mod:`crm_etl.corrections`; every later extraction applies it. Nothing here changes a source.
"""

from __future__ import annotations

import getpass
import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from crm_etl import corrections, quarantine_file, schema
from crm_etl.corrections import CORRECT, EXCLUDE, WITHDRAW, Correction
from crm_etl.extract import Extracted, extract
from crm_etl.extract.mending import broken_print, by_column
from crm_etl.faults import Fault, StateFault, Where
from crm_etl.migration import Migration, Source
from crm_etl.normalize import normalize
from crm_etl.progress import Progress
from crm_etl.quarantine_file import Sent
from crm_etl.report.quarantine_table import BEYOND, Layout, digest, shown
from crm_etl.retyped import DigitsLost, Retyped, spoiled
from crm_etl.storage import State

Found = dict[str, Any]
_CHANGED = "the source has changed this row, or delivers it no more: correct it in the file of a new dry run"
_AGAIN = "the row was corrected or left out since this file was written: use the file of a new dry run"
_TWICE = "the row stands twice in the file, with different corrections"
_ACTIONS = ("", CORRECT, EXCLUDE)


class Unfit(Exception):
    """A row of the file that cannot be taken; its text is what a person is told."""


@dataclass(frozen=True)
class _Signature:
    at: str
    who: str

    @classmethod
    def of(cls, who: str | None) -> _Signature:
        return cls(datetime.now(UTC).isoformat(timespec="seconds"), who or getpass.getuser())


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


def resubmit(migration: Migration, path: Path, progress: Progress, who: str | None = None, why: str = "") -> Found:
    """Take the corrections of the file at ``path``; all that can be taken are remembered, in one step.

    Returns:
        Counts (``rows``, ``corrected``, ``excluded``, ``untouched``), ``refused`` and ``still_refused``: rows of the
        file that were not taken, and corrected rows that extraction or normalization will refuse again, each with
        its place and why, by reference.

    Raises:
        Fault: the file is none of a quarantine, or of another migration; nothing is remembered then.
        StateFault: a run is at work on this migration.
    """
    with State.of(migration).alone():
        sent = quarantine_file.read(path)
        _check_sources(migration, sent)
        judge = _Judge(migration, _Signature.of(who), why)
        for name in dict.fromkeys(row.told["source"] for row in sent):
            source = migration.source(name)
            delivered = extract(source, migration.root, progress)
            judge.take(source, delivered, [row for row in sent if row.told["source"] == name])
        entries = judge.entries()
        numbers = corrections.append(migration.root / corrections.FILE, entries) if entries else []
        still = _still_refused(migration, entries, progress)
    counts = Counter(entry.action for entry in entries)
    return {
        "file": str(path),
        "rows": len(sent),
        "corrected": counts[CORRECT],
        "excluded": counts[EXCLUDE],
        "untouched": judge.untouched,
        "numbers": numbers,
        "refused": judge.refused,
        "still_refused": still,
    }


def listing(migration: Migration) -> Found:
    """All corrections with their state: stands, replaced or withdrawn. Names columns, shows no values."""
    known = corrections.read(migration.root / corrections.FILE)
    stands = {entry.number for entry in corrections.standing(known)}
    withdrawn = {entry.of for entry in known if entry.action == WITHDRAW}
    return {
        "corrections": [
            {
                "number": entry.number,
                "state": _state(entry, stands, withdrawn),
                "action": entry.action,
                "record": f"{entry.source}:{entry.key or ''}",
                "place": entry.place,
                "columns": [name for name in entry.cells if not name.startswith(BEYOND)],
                "who": entry.who,
                "at": entry.at,
                "why": entry.why,
            }
            for entry in known
            if entry.action != WITHDRAW
        ]
    }


def withdraw(migration: Migration, which: str, who: str | None = None, why: str = "") -> Found:
    """Take back the correction of number ``which``, so that what it replaced stands again, or ``all`` that there are.

    Raises:
        StateFault: no such correction stands, or a run is at work on this migration.
    """
    with State.of(migration).alone():
        path = migration.root / corrections.FILE
        known = corrections.read(path)
        chosen = _all_left(known) if which == "all" else _standing_one(known, which)
        if not chosen:
            raise StateFault(
                "no correction stands" if which == "all" else f"no correction {which} stands",
                where=Where(str(path)),
                remedy="crm-etl resubmit --list shows which there are",
            )
        sign = _Signature.of(who)
        corrections.append(path, [Correction(sign.at, sign.who, WITHDRAW, of=number, why=why) for number in chosen])
    return {"withdrawn": chosen}


class _Judge:
    """Holds the rows of the file against what their sources deliver, one source after the other."""

    def __init__(self, migration: Migration, sign: _Signature, why: str) -> None:
        self._earlier = {entry.number: entry for entry in corrections.read(migration.root / corrections.FILE)}
        self._stand = corrections.standing(self._earlier.values())
        self._sign = sign
        self._why = why
        self._made: dict[tuple[str, str | None, int | None], list[tuple[Sent, Correction]]] = defaultdict(list)
        self.untouched = 0
        self.refused: list[Found] = []

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


def _check_sources(migration: Migration, sent: list[Sent]) -> None:
    known = {source.name for source in migration.sources}
    for row in sent:
        if row.told["source"] not in known:
            raise Fault(
                "a row of a source that this migration has not",
                where=row.where,
                remedy="send the file to the migration that it was written by (-C DIR)",
            )


def _still_refused(migration: Migration, entries: list[Correction], progress: Progress) -> list[Found]:
    """Corrected rows that the first two stages refuse all the same."""
    found: list[Found] = []
    corrected = [entry for entry in entries if entry.action == CORRECT]
    for name in dict.fromkeys(str(entry.source) for entry in corrected):
        source = migration.source(name)
        delivered = extract(source, migration.root, progress)
        mine = {entry.fingerprint for entry in corrected if entry.source == name}
        now = {one["fingerprint"] for one in delivered.facts["corrections"] if one["delivered"] in mine}
        rows = delivered.rows[delivered.rows["fingerprint"].isin(list(now))].reset_index(drop=True)
        refused = delivered.refused[delivered.refused["fingerprint"].isin(list(now))]
        later = normalize(rows, source, progress).refused if len(rows) else schema.QUARANTINE.empty()
        found.extend(_refused_again(pd.concat([refused, later], ignore_index=True)))
    return found


def _refused_again(rows: pd.DataFrame) -> list[Found]:
    names = ["source", "key", "file", "line", "row", "field", "reason"]
    told = rows[names].astype(object)
    return [
        {
            "record": f"{row['source']}:{row['key'] or ''}",
            "place": f"{row['file']}, " + (f"row {row['row']}" if row["line"] is None else f"line {row['line']}"),
            "why": f"{row['field']}: {row['reason']}",
        }
        for row in told.where(told.notna(), None).to_dict("records")
    ]


def _all_left(known: list[Correction]) -> list[int]:
    """Numbers of the judgements that were not withdrawn, replaced ones included: none may come back."""
    withdrawn = {entry.of for entry in known if entry.action == WITHDRAW}
    return [entry.number for entry in known if entry.action != WITHDRAW and entry.number not in withdrawn]


def _standing_one(known: list[Correction], which: str) -> list[int]:
    return [entry.number for entry in corrections.standing(known) if str(entry.number) == which]


def _state(entry: Correction, stands: set[int], withdrawn: set[int | None]) -> str:
    if entry.number in stands:
        return "stands"
    return "withdrawn" if entry.number in withdrawn else "replaced"
