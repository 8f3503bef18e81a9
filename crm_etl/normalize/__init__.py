"""From raw text to canonical values: a source's raw frame -> its party (or related) frame, by its mapping.

:func:`normalize` is the stage. Beside it one module a kind of value (phones, dates, names, ...), each made of pure
functions on one text; :mod:`.reading` calls them once for each distinct cell, :mod:`.fields` follows the mapping,
:mod:`.party` and :mod:`.related` put the columns together. What cannot be read is refused with its reason:
rows in = rows out + rows refused, always.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from crm_etl.migration import Source
from crm_etl.normalize.fields import Fields
from crm_etl.normalize.party import frame, party_columns
from crm_etl.normalize.related import related_columns
from crm_etl.progress import NullProgress, Progress

__all__ = ["Normalized", "normalize"]


@dataclass(frozen=True)
class Normalized:
    """``rows``: schema.ENTITIES[entity]; ``refused``: schema.QUARANTINE; ``facts``: read, accepted, notes, refused."""

    rows: Any
    refused: Any
    facts: dict[str, Any]


def normalize(rows: Any, source: Source, progress: Progress | None = None) -> Normalized:
    """``rows`` (ORIGIN and ``raw:<column>`` text columns) normalized by the mapping of ``source``.

    ``facts["notes"]`` counts accepted rows by note code, ``facts["refused"]`` refused rows by reason.
    """
    watch = NullProgress() if progress is None else progress
    with watch.task(f"normalize {source.name}", total=len(rows)) as task, _uncollected():
        fields = Fields(rows, source)
        columns = party_columns(fields) if source.entity == "client" else related_columns(fields)
        accepted = frame(fields, columns)
        refused = fields.refusals.frame(rows)
        task.advance(len(rows))
    facts = {
        "read": len(rows),
        "accepted": len(accepted),
        "notes": fields.note_counts(fields.refusals.accepted),
        "refused": fields.refusals.counts(),
    }
    return Normalized(accepted, refused, facts)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of reference cycles: there are none here, and walking millions of fresh cells in search
    of them took a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
