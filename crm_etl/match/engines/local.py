"""The linkage on one machine: pairs are made rule by rule and compared chunk by chunk, so that memory is bounded."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from crm_etl.match.blocking import Candidates, candidate_pairs
from crm_etl.match.clustering import Clustered, cluster
from crm_etl.match.encode import Parties
from crm_etl.match.scoring import Scored, score
from crm_etl.migration import Matching
from crm_etl.progress import NullProgress, Progress


@dataclass(frozen=True)
class Linked:
    """The outcome of all three steps."""

    candidates: Candidates
    scored: Scored
    clustered: Clustered


def run(
    parties: pd.DataFrame,
    matching: Matching,
    decisions: pd.DataFrame | None,
    crosswalk: pd.DataFrame,
    progress: Progress | None = None,
) -> Linked:
    """Block, score and cluster ``parties``; the values are encoded once for all three.

    Arguments as those of :func:`crm_etl.match.candidate_pairs` and :func:`crm_etl.match.clustering`.
    """
    progress = progress or NullProgress()
    encoded = Parties(parties)
    candidates = candidate_pairs(encoded, matching, progress)
    scored = score(encoded, candidates, matching, progress)
    return Linked(candidates, scored, cluster(encoded, scored, matching, decisions, crosswalk))
