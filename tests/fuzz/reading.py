"""A source read for the fuzzer: all that came of it, or the fault that a person sees. Anything else fails the test."""

from __future__ import annotations

import json
from dataclasses import asdict
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


def text_of(whole: Read, columns: tuple[str, ...]) -> str:
    """All that is held of a source, for finding a mark in it."""
    aside = [asdict(row)["cells"] for row in (*whole.refused, *whole.excluded)]
    return json.dumps([columns, whole.cells, aside], ensure_ascii=False)
