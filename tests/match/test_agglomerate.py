"""Cutting components: no chains, people obeyed, nothing forbidden within, and never slow."""

from __future__ import annotations

import itertools
import time
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_etl.match import forest
from crm_etl.match.agglomerate import _LEAST, Links, agglomerate
from crm_etl.match.encode import Hashes

_MATCH = 4.0
Row = tuple[int, int, float, str]


def _links(rows: list[Row]) -> Links:
    """Links of (left, right, weight, state); state is plain, forbidden, same, different or copy."""
    rows = sorted(rows)
    columns = [np.array([row[at] for row in rows], dtype=kind) for at, kind in enumerate(("i8", "i8", "f8", "U9"))]
    left, right, weight, state = columns
    match = (weight > _MATCH) & ~np.isin(state, ["forbidden", "different"])
    states = (state == name for name in ("forbidden", "same", "different", "copy"))
    return Links(left, right, weight, match, *states)


def _marks(size: int) -> Hashes:
    return np.arange(size, dtype=np.uint64)


def _labels(size: int, *pairs: tuple[int, int, float], marks: Hashes | None = None) -> list[int]:
    links = _links([(*pair, "plain") for pair in pairs])
    labels: list[int] = agglomerate(links, _marks(size) if marks is None else marks).tolist()
    return labels


@st.composite
def _graphs(draw: st.DrawFn, states: tuple[str, ...]) -> tuple[int, list[Row]]:
    size = draw(st.integers(2, 8))
    rows = []
    for left in range(size):
        for right in range(left + 1, size):
            if draw(st.booleans()):
                rows.append((left, right, float(draw(st.integers(-30, 30))), draw(st.sampled_from(states))))
    return size, rows


def test_a_weak_bridge_between_two_groups_is_cut() -> None:
    groups = [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5)]
    assert _labels(6, *((a, b, 20.0) for a, b in groups), (2, 3, 6.0)) == [0, 0, 0, 3, 3, 3]


def test_records_that_know_nothing_of_each_other_meet_through_a_third() -> None:
    assert _labels(3, (0, 1, 12.0), (1, 2, 12.0)) == [0, 0, 0]


def test_one_that_disagrees_with_a_single_record_of_a_client_still_belongs_to_it() -> None:
    assert _labels(3, (0, 1, 20.0), (0, 2, 20.0), (1, 2, -18.0)) == [0, 0, 0]


@settings(max_examples=200, deadline=None)
@given(_graphs(("plain", "forbidden")), st.integers(1, 20))
def test_records_that_have_nothing_to_do_with_a_component_do_not_change_how_it_is_cut(
    graph: tuple[int, list[Row]], others: int
) -> None:
    size, rows = graph
    marks = _marks(size + others)
    alone = agglomerate(_links(rows), marks[others:])
    among = agglomerate(_links([(a + others, b + others, weight, state) for a, b, weight, state in rows]), marks)
    assert (among[others:] - others).tolist() == alone.tolist()


def test_copies_belong_to_what_they_are_copies_of_and_do_not_outvote_others() -> None:
    copies: list[Row] = [(0, copy, 30.0, "copy") for copy in range(1, 40)]
    another: list[Row] = [(0, 40, 12.0, "plain")]
    assert set(agglomerate(_links([*copies, *another]), _marks(41)).tolist()) == {0}
    stranger: list[Row] = [(0, 40, -12.0, "plain"), (40, 41, 20.0, "plain")]
    labels = agglomerate(_links([*copies, *stranger]), _marks(42))
    assert set(labels[:40]) == {0}
    assert set(labels[40:]) == {40}


def test_a_copy_that_people_called_different_stays_apart() -> None:
    rows: list[Row] = [(0, 1, 30.0, "copy"), (0, 2, 30.0, "copy"), (1, 2, 0.0, "different")]
    labels = agglomerate(_links(rows), _marks(3))
    assert labels.tolist() == [0, 0, 2]


def test_a_word_that_two_are_the_same_outweighs_what_differs_between_the_one_and_those_of_the_other() -> None:
    client: list[Row] = [(0, 1, 12.0, "plain"), (0, 2, 12.0, "plain"), (1, 2, 12.0, "plain")]
    contradicted: list[Row] = [(1, 3, 2.0, "forbidden"), (2, 3, 2.0, "forbidden")]
    said: list[Row] = [(0, 3, 2.0, "same")]
    assert agglomerate(_links([*client, *contradicted, *said]), _marks(4)).tolist() == [0, 0, 0, 0]
    unsaid: list[Row] = [(0, 3, 5.0, "plain")]
    assert agglomerate(_links([*client, *contradicted, *unsaid]), _marks(4)).tolist() == [0, 0, 0, 3]


def test_a_long_chain_breaks() -> None:
    labels = _labels(12, *((n, n + 1, 6.0) for n in range(11)))
    assert max(np.bincount(labels)) <= 4


def test_nothing_is_joined_without_links() -> None:
    assert _labels(3) == [0, 1, 2]


