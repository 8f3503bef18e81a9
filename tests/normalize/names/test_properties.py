"""What must hold for any text at all: nothing raises, nothing wavers, both sides count the same."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_etl.normalize.names import Hints, explain_pair, keys, parse, romanize, score_pairs

#: Any Unicode, and texts that look like names: letters of the scripts, what stands between them, words of lists.
LETTERS = "абвгдеёжийклмнопрстухцчшщыьэюяіїєґАБВИОabcdefghijoprstuvyzABJÖéñşابپتجحخدرزسشعفقکگلمنهویآئؤ‌"
WORDS = (
    "Иван", "Петрович", "Иванова", "г-н", "ООО", "Мар'яна", "محمد", "رضا", "سید", "حسین‌زاده", "شرکت", "دکتر", "Ali",
    "van", "der", "Dr.", "LLC", "O'Neil", "оглы", "(урожд.", "I.", "И.И.", "«", "»", ",", "،", "№", "5", "-", "—", "/",
)  # fmt: skip
NAMES = st.lists(st.sampled_from(WORDS) | st.text(LETTERS, max_size=8), max_size=6).map(" ".join)
TEXTS = st.text(max_size=40) | st.text(LETTERS + " .,-'«»()0123٤۵\u200c\u0301", max_size=40) | NAMES
#: The first call reads the languages' tables.
PATIENT = settings(deadline=None)
KINDS = st.sampled_from(["person", "organization"])
LANGUAGES = st.sampled_from([None, "ru", "uk", "fa", "en", "xx"])


@PATIENT
@given(TEXTS, KINDS | st.none(), LANGUAGES)
def test_parse_is_total_and_deterministic(text: str, kind: str | None, language: str | None) -> None:
    hints = Hints(kind=kind, language=language)  # type: ignore[arg-type]
    name = parse(text, hints)
    assert name == parse(text, hints)
    assert kind in (None, name.kind)


@PATIENT
@given(TEXTS, LANGUAGES)
def test_romanize_is_total_deterministic_and_idempotent(text: str, language: str | None) -> None:
    written = romanize(text, language)
    assert written == romanize(text, language)
    assert romanize(written, language) == written
    assert romanize(written) == written


@PATIENT
@given(TEXTS, KINDS)
def test_keys_are_total_sorted_and_none_twice(text: str, kind: str) -> None:
    name = parse(text, Hints(kind=kind))  # type: ignore[arg-type]
    found = keys(name)
    assert found == sorted(set(found)) == keys(name)
    assert all(found)


@PATIENT
@given(TEXTS, TEXTS, KINDS, LANGUAGES, LANGUAGES)
def test_scores_are_finite_symmetric_and_deterministic(
    a: str, b: str, kind: str, left: str | None, right: str | None
) -> None:
    (score,) = score_pairs([a], [b], kind, [left], [right])
    assert np.isfinite(score)
    assert score_pairs([b], [a], kind, [right], [left])[0] == score
    assert score_pairs([a], [b], kind, [left], [right])[0] == score


@PATIENT
@given(st.lists(st.tuples(TEXTS, TEXTS, KINDS), max_size=8))
def test_a_score_does_not_depend_on_its_batch(rows: Sequence[tuple[str, str, str]]) -> None:
    left, right, kinds = ([row[place] for row in rows] for place in range(3))
    together = score_pairs(left, right, kinds)
    assert together.dtype == np.float64
    assert together.shape == (len(rows),)
    alone = [score_pairs([a], [b], kind)[0] for a, b, kind in rows]
    assert together.tolist() == alone
    assert score_pairs(left[::-1], right[::-1], kinds[::-1]).tolist() == alone[::-1]


@PATIENT
@given(TEXTS, TEXTS, KINDS)
def test_an_explanation_has_the_score(a: str, b: str, kind: str) -> None:
    why = explain_pair(a, b, kind)
    assert why.score == pytest.approx(score_pairs([a], [b], kind)[0], abs=0.01)
    assert all(isinstance(sentence, str) and sentence for sentence in why.sentences())


@pytest.mark.parametrize(
    ("text", "kind"), product(["", " ", "123", "۱۲۳", "—", "«»", "\u200c", "!?"], ["person", "organization"])
)
def test_a_name_without_letters_is_no_evidence(text: str, kind: str) -> None:
    assert score_pairs([text, "Иван Петров", text], ["Ivan Petrov", text, text], kind).tolist() == [0.0, 0.0, 0.0]


def test_kinds_may_differ_from_pair_to_pair() -> None:
    left, right = ["Иван Петров", "ООО Вектор"], ["Ivan Petrov", "Vektor LLC"]
    kinds = ["person", "organization"]
    expected = [score_pairs([a], [b], kind)[0] for a, b, kind in zip(left, right, kinds, strict=True)]
    assert score_pairs(left, right, kinds).tolist() == expected


def test_no_pairs_have_no_scores() -> None:
    assert score_pairs([], []).shape == (0,)


@pytest.mark.parametrize(
    ("left", "right", "kind", "left_lang"),
    [
        (["a"], [], "person", None),
        (["a"], ["b"], ["person", "person"], None),
        (["a"], ["b"], "person", ["ru", "ru"]),
    ],
)
def test_lengths_that_differ_are_refused(
    left: list[str], right: list[str], kind: str | list[str], left_lang: list[str] | None
) -> None:
    with pytest.raises(ValueError, match=r"\d"):
        score_pairs(left, right, kind, left_lang)
