"""Learning: u from all candidates, worth of rare values, decisions, and guards where there is little to learn from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crm_etl.match import decisions as judgements
from crm_etl.match.agreement import Decided, Patterns, counted, of_pairs
from crm_etl.match.compare import COMPARISONS
from crm_etl.match.draws import namesake_pairs, random_pairs
from crm_etl.match.em import Drawn, train
from crm_etl.match.encode import ORGANIZATION, PERSON, Parties
from crm_etl.match.kin import KIN, believed
from crm_etl.match.labels import labelled
from crm_etl.match.model import Codes, KindModel, count, declared, document, restore
from crm_etl.match.packing import Histogram, pack
from crm_etl.match.scoring import full_levels, judge, score
from crm_etl.match.weights import HIGHEST, LOWEST, SCALE
from crm_etl.migration import Matching
from tests.match.factories import crowd, parties, person


def _model() -> KindModel:
    return KindModel(PERSON, 10_000, 1e-4, declared(PERSON, "m"), declared(PERSON, "u"))


def _learned(people: Parties, said: Decided | None = None) -> tuple[KindModel, np.ndarray, np.ndarray, Codes]:
    """The model of all pairs of ``people``, and those pairs."""
    left, right = random_pairs(people, PERSON, 1, most=10**9)
    codes = full_levels(PERSON, people, left, right)
    every = Histogram.of(PERSON)
    every.add(pack(PERSON, codes))
    counts = count(PERSON, people, left, right)
    one, other = namesake_pairs(people, PERSON, 1)
    alike = Drawn(full_levels(PERSON, people, one, other), count(PERSON, people, one, other))
    return train(PERSON, people.size, codes, counts, Histogram.of(PERSON), every, alike, said), left, right, codes


@pytest.fixture(scope="module")
def people() -> tuple[Parties, np.ndarray]:
    frame, truth = crowd(350, seed=3)
    return Parties(frame), pd.factorize(truth["entity"])[0]


def test_m_and_prior_come_close_to_the_truth(people: tuple[Parties, np.ndarray]) -> None:
    model, left, right, codes = _learned(people[0])
    true = people[1][left] == people[1][right]
    assert model.prior == pytest.approx(true.mean(), rel=0.15)
    for name in ("birth_date", "phones", "emails"):
        seen = codes[name][true & (codes[name] >= 0)]
        share = (seen == len(model.m[name]) - 1).mean()
        assert model.m[name][-1] == pytest.approx(share, abs=0.1), name


def test_what_rarity_is_worth_rises_and_is_never_more_than_frequencies_say(people: tuple[Parties, np.ndarray]) -> None:
    learned = _learned(people[0])[0].learned["name"]
    assert len(learned) == HIGHEST - LOWEST + 1
    assert (np.diff(learned) >= -1e-9).all()
    assert (learned <= SCALE + 1e-9).all()


def test_rounds_of_learning_are_kept_and_settle(people: tuple[Parties, np.ndarray]) -> None:
    model = _learned(people[0])[0]
    assert model.trace[-1][1] < 1e-3
    kin = {sort.name: believed(sort, 0) for sort in KIN[ORGANIZATION]}
    firms = KindModel(ORGANIZATION, 0, 0.3, declared(ORGANIZATION, "m"), declared(ORGANIZATION, "u"), kin=kin)
    assert restore(document({PERSON: model, ORGANIZATION: firms}, 1))[PERSON].trace == model.trace


def test_what_could_not_be_learned_is_noted(people: tuple[Parties, np.ndarray]) -> None:
    model = _learned(people[0])[0]
    assert any(note.startswith("identifiers: no match has a value") for note in model.notes)
    assert np.allclose(model.m["identifiers"], declared(PERSON, "m")["identifiers"])


def test_without_duplicates_next_to_nothing_matches() -> None:
    frame = crowd(250, copies=0.0)[0]
    people = Parties(frame)
    model, left, right, codes = _learned(people)
    weights = model.weights(codes, count(PERSON, people, left, right))
    assert (weights > 4).sum() <= 2


def test_ten_records_of_each_person_are_found() -> None:
    base, truth = crowd(60, seed=9, copies=1.0)
    # Of another country each time, which is not compared: equal records would be copies, of which one counts.
    frames = [base.assign(source=base["source"] + str(turn), country=f"X{turn}") for turn in range(4)]
    people = Parties(pd.concat(frames, ignore_index=True))
    entity = np.tile(pd.factorize(truth["entity"])[0], 4)[people.row]
    model, left, right, codes = _learned(people)
    true = entity[left] == entity[right]
    found = model.weights(codes, count(PERSON, people, left, right)) > 0
    assert model.duplicates == pytest.approx(11, rel=0.15)
    assert (true & found).sum() / true.sum() > 0.9
    assert (true & found).sum() / found.sum() > 0.97


def test_a_name_alone_matches_if_it_is_rare_and_not_if_it_is_common() -> None:
    crowded = crowd(400, seed=5)[0]
    common = [person(f"c{n}", "Anna", "Petrova", source="crm") for n in range(12)]
    rare = [person(f"r{n}", "Zenobia", "Quirmbachova", source="crm") for n in range(2)]
    people = Parties(pd.concat([crowded, parties(*common, *rare)], ignore_index=True))
    model = _learned(people)[0]
    at = {key: position for position, key in enumerate(people.column("key"))}
    pairs = np.array([[at["c0"], at["c1"]], [at["r0"], at["r1"]]])
    weights = judge(model, people, pairs.min(axis=1), pairs.max(axis=1)).weight
    assert weights[0] < 0 < weights[1]


def test_decisions_move_m_and_records_that_are_gone_do_not_matter(people: tuple[Parties, np.ndarray]) -> None:
    encoded = people[0]
    model, left, right, codes = _learned(encoded)
    told = np.flatnonzero(codes["emails"] == 0)[:20]
    source, key = encoded.column("source"), encoded.column("key")
    pairs = zip(right[told], left[told], strict=True)
    rows = [(source[a], key[a], source[b], key[b], "same", "x", "", "") for a, b in pairs]
    rows.append(("gone", "1", "gone", "2", "different", "x", "", ""))
    said = pd.DataFrame(rows, columns=judgements.DECISIONS.names)
    ours, theirs, same = labelled(encoded, said, PERSON)
    assert len(ours) == len(told) > 0
    assert same.all()
    assert (ours < theirs).all()
    labels = Decided(full_levels(PERSON, encoded, ours, theirs), count(PERSON, encoded, ours, theirs), same)
    taught = _learned(encoded, labels)[0]
    assert taught.m["emails"][0] > model.m["emails"][0]
    assert len(labelled(encoded, None, PERSON)[0]) == 0
    assert len(labelled(Parties(parties()), said, PERSON)[0]) == 0


def test_decided_pairs_count_as_they_were_said(people: tuple[Parties, np.ndarray]) -> None:
    left, right = np.array([0, 1]), np.array([2, 3])
    codes = full_levels(PERSON, people[0], left, right)
    found = Decided(codes, count(PERSON, people[0], left, right), np.array([True, False])).patterns(_model())
    assert sorted(found.said.tolist()) == [-1, 1]
    assert (found.pairs == 5).all()


def test_what_people_were_asked_about_does_not_move_the_prior(people: tuple[Parties, np.ndarray]) -> None:
    """They are asked about likely pairs: answers teach what agreement is worth, not how many matches there are."""
    encoded, matching = people[0], Matching.model_validate({"random_pairs": 20_000})
    plain = score(encoded, matching)
    heavy = plain.pairs[(plain.pairs["weight"] > 0) & (encoded.kind[plain.pairs["left"]] == PERSON)].head(80)
    assert len(heavy) == 80
    source, key = encoded.column("source"), encoded.column("key")
    rows = [
        (source[a], key[a], source[b], key[b], "same", "x", "", "")
        for a, b in zip(heavy["left"], heavy["right"], strict=True)
    ]
    taught = score(encoded, matching, decisions=pd.DataFrame(rows, columns=judgements.DECISIONS.names))
    priors = [found.facts["prior"]["person"] for found in (plain, taught)]
    assert priors[1] == pytest.approx(priors[0], rel=0.1)
    learned_from = [found.model["kinds"]["person"]["notes"][0] for found in (plain, taught)]
    assert learned_from[0].split(" from ")[1] == learned_from[1].split(" from ")[1]


def test_patterns_count_every_pair_once(people: tuple[Parties, np.ndarray]) -> None:
    left, right = random_pairs(people[0], PERSON, 1, most=5000)
    codes = full_levels(PERSON, people[0], left, right)
    found: Patterns = of_pairs(_model(), codes, count(PERSON, people[0], left, right))
    assert found.pairs.sum() == len(left)
    assert ((found.bin >= 0) == (found.codes["name"] >= COMPARISONS[PERSON][0].rare_from)).all()
    histogram = Histogram.of(PERSON)
    histogram.add(pack(PERSON, codes))
    assert counted(histogram).join(found).pairs.sum() == 2 * len(left)
