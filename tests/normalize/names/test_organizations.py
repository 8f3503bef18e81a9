from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_etl.normalize.names import Hints, explain_pair, legal_forms, parse
from crm_etl.normalize.names.organization_similarity import acronym_span, score
from crm_etl.normalize.names.organization_words import compared
from crm_etl.normalize.names.organizations import take_apart
from crm_etl.normalize.names.similarity import THRESHOLD
from crm_etl.normalize.text import clean

ORGANIZATION = Hints(kind="organization")
#: Letters and signs that names of organizations are made of, so that random texts come near to them.
LIKELY = st.text(alphabet="ОAо. «»\"'(),№5-&ЗТВмг شرکت‌يLlCc\u200c", max_size=30)


@pytest.mark.parametrize(
    ("text", "form", "name"),
    [
        ("О.О.О. «Ромашка»", "llc", "Ромашка"),
        ("ООО \"ТД 'Ромашка'\"", "llc", "ТД Ромашка"),
        ("“Ромашка” (ООО)", "llc", "Ромашка"),
        ("ОАО “Рога и копыта", "jsc", "Рога и копыта"),
        ("Акционерное общество «Завод „Арсенал“»", "jsc", "Завод Арсенал"),
        ("Obshchestvo s ogranichennoi otvetstvennostyu Romashka", "llc", "Romashka"),
        ("Obschestvo s ogranichennoy otvetstvennostju Romashka", "llc", "Romashka"),
        ("Publichnoe aktsionernoe obshchestvo Gazprom", "jsc", "Gazprom"),
        ("ZAO Vektor", "jsc", "Vektor"),
        ("FGUP Kosmos", "state_enterprise", "Kosmos"),
        ("Товариство з обмеженою відповідальністю «Промінь»", "llc", "Промінь"),
        ('ПрАТ "Об’єднання"', "jsc", "Об’єднання"),
        ("Комунальне некомерційне підприємство «Лікарня»", "state_enterprise", "Лікарня"),
        ("ТАА «Бусел»", "llc", "Бусел"),
        ("«Қазақ» ЖШС", "llc", "Қазақ"),
        ("ЕООД Витоша", "llc", "Витоша"),
        ("Федеральное государственное бюджетное учреждение науки Институт леса", "institution", "Институт леса"),
        ("شرکت پارس گستر سهامی عام", "jsc", "پارس گستر"),
        ("شركة النور ذات مسؤولية محدودة", "llc", "النور"),
        ("L.L.C. Foo", "llc", "Foo"),
        ("Dupont S.à r.l.", "llc", "Dupont"),
        ("Kowalski Sp. z o.o.", "llc", "Kowalski"),
        ("Yılmaz San. ve Tic. A.Ş.", "jsc", "Yılmaz"),
        ("Novák, spol. s r.o.", "llc", "Novák"),
        ("Ferrari S.p.A.", "jsc", "Ferrari"),
        ("ООО", None, "ООО"),
        ("ООО ООО", "llc", "ООО"),
    ],
)
def test_legal_forms(text: str, form: str | None, name: str) -> None:
    parsed = parse(text, ORGANIZATION)
    assert (parsed.legal_form, parsed.org_name) == (form, name)


@pytest.mark.parametrize("text", ["Жак Ширак", "Бруно Ле Ру", "Ано Таро", "Гау Вероника", "И.П. Павлов", "Sal Mineo"])
def test_names_of_people_hold_no_legal_form(text: str) -> None:
    assert legal_forms.split(text)[0] == ()


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("ООО «Ромашка», филиал в г. Тверь", "branch", "филиал в г. Тверь"),
        ("ООО «Ромашка», филиал в г. Тверь", "city", "Тверь"),
        ("ТОВ «Промінь» (м. Київ)", "city", "Київ"),
        ("Аптека № 12", "number", "12"),
        ("Pharmacy No. 12", "number", "12"),
        ("مدرسه شماره ۵", "number", "5"),
        ("Научный центр (НЦЭСМП)", "abbreviation", "НЦЭСМП"),
        ("Nordic Oil (formerly Baltic Fuel)", "aliases", ("Baltic Fuel",)),
        ("بانک ملت (شعبه مرکزی)", "branch", "شعبه مرکزی"),
        ("Acme Ltd, London Branch", "branch", "London Branch"),
    ],
)
def test_parts(text: str, field: str, value: object) -> None:
    assert getattr(parse(text, ORGANIZATION), field) == value


@pytest.mark.parametrize(
    "text",
    ["Московский государственный университет", "Міністерство юстиції", "دانشگاه تهران", "Minsk Tractor Factory"],
)
def test_words_for_kinds_of_organizations_tell_them(text: str) -> None:
    assert parse(text).kind == "organization"


