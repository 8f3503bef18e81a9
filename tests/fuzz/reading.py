"""A source read for the fuzzer: all that came of it, or the fault that a person sees. Anything else fails the test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectors.registry import connect
from crm_etl.faults import Fault
from tests.connectors.reading import Read, read_all


def read(kind: str, root: Path, **options: Any) -> tuple[Read, tuple[str, ...]] | None:
    """Everything that was read and the column names; None where the source was refused."""
    try:
        connector = connect(kind, root, ("id",), **options)
        whole = read_all(connector)
    except Fault as caught:
        fault = caught
    else:
        return whole, connector.columns
    assert fault.what
    assert fault.remedy
    assert fault.exit_code == 2
    return None


def check_account(whole: Read, columns: tuple[str, ...]) -> None:
    """Every logical row stands in one place, and every accepted row has a cell for each column."""
    numbers = [*whole.rows, *(row.origin.row for row in (*whole.refused, *whole.excluded))]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    assert all(len(cells) == len(columns) for cells in whole.cells)
    assert all(row.reason and row.message for row in whole.refused)


def rows_of(whole: Read) -> dict[int, list[str | None]]:
    """By the line on which a row begins, the cells that are held of it, wherever the row stands now."""
    taken = zip(whole.lines, whole.cells, strict=True)
    aside = ((row.origin.line, list(row.cells.values())) for row in (*whole.refused, *whole.excluded))
    found = {line: cells for line, cells in (*taken, *aside) if line is not None}
    assert len(found) == len(whole.cells) + len(whole.refused) + len(whole.excluded)
    return found
