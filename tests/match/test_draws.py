"""Pairs drawn to learn from: of the right sort, by the seed, whatever the order of the rows."""

from __future__ import annotations

import numpy as np
import pytest

from crm_etl.match import names
from crm_etl.match.draws import namesake_pairs, random_pairs
from crm_etl.match.encode import ORGANIZATION, PERSON, Parties
from tests.match.factories import crowd, organization, parties, person


@pytest.fixture(scope="module")
def people() -> Parties:
    return Parties(crowd(120)[0])


def test_namesakes_bear_one_name_and_none_meets_itself(people: Parties) -> None:
    left, right = namesake_pairs(people, PERSON, 1)
    codes = names.full_name(people).codes
    assert len(left) == (names.full_name(people).count_of(np.arange(people.size)) > 1).sum()
    assert (left < right).all()
    assert (codes[left] == codes[right]).all()
    assert (codes[left] >= 0).all()


def test_of_many_namesakes_so_many_are_drawn_by_the_seed(people: Parties) -> None:
    one, same, other = (np.stack(namesake_pairs(people, PERSON, seed, most=40)) for seed in (1, 1, 2))
    assert one.shape == (2, 40)
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_firms_meet_by_their_name_and_never_persons() -> None:
    rows = [organization(str(n), "Romashka" if n < 3 else f"Firm{n}") for n in range(5)]
    encoded = Parties(parties(*rows, person("9", "Anna", "Romashka")))
    left, right = namesake_pairs(encoded, ORGANIZATION, 1)
    assert set(left.tolist()) | set(right.tolist()) <= {0, 1, 2}
    assert len(left) == 3
    assert len(namesake_pairs(encoded, PERSON, 1)[0]) == 0


def test_random_pairs_are_of_one_kind_and_never_one_record(people: Parties) -> None:
    left, right = random_pairs(people, PERSON, 1, most=1000)
    assert (left != right).all()
    assert len(random_pairs(people, ORGANIZATION, 1)[0]) == 0
