"""Kin: what families and branches share tells no client, as far as the data know families and branches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from crm_etl import schema
from crm_etl.match.compare import COMPARISONS
from crm_etl.match.encode import PERSON, Parties
from crm_etl.match.kin import KIN, believed, odds, possible, taken
from crm_etl.match.model import declared, restore
from crm_etl.match.scoring import Scored, score
from tests.match.factories import MATCHING, parties, person

_GIVEN = ["Anna", "Boris", "Viktor", "Galina", "Dmitri", "Elena", "Kirill", "Larisa", "Oleg", "Sofia"]
_SYLLABLES = ["ba", "ko", "mi", "ru", "te", "so", "na", "li", "vo", "da", "pe", "gu", "zo", "fe"]
(HOUSEHOLD,) = KIN[PERSON]


def _codes(**levels: str) -> dict[str, np.ndarray]:
    return {
        entry.name: np.array([entry.code(levels[entry.name]) if entry.name in levels else -1], dtype=np.int8)
        for entry in COMPARISONS[PERSON]
    }


# ------------------------------------------------------------------------------------------------- the beliefs
def test_beliefs_name_every_level_and_add_up_to_one() -> None:
    for kind, sorts in KIN.items():
        table = {entry.name: entry for entry in COMPARISONS[kind]}
        for kin in sorts:
            for name, shares in believed(kin, 1000).levels.items():
                assert len(shares) == len(table[name].levels), (kin.name, name)
                assert shares.sum() == pytest.approx(1.0)
                assert (shares > 0).all()
            assert all(level in [known.name for known in table[name].levels] for name, level in kin.shares.items())


def test_so_many_pairs_are_believed_to_be_kin() -> None:
    for records in (0, 1, 2, 1000, 1_000_000):
        prior = believed(HOUSEHOLD, records).prior
        assert 0 < prior <= 0.1
    assert prior * 1_000_000 * 999_999 / 2 == pytest.approx(HOUSEHOLD.pairs * 1_000_000)


# ------------------------------------------------------------------------------------------------- the formula
def test_who_shares_nothing_is_no_kin() -> None:
    assert not possible(PERSON, HOUSEHOLD, _codes(name="same", birth_date="same", phones="differs")).any()
    assert possible(PERSON, HOUSEHOLD, _codes(name="differs", phones="same")).all()


def test_odds_are_those_of_bayes() -> None:
    codes, m = _codes(name="given_differs", phones="same", birth_date="differs"), declared(PERSON, "m")
    known = believed(HOUSEHOLD, 1000)
    found = odds(PERSON, HOUSEHOLD, known, np.array([3.0]), 0.001, m, codes)
    likely = known.prior / 0.001
    for name in ("name", "phones", "birth_date"):
        likely *= known.levels[name][codes[name][0]] / m[name][codes[name][0]]
    assert found[0] == pytest.approx(3.0 + np.log2(likely))


def test_two_sorts_take_together_what_makes_the_odds_right() -> None:
    one, other = np.array([5.0, -np.inf, 2.0]), np.array([3.0, 4.0, -np.inf])
    parts = taken([one, other])
    whole = -np.log2(1 + np.exp2(one) + np.exp2(other))
    assert np.allclose(parts[0] + parts[1], whole)
    assert (parts[0][1], parts[1][2]) == (0.0, 0.0)
    assert taken([]) == []
    assert np.allclose(taken([one])[0], -np.log2(1 + np.exp2(one)))
    assert np.all(np.concatenate(taken([np.full(1, -np.inf), np.full(1, -np.inf)])) == 0.0)


# ------------------------------------------------------------------------------------------------- learned of data
def _records(
    number: int, given: tuple[str, str], home: dict[str, Any], draw: np.random.Generator
) -> list[dict[str, Any]]:
    """Two records of one person at home in ``home``; the second one's given name may be another."""
    born = f"{draw.integers(1940, 2005)}-{draw.integers(1, 13):02d}-{draw.integers(1, 29):02d}"
    address = {name: value for name, value in home.items() if name != "family"}
    sides = zip(given, ("crm", "shop"), strict=True)
    return [person(f"{number}", name, home["family"], source=s, birth_date=born, **address) for name, s in sides]


def _home(draw: np.random.Generator) -> dict[str, Any]:
    street = "".join(draw.choice(_SYLLABLES, 4))
    family = "".join(draw.choice(_SYLLABLES, 3)).capitalize() + "v"
    return {"family": family, "city": "Kyiv", "street": f"{street} {draw.integers(1, 200)}"}


def _people(homes: int, under_each: int) -> tuple[Parties, Scored]:
    draw = np.random.default_rng(5)
    rows: list[dict[str, Any]] = []
    for number in range(homes):
        home = _home(draw)
        names = [str(name) for name in draw.permutation(_GIVEN)]
        for one in range(under_each):
            mistaken = under_each == 1 and number % 12 == 0
            given = (names[one], names[-1] if mistaken else names[one])
            rows += _records(number * under_each + one, given, home, draw)
    encoded = Parties(parties(*rows))
    return encoded, score(encoded, MATCHING)


def _keys(encoded: Parties, scored: Scored) -> tuple[np.ndarray, np.ndarray]:
    left, right = (scored.pairs[side].to_numpy() for side in ("left", "right"))
    return np.asarray(encoded.records(left)[1]), np.asarray(encoded.records(right)[1])


def test_where_no_families_live_a_mistaken_given_name_does_not_part() -> None:
    encoded, scored = _people(homes=400, under_each=1)
    one, other = _keys(encoded, scored)
    mistaken = (scored.pairs["level:name"] == 1) & (one == other)
    assert mistaken.sum() >= 25
    assert (scored.pairs[schema.PROBABILITY][mistaken] >= MATCHING.threshold).all()


def test_families_stay_apart_and_are_counted() -> None:
    encoded, scored = _people(homes=150, under_each=3)
    one, other = _keys(encoded, scored)
    assert (scored.pairs[schema.PROBABILITY][one != other] < MATCHING.review).all()
    many = restore(scored.model)[PERSON].kin["household"]
    few = restore(_people(homes=400, under_each=1)[1].model)[PERSON].kin["household"]
    assert many.prior > 3 * few.prior
    assert many.levels["address"][-1] > 0.8
