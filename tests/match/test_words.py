"""Likeness of romanized words: a table of cases, and agreement with rapidfuzz and the readable skeletons."""

from __future__ import annotations

from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, JaroWinkler

from crm_etl.match import initials, words
from crm_etl.match.words import DIFFERS, INITIAL, NONE, SAME, SIMILAR, SOUNDS
from crm_etl.normalize.names.languages.variants import in_full, variants
from crm_etl.normalize.names.skeletons import coarse

_ALIKE = 0.9


def _read(values: list[str]) -> words.Words:
    return words.read(pa.array(values, pa.large_string()))


def _levels(values: list[str], pairs: list[tuple[int, int]], alike: float = _ALIKE) -> list[int]:
    left, right = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return words.levels(_read(values), left, right, alike).tolist()


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("melnik", "melnyk", SOUNDS),
        ("mykola", "nikolai", SOUNDS),
        ("evgeniia", "zhenya", SIMILAR),
        ("gholamreza", "reza", SIMILAR),
        ("ali", "reza", DIFFERS),
        ("zimko", "zitko", SIMILAR),
        ("petrov", "sidorenko", DIFFERS),
        ("k", "konstantin", INITIAL),
        ("o", "aleksei", INITIAL),
        ("ia", "iana", INITIAL),
        ("e", "liz", INITIAL),
        ("k", "anna", DIFFERS),
        ("k", "c", INITIAL),
        ("7", "anna", DIFFERS),
    ],
)
def test_words_are_alike_in_degrees(one: str, other: str, level: int) -> None:
    assert _levels([one, other], [(0, 1), (1, 0), (0, 0), (0, -1)]) == [level, level, SAME, NONE]


def _expected(one: str, other: str) -> int:
    """The rules of the module's docstring, said with other libraries."""
    likeness = JaroWinkler.similarity(*sorted([one, other], key=lambda word: (len(word), word)))
    one_sound = any(len(next(iter(coarse(word)), "")) < 2 for word in (one, other))
    plausible = likeness >= 0.72 and min(len(one), len(other)) >= 4 if one_sound else likeness >= 0.68
    full, every = ([set(known.get(word, ())) for word in (one, other)] for known in (in_full(), variants()))
    if (set(coarse(one)) & set(coarse(other)) and plausible) or full[0] & full[1]:
        return SOUNDS
    slip = one[0] == other[0] and min(len(one), len(other)) >= 5 and likeness >= 0.75 and OSA.distance(one, other) <= 1
    short = (full[0] & every[1]) | (every[0] & full[1])
    return SIMILAR if likeness >= _ALIKE or slip or short else DIFFERS


_WORDS = st.one_of(
    st.sampled_from(["aleksandr", "oleksandr", "sasha", "mariia", "marina", "shcherbak", "sherbak", "ali", "alireza"]),
    st.text("aeioktrsnmlv", min_size=3, max_size=9),
    st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=5, max_size=70),
)


@settings(deadline=None, max_examples=200)
@given(st.lists(_WORDS, min_size=2, max_size=5, unique=True), st.integers(0, 5))
def test_likeness_is_what_the_rules_say_in_whatever_order(values: list[str], slip: int) -> None:
    values = list(dict.fromkeys([*values, values[0][:slip] + values[0][slip + 1 :]]))
    pairs = [(a, b) for a, b in product(range(len(values)), repeat=2) if a != b]
    found = _levels(values, pairs)
    backwards = _levels(values[::-1], [(len(values) - 1 - a, len(values) - 1 - b) for a, b in pairs])
    assert found == backwards
    told = {pair: level for pair, level in zip(pairs, found, strict=True) if min(len(values[k]) for k in pair) > 4}
    known = {(a, b): _expected(values[a], values[b]) for a, b in told if max(len(values[a]), len(values[b])) <= 64}
    assert {pair: told[pair] for pair in known} == known


def test_words_that_sound_alike_first_of_all_have_one_first_sound() -> None:
    first = _read(["melnik", "melnyk", "petrov", "anna", "hanna"]).first_sound
    assert first[0] == first[1]
    assert len(set(first.tolist())) == 4


@pytest.mark.parametrize("size", [2**15, 2**16, 2**16 + 3])
def test_a_word_may_be_of_any_length(size: int) -> None:
    values = ["a" * size, "anna", "b" * size]
    assert _levels(values, [(0, 0), (0, 1), (1, 0), (0, 2)]) == [SAME, DIFFERS, DIFFERS, DIFFERS]


def test_wanted_words_are_found_among_others_wherever_they_stand() -> None:
    among = pa.array(["boris", "anna", "zhanna"], pa.large_string())
    assert sorted(initials.found(["anna", "vera", "boris"], among)) == [("anna", 1), ("boris", 0)]
    assert initials.found([], among) == []
    assert initials.found(["anna"], among[:0]) == []
