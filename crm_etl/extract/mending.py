"""Corrections of people applied to what a source has just delivered, before its rows are sorted.

A correction belongs to the row whose cells, all of them, are those that it was made for. Of several such rows, copies
of each other, as many are corrected as people corrected: the one with the number of the correction, else the next in
order, for lines above may have come or gone. Copies that are left out as such, because the first of them stands for
all, go with that one. A row that the source itself changed meanwhile is another one, and goes its own way. Corrected
rows keep their place; key and fingerprint are those of the corrected cells. A row that the connector could not read
becomes an ordinary one.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from connectors.base import clean_column
from crm_etl import corrections, schema
from crm_etl.corrections import Correction
from crm_etl.extract.frame import fingerprints
from crm_etl.extract.keys import key_text
from crm_etl.extract.sorting import sort_rows
from crm_etl.migration import Source

RULE = "excluded_by_person"


@dataclass(frozen=True)
class Mended:
    """What the source delivered, as corrected.

    ``rows``, ``refused``, ``excluded``: as :class:`crm_etl.extract.Extracted` has them, before sorting. ``applied``:
    a plain dictionary a corrected row: its ``row``, its ``key`` and ``fingerprint`` as they are now, the fingerprint
    as ``delivered``; of the correction ``number``, ``who``, ``at``, ``cells`` (column -> [cell as delivered, cell
    now]). ``stale``: corrections that fit no row any more.
    """

    rows: pd.DataFrame
    refused: pd.DataFrame
    excluded: pd.DataFrame
    applied: list[dict[str, Any]] = field(default_factory=list)
    stale: int = 0

    @property
    def warnings(self) -> list[str]:
        if not self.stale:
            return []
        return [
            f"corrections of people that fit no row any more, for the source changed those rows: {self.stale}; "
            "crm-etl resubmit --list shows all, --withdraw takes one back"
        ]


def mend(
    source: Source,
    root: Path,
    columns: Sequence[str],
    rows: pd.DataFrame,
    refused: pd.DataFrame,
    excluded: pd.DataFrame,
) -> Mended:
    """Apply what stands in the corrections file of the migration at ``root``.

    Args:
        columns: those of the source, as the mapping spells them.
        rows: ORIGIN and ``raw:`` columns.
        refused: QUARANTINE rows of the connector, with the fingerprint :func:`broken_print`.

    Raises:
        Fault: the corrections file is damaged.
    """
    standing = corrections.standing(corrections.read(root / corrections.FILE))
    own = [entry for entry in standing if entry.source == source.name]
    if not own:
        return Mended(rows, refused, excluded)
    met = {name: _meet(source, own, frame, columns) for name, frame in (("rows", rows), ("refused", refused))}
    corrected = {name: _chosen(found, corrections.CORRECT) for name, found in met.items()}
    left_out = {name: _chosen(found, corrections.EXCLUDE) for name, found in met.items()}
    fresh = _renewed(
        source,
        columns,
        pd.concat(
            [_replaced(rows, corrected["rows"]), _taken_up(refused, corrected["refused"], columns)], ignore_index=True
        ),
    )
    gone = [_left_out(rows, left_out["rows"], columns), refused.iloc[list(left_out["refused"])]]
    used = {entry.number for found in met.values() for entry in found.values()}
    return Mended(
        _in_order([_without(rows, met["rows"]), fresh], list(rows.columns)),
        _without(refused, met["refused"]),
        schema.EXCLUDED.conform(pd.concat([excluded, *(_ruled(part) for part in gone)], ignore_index=True)),
        _applied([*corrected["rows"].values(), *corrected["refused"].values()], fresh),
        len({entry.number for entry in own} - used),
    )


def broken_print(cells: Mapping[str, str | None]) -> str:
    """The fingerprint of a row that has not the columns of its source."""
    told = json.dumps(sorted((name, cell or "") for name, cell in cells.items()))
    return blake2b(told.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class _Place:
    """A row that a correction may have been made for; ``cells`` of all columns, as delivered."""

    position: int
    row: int
    cells: dict[str, str | None]


_Pairs = list[tuple[_Place, Correction]]


def _meet(
    source: Source, own: Sequence[Correction], frame: pd.DataFrame, columns: Sequence[str]
) -> dict[int, Correction]:
    """Position in ``frame`` -> the correction of the row that stands there; none has two rows of its own."""
    left: dict[str, list[Correction]] = defaultdict(list)
    for entry in own:
        left[str(entry.fingerprint)].append(entry)
    met: dict[int, Correction] = {}
    for print_, copies in _copies(frame, list(left), columns):
        fitting = [entry for entry in left[print_] if _fits(entry, copies[0].cells)]
        pairs = _paired(copies, fitting)
        if fitting and _first_stands_for_all(source, frame, copies):
            pairs = [(place, fitting[-1]) for place in copies]
        met.update({place.position: entry for place, entry in pairs})
        taken = {entry.number for _, entry in pairs}
        left[print_] = [entry for entry in left[print_] if entry.number not in taken]
    return met


def _copies(frame: pd.DataFrame, prints: Sequence[str], columns: Sequence[str]) -> Iterable[tuple[str, list[_Place]]]:
    """Fingerprint, one of ``prints``, and the rows that have it, in their order."""
    hits = np.flatnonzero(frame["fingerprint"].isin(prints).to_numpy(dtype=bool, na_value=False))
    some = frame.iloc[hits].assign(position=hits).sort_values("row", kind="stable")
    found: dict[str, list[_Place]] = defaultdict(list)
    rows = zip(some["fingerprint"], some["position"], some["row"], _delivered(some, columns), strict=True)
    for print_, position, row, cells in rows:
        found[print_].append(_Place(int(position), int(row), cells))
    return found.items()


def _delivered(frame: pd.DataFrame, columns: Sequence[str]) -> list[dict[str, str | None]]:
    """The cells of each row, and no value under columns that it has not."""
    if "cells" in frame.columns:
        return [{**dict.fromkeys(columns), **by_column(json.loads(cells), columns)} for cells in frame["cells"]]
    series = [frame[schema.RAW_PREFIX + name].to_numpy(dtype=object, na_value=None).tolist() for name in columns]
    return [dict(zip(columns, row, strict=True)) for row in zip(*series, strict=True)]


def _fits(entry: Correction, cells: Mapping[str, str | None]) -> bool:
    """Whether these are the cells that ``entry`` was made from: and columns that are there still."""
    return all(name in cells and cells[name] == (pair[0] or None) for name, pair in entry.cells.items())


def _paired(copies: list[_Place], entries: list[Correction]) -> _Pairs:
    """Rows that are copies of each other with the corrections made for such rows, each with one at most.

    As many of both are paired in their order. Else the row with the number of a correction has that one, and those
    that are left have each other, in their order.
    """
    in_order = sorted(entries, key=lambda entry: entry.row or 0)
    if len(copies) == len(entries):
        return list(zip(copies, in_order, strict=True))
    numbered = {place.row: place for place in copies}
    exact = [(numbered.pop(entry.row), entry) for entry in in_order if entry.row in numbered]
    taken = {entry.number for _, entry in exact}
    waiting = [entry for entry in in_order if entry.number not in taken]
    return [*exact, *zip(numbered.values(), waiting, strict=False)]


def _first_stands_for_all(source: Source, frame: pd.DataFrame, copies: list[_Place]) -> bool:
    """Whether the copies behind the first are left out as such, so that people never see them."""
    if len(copies) == 1 or "cells" in frame.columns:
        return False
    _, _, excluded = sort_rows(source, frame.iloc[[place.position for place in copies]].reset_index(drop=True))
    return bool(excluded["rule"].eq("exact_duplicate").any())


def _chosen(found: Mapping[int, Correction], action: str) -> dict[int, Correction]:
    return {position: entry for position, entry in sorted(found.items()) if entry.action == action}


def _replaced(rows: pd.DataFrame, corrected: Mapping[int, Correction]) -> pd.DataFrame:
    """The corrected ones of ``rows``, with their new cells."""
    fresh = rows.iloc[list(corrected)].reset_index(drop=True)
    for name in {column for entry in corrected.values() for column in entry.cells}:
        cells = fresh[schema.RAW_PREFIX + name].to_numpy(dtype=object, na_value=None).tolist()
        new = [
            entry.cells[name][1] if name in entry.cells else cell
            for entry, cell in zip(corrected.values(), cells, strict=True)
        ]
        fresh[schema.RAW_PREFIX + name] = _texts(new)
    return fresh


def _taken_up(refused: pd.DataFrame, corrected: Mapping[int, Correction], columns: Sequence[str]) -> pd.DataFrame:
    """The corrected ones of ``refused`` as ordinary rows."""
    some = refused.iloc[list(corrected)].reset_index(drop=True)
    delivered = [by_column(json.loads(cells), columns) for cells in some["cells"]]
    rows = [
        {**cells, **{name: pair[1] for name, pair in entry.cells.items()}}
        for entry, cells in zip(corrected.values(), delivered, strict=True)
    ]
    fresh = some[schema.ORIGIN_NAMES].copy()
    for name in columns:
        fresh[schema.RAW_PREFIX + name] = _texts([cells.get(name) for cells in rows])
    return fresh


def by_column(cells: Mapping[str, str | None], columns: Sequence[str]) -> dict[str, str | None]:
    """``cells`` of a refused row under the names that the mapping spells; cells of no column as they are called."""
    spelled = _spelled(tuple(columns))
    return {spelled.get(name, name): cell or None for name, cell in cells.items()}


@lru_cache(maxsize=64)
def _spelled(columns: tuple[str, ...]) -> dict[str, str]:
    """A column's name as the mapping spells it, and as connectors do -> as the mapping spells it."""
    return {clean_column(name): name for name in columns} | {name: name for name in columns}


