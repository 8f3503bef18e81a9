"""A frame as Great Expectations can look at it: plain columns, and those derived from them by name.

| name | holds |
|---|---|
| ``phones`` (a list column) | its items joined by a blank; no value where the list is empty |
| ``phones:count`` | number of items |
| ``birth_date:year`` | year of an ISO date |
| ``birth_date:days_ago`` | whole days from the date to today; negative in the future |
| ``phones|emails`` | what stands in any of the columns, joined; no value where all are empty |
| ``raw:*`` | all columns that begin so, joined |
| ``client_id@client`` | yes or no: whether the table has the value as its first column |
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

_SEPARATOR = " "


@dataclass(frozen=True)
class View:
    """``frame``, the day that counts as today, and the tables that ``column@table`` refers to."""

    frame: pd.DataFrame
    today: date
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def of(self, names: Iterable[str]) -> pd.DataFrame:
        """The columns ``names``; index 0, 1, 2, ...

        Raises:
            KeyError: the frame has no such column, and none that it derives from.
        """
        return pd.DataFrame({name: self.column(name) for name in names}, index=pd.RangeIndex(len(self.frame)))

    def column(self, name: str) -> Any:
        if name in self.frame.columns:
            return _plain(self.frame[name])
        if "|" in name:
            return self._either([self.column(part) for part in name.split("|")])
        if name.endswith("*"):
            return self._either([_plain(self.frame[column]) for column in self._beginning(name.removesuffix("*"))])
        if "@" in name:
            return self._known(*name.split("@", 1))
        column, _, what = name.rpartition(":")
        if column not in self.frame.columns or what not in _DERIVED:
            raise KeyError(name)
        return _DERIVED[what](self.frame[column], self.today)

    def named_in(self, condition: str) -> list[str]:
        """Plain columns that a row condition mentions."""
        return [word for word in dict.fromkeys(re.findall(r"\w+", condition)) if word in self.frame.columns]

    def _beginning(self, prefix: str) -> list[str]:
        return [str(name) for name in self.frame.columns if str(name).startswith(prefix)]

    def _either(self, columns: list[Any]) -> Any:
        joined = np.full(len(self.frame), None, dtype=object)
        for column in columns:
            joined[:] = [
                cell if part is None else part if cell is None else f"{part}{_SEPARATOR}{cell}"
                for part, cell in zip(joined, column, strict=True)
            ]
        return joined

    def _known(self, column: str, table: str) -> Any:
        if column not in self.frame.columns or table not in self.tables:
            raise KeyError(f"{column}@{table}")
        # By code: pandas would turn every cell of the parent into a Python object.
        codes, uniques = pd.factorize(self.frame[column].array)
        parent = self.tables[table].iloc[:, 0].unique()
        known = np.where(pd.Index(parent).get_indexer(uniques) >= 0, "yes", "no").astype(object)
        return np.append(known, np.array([None], dtype=object))[codes]


def _plain(values: pd.Series) -> Any:
    if _is_list(values):
        return np.array([_SEPARATOR.join(cell) or None for cell in values], dtype=object)
    if pd.api.types.is_bool_dtype(values.dtype) and not values.isna().any():
        return values.to_numpy(dtype=bool)
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        return values.to_numpy(dtype=float, na_value=np.nan)
    return values.to_numpy(dtype=object, na_value=None)


def _is_list(values: pd.Series) -> bool:
    return values.dtype == object and any(isinstance(cell, list) for cell in values.head(1))


def _count(values: pd.Series, today: date) -> Any:
    return values.map(len).to_numpy(dtype=float)


def _year(values: pd.Series, today: date) -> Any:
    return _of_dates(values, lambda day: day.year)


def _days_ago(values: pd.Series, today: date) -> Any:
    return _of_dates(values, lambda day: (today - day).days)


def _of_dates(values: pd.Series, measure: Any) -> Any:
    codes, uniques = pd.factorize(values.array)
    measured = [np.nan if day is None else float(measure(day)) for day in map(_day, uniques)]
    return np.append(np.array(measured, dtype=float), np.nan)[codes]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


_DERIVED = {"count": _count, "year": _year, "days_ago": _days_ago}
