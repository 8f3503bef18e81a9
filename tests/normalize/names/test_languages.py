from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from crm_etl.normalize import lists
from crm_etl.normalize.names import Hints, languages, parse
from crm_etl.normalize.names.languages import documents, tables
from crm_etl.normalize.names.languages.detection import guess
from crm_etl.normalize.text import script

FOLDER = Path(languages.__file__).parent
CODES = sorted(path.stem for path in FOLDER.glob("*.yml") if documents.is_code(path.stem))


def test_every_file_of_a_language_is_one() -> None:
    assert list(languages.table()) == CODES
    assert {"be", "bg", "el", "en", "fa", "hy", "ka", "kk", "ru", "tg", "uk"} <= set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_words_are_in_the_script_of_their_language(code: str) -> None:
    one = languages.table()[code]
    wrong = [word for word in one.given if one.script != "Latn" and script(word) != one.script]
    assert wrong == []


@pytest.mark.parametrize("code", [code for code in CODES if code not in ("en", "fa")])
def test_words_are_spelled_by_the_alphabet(code: str) -> None:
    one = languages.table()[code]
    allowed = one.alphabet | set("-' ёь")
    assert [word for word in one.given if not set(word) <= allowed] == []


@pytest.mark.parametrize("code", CODES)
def test_a_default_standard_leaves_no_letter(code: str) -> None:
    one = languages.table()[code]
    assert [word for word in sorted(one.given) if not one.romanize(word).replace(" ", "").isascii()] == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Иванов Иван", "ru"),
        ("Бойко Сергей", "ru"),
        ("Катя Петрова", "ru"),
        ("д'Артаньян Шарль", "ru"),
        ("Ковальчук Микола", "uk"),
        ("Знам'янська", "uk"),
        ("Іван Мазур", "uk"),
        ("Святлана Ціханоўская", "be"),
        ("Віктар Мазур", "be"),
        ("Георги Първанов", "bg"),
        ("Нұрсұлтан Назарбаев", "kk"),
        ("Эмомалӣ Раҳмон", "tg"),
        ("Նիկոլ Փաշինյան", "hy"),
        ("رضا کریمی", "fa"),
        ("علي كريمي", "fa"),
        ("فاطمة الزهراء", "ar"),
        ("أحمد داود", "ar"),
        ("سيف الدين الكيلاني", "ar"),
        ("احمد خالد الصباح", "ar"),
        ("محمد الفیصل", "ar"),
        ("عصام شرف", "ar"),
        ("امیر حسین فتحی", "fa"),
        ("نور محمد تره کی", "fa"),
        ("علي حسن", "fa"),
        ("شریف زاهر", "fa"),
        ("غسان حسین‌زاده", "fa"),
        ("الهام علی اف", "fa"),
        ("محمد الموتی", "fa"),
        ("نجيب الله", "fa"),
        ("عبد القیوم ذاکر", "fa"),
        ("عبد الرحمن محمد", "fa"),
        ("Кобилянська О.Ю.", "uk"),
        ("Ольга Хмельницька", "uk"),
        ("Роман Ковальський", "uk"),
        ("Катя Васька", "ru"),
        ("Шевченко Роман", "ru"),
        ("Κυριάκος Μητσοτάκης", "el"),
        ("გიორგი მარგველაშვილი", "ka"),
        ("John Smith", "en"),
    ],
)
def test_the_language_of_a_name(text: str, code: str) -> None:
    assert guess(text, script(text)) == code


@pytest.mark.parametrize(
    ("text", "hint", "code"),
    [
        ("Иван Петров", "bg", "bg"),
        ("Иван Петров", "uk", "uk"),
        ("Сыроежкин", "uk", "ru"),
        ("Иван Петров", "fa", "ru"),
        ("Иван Петров", "xx", "ru"),
        ("Ковальська Анна", "ru", "ru"),
    ],
)
def test_a_hint_counts_where_the_letters_allow_it(text: str, hint: str, code: str) -> None:
    assert guess(text, "Cyrl", hint) == code


