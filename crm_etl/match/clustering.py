"""Clustering: from scored pairs to clients, without chaining, under people's decisions, with ids that last.

Connected components over the threshold are the start; within each, records are joined only while the evidence
between all of them is in favour (:mod:`crm_etl.match.agglomerate`). Which id a cluster gets, and which merges and
splits that means, stands in :mod:`crm_etl.match.identity`; the reasons of each pair in :mod:`crm_etl.match.explain`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from crm_etl import schema
from crm_etl.match import evidence as pairs_of
from crm_etl.match.agglomerate import Link, agglomerate
from crm_etl.match.encode import Floats, Ints, Parties
from crm_etl.match.evidence import Evidence
from crm_etl.match.identity import Because, Identities, Record
from crm_etl.match.model import restore
from crm_etl.match.scoring import Scored
from crm_etl.match.verdicts import matches_frame
from crm_etl.migration import Matching


@dataclass(frozen=True)
class Clustered:
    """:data:`schema.MEMBERS`, :data:`schema.MATCHES`, :data:`schema.EVENTS`, and counts."""

    members: pd.DataFrame
    matches: pd.DataFrame
    events: pd.DataFrame
    facts: dict[str, Any]


def cluster(
    parties: pd.DataFrame | Parties,
    scored: Scored,
    matching: Matching,
    decisions: pd.DataFrame | None,
    crosswalk: pd.DataFrame,
) -> Clustered:
    """Put every party into exactly one client.

    Args:
        parties: rows of :data:`schema.PARTY`, those that were scored.
        scored: what :func:`crm_etl.match.score` gave.
        matching: ``threshold`` and ``review`` are used.
        decisions: what :func:`crm_etl.match.decisions.read` gave; None is none.
        crosswalk: rows of :data:`schema.CROSSWALK`: which client held each record before; empty at first.

    Returns:
        ``members`` has one row a party, in the order of ``parties``. ``matches`` has the pairs from ``review``
        upwards, those decided by people, and forbidden ones that a person should see.
    """
    encoded = parties if isinstance(parties, Parties) else Parties(parties)
    models = restore(scored.model)
    known = pairs_of.of_candidates(encoded, scored.pairs)
    known = pairs_of.with_decisions(known, encoded, models, decisions)
    components = _components(known, encoded.size, matching.threshold)
    known = pairs_of.completed(known, encoded, models, components)
    labels, refused, cut = _cut(known, components, matching.threshold)
    records = _records(encoded)
    identities = Identities(records, _groups(labels), _before(crosswalk))
    within = known.take(np.flatnonzero(labels[known.left] == labels[known.right]))
    events = identities.events(_because(known, matching.threshold))
    members = _members(encoded, records, labels, identities.ids, within, matching.threshold)
    facts = {
        "records": encoded.size,
        "clients": len(identities.ids),
        "components_cut": cut,
        "decisions_refused": refused,
        "decisions_waiting": pairs_of.waiting(encoded, decisions),
        "merges": sum(event["event"] == "merge" for event in events),
        "splits": sum(event["event"] == "split" for event in events),
    }
    matches = matches_frame(encoded, known, labels, models, matching)
    return Clustered(members, matches, schema.EVENTS.build(events), facts)


def _components(known: Evidence, size: int, threshold: float) -> Ints:
    """Component of each rank over the pairs that match."""
    at = np.flatnonzero(known.matches(threshold))
    graph = coo_matrix((np.ones(len(at), dtype=np.int8), (known.left[at], known.right[at])), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _cut(known: Evidence, components: Ints, threshold: float) -> tuple[Ints, int, int]:
    """Cluster of each rank, named by its lowest rank; human wishes refused; components that were cut."""
    labels = _lowest(components)
    inside = np.flatnonzero(components[known.left] == components[known.right])
    inner = known.take(inside)
    matches = inner.matches(threshold)
    sizes = np.bincount(components)
    agreeing = np.bincount(components[inner.left], weights=matches, minlength=len(sizes))
    doubtful = np.flatnonzero((sizes >= 3) & (agreeing < sizes * (sizes - 1) / 2))
    refused = cut = 0
    order = np.argsort(components[inner.left], kind="stable")
    starts = np.searchsorted(components[inner.left][order], np.arange(len(sizes) + 1))
    members = np.argsort(components, kind="stable")
    firsts = np.cumsum(sizes) - sizes
    for component in doubtful.tolist():
        ranks = members[firsts[component] : firsts[component] + sizes[component]]
        at = order[starts[component] : starts[component + 1]]
        fresh, denied = agglomerate(len(ranks), _links(inner.take(at), matches[at], ranks))
        labels[ranks] = ranks[fresh]
        refused += denied
        cut += int(len(set(fresh)) > 1)
    return labels, refused, cut


def _lowest(components: Ints) -> Ints:
    """Each component by its lowest rank."""
    _, first, inverse = np.unique(components, return_index=True, return_inverse=True)
    return first[inverse].astype(np.int64)


def _links(pairs: Evidence, matches: Any, ranks: Ints) -> list[Link]:
    left, right = np.searchsorted(ranks, pairs.left), np.searchsorted(ranks, pairs.right)
    columns = (left, right, pairs.weight, matches, pairs.forbidden, pairs.same, pairs.different)
    return [Link(*values) for values in zip(*(column.tolist() for column in columns), strict=True)]


def _groups(labels: Ints) -> list[list[int]]:
    """Ranks of each cluster, clusters in the order of their lowest rank."""
    order = np.argsort(labels, kind="stable")
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    return [group.tolist() for group in np.split(order, cuts)] if len(labels) else []


def _records(parties: Parties) -> list[Record]:
    source, key = parties.column("source"), parties.column("key")
    return list(zip(source.tolist(), key.tolist(), strict=True))


def _before(crosswalk: pd.DataFrame) -> dict[Record, str]:
    records = zip(crosswalk["source"].tolist(), crosswalk["key"].tolist(), strict=True)
    return dict(zip(records, crosswalk["client_id"].tolist(), strict=True))


def _members(
    parties: Parties, records: list[Record], labels: Ints, ids: list[str], within: Evidence, threshold: float
) -> pd.DataFrame:
    number = np.unique(labels, return_inverse=True)[1] if len(labels) else labels
    sizes = np.bincount(number, minlength=len(ids))
    homes = number[within.left]
    matching = np.bincount(homes, weights=within.matches(threshold), minlength=len(ids))
    contradictions = np.bincount(homes, weights=within.forbidden | within.different, minlength=len(ids))
    possible = sizes * (sizes - 1) / 2
    frame = pd.DataFrame(
        {
            "source": pd.array([record[0] for record in records], dtype="string[pyarrow]"),
            "key": pd.array([record[1] for record in records], dtype="string[pyarrow]"),
            "client_id": pd.array(ids, dtype="string[pyarrow]").take(number),
            "size": sizes[number],
            "density": np.where(possible > 0, matching / np.maximum(possible, 1), 1.0)[number],
            "weakest": _weakest(within, number, len(ids))[number],
            "contradictions": contradictions.astype(np.int64)[number],
        }
    )
    return schema.MEMBERS.conform(frame.iloc[parties.position])


def _weakest(within: Evidence, number: Ints, clusters: int) -> Floats:
    """Lowest weight on the strongest tree that spans each cluster; NaN for a single record."""
    weakest = np.full(clusters, np.nan)
    if not len(within.left):
        return weakest
    # Smallest tree of costs is strongest tree of weights; costs must be positive, for zero means "no pair".
    costs = within.weight.max() + 1.0 - within.weight
    size = len(number)
    tree = minimum_spanning_tree(coo_matrix((costs, (within.left, within.right)), shape=(size, size)).tocsr()).tocoo()
    cost = np.zeros(clusters)
    np.maximum.at(cost, number[tree.row], tree.data)
    has = np.bincount(number[tree.row], minlength=clusters) > 0
    weakest[has] = within.weight.max() + 1.0 - cost[has]
    return weakest


def _because(known: Evidence, threshold: float) -> Because:
    """Text on what binds or parts two groups of ranks, by reference."""

    def text(ours: list[int], theirs: list[int]) -> str:
        low = np.isin(known.left, ours) & np.isin(known.right, theirs)
        high = np.isin(known.left, theirs) & np.isin(known.right, ours)
        between = known.take(np.flatnonzero(low | high))
        if not len(between.left):
            return "nothing compares them"
        if between.different.any():
            return "a person called them different"
        if between.same.any():
            return "a person called them the same"
        best = float(between.weight.max())
        state = "contradicted" if between.forbidden.any() else "too weak"
        if between.matches(threshold).any():
            state = "a match"
        return f"strongest pair between them: weight {best:.1f} bits, {state}"

    return text
