"""What strangers share is learned: it parts families, and joins who is mistaken for a stranger where there are none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from crm_etl import schema
from crm_etl.match.encode import PERSON, Parties
from crm_etl.match.model import restore
from crm_etl.match.scoring import Scored, score
from crm_etl.match.signs import STRANGERS
from crm_etl.match.weights import under_one_roof
from tests.match.factories import MATCHING, parties, person

_GIVEN = ["Anna", "Boris", "Viktor", "Galina", "Dmitri", "Elena", "Kirill", "Larisa", "Oleg", "Sofia"]
_SYLLABLES = ["ba", "ko", "mi", "ru", "te", "so", "na", "li", "vo", "da", "pe", "gu", "zo", "fe"]
_ONE_NAME = STRANGERS[PERSON].index({"name": ("given_differs",)})


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


def _bits(scored: Scored) -> float:
    """What the same address is worth between people with one family name."""
    return float(restore(scored.model)[PERSON].roof["address"][_ONE_NAME, -1])


def test_where_no_families_live_a_mistaken_given_name_does_not_part() -> None:
    encoded, scored = _people(homes=400, under_each=1)
    one, other = _keys(encoded, scored)
    mistaken = (scored.pairs["level:name"] == 1) & (one == other)
    assert mistaken.sum() >= 25
    assert (scored.pairs[schema.PROBABILITY][mistaken] >= MATCHING.threshold).all()


def test_families_stay_apart_for_what_they_share_is_worth_less() -> None:
    encoded, scored = _people(homes=150, under_each=3)
    one, other = _keys(encoded, scored)
    assert (scored.pairs[schema.PROBABILITY][one != other] < MATCHING.review).all()
    assert _bits(scored) < _bits(_people(homes=400, under_each=1)[1]) - 2.0


@pytest.mark.parametrize(
    ("bits", "alien", "level", "best", "added", "raised"),
    [
        (12.0, -1, 2, 0.0, 12.0, 0.0),
        (12.0, 0, 2, 0.0, 5.0, 5.0),
        (12.0, 0, 2, 3.0, 2.0, 5.0),
        (12.0, 0, 2, 7.0, 0.0, 7.0),
        (4.0, 0, 2, 0.0, 4.0, 4.0),
        (-3.0, 0, 0, 0.0, -3.0, 0.0),
    ],
)
def test_the_strongest_counts_and_once(
    bits: float, alien: int, level: int, best: float, added: float, raised: float
) -> None:
    most = np.array([best])
    between = np.array([[0.0, 1.0, 5.0]])
    found = under_one_roof(np.array([bits]), between, np.array([alien]), np.array([level]), most)
    assert (found.tolist(), most.tolist()) == ([added], [raised])
    nothing = under_one_roof(np.array([bits]), None, np.array([alien]), np.array([level]), np.zeros(1))
    assert nothing.tolist() == [0.0 if alien >= 0 and bits > 0 else bits]
