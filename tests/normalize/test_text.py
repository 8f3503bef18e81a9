from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_etl.normalize import text


@given(st.text())
def test_clean_and_fold_settle(value: str) -> None:
    assert text.clean(text.clean(value)) == text.clean(value)
    assert text.fold(text.fold(value)) == text.fold(value)


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        ("\ufeffИва\u00adнов\u00a0 Пётр\u200e ", "Иванов Пётр"),
        ("حسین\u200cزاده", "حسین\u200cزاده"),
        ("\u200cحسین \u200c زاده\u200c", "حسین زاده"),
        ("Iva\u200cnov", "Ivanov"),
        ("ﻣﺤﻤﺪ", "محمد"),
        ("и\u0306", "й"),
    ],
)
def test_clean(value: str, cleaned: str) -> None:
    assert text.clean(value) == cleaned


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("علي كريمي", "علی کریمی"),
        ("حسین\u200cزاده", "حسین زاده"),
        ("Артём «ЁЛКА»", "артем елка"),
        ("۱۲۳", "123"),
        ("МАРИЯ-АННА", "мария анна"),
    ],
)
def test_fold_equates(left: str, right: str) -> None:
    assert text.fold(left) == text.fold(right)


@pytest.mark.parametrize(
    ("value", "code"),
    [("Иванов", "Cyrl"), ("رضا", "Arab"), ("Müller", "Latn"), ("12-3", "Zyyy"), ("", "Zyyy"), ("王小明", "Zyyy")],
)
def test_script(value: str, code: str) -> None:
    assert text.script(value) == code


def test_mojibake_is_proposed_and_plain_text_is_not() -> None:
    assert text.mojibake("Петя".encode().decode("latin-1")) == "Петя"
    assert text.mojibake("Пётр Иванов") is None
    assert text.mojibake("Müller") is None
    assert text.mojibake("رضا") is None


@pytest.mark.parametrize(("value", "lost"), [("Ив??ов", True), ("Ив?нов", True), ("Кто?", False), ("а\ufffd", True)])
def test_lost(value: str, lost: bool) -> None:
    assert text.has_lost(value) is lost
