"""How fast a source grows: records by the month in which they arose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.base import clean_column
from crm_etl.migration import Calendar, Source
from crm_etl.normalize import dates
from crm_etl.profile.drafts import Column, Draft

_FIELDS = ("created_at", "occurred_at", "opened_at", "since")


def growth_by_month(source: Source, columns: Sequence[Column], draft: Draft) -> dict[str, Any] | None:
    """``field``, ``column``, ``months`` ({``YYYY-MM``: rows}, ascending), ``unread`` cells; None where no date of
    origin is mapped to a column (or, without a mapping, seems to be one)."""
    known = {column.name: column for column in columns}
    for field in _FIELDS:
        for name, form, calendar in _dates(source, draft, field):
            if name in known:
                months = _months(known[name].facts.values, form, calendar, source.typed)
                return {"field": field, "column": name, **months}
    return None


def _dates(source: Source, draft: Draft, field: str) -> list[tuple[str, str, Calendar]]:
    if not source.fields:
        lines = [line for line in draft.lines if line.field == field]
        return [(line.column, line.settings["format"], line.settings.get("calendar", "gregorian")) for line in lines]
    return [
        (clean_column(rule.column), rule.format, rule.calendar)
        for rule in source.fields.get(field, ())
        if rule.column is not None and rule.format is not None
    ]


def _months(values: Mapping[str, float], form: str, calendar: Calendar, typed: bool) -> dict[str, Any]:
    months: Counter[str] = Counter()
    unread = 0
    for text, cells in values.items():
        value = dates.read(text, form, calendar, typed=typed).value
        if value is None:
            unread += round(cells)
        else:
            months[value[:7]] += round(cells)
    return {"months": dict(sorted(months.items())), "unread": unread}
