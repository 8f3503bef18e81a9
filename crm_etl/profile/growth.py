"""How fast a source grows: records by the month in which they arose."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd

from connectors.base import clean_column
from crm_etl import schema
from crm_etl.migration import FieldRule, Source
from crm_etl.normalize import dates

_FIELDS = ("created_at", "occurred_at", "opened_at", "since")


def growth_by_month(source: Source, cells: pd.DataFrame) -> dict[str, Any] | None:
    """``field``, ``column``, ``months`` ({``YYYY-MM``: rows}, ascending), ``unread`` cells; None where no date of
    origin is mapped to a column."""
    for field in _FIELDS:
        for rule in source.fields.get(field, ()):
            column = None if rule.column is None else schema.RAW_PREFIX + clean_column(rule.column)
            if column in cells.columns and rule.format is not None:
                return {"field": field, "column": rule.column, **_months(cells[column], rule, source.typed)}
    return None


def _months(cells: pd.Series, rule: FieldRule, typed: bool) -> dict[str, Any]:
    months: Counter[str] = Counter()
    unread = 0
    for text, count in cells.value_counts().items():
        value = dates.read(str(text), rule.format or "", rule.calendar, typed=typed).value
        if value is None:
            unread += int(count)
        else:
            months[value[:7]] += int(count)
    return {"months": dict(sorted(months.items())), "unread": unread}
