"""Spanning forests against a plain search, and the strongest tree against Kruskal by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_etl.match import forest


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.just(n), st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)))))
def test_components_are_those_of_a_plain_search(graph: tuple[int, list[tuple[int, int]]]) -> None:
    size, pairs = graph
    lowest = list(range(size))
    for _ in range(size):
        for left, right in pairs:
            lowest[left] = lowest[right] = min(lowest[left], lowest[right])
    left, right = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    found, chosen = forest.grow(size, left, right)
    assert found.tolist() == lowest
    assert chosen.sum() == size - len(set(lowest))


def test_the_strongest_tree_leaves_the_weakest_pair_of_a_circle_out() -> None:
    left, right = np.array([0, 1, 0, 3]), np.array([1, 2, 2, 4])
    assert forest.strongest(5, left, right, np.array([5.0, 9.0, 7.0, -2.0])).tolist() == [False, True, True, True]


def test_of_equal_weights_the_first_counts() -> None:
    left, right = np.array([0, 0, 1]), np.array([1, 2, 2])
    assert forest.strongest(3, left, right, np.ones(3)).tolist() == [True, True, False]
