"""The model: weights add up, are monotone and bounded, learned without labels, the same to the bit."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crm_etl import schema
from crm_etl.faults import StateFault
from crm_etl.match import Scored, score
from crm_etl.match.compare import COMPARISONS
from crm_etl.match.decisions import DECISIONS
from crm_etl.match.draws import random_pairs
from crm_etl.match.encode import PERSON, Parties
from crm_etl.match.kin import KIN, believed
from crm_etl.match.labels import FEWEST_LABELS
from crm_etl.match.model import KindModel, declared, restore
from crm_etl.match.scoring import judge, sides
from crm_etl.match.signs import in_play, least_play
from crm_etl.migration import Matching
from tests.match.factories import MATCHING, crowd, organization, parties, person


def _scored(frame: pd.DataFrame, matching: Matching = MATCHING) -> Scored:
    return score(Parties(frame), matching)


@pytest.fixture(scope="module")
def people() -> tuple[pd.DataFrame, pd.DataFrame]:
    return crowd(250)


@pytest.fixture(scope="module")
def scored(people: tuple[pd.DataFrame, pd.DataFrame]) -> Scored:
    return _scored(people[0])


def _model() -> KindModel:
    kin = {sort.name: believed(sort, 10_000) for sort in KIN[PERSON]}
    return KindModel(PERSON, 10_000, 1e-4, declared(PERSON, "m"), declared(PERSON, "u"), kin=kin)


def test_declared_probabilities_add_up_to_one() -> None:
    for kind in COMPARISONS:
        for which in ("m", "u"):
            for name, values in declared(kind, which).items():
                assert values.sum() == pytest.approx(1.0, abs=1e-4), (kind, which, name)


def test_weights_never_fall_from_level_to_level(scored: Scored) -> None:
    for model in [*restore(scored.model).values(), _model()]:
        for entry in COMPARISONS[model.kind]:
            weights = model.level_weights(entry.name)
            assert (np.diff(weights) >= 0).all(), entry.name
            for level, weight in zip(entry.levels, weights, strict=True):
                assert weight <= level.most


def test_the_frame_has_pairs_levels_weight_and_probability(scored: Scored) -> None:
    names = [name for name in scored.pairs.columns if name.startswith(schema.LEVEL_PREFIX)]
    assert list(scored.pairs.columns) == [*schema.PAIRS.names, *names, schema.WEIGHT, schema.PROBABILITY]
    assert {str(scored.pairs[name].dtype) for name in names} == {"int8"}
    assert scored.pairs[schema.PROBABILITY].between(0, 1).all()


def test_weights_are_the_sum_of_the_waterfall(people: tuple[pd.DataFrame, pd.DataFrame], scored: Scored) -> None:
    model = restore(scored.model)[PERSON]
    left, right = sides(scored.pairs)
    judged = judge(model, Parties(people[0]), left, right)
    assert np.allclose(judged.parts.sum(axis=1) + model.prior_weight, scored.pairs[schema.WEIGHT])


def test_true_pairs_are_told_from_others(people: tuple[pd.DataFrame, pd.DataFrame], scored: Scored) -> None:
    truth = people[1]
    entity = truth["entity"].to_numpy(dtype=object)
    left, right = sides(scored.pairs)
    true = entity[left] == entity[right]
    probable = scored.pairs[schema.PROBABILITY].to_numpy() >= MATCHING.threshold
    assert (true & probable).sum() / probable.sum() > 0.98
    assert (true & probable).sum() / true.sum() > 0.85


def test_no_value_is_no_evidence() -> None:
    bare = person("2", "Anna", "Petrova", source="shop")
    full = person("1", "Anna", "Petrova", phones=["+1"], birth_date="1984-03-21", emails=["anna.petrova@x.ru"])
    other = person("3", "Anna", "Petrova", source="cards")
    encoded = Parties(parties(full, bare, other))
    judged = judge(_model(), encoded, np.array([0, 1]), np.array([1, 2]))
    assert judged.weight[0] == judged.weight[1]


def test_a_rare_value_counts_for_more() -> None:
    many = [person(str(n), "Anna", "Petrova", phones=["+1", f"+2{n:03d}"]) for n in range(60)]
    rare = [person(f"r{n}", "Zoya", "Brusnikina", phones=["+2"]) for n in range(2)]
    encoded = Parties(parties(*many, *rare))
    judged = judge(_model(), encoded, np.array([0, 60]), np.array([1, 61]))
    assert (judged.codes["name"][0], judged.codes["phones"][0]) == (judged.codes["name"][1], judged.codes["phones"][1])
    assert judged.weight[1] - judged.weight[0] > 2.0


def test_a_household_is_not_one_person() -> None:
    home = {"phones": ["+1"], "city": "Kyiv", "street": "ul franka 7", "emails": ["petrovy@x.ru"]}
    encoded = Parties(parties(person("1", "Anna", "Petrov", **home), person("2", "Boris", "Petrov", **home)))
    judged = judge(_model(), encoded, np.array([0]), np.array([1]))
    taken = judged.parts[0, len(COMPARISONS[PERSON]) :]
    assert taken.sum() < -15.0
    assert judged.weight[0] < -2.0


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"identifiers": ["ru_inn:1"]}, {"identifiers": ["ru_inn:2"]}),
        ({"birth_date": "1960-01-05", "given": "Boris"}, {"birth_date": "1984-03-21"}),
        (
            {"birth_date": "1960-01-05", "patronymic_latin": "ivanovich"},
            {"birth_date": "1984-03-21", "patronymic_latin": "petrovich"},
        ),
        ({"sex": "m", "given": "Evgen"}, {"sex": "f"}),
    ],
)
def test_contradictions_forbid(ours: dict[str, object], theirs: dict[str, object]) -> None:
    names = [{"given": "Evgenia", "family": "Petrov"} | side for side in (ours, theirs)]
    frame = parties(*(person(key, **cells) for key, cells in zip(("1", "2"), names, strict=True)))
    assert judge(_model(), Parties(frame), np.array([0]), np.array([1])).forbidden.all()


@pytest.mark.parametrize(("street", "forbidden"), [("Hill Road 26", False), ("Mill Lane 5", True)])
def test_another_given_name_and_birth_date_at_one_address_weigh_against_and_do_not_forbid(
    street: str, forbidden: bool
) -> None:
    home = {"city": "York", "postal_code": "3070", "country": "AU"}
    ours = person("1", given="Joel", family="Ryan", birth_date="1932-02-13", street="Hill Road 26", **home)
    theirs = person("2", given="Emalcene", family="Ryan", birth_date="1972-06-25", street=street, **home)
    judged = judge(_model(), Parties(parties(ours, theirs)), np.array([0]), np.array([1]))
    assert judged.forbidden.tolist() == [forbidden]
    assert judged.weight[0] < 0


def test_two_runs_give_the_same_bits(people: tuple[pd.DataFrame, pd.DataFrame], scored: Scored) -> None:
    again = _scored(people[0])
    assert json.dumps(again.model) == json.dumps(scored.model)
    pd.testing.assert_frame_equal(again.pairs, scored.pairs, check_exact=True)


def test_the_order_of_rows_changes_no_bit_of_the_model(
    people: tuple[pd.DataFrame, pd.DataFrame], scored: Scored
) -> None:
    shuffled = people[0].sample(frac=1.0, random_state=5).reset_index(drop=True)
    assert json.dumps(_scored(shuffled).model) == json.dumps(scored.model)


def test_random_pairs_are_drawn_by_seed_and_by_rank() -> None:
    frame, _ = crowd(40)
    encoded = Parties(frame)
    one, other = random_pairs(encoded, PERSON, 1, most=100), random_pairs(encoded, PERSON, 2, most=100)
    assert not np.array_equal(one[0], other[0])
    assert len(random_pairs(encoded, PERSON, 1)[0]) == encoded.size * (encoded.size - 1) // 2


def test_with_too_few_pairs_the_declared_m_stays_and_the_model_says_so() -> None:
    scored = _scored(parties(person("1", "Anna", "Petrova", phones=["+1"]), person("2", "Anna", "Petrova")))
    model = restore(scored.model)[PERSON]
    assert np.allclose(model.m["name"], declared(PERSON, "m")["name"])
    assert model.alike == {}
    assert all(model.kin[kin.name].prior == believed(kin, model.records).prior for kin in KIN[PERSON])
    assert any("too few matches" in note for note in scored.model["notes"])


def test_a_few_verdicts_do_not_move_the_model_and_many_do(people: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    frame = people[0]
    records = frame[frame["kind"] == "person"][["source", "key"]].astype(object)

    def said(count: int) -> pd.DataFrame:
        left, right = (
            records.iloc[:count].reset_index(drop=True),
            records.iloc[count : 2 * count].reset_index(drop=True),
        )
        sides = left.add_prefix("left_").join(right.add_prefix("right_"))
        return DECISIONS.conform(sides.assign(verdict="same", who="we", at="2026-01-01T00:00:00+00:00", why=""))

    plain = score(Parties(frame), MATCHING).model
    assert score(Parties(frame), MATCHING, decisions=said(FEWEST_LABELS - 1)).model == plain
    assert score(Parties(frame), MATCHING, decisions=said(FEWEST_LABELS)).model != plain


def test_no_parties_and_organizations_only() -> None:
    assert _scored(parties()).pairs.empty
    firms = [organization(str(n), "Luch", identifiers=["ru_inn:7707083893"], phones=["+1"]) for n in range(2)]
    assert _scored(parties(*firms)).pairs[schema.PROBABILITY].iloc[0] > 0.9


def test_the_document_is_the_model(scored: Scored) -> None:
    document = json.loads(json.dumps(scored.model))
    for kind, model in restore(document).items():
        for name in model.m:
            assert np.array_equal(model.m[name], restore(scored.model)[kind].m[name])
    for broken in ({"version": 99}, {"version": document["version"], "kinds": {"person": {}}}, {"kinds": []}):
        with pytest.raises(StateFault, match="another version"):
            restore(broken)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("kinds", "organization"), None),
        (("kinds", "person", "prior"), 0),
        (("kinds", "person", "comparisons", "name", "same", "m"), 0),
        (("kinds", "person", "comparisons", "name", "same", "u"), "often"),
        (("kinds", "person", "comparisons", "phones"), {}),
        (("kinds", "person", "kin", "household"), {"prior": 0.1, "levels": {"shoes": {"same": 1.0}}}),
        (("kinds", "person", "kin", "household", "prior"), 0),
        (("kinds", "person", "alike"), {"whole": {"phones": {"same": 1.0}}}),
        (("kinds", "person", "rarity"), {"name": {"from": -10, "weights": [1.0]}}),
        (("kinds", "person", "kin"), {}),
        (("kinds", "person", "alike"), {"nobody": {}}),
        (("kinds", "person", "comparisons", "name", "same", "weight"), "abc"),
        (("kinds", "person", "comparisons", "name", "same", "weight"), float("nan")),
    ],
)
def test_a_damaged_document_is_refused_before_anything_is_compared(
    scored: Scored, path: tuple[str, ...], value: Any
) -> None:
    document = json.loads(json.dumps(scored.model))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(StateFault, match="damaged"):
        restore(document)


def test_a_given_model_scores_as_it_did_when_it_was_learned(
    people: tuple[pd.DataFrame, pd.DataFrame], scored: Scored
) -> None:
    given = json.loads(json.dumps(scored.model))
    again = score(Parties(people[0]), MATCHING, model=given)
    pd.testing.assert_frame_equal(again.pairs, scored.pairs, check_exact=True)
    assert again.model == given


def test_hopeless_pairs_are_out_of_play() -> None:
    def pair(**levels: str) -> dict[str, np.ndarray]:
        return {
            entry.name: np.array([entry.code(levels[entry.name]) if entry.name in levels else -1], dtype=np.int8)
            for entry in COMPARISONS[PERSON]
        }

    def playing(records: int, **levels: str) -> bool:
        return bool(in_play(PERSON, pair(**levels), records).all())

    assert playing(100_000, name="same")
    assert playing(100_000, birth_date="same", phones="differs")
    assert playing(100_000, name="same", phones="same", emails="same", identifiers="same", address="same")
    assert not playing(100_000, name="same", birth_date="differs", address="differs", sex="differs")
    assert not playing(100_000, name="differs", address="city", sex="same")


def test_more_must_speak_for_a_pair_where_there_are_more_records() -> None:
    assert [least_play(records) for records in (0, 1, 5_000, 100_000, 1_000_000)] == [2, 2, 3, 8, 11]
