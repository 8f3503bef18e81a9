"""What was set right or doubted in accepted records, and which values the mapping does not know: for those who decide.

Two lists: ``repairs.csv`` names each note of each record with the cell as delivered and as it was read, or for letters
of a false encoding as it may have been; ``unmapped.csv`` names each value that an enum or a closed map lacks, how many
rows it keeps in quarantine, and the known value that looks most like it. Both hold cell values: they are report files.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd

from crm_etl.migration import ENUMS, FIELD_TYPES, Migration, Source
from crm_etl.normalize import lists
from crm_etl.normalize.text import clean, mojibake
from crm_etl.report.exports import write_csv

_REPAIRS = ["source", "key", "file", "sheet", "line", "field", "note", "delivered", "read"]
_UNMAPPED = ["source", "field", "column", "value", "rows", "proposal"]
_REASON = "unmapped_value"
_LIKE = 0.75


def write_repairs(parties: pd.DataFrame, folder: Path) -> Path:
    """``repairs.csv`` in ``folder``, of the accepted records (schema.PARTY)."""
    noted = parties[[bool(notes) for notes in parties["notes"]]]
    rows = [line for record in noted.to_dict("records") for line in _of(record)]
    return write_csv(pd.DataFrame(rows, columns=_REPAIRS), folder / "repairs.csv")


def _of(record: dict[Any, Any]) -> Iterator[dict[str, Any]]:
    place = {name: record[name] for name in _REPAIRS[:5]}
    for note in record["notes"]:
        field, _, code = note.partition(":")
        value = _text(record.get(field))
        delivered = _text(record.get(f"{field}_raw")) or value
        read = (mojibake(delivered or "") or value) if code.startswith("mojibake") else value
        yield {**place, "field": field, "note": code, "delivered": delivered, "read": read}


def _text(cell: Any) -> str | None:
    if isinstance(cell, list):
        return "; ".join(cell) or None
    return None if cell is None or cell is pd.NA else str(cell)


def unmapped(migration: Migration, refused: pd.DataFrame) -> pd.DataFrame:
    """``source, field, column, value, rows, proposal`` of the refused rows (schema.QUARANTINE), the most frequent
    values of a field first."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    bad = refused[(refused["reason"] == _REASON).fillna(False)]
    for source, field, cells in zip(bad["source"], bad["field"], bad["cells"], strict=True):
        rules = migration.source(source).fields.get(field, ())
        columns = dict.fromkeys(column for rule in rules for column in rule.source_columns)
        held = json.loads(cells)
        known = _known(migration.source(source), field)
        for column in columns:
            value = clean(held.get(column) or "")
            if value and value.casefold() not in known:
                found[(source, field, column, value)] += 1
    rows = [
        (*place, count, _proposal(migration.source(place[0]), place[1], place[3])) for place, count in found.items()
    ]
    frame = pd.DataFrame(rows, columns=_UNMAPPED)
    return frame.sort_values(
        ["source", "field", "rows", "value"], ascending=[True, True, False, True], ignore_index=True
    )


def write_unmapped(migration: Migration, refused: pd.DataFrame, folder: Path) -> Path:
    """``unmapped.csv`` in ``folder``; see :func:`unmapped`."""
    return write_csv(unmapped(migration, refused), folder / "unmapped.csv")


def _known(source: Source, field: str) -> dict[str, str]:
    """Cells, without case, that the mapping of ``field`` knows, and the value of each."""
    kind = FIELD_TYPES[source.entity][field]
    known = dict.fromkeys(ENUMS.get(field, ()), "") | (lists.booleans() if kind == "bool" else {})
    known = {word: value or word for word, value in known.items()}
    for rule in source.fields.get(field, ()):
        known |= {clean(cell).casefold(): value for cell, value in rule.map.items()}
        known |= {clean(value).casefold(): value for value in rule.map.values()}
    return known


def _proposal(source: Source, field: str, value: str) -> str | None:
    known = _known(source, field)
    near: Sequence[str] = get_close_matches(value.casefold(), sorted(known), n=1, cutoff=_LIKE)
    return known[near[0]] if near else None
