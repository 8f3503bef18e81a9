"""The error model: each damage does what it says, and the reference page states the rates in force."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from crm_etl.demo import errors
from crm_etl.demo.dice import Dice

_PAGE = Path(__file__).parents[2] / "docs" / "reference" / "demo-company.md"


def test_reference_page_states_the_rates() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\d.]+) \|", _PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert {name: float(rate) for name, rate in rows} == dataclasses.asdict(errors.RATES)


@pytest.mark.parametrize("text", ["Mohammad", "Хоссейни", "محمدرضا"])
def test_typo_is_one_edit_within_the_script(text: str) -> None:
    rng = Dice(1)
    found = {errors.typo(text, rng) for _ in range(200)}
    assert len(found) > 20
    assert max(OSA.distance(text, wrong) for wrong in found) == 1


@given(st.text(max_size=30), st.integers(0, 1000))
def test_damage_never_raises(text: str, seed: int) -> None:
    rng = Dice(seed)
    for damage in (errors.typo, errors.homoglyph, errors.blanks, errors.persian_noise, errors.cyrillic_noise):
        assert isinstance(damage(text, rng), str)
    assert len(errors.homoglyph(text, rng)) == len(text)


def test_homoglyph_looks_the_same_and_is_not() -> None:
    wrong = errors.homoglyph("Серов", Dice(1))
    assert wrong != "Серов"
    assert sum(letter.isascii() for letter in wrong) == 1


@given(st.integers(10**9, 10**10 - 1), st.integers(0, 1000))
def test_digit_typo_keeps_the_length(number: int, seed: int) -> None:
    assert len(errors.digit_typo(str(number), Dice(seed))) == 10


def test_dice_cover_their_range() -> None:
    rng = Dice(1)
    assert {rng.randint(1, 6) for _ in range(500)} == {1, 2, 3, 4, 5, 6}
    assert {rng.randrange(3) for _ in range(200)} == {0, 1, 2}
    with pytest.raises(ValueError, match="empty"):
        rng.randrange(0)
