"""Blocking: every pair once, persons apart from organizations, large blocks dropped and listed."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from crm_etl import schema
from crm_etl.faults import Fault
from crm_etl.match import candidate_pairs
from crm_etl.match.blocking import _Blocks, pairs_of
from crm_etl.match.rules import RULES, rule_names
from crm_etl.match.encode import Parties, encode_lists
from crm_etl.migration import Matching
from tests.match.factories import MATCHING, crowd, organization, parties, person


def test_no_pair_stands_twice_and_left_is_before_right() -> None:
    frame, _ = crowd(200)
    pairs = candidate_pairs(frame, MATCHING).pairs
    assert list(pairs.columns) == schema.PAIRS.names
    assert len(pairs) > 100
    assert (pairs["left"] < pairs["right"]).all()
    assert not pairs.duplicated(["left", "right"]).any()


def test_a_pair_names_all_rules_that_made_it() -> None:
    frame = parties(
        person("1", "Anna", "Petrova", phones=["+79161234567"], emails=["anna.p@mail.example"]),
        person("2", "Anna", "Petrova", phones=["+79161234567;ext=5"], emails=["anna.p@mail.example"]),
    )
    rules = candidate_pairs(frame, MATCHING).pairs["rules"]
    assert len(rules) == 1
    assert {"name", "phone", "email"} <= set(rules[0].split("+"))


def test_spellings_of_one_name_in_three_scripts_meet() -> None:
    from crm_etl.normalize import names

    texts = ["Иванов Дмитрий", "Ivanov Dmitry", "ایوانف دمیتری"]
    frame = parties(*(person(str(n), name_keys=names.keys(names.parse(text))) for n, text in enumerate(texts)))
    pairs = candidate_pairs(frame, MATCHING).pairs
    assert set(zip(pairs["left"], pairs["right"], strict=True)) == {(0, 1), (0, 2), (1, 2)}


def test_names_in_the_wrong_columns_meet_the_right_ones() -> None:
    """No list of names knows these: only the columns said which is which, and one source exchanged them."""
    frame = parties(
        person("1", "Wittchen", "Ewan", birth_date="1992-06-18"),
        person("2", "Ewan", "Wittchen"),
        person("3", "Ewapn", "Witchen", birth_date="1992-06-18"),
    )
    found = candidate_pairs(frame, MATCHING).pairs
    rules = {(row.left, row.right): row.rules for row in found.itertuples()}
    assert "either_order" in rules[0, 1]
    assert "birth_letter" in rules[0, 2]


def test_changed_values_are_dropped_merged_and_counted_once() -> None:
    lists = encode_lists([["b2", "a1", "b1"], [], ["c1"], ["a2", "c2"]])
    changed = lists.change(lambda value: None if value[0] == "c" else value[0])
    cells = [sorted(changed.values[changed.codes[a:b]]) for a, b in pairwise(changed.offsets)]
    assert cells == [["a", "b"], [], [], ["a"]]
    assert encode_lists([[], []]).change(str).offsets.tolist() == [0, 0, 0]


def test_persons_and_organizations_never_meet() -> None:
    shared = {"phones": ["+79161234567"], "identifiers": ["ru_inn:7707083893"], "name_keys": ["fg:A|B", "og:A"]}
    frame = parties(person("1", **shared), organization("2", "Anna", **shared), person("3", **shared))
    pairs = candidate_pairs(frame, MATCHING).pairs
    assert list(zip(pairs["left"], pairs["right"], strict=True)) == [(0, 2)]


def test_a_large_block_is_dropped_and_listed_without_its_key() -> None:
    phone = "+74951112233"
    frame = parties(*(person(str(n), phones=[phone]) for n in range(6)))
    found = candidate_pairs(frame, Matching.model_validate({"max_block": 5}))
    assert found.pairs.empty
    assert found.dropped[["rule", "records", "pairs"]].to_dict("records") == [
        {"rule": "phone", "records": 6, "pairs": 15}
    ]
    assert phone not in found.dropped.to_json()
    assert found.facts["dropped_pairs"] == 15


def test_shared_registration_code_is_no_key() -> None:
    frame = parties(*(organization(str(n), f"Firm{n}", identifiers=["ru_kpp:770001001"]) for n in range(3)))
    assert candidate_pairs(frame, Matching.model_validate({"rules": ["identifier"]})).pairs.empty


def test_a_local_part_that_many_providers_know_is_a_role_and_no_key() -> None:
    offices = [organization(str(n), f"Firm{n}", emails=[f"office@firm{n}.example"]) for n in range(6)]
    names = [person(f"p{n}", emails=[f"petrova.anna@mail{n}.example"]) for n in range(2)]
    pairs = candidate_pairs(parties(*offices, *names), Matching.model_validate({"rules": ["email_local"]})).pairs
    assert list(zip(pairs["left"], pairs["right"], strict=True)) == [(6, 7)]


def test_only_the_rules_asked_for_run() -> None:
    frame, _ = crowd(50)
    found = candidate_pairs(frame, Matching.model_validate({"rules": ["phone"]}))
    assert set(found.pairs["rules"]) == {"phone"}


def test_an_unknown_rule_is_a_fault_that_lists_the_known_ones() -> None:
    with pytest.raises(Fault, match="sound_of_silence") as caught:
        candidate_pairs(parties(), Matching.model_validate({"rules": ["sound_of_silence"]}))
    assert all(name in str(caught.value) for name in rule_names())


def test_no_parties_no_pairs() -> None:
    assert candidate_pairs(parties(), MATCHING).pairs.empty


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_blocks_pair_like_a_plain_loop(rule) -> None:  # type: ignore[no-untyped-def]
    frame, _ = crowd(60)
    encoded = Parties(frame)
    left, right = _Blocks(rule, encoded).pairs(10_000)
    keys = [_keys_of(rule, encoded, position) for position in range(encoded.size)]
    expected = {(a, b) for a in range(encoded.size) for b in range(a + 1, encoded.size) if keys[a] & keys[b]}
    assert set(zip(left.tolist(), right.tolist(), strict=True)) == expected


def _keys_of(rule, encoded: Parties, position: int) -> set[tuple[object, ...]]:  # type: ignore[no-untyped-def]
    found: set[tuple[object, ...]] = {()}
    for feature in rule.features:
        column = feature(encoded)
        values = (
            column.expand(np.array([position]))[1].tolist()
            if hasattr(column, "expand")
            else [code for code in [int(column.codes[position])] if code >= 0]
        )
        found = {(*key, value) for key in found for value in values}
    return found


def test_the_toolkit_union_of_rules_gives_the_same_pairs() -> None:
    import recordlinkage

    from crm_etl.match.toolkit import KeyIndex

    frame, _ = crowd(80)
    encoded = Parties(frame)
    rules = [rule for rule in RULES if len(pairs_of(rule, encoded, 200)[0])]
    indexer = recordlinkage.Index()
    for rule in rules:
        blocks = _Blocks(rule, encoded)
        indexer.add(KeyIndex(rule.name, lambda blocks=blocks: blocks.pairs(200)))
    theirs = indexer.index(pd.DataFrame(index=pd.RangeIndex(encoded.size)))
    ours = candidate_pairs(encoded, MATCHING).pairs
    assert set(theirs) == set(zip(ours["left"], ours["right"], strict=True))
