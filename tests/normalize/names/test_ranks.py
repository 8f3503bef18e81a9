"""Titles of rank, honours and by-names: what is a title, and what only looks like one."""

from __future__ import annotations

from itertools import combinations

import pytest

from crm_etl.normalize.beside import further_names
from crm_etl.normalize.names import Hints, Name, keys, parse

PERSON = Hints(kind="person")


def read(text: str) -> Name:
    return parse(text, PERSON)


#: text, given, family, honorific: a title behind the name.
BEHIND = [
    ("thomas clifford, 1st baron clifford of chudleigh", "Thomas", "Clifford", "1st baron clifford of chudleigh"),
    ("thomas clifford 1st baron clifford of chudleigh", "Thomas", "Clifford", "1st baron clifford of chudleigh"),
    (
        "Clifford, Thomas, 1st Baron Clifford of Chudleigh",
        "Thomas",
        "Clifford",
        "1st Baron Clifford of Chudleigh",
    ),
    ("tom 1st baron clifford of chudleigh", "tom", "Clifford of Chudleigh", "1st baron clifford of chudleigh"),
    ("Sir John Smith, 3rd Baronet", "John", "Smith", "Sir 3rd Baronet"),
    ("Sir John Smith, Bt", "John", "Smith", "Sir Bt"),
    ("William Pitt, 1st Earl of Chatham", "William", "Pitt", "1st Earl of Chatham"),
    ("William Pitt the 1st Earl of Chatham", "William", "Pitt", "the 1st Earl of Chatham"),
    ("William Pitt, the first Earl of Chatham", "William", "Pitt", "the first Earl of Chatham"),
    ("William, 1st Earl of Chatham", "William", "Chatham", "1st Earl of Chatham"),
    ("Robert Stewart, Viscount Castlereagh", "Robert", "Stewart", "Viscount Castlereagh"),
    ("Charles Grey, 2nd Earl Grey", "Charles", "Grey", "2nd Earl Grey"),
    ("Charles Grey, Earl Grey", "Charles", "Grey", "Earl Grey"),
    ("Kenneth MacKenzie, 3rd Lord Mackenzie of Kintail", "Kenneth", "MacKenzie", "3rd Lord Mackenzie of Kintail"),
    ("George Berkeley, 1st earl of berkeley", "George", "Berkeley", "1st earl of berkeley"),
    ("Nelson, 1st Viscount Nelson", None, "Nelson", "1st Viscount Nelson"),
    ("Henry Percy Earl of Northumberland", "Henry", "Percy", "Earl of Northumberland"),
    ("Henry III, King of England", "Henry", "England", "King of England"),
    ("John Smith, Bishop of Durham", "John", "Smith", "Bishop of Durham"),
    ("Louis de Broglie, 7th duc de Broglie", "Louis", "de Broglie", "7th duc de Broglie"),
    ("Ferdinand Graf von Zeppelin", "Ferdinand", "von Zeppelin", "Graf"),
    ("Otto Fürst von Bismarck", "Otto", "von Bismarck", "Fürst"),
    ("John Smith, KCB", "John", "Smith", "KCB"),
    ("John Smith OBE", "John", "Smith", "OBE"),
    ("Arthur Wellesley, 1st Duke of Wellington, KG", "Arthur", "Wellesley", "1st Duke of Wellington KG"),
    ("Byron, Lord", None, "Byron", "Lord"),
    ("Byron, Lord George", "George", "Byron", "Lord"),
    ("Иванов Пётр, 3-й барон", "Пётр", "Иванов", "3-й барон"),
    ("Уильям Питт, 1-й граф Чатем", "Уильям", "Питт", "1-й граф Чатем"),
    ("Лев Толстой, граф", "Лев", "Толстой", "граф"),
    ("Толстой, граф Лев Николаевич", "Лев", "Толстой", "граф"),
    ("Генрих VIII, король Англии", "Генрих", None, "король Англии"),
]
#: The same, a title before the name.
BEFORE = [
    ("lord byron", None, "Byron", "lord"),
    ("Lord Clifford of Chudleigh", None, "Clifford of Chudleigh", "Lord"),
    ("Lord and Lady Byron", None, "Byron", "Lord and Lady"),
    ("Countess Markievicz", None, "Markievicz", "Countess"),
    ("Duchess of Kent", None, "Kent", "Duchess of"),
    ("1st Earl of Chatham", None, "Chatham", "1st Earl of"),
    ("Prince Albert of Saxe-Coburg", "Albert", "Saxe-Coburg", "Prince"),
    ("King Charles III", "Charles", None, "King"),
    ("Princess Diana", "Diana", None, "Princess"),
    ("Infanta Margarita of Spain", "Margarita", "Spain", "Infanta"),
    ("Don Juan Carlos de Borbón", "Juan Carlos", "de Borbón", "Don"),
    ("Graf von Zeppelin", None, "von Zeppelin", "Graf"),
    ("князь Трубецкой", None, "Трубецкой", "князь"),
    ("Князь Трубецкой", None, "Трубецкой", "Князь"),
    ("княгиня Трубецкая", None, "Трубецкая", "княгиня"),
    ("граф Чатем", None, "Чатем", "граф"),
    ("граф Лев Толстой", "Лев", "Толстой", "граф"),
    ("граф Толстой Лев Николаевич", "Лев", "Толстой", "граф"),
    ("Император Николай II", "Николай", None, "Император"),
    ("великая княгиня Ольга", "Ольга", None, "великая княгиня"),
    ("میرزا رضا کرمانی", "رضا", "کرمانی", "میرزا"),
    ("میرزا تقی خان امیرکبیر", "تقی", "امیرکبیر", "میرزا خان"),
    ("میرزا حسن خان مشیرالدوله", "حسن", "مشیرالدوله", "میرزا خان"),
]


