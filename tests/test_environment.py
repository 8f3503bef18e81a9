"""Variables of the environment: what is written as a literal comes back as it was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm_etl.environment import fill, is_variable, literal

_TEXTS = st.text(st.sampled_from("${}AB_1 "), max_size=20)


@given(_TEXTS)
def test_a_literal_is_the_text_again(text: str) -> None:
    assert fill(literal(text), lambda name: "filled") == text


def test_a_variable_is_filled_and_an_escaped_one_is_not() -> None:
    assert fill("a ${A} $${A} $A ${1}", str.lower) == "a a ${A} $A ${1}"


def test_literals_of_settings_within_settings() -> None:
    assert literal({"a": ["${A}", 1, {"b": "${B}"}]}) == {"a": ["$${A}", 1, {"b": "$${B}"}]}


def test_a_variable_is_one_and_nothing_else() -> None:
    assert is_variable("${A}")
    assert not any(map(is_variable, ("", "${A} ", "$${A}", "${A}${B}", "A")))