#: Language, name, and its given name, father's name, family name, sex.
NAMES = [
    ("be", "Лукашэнка Аляксандр Рыгоравіч", "Аляксандр", "Рыгоравіч", "Лукашэнка", "m"),
    ("be", "Святлана Георгіеўна Ціханоўская", "Святлана", "Георгіеўна", "Ціханоўская", "f"),
    ("be", "спадар Сяргей Быкаў", "Сяргей", None, "Быкаў", "m"),
    ("bg", "Георги Първанов", "Георги", None, "Първанов", "m"),
    ("bg", "г-жа Цветелина Пенкова", "Цветелина", None, "Пенкова", "f"),
    ("kk", "Назарбаев Нұрсұлтан Әбішұлы", "Нұрсұлтан", "Әбішұлы", "Назарбаев", "m"),
    ("kk", "Серік Айдар ұлы Ахметов", "Серік", "Айдар ұлы", "Ахметов", "m"),
    ("kk", "Айгүл Серікқызы Ахметова", "Айгүл", "Серікқызы", "Ахметова", "f"),
    ("tg", "Эмомалӣ Раҳмон", "Эмомалӣ", None, "Раҳмон", "m"),
    ("tg", "Қоҳир Расулзода", "Қоҳир", None, "Расулзода", None),
    ("tg", "Ситора Саидова", "Ситора", None, "Саидова", "f"),
    ("hy", "Նիկոլ Փաշինյան", "Նիկոլ", None, "Փաշինյան", "m"),
    ("hy", "Փաշինյան Նիկոլ", "Նիկոլ", None, "Փաշինյան", "m"),
    ("hy", "տիկին Անահիտ Սարգսյան", "Անահիտ", None, "Սարգսյան", "f"),
    ("hy", "ՆԻԿՈԼ ՓԱՇԻՆՅԱՆ", "Նիկոլ", None, "Փաշինյան", "m"),
    ("el", "Γιώργος Παπαδόπουλος", "Γιώργος", None, "Παπαδόπουλος", "m"),
    ("el", "Παπαδόπουλος Γιώργος", "Γιώργος", None, "Παπαδόπουλος", "m"),
    ("el", "Μητσοτάκης, Κυριάκος", "Κυριάκος", None, "Μητσοτάκης", "m"),
    ("el", "κα Ελένη Παπαδοπούλου", "Ελένη", None, "Παπαδοπούλου", "f"),
    ("el", "ΓΙΩΡΓΟΣ ΝΙΚΟΛΑΙΔΗΣ", "Γιωργος", None, "Νικολαιδης", "m"),
    ("el", "Δρ. Ευαγγελία Τζαμπάζη", "Ευαγγελία", None, "Τζαμπάζη", "f"),
    ("el", "Καραμανλής Κώστας", "Κώστας", None, "Καραμανλής", "m"),
    ("el", "Κ. Οικονομίδου", "Κ.", None, "Οικονομίδου", "f"),
    ("ka", "გიორგი მარგველაშვილი", "გიორგი", None, "მარგველაშვილი", "m"),
    ("ka", "მარგველაშვილი გიორგი", "გიორგი", None, "მარგველაშვილი", "m"),
    ("ka", "ქალბატონი ნინო ბურჯანაძე", "ნინო", None, "ბურჯანაძე", "f"),
    ("ka", "ბ-ნი ზურაბ ჟვანია", "ზურაბ", None, "ჟვანია", "m"),
    ("ka", "წერეთელი აკაკი", "აკაკი", None, "წერეთელი", "m"),
    ("ka", "სალომე ზურაბიშვილი", "სალომე", None, "ზურაბიშვილი", "f"),
    ("ka", "ლ. კვარაცხელია", "ლ.", None, "კვარაცხელია", None),
]


@pytest.mark.parametrize(("code", "text", "given", "patronymic", "family", "sex"), NAMES)
def test_names_are_taken_apart(
    code: str, text: str, given: str, patronymic: str | None, family: str, sex: str | None
) -> None:
    name = parse(text, Hints(kind="person", language=code))
    assert (name.language, name.given, name.patronymic, name.family) == (code, given, patronymic, family)
    assert name.sex == sex


def table(text: str) -> tables.Table:
    document = documents.check("xx", {"script": "Cyrl", "romanization": {"one": yaml.safe_load(text)}})
    made = documents.table("xx", document["romanization"], "one", {"ѣ": "e"})
    assert made is not None
    return made


