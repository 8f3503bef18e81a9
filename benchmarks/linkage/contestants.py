"""Who is measured: the command that links a Parquet file of parties, and how to read what it left.

Every contestant reads the same file, writes clusters and scored pairs, and is told how many threads it may use and how
many random pairs its u probabilities are to be counted on.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.linkage import outcome
from benchmarks.linkage.outcome import Outcome
from crm_etl.migration import Matching


@dataclass(frozen=True)
class Task:
    """A file of parties, a folder for what comes of it, random pairs for u, threads."""

    parties: Path
    folder: Path
    random_pairs: int
    threads: int


@dataclass(frozen=True)
class Contestant:
    """A way to link. ``needs``: modules that must be installed; ``most``: records that it can bear, None for any."""

    name: str
    about: str
    command: Callable[[Task], list[str]]
    read: Callable[[Task, pd.DataFrame], Outcome]
    needs: tuple[str, ...] = ()
    most: int | None = None

    @property
    def missing(self) -> list[str]:
        """Modules that are not installed."""
        return [module for module in self.needs if find_spec(module) is None]


def _ours(task: Task) -> list[str]:
    return [
        *(sys.executable, "-m", "crm_etl.match.engines.local"),
        *(str(task.parties), str(task.folder / "clusters.parquet"), "--pairs", str(task.folder / "pairs.parquet")),
        *("--random-pairs", str(task.random_pairs), "--threads", str(task.threads)),
    ]


def _read_ours(task: Task, records: pd.DataFrame) -> Outcome:
    """Positions are places in the order of (source, key): rows of the file again."""
    order = records.reset_index(names="row").sort_values(["source", "key"], ignore_index=True)
    members = pd.read_parquet(task.folder / "clusters.parquet", columns=["source", "key", "client_id"])
    joined = order.merge(members.astype("string"), on=["source", "key"], how="left", validate="one_to_one")
    pairs = pd.read_parquet(task.folder / "pairs.parquet", columns=["left", "right", "weight", "probability"])
    rows = order["row"].to_numpy()
    for side in ("left", "right"):
        pairs[side] = rows[pairs[side].to_numpy(dtype=np.int64)]
    facts = json.loads((task.folder / "log.txt").read_text("utf-8"))
    return Outcome(
        joined[["row", "client_id"]].rename(columns={"client_id": "cluster"}),
        pairs,
        {
            "stages": {stage["stage"]: stage["seconds"] for stage in facts["stages"]},
            "pairs": facts["scored"]["compared"],
            "threshold": Matching().threshold,  # type: ignore[call-arg]
        },
    )


def _peer(module: str, *options: str) -> Callable[[Task], list[str]]:
    return lambda task: [
        *(sys.executable, "-m", f"benchmarks.linkage.{module}", str(task.parties), str(task.folder), *options),
        *("--random-pairs", str(task.random_pairs), "--threads", str(task.threads)),
    ]


def _read_peer(task: Task, records: pd.DataFrame) -> Outcome:
    return outcome.read(task.folder)


OURS = Contestant("crm-etl", "crm_etl.match.engines.local", _ours, _read_ours)
_SPLINK = ("splink", "duckdb")
#: By the name that ``--peers`` takes.
PEERS: dict[str, Contestant] = {
    "splink": Contestant(
        "splink", "Splink on DuckDB, blocking that finds most", _peer("splink_peer"), _read_peer, _SPLINK
    ),
    "splink-narrow": Contestant(
        "splink-narrow",
        "Splink on DuckDB, blocking that is quick",
        _peer("splink_peer", "--rules", "narrow"),
        _read_peer,
        _SPLINK,
    ),
    "splink-library": Contestant(
        "splink-library",
        "Splink on DuckDB, the comparisons of its library",
        _peer("splink_peer", "--comparisons", "library"),
        _read_peer,
        _SPLINK,
    ),
    "recordlinkage": Contestant(
        "recordlinkage",
        "stock recordlinkage: Index, Compare, ECMClassifier",
        _peer("recordlinkage_peer"),
        _read_peer,
        most=100_000,
    ),
}
