"""Encoding: the same codes from pandas and from Arrow, in whatever order the records come."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from threading import Event
from time import sleep

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_etl import schema
from crm_etl.match import columns, slices, texts
from crm_etl.match.encode import Codes, Lists, Parties, contains, distinct, encode, encode_lists, fold, together
from crm_etl.match.folding import folded
from crm_etl.normalize.emails import key as mailbox
from crm_etl.storage import write_frame
from tests.match.factories import crowd, organization, parties, person

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["Ёлкин", "O'Neil", "Müller", "علی", "a b", "=x", ""]
)
#: Hashes that must not change: stored fingerprints are made of them.
HASHES = {8744223830512062830, 11286133854226296554, 14140868922187979318}
_CELLS = st.lists(st.lists(_TEXT, max_size=5), max_size=20)


def _cells(codes: Codes) -> list[str | None]:
    return [None if code < 0 else codes.values[code] for code in codes.codes]


def _sets(lists: Lists) -> list[list[str]]:
    return [sorted(lists.values[lists.codes[a:b]]) for a, b in pairwise(lists.offsets)]


def _hashes(lists: Lists) -> list[list[int]]:
    return [sorted(lists.hashes[lists.codes[a:b]].tolist()) for a, b in pairwise(lists.offsets)]


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    some = parties(
        person("x9", "Ólafur", "O'Neil-Jónsson", phones=["+1", "+1"], other_names=["Олаф"], city="Reykjavík"),
        organization("x2", "Ромашка", city="", name_keys=["og:R", "o1:R", "og:R"]),
        {"source": "crm", "key": "x10", "kind": "person"},
    )
    return pd.concat([crowd(60)[0], some], ignore_index=True)


@pytest.fixture(params=["pandas", "arrow", "file"])
def encoded(
    request: pytest.FixtureRequest, people: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Parties:
    monkeypatch.setattr(columns, "_PIECE", 50)
    shuffled = people.sample(frac=1, random_state=3)
    if request.param == "pandas":
        return Parties(shuffled)
    write_frame(shuffled, tmp_path / "parties.parquet")
    if request.param == "file":
        return Parties.read(tmp_path / "parties.parquet")
    table = pq.read_table(tmp_path / "parties.parquet")
    halves = [table.slice(0, 50), table.slice(50)]
    return Parties(pa.concat_tables(halves))


def test_records_stand_in_the_order_of_source_and_key(encoded: Parties, people: pd.DataFrame) -> None:
    expected = people.sort_values(["source", "key"], kind="stable", ignore_index=True)
    assert encoded.column("key").tolist() == expected["key"].tolist()
    assert (encoded.position[encoded.row] == np.arange(encoded.size)).all()
    source, key = encoded.records(np.array([5, 0]))
    assert (source.tolist(), key.tolist()) == (
        [expected["source"][5], expected["source"][0]],
        [expected["key"][5], expected["key"][0]],
    )
    assert encoded.kind.tolist() == (expected["kind"] == "organization").astype(int).tolist()


@pytest.mark.parametrize("name", ["family_latin", "city", "birth_date", "legal_form"])
def test_text_is_coded_as_it_stands(encoded: Parties, people: pd.DataFrame, name: str) -> None:
    expected = people.sort_values(["source", "key"], kind="stable")[name]
    assert _cells(encoded.text(name)) == expected.to_numpy(dtype=object, na_value=None).tolist()
    folded = [None if cell is None else fold(cell) or None for cell in _cells(encoded.text(name))]
    assert _cells(encoded.folded(name)) == folded


@pytest.mark.parametrize("name", ["phones", "emails", "other_names", "name_keys"])
def test_lists_are_coded_as_they_stand_without_repetition(encoded: Parties, people: pd.DataFrame, name: str) -> None:
    expected = people.sort_values(["source", "key"], kind="stable")[name]
    assert _sets(encoded.lists(name)) == [sorted(set(cell)) for cell in expected]
    assert [list(cell) for cell in encoded.rows(name)] == expected.tolist()


@pytest.mark.parametrize("prefix", ["fg:", "og:", "zz:"])
def test_keys_are_those_with_the_prefix(encoded: Parties, prefix: str) -> None:
    every = encoded.lists("name_keys").only(
        np.array([value.startswith(prefix) for value in encoded.lists("name_keys").values])
    )
    assert _hashes(encoded.keys(prefix)) == _hashes(every)
    encoded.forget_keys()
    assert _hashes(encoded.keys(prefix)) == _hashes(every)


def test_codes_hang_on_the_values_and_not_on_their_place(people: pd.DataFrame) -> None:
    one, other = Parties(people), Parties(people.iloc[::-1])
    for ours, theirs in ((one.text("name"), other.text("name")), (one.lists("emails"), other.lists("emails"))):
        assert ours.codes.tolist() == theirs.codes.tolist()
        assert ours.values.tolist() == theirs.values.tolist()


def test_a_value_has_one_hash_in_every_run() -> None:
    assert encode(["Иванов", "", "a longer value than eight bytes"]).hashes.tolist() == sorted(HASHES)
    assert encode(np.array(["Иванов", None], dtype=object)).hashes[0] in HASHES


def test_parts_together_are_a_value_where_all_are_known() -> None:
    city, street = encode(["a", "a", "b", None, "a"]), encode(["x", "x", "x", "x", "y"])
    both = together(city, street)
    assert [both.codes[0] == code for code in both.codes] == [True, True, False, False, False]
    assert (both.codes[3], both.size, both.counts.sum()) == (-1, 3, 4)
    assert set(together(encode(["b"]), encode(["x"])).hashes) < set(both.hashes)
    assert not set(together(street, city).hashes) & set(both.hashes)


def test_nulls_within_lists_and_null_lists_are_nothing() -> None:
    table = pa.table(
        {"source": ["a", "a", "b"], "key": ["1", "2", "1"], "phones": [["+2", None, "+1", "+2"], None, []]}
    )
    assert _sets(Parties(table).lists("phones")) == [["+1", "+2"], [], []]
    assert _sets(Parties(table.slice(0, 1)).lists("phones")) == [["+1", "+2"]]


def test_no_records_are_no_codes() -> None:
    empty = Parties(schema.PARTY.empty())
    assert (len(empty.text("name").codes), empty.lists("phones").offsets.tolist()) == (0, [0])
    assert (empty.keys("fg:").size, empty.folded("city").size, len(empty.kind)) == (0, 0, 0)


def test_changed_values_are_dropped_merged_and_counted_once() -> None:
    lists = encode_lists([["b2", "a1", "b1"], [], ["c1"], ["a2", "c2"]])
    changed = lists.change(lambda value: None if value[0] == "c" else value[0])
    assert _sets(changed) == [["a", "b"], [], [], ["a"]]
    assert sorted(zip(changed.values, changed.counts.tolist(), strict=True)) == [("a", 2), ("b", 1)]
    assert encode_lists([[], []]).change(str).offsets.tolist() == [0, 0, 0]
    codes = encode(["b2", None, "a1", "b1", "c"]).change(lambda value: None if value == "c" else value[0])
    assert _cells(codes) == ["b", None, "a", "b", None]
    assert codes.count_of(np.arange(5)).tolist() == [2, 0, 1, 2, 0]


def test_lists_made_elsewhere_need_no_order() -> None:
    lists = Lists(np.array([0, 0, 3, 3, 5]), np.array([4, 0, 2, 2, 1]), np.array(list("abcde"), dtype=object))
    assert lists.shared(np.array([1, 0, 1]), np.array([3, 3, 1])).tolist() == [2, 0, 1]


@given(_CELLS, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_shared_is_the_count_of_the_rarest_common_value(cells: list[list[str]], random: object) -> None:
    lists = encode_lists(cells)
    count = Counter(value for cell in cells for value in set(cell))
    pairs = [(a, b) for a in range(len(cells)) for b in range(len(cells))]
    left, right = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    expected = [min((count[value] for value in set(cells[a]) & set(cells[b])), default=0) for a, b in pairs]
    assert lists.shared(left, right).tolist() == expected
    assert lists.both(left, right).tolist() == [bool(cells[a] and cells[b]) for a, b in pairs]


@given(st.lists(st.none() | _TEXT, max_size=30))
@settings(max_examples=100, deadline=None)
def test_coding_gives_every_cell_back(cells: list[str | None]) -> None:
    codes = encode(cells)
    assert _cells(codes) == cells
    assert codes.size == len({cell for cell in cells if cell is not None})
    assert (np.diff(codes.hashes.astype(object)) > 0).all()


@given(st.lists(_TEXT, max_size=30))
@settings(max_examples=100, deadline=None)
def test_folding_many_is_folding_each(values: list[str]) -> None:
    expected = [fold(value) or None for value in values]
    assert folded(texts.texts(values)).to_pylist() == expected


def test_many_values_are_numbered_like_few() -> None:
    values = [str(number * number % 7919) for number in range(20_000)]
    codes, count = encode(values), Counter(values)
    assert _cells(codes) == values
    assert codes.counts[codes.codes].tolist() == [count[value] for value in values]


def test_distinct_and_contains() -> None:
    assert distinct(np.array([3, 1, 3])).tolist() == [1, 3]
    assert contains(np.array([1, 3]), np.array([0, 1, 2, 3, 4])).tolist() == [False, True, False, True, False]
    assert contains(np.zeros(0, dtype=np.int64), np.array([1])).tolist() == [False]


ADDRESSES = st.lists(
    st.builds(
        "{}@{}".format,
        st.from_regex(r"\A[ab.+\-_é]{1,5}\Z"),
        st.sampled_from(
            ["gmail.com", "googlemail.com", "yandex.ru", "ya.ru", "proton.me", "pm.me", "me.com", "acme.de"]
        ),
    ),
    min_size=1,
    max_size=12,
    unique=True,
)


@settings(max_examples=200, deadline=None)
@given(ADDRESSES)
def test_mailboxes_are_those_of_each_address(addresses: list[str]) -> None:
    found = slices.mailboxes(pa.array(addresses, type=pa.large_string())).tolist()
    boxes = [mailbox(address) for address in addresses]
    assert [found.index(box) for box in found] == [boxes.index(box) for box in boxes]


@pytest.mark.parametrize(
    ("phone", "tail"), [("+79161234567", "161234567"), ("+79161234567;ext=5", "161234567"), ("12", "12")]
)
def test_the_tail_of_a_phone_ends_before_its_extension(phone: str, tail: str) -> None:
    one, other = slices.tails(pa.array([phone, tail], type=pa.large_string()), 9)
    assert one == other


def test_local_parts_are_counted_in_characters() -> None:
    hashes, sizes = slices.locals_of(pa.array(["жанна@x.ru", "жанна@y.ru", "x"], type=pa.large_string()))
    assert hashes[0] == hashes[1] != hashes[2]
    assert sizes.tolist() == [5, 5, 1]


def test_values_known_by_other_hashes_become_one_or_leave() -> None:
    lists = encode_lists([["b", "a"], [], ["a"], ["c"]])
    a, b, c = (lists.values.tolist().index(value) for value in "abc")
    hashes, kept = np.zeros(3, dtype=np.uint64), np.ones(3, dtype=np.bool_)
    hashes[[a, b, c]] = [7, 7, 9]
    kept[c] = False
    one = lists.rehashed(hashes)
    assert one.codes.dtype == one.offsets.dtype == np.int32
    assert _hashes(one) == [[7], [], [7], [9]]
    assert _hashes(lists.rehashed(hashes, kept)) == [[7], [], [7], []]


@settings(max_examples=50, deadline=None)
@given(_CELLS)
def test_entries_are_found_by_how_they_begin(cells: list[list[str]]) -> None:
    cells = [[f"fg:{entry}" if number % 2 else entry for number, entry in enumerate(cell)] for cell in cells]
    entries, bounds = texts.lists(pa.array(cells, pa.large_list(pa.large_string())))
    hashes, marks = texts.marked(entries)
    assert hashes.tolist() == texts.hashes(entries, np.arange(len(entries))).tolist()
    found, ends = texts.begin(hashes, marks, bounds, "fg:")
    wanted = [[entry for entry in cell if entry.startswith("fg:")] for cell in cells]
    assert np.diff(ends).tolist() == [len(cell) for cell in wanted]
    flat = pa.array([entry for cell in wanted for entry in cell], pa.large_string())
    assert found.tolist() == texts.hashes(flat, np.arange(len(flat))).tolist()


def test_threads_that_ask_at_once_get_the_same(people: pd.DataFrame) -> None:
    alone = Parties(people)
    together = Parties(people)
    asked = [lambda: together.row, lambda: together.hashes("key"), lambda: together.keys("fg:").offsets] * 8
    with ThreadPoolExecutor(8) as pool:
        found = [job.result().tolist() for job in [pool.submit(ask) for ask in asked]]
    assert found == [alone.row.tolist(), alone.hashes("key").tolist(), alone.keys("fg:").offsets.tolist()] * 8


def test_name_keys_are_not_kept_by_who_read_them_when_they_were_let_go_of(
    people: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded, begun = Parties(people), Event()
    read = columns.HashedLists.of

    def slowly(frame: columns.Frame, name: str) -> columns.HashedLists:
        begun.set()
        sleep(0.2)
        return read(frame, name)

    monkeypatch.setattr(columns.HashedLists, "of", slowly)
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(encoded.read_keys)
        begun.wait(5)
        encoded.forget_keys()
        reading.result()
    assert "keys" not in encoded._tables
