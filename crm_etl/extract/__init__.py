"""A source of the migration file -> its raw frame: every column as text, every row with its origin.

Strict on columns (:mod:`~crm_etl.extract.layout`), strict on keys (:mod:`~crm_etl.extract.sorting`). Every row
that the connector delivered ends in exactly one of three frames: rows, refused or excluded. What people corrected
of the rows (:mod:`~crm_etl.extract.mending`) comes before that. How cells are *read* (dates, phones, ...) is no
business of this stage: see :mod:`crm_etl.normalize`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from connectors.base import Connector, ExcludedRow, RefusedRow, clean_column, deliveries
from crm_etl import schema
from crm_etl.extract import characters, contract
from crm_etl.extract.contract import Layout
from crm_etl.extract.frame import RawFrame
from crm_etl.extract.keys import key_text
from crm_etl.extract.layout import match_columns, open_source
from crm_etl.extract.mending import Mended, broken_print, mend
from crm_etl.extract.sorting import STAGE, sort_rows
from crm_etl.extract.totals import check_totals
from crm_etl.faults import SourceFault, Where
from crm_etl.migration import Source
from crm_etl.number import counted
from crm_etl.progress import NullProgress, Progress

__all__ = ["Extracted", "Layout", "extract", "open_source"]
#: Rules by which a connector leaves a row out because it holds no record at all.
_STRUCTURAL = ("blank_row", "comment_row", "deleted_record", "repeated_header", "total_row")
#: Refused rows from which on a source is looked at while it is read: they are kept one by one.
_MANY_REFUSED = 100_000


@dataclass(frozen=True)
class Extracted:
    """Everything that a source delivered.

    Attributes:
        rows: ``schema.ORIGIN`` columns, then one text column ``raw:<column>`` a delivered column.
        refused: ``schema.QUARANTINE``.
        excluded: ``schema.EXCLUDED``.
        facts: ``read`` (= rows + refused + excluded), ``files`` ([{file, sha256, bytes}]), ``columns``,
            ``warnings``, ``layout`` (:class:`~crm_etl.extract.contract.Layout` as JSON), ``refused`` and
            ``excluded`` as counts by reason and by rule,
            ``characters`` (cells with invisible marks, digits of other scripts, or letters of a false encoding: kind ->
            column -> cells); ``corrected`` and ``stale_corrections`` as counts, and ``corrections`` (see
            :class:`~crm_etl.extract.mending.Mended`).
    """

    rows: pd.DataFrame
    refused: pd.DataFrame
    excluded: pd.DataFrame
    facts: dict[str, Any]


def extract(
    source: Source,
    root: Path,
    progress: Progress = NullProgress(),  # noqa: B008
    last: Layout | None = None,
) -> Extracted:
    """Read all of ``source``; paths are relative to ``root``. ``last``: what it looked like at the last run.

    Raises:
        LayoutFault: columns are missing or unknown, or not those of the last run.
        SourceFault: the source cannot be read, holds no rows, or too few.
        Fault: the corrections file is damaged.
    """
    connector = open_source(source, root)
    moved = contract.check_order(source, last, connector.columns, Where(connector.file, connector.sheet))
    columns = match_columns(source, connector)
    came = _read(source, connector, columns, progress)
    files = [asdict(delivery) for delivery in deliveries(connector)]
    layout, changed = _held_against(last, source, connector, came, [file["sha256"] for file in files])
    totals = check_totals([row for _, row in came.excluded], came.rows, [row for _, row in came.refused])
    broken, dropped = _refused(source, connector, came.refused), _excluded(source, connector, came.excluded)
    mended = mend(source, root, columns, came.rows, broken, dropped)
    rows, refused, excluded = sort_rows(source, mended.rows)
    refused = _together([mended.refused, refused], schema.QUARANTINE)
    excluded = _together([mended.excluded, excluded], schema.EXCLUDED)
    seen = characters.count(mended.rows)
    odd = characters.warnings(seen, {name for name in columns if source.mends(name)})
    facts = {
        "read": came.read,
        "files": files,
        "columns": list(columns),
        "warnings": [*connector.warnings, *moved, *changed, *totals, *odd, *mended.warnings],
        "layout": layout.document(),
        "characters": seen,
        **_outcome(mended, refused, excluded),
    }
    return Extracted(rows, refused, excluded, facts)


@dataclass(frozen=True)
class _Delivered:
    """What the connector gave; rows that it set aside with the file that they stand in."""

    rows: pd.DataFrame
    refused: list[tuple[str, RefusedRow]]
    excluded: list[tuple[str, ExcludedRow]]

    @property
    def read(self) -> int:
        return len(self.rows) + len(self.refused) + len(self.excluded)

    @property
    def records(self) -> int:
        return self.read - sum(row.rule in _STRUCTURAL for _, row in self.excluded)


def _read(source: Source, connector: Connector, columns: tuple[str, ...], progress: Progress) -> _Delivered:
    raw = RawFrame(columns)
    refused: list[tuple[str, RefusedRow]] = []
    excluded: list[tuple[str, ExcludedRow]] = []
    taken = 0
    with progress.task(f"read {source.name}") as task:
        for batch in connector.batches():
            raw.add(batch)
            file = connector.file if batch.file is None else batch.file
            refused.extend((file, row) for row in batch.refused)
            excluded.extend((file, row) for row in batch.excluded)
            taken += batch.size
            _check_refused(source, connector, refused, taken)
            task.advance(len(batch))
    return _Delivered(raw.finish(source, connector), refused, excluded)


def _held_against(
    last: Layout | None, source: Source, connector: Connector, came: _Delivered, hashes: list[str]
) -> tuple[Layout, list[str]]:
    """The layout of what came, and warnings on what it has otherwise than was declared or was there last.

    Raises:
        LayoutFault, SourceFault: it differs by too much.
    """
    where = Where(connector.file, connector.sheet)
    over = _check_volume(source, connector, came.records)
    over += contract.check_volume(source, last, came.records, where)
    layout = contract.layout_of(source, connector.columns, came.rows, came.records, hashes)
    contract.check_kinds(source, last, layout, where)
    return layout, [*over, *contract.drifted(last, layout)]


def _outcome(mended: Mended, refused: pd.DataFrame, excluded: pd.DataFrame) -> dict[str, Any]:
    """The facts on rows that do not go on as they came."""
    return {
        "refused": _counts(refused["reason"]),
        "excluded": _counts(excluded["rule"]),
        "corrected": len(mended.applied),
        "stale_corrections": mended.stale,
        "corrections": mended.applied,
    }


def _check_refused(source: Source, connector: Connector, aside: list[tuple[str, RefusedRow]], taken: int) -> None:
    """Stops a source that is something else than what is declared, before its rows fill the memory.

    Raises:
        SourceFault: very many rows are refused, and more of them than ``volume.quarantined`` allows to load.
    """
    refused = len(aside)
    if refused <= _MANY_REFUSED or refused <= source.volume.quarantined * (refused + taken):
        return
    first = aside[0][1]
    raise SourceFault(
        f"source '{source.name}': {refused} of the first {refused + taken} rows cannot be read, the first because of "
        f"'{first.reason}': {first.message}",
        where=Where(connector.file, connector.sheet, first.origin.line),
        remedy="declare the source as it is ('crm-etl profile' proposes), or raise volume.quarantined",
    )


def _check_volume(source: Source, connector: Connector, records: int) -> list[str]:
    where = Where(connector.file, connector.sheet)
    if records == 0:
        raise SourceFault(f"source '{source.name}': no data rows", where=where, remedy="ask for a new delivery")
    volume = source.volume
    if records < volume.least:
        raise SourceFault(
            f"source '{source.name}': {counted(records, 'row')}, expected at least {volume.least:,}",
            where=where,
            remedy="ask for a complete delivery, or lower volume.least",
        )
    if volume.most is not None and records > volume.most:
        return [f"{counted(records, 'row')}, expected at most {volume.most:,}"]
    return []


def _refused(source: Source, connector: Connector, rows: Iterable[tuple[str, RefusedRow]]) -> pd.DataFrame:
    return schema.QUARANTINE.build(
        {
            **_origin(source, connector, file, row),
            "fingerprint": broken_print(row.cells),
            "stage": STAGE,
            "field": row.column,
            "reason": row.reason,
            "message": row.message,
            "cells": json.dumps(row.cells, ensure_ascii=False),
        }
        for file, row in rows
    )


def _excluded(source: Source, connector: Connector, rows: Iterable[tuple[str, ExcludedRow]]) -> pd.DataFrame:
    return schema.EXCLUDED.build({**_origin(source, connector, file, row), "rule": row.rule} for file, row in rows)


def _origin(source: Source, connector: Connector, file: str, row: RefusedRow | ExcludedRow) -> dict[str, Any]:
    return {
        "source": source.name,
        "key": key_text(row.cells.get(clean_column(name)) for name in source.key_columns),
        "file": file,
        "sheet": connector.sheet,
        "line": row.origin.line,
        "row": row.origin.row,
    }


def _together(frames: list[pd.DataFrame], table: schema.Table) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    whole = pd.concat(filled, ignore_index=True) if filled else table.empty()
    return table.conform(whole.sort_values("row", kind="stable"))


def _counts(codes: pd.Series) -> dict[str, int]:
    return {str(code): int(count) for code, count in codes.value_counts().sort_index().items()}
