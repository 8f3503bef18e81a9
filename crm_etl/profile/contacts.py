"""Phones and e-mails of a source, read as the pipeline will read them: how many are valid, how many are shared."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pandas as pd

from connectors.base import clean_column
from crm_etl import schema
from crm_etl.migration import FieldRule, Source
from crm_etl.normalize import emails, phones
from crm_etl.normalize.reading import Cells, Reader, gather

#: Reading a phone takes some 50 microseconds: so many distinct cells are read.
DISTINCT_LIMIT = 100_000


def profile_contacts(source: Source, cells: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """``phones`` and ``emails``, where they are mapped: ``cells`` filled, ``valid`` (at least one value),
    ``placeholder``, ``invalid``, ``notes``; of the values: ``distinct``, ``shared`` (by several rows),
    ``sharing_rows``, ``most_shared`` (rows of the one shared most)."""
    tokens = frozenset(token.strip().casefold() for token in source.null_tokens)
    found = {}
    for field in ("phones", "emails"):
        rules = [rule for rule in source.fields.get(field, ()) if _present(rule, cells)]
        if rules:
            parts = [(gather(cells, _cleaned(rule), tokens), _reader(source, field, rule)) for rule in rules]
            found[field] = _judge(field, parts)
    return found


def _present(rule: FieldRule, cells: pd.DataFrame) -> bool:
    columns = [schema.RAW_PREFIX + clean_column(name) for name in rule.source_columns]
    return bool(columns) and set(columns) <= set(cells.columns)


def _cleaned(rule: FieldRule) -> FieldRule:
    return rule.model_copy(
        update={
            "column": None if rule.column is None else clean_column(rule.column),
            "columns": tuple(map(clean_column, rule.columns)),
        }
    )


def _reader(source: Source, field: str, rule: FieldRule) -> Reader:
    if field == "emails":
        return partial(emails.read, homoglyphs="homoglyphs" in rule.repair)
    return partial(phones.read, country=rule.country or source.country, restore_zero=rule.restore_zero)


def _judge(field: str, parts: list[tuple[Cells, Reader]]) -> dict[str, Any]:
    tally: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    holders: Counter[str] = Counter()
    sampled = False
    for cells, reader in parts:
        counts = Counter(int(code) for code in cells.codes if code >= 0)
        sampled = sampled or len(cells.texts) > DISTINCT_LIMIT
        for code, text in enumerate(cells.texts[:DISTINCT_LIMIT]):
            reading, rows = reader(text), counts[code]
            values = reading.value or ()
            placeholder = f"{field}:placeholder" in reading.notes
            tally["valid" if values else "placeholder" if placeholder else "invalid"] += rows
            notes.update({note.partition(":")[2]: rows for note in reading.notes})
            holders.update(dict.fromkeys(values, rows))
    shared = {value: rows for value, rows in holders.items() if rows > 1}
    return {
        "cells": sum(tally.values()),
        "valid": tally["valid"],
        "placeholder": tally["placeholder"],
        "invalid": tally["invalid"],
        "notes": dict(sorted(notes.items())),
        "distinct": len(holders),
        "shared": len(shared),
        "sharing_rows": sum(shared.values()),
        "most_shared": max(shared.values(), default=0),
        "sampled": sampled,
    }
