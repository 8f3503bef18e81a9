"""Clustering: from scored pairs to clients, without chaining, under people's decisions, with ids that last.

Connected components over the threshold are the start; within each, records are joined only while the evidence
between all of them is in favour (:mod:`crm_etl.match.agglomerate`). Which id a cluster gets, and which merges and
splits that means, stands in :mod:`crm_etl.match.identity`; how well it holds together in
:mod:`crm_etl.match.members`; the reasons of each pair in :mod:`crm_etl.match.verdicts`; which decisions were not obeyed
in :mod:`crm_etl.match.unheeded`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.match import copies, forest
from crm_etl.match import evidence as pairs_of
from crm_etl.match.agglomerate import Links, agglomerate
from crm_etl.match.crossing import Crossing
from crm_etl.match.encode import Flags, Ints, Parties
from crm_etl.match.evidence import Evidence
from crm_etl.match.identity import Identities
from crm_etl.match.members import cohesion, flagged, members_frame
from crm_etl.match.memory import give_back
from crm_etl.match.model import restore
from crm_etl.match.references import marks
from crm_etl.match.scoring import Scored
from crm_etl.match.threads import beside
from crm_etl.match.unheeded import REFUSED, WAITING, unheeded
from crm_etl.match.verdicts import matches_frame
from crm_etl.migration import Matching


@dataclass(frozen=True)
class Clustered:
    """:data:`schema.MEMBERS`, :data:`schema.MATCHES`, :data:`schema.EVENTS`, :data:`schema.UNHEEDED`, counts, and the
    settings obeyed."""

    members: pd.DataFrame
    matches: pd.DataFrame
    events: pd.DataFrame
    unheeded: pd.DataFrame
    facts: dict[str, Any]


def cluster(
    parties: pd.DataFrame | Parties,
    scored: Scored,
    matching: Matching,
    decisions: pd.DataFrame | None,
    crosswalk: pd.DataFrame,
    *,
    explained: bool = True,
) -> Clustered:
    """Put every party into exactly one client.

    Args:
        parties: rows of :data:`schema.PARTY`, those that were scored.
        scored: what :func:`crm_etl.match.score` gave.
        matching: ``threshold`` and ``review`` are used.
        decisions: what :func:`crm_etl.match.decisions.read` gave; None is none.
        crosswalk: rows of :data:`schema.CROSSWALK`: which client held each record before; empty at first.
        explained: whether the matches are told with their reasons; else ``matches`` is empty.

    Returns:
        ``members`` has one row a party, in the order of ``parties``. ``matches`` has the pairs from ``review``
        upwards, those decided by people, and forbidden ones that a person should see.
    """
    encoded = parties if isinstance(parties, Parties) else Parties(parties)
    models, threshold = restore(scored.model), matching.threshold
    known = pairs_of.of_pairs(encoded, scored.pairs, threshold)
    known = pairs_of.with_decisions(known, encoded, models, decisions)
    known, standing = pairs_of.regrouped(known, encoded, models)
    components = _components(known, encoded.size, threshold)
    known = pairs_of.completed(known, encoded, models, components)
    labels = _cut(encoded, known, components, standing, threshold)
    number = _numbered(labels)
    give_back()
    members, events = _named(encoded, known, number, standing, crosswalk, threshold)
    ignored = unheeded(decisions, encoded, known, labels)
    facts = {
        "records": encoded.size,
        "clients": int(number.max(initial=-1)) + 1,
        "components_cut": _torn(components, labels),
        "decisions": 0 if decisions is None else len(decisions),
        "decisions_refused": int((ignored["state"] == REFUSED).sum()),
        "decisions_waiting": int((ignored["state"] == WAITING).sum()),
        "merges": sum(event["event"] == "merge" for event in events),
        "splits": sum(event["event"] == "split" for event in events),
        "flagged": flagged(members),
        "matching": matching.model_dump(mode="json"),
    }
    give_back()
    matches = matches_frame(encoded, known, labels, models, matching) if explained else schema.MATCHES.empty()
    return Clustered(members, matches, schema.EVENTS.build(events), ignored, facts)


def _named(
    parties: Parties,
    known: Evidence,
    number: Ints,
    standing: copies.Places,
    crosswalk: pd.DataFrame,
    threshold: float,
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Rows of :data:`schema.MEMBERS`, and what became of the clients in ``crosswalk``."""
    with beside(partial(cohesion, known, number, standing, threshold)) as held:
        identities = Identities(parties, number, crosswalk)
        crossing = Crossing(known, parties.size, threshold)
        events = identities.events(crossing.binding, crossing.parting)
    return members_frame(parties, number, identities.ids, held.result()), events


def _components(known: Evidence, size: int, threshold: float) -> Ints:
    """Component of each record over the pairs that match, named by its lowest record."""
    at = np.flatnonzero(known.matches(threshold))
    return forest.components(size, known.left[at], known.right[at])


def _cut(parties: Parties, known: Evidence, components: Ints, standing: copies.Places, threshold: float) -> Ints:
    """Cluster of each record, named by its lowest record.

    Only components that are not all matches need a look.
    """
    inside = components[known.left] == components[known.right]
    matches = known.matches(threshold)
    sizes = np.bincount(components)
    agreeing = np.bincount(components[known.left[inside & matches]], minlength=len(sizes))
    doubtful = (sizes >= 3) & (agreeing < sizes * (sizes - 1) // 2)
    records = np.flatnonzero(doubtful[components])
    at = np.flatnonzero(inside & doubtful[components[known.left]])
    fresh = agglomerate(_links(parties, known.take(at), matches[at], standing, records), marks(parties)[records])
    labels = components.copy()
    labels[records] = records[fresh]
    return labels


def _links(parties: Parties, pairs: Evidence, matches: Flags, standing: copies.Places, records: Ints) -> Links:
    """A person and an organization are one only by a person's word, against which no other such pair speaks."""
    left, right = np.searchsorted(records, pairs.left), np.searchsorted(records, pairs.right)
    forbidden = pairs.forbidden & (parties.kind[pairs.left] == parties.kind[pairs.right])
    copied = matches & ~pairs.same & copies.are(standing, pairs.left, pairs.right)
    return Links(left, right, pairs.weight, matches, forbidden, pairs.same, pairs.different, copied)


def _torn(components: Ints, labels: Ints) -> int:
    """Components that fell into several clusters."""
    heads = np.flatnonzero(labels == np.arange(len(labels)))
    return int((np.bincount(components[heads]) > 1).sum())


def _numbered(labels: Ints) -> Ints:
    """Clusters by number, in the order of their lowest record."""
    heads = labels == np.arange(len(labels))
    numbers: Ints = (np.cumsum(heads) - 1)[labels]
    return numbers
