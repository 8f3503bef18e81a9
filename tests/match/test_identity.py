"""Ids against the rule by the book: the most records keep the id, ties go to the one it was made from, the smaller."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_etl import schema
from crm_etl.match.encode import Parties
from crm_etl.match.identity import Identities, fresh_id
from tests.match.factories import parties, person

_SIZE = 9
_PEOPLE = Parties(parties(*(person(str(key)) for key in range(_SIZE))))


def _crosswalk(before: list[str | None]) -> pd.DataFrame:
    known = [(key, client) for key, client in enumerate(before) if client is not None]
    return schema.CROSSWALK.build({"source": "crm", "key": str(key), "client_id": client} for key, client in known)


def _numbered(labels: list[int]) -> tuple[int, ...]:
    """Clusters numbered in the order of their lowest record."""
    order = list(dict.fromkeys(labels))
    return tuple(order.index(label) for label in labels)


def _by_the_book(before: list[str | None], number: tuple[int, ...]) -> dict[int, str]:
    votes = Counter((old, cluster) for old, cluster in zip(before, number, strict=True) if old is not None)
    kept: dict[int, str] = {}
    for (old, cluster), _ in sorted(votes.items(), key=lambda vote: (-vote[1], vote[0])):
        if old not in kept.values() and cluster not in kept:
            kept[cluster] = old
    return kept


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["ca", "cb", "cc", "cd", None]), min_size=_SIZE, max_size=_SIZE),
    st.lists(st.integers(0, 4), min_size=_SIZE, max_size=_SIZE),
)
def test_ids_go_where_most_of_their_records_went(before: list[str | None], labels: list[int]) -> None:
    number = _numbered(labels)
    found = Identities(_PEOPLE, np.array(number), _crosswalk(before))
    kept = _by_the_book(before, number)
    ids = found.ids.to_pylist()
    assert len(set(ids)) == len(ids) == max(number) + 1
    for cluster, name in enumerate(ids):
        first = ("crm", str(number.index(cluster)))
        assert name == kept.get(cluster, fresh_id(first, set()))
    events = found.events(
        lambda ours, theirs: f"{len(ours)} and {len(theirs)}", lambda ours, theirs: f"{len(ours)} and {len(theirs)}"
    )
    gone = {name for name in before if name is not None} - set(kept.values())
    assert {event["other_id"] for event in events if event["event"] == "merge"} == gone
    moves = {(old, cluster) for old, cluster in zip(before, number, strict=True) if old is not None}
    assert len(events) == sum(kept.get(cluster) != old for old, cluster in moves)


def test_an_id_in_use_is_never_given_again() -> None:
    taken = fresh_id(("crm", "0"), set())
    crosswalk = schema.CROSSWALK.build([{"source": "gone", "key": "1", "client_id": taken}])
    found = Identities(_PEOPLE, np.arange(_SIZE), crosswalk)
    assert taken not in set(found.ids.to_pylist())
    assert len(set(found.ids.to_pylist())) == _SIZE


def test_ids_are_the_same_in_every_version_of_the_program() -> None:
    """A client loaded once must not get another id from an update: these are never to be changed."""
    assert fresh_id(("crm", "1"), set()) == "c77f77cf121318e9"
    assert fresh_id(("магазин", "ا2"), set()) == "c66e2f272bf44ec4"


def _ids(before: dict[int, str], number: list[int]) -> list[str]:
    known = [before.get(key) for key in range(_SIZE)]
    ids: list[str] = Identities(_PEOPLE, np.array(number), _crosswalk(known)).ids.to_pylist()
    return ids


@pytest.mark.parametrize("joined", [(0, 1), (3, 7), (5, 6)])
def test_a_merge_that_is_undone_gives_each_record_its_own_id_again(joined: tuple[int, int]) -> None:
    alone = list(range(_SIZE))
    own = _ids({}, alone)
    together = list(_numbered([joined[0] if key == joined[1] else key for key in alone]))
    merged = _ids(dict(enumerate(own)), together)
    assert len(set(merged)) == _SIZE - 1
    assert _ids({key: merged[together[key]] for key in alone}, alone) == own


def test_an_id_that_went_comes_back_for_the_record_it_was_made_from_only() -> None:
    gone = fresh_id(("crm", "8"), set())
    before = dict.fromkeys(range(_SIZE), "ca")
    assert gone in _ids(before, [0] * 8 + [1])
    assert gone not in _ids(before, [0] * 7 + [1, 1]), "made from the smallest record of a client"
