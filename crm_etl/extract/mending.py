"""Corrections of people applied to what a source has just delivered, before its rows are sorted.

A correction belongs to the row whose cells, all of them, are those that it was made for: of several such rows to the
one with its number, else, being copies of each other, to all of them. A row that the source itself changed meanwhile
is another one, and goes its own way. Corrected rows keep their place of origin; key and fingerprint are those of the
corrected cells. A row that the connector could not read becomes an ordinary one.
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
    met = {name: _meet(own, name, rows, refused) for name in ("rows", "refused")}
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
        _in_order(rows, refused, [_without(rows, met["rows"]), fresh]),
        _without(refused, met["refused"]),
        schema.EXCLUDED.conform(pd.concat([excluded, *(_ruled(part) for part in gone)], ignore_index=True)),
        _applied([*corrected["rows"].values(), *corrected["refused"].values()], fresh),
        len({entry.number for entry in own} - used),
    )


def broken_print(cells: Mapping[str, str | None]) -> str:
    """The fingerprint of a row that has not the columns of its source."""
    told = json.dumps(sorted((name, cell or "") for name, cell in cells.items()))
    return blake2b(told.encode(), digest_size=16).hexdigest()


def _meet(own: list[Correction], name: str, rows: pd.DataFrame, refused: pd.DataFrame) -> dict[int, Correction]:
    """Position in the frame ``name`` -> the correction of the row that stands there."""
    by_print: dict[str, list[Correction]] = defaultdict(list)
    for entry in own:
        by_print[str(entry.fingerprint)].append(entry)
    frame = rows if name == "rows" else refused
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    hits = np.flatnonzero(frame["fingerprint"].isin(list(by_print)).to_numpy(dtype=bool, na_value=False))
    here = frame[["fingerprint", "row"]].iloc[hits]
    for position, print_, row in zip(hits.tolist(), here["fingerprint"], here["row"], strict=True):
        places[print_].append((int(row), position))
    return {
        position: entry
        for print_, standing in places.items()
        for position, entry in _paired(sorted(standing), by_print[print_])
    }


def _paired(places: list[tuple[int, int]], entries: list[Correction]) -> Iterable[tuple[int, Correction]]:
    """Rows that are copies of each other, (number, position), with the corrections made for such rows.

    As many of both are paired in their order, for lines above them may have come or gone. Else the row with the
    number of a correction has that one, and any other the latest.
    """
    if len(places) == len(entries):
        in_order = sorted(entries, key=lambda entry: entry.row or 0)
        return [(position, entry) for (_, position), entry in zip(places, in_order, strict=True)]
    exact = {entry.row: entry for entry in entries}
    return [(position, exact.get(row, entries[-1])) for row, position in places]


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


def _in_order(rows: pd.DataFrame, refused: pd.DataFrame, parts: list[pd.DataFrame]) -> pd.DataFrame:
    """``parts`` joined, in the order of the delivery: files as they came, rows by their number."""
    joined = pd.concat(parts, ignore_index=True)[list(rows.columns)]
    files = {name: place for place, name in enumerate(pd.concat([rows["file"], refused["file"]]).unique())}
    order = np.lexsort((joined["row"].to_numpy(dtype=np.int64), joined["file"].map(files).to_numpy(dtype=np.int64)))
    return joined.take(order).reset_index(drop=True)


def _texts(values: Sequence[str | None]) -> Any:
    return pd.array([value or None for value in values], dtype="string[pyarrow]")
