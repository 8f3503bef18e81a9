"""Whole sources read at once, as rows: what tests look at."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.base import Connector, ExcludedRow, RefusedRow


@dataclass
class Read:
    """All batches of a source, one after the other."""

    cells: list[list[str | None]] = field(default_factory=list)
    lines: list[int | None] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    excluded: list[ExcludedRow] = field(default_factory=list)


def read_all(connector: Connector) -> Read:
    whole = Read()
    for batch in connector.batches():
        whole.cells.extend(map(list, batch.cells()))
        whole.lines.extend(batch.lines.to_pylist())
        whole.rows.extend(batch.rows.to_pylist())
        whole.refused.extend(batch.refused)
        whole.excluded.extend(batch.excluded)
    return whole
