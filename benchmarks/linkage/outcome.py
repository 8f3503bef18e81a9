"""What every contestant leaves in its folder, and what the harness reads from there.

``members.parquet``: row (of the Parquet file of parties, from 0), cluster. ``pairs.parquet``: left, right (rows),
weight, probability of the pairs that were kept. ``facts.json``: seconds of each stage, pairs compared, threshold.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd


class Stages:
    """A stopwatch that tells the seconds between one :meth:`done` and the next."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def done(self, name: str) -> None:
        """What was done since the last call was ``name``."""
        now = time.perf_counter()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self._last
        self._last = now

    def write(self, folder: Path, **facts: Any) -> None:
        """Write the times and ``facts`` beside the outcome."""
        text = json.dumps({"stages": self.seconds, **facts}, indent=1)
        (folder / "facts.json").write_text(text + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Outcome:
    """What a contestant left: see the module."""

    members: pd.DataFrame
    pairs: pd.DataFrame
    facts: dict[str, Any]


def read(folder: Path) -> Outcome:
    """The outcome that lies in ``folder``."""
    facts = json.loads((folder / "facts.json").read_text("utf-8"))
    return Outcome(pd.read_parquet(folder / "members.parquet"), pd.read_parquet(folder / "pairs.parquet"), facts)
