"""One column of a source: how full, how varied, in which scripts and shapes, and what is odd about it. Only counts,
masks and names of known placeholders: no value of anybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from connectors.base import clean_column
from crm_etl.migration import FIELD_TYPES, Source
from crm_etl.normalize.text import clean, has_control, has_lost, mojibake, script
from crm_etl.profile.drafts import Column, Line
from crm_etl.profile.languages import languages_of
from crm_etl.profile.patterns import date_formats, mask
from crm_etl.profile.placeholders import placeholders_of
from crm_etl.profile.store import Held

_SHOWN = 5
_BINS = 12
#: Classes of personal data by the type of a field, and by fields whose type does not tell.
_CLASSES = {"name": "name", "phone": "contact", "email": "contact", "identifier": "identifier", "address": "address"}
_FIELD_CLASSES = {
    "birth_date": "birth date",
    "sex": "sex",
    "comment": "free text",
    "subject": "free text",
    "balance": "money",
}
_SENSITIVE = {"name", "contact", "identifier", "address", "birth date", "free text"}


def profile_column(source: Source, column: Column, held: Held, guess: Line | None, entity: str) -> dict[str, Any]:
    """The profile of ``column`` of ``source``; ``guess``: the field that it seems to hold, of ``entity``."""
    facts, values = column.facts, column.facts.values
    fields = mapped_fields(source, column.name)
    personal = _personal(fields, guess, source.entity, entity) or _looks_personal(column)
    placeholders = {} if "key" in fields else _placeholders(column, personal)
    lengths = facts.lengths
    return {
        "name": column.name,
        "fields": fields,
        "state": _state(source, column.name, fields),
        "guess": None if guess is None else {"field": _label(guess), "confidence": guess.confidence, "why": guess.why},
        "filled": facts.filled,
        "fill": round(column.seen.fill, 4),
        "distinct": facts.distinct,
        "unique": facts.filled == held.rows == facts.distinct and facts.filled > 0,
        "shortest": min(lengths, default=0),
        "longest": max(lengths, default=0),
        "lengths": _bins(lengths),
        "leading_zeros": facts.zeros,
        "numbers": _numbers(column, held, personal),
        "scripts": _tally(values, script),
        "languages": languages_of(values),
        "patterns": _patterns(values),
        "dates": date_formats(values) if values else [],
        "placeholders": sum(placeholders.values()),
        "placeholder_words": placeholders,
        "controls": _count(values, has_control),
        "invisible": _count(values, lambda value: clean(value) != " ".join(value.split())),
        "lost": _count(values, has_lost),
        "mojibake": _count(values, lambda value: mojibake(value) is not None),
        "personal": personal,
        "sensitive": personal in _SENSITIVE,
        "sampled": facts.sampled,
    }


def _placeholders(column: Column, personal: str | None) -> dict[str, int]:
    seen = column.seen
    if seen.share("bool") > 0.9:
        return {}
    number = seen.share("number") > 0.9 and personal in (None, "money")
    kinds = [*(["name"] if personal == "name" else []), *(["email"] if seen.share("email") > 0.3 else [])]
    return placeholders_of(column.facts.values, [*kinds, *(["number"] if number else [])])


def mapped_fields(source: Source, name: str) -> list[str]:
    """The fields that column ``name`` fills, ``key`` and ``client`` included."""
    fields = ["key"] if name in map(clean_column, source.key_columns) and source.fields else []
    if source.client is not None and clean_column(source.client.column) == name:
        fields.append("client")
    for field, rules in source.fields.items():
        if any(name in map(clean_column, rule.source_columns) for rule in rules):
            fields.append(field)
    return fields


def _state(source: Source, name: str, fields: list[str]) -> str:
    if fields or name in (clean_column(rule.column) for rule in source.exclude):
        return "mapped"
    return "ignored" if name in map(clean_column, source.ignore) else "unmapped"


def _label(guess: Line) -> str:
    kind = guess.settings.get("type")
    return guess.field if kind is None else f"{guess.field} ({kind})"


def _bins(lengths: Mapping[int, int]) -> list[dict[str, int]]:
    """Cells by their length, in at most so many bins of like width: ``from``, ``to``, ``cells``."""
    if not lengths:
        return []
    low, high = min(lengths), max(lengths)
    width = -(-(high - low + 1) // _BINS)
    bins = dict.fromkeys(range((high - low) // width + 1), 0)
    for length, cells in lengths.items():
        bins[(length - low) // width] += cells
    return [
        {"from": low + at * width, "to": min(low + (at + 1) * width - 1, high), "cells": cells}
        for at, cells in bins.items()
    ]


def _numbers(column: Column, held: Held, personal: str | None) -> dict[str, Any] | None:
    """Kind and extent of a column of numbers; without extent where a number may be somebody's own."""
    seen = column.seen
    if seen.share("number") < 0.9 or seen.share("date") > 0.5 or column.facts.filled == 0:
        return None
    decimals = seen.share("decimal") > 0
    comma = decimals and sum("," in value[-3:] for value in column.facts.values) * 2 > sum(
        value[-3:].strip("0123456789") != "" for value in column.facts.values
    )
    low = high = None
    if personal in (None, "money") and max(column.facts.lengths) <= 15 and (decimals or seen.uniqueness < 0.9):
        low, high = held.extent(column.name, comma)
    return {
        "kind": "decimal" if decimals else "integer",
        "decimal": "," if comma else "." if decimals else None,
        "least": low,
        "greatest": high,
    }


def _tally(values: Mapping[str, float], kind: Callable[[str], str]) -> dict[str, int]:
    tally: Counter[str] = Counter()
    for value, count in values.items():
        tally[kind(value)] += count  # type: ignore[assignment]  # scaled counts are rounded below
    return {
        name: round(count) for name, count in sorted(tally.items(), key=lambda item: (-item[1], item[0])) if name != ""
    }


def _patterns(values: Mapping[str, float]) -> list[dict[str, Any]]:
    tally = _tally(values, mask)
    return [{"pattern": pattern, "count": count} for pattern, count in list(tally.items())[:_SHOWN]]


def _count(values: Mapping[str, float], test: Callable[[str], bool]) -> int:
    return round(sum(count for value, count in values.items() if test(value)))


# --------------------------------------------------------------------------------------------------- personal data
def _personal(fields: list[str], guess: Line | None, entity: str, guessed: str) -> str | None:
    """The class of personal data that the column holds by its mapping, else by what it seems to hold."""
    for field in fields:
        found = _class_of(field, entity)
        if found is not None:
            return found
    if any(field not in ("key", "client") for field in fields):
        return None
    return None if guess is None else _class_of(guess.field, guessed)


def _class_of(field: str, entity: str) -> str | None:
    if field in ("country", "region"):
        return None
    return _FIELD_CLASSES.get(field) or _CLASSES.get(FIELD_TYPES[entity].get(field, ""))


def _looks_personal(column: Column) -> str | None:
    """Addresses of e-mail, phones, names of people and places to live tell themselves, whatever they were taken for."""
    seen = column.seen
    for what, found in (("email", "contact"), ("phone", "contact"), ("person", "name"), ("street", "address")):
        if seen.share(what) > 0.5:
            return found
    return None
