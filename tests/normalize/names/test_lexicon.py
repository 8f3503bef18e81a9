from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_etl.normalize.names.lexicon import expansion, lexicon, loose, meanings, plain


def names(word: str) -> set[str]:
    known = lexicon().names
    return {known[concept] for concept in meanings(plain(word))}


@pytest.mark.parametrize(
    ("word", "concept"),
    [
        ("институтом", "institute"),
        ("Університеті", "university"),
        ("універсітэт", "university"),
        ("университеті", "university"),
        ("московская", "moscow"),
        ("київського", "kyiv"),
        ("об’єднання", "association"),
        ("машиностроительный", "machine_building"),
        ("научно", "scientific"),
        ("банковский", "bank"),
        ("ұлттық", "national"),
        ("българска", "bulgaria"),
        ("دانشگاه", "university"),
        ("آموزشی", "education"),
        ("بیمارستان", "hospital"),
        ("فناوری", "technology"),
        ("الجامعة", "university"),
        ("zavod", "factory"),
        ("proizvodstvennoye", "production"),
        ("universities", "university"),
        ("université", "university"),
        ("Universität", "university"),
        ("companies", "company"),
    ],
)
def test_inflected_romanized_and_foreign_words_are_found(word: str, concept: str) -> None:
    assert concept in names(word)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("завод", "works"),
        ("государственный", "державний"),
        ("авиационный", "aviation"),
        ("библиотека", "کتابخانه"),
        ("страховая", "بیمه"),
        ("лікарня", "hospital"),
        ("نفت", "нефтяная"),
    ],
)
def test_translations_share_a_concept(one: str, other: str) -> None:
    assert names(one) & names(other)


@pytest.mark.parametrize("word", ["домодедово", "романов", "сатурн", "5", "", "x"])
def test_words_that_only_begin_like_known_ones_mean_nothing(word: str) -> None:
    assert names(word) == set()


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("нии", ["research", "institute"]),
        ("минздрава", ["ministry", "health"]),
        ("всероссийский", ["all", "russia"]),
        ("sberbank", ["savings", "bank"]),
        ("ромашка", []),
    ],
)
def test_abbreviations_are_spelled_out(word: str, meant: list[str]) -> None:
    assert [lexicon().names[concepts[0]] for concepts in expansion(word)] == meant


def test_the_lexicon_is_large_and_refers_to_itself_only() -> None:
    known = lexicon()
    assert len(known.names) >= 1_400
    assert all(0 <= concept < len(known.names) for meant in known.words.values() for concept in meant)


@given(st.text(max_size=20))
def test_looking_up_is_total(text: str) -> None:
    word = plain(text)
    assert plain(word) == word
    assert meanings(word) == meanings(word)
    assert isinstance(expansion(word), tuple)
    assert isinstance(loose(word), str)
