"""The truth file: which source record is which real entity, known for demo companies and labelled samples."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from crm_etl.faults import SourceFault, Where

COLUMNS = ("source", "key", "entity")
_UNCLOSED = re.compile(r"EOF inside string starting at row (\d+)")
_LONGER = re.compile(r"in line (\d+), saw")


def read_truth(path: Path) -> pd.DataFrame:
    """Columns source, key, entity as text, one row a record.

    Raises:
        SourceFault: the file is missing, not UTF-8 CSV, lacks a column or a cell, or names a record twice.
    """
    where = Where(str(path))
    try:
        truth = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise SourceFault("no such truth file", where=where, remedy="name one with --truth FILE") from None
    except UnicodeDecodeError:
        raise SourceFault("not UTF-8", where=where, remedy="save it as UTF-8 CSV") from None
    except pd.errors.EmptyDataError:
        raise SourceFault("the truth file is empty", where=where, remedy="it needs source, key and entity") from None
    except ValueError as complaint:
        raise _no_table(path, str(complaint)) from None
    missing = [name for name in COLUMNS if name not in truth.columns]
    if missing:
        raise SourceFault(f"no column {', '.join(missing)}", where=where, remedy="it needs source, key and entity")
    truth = truth[list(COLUMNS)].astype("string[pyarrow]")
    blank = (truth == "").any(axis=1)
    if blank.any():
        row = int(blank.to_numpy().argmax()) + 2
        raise SourceFault(
            "a record or its entity is not named",
            where=Where(str(path), row=row),
            remedy="leave records out whose entity nobody knows",
        )
    twice = truth.duplicated(["source", "key"])
    if twice.any():
        row = int(twice.to_numpy().argmax()) + 2
        raise SourceFault(
            "a record stands twice", where=Where(str(path), row=row), remedy="a record is one entity: keep one row"
        )
    return truth


def _no_table(path: Path, complaint: str) -> SourceFault:
    """What the parser's own ``complaint`` means; it names the row only in its text."""
    unclosed, longer = _UNCLOSED.search(complaint), _LONGER.search(complaint)
    if unclosed:
        return SourceFault(
            "not a table: a quote is opened and never closed",
            where=Where(str(path), row=int(unclosed[1]) + 1),
            remedy='close it, or write "" for a quote within a quoted cell',
        )
    return SourceFault(
        "not a table: some row has more cells than the header",
        where=Where(str(path), row=int(longer[1]) if longer else None),
        remedy="quote cells that hold a comma",
    )
