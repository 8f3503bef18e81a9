"""Compiled likeness of words agrees with rapidfuzz, whatever the script: characters are counted, never bytes."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA, Jaro, JaroWinkler

from crm_etl.match import slips

_NAMES = st.sampled_from(["мария", "марина", "محمد", "محمود", "anna", "hanna", "dmitri", "dmitrii", "щербак", "رضا"])
_TEXTS = st.one_of(_NAMES, st.text("abcdi", max_size=9), st.text("аблмно", max_size=9), st.text(max_size=slips.LONGEST))


def _laid(one: str, other: str) -> tuple[slips.Letters, int, int, int, int]:
    letters = np.array([ord(letter) for letter in f"<{one}|{other}>"], dtype=np.uint32)
    return letters, 1, len(one), len(one) + 2, len(other)


@settings(deadline=None)
@given(_TEXTS, _TEXTS)
@example("martha", "marhta")
@example("", "")
@example("", "a")
def test_jaro_and_winkler_are_those_of_rapidfuzz(one: str, other: str) -> None:
    assert abs(slips.jaro(*_laid(one, other)) - Jaro.similarity(one, other)) < 1e-12
    assert abs(slips.jaro_winkler(*_laid(one, other)) - JaroWinkler.similarity(one, other)) < 1e-12


@settings(deadline=None)
@given(_TEXTS, _TEXTS)
@example("martha", "marhta")
@example("ab", "ba")
@example("abc", "ab")
def test_one_slip_is_an_edit_distance_of_at_most_one(one: str, other: str) -> None:
    assert slips.one_slip(*_laid(one, other)) == (OSA.distance(one, other) <= 1)


@settings(deadline=None)
@given(_NAMES, st.integers(0, 3), st.integers(0, 7), st.sampled_from("abя"))
def test_a_slip_made_on_purpose_is_found(word: str, kind: int, place: int, letter: str) -> None:
    at = place % len(word)
    swapped = word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :]
    slip = [word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :], swapped]
    assert slips.one_slip(*_laid(word, slip[kind]))
    assert slips.one_slip(*_laid(slip[kind], word))
