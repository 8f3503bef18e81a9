"""Measures against a plain enumeration of pairs, and against the toolkit's own."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_etl.match.evaluate import evaluate
from tests.match.factories import parties, person


def _frames(rows: list[tuple[str, int, int]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    keys = [str(n) for n in range(len(rows))]
    base = pd.DataFrame({"source": [row[0] for row in rows], "key": keys})
    members = base.assign(client_id=[f"c{row[1]}" for row in rows])
    return members.astype("string[pyarrow]"), base.assign(entity=[f"e{row[2]}" for row in rows]).astype(
        "string[pyarrow]"
    )


ROWS = st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=14)


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_pairs_are_counted_as_if_listed(rows: list[tuple[str, int, int]]) -> None:
    import recordlinkage

    found = evaluate(*_frames(rows))
    every = list(combinations(range(len(rows)), 2))
    ours = {pair for pair in every if rows[pair[0]][1] == rows[pair[1]][1]}
    true = {pair for pair in every if rows[pair[0]][2] == rows[pair[1]][2]}
    assert (found["pairwise"]["right"], found["pairwise"]["found"], found["pairwise"]["true"]) == (
        len(ours & true), len(ours), len(true),
    )  # fmt: skip
    if ours and true:
        indexes = [pd.MultiIndex.from_tuples(sorted(pairs)) for pairs in (true, ours)]
        assert found["pairwise"]["precision"] == pytest.approx(recordlinkage.precision(*indexes))
        assert found["pairwise"]["recall"] == pytest.approx(recordlinkage.recall(*indexes))
    sides = {"a x a": ("a", "a"), "a x b": ("a", "b"), "b x b": ("b", "b")}
    for name, wanted in sides.items():
        if name in found["by_sources"]:
            some = {pair for pair in every if tuple(sorted((rows[pair[0]][0], rows[pair[1]][0]))) == wanted}
            assert found["by_sources"][name]["right"] == len(ours & true & some)
            assert found["by_sources"][name]["found"] == len(ours & some)


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_b_cubed_is_the_mean_over_records(rows: list[tuple[str, int, int]]) -> None:
    def share(of: int, within: int) -> float:
        total = 0.0
        for row in rows:
            group = [other for other in rows if other[within] == row[within]]
            total += sum(other[of] == row[of] for other in group) / len(group)
        return total / len(rows)

    found = evaluate(*_frames(rows))["b_cubed"]
    assert found["precision"] == pytest.approx(share(2, 1))
    assert found["recall"] == pytest.approx(share(1, 2))


def test_a_perfect_linkage_and_records_that_stand_on_one_side() -> None:
    members, truth = _frames([("a", 1, 1), ("b", 1, 1), ("b", 2, 2), ("a", 3, 3)])
    found = evaluate(members.iloc[:3], truth.iloc[[0, 1, 3]])
    assert found["cluster"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "right": 1, "found": 1, "true": 1}
    assert found["records"] == {"compared": 2, "only_in_members": 1, "only_in_truth": 1, "clients": 1, "entities": 1}
    assert evaluate(members.iloc[:0], truth)["b_cubed"]["f1"] == 1.0


def test_pairs_between_scripts_and_within_one_are_told_apart() -> None:
    members, truth = _frames([("a", 1, 1), ("b", 1, 1), ("b", 2, 1), ("a", 3, 3)])
    people = parties(*(person(str(n), source=source, script=script) for n, source, script in (
        (0, "a", "Latn"), (1, "b", "Cyrl"), (2, "b", "Cyrl"), (3, "a", None),
    )))  # fmt: skip
    found = evaluate(members, truth, parties=people)
    assert {name: (row["right"], row["found"], row["true"]) for name, row in found["by_scripts"].items()} == {
        "Cyrl x Cyrl": (0, 0, 1),
        "Cyrl x Latn": (1, 1, 2),
        "Cyrl x Zyyy": (0, 0, 0),
        "Latn x Latn": (0, 0, 0),
        "Latn x Zyyy": (0, 0, 0),
        "Zyyy x Zyyy": (0, 0, 0),
    }
    assert (found["across_scripts"]["recall"], found["across_scripts"]["true"]) == (0.5, 2)
    assert (found["within_scripts"]["recall"], found["within_scripts"]["true"]) == (0.0, 1)
    assert "by_scripts" not in evaluate(members, truth)


def test_a_record_that_stands_twice_is_refused() -> None:
    members, truth = _frames([("a", 1, 1), ("b", 1, 1)])
    with pytest.raises(ValueError, match="twice"):
        evaluate(pd.concat([members, members]), truth)
