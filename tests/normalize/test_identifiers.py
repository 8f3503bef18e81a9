"""Identifier cells: labels, several numbers, zeros lost, letters of another script; check digits by table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_etl.migration import IDENTIFIER_TYPES
from crm_etl.normalize import identifiers, spreadsheets
from crm_etl.normalize.identifiers.checks import LENGTHS

GOOD = {
    "ru_inn": ["7707083893", "500100732259"],
    "ru_kpp": ["773601001", "7736A1001"],
    "ru_ogrn": ["1027700132195", "304500116000157"],
    "ru_snils": ["11223344595", "00100199801"],
    "ua_edrpou": ["32855961", "00032129"],
    "ua_rnokpp": ["1759013776"],
    "kz_bin": ["980540000397"],
    "by_unp": ["200988541", "MA1953684"],
    "az_voen": ["1401555071"],
    "md_idno": ["1008600038413"],
    "tr_tckn": ["17291716060"],
    "tr_vkn": ["4540536920"],
    "ir_national_id": ["0499370899", "0084575948"],
    "ir_company_id": ["14007650912", "10380284790"],
    "eu_vat": ["DE136695976", "EL094259216"],
    "passport": ["4509123456", "AB1234567"],
    "other": ["A-17"],
}


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in GOOD.items() for value in values])
def test_right_numbers(kind: str, value: str) -> None:
    assert identifiers.read(value, kind).value == (f"{kind}:{value}",)


@pytest.mark.parametrize("kind", sorted({*LENGTHS} - {"az_voen"}))
def test_one_wrong_digit_is_told(kind: str) -> None:
    value = GOOD[kind][0]
    others = [value[:-1] + digit for digit in "0123456789" if digit != value[-1]]
    assert [other for other in others if identifiers.read(other, kind).value] == []


def test_every_type_of_the_migration_file_has_a_check() -> None:
    assert set(identifiers.checks()) == set(IDENTIFIER_TYPES) == set(GOOD)


@pytest.mark.parametrize(
    ("cell", "kind", "values"),
    [
        ("ИНН 7707083893", "other", "ru_inn:7707083893"),
        ("ИНН: 7707083893", "ru_inn", "ru_inn:7707083893"),
        ("инн № 7707083893", "ru_inn", "ru_inn:7707083893"),
        ("ИНН/КПП 7707083893/773601001", "ru_inn", "ru_inn:7707083893 ru_kpp:773601001"),
        ("7707083893/773601001", "ru_inn", "ru_inn:7707083893 ru_kpp:773601001"),
        ("7707083893 773601001", "ru_inn", "ru_inn:7707083893 ru_kpp:773601001"),
        ("ИНН 7707083893, КПП 773601001", "other", "ru_inn:7707083893 ru_kpp:773601001"),
        ("ОГРН 1027700132195; ИНН 7707083893", "ru_inn", "ru_ogrn:1027700132195 ru_inn:7707083893"),
        ("ОГРНИП 304500116000157", "other", "ru_ogrn:304500116000157"),
        ("СНИЛС 112-233-445 95", "other", "ru_snils:11223344595"),
        ("код ЄДРПОУ 32855961", "other", "ua_edrpou:32855961"),
        ("ЕДРПОУ: 32855961", "ua_edrpou", "ua_edrpou:32855961"),
        ("РНОКПП 1759013776", "other", "ua_rnokpp:1759013776"),
        ("ІПН 1759013776", "other", "ua_rnokpp:1759013776"),
        ("БИН 980540000397", "other", "kz_bin:980540000397"),
        ("ЖСН/БСН 980540000397", "other", "kz_bin:980540000397"),
        ("УНП 200988541", "other", "by_unp:200988541"),
        ("УНП МА1953684", "other", "by_unp:MA1953684"),
        ("VÖEN 1401555071", "other", "az_voen:1401555071"),
        ("T.C. Kimlik No: 17291716060", "other", "tr_tckn:17291716060"),
        ("Vergi No 4540536920", "other", "tr_vkn:4540536920"),
        ("کد ملی: ۰۴۹۹۳۷۰۸۹۹", "other", "ir_national_id:0499370899"),
        ("کد\u200cملی ٠٤٩٩٣٧٠٨٩٩", "other", "ir_national_id:0499370899"),
        ("کدملی۰۴۹۹۳۷۰۸۹۹", "other", "ir_national_id:0499370899"),
        ("ک.م ۰۴۹-۹۳۷۰۸۹-۹", "other", "ir_national_id:0499370899"),
        ("к/м: 0499370899", "other", "ir_national_id:0499370899"),
        ("شناسه ملی 14007650912", "ir_national_id", "ir_company_id:14007650912"),
        ("شناسۀ ملی ۱۴۰۰۷۶۵۰۹۱۲", "other", "ir_company_id:14007650912"),
        ("VAT No. DE 136 695 976", "other", "eu_vat:DE136695976"),
        ("DЕ136695976", "eu_vat", "eu_vat:DE136695976"),
        ("паспорт 4509 123456", "other", "passport:4509123456"),
        ("7707083893; 7728168971", "ru_inn", "ru_inn:7707083893 ru_inn:7728168971"),
        ("TC-12", "other", "other:TC-12"),
        ("7707083893, 7707083894", "ru_inn", "ru_inn:7707083893"),
        ("7707083893 7736207543", "ru_inn", "ru_inn:7707083893 ru_inn:7736207543"),
        ("ИНН 7707083893 (ПАО Сбербанк)", "ru_inn", "ru_inn:7707083893"),
        ("ИНН 7707083893 (ПАО Сбербанк)", "other", "ru_inn:7707083893"),
        ("ИНН 7707083893 выдан 01.01.2000", "ru_inn", "ru_inn:7707083893"),
        ("ИНН 1759013776", "ua_rnokpp", "ua_rnokpp:1759013776"),
        ("ИНН 7707083893", "ru_ogrn", "ru_inn:7707083893"),
        ("паспорт серия 4508 № 123456", "passport", "passport:4508123456"),
        ("серия 45 08 номер 123456", "passport", "passport:4508123456"),
        ("4508 123456 выдан 01.01.2000", "passport", "passport:4508123456"),
        ("IV-АБ № 123456", "passport", "passport:IVАБ123456"),
        ("C01X00T47", "passport", "passport:C01X00T47"),
        ("просрочен", "passport", ""),
        ("паспорт утерян", "passport", ""),
        ("1234", "passport", ""),
        ("ИНН 7707083894", "ru_inn", ""),
        ("ИНН", "ru_inn", ""),
    ],
)
def test_cells(cell: str, kind: str, values: str) -> None:
    assert identifiers.read(cell, kind).value == tuple(values.split())


@pytest.mark.parametrize(
    ("cell", "kind", "value", "note"),
    [
        ("499370899", "ir_national_id", "0499370899", "zero_restored"),
        ("84575948", "ir_national_id", "0084575948", "zero_restored"),
        ("32129", "ua_edrpou", "00032129", "zero_restored"),
        ("32129.0", "ua_edrpou", "00032129", "zero_restored"),
        ("499370898", "ir_national_id", None, "bad_check"),
        ("123", "ru_snils", None, "bad_check"),
        ("77360100", "ru_kpp", None, "bad_check"),
    ],
)
def test_zeros_come_back_only_where_the_check_digit_then_holds(
    cell: str, kind: str, value: str | None, note: str
) -> None:
    reading = identifiers.read(cell, kind, restore_zero=True)
    assert reading.value == (() if value is None else (f"{kind}:{value}",))
    assert f"identifiers:{note}" in reading.notes
    undeclared = identifiers.read(cell, kind)
    assert undeclared.value == ()
    assert ("identifiers:zero_missing" in undeclared.notes) is (value is not None)


def test_wrong_numbers_beside_right_ones_are_noted_and_words_kept() -> None:
    assert identifiers.read("7707083893, 7707083894", "ru_inn").notes == ("identifiers:bad_check",)
    assert identifiers.read("7707083893 выдан 01.01.2000", "ru_inn").rest == "выдан 01.01.2000"


@pytest.mark.parametrize(
    ("cell", "whole"),
    [
        ("7707083893.0", "7707083893"),
        ("7.707083893E+09", "7707083893"),
        ("7,707083893е+9", "7707083893"),
        ("7.70708E+09", None),
        ("1.23456789012345678E+17", None),
        ("12.5", "12.5"),
        ("01.02.2020", "01.02.2020"),
        ("1e", "1e"),
    ],
)
def test_what_spreadsheets_leave_of_numbers(cell: str, whole: str | None) -> None:
    assert spreadsheets.whole_numbers(cell) == whole


LABELS = st.sampled_from(["ИНН", "КПП", "/", ":", "کد ملی", "TC", "7707083893", "773601001", "1E+5", " ", ",", "0"])


@given(st.lists(LABELS, max_size=8).map("".join), st.sampled_from(IDENTIFIER_TYPES), st.booleans())
def test_what_was_read_is_read_again(cell: str, kind: str, restore_zero: bool) -> None:
    for item in identifiers.read(cell, kind, restore_zero).value or ():
        own, _, value = item.partition(":")
        assert own == "other" or identifiers.read(value, own).value == (item,)
