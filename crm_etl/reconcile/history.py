"""Key figures of every reconciliation, kept so that runs can be compared over the parallel operation.

One JSON object a line in ``reconciliation.jsonl`` of the state's history folder; appended, never rewritten.
Only counts: no personal data.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from crm_etl.faults import StateFault, Where

FILE = "reconciliation.jsonl"


def append(folder: Path, figures: dict[str, Any]) -> Path:
    """Add ``figures`` as the last line of the history in ``folder``; on disk when this returns."""
    path = folder / FILE
    line = json.dumps(figures, ensure_ascii=False, sort_keys=True) + "\n"
    with path.open("a", encoding="utf-8") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    return path


def read(folder: Path) -> list[dict[str, Any]]:
    """All runs so far, the oldest first; none yet is an empty list.

    Raises:
        StateFault: a line is not JSON.
    """
    path = folder / FILE
    if not path.exists():
        return []
    runs: list[dict[str, Any]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            runs.append(json.loads(line))
        except json.JSONDecodeError:
            raise StateFault(
                "a line of the reconciliation history is damaged",
                where=Where(str(path), row=number),
                remedy="remove that line: each line is one run",
            ) from None
    return runs
