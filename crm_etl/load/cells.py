"""One canonical text for every cell, whichever database or stage it comes from.

A load compares three values of a field: as loaded, as the legacy says now, as the CRM says now. They come from
JSON, from frames and from three database drivers, so all of them are first brought to the same text:
dates ``1984-03-21``; instants the same at midnight, else ``1984-03-21T10:00:00`` (UTC where an offset is
given); money ``-1234.50`` with at least two decimals; booleans ``true`` and ``false``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from crm_etl.schema import MONEY_DECIMALS, MONEY_DIGITS

Kind = Literal["text", "date", "instant", "money", "bool"]
_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_TEXT = "string[pyarrow]"


def kind_of(column: sa.Column[Any]) -> Kind:
    kinds: tuple[tuple[type, Kind], ...] = (
        (sa.DateTime, "instant"),
        (sa.Date, "date"),
        (sa.Numeric, "money"),
        (sa.Boolean, "bool"),
    )
    return next((kind for type_, kind in kinds if isinstance(column.type, type_)), "text")


def date_text(text: str) -> str | None:
    """``text`` if it is an ISO date."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def instant_text(text: str) -> str | None:
    """Canonical text of an ISO date or instant; None if it is neither."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    if (moment.hour, moment.minute, moment.second, moment.microsecond) == (0, 0, 0, 0):
        return moment.date().isoformat()
    return moment.isoformat()


def money_text(text: str) -> str | None:
    """Canonical text of an exact amount; None if it is no number or does not fit the column exactly."""
    if _AMOUNT.fullmatch(text) is None:
        return None
    whole, _, decimals = text.lstrip("-").partition(".")
    decimals = decimals.rstrip("0")
    whole = whole.lstrip("0")
    significant = len((whole + decimals).lstrip("0")) if decimals else len(whole.rstrip("0"))
    if len(decimals) > MONEY_DECIMALS or significant > MONEY_DIGITS or len(whole) > MONEY_DIGITS:
        return None
    sign = "-" if text.startswith("-") and (whole or decimals) else ""
    return f"{sign}{whole or '0'}.{decimals.ljust(2, '0')}"


def bool_text(text: str) -> str | None:
    return {"true": "true", "1": "true", "false": "false", "0": "false"}.get(text.lower())


_CANONICAL: dict[Kind, Callable[[str], str | None]] = {
    "date": date_text,
    "instant": instant_text,
    "money": money_text,
    "bool": bool_text,
}


def wanted(frame: pd.DataFrame, columns: Iterable[sa.Column[Any]]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The cells of a frame of :mod:`crm_etl.schema` as canonical text, and where that is impossible.

    Returns:
        A frame of text columns, and for each column with bad cells a boolean mask of its rows.
    """
    texts: dict[str, Any] = {}
    bad: dict[str, Any] = {}
    for column in columns:
        cells = frame[column.name].astype(_TEXT).reset_index(drop=True)
        canonical = _map(cells, _CANONICAL.get(kind_of(column)))
        wrong = (cells.notna() & canonical.isna()).to_numpy(dtype=bool)
        if wrong.any():
            bad[column.name] = wrong
        texts[column.name] = canonical
    return pd.DataFrame(texts), bad


def read(values: Iterable[Any], kind: Kind) -> pa.Array:
    """Cells as a database driver delivers them, as canonical text; what is not canonical stays as it is."""
    if kind == "text":
        cells: Iterable[Any] = [None if value is None else str(value) for value in values]
    else:
        held = list(values)
        known = {value: _read_one(value, kind) for value in set(held)}
        cells = [known[value] for value in held]
    return pa.array(cells, type=pa.large_string())


def arrow(cells: pd.Series) -> pa.Array:
    """A text column as one Arrow array with 64-bit offsets."""
    array = pa.array(cells.array)
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return array.cast(pa.large_string())


def among(cells: pd.Series, others: pd.Series | Iterable[str]) -> Any:
    """Mask of the cells that stand in ``others``; "no value" never does. Pandas' own isin goes cell by cell."""
    held = arrow(others) if isinstance(others, pd.Series) else pa.array(list(others), pa.large_string())
    return pc.is_in(arrow(cells), value_set=held, skip_nulls=True).to_numpy(zero_copy_only=False)


def _read_one(value: Any, kind: Kind) -> str | None:
    if value is None:
        return None
    text = format(Decimal(str(value)), "f") if isinstance(value, (float, Decimal)) else str(value)
    return _CANONICAL[kind](text) or text


def write(cells: pd.Series, kind: Kind) -> list[Any]:
    """Canonical text as values that every supported driver takes: str, bool or None."""
    if kind == "instant":
        cells = _map(cells, _stored_instant)
    plain = cells.to_numpy(dtype=object, na_value=None).tolist()
    return [None if cell is None else cell == "true" for cell in plain] if kind == "bool" else plain


def _stored_instant(text: str) -> str:
    # The form in which SQLAlchemy keeps instants in SQLite, so that its DateTime reads them back.
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M:%S.%f").rjust(26, "0")


def _map(cells: pd.Series, change: Callable[[str], str | None] | None) -> pd.Series:
    if change is None:
        return cells
    codes, values = pd.factorize(cells)
    changed = np.array([change(str(value)) for value in values] + [None], dtype=object)
    return pd.Series(pd.array(changed[codes], dtype=_TEXT))
