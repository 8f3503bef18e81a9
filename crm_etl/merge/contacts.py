"""Phones, e-mail addresses, postal addresses and identifiers: the union over a client's records.

Each distinct value is one row; the first in the order of preference is the primary one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.merge.ids import row_ids
from crm_etl.merge.lineage import UNION, rows
from crm_etl.merge.records import Ints, Records, Texts, explode

ADDRESS_KEY = ("country", "city", "postal_code", "street")


@dataclass(frozen=True)
class Children:
    """Rows of one child table and their lineage."""

    table: pd.DataFrame
    lineage: pd.DataFrame


def union(records: Records, column: str, table: schema.Table, name: str) -> Children:
    """A child table of one value a row, with the first of each client as its primary one."""
    record, values = explode(records.frame[column])
    chosen = first_of_each(records.client[record], values)
    record, values = record[chosen], values[chosen]
    client = records.client[record]
    data = {
        "row_id": row_ids(records.client_ids.take(client), values),
        "client_id": records.client_ids.take(client),
        name: values,
        "is_primary": _first_of_client(client),
    }
    return Children(table.conform(pd.DataFrame(data)), rows(records, table.name, client, record, values, UNION))


def identifiers(records: Records) -> Children:
    """``type:value`` items as rows of type and value."""
    record, items = explode(records.frame["identifiers"])
    chosen = first_of_each(records.client[record], items)
    record, items = record[chosen], items[chosen]
    client = records.client[record]
    ids = records.client_ids.take(client)
    parts = [item.partition(":") for item in items]
    data = {
        "row_id": row_ids(ids, items),
        "client_id": ids,
        "type": [kind for kind, _, _ in parts],
        "value": [value for _, _, value in parts],
    }
    table = schema.CLIENT_IDENTIFIER
    return Children(table.conform(pd.DataFrame(data)), rows(records, table.name, client, record, items, UNION))


def addresses(records: Records) -> Children:
    """Addresses, the same when country, city, postal code and folded street are.

    The street is shown as the source wrote the address. A record that knows the country alone adds a row only
    where the client has no fuller address in that country.
    """
    frame = records.frame
    keys = {name: pd.factorize(frame[name].array)[0] for name in ADDRESS_KEY}
    full = (keys["city"] >= 0) | (keys["postal_code"] >= 0) | (keys["street"] >= 0) | frame["region"].notna().to_numpy()
    client_country = records.client * (int(keys["country"].max(initial=0)) + 2) + keys["country"]
    bare = ~full & (keys["country"] >= 0) & ~np.isin(client_country, client_country[full])
    record = np.flatnonzero(full | bare).astype(np.int64)
    # Fuller addresses first, so that a bare country never becomes the primary one.
    record = record[np.lexsort((record, bare[record], records.client[record]))]
    distinct = pd.DataFrame({"client": records.client[record], **{name: code[record] for name, code in keys.items()}})
    record = record[~distinct.duplicated().to_numpy()]
    client = records.client[record]
    ids = records.client_ids.take(client)
    chosen = frame.iloc[record].reset_index(drop=True)
    street = chosen["address_raw"].fillna(chosen["street"])
    data = {
        "row_id": row_ids(ids, *(chosen[name] for name in ADDRESS_KEY)),
        "client_id": ids,
        "street": street,
        "is_primary": _first_of_client(client),
        **{name: chosen[name] for name in ("country", "region", "city", "postal_code")},
    }
    table = schema.CLIENT_ADDRESS.conform(pd.DataFrame(data))
    shown = _shown(table)
    return Children(table, rows(records, schema.CLIENT_ADDRESS.name, client, record, shown, UNION))


def _shown(addresses: pd.DataFrame) -> Texts:
    columns = [addresses[name].to_numpy(dtype=object, na_value=None) for name in (*ADDRESS_KEY[:3], "street")]
    shown = np.empty(len(addresses), dtype=object)
    shown[:] = [", ".join(part for part in parts if part is not None) for parts in zip(*columns, strict=True)]
    return shown


def first_of_each(group: Ints, values: Texts) -> Ints:
    """Positions of the first occurrence of each value in its group, ascending."""
    codes, uniques = pd.factorize(values)
    _, first = np.unique(group * (len(uniques) + 1) + codes, return_index=True)
    return np.sort(first).astype(np.int64)


def _first_of_client(client: Ints) -> Any:
    return np.append(True, client[1:] != client[:-1])[: len(client)]
