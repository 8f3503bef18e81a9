"""Texts as one: told apart whatever they hold, and joined as ever where they hold none of the signs for it."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_etl.joining import UNIT, join, join_columns

SIGNS = st.text(st.sampled_from("ab\x1e\x1f"), max_size=4)
ROWS = st.lists(st.tuples(SIGNS, SIGNS, SIGNS), min_size=1, max_size=30)


def columns(rows: list[tuple[str | None, ...]]) -> list[pa.Array]:
    return [pa.array(column, pa.large_string()) for column in zip(*rows, strict=True)]


@given(ROWS)
def test_other_texts_give_another_one(rows: list[tuple[str, ...]]) -> None:
    assert len({join(row) for row in rows}) == len(set(rows))


@given(ROWS)
def test_columns_are_joined_as_single_rows_are(rows: list[tuple[str, ...]]) -> None:
    assert join_columns(columns([*rows])).to_pylist() == [join(row) for row in rows]


@given(st.lists(st.text(st.characters(exclude_characters="\x1e\x1f", exclude_categories=["Cs"])), min_size=1))
def test_texts_without_the_signs_are_joined_by_the_separator_alone(texts: list[str]) -> None:
    assert join(texts) == UNIT.join(texts)


@pytest.mark.parametrize("nothing", ["", "\x00"])
def test_no_value_is_what_the_caller_says(nothing: str) -> None:
    rows: list[tuple[str | None, ...]] = [("a", None), (None, "b\x1f")]
    assert join_columns(columns(rows), nothing).to_pylist() == [f"a\x1f{nothing}", f"{nothing}\x1fb\x1e\x1f"]


def test_no_rows_are_none() -> None:
    assert join_columns([pa.array([], pa.large_string())] * 2).to_pylist() == []
