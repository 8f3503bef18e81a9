"""Where each value came from: rows of :data:`crm_etl.schema.LINEAGE`.

One row a value of a client, and one a row of its child tables. ``lost`` is a JSON list of
``{source, key, value}``: the values that lost, and for the rules ``sum`` and ``joined``, which lose nothing,
the parts that went in.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from crm_etl import schema
from crm_etl.merge.records import Ints, Records, Texts, texts
from crm_etl.merge.survivorship import Candidates, Choice

SUM = "sum"
JOINED = "joined"
UNION = "union"
ROMANIZED = "romanized"
_WHOLE = (SUM, JOINED)
#: One encoder for all: ``json.dumps`` would build a new one on each call.
encode = json.JSONEncoder(ensure_ascii=False).encode


def trace(
    records: Records, field: str, candidates: Candidates, choice: Choice, clients: Ints | None = None
) -> pd.DataFrame:
    """Lineage of ``choice``. ``clients``: per entry the client's position, where groups are not clients."""
    lost = np.full(len(choice.group), "[]", dtype=object)
    for entry, parts in _lost(records, candidates, choice).items():
        lost[entry] = parts
    return rows(
        records,
        field,
        choice.group if clients is None else clients,
        candidates.record[choice.at],
        choice.values,
        choice.rule,
        lost,
    )


def rows(
    records: Records, field: str, clients: Ints, record: Ints, values: Texts, rule: str | Texts, lost: Any = "[]"
) -> pd.DataFrame:
    """Lineage rows from parallel arrays: client positions, record positions and values."""
    size = len(clients)
    data = {
        "client_id": records.client_ids.take(clients),
        "field": _constant(field, size),
        "value": values,
        "source": records.frame["source"].array.take(record),
        "key": records.frame["key"].array.take(record),
        "rule": _constant(rule, size) if isinstance(rule, str) else rule,
        "lost": _constant(lost, size) if isinstance(lost, str) else lost,
    }
    return schema.LINEAGE.conform(pd.DataFrame(data))


def _constant(text: str, size: int) -> Any:
    return pd.array(pa.chunked_array([pa.repeat(text, size)]), dtype="string[pyarrow]")


def _lost(records: Records, candidates: Candidates, choice: Choice) -> dict[int, str]:
    entry = np.repeat(np.arange(len(choice.group)), choice.stop - choice.start)
    other = candidates.value != candidates.value[choice.at][entry]
    whole = np.isin(choice.rule.astype(str), _WHOLE)
    chosen = np.flatnonzero(other | whole[entry])
    record = candidates.record[chosen]
    sources = texts(records.frame["source"].array.take(record))
    keys = texts(records.frame["key"].array.take(record))
    values = candidates.texts[candidates.value[chosen]]
    found: dict[int, list[str]] = {}
    for at, source, key, value in zip(entry[chosen].tolist(), sources, keys, values, strict=True):
        part = f'{{"source": {encode(source)}, "key": {encode(key)}, "value": {encode(value)}}}'
        found.setdefault(at, []).append(part)
    return {at: f"[{', '.join(parts)}]" for at, parts in found.items()}
