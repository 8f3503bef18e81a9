"""Keys of a source, declared and possible, and columns of other sources that hold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from connectors.base import clean_column
from crm_etl.migration import Source
from crm_etl.profile.drafts import Column, Draft
from crm_etl.profile.patterns import mask
from crm_etl.profile.store import Held

#: Columns that are combined in search of a key, and combinations that are shown.
_COMBINED, _SHOWN = 8, 3
#: A column with hardly any double or gap may be the key that it was meant to be.
_NEARLY = 0.98
#: A column refers to a key if so many of its distinct values are keys, and it has so many.
_INCLUDED, _DISTINCT = 0.9, 5


def key_figures(source: Source, draft: Draft, held: Held) -> dict[str, Any] | None:
    """How the declared key fares (where none is declared, what looks like one): rows without it, rows that share it,
    and rows whose keys are too alike."""
    names = [clean_column(name) for name in source.key_columns]
    if not source.fields and not names:
        names = [*draft.keys] if draft.key is None else [draft.key.column]
    if not names or not set(names) <= set(held.columns):
        return None
    return {"columns": names, **held.key(names)}


def key_candidates(columns: Sequence[Column], held: Held) -> list[dict[str, Any]]:
    """Columns, and pairs of columns where no single one will do, that tell all rows apart: ``columns``, ``distinct``
    (share of the rows), ``exact`` (no double, no gap). Those nearly so stand behind."""
    exact = [column for column in columns if _is_exact(column, held)]
    nearly = [column for column in columns if column not in exact and _is_nearly(column)]
    found = [{"columns": [column.name], "distinct": 1.0, "exact": True} for column in exact]
    if not exact:
        found += [{"columns": list(pair), "distinct": 1.0, "exact": True} for pair in _pairs(columns, held)]
    return found + [
        {"columns": [column.name], "distinct": round(column.facts.distinct / held.rows, 4), "exact": False}
        for column in nearly
    ]


def _is_exact(column: Column, held: Held) -> bool:
    return 0 < held.rows == column.facts.filled == column.facts.distinct and is_code(column)


def _is_nearly(column: Column) -> bool:
    return min(column.seen.fill, column.seen.uniqueness) >= _NEARLY and column.facts.distinct > 20 and is_code(column)


def is_code(column: Column) -> bool:
    """Whether the cells are short and of one word: sums, days and texts may differ everywhere and are no key."""
    seen = column.seen
    return seen.share("several") < 0.2 and max(seen.share("date"), seen.share("decimal"), seen.share("email")) < 0.5


def _pairs(columns: Sequence[Column], held: Held) -> list[tuple[str, str]]:
    likely = [column for column in columns if column.seen.fill == 1 and is_code(column) and column.facts.distinct > 1]
    likely = sorted(likely, key=lambda column: -column.facts.distinct)[:_COMBINED]
    found: list[tuple[str, str]] = []
    for one, other in combinations(likely, 2):
        if one.facts.distinct * other.facts.distinct >= held.rows and held.is_key([one.name, other.name]):
            found.append((one.name, other.name))
        if len(found) == _SHOWN:
            break
    return found


def references(
    helds: Mapping[str, Held], columns: Mapping[str, Sequence[Column]], drafts: Mapping[str, Draft]
) -> list[dict[str, Any]]:
    """Columns whose values are keys of another source: ``source``, ``column``, ``refers_to``, ``key``, ``share`` of
    its distinct values that are keys there, ``orphans``: distinct values that are not."""
    keys = {name: _key_column(draft, columns[name]) for name, draft in drafts.items()}
    found = []
    for source, own in columns.items():
        for other, key in keys.items():
            if key is None or other == source:
                continue
            for column in own:
                if _may_refer(column, key, keys[source]):
                    found += _reference(source, column, other, key, helds)
    return sorted(found, key=lambda one: (one["source"], -one["share"], one["column"]))


def _key_column(draft: Draft, columns: Sequence[Column]) -> Column | None:
    if draft.entity != "client" or draft.key is None:
        return None
    return next((column for column in columns if column.name == draft.key.column), None)


def _may_refer(column: Column, key: Column, own_key: Column | None) -> bool:
    if column is own_key or column.facts.distinct < _DISTINCT or not is_code(column):
        return False
    return bool(_shapes(column) & _shapes(key)) and column.seen.share("phone") < 0.5


def _shapes(column: Column) -> set[str]:
    return {mask(value.strip()) for value in list(column.facts.values)[:50]}


def _reference(source: str, column: Column, other: str, key: Column, helds: Mapping[str, Held]) -> list[dict[str, Any]]:
    distinct, held = helds[source].inclusion(column.name, helds[other], key.name)
    share = held / distinct if distinct else 0.0
    if share < _INCLUDED:
        return []
    return [
        {
            "source": source,
            "column": column.name,
            "refers_to": other,
            "key": key.name,
            "share": round(share, 4),
            "orphans": distinct - held,
        }
    ]
