"""People who live together are not merged: they share everything but what is a person's own."""

from __future__ import annotations

import numpy as np
import pytest

from crm_etl import schema
from crm_etl.match import Parties, cluster, score
from crm_etl.migration import Matching
from tests.match.factories import parties, person

_GIVEN = {"Anna": "f", "Boris": "m", "Viktor": "m", "Galina": "f", "Dmitri": "m", "Elena": "f", "Kirill": "m"}
_SYLLABLES = ("ba", "ko", "mi", "ru", "te", "so", "na", "li", "vo", "da", "pe", "gu", "zo", "fe")
_MATCHING = Matching.model_validate({})


@pytest.mark.parametrize(
    ("given", "born"),
    [
        pytest.param(("Boris", "Viktor"), ("1990-05-17", "1990-05-17"), id="twin brothers"),
        pytest.param(("Boris", "Anna"), (None, None), id="a couple without birth dates"),
        pytest.param(("Dmitri", "Kirill"), ("1961-02-03", "1988-11-30"), id="father and son"),
    ],
)
@pytest.mark.parametrize("sources", [("crm", "shop"), ("crm",)], ids=["twice", "once"])
def test_people_of_one_household_stay_apart(
    given: tuple[str, str], born: tuple[str | None, str | None], sources: tuple[str, ...]
) -> None:
    draw = np.random.default_rng(5)
    rows = []
    for number in range(150):
        name, date = str(draw.choice(list(_GIVEN))), f"{draw.integers(1940, 2005)}-0{draw.integers(1, 10)}-11"
        rows += [_of_home(f"p{number}", name, date, source, number) for source in ("crm", "shop")]
    for home in range(1000, 1010):
        for name, birth in zip(given, born, strict=True):
            rows += [_of_home(f"t{home}:{name}", name, birth, source, home) for source in sources]
    frame = parties(*rows)
    found = Parties(frame)
    members = cluster(found, score(found, _MATCHING), _MATCHING, None, schema.CROSSWALK.empty()).members
    households = members[members["key"].str.startswith("t")]
    people = households["key"].str.partition(":")[2]
    assert people.groupby(households["client_id"]).nunique().max() == 1
    assert households["client_id"].nunique() == 20


def _of_home(key: str, given: str, born: str | None, source: str, home: int) -> dict[str, object]:
    draw = np.random.default_rng(home)
    family = "".join(draw.choice(_SYLLABLES, 3)).capitalize() + "v"
    street = "".join(draw.choice(_SYLLABLES, 4)) + f" {draw.integers(1, 200)}"
    phone = f"+7916{draw.integers(10**6, 10**7)}"
    return person(
        key,
        given,
        family,
        source=source,
        birth_date=born,
        city="Kyiv",
        street=street,
        phones=[phone],
        sex=_GIVEN[given],
    )
