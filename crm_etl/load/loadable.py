"""Which rows the target could not take: found in the plan, so that a load does not break on them half-way.

A row that cannot be loaded whole is refused with its reason and field; nothing is truncated or rounded to fit.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc
import sqlalchemy as sa

from crm_etl.load.cells import among, arrow, kind_of
from crm_etl.load.targets import crm

#: Emoji and rare ideographs: UTF-8 needs four bytes for them.
_WIDE = r"[\x{10000}-\x{10ffff}]"
_BAD_CELL = {"date": "bad_date", "instant": "bad_instant", "money": "bad_amount", "bool": "bad_boolean"}


@dataclass(frozen=True)
class Clients:
    """The clients that child rows may belong to: ``known`` will stand in the CRM after the load; the others are
    ``deleted`` there by people or ``refused`` by this plan."""

    known: pd.Index
    deleted: pd.Index
    refused: pd.Index


@dataclass(frozen=True)
class Refusals:
    """For each row the reason for which it cannot be loaded and the field at fault; None: it can be."""

    reason: Any
    field: Any

    @classmethod
    def none(cls, size: int) -> Refusals:
        return cls(np.full(size, None, dtype=object), np.full(size, None, dtype=object))

    @property
    def any(self) -> Any:
        return self.reason != np.array(None, dtype=object)

    def add(self, mask: Any, reason: str, field: str) -> None:
        """The first reason found for a row stays."""
        fresh = np.asarray(mask, dtype=bool) & ~self.any
        self.reason[fresh] = reason
        self.field[fresh] = field


def refusals(
    table: str, rows: pd.DataFrame, bad: dict[str, Any], clients: Clients | None, narrow: Collection[str] = ()
) -> Refusals:
    """What is wrong with ``rows`` (canonical texts) of a CRM table; ``bad``: cells that had no canonical text.

    ``clients`` is None for tables whose rows belong to no client; ``narrow`` are the columns that take no characters
    beyond U+FFFF. Reasons: missing_key, duplicate_key, bad_date, bad_instant, bad_amount, bad_boolean, nul_character,
    wide_character, too_long, missing_client, client_deleted, client_refused, name_missing.
    """
    found = Refusals.none(len(rows))
    key = crm.key_of(table)
    found.add(rows[key].isna(), "missing_key", key)
    found.add(rows[key].duplicated() & rows[key].notna(), "duplicate_key", key)
    kinds = {column.name: kind_of(column) for column in crm.TABLES[table].columns}
    for field, mask in bad.items():
        found.add(mask, _BAD_CELL[kinds[field]], field)
    for column in crm.TABLES[table].columns:
        if kinds[column.name] == "text" and column.name in rows:
            _text(found, rows[column.name], column, narrow=column.name in narrow)
    if clients is not None:
        _belongs(found, rows["client_id"], clients)
    if "display_name" in rows:
        found.add(rows["display_name"].isna(), "name_missing", "display_name")
    return found


def _text(found: Refusals, cells: pd.Series, column: sa.Column[Any], *, narrow: bool) -> None:
    array = arrow(cells)
    if len(array) == array.null_count:
        return
    nul = pc.fill_null(pc.match_substring(array, "\x00"), False)
    if pc.any(nul).as_py():  # PostgreSQL cannot hold it
        found.add(nul.to_numpy(zero_copy_only=False), "nul_character", column.name)
    if narrow:
        wide = pc.fill_null(pc.match_substring_regex(array, _WIDE), False)
        found.add(wide.to_numpy(zero_copy_only=False), "wide_character", column.name)
    limit = getattr(column.type, "length", None)
    if limit is not None and (pc.max(pc.utf8_length(array)).as_py() or 0) > limit:
        longer = pc.fill_null(pc.greater(pc.utf8_length(array), limit), False)
        found.add(longer.to_numpy(zero_copy_only=False), "too_long", column.name)


def _belongs(found: Refusals, client: pd.Series, clients: Clients) -> None:
    ids = client.to_numpy(dtype=object, na_value=None)
    absent = clients.known.get_indexer(ids) < 0
    if not absent.any():
        return
    found.add(absent & among(client, clients.deleted), "client_deleted", "client_id")
    found.add(absent & among(client, clients.refused), "client_refused", "client_id")
    found.add(absent, "missing_client", "client_id")