def _renewed(source: Source, columns: Sequence[str], fresh: pd.DataFrame) -> pd.DataFrame:
    """``fresh`` with the key and the fingerprint of its cells."""
    parts = [
        fresh[schema.RAW_PREFIX + name].to_numpy(dtype=object, na_value=None).tolist() for name in source.key_columns
    ]
    keys = [key_text(cells) for cells in zip(*parts, strict=True)]
    return fresh.assign(key=_texts(keys), fingerprint=_texts(fingerprints(fresh, columns)))


def _applied(entries: list[Correction], fresh: pd.DataFrame) -> list[dict[str, Any]]:
    rows = fresh[["row", "key", "fingerprint"]].astype(object)
    return [
        {
            **row,
            "delivered": entry.fingerprint,
            "number": entry.number,
            "who": entry.who,
            "at": entry.at,
            "cells": {name: list(pair) for name, pair in entry.cells.items()},
        }
        for entry, row in zip(entries, rows.where(rows.notna(), None).to_dict("records"), strict=True)
    ]


def _left_out(rows: pd.DataFrame, chosen: Mapping[int, Correction], columns: Sequence[str]) -> pd.DataFrame:
    """The chosen ones of ``rows``, with their cells as JSON."""
    some = rows.iloc[list(chosen)]
    series = [some[schema.RAW_PREFIX + name].to_numpy(dtype=object, na_value=None).tolist() for name in columns]
    cells = [json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) for row in zip(*series, strict=True)]
    return some[schema.ORIGIN_NAMES].assign(cells=_texts(cells))


def _ruled(part: pd.DataFrame) -> pd.DataFrame:
    return part[[*schema.ORIGIN_NAMES, "cells"]].assign(rule=RULE)


def _without(frame: pd.DataFrame, found: Mapping[int, Correction]) -> pd.DataFrame:
    if not found:
        return frame
    kept = np.ones(len(frame), dtype=bool)
    kept[list(found)] = False
    return frame[kept].reset_index(drop=True)


def _in_order(parts: list[pd.DataFrame], names: list[str]) -> pd.DataFrame:
    """``parts`` joined, in the order of the delivery: rows are numbered through all its files."""
    joined = pd.concat(parts, ignore_index=True)[names]
    return joined.sort_values("row", kind="stable", ignore_index=True)


def _texts(values: Sequence[str | None]) -> Any:
    return pd.array([value or None for value in values], dtype="string[pyarrow]")
