"""Phones and e-mails of a source, read as the pipeline will read them: how many are valid, how many are shared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from connectors.base import clean_column
from crm_etl.migration import Source
from crm_etl.normalize import emails, phones
from crm_etl.normalize.reading import Reader
from crm_etl.normalize.text import clean
from crm_etl.profile.drafts import Column, Draft, Line

_FIELDS = ("phones", "emails")
#: Rows that share one value, from so many on.
_STEPS = (2, 3, 6, 21, 101)


def profile_contacts(source: Source, columns: Sequence[Column], draft: Draft) -> dict[str, dict[str, Any]]:
    """``phones`` and ``emails``, where they are mapped or, in a source without mapping, seem to be: ``columns``,
    ``cells`` filled, ``valid`` (at least one value), ``placeholder``, ``invalid``, ``notes``; of the values:
    ``distinct``, ``shared`` (by several rows), ``sharing_rows``, ``most_shared`` (rows of the one shared most),
    ``sharing``: how many values so many rows share."""
    known = {column.name: column for column in columns}
    lines = [line for line in _lines(source, draft) if line.column in known]
    tokens = frozenset(clean(token).casefold() for token in source.null_tokens)
    found = {}
    for field in _FIELDS:
        parts = [(known[line.column], _reader(line)) for line in lines if line.field == field]
        if parts:
            found[field] = {"columns": [column.name for column, _ in parts], **_judge(field, parts, tokens)}
    return found


def _lines(source: Source, draft: Draft) -> list[Line]:
    if not source.fields:
        return [_with_country(line, draft.country or "RU") for line in draft.lines if line.field in _FIELDS]
    return [
        Line(
            field,
            clean_column(column),
            {
                "country": rule.country or source.country,
                "restore_zero": rule.restore_zero,
                "homoglyphs": "homoglyphs" in rule.repair,
            },
            1.0,
            "mapping",
        )
        for field in _FIELDS
        for rule in source.fields.get(field, ())
        for column in rule.source_columns
    ]


def _with_country(line: Line, country: str) -> Line:
    return Line(line.field, line.column, {**line.settings, "country": country}, line.confidence, line.why)


def _reader(line: Line) -> Reader:
    if line.field == "emails":
        return partial(emails.read, homoglyphs=bool(line.settings.get("homoglyphs", False)))
    restore = bool(line.settings.get("restore_zero", False))
    return partial(phones.read, country=line.settings["country"], restore_zero=restore)


def _judge(field: str, parts: Sequence[tuple[Column, Reader]], tokens: frozenset[str]) -> dict[str, Any]:
    tally: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    holders: Counter[str] = Counter()
    for column, reader in parts:
        for value, cells in _cells(column.facts.values, tokens).items():
            reading, rows = reader(value), round(cells)
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
        "sharing": _sharing(shared),
        "sampled": any(column.facts.sampled for column, _ in parts),
    }


def _cells(values: Mapping[str, float], tokens: frozenset[str]) -> dict[str, float]:
    """Cleaned cells that are a value."""
    found: dict[str, float] = {}
    for value, cells in values.items():
        text = clean(value) if "\n" not in value else "\n".join(map(clean, value.splitlines()))
        if text and text.casefold() not in tokens:
            found[text] = found.get(text, 0.0) + cells
    return found


def _sharing(shared: Mapping[str, int]) -> list[dict[str, int]]:
    """``rows`` from which on, ``values``: how many values so many rows share, up to the next step."""
    ends = (*_STEPS[1:], 1 << 62)
    counted = [
        {"rows": low, "values": sum(low <= rows < high for rows in shared.values())}
        for low, high in zip(_STEPS, ends, strict=True)
    ]
    return [one for one in counted if one["values"]]
