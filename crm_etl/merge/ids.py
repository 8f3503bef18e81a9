"""Ids that stay the same on every rerun: hashes of what identifies the row, never counters."""

from __future__ import annotations

import hashlib
from typing import Any

from crm_etl.merge.records import Texts, texts

_BYTES = 8
_SEPARATOR = "\x1f"


def digest(*parts: str | None) -> str:
    """Sixteen hex digits of BLAKE2b over ``parts``; "no value" differs from any text."""
    joined = _SEPARATOR.join("\x00" if part is None else part for part in parts)
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=_BYTES).hexdigest()


def row_ids(*columns: Any) -> list[str]:
    """:func:`digest` of each row of parallel text columns."""
    plain: list[Texts] = [texts(column) for column in columns]
    return [digest(*row) for row in zip(*plain, strict=True)]