@pytest.mark.parametrize(("text", "given", "family", "honorific"), [*BEHIND, *BEFORE])
def test_titles_of_rank_are_no_names(text: str, given: str | None, family: str | None, honorific: str) -> None:
    name = read(text)
    assert (name.given, name.family, name.honorific) == (given, family, honorific)
    assert name.titles
    assert name.remark is None


#: text, given, family: names that are titles elsewhere.
NAMES = [
    ("Earl Warren", "Earl", "Warren"),
    ("Duke Ellington", "Duke", "Ellington"),
    ("Billie Jean King", "Billie Jean", "King"),
    ("Sacha Baron Cohen", "Sacha", "Baron Cohen"),
    ("Baron Cohen, Sacha", "Sacha", "Baron Cohen"),
    ("Steffi Graf", "Steffi", "Graf"),
    ("Graf, Steffi", "Steffi", "Graf"),
    ("Jack Lord", "Jack", "Lord"),
    ("Lord, Jack", "Jack", "Lord"),
    ("Lord Jack", "Jack", "Lord"),
    ("Lord James", "James", "Lord"),
    ("Барон Рамин", "Рамин", "Барон"),
    ("Smith, Earl", "Earl", "Smith"),
    ("Smith, Earl James", "Earl James", "Smith"),
    ("Trump, Baron", "Baron", "Trump"),
    ("Simpson, Bart", "Bart", "Simpson"),
    ("Kelly, Bishop", "Bishop", "Kelly"),
    ("Ma, Jack", "Jack", "Ma"),
    ("Smith, JP", "JP", "Smith"),
    ("Jean Marie OBE", "Jean Marie", "Obe"),
    ("Steve King of Boston", "Steve", "King of Boston"),
    ("Don Johnson", "Don", "Johnson"),
    ("Jinping Xi", "Jinping", "Xi"),
    ("Князев Иван", "Иван", "Князев"),
    ("Король Пётр", "Пётр", "Король"),
    ("Герцог Виктор Иванович", "Виктор", "Герцог"),
    ("Граф Олена Петрівна", "Олена", "Граф"),
    ("عمران خان", "عمران", "خان"),
    ("محمد خان جونیجو", "محمد", "خان جونیجو"),
]


@pytest.mark.parametrize(("text", "given", "family"), NAMES)
def test_names_that_are_titles_elsewhere(text: str, given: str, family: str) -> None:
    name = read(text)
    assert ((name.given or "").casefold(), name.family, name.honorific) == (given.casefold(), family, None)
    assert len((name.native or "").split()) == len(text.split())


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("Иванов И.И., Барон П.П.", ("Барон П.П.",)),
        ("Edward Seymour, 1st Duke of Somerset and Mary Seymour", ("Mary Seymour",)),
    ],
)
def test_further_people_are_no_titles(text: str, others: tuple[str, ...]) -> None:
    assert read(text).others == others


