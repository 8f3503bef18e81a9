"""Parties in the order of preference: the ground that every survivorship rule stands on.

Records are sorted by client, then by trust in their source, then the recently changed first, then by
reference; so "the first record that has the value" is the most trusted one, whatever order the rows came in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crm_etl.faults import LedgerFault
from crm_etl.number import counted

Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]
Flags = npt.NDArray[np.bool_]

_INSTANT = 19  # characters of YYYY-MM-DDTHH:MM:SS; fractions and zones are left out of the comparison


@dataclass(frozen=True)
class Records:
    """Party rows sorted by preference, with integer columns to compute on.

    Attributes:
        frame: the party rows, sorted.
        client: per record the position of its client in ``client_ids``; ascending.
        client_ids: ids of the clients, sorted; ``string[pyarrow]``.
        trust: per record the rank of its source, 0 the most trusted.
        when: per record the rank of its last change, -1 where the source does not say.
        native: per record whether its name is written in other than Latin letters.
    """

    frame: pd.DataFrame
    client: Ints
    client_ids: Any
    trust: Ints
    when: Ints
    native: Ints

    @classmethod
    def of(cls, parties: pd.DataFrame, members: pd.DataFrame, trust: Sequence[str]) -> Records:
        """The parties of ``members``' clients.

        Raises:
            LedgerFault: parties and members are not the same records.
        """
        client_id = _client_ids(parties, members)
        ranks = {name: rank for rank, name in enumerate(trust)}
        trusted = parties["source"].map(ranks).fillna(len(ranks)).to_numpy(dtype=np.int64)
        when = _recency(parties)
        order = _order(client_id, trusted, when, parties)
        frame = parties.iloc[order].reset_index(drop=True)
        codes, client_ids = pd.factorize(client_id.take(order))
        script = frame["script"]
        native = (script.notna() & ~script.isin(["Latn", "Zyyy"])).to_numpy(dtype=np.int64)
        return cls(frame, codes.astype(np.int64), client_ids, trusted[order], when[order], native)

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def clients(self) -> int:
        return len(self.client_ids)

    def texts(self, name: str) -> Texts:
        """A text column as ``str`` or None."""
        return texts(self.frame[name])


def texts(values: Any) -> Texts:
    """A text column or array as an array of ``str`` or None."""
    found: Texts = pd.Series(values).to_numpy(dtype=object, na_value=None)
    return found


def explode(cells: pd.Series) -> tuple[Ints, Texts]:
    """A list column flattened: the row position of each item, and the items, in order."""
    lengths = np.fromiter(map(len, cells), dtype=np.int64, count=len(cells))
    flat = np.empty(int(lengths.sum()), dtype=object)
    flat[:] = [item for cell in cells for item in cell]
    return np.repeat(np.arange(len(cells), dtype=np.int64), lengths), flat


def _client_ids(parties: pd.DataFrame, members: pd.DataFrame) -> Any:
    for name, frame in (("parties", parties), ("members", members)):
        twice = int(frame.duplicated(["source", "key"]).sum())
        if twice:
            raise LedgerFault(
                f"{counted(twice, 'record')} standing twice among the {name}",
                remedy="run the matching again",
            )
    joined = parties[["source", "key"]].merge(members[["source", "key", "client_id"]], how="left", on=["source", "key"])
    homeless = int(joined["client_id"].isna().sum())
    missing = len(members) - (len(parties) - homeless)
    if homeless or missing:
        raise LedgerFault(
            f"parties and clusters are not of the same run: {counted(homeless, 'party', 'parties')} without a "
            f"client, {counted(missing, 'cluster member')} without a party",
            remedy="run the matching again, then merge",
        )
    return joined["client_id"].astype("string[pyarrow]").array


def _recency(parties: pd.DataFrame) -> Ints:
    stated = parties["updated_at"].fillna(parties["created_at"]).str.slice(0, _INSTANT)
    codes, uniques = pd.factorize(stated.array)
    if len(uniques) == 0:
        return np.full(len(parties), -1, dtype=np.int64)
    rank = np.empty(len(uniques), dtype=np.int64)
    rank[np.argsort(uniques.to_numpy(dtype=object), kind="stable")] = np.arange(len(uniques))
    return np.where(codes < 0, -1, rank[codes])


def _order(client_id: Any, trust: Ints, when: Ints, parties: pd.DataFrame) -> Ints:
    table = pa.table(
        {
            "client": pa.array(client_id),
            "trust": trust,
            "when": -when,
            "source": pa.array(parties["source"].array),
            "key": pa.array(parties["key"].array),
        }
    )
    order = pc.sort_indices(table, sort_keys=[(name, "ascending") for name in table.column_names])
    found: Ints = order.to_numpy().astype(np.int64)
    return found
