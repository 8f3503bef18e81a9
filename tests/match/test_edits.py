"""Slips of the pen: the compiled counts equal those of rapidfuzz, on text of any script."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from crm_etl.match.edits import digits_off, letters, shortened, within_two

#: Few letters, so that texts are often near each other; an accented, a Cyrillic, a Persian one, and one beyond 16 bits.
TEXT = st.text(alphabet="abéжی😀", max_size=8)
DIGITS = st.text(alphabet="0123", min_size=8, max_size=8)


def _points(*texts: str) -> list[np.ndarray]:
    coded = letters(pa.array(texts, type=pa.large_string()))
    return [coded.points[coded.offsets[at] : coded.offsets[at + 1]] for at in range(len(texts))]


@settings(max_examples=300, deadline=None)
@given(TEXT, TEXT)
def test_two_edits_are_those_of_rapidfuzz(one: str, other: str) -> None:
    assert within_two(*_points(one, other)) == (OSA.distance(one, other) <= 2)


def test_letters_are_characters() -> None:
    assert [len(points) for points in _points("é", "", "سلام", "😀")] == [1, 0, 4, 1]
    assert len(letters(pa.array([], type=pa.large_string())).points) == 0


@settings(max_examples=300, deadline=None)
@given(DIGITS, DIGITS)
def test_digits_are_counted_and_an_exchange_of_neighbours_is_one(one: str, other: str) -> None:
    replaced = sum(a != b for a, b in zip(one, other, strict=True))
    expected = 1 if replaced == 2 and OSA.distance(one, other) == 1 else replaced
    assert digits_off(int(one, 16), int(other, 16)) == digits_off(int(other, 16), int(one, 16)) == expected


@pytest.mark.parametrize("texts", [("4512345", "4512354", "451345", "45123456", "9999999", "")])
def test_what_is_left_meets_where_one_slip_parts_two_texts(texts: tuple[str, ...]) -> None:
    offsets, hashes = shortened(letters(pa.array(texts, type=pa.large_string())))
    left = [set(hashes[offsets[at] : offsets[at + 1]].tolist()) for at in range(len(texts))]
    met = {(a, b) for a, b in combinations(range(len(texts)), 2) if left[a] & left[b]}
    near = {(a, b) for a, b in combinations(range(len(texts)), 2) if OSA.distance(texts[a], texts[b]) <= 1}
    assert near <= met
    assert all(OSA.distance(texts[a], texts[b]) <= 2 for a, b in met)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=8))
def test_letters_are_code_points(texts: list[str]) -> None:
    found = letters(pa.array(texts, type=pa.large_string()))
    assert found.offsets.tolist() == [0, *np.cumsum([len(text) for text in texts]).tolist()]
    assert found.points.tolist() == [ord(letter) for text in texts for letter in text]