def test_rules_of_the_place_go_before_those_of_the_letter() -> None:
    rules = table("""
        title: t
        source: s
        letters: {а: a, е: e, з: z, г: h, зг: zgh, и: i, я: ia, "'": ""}
        initial: {е: ye, я: ya}
        final: {ия: ia}
        after: {аи: {е: je}}
    """)
    words = {
        "еза": "yeza",
        "азе": "aze",
        "ае": "aje",
        "згие": "zghije",
        "гия": "hia",
        "яз": "yaz",
        "за’я": "zaia",
        "ѣ": "e",
    }
    assert {word: rules.romanize(word) for word in words} == words
    assert rules.romanize("Ш1-") == "ш1-"


WRONG: list[tuple[Any, str, str]] = [
    (["a"], "holds no table", "key: value"),
    ({"name": "X"}, "no 'script' is given", "ISO 15924"),
    ({"script": "cyrillic"}, "'script' is not the ISO 15924 code", "Cyrl"),
    ({"script": "Cyrl", "given_n": []}, "unknown key 'given_n'", "did you mean 'given_[mf]'"),
    ({"script": "Cyrl", "given_m": "Иван"}, "'given_m' is not a list", r"given_m: \[one, two\]"),
    ({"script": "Cyrl", "titles": ["mr", False]}, "'titles' holds False", "in quotes"),
    ({"script": "Cyrl", "diminutives": ["a"]}, "'diminutives' has no pairs", "word: other"),
    ({"script": "Cyrl", "priority": "high"}, "'priority' is not a whole number", "priority: 10"),
    ({"script": "Cyrl", "romanization": {}}, "'romanization' has no standards", "see kk.yml"),
    (
        {"script": "Cyrl", "romanization": {"a": {"title": "t", "letters": {}}}},
        "standard 'a' has no source",
        "who laid",
    ),
    ({"script": "Cyrl", "romanization": {"a": {"letter": {}}}}, "unknown key 'a.letter'", "letters, initial, final"),
    ({"script": "Cyrl", "romanization": {"a": {"letters": {"н": False}}}}, "'a.letters' holds False", "quotes"),
    ({"script": "Cyrl", "romanization": {"a": {"after": ["е"]}}}, "'a.after' is no table", "after: "),
    ({"script": "Cyrl", "romanization": {"a": {"marks": "si"}}}, "'a.marks' is neither true nor false", "true"),
]


@pytest.mark.parametrize(("document", "what", "remedy"), WRONG)
def test_a_wrong_file_is_refused_with_place_and_remedy(document: Any, what: str, remedy: str) -> None:
    with pytest.raises(documents.LanguageFault, match=rf"(?s)language 'xx'.*{what}.*languages/xx\.yml.*{remedy}"):
        documents.check("xx", document)


def test_a_standard_cannot_build_on_itself_or_on_nothing() -> None:
    for base in ("a", "b"):
        standards = {"a": {"title": "t", "source": "s", "base": base}}
        with pytest.raises(documents.LanguageFault, match=f"'a' builds on '{base}'"):
            documents.table("xx", standards, "a", {})


def test_a_language_of_its_own_folder_needs_its_file_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new language is its file: found, checked and used without a line of code."""
    hebrew = {
        "name": "Hebrew",
        "script": "Hebr",
        "given_m": ["גד"],
        "surname_endings": ["מן"],
        "romanization": {
            "simple": {
                "title": "t",
                "source": "s",
                "letters": dict(zip("גדלמן", ["g", "d", "l", "m", "n"], strict=True)),
            }
        },
    }
    read = lists.load
    monkeypatch.setattr(languages, "_codes", lambda: [*CODES, "he"])
    monkeypatch.setattr(lists, "load", lambda name: hebrew if name.endswith("/he.yml") else read(name))
    languages.table.cache_clear()
    languages.of_script.cache_clear()
    try:
        assert languages.language(None, "Hebr").romanize("גדלמן") == "gdlmn"
        assert guess("גד", script("גד")) == "he"
    finally:
        languages.table.cache_clear()
        languages.of_script.cache_clear()
