"""Texts made safe for spreadsheets and pages, and given back exactly."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_etl.neutral import guarded, neutral, restore, visible

STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
#: Texts of the characters that matter, far more often than chance would bring them.
ODD = st.text(
    alphabet=st.one_of(
        st.sampled_from("'=+-@\t\r\n _x0041⟨⟩U202E.59\u2400\u241b\u2421\u202e\u2067\u200f\ufeff\x00\x1b\x7f\x85\uff1d"),
        st.characters(),
    ),
    max_size=12,
)


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+79161234567", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", " =1", "-1e5", "--1", "＝1", "\n=1"],
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(cell: str) -> None:
    assert neutral(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell", ["-12.50", "0", "3", "Анна", "a=b", "", "علی", "7-495", "می‌خواهم", "two\nlines", "'t Hooft", "’Abd", "😀"]
)
def test_numbers_and_plain_text_stay(cell: str) -> None:
    assert neutral(cell) == cell


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("a\x00b", "a␀b"),
        ("\x1b[31mred", "␛[31mred"),
        ("del\x7f", "del␡"),
        ("two\r\nlines", "two␍\nlines"),
        ("x\x85y", "x⟨U+0085⟩y"),
        ("abc\u202egpj.exe", "abc⟨U+202E⟩gpj.exe"),
        ("\u2067نام\u2069", "⟨U+2067⟩نام⟨U+2069⟩"),
        ("\ufeff=1", "⟨U+FEFF⟩=1"),
        ("␀", "⟨U+2400⟩"),
        ("⟨U+202E⟩", "⟨U+27E8⟩U+202E⟩"),
        ("_x0041_", "⟨U+005F⟩x0041_"),
    ],
)
def test_what_nobody_sees_is_shown(cell: str, shown: str) -> None:
    assert visible(cell) == shown
    assert restore(neutral(cell)) == cell


@pytest.mark.parametrize("cell", ["'=x", "''=x", "'+380441234567", "'", "''", "' =1", "'-5", "'a"])
def test_apostrophes_that_were_there_survive(cell: str) -> None:
    assert restore(neutral(cell)) == cell


@given(ODD)
@example("'=x")
@example("⟨U+0041⟩")
@example("⟨U+FFFFFF⟩")
@example("__x005F_x0041_")
def test_every_text_comes_back_exactly(cell: str) -> None:
    assert restore(neutral(cell)) == cell


@given(ODD)
def test_no_text_starts_a_formula_or_hides_anything(cell: str) -> None:
    safe = neutral(cell)
    assert UNSEEN.search(safe) is None
    safe.encode("utf-8")
    if safe.lstrip(" \n\xa0\u200b").startswith(STARTS):
        assert re.fullmatch(r"-[0-9]+(\.[0-9]+)?", safe), "neither text nor a plain number"


@given(ODD)
def test_what_a_person_types_is_taken_as_it_stands(cell: str) -> None:
    """Restoring is total, and leaves alone what was never made neutral."""
    typed = restore(cell)
    assert isinstance(typed, str)
    if neutral(cell) == cell:
        assert typed == cell


def test_guarding_alone_changes_no_character() -> None:
    assert guarded("=\u202e") == "'=\u202e"
