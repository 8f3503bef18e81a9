"""Rows that people corrected in the quarantine's file, sent again: held against the sources, and remembered.

Every row of the file must be one that its source still delivers, shown as it is now: of an older file, whose
originals changed since, the row is refused and the others are taken. Untouched rows are no corrections. What is
remembered stands in :mod:`crm_etl.corrections`; every later extraction applies it. Nothing here changes a source.
How one row of the file is judged: :mod:`crm_etl.judging`.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from crm_etl import corrections, quarantine_file, schema
from crm_etl.corrections import CORRECT, EXCLUDE, WITHDRAW, Correction, Signature
from crm_etl.extract import extract
from crm_etl.faults import Fault, StateFault, Where
from crm_etl.judging import Judge
from crm_etl.migration import Migration
from crm_etl.normalize import normalize
from crm_etl.progress import Progress
from crm_etl.quarantine_file import Sent
from crm_etl.report.quarantine_table import BEYOND
from crm_etl.storage import State

Found = dict[str, Any]


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
        judge = Judge(migration, Signature.of(who), why)
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
        sign = Signature.of(who)
        corrections.append(path, [Correction(sign.at, sign.who, WITHDRAW, of=number, why=why) for number in chosen])
    return {"withdrawn": chosen}


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