ALIKE = [
    ('ЗАО «НПО "Сатурн"»', "JSC Scientific Production Association Saturn"),
    ("НИИ гриппа", "Research Institute of Influenza"),
    ("МГУ", "Moscow State University"),
    ("СКБ Контур", "SKB Kontur"),
    ("МТБанк", "MT Bank"),
    ("Сбербанк", "Sberbank"),
    ("Харківський авіаційний інститут", "Kharkiv Aviation Institute"),
    ("Минский тракторный завод", "Minsk Tractor Works"),
    ("Белорусская железная дорога", "Belarusian Railway"),
    ("Аптека № 5", "Pharmacy No. 5"),
    ("دانشگاه صنعتی شریف", "Sharif University of Technology"),
    ("بانک سپه", "Bank Sepah"),
    ("بیمارستان امام خمینی", "Imam Khomeini Hospital"),
    ("شرکت ملی نفت ایران", "National Iranian Oil Company"),
    ("جامعة دمشق", "University of Damascus"),
    ("ПАО «Газпром нефть»", "Gazprom Neft PJSC"),
    ("Завод имени Лихачёва", "Zavod imeni Likhacheva"),
]
DIFFERENT = [
    ("Аптека № 5", "Pharmacy No. 12"),
    ("Казанский университет", "Samara University"),
    ("Институт зоологии", "Institute of Botany"),
    ("دانشگاه تهران", "University of Isfahan"),
    ("ООО «Вектор»", "Romashka LLC"),
    ("Альфа-Банк", "Delta Bank"),
    ("Минский тракторный завод", "Minsk Watch Factory"),
]


@pytest.mark.parametrize(("left", "right"), ALIKE)
def test_one_organization(left: str, right: str) -> None:
    assert score([left], [right])[0] >= THRESHOLD


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_two_organizations(left: str, right: str) -> None:
    assert score([left], [right])[0] < 0.0


def test_the_score_of_a_pair_depends_on_no_other_and_is_symmetric() -> None:
    pairs = [*ALIKE, *DIFFERENT]
    left, right = [a for a, _ in pairs], [b for _, b in pairs]
    together = score(left, right).tolist()
    assert together == [score([a], [b])[0] for a, b in pairs]
    assert together == pytest.approx(score(right, left).tolist())


@pytest.mark.parametrize("text", ["", "  ", "«»", "()", "???", "—"])
def test_a_name_without_words_is_no_evidence(text: str) -> None:
    assert score([text], ["Ромашка"])[0] == 0.0
    assert "no evidence" in explain_pair(text, "Ромашка", "organization").sentences()[-1]


@pytest.mark.parametrize("short", ["КГЭУ", "KSPU"])
def test_an_acronym_stands_for_words_in_any_language(short: str) -> None:
    long = compared("Казанский государственный энергетический университет").words
    assert acronym_span(compared(short).words, long) == (0, 0, 3)
    assert acronym_span(compared("КПТУ").words, long) is None
    assert acronym_span(long, compared(short).words) is None


def test_the_explanation_names_words_rules_and_what_differs() -> None:
    told = explain_pair("ООО «Аптека № 5» Сатурн", "Saturn Pharmacy No. 12 Ltd", "organization")
    rules = {(one.left, one.right): one.rule for one in told.meetings}
    assert rules["аптека", "pharmacy"] == "both mean pharmacy"
    assert rules["сатурн", "saturn"] == "the letters correspond"
    assert "the numbers differ: 5 and 12" in told.remarks
    assert "the legal forms are of one class: llc" in told.remarks
    assert told.score == pytest.approx(score([told.left], [told.right])[0], abs=0.01)


def test_words_that_mean_something_alone_are_told() -> None:
    told = explain_pair("Казанский авиационный завод", "Kazan Factory", "organization")
    assert [(one.side, one.word) for one in told.alone] == [("left", "авиационный")]


@given(st.one_of(LIKELY, st.text(max_size=40)))
def test_taking_apart_is_total_and_keeps_something(text: str) -> None:
    cleaned = clean(text)
    parts = take_apart(cleaned)
    assert parts.core or not cleaned
    assert parts == take_apart(cleaned)
    once = parse(text, ORGANIZATION)
    assert once == parse(text, ORGANIZATION)


@given(st.one_of(LIKELY, st.text(max_size=30)), st.one_of(LIKELY, st.text(max_size=30)))
def test_scores_are_symmetric_and_finite(left: str, right: str) -> None:
    one, other = score([left], [right])[0], score([right], [left])[0]
    assert one == pytest.approx(other)
    assert abs(one) < 100.0
