from __future__ import annotations

import pytest

from crm_etl.normalize.names.languages.variants import same, variants
from crm_etl.normalize.text import fold


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Михаил", "میخائیل"),
        ("Михайло", "Michael"),
        ("mykhailo", "mikhail"),
        ("Миша", "Михаил"),
        ("Саша", "Олександр"),
        ("Саша", "Александра"),
        ("Bob", "Robert"),
        ("Peggy", "Margaret"),
        ("حسین", "Гусейн"),
        ("Hossein", "Хусейн"),
        ("محمد", "Mehmet"),
        ("علی‌رضا", "Alireza"),
        ("José", "jose"),
        ("Вольга", "Ольга"),
        ("Пётр", "петр"),
        ("Женя", "Євгенія"),
    ],
)
def test_forms_of_one_name(one: str, other: str) -> None:
    assert same(fold(one).replace(" ", ""), fold(other).replace(" ", ""))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Юрий", "Георгий"),
        ("Егор", "Игорь"),
        ("Ольга", "Олена"),
        ("Марина", "Мария"),
        ("حسن", "حسین"),
        ("Hassan", "Hussein"),
        ("James", "Jacob"),
        ("Оксана", "Ксения"),
        ("حامد", "احمد"),
        ("Иван", "Яхья"),
        ("Karen", "Catherine"),
    ],
)
def test_names_that_only_look_alike(one: str, other: str) -> None:
    assert not same(fold(one), fold(other))


def test_words_are_folded_and_groups_in_order_of_fullness() -> None:
    for word, groups in variants().items():
        assert word == fold(word).replace(" ", "")
        assert len(groups) == len(set(groups)) > 0
    assert variants()["саша"] == (variants()["александр"][0], variants()["александра"][0])
