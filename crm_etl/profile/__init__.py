"""The inventory of a migration's sources: what is there, in which shape, and how sound. No personal values.

Reads the sources without holding them against the mapping, so that it also works before the mapping fits; where
a column is mapped, the profile says what its cells are worth. Proposals (encodings, keys, date formats) are for
people: nothing of the pipeline acts on them. Columns are judged in :mod:`.columns`, phones and e-mails in
:mod:`.contacts`, growth in :mod:`.growth`, byte encodings in :mod:`.encodings`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc

from connectors.base import Connector, clean_column
from crm_etl import schema
from crm_etl.extract import open_source
from crm_etl.extract.frame import RawFrame, arrow
from crm_etl.extract.keys import fold_key, key_of
from crm_etl.faults import DeclarationNeeded, EncodingFault, Fault
from crm_etl.migration import Migration, Source
from crm_etl.profile.columns import profile_column
from crm_etl.profile.contacts import profile_contacts
from crm_etl.profile.encodings import Proposal, propose_encoding
from crm_etl.profile.growth import growth_by_month
from crm_etl.progress import NullProgress, Progress

__all__ = ["Proposal", "profile", "propose_encoding"]


def profile(
    migration: Migration,
    progress: Progress = NullProgress(),  # noqa: B008
    sources: Sequence[str] = (),
) -> dict[str, Any]:
    """The inventory of ``sources`` (none given: all), as JSON values.

    Returns:
        ``migration``, ``title``, ``sources`` (one dictionary each: ``source``, ``title``, ``connector``,
        ``entity``, ``rows``, ``columns``, ``fault`` ...) and ``totals``. A source that cannot be read has its
        ``fault`` as text, and ``encodings`` proposed where that is the trouble.
    """
    chosen = [migration.source(name) for name in sources] or list(migration.sources)
    found = [_profile_source(source, migration.root, progress) for source in chosen]
    return {
        "migration": migration.name,
        "title": migration.title,
        "sources": found,
        "totals": {
            "sources": len(found),
            "unreadable": sum(entry["fault"] is not None for entry in found),
            "rows": sum(entry["rows"] for entry in found),
            "client_rows": sum(entry["rows"] for entry in found if entry["entity"] == "client"),
            "columns": sum(len(entry["columns"]) for entry in found),
        },
    }


def _profile_source(source: Source, root: Path, progress: Progress) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "source": source.name,
        "title": source.label,
        "connector": source.connector,
        "entity": source.entity,
        "rows": 0,
        "columns": [],
        "fault": None,
        "encodings": [],
    }
    try:
        connector = open_source(source, root)
        raw = RawFrame(connector.columns)
        aside: Counter[str] = Counter()
        with progress.task(f"profile {source.name}") as task:
            for batch in connector.batches():
                raw.add(batch)
                aside.update(row.reason for row in batch.refused)
                aside.update(row.rule for row in batch.excluded)
                task.advance(len(batch))
    except Fault as fault:
        entry["fault"] = str(fault)
        if source.connector == "csv" and isinstance(fault, EncodingFault | DeclarationNeeded):
            proposals = propose_encoding(root / source.path)
            entry["encodings"] = [{"encoding": p.encoding, "confidence": p.confidence} for p in proposals]
        return entry
    return entry | _inventory(source, connector, raw.cells(), aside)


def _inventory(source: Source, connector: Connector, cells: pd.DataFrame, aside: Counter[str]) -> dict[str, Any]:
    columns = [profile_column(source, name, cells[schema.RAW_PREFIX + name]) for name in connector.columns]
    delivered = asdict(connector.delivery())
    return {
        "rows": len(cells),
        "set_aside": dict(sorted(aside.items())),
        "file": delivered["file"],
        "sheet": connector.sheet,
        "bytes": delivered["bytes"],
        "sha256": delivered["sha256"],
        "warnings": list(connector.warnings),
        "columns": columns,
        "missing": [name for name in source.used_columns if clean_column(name) not in connector.columns],
        "unmapped": [column["name"] for column in columns if column["state"] == "unmapped"],
        "sensitive": [column["name"] for column in columns if column["sensitive"]],
        "key": _key(source, cells),
        "key_candidates": [column["name"] for column in columns if column["unique"]],
        "contacts": profile_contacts(source, cells),
        "growth": growth_by_month(source, cells),
    }


def _key(source: Source, cells: pd.DataFrame) -> dict[str, Any] | None:
    """How the declared key fares: rows without it, rows that share it, and rows whose keys are too alike."""
    names = [schema.RAW_PREFIX + clean_column(name) for name in source.key_columns]
    if not set(names) <= set(cells.columns):
        return None
    keys = key_of([arrow(cells[name]) for name in names])
    held = pd.Series(pc.drop_null(keys).to_pandas())
    folded = pd.Series(pc.drop_null(fold_key(keys)).to_pandas())
    duplicates = int(held.duplicated(keep=False).sum())
    return {
        "columns": list(source.key_columns),
        "missing": int(keys.null_count),
        "duplicate": duplicates,
        "ambiguous": int(folded.duplicated(keep=False).sum()) - duplicates,
    }
