"""What word lists say of many words at once is what they say of each."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_etl.normalize.names import given_names, tokens
from crm_etl.normalize.names.among import WordList, is_among
from crm_etl.normalize.names.tokens import BY_END, FEMALE, MALE, Role

_WORDS = st.text(alphabet="abeilmnorstуваинопрمحدرضا", min_size=1, max_size=12) | st.sampled_from(
    ["анна", "анналуиза", "محمدرضا", "олег", "maria", "mariagrazia", "al", "ибн", "саша"]
)


def _array(*words: str) -> pa.Array:
    return pa.array(words, type=pa.large_string())


@settings(max_examples=100, deadline=None)
@given(st.lists(_WORDS, max_size=20))
def test_sexes_of_many_words_are_those_of_each(words: list[str]) -> None:
    assert given_names.sexes_of(_array(*words)).tolist() == [given_names.sexes(word) for word in words]


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("и", Role.INITIAL),
        ("yu", Role.INITIAL),
        ("petrovich", Role.PATRONYMIC),
        ("петровна", Role.PATRONYMIC),
        ("owns", Role.PLAIN),
        ("овна", Role.PLAIN),
        ("von", Role.PARTICLE),
        ("mr", Role.TITLE),
        ("иванов", Role.PLAIN),
    ],
)
def test_roles(word: str, role: Role) -> None:
    assert tokens.roles(_array(word, "ivan")).tolist() == [role, Role.PLAIN]


def test_sexes_tell_names_from_ends() -> None:
    words = _array("анна", "олег", "саша", "смирнова", "смирнов", "ова", "schmidt")
    found = tokens.sexes(words, given_names.sexes_of(words)).tolist()
    assert found == [FEMALE, MALE, 0, FEMALE + BY_END, MALE + BY_END, 0, 0]


def test_the_longest_end_of_a_surname_counts_and_given_names_have_none() -> None:
    words = _array("ivanov", "ivanova", "ivan", "ov")
    found = tokens.endings(words, given_names.sexes_of(words)).tolist()
    assert found[0] > 0
    assert found[1] > 0
    assert found[2:] == [0, 0]


def test_places_in_a_list() -> None:
    assert WordList(["a", "b"]).places(_array("b", "x", "a")).tolist() == [1, -1, 0]
    assert WordList(["a", "b", "c", "d"]).places(_array("b", "x", "a")).tolist() == [1, -1, 0]
    assert is_among(_array("b", "x"), {"b"}).to_pylist() == [True, False]
    assert np.array_equal(WordList(["a"]).places(_array()), np.zeros(0, dtype=np.int64))
    assert WordList([]).places(_array("a")).tolist() == [-1]
