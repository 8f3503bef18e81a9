"""The linkage on one machine: pairs are streamed through all cores, and only those that matter are kept.

``python -m crm_etl.match.engines.local PARTIES.parquet CLUSTERS.parquet`` links a file of :data:`schema.PARTY` rows
without a migration around it, and prints what it took.
"""

from __future__ import annotations

import argparse
import json
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from crm_etl import schema
from crm_etl.match.clustering import Clustered, cluster
from crm_etl.match.encode import Parties
from crm_etl.match.scoring import AS_FITS, Scored, Settings, score
from crm_etl.match.threads import beside
from crm_etl.meter import Meter
from crm_etl.migration import Matching
from crm_etl.progress import NullProgress, Progress


@dataclass(frozen=True)
class Linked:
    """The outcome of both steps."""

    scored: Scored
    clustered: Clustered


def run(
    parties: pd.DataFrame | Parties,
    matching: Matching,
    decisions: pd.DataFrame | None,
    crosswalk: pd.DataFrame,
    progress: Progress | None = None,
    settings: Settings = AS_FITS,
) -> Linked:
    """Block, score and cluster ``parties``; the values are encoded once for all of it.

    Arguments as those of :func:`crm_etl.match.score` and :func:`crm_etl.match.cluster`.
    """
    encoded = parties if isinstance(parties, Parties) else Parties(parties)
    scored = score(encoded, matching, progress or NullProgress(), decisions=decisions, settings=settings)
    return Linked(scored, cluster(encoded, scored, matching, decisions, crosswalk))


def main(arguments: list[str] | None = None) -> None:
    """Link a Parquet file of parties, and print stages, seconds, megabytes and counts as JSON.

    Pairs and clusters are written, no reasons in words.
    """
    reader = argparse.ArgumentParser(description="Link a Parquet file of parties.")
    reader.add_argument("parties", type=Path)
    reader.add_argument("clusters", type=Path)
    reader.add_argument("--pairs", type=Path, help="write left and right record, weight and probability of pairs here")
    reader.add_argument("--random-pairs", type=int, default=Matching().random_pairs)  # type: ignore[call-arg]
    reader.add_argument("--threads", type=int)
    given = reader.parse_args(arguments)
    matching = Matching.model_validate({"random_pairs": given.random_pairs})
    meter = Meter()
    with meter.stage("load"):
        parties = Parties.read(given.parties)
    with meter.stage("score"):
        scored = score(parties, matching, settings=Settings(threads=given.threads))
    writing = beside(partial(scored.pairs.to_parquet, given.pairs)) if given.pairs else nullcontext()
    with writing:  # what goes wrong in it is told when the clusters are written
        with meter.stage("cluster"):
            clustered = cluster(parties, scored, matching, None, schema.CROSSWALK.empty(), explained=False)
        with meter.stage("write"):
            clustered.members.to_parquet(given.clusters)
    facts = {"stages": meter.lines, "scored": scored.facts, "clustered": clustered.facts}
    print(json.dumps(facts))  # noqa: T201


if __name__ == "__main__":
    main()
