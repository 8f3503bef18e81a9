"""Compiled skeletons of romanized words are those of the module that reads the rules."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_etl.normalize.names.languages.variants import variants
from crm_etl.normalize.names.skeletons import coarse
from crm_etl.normalize.names.sounding import coarse_codes, code

_SPELLED = st.text("abcdefghijklmnopqrstuvwxyz0123456789", max_size=24)
_PIECES = st.lists(
    st.sampled_from(["shch", "ou", "ay", "ts", "mps", "ian", "ch", "es", "ll", "v", "iers", "gi", "eddin", "kh", "w"])
)


def _read(words: list[str]) -> list[tuple[list[int], list[int]]]:
    letters = np.frombuffer("".join(words).encode(), dtype=np.uint8)
    hashes, at, lengths = coarse_codes(letters, np.cumsum([0, *map(len, words)]))
    return [(hashes[a:b].tolist(), lengths[a:b].tolist()) for a, b in pairwise(at.tolist())]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.one_of(_SPELLED, _PIECES.map("".join)), max_size=4))
def test_skeletons_are_the_same_compiled(words: list[str]) -> None:
    found = [coarse(word) for word in words]
    wanted = [([code(skeleton) for skeleton in every], [len(skeleton) for skeleton in every]) for every in found]
    assert _read(words) == wanted


def test_all_known_given_names_agree() -> None:
    words = [word for word in variants() if word.isascii() and word.isalpha()]
    assert len(words) > 1000
    assert [hashes for hashes, _ in _read(words)] == [[code(one) for one in coarse(word)] for word in words]


@pytest.mark.parametrize(("one", "other"), [("melnik", "melnyk"), ("khosravi", "khosrawi"), ("giscard", "zhiskar")])
def test_words_that_sound_alike_share_a_hash(one: str, other: str) -> None:
    (ours, _), (theirs, _) = _read([one, other])
    assert set(ours) & set(theirs)
