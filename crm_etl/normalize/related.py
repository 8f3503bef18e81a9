"""The frames of interactions, transactions, opportunities and consents: their fields, and whose they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from crm_etl.extract.frame import arrow, text
from crm_etl.extract.keys import clean_key
from crm_etl.migration import FIELD_TYPES, FieldRule
from crm_etl.normalize.fields import Fields
from crm_etl.normalize.reading import Objects, objects
from crm_etl.schema import RAW_PREFIX

#: Fields of free text: several columns are joined instead of the first one taken.
_JOINED = ("subject", "title")


def related_columns(fields: Fields) -> dict[str, Any]:
    """Columns of the source's table but for ORIGIN and notes. A row without a client reference is refused."""
    client = fields.source.client
    if client is None:
        raise ValueError("a related source has a client reference")
    keys = _references(fields, client.column)
    missing = np.flatnonzero(np.array([key is None for key in keys], dtype=bool))
    fields.refusals.add(missing, "client", "client_missing")
    columns: dict[str, Any] = {"client_source": [client.source] * fields.size, "client_key": keys}
    for field in FIELD_TYPES[fields.source.entity]:
        columns[field] = fields.joined(field, " ") if field in _JOINED else fields.scalar(field)
    return columns


def _references(fields: Fields, column: str) -> Objects:
    """The keys of the rows' clients, cleaned just as the clients' own keys are and no further: blanks inside a key
    and its composition of letters belong to it. None for no value and null tokens."""
    present = fields.cells("client", FieldRule.model_validate({"column": column})).codes >= 0
    keys = objects(text(clean_key(arrow(fields.rows[RAW_PREFIX + column]))))
    keys[~present] = None
    return keys
