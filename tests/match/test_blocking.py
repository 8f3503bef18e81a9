"""Blocking: every pair once, persons apart from organizations, large blocks dropped and listed."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_etl.faults import Fault
from crm_etl.match import blocking, blockkeys, dropped, keysort
from crm_etl.match.encode import Lists, Parties
from crm_etl.match.rules import RULES, rule_names
from crm_etl.match.texts import Hashed
from crm_etl.migration import Matching
from tests.match.factories import MATCHING, brought_together, crowd, organization, parties, person


def _plan(frame, **settings):  # type: ignore[no-untyped-def]
    return blocking.plan(Parties(frame), Matching.model_validate(settings))


def _report(frame, **settings):  # type: ignore[no-untyped-def]
    return blocking.candidates(Parties(frame), Matching.model_validate(settings))


def test_no_pair_stands_twice_and_left_is_before_right() -> None:
    blocks = _plan(crowd(200)[0])
    left, right = blocks.every_pair()
    assert len(left) > 100
    assert (left < right).all()
    assert len(set(zip(left.tolist(), right.tolist(), strict=True))) == len(left)
    assert blocks.covers(left, right).all()


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_chunks_hold_the_same_pairs_whatever_their_size(size: int) -> None:
    blocks = _plan(crowd(120)[0])
    chunks = [blocks.pairs(chunk) for chunk in blocks.chunks(size)]
    pairs = sorted(pair for left, right in chunks for pair in zip(left.tolist(), right.tolist(), strict=True))
    assert pairs == sorted(zip(*(side.tolist() for side in blocks.every_pair()), strict=True))
    assert sum(chunk.pairs for chunk in blocks.chunks(size)) == blocks.most


def test_keys_sorted_on_disk_make_the_same_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    frame, _ = crowd(150)
    whole = _plan(frame).every_pair()
    monkeypatch.setattr(blockkeys, "_RECORDS", 37)
    monkeypatch.setattr(keysort, "_MEGABYTE", 10)
    monkeypatch.setattr(keysort, "_BATCH", 2048)
    spilled = _plan(frame, memory=50)
    assert all(np.array_equal(one, other) for one, other in zip(whole, spilled.every_pair(), strict=True))
    assert _report(frame, memory=50).rules.equals(_report(frame).rules)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 40)), max_size=60),
    st.integers(1, 7),
    st.integers(2, 4),
    st.booleans(),
)
def test_equal_keys_come_together(entries: list[tuple[int, int]], size: int, most: int, on_disk: bool) -> None:
    entries.sort(key=lambda entry: entry[1])
    joint = np.array([(key * 0x2F35_9BD4 << 24) | position for key, position in entries], dtype=np.uint64)
    parts = [joint[at : at + size] for at in range(0, len(joint), size)]
    found = keysort.blocks(parts, 41, 0 if on_disk and len(parts) > 1 else 50, most)
    groups: dict[int, set[int]] = {}
    for key, position in entries:
        groups.setdefault(key * 0x2F35_9BD4 << 24, set()).add(position)
    kept = {key: sorted(group) for key, group in sorted(groups.items()) if 1 < len(group) <= most}
    assert found.keys.tolist() == list(kept)
    assert found.sizes.tolist() == [len(group) for group in kept.values()]
    assert found.members.tolist() == [position for group in kept.values() for position in group]
    large = {key: sorted(group) for key, group in sorted(groups.items()) if len(group) > most}
    assert found.large_keys.tolist() == list(large)
    assert found.large_sizes.tolist() == [len(group) for group in large.values()]
    assert found.large_members.tolist() == [group[: keysort.NAMED] for group in large.values()]
    assert found.entries == len(set(entries))


def test_many_keys_are_sorted_by_their_digits() -> None:
    draw = np.random.default_rng(3)
    for bits in (1, 9, 20):
        entries = draw.integers(0, 2**64, 30_000, dtype=np.uint64)
        entries[::3] = entries[0]
        low = np.uint64((1 << bits) - 1)
        entries = (entries & ~low) | np.minimum(np.arange(len(entries), dtype=np.uint64), low)
        assert np.array_equal(keysort.rising(entries.copy(), bits), np.sort(entries))


def test_covers_tells_pairs_that_no_rule_makes() -> None:
    blocks = _plan(crowd(40)[0])
    made = set(zip(*(side.tolist() for side in blocks.every_pair()), strict=True))
    left, right = np.triu_indices(blocks.size, k=1)
    assert blocks.covers(left, right).tolist() == [pair in made for pair in zip(left, right, strict=True)]


def test_a_pair_names_all_rules_that_made_it() -> None:
    frame = parties(
        person("1", "Anna", "Petrova", phones=["+79161234567"], emails=["anna.p@mail.example"]),
        person("2", "Anna", "Petrova", phones=["+79161234567;ext=5"], emails=["anna.p@mail.example"]),
    )
    assert {"name", "phone", "email"} <= brought_together(frame)[0, 1]


def test_spellings_of_one_name_in_three_scripts_meet() -> None:
    from crm_etl.normalize import names

    texts = ["Иванов Дмитрий", "Ivanov Dmitry", "ایوانف دمیتری"]
    frame = parties(*(person(str(n), name_keys=names.keys(names.parse(text))) for n, text in enumerate(texts)))
    assert set(brought_together(frame)) == {(0, 1), (0, 2), (1, 2)}


def test_names_in_the_wrong_columns_meet_the_right_ones() -> None:
    """No list of names knows these: only the columns said which is which, and one source exchanged them."""
    frame = parties(
        person("1", "Wittchen", "Ewan", birth_date="1992-06-18"),
        person("2", "Ewan", "Wittchen"),
        person("3", "Ewapn", "Witchen", birth_date="1992-06-18"),
    )
    rules = brought_together(frame)
    assert "either_order" in rules[0, 1]
    assert "birth_letter" in rules[0, 2]


def test_persons_and_organizations_never_meet() -> None:
    shared = {"phones": ["+79161234567"], "identifiers": ["ru_inn:7707083893"], "name_keys": ["fg:A|B", "og:A"]}
    frame = parties(person("1", **shared), organization("2", "Anna", **shared), person("3", **shared))
    positions = Parties(frame).position
    assert list(brought_together(frame)) == [tuple(sorted((positions[0], positions[2])))]


def test_a_large_block_is_dropped_and_listed_without_its_key() -> None:
    phone = "+74951112233"
    frame = parties(*(person(str(n), phones=[phone]) for n in range(6)))
    blocks = _plan(frame, max_block=5)
    found = _report(frame, max_block=5)
    assert not len(blocks.every_pair()[0])
    assert found.dropped[["rule", "records", "pairs", "examples"]].to_dict("records") == [
        {"rule": "phone", "records": 6, "pairs": 15, "examples": "crm:0, crm:1, crm:2"}
    ]
    assert blocks.dropped_by() == {"max_block": 15, "budget": 0}
    assert phone not in found.dropped.to_json()
    assert found.facts["dropped_pairs"] == 15


def test_shared_registration_code_is_no_key() -> None:
    frame = parties(*(organization(str(n), f"Firm{n}", identifiers=["ru_kpp:770001001"]) for n in range(3)))
    assert not brought_together(frame, Matching.model_validate({"rules": ["identifier"]}))


def test_a_local_part_that_many_providers_know_is_a_role_and_no_key() -> None:
    offices = [organization(str(n), f"Firm{n}", emails=[f"office@firm{n}.example"]) for n in range(6)]
    names = [person(f"p{n}", emails=[f"petrova.anna@mail{n}.example"]) for n in range(2)]
    found = brought_together(parties(*offices, *names), Matching.model_validate({"rules": ["email_local"]}))
    assert list(found) == [(6, 7)]


def test_only_the_rules_asked_for_run() -> None:
    frame, _ = crowd(50)
    found = brought_together(frame, Matching.model_validate({"rules": ["phone"]}))
    assert {rule for rules in found.values() for rule in rules} == {"phone"}


def test_an_unknown_rule_is_a_fault_that_lists_the_known_ones() -> None:
    with pytest.raises(Fault, match="sound_of_silence") as caught:
        _plan(parties(), rules=["sound_of_silence"])
    assert all(name in str(caught.value) for name in rule_names())


def test_no_parties_no_pairs() -> None:
    assert not brought_together(parties())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_blocks_pair_like_a_plain_loop(rule) -> None:  # type: ignore[no-untyped-def]
    frame, _ = crowd(60)
    encoded = Parties(frame)
    found = brought_together(frame, Matching.model_validate({"rules": [rule.name]}))
    keys = [_keys_of(rule, encoded, position) for position in range(encoded.size)]
    expected = {(a, b) for a, b in combinations(range(encoded.size), 2) if keys[a] & keys[b]}
    assert set(found) == expected


def test_the_largest_blocks_go_when_pairs_are_too_many() -> None:
    shared = [*["+79161234567"] * 30, *["+79161234568"] * 12, *["+79161234569"] * 3]
    frame = parties(*(person(str(n), phones=[phone], city=f"city {n}") for n, phone in enumerate(shared)))
    blocks = _plan(frame, rules=["phone"], pairs_per_record=2)
    assert (blocks.cap, blocks.most) == (12, 66 + 3)
    assert _report(frame, rules=["phone"], pairs_per_record=2).dropped["records"].tolist() == [30]
    assert blocks.dropped_by() == {"max_block": 0, "budget": 435}
    assert blocks.limits.budget == 90
    assert _plan(frame, rules=["phone"], pairs_per_record=100).most == 435 + 66 + 3


def test_a_number_of_pairs_counts_as_it_is_written_and_the_default_has_a_floor() -> None:
    assert blocking.budget(1000, Matching.model_validate({"pairs_per_record": 1})) == 1000
    assert blocking.budget(1000, MATCHING) == 6_000_000
    assert blocking.budget(1_000_000, MATCHING) == 16_000_000


def test_the_largest_dropped_blocks_name_some_of_their_records() -> None:
    shared = [*["+79161234567"] * 30, *["+79161234568"] * 40, *["+79161234569"] * 10]
    rows = [person(str(100 + number), phones=[phone]) for number, phone in enumerate(shared)]
    encoded = Parties(parties(*rows, person("1, or 2", phones=["+79161234568"])))
    blocks = blocking.plan(encoded, Matching.model_validate({"rules": ["phone"], "max_block": 20}))
    assert blocks.dropped_by() == {"max_block": 435 + 820, "budget": 0}
    assert dropped.largest(encoded, ["phone"], blocks.gone) == [
        {"rule": "phone", "records": 41, "pairs": 820, "examples": ["crm:1, or 2", "crm:130", "crm:131"]},
        {"rule": "phone", "records": 30, "pairs": 435, "examples": ["crm:100", "crm:101", "crm:102"]},
    ]


def test_of_each_rule_the_largest_dropped_blocks_are_told() -> None:
    encoded = Parties(parties(*(person(str(number)) for number in range(99))))
    some = np.zeros((12, keysort.NAMED), np.int32)
    names = dropped.Dropped(np.arange(12, dtype=np.uint64), np.arange(80, 92), some)
    phones = dropped.Dropped(np.arange(2, dtype=np.uint64), np.array([20, 30]), some[:2])
    told = [(line["rule"], line["records"]) for line in dropped.largest(encoded, ["name", "phone"], [names, phones])]
    assert told == [*(("name", size) for size in range(91, 81, -1)), ("phone", 30), ("phone", 20)]


def test_a_dropped_block_of_two_names_both() -> None:
    keys, sizes = np.array([5, 6, 7], np.uint64), np.array([3, 2, 4])
    found = dropped.of_blocks(keys, sizes, np.arange(9, dtype=np.int32), np.array([False, True, True]))
    assert (found.keys.tolist(), found.records.tolist()) == ([6, 7], [2, 4])
    assert found.some.tolist() == [[3, 4, -1], [5, 6, 7]]
    encoded = Parties(parties(*(person(str(number)) for number in range(9))))
    assert dropped.listed(encoded, ["phone"], [found])["examples"].tolist() == ["crm:3, crm:4", "crm:5, crm:6, crm:7"]


def _keys_of(rule, encoded: Parties, position: int) -> set[tuple[object, ...]]:  # type: ignore[no-untyped-def]
    found: set[tuple[object, ...]] = {()}
    for feature in rule.features:
        column = feature(encoded)
        values = (
            column.hashes[column.starts[position] : column.ends[position]].tolist()
            if isinstance(column, Hashed)
            else column.expand(np.array([position]))[1].tolist()
            if isinstance(column, Lists)
            else [code for code in [int(column.codes[position])] if code >= 0]
        )
        found = {(*key, value) for key in found for value in values}
    return found


def test_the_toolkit_union_of_rules_gives_the_same_pairs() -> None:
    from crm_etl.match import toolkit

    parties = Parties(crowd(80)[0])
    theirs = toolkit.indexer(parties, MATCHING).index(toolkit.frame(parties))
    ours = blocking.plan(parties, MATCHING).every_pair()
    assert set(theirs) == set(zip(*(side.tolist() for side in ours), strict=True))