#: text, given, family, name for display: by-names of place, and numbers of kings.
BY_NAMES = [
    ("thomas of chudleigh", "Thomas", "Chudleigh", "Thomas of Chudleigh"),
    ("Thomas Clifford of Chudleigh", "Thomas", "Clifford of Chudleigh", "Thomas Clifford of Chudleigh"),
    ("Mary Elizabeth of Austria", "Mary Elizabeth", "Austria", "Mary Elizabeth of Austria"),
    ("henry iii of england", "Henry", "England", "Henry III of England"),
    ("Elizabeth I of England", "Elizabeth", "England", "Elizabeth I of England"),
    ("Henry VIII", "Henry", None, "Henry VIII"),
    ("Екатерина II", "Екатерина", None, "Екатерина II"),
    ("Ana V de Souza", "Ana V", "de Souza", "Ana V de Souza"),
    ("John V", "V", "John", "John V"),
    ("احمد قوام السلطنه", "احمد", "قوام السلطنه", "احمد قوام السلطنه"),
    ("وثوق الدوله", None, "وثوق الدوله", "وثوق الدوله"),
]


@pytest.mark.parametrize(("text", "given", "family", "native"), BY_NAMES)
def test_by_names_and_numbers(text: str, given: str | None, family: str | None, native: str) -> None:
    name = read(text)
    assert (name.given, name.family, name.native) == (given, family, native)
    assert name.honorific is None


def test_of_is_a_particle_and_a_number_a_suffix() -> None:
    name = read("Henry III of England")
    assert (name.particles, name.suffix) == (("of",), "III")


@pytest.mark.parametrize(
    ("text", "sex"),
    [("Countess Markievicz", "f"), ("lord byron", "m"), ("графиня Чатем", "f"), ("J. Smith, Duchess of Kent", "f")],
)
def test_titles_tell_the_sex(text: str, sex: str) -> None:
    assert read(text).sex == sex


#: given, family, and how they are read: columns that the source filled itself.
COLUMNS = [
    ("tom", "1st baron clifford of chudleigh", "tom", "Clifford of Chudleigh", "1st baron"),
    ("Thomas", "Clifford, 1st Baron Clifford", "Thomas", "Clifford", "1st Baron Clifford"),
    ("Sir John", "Smith, 3rd Bt", "John", "Smith", "Sir 3rd Bt"),
    ("Duke", "Ellington", "Duke", "Ellington", None),
    ("Lord", "Byron", "Lord", "Byron", None),
    ("Sacha", "Baron Cohen", "Sacha", "Baron Cohen", None),
    ("Лев", "граф Толстой", "Лев", "Граф Толстой", None),
]


@pytest.mark.parametrize(("given", "family", "read_given", "read_family", "honorific"), COLUMNS)
def test_columns_lose_only_titles_with_a_number(
    given: str, family: str, read_given: str, read_family: str, honorific: str | None
) -> None:
    name = parse(f"{given} {family}", Hints(kind="person", given=given, family=family))
    shown = (name.given, (name.family or "").casefold(), name.honorific)
    assert shown == (read_given, read_family.casefold(), honorific)


def test_what_is_left_of_columns_is_shown() -> None:
    hints = Hints(kind="person", given="Томас", family="Клиффорд, 1-й барон Клиффорд")
    assert parse("Клиффорд, 1-й барон Клиффорд Томас", hints).native == "Клиффорд Томас"


def test_a_peer_is_also_known_by_his_title() -> None:
    assert read("William Pitt, 1st Earl of Chatham").aliases == ("William Chatham",)
    assert read("Charles Grey, 2nd Earl Grey").aliases == ()
    assert read("Sir John Smith, 3rd Baronet").aliases == ()


def test_records_of_one_peer_are_found_together() -> None:
    records = [
        "thomas clifford, 1st baron clifford of chudleigh",
        "thomas of chudleigh",
        "tom 1st baron clifford of chudleigh",
        "Lord Clifford of Chudleigh",
    ]
    assert all(_keys(one) & _keys(other) for one, other in combinations(records, 2))


def _keys(text: str) -> set[str]:
    name = read(text)
    return {key for each in (name, *map(read, further_names(name))) for key in keys(each)}