@settings(max_examples=150, deadline=None)
@given(_graphs(("plain", "forbidden", "same", "different")))
def test_people_are_obeyed_and_clusters_stay_within_their_component(graph: tuple[int, list[Row]]) -> None:
    size, rows = graph
    links = _links(rows)
    labels = agglomerate(links, _marks(size))
    together = labels[links.left] == labels[links.right]
    assert not (together & links.different).any()
    obeyed, refused = links.same & together, links.same & ~together
    groups = forest.components(size, links.left[obeyed], links.right[obeyed])
    ends = np.sort(groups[np.stack([links.left, links.right])], axis=0)
    apart = set(zip(*ends[:, links.different].tolist(), strict=True))
    assert set(zip(*ends[:, refused].tolist(), strict=True)) <= apart
    components = forest.components(size, links.left, links.right)
    assert (components[labels] == components).all()
    assert (labels[labels] == labels).all()
    assert (labels <= np.arange(size)).all()


@settings(max_examples=150, deadline=None)
@given(_graphs(("plain", "forbidden", "different")))
def test_nothing_forbidden_is_together_and_every_cluster_is_held_by_matches(graph: tuple[int, list[Row]]) -> None:
    size, rows = graph
    links = _links(rows)
    labels = agglomerate(links, _marks(size))
    together = labels[links.left] == labels[links.right]
    assert not (together & (links.forbidden | links.different)).any()
    held = together & links.match
    assert (forest.components(size, links.left[held], links.right[held]) == labels).all()


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_numbering_does_not_matter(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 8))
    pairs = [(a, b) for a in range(size) for b in range(a + 1, size)]
    weights = data.draw(st.lists(st.integers(-12, 40), min_size=len(pairs), max_size=len(pairs), unique=True))
    order = np.array(data.draw(st.permutations(list(range(size)))), dtype=np.int64)
    labels = _labels(size, *((a, b, w / 2) for (a, b), w in zip(pairs, weights, strict=True) if w != 0))
    moved = [
        (int(min(order[a], order[b])), int(max(order[a], order[b])), w / 2)
        for (a, b), w in zip(pairs, weights, strict=True)
        if w != 0
    ]
    again = np.array(_labels(size, *moved, marks=_marks(size)[np.argsort(order)]))[order]
    assert _partition(labels) == _partition(again)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_rounds_join_what_joining_the_best_pair_first_would(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 5))
    pairs = [(a, b) for a in range(size) for b in range(a + 1, size)]
    weights = data.draw(st.lists(st.integers(int(_LEAST), 20), min_size=len(pairs), max_size=len(pairs), unique=True))
    table = np.zeros((size, size))
    for (a, b), weight in zip(pairs, weights, strict=True):
        table[a, b] = table[b, a] = weight
    every = np.ones(len(pairs), dtype=np.bool_)
    left, right = (np.array(side) for side in zip(*pairs, strict=True))
    links = Links(left, right, np.array(weights, dtype=float), every, ~every, ~every, ~every, ~every)
    found = agglomerate(links, _marks(size))
    _is_a_stop(table, found)
    by_the_book, margin = _greedy(table)
    if margin >= 0.5:  # else the two ways may join equals in another order
        assert _partition(found) == _partition(by_the_book)


def _is_a_stop(table: Any, labels: Any) -> None:
    """No two of the clusters would be joined."""
    groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    for at, one in enumerate(groups):
        for other in groups[at + 1 :]:
            assert table[np.ix_(one, other)].mean() < 1e-9


def _greedy(table: Any) -> tuple[list[int], float]:
    """Average linkage by the book, the best pair first; and how close two choices ever were."""
    groups = [[record] for record in range(len(table))]
    margin = np.inf
    while len(groups) > 1:
        means = sorted(
            ((table[np.ix_(groups[a], groups[b])].mean(), a, b) for a in range(len(groups)) for b in range(a)),
            reverse=True,
        )
        if len(means) > 1:
            margin = min(margin, *(one[0] - other[0] for one, other in itertools.pairwise(means)))
        best, a, b = means[0]
        if best < 0:
            break
        groups[b] += groups.pop(a)
    labels = [0] * len(table)
    for group in groups:
        for record in group:
            labels[record] = min(group)
    return labels, margin


def _partition(labels: Any) -> set[frozenset[int]]:
    return {
        frozenset(np.flatnonzero(np.asarray(labels) == label).tolist()) for label in set(np.asarray(labels).tolist())
    }


def test_a_very_large_component_costs_seconds_and_does_not_chain() -> None:
    """A row of 100,000 records, and 300,000 links at random: hours, were a round to join only the best pair."""
    size = 100_000
    draw = np.random.default_rng(5)
    ends = np.sort(draw.integers(0, size, (300_000, 2)), axis=1)
    row = np.column_stack([np.arange(size - 1), np.arange(1, size)])
    pairs = np.unique(np.concatenate([row, ends[ends[:, 0] < ends[:, 1]]]), axis=0)
    weight = draw.normal(6.0, 4.0, len(pairs))
    weight[: size // 2] = np.linspace(4.5, 20.0, size // 2)
    nobody = np.zeros(len(pairs), dtype=np.bool_)
    start = time.process_time()
    labels = agglomerate(
        Links(pairs[:, 0], pairs[:, 1], weight, weight > _MATCH, nobody, nobody, nobody, nobody), _marks(size)
    )
    assert time.process_time() - start < 20
    assert np.bincount(labels).max() < 20
