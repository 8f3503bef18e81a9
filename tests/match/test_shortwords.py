"""Short words in one number each: what is found is to the bit what is found letter by letter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_etl.match import shortwords, slips

_WORDS = st.one_of(
    st.text("abz", min_size=1, max_size=shortwords.LONGEST),
    st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=shortwords.LONGEST),
    st.sampled_from(["dmitri", "dmitrii", "martha", "marhta", "aleksandrova", "aleksandrov"]),
)


def _letters(text: str) -> slips.Letters:
    return np.array([ord(letter) for letter in text], dtype=np.uint32)


def _packed(text: str) -> np.uint64:
    return np.uint64(shortwords.packed(_letters(text), 0, len(text)))


@settings(deadline=None)
@given(_WORDS, _WORDS)
@example("martha", "marhta")
@example("aaaaaaaaaaaa", "aaaaaaaaaaaa")
@example("a", "z")
def test_a_likeness_is_that_of_the_letters(one: str, other: str) -> None:
    found = shortwords.jaro_winkler(_packed(one), len(one), _packed(other), len(other))
    assert found == slips.jaro_winkler(_letters(one + other), 0, len(one), len(one), len(other))


@settings(deadline=None)
@given(_WORDS, _WORDS)
@example("ab", "ba")
@example("abz", "aba")
def test_of_two_words_the_shorter_comes_first_then_the_one_before_in_the_alphabet(one: str, other: str) -> None:
    turned = shortwords.turned(_packed(one), len(one), _packed(other), len(other))
    assert turned == ((len(one), one) > (len(other), other))


@pytest.mark.parametrize("text", ["abcdefghijklm", "o'neil", "Anna", "anna1", "мария", "a`b", "a{b", ""])
def test_words_that_do_not_fit_have_no_number(text: str) -> None:
    assert _packed(text) == shortwords.UNFIT


@given(st.integers(0, 2**64 - 1))
@settings(deadline=None)
def test_bits_are_counted(number: int) -> None:
    assert shortwords.count_bits(np.uint64(number)) == number.bit_count()
