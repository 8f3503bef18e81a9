"""Conventions of names of persons, each with the case that shows it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_etl.normalize.names import Hints, Name, parse

PERSON = Hints(kind="person")


def read(text: str) -> Name:
    return parse(text, PERSON)


#: text, given, patronymic, family: the order of the parts.
ORDER = {
    "ФИО in full": ("Соколова Анна Игоревна", "Анна", "Игоревна", "Соколова"),
    "patronymic in the middle": ("Анна Игоревна Соколова", "Анна", "Игоревна", "Соколова"),
    "capitals and small letters": ("соколова АННА игоревна", "Анна", "Игоревна", "Соколова"),
    "two given names before a patronymic": ("Соколова Анна Мария Игоревна", "Анна Мария", "Игоревна", "Соколова"),
    "surname that begins as a remark": ("Секретарёв Иван Петрович", "Иван", "Петрович", "Секретарёв"),
    "surname that begins as a remark, of a trade": ("Заказчиков Олег", "Олег", None, "Заказчиков"),
    "Ukrainian surname that begins as a remark": ("Директоренко Иван", "Иван", None, "Директоренко"),
    "a surname that other Slavs give their sons": ("Бойко Валерий", "Валерий", None, "Бойко"),
    "the same as the given name that it is to them": ("Бойко Борисов", "Бойко", None, "Борисов"),
    "double surname with a hyphen": ("Соколов-Микитов Иван", "Иван", None, "Соколов-Микитов"),
    "double surname with a dash": ("Петров - Водкин Кузьма", "Кузьма", None, "Петров-Водкин"),
    "patronymic of everyday speech": ("Соколов Иван Палыч", "Иван", "Палыч", "Соколов"),
    "an initial for the patronymic": ("Соколов Иван П.", "Иван", "П.", "Соколов"),
    "initials with a hyphen": ("Ж.-Ж. Руссо", "Ж.-Ж.", None, "Руссо"),
    "initials of two letters": ("Дж. Р. Р. Толкин", "Дж.", "Р. Р.", "Толкин"),
    "surname that ends like a patronymic": ("Маркович Анна", "Анна", None, "Маркович"),
    "surname with a remark that there is no patronymic": ("Петров без отчества", None, None, "Петров"),
    "patronymic without a surname": ("Иван Петрович", "Иван", "Петрович", None),
    "diminutive for the given name": ("Саша Белый", "Саша", None, "Белый"),
    "Ukrainian": ("Сидоренко Петро Омелянович", "Петро", "Омелянович", "Сидоренко"),
    "Ukrainian foreigner": ("Кевін Радд", "Кевін", None, "Радд"),
    "Belarusian": ("Лукашэнка Аляксандр Рыгоравіч", "Аляксандр", "Рыгоравіч", "Лукашэнка"),
    "Belarusian, of a woman": ("Каваленка Вольга Аляксееўна", "Вольга", "Аляксееўна", "Каваленка"),
    "Bulgarian father's name": ("Иван Петров Димитров", "Иван", "Петров", "Димитров"),
    "Kazakh, of a woman": ("Серікова Әлия Нұрланқызы", "Әлия", "Нұрланқызы", "Серікова"),
    "Kazakh, of a man": ("Нұрлан Әбдіғалиұлы Серіков", "Нұрлан", "Әбдіғалиұлы", "Серіков"),
    "Azeri, word behind the father": ("Алиев Ильхам Гейдар оглы", "Ильхам", "Гейдар оглы", "Алиев"),
    "Azeri, joined": ("Гейдаров Али Мамедоглы", "Али", "Мамедоглы", "Гейдаров"),
    "Azeri in Latin letters": ("İlham Heydər oğlu Əliyev", "İlham", "Heydər oğlu", "Əliyev"),
    "Uzbek": ("Karimov Islom Abdug‘aniyevich", "Islom", "Abdug‘aniyevich", "Karimov"),
    "Tajik": ("Раҳимзода Далер", "Далер", None, "Раҳимзода"),
    "Kyrgyz": ("Асанов Бакыт Токтогул уулу", "Бакыт", "Токтогул уулу", "Асанов"),
    "Arab in Cyrillic": ("Мухаммад ибн Салман Аль Сауд", "Мухаммад", "ибн Салман", "Аль Сауд"),
    "Korean in Cyrillic": ("Ким Чен Ын", "Чен Ын", None, "Ким"),
    "Vietnamese in Cyrillic": ("Нгуен Ван Минь", "Ван Минь", None, "Нгуен"),
    "Persian": ("مریم رضایی", "مریم", None, "رضایی"),
    "surname first, by its end and the given name": ("رضایی مریم", "مریم", None, "رضایی"),
    "two given names": ("علی رضا کریمی", "علی رضا", None, "کریمی"),
    "given name with ZWNJ": ("علی‌رضا کریمی", "علی‌رضا", None, "کریمی"),
    "Arabic letters": ("علي كريمي", "علی", None, "کریمی"),
    "presentation forms": ("ﻣﺤﻤﺪ ﮐﺮﯾﻤﯽ", "محمد", None, "کریمی"),
    "-zadeh as a word": ("مریم حسین زاده", "مریم", None, "حسین زاده"),
    "-pour as a word": ("محمد رضا پور", "محمد", None, "رضا پور"),
    "-nejad as a word, two given names": ("محمد علی احمدی نژاد", "محمد علی", None, "احمدی نژاد"),
    "-zadeh joined": ("مریم حسینزاده", "مریم", None, "حسینزاده"),
    "tribe behind the surname": ("علی اکبر هاشمی رفسنجانی", "علی اکبر", None, "هاشمی رفسنجانی"),
    "Arabic name in two words": ("روح الله کریمی", "روح‌الله", None, "کریمی"),
    "Mir before the given name": ("میر حسین موسوی", "میرحسین", None, "موسوی"),
    "initial in Persian": ("جان اف کندی", "جان اف", None, "کندی"),
    "father's name of a Persian": ("رضا کریمی فرزند حسن", "رضا", "حسن", "کریمی"),
    "chain of Arabs": ("محمد بن سلمان آل سعود", "محمد", "بن سلمان", "آل سعود"),
    "Hungarian order": ("Kovács János", "János", None, "Kovács"),
    "English surname first": ("Smith John", "John", None, "Smith"),
    "surname first, middle initial": ("Smith John A.", "John A.", None, "Smith"),
    "surname, given, suffix": ("King, Martin Luther, Jr.", "Martin Luther", None, "King"),
    "Dutch particles": ("Ludwig van Beethoven", "Ludwig", None, "van Beethoven"),
    "German particles": ("Ursula von der Leyen", "Ursula", None, "von der Leyen"),
    "Spanish": ("Juan Carlos de la Cruz García", "Juan Carlos", None, "de la Cruz García"),
    "Spanish y": ("José Ortega y Gasset", "José", None, "Ortega y Gasset"),
    "Mac in capitals": ("JOHN MCDONALD", "John", None, "McDonald"),
    "surname at both ends": ("Иванов Иван Иванович Иванов", "Иван", "Иванович", "Иванов"),
    "initials without points": ("Иванов ИИ", "И.", "И.", "Иванов"),
    "initials without points, all in capitals": ("ИВАНОВ ИИ", "И.", "И.", "Иванов"),
    "initials without points before the surname": ("ИИ Иванов", "И.", "И.", "Иванов"),
    "initials without points in Latin letters": ("Smith JD", "J.", "D.", "Smith"),
    "surname and patronymic only": ("Соколова Ивановна", None, "Ивановна", "Соколова"),
    "Arabic article in front": ("Аль-Асад Башар", "Башар", None, "Аль-Асад"),
    "Chinese": ("Wang Wei", "Wei", None, "Wang"),
    "Chinese in pinyin": ("Deng Xiaoping", "Xiaoping", None, "Deng"),
    "Vietnamese": ("Nguyễn Thị Minh Khai", "Thị Minh Khai", None, "Nguyễn"),
    "Korean": ("Kim Jong-un", "Jong-un", None, "Kim"),
    "Korean turned round": ("Jong Un Kim", "Jong Un", None, "Kim"),
    "Arab in Latin letters": ("Mohammed bin Salman Al Saud", "Mohammed", "bin Salman", "Al Saud"),
    "surname with bin": ("Osama bin Laden", "Osama", None, "bin Laden"),
    "Abd al-Rahman": ("Abd al-Rahman Karimi", "Abd al-Rahman", None, "Karimi"),
    "Persian in Latin letters": ("Mohammad Reza Hosseini", "Mohammad Reza", None, "Hosseini"),
    "Persian in Latin letters, surname first": ("Hosseini Mohammad Reza", "Mohammad Reza", None, "Hosseini"),
    "Russian in Latin letters": ("Ivanov Ivan Ivanovich", "Ivan", "Ivanovich", "Ivanov"),
    "Ukrainian in Latin letters": ("Petro Omelianovych Sydorenko", "Petro", "Omelianovych", "Sydorenko"),
}


@pytest.mark.parametrize(("text", "given", "patronymic", "family"), ORDER.values(), ids=ORDER.keys())
def test_order(text: str, given: str | None, patronymic: str | None, family: str | None) -> None:
    name = read(text)
    assert (name.given, name.patronymic, name.family) == (given, patronymic, family)


#: text, the name for display, honorific as written, classes.
TITLES = [
    ("г-н Иванов", "Иванов", "г-н", ("mr",)),
    ("Проф. Сидоров П. П., д.т.н.", "Сидоров П. П.", "Проф. д. т. н.", ("professor", "doctor_of_sciences")),
    ("Д-р Ковальська Олена", "Ковальська Олена", "Д-р", ("doctor",)),
    ("пані Ковальська", "Ковальська", "пані", ("mrs",)),
    ("خانم دکتر مریم رضایی", "مریم رضایی", "خانم دکتر", ("mrs",)),
    ("جناب آقای مهندس رضا کریمی", "رضا کریمی", "جناب آقای مهندس", ("mr", "engineer")),
    ("مریم خانم", "مریم", "خانم", ("mrs_after",)),
    ("علی آقا", "علی", "آقا", ("mr_after",)),
    ("حاج محمود کریمی", "محمود کریمی", "حاج", ("hajji",)),
    ("حاج آقا رضایی", "رضایی", "حاج آقا", ("hajji",)),
    ("آیت‌الله حسن رضوی", "حسن رضوی", "آیت‌الله", ("ayatollah",)),
    ("شهید قاسم رضوی", "قاسم رضوی", "شهید", ("martyr",)),
    ("Dr.-Ing. Hans Müller", "Hans Müller", "Dr.-Ing.", ("doctor",)),
    ("Smith, Dr. John", "Smith John", "Dr.", ("doctor",)),
    ("Hajj Qassem Karimi", "Qassem Karimi", "Hajj", ("hajji",)),
    ("Mr and Mrs Smith", "Smith", "Mr and Mrs", ("mr_and_mrs",)),
]


@pytest.mark.parametrize(("text", "native", "honorific", "classes"), TITLES)
def test_titles(text: str, native: str, honorific: str, classes: tuple[str, ...]) -> None:
    name = read(text)
    assert (name.native, name.honorific, name.titles) == (native, honorific, classes)


@pytest.mark.parametrize("text", ["سید علی موسوی", "سیدعلی موسوی", "سید‌علی موسوی", "دکتر سید علی موسوی"])
def test_sayyid_is_shown_but_not_compared(text: str) -> None:
    name = read(text)
    assert name.native == "سید علی موسوی"
    assert (name.given, name.family, name.given_latin) == ("علی", "موسوی", "ali")
    assert "sayyid" in name.titles


@pytest.mark.parametrize(
    "text",
    ["Max Born", "Elton John", "Сеид Гафуров", "شیخ بهایی", "آزاده کریمی", "Eva Graf", "James Earl"],
)
def test_words_that_are_titles_only_elsewhere(text: str) -> None:
    name = read(text)
    assert name.honorific is None
    assert len((name.given or "").split() + (name.family or "").split()) == len(text.split())


#: text, field, value: what stands around the name.
AROUND = [
    ("Мария Иванова, урожд. Петрова", "former", ("Петрова",)),
    ("Иванова (Петрова) Мария", "former", ("Петрова",)),
    ("Марія Іваненко (дівоче прізвище Коваль)", "former", ("Коваль",)),
    ("Mary Smith née Jones", "former", ("Jones",)),
    ("Anna Schmidt geb. Müller", "former", ("Müller",)),
    ("مریم رضایی (نام خانوادگی سابق کریمی)", "former", ("کریمی",)),
    ("Александр (Саша) Иванов", "nickname", "Саша"),
    ('William "Bill" Clinton', "nickname", "Bill"),
    ("علی کریمی معروف به علی دایی", "aliases", ("علی دایی",)),
    ("Иван Иванов (Ivan Ivanov)", "aliases", ("Ivan Ivanov",)),
    ("Иванов Иван (не звонить)", "remark", "не звонить"),
    ("Петров - умер", "remark", "умер"),
    ("Иван Петров Заказчик", "remark", "Заказчик"),
    ("Иван Петров Водитель", "remark", "Водитель"),
    ("Курьеров", "remark", None),
    ("Дубленко", "remark", None),
    ("Иванов Иван Иванович, директор", "remark", "директор"),
    ("Иванов Иван 89161234567", "remark", "89161234567"),
    ("John Smith (DO NOT CALL)", "remark", "DO NOT CALL"),
    ("خانم کریمی - تماس نگیرید", "remark", "تماس نگیرید"),
    ("علی کریمی ۰۹۱۲۱۲۳۴۵۶۷", "remark", "۰۹۱۲۱۲۳۴۵۶۷"),
    ("Иван Петров и не звонить", "remark", "не звонить"),
    ("Иван Петров и жена Мария", "remark", "жена"),
    ("علی احمدی و همسر", "remark", "همسر"),
    ("Петров Иван без отчества", "remark", "без отчества"),
    ("Иванов Иван сын Олега", "patronymic", "Олега"),
    ("Петров Олег сын Ильи", "patronymic", "Ильи"),
    ("علی احمدی پسر رضا", "patronymic", "رضا"),
    ("Иванов Иван сын Олег", "patronymic", None),
    ("test", "remark", "test"),
    ("Неизвестно", "remark", "Неизвестно"),
    ("Иванов Иван Иванович 5 отдел", "remark", "5 отдел"),
    ("Reza Pahlavi, Crown Prince", "remark", "Crown Prince"),
    ("John Smith c/o Jane Doe", "remark", "Jane Doe"),
    ("Robert Downey Jr.", "suffix", "Jr."),
    ("John Smith, MD, PhD", "suffix", "MD PhD"),
    ("Иванов Иван Иванович мл.", "suffix", "мл."),
    ("Ursula von der Leyen", "particles", ("von", "der")),
    ("Иванов И. И.", "initials", ("И.", "И.")),
    ("Michael C. Burgess", "initials", ("C.",)),
]


@pytest.mark.parametrize(("text", "field", "value"), AROUND)
def test_what_stands_around_a_name(text: str, field: str, value: object) -> None:
    name = read(text)
    assert getattr(name, field) == value
    assert ("name:remark" in name.notes) == (name.remark is not None)


#: text, the person that is read, the others.
SEVERAL = [
    ("Иван и Мария Петровы", "Иван Петров", ("Мария Петрова",)),
    ("Петровы Иван и Мария", "Петров Иван", ("Мария Петрова",)),
    ("Мария та Іван Ковальські", "Мария Ковальська", ("Іван Ковальський",)),
    ("Ali & Sara Karimi", "Ali Karimi", ("Sara Karimi",)),
    ("John and Mary Smith", "John Smith", ("Mary Smith",)),
    ("علی و سارا کریمی", "علی کریمی", ("سارا کریمی",)),
    ("Иванов И.И., Петров П.П.", "Иванов И. И.", ("Петров П.П.",)),
    ("Сидоренко Петро та Сидоренко Олена", "Сидоренко Петро", ("Сидоренко Олена",)),
    ("Иванов Иван; Петров Пётр", "Иванов Иван", ("Петров Пётр",)),
    ("семья Петровых", "Петров", ()),
    ("Иван Петров и директор Сидоров", "Иван Петров", ("Сидоров",)),
    ("Иван Петров и жена Мария", "Иван Петров", ("Мария Петрова",)),
    ("Ali Karimi and wife Sara", "Ali Karimi", ("Sara Karimi",)),
    ("علی احمدی و همسر", "علی احمدی", ()),
    ("Иван Петров и сын Олег", "Иван Петров", ("Олег Петров",)),
    ("Иванов Иван, дочь Мария", "Иванов Иван", ("Мария Иванова",)),
    ("علی احمدی و پسر رضا", "علی احمدی", ("رضا احمدی",)),
    ("خانواده کریمی", "کریمی", ()),
]


@pytest.mark.parametrize(("text", "native", "others"), SEVERAL)
def test_several_people_in_one_cell(text: str, native: str, others: tuple[str, ...]) -> None:
    name = read(text)
    assert (name.native, name.others) == (native, others)
    assert "name:several_people" in name.notes


@pytest.mark.parametrize(
    "text", ["José Ortega y Gasset", "Петров И. И.", "ПЕТРОВ И. И.", "Иванов, Иван", "O'Brien, Pat", "Smith, John, Jr."]
)
def test_one_person_is_not_several(text: str) -> None:
    assert read(text).notes == ()


#: Words in letters that only look right, and what they are.
TYPED = [
    ("Иванов Пeтp", "Иванов Петр"),
    ("Иванов A.B.", "Иванов А. В."),
    ("Шевченко Вiктор", "Шевченко Віктор"),
    ("Шевченко В1ктор", "Шевченко Віктор"),
    ("3ахаров Пётр", "Захаров Пётр"),
    ("Петр0в Иван", "Петров Иван"),
    ("Jоhn Smith", "John Smith"),
    ("Jοhn Smith", "John Smith"),
]


@pytest.mark.parametrize(("text", "native"), TYPED)
def test_letters_of_other_scripts_are_repaired_and_noted(text: str, native: str) -> None:
    name = read(text)
    assert (name.native, name.notes) == (native, ("name:mixed_script",))


#: What typists and exports do to a name, and the name for display.
TYPISTS = [
    ("Иванов.Иван.Иванович", "Иванов Иван Иванович"),
    ("Иванов_Иван", "Иванов Иван"),
    ("ИВАНОВ ИВАН", "Иванов Иван"),
    ("иванов иван", "Иванов Иван"),
    ("Иванов Иван.", "Иванов Иван"),
    ("'Иванов Иван'", "Иванов Иван"),
    ("** Иванов Иван **", "Иванов Иван"),
    ("<b>Иванов</b> Иван", "Иванов Иван"),
    ("🙂 Иванов Иван", "Иванов Иван"),
    ("Иванов Иван???", "Иванов Иван"),
    ("Ivanov2 Ivan", "Ivanov Ivan"),
    ("Иванов Иван и", "Иванов Иван"),
    ("Иванов И.И.", "Иванов И. И."),
    ("سرکارخانم مریم رضایی", "مریم رضایی"),
]


@pytest.mark.parametrize(("text", "native"), TYPISTS)
def test_what_typists_do(text: str, native: str) -> None:
    assert read(text).native == native


@pytest.mark.parametrize("text", ["Иванов Иван", "John Smith III", "Пётр III", "Шевченко Віктор"])
def test_clean_letters_are_not_noted(text: str) -> None:
    assert read(text).notes == ()


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("Ковальська Олена", "kovalskyi"),
        ("Троцкая Мария", "trotskii"),
        ("Каваленка Вольга", "kavalenka"),
        ("Anna Nováková", "novak"),
        ("Иванова-Петрова Анна", "ivanov-petrov"),
        ("Сова Иван", "sova"),
        ("Maria Medina", "medina"),
        ("Elena Molina", "molina"),
        ("Svetlana Pushkina", "pushkin"),
        ("Anna Ivanovna Pushkina", "pushkin"),
        ("Maria Kuznetsova", "kuznetsov"),
        ("Anna Kowalska", "kowalski"),
    ],
)
def test_surnames_are_compared_in_the_masculine(text: str, family: str) -> None:
    assert read(text).family_latin == family


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("Серікова Нұрланқызы", "f"),
        ("Иванова А. П.", "f"),
        ("Сидоренко А. П.", None),
        ("Ким Саша", None),
        ("г-жа Ким", "f"),
        ("مریم رضایی", "f"),
        ("John Smith", "m"),
        ("Mr and Mrs Smith", None),
    ],
)
def test_sex(text: str, sex: str | None) -> None:
    assert read(text).sex == sex


def test_a_guess_of_the_order_is_told() -> None:
    assert read("Соколова Анна").ordered
    assert not read("Гриффит Морган").ordered


def test_the_father_of_columns_is_kept() -> None:
    name = parse("Карими Реза", Hints(given="Реза", family="Карими", patronymic="Хасан"))
    assert (name.given, name.patronymic, name.family) == ("Реза", "Хасан", "Карими")


PIECES = [
    *"،,.()\"'-–:;&+/",
    *(
        "и",
        "та",
        "and",
        "و",
        "урожд.",
        "née",
        "فرزند",
        "сын",
        "семья",
        "умер",
        "test",
        "г-н",
        "Dr.",
        "سید",
        "حاج",
        "بن",
    ),
    *("1st", "3-й", "Lord", "Baron", "Earl", "of", "III", "KCB", "Graf", "von", "граф", "میرزا", "خان", "الدوله"),
    *("van", "der", "оглы", "Jr.", "Иванов", "Иван", "ИВАН", "Петровы", "Мария", "И.", "A.", "محمد", "زاده", "123"),
]
ANY = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join))


@given(ANY)
def test_parse_is_total_deterministic_and_settles(text: str) -> None:
    name = read(text)
    assert name == read(text)
    if name.native is not None:
        assert read(name.native).native == name.native


@given(ANY)
def test_nothing_is_invented(text: str) -> None:
    """Every part is a piece of what was written, but for case, homoglyphs and the number of a surname."""
    name = read(text)
    for part in (name.given, name.patronymic, name.family):
        assert part is None or part.strip()
    assert all(others.strip() for others in (*name.others, *name.former, *name.aliases))


@pytest.mark.parametrize("text", ["منیژه کریمی", "مهدیس کریمی", "ناهید کریمی"])
def test_names_of_women_only(text: str) -> None:
    assert read(text).sex == "f"


def test_soft_g_of_turkish_is_g() -> None:
    assert read("Recep Erdoğan").family_latin == "erdogan"


@pytest.mark.parametrize(
    ("text", "family", "honorific"),
    [
        ("Полковник Олена Петрівна", "Полковник", None),
        ("Капітан Ірина Іванівна", "Капітан", None),
        ("Іван Бей", "Бей", None),
        ("полковник Олена Петрівна", None, "полковник"),
        ("Полковник Иван Петров", "Петров", "Полковник"),
        ("Пан Іван", None, "Пан"),
    ],
)
def test_titles_that_are_surnames(text: str, family: str | None, honorific: str | None) -> None:
    name = read(text)
    assert (name.family, name.honorific) == (family, honorific)
    assert not (name.ordered and name.family in ("Полковник", "Капітан", "Бей"))
