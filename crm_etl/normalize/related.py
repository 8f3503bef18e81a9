"""The frames of interactions, transactions, opportunities and consents: their fields, and whose they are."""

from __future__ import annotations

from typing import Any

import numpy as np

from crm_etl.migration import FIELD_TYPES, FieldRule
from crm_etl.normalize.fields import Fields

#: Fields of free text: several columns are joined instead of the first one taken.
_JOINED = ("subject", "title")


def related_columns(fields: Fields) -> dict[str, Any]:
    """Columns of the source's table but for ORIGIN and notes. A row without a client reference is refused."""
    client = fields.source.client
    if client is None:
        raise ValueError("a related source has a client reference")
    keys = fields.cells("client", FieldRule.model_validate({"column": client.column})).take()
    missing = np.flatnonzero(np.array([key is None for key in keys], dtype=bool))
    fields.refusals.add(missing, "client", "client_missing")
    columns: dict[str, Any] = {"client_source": [client.source] * fields.size, "client_key": keys}
    for field in FIELD_TYPES[fields.source.entity]:
        columns[field] = fields.joined(field, " ") if field in _JOINED else fields.scalar(field)
    return columns
