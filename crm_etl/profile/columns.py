"""One column of a source: how full, how varied, in which scripts and shapes, and what is odd about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pandas as pd

from connectors.base import clean_column
from crm_etl.migration import FIELD_TYPES, Source
from crm_etl.normalize import lists
from crm_etl.normalize.text import clean, has_lost, mojibake, script
from crm_etl.profile.patterns import date_formats, mask

#: Shapes are taken of so many distinct values, the most frequent first; counts of cells are always complete.
DISTINCT_LIMIT = 50_000
_SHOWN = 5
_PERSONAL_TYPES = {"name", "phone", "email", "identifier", "address"}
_PERSONAL_FIELDS = {"birth_date", "comment", "subject"}


def profile_column(source: Source, name: str, cells: pd.Series) -> dict[str, Any]:
    """The profile of column ``name`` with its ``cells`` (text)."""
    counts = cells.value_counts()
    filled = int(counts.sum())
    distinct = len(counts)
    lengths = cells.str.len()
    values = {str(value): int(count) for value, count in counts.head(DISTINCT_LIMIT).items()}
    fields = mapped_fields(source, name)
    return {
        "name": name,
        "fields": fields,
        "state": _state(source, name, fields),
        "filled": filled,
        "fill": round(filled / len(cells), 4) if len(cells) else 0.0,
        "distinct": distinct,
        "unique": filled == len(cells) == distinct and filled > 0,
        "shortest": int(lengths.min()) if filled else 0,
        "longest": int(lengths.max()) if filled else 0,
        "scripts": _tally(values, script),
        "patterns": _patterns(values),
        "dates": date_formats(values) if values else [],
        "placeholders": 0 if "key" in fields else _count(values, _is_placeholder),
        "invisible": _count(values, lambda value: clean(value) != " ".join(value.split())),
        "lost": _count(values, has_lost),
        "mojibake": _count(values, lambda value: mojibake(value) is not None),
        "sensitive": _sensitive(source, fields, values),
        "sampled": distinct > DISTINCT_LIMIT,
    }


def mapped_fields(source: Source, name: str) -> list[str]:
    """The fields that column ``name`` fills, ``key`` and ``client`` included."""
    fields = ["key"] if name in map(clean_column, source.key_columns) else []
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


def _tally(values: dict[str, int], kind: Callable[[str], str]) -> dict[str, int]:
    tally: Counter[str] = Counter()
    for value, count in values.items():
        tally[kind(value)] += count
    return dict(sorted(tally.items(), key=lambda item: (-item[1], item[0])))


def _patterns(values: dict[str, int]) -> list[dict[str, Any]]:
    tally = _tally(values, mask)
    return [{"pattern": pattern, "count": count} for pattern, count in list(tally.items())[:_SHOWN]]


def _count(values: dict[str, int], test: Callable[[str], bool]) -> int:
    return sum(count for value, count in values.items() if test(value))


def _is_placeholder(value: str) -> bool:
    word = clean(value).casefold()
    return any(word in words for words in lists.placeholders().values())


def _sensitive(source: Source, fields: list[str], values: dict[str, int]) -> bool:
    types = FIELD_TYPES[source.entity]
    if any(field in _PERSONAL_FIELDS or types.get(field) in _PERSONAL_TYPES for field in fields):
        return True
    return _count(values, _looks_personal) * 2 > sum(values.values()) > 0


def _looks_personal(value: str) -> bool:
    """An e-mail address, or ten to fifteen digits with a phone's punctuation."""
    if "@" in value:
        return "." in value.rpartition("@")[2]
    figures = sum(map(str.isdigit, value))
    return 10 <= figures <= 15 and not any(map(str.isalpha, value)) and value.lstrip()[:1] in "+80("
