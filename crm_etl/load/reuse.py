"""Keys that the old system gave to another client: found before anything of the new one reaches the old one's client.

A record is held against what the CRM knows of the client that its key led to at the last load. Where nothing of one is
anything of the other (no phone, e-mail address or number in common, another name, and another birth date or no word of
the name in common), the key was given away. Whose client the CRM holds stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from crm_etl.load.registry import Held
from crm_etl.normalize import names
from crm_etl.normalize.text import fold

STAGE = "identity"
REASON = "key_reused"
MESSAGE = (
    "the key stood for another client at the last load: give the new client a key of its own; if it is the same "
    "client, list the key under 'renamed'"
)
_WORDS = re.compile(r"[^\W\d_]{2,}")


def reused(rows: pd.DataFrame, known: Held) -> Any:
    """Mask of the records of one source (schema.PARTY) that are somebody else than their key's client is."""
    clients = dict(zip(known.records["key"], known.records["client_id"], strict=True))
    told = {name: _by_client(getattr(known, name)) for name in ("names", "births", "contacts")}
    mask = np.zeros(len(rows), dtype=bool)
    for position in np.flatnonzero(rows["key"].isin(list(clients)).to_numpy(dtype=bool)).tolist():
        row = rows.iloc[position]
        client = clients[row["key"]]
        mask[position] = _is_another(row, {name: values.get(client, set()) for name, values in told.items()})
    return mask


def _by_client(frame: pd.DataFrame) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for client, value in zip(frame["client_id"], frame["value"], strict=True):
        found.setdefault(client, set()).add(value)
    return found


def _is_another(row: Mapping[str, Any], told: Mapping[str, set[str]]) -> bool:
    mine = {name for name in (row["name"], row["name_latin"], *row["other_names"]) if isinstance(name, str)}
    if not mine or not told["names"]:
        return False
    contacts = {*row["phones"], *row["emails"], *(item.partition(":")[2] for item in row["identifiers"])}
    if contacts & told["contacts"]:
        return False
    born = row["birth_date"] if isinstance(row["birth_date"], str) else None
    if born in told["births"]:
        return False
    words, theirs = _words(mine), _words(told["names"])
    if words <= theirs or theirs <= words:
        return False
    return not words & theirs or (born is not None and bool(told["births"]))


def _words(texts: set[str]) -> set[str]:
    """Words of names in Latin letters, whichever script they are written in."""
    return {word for text in texts for word in _WORDS.findall(fold(names.romanize(text)))}
