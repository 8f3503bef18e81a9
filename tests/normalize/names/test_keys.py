"""Spellings of one name share a key, whatever their script; different names do not."""

from __future__ import annotations

import pytest

from crm_etl.normalize.names import Hints, keys, parse
from crm_etl.normalize.names.similarity import score_pairs

RUSSIAN = [
    ("Иванов Иван Иванович", "Ivan Ivanov"),
    ("Щербаков Алексей", "Aleksey Shcherbakov"),
    ("Алексей Щербаков", "Scherbakov Alexei"),
    ("Хрущёв Никита Сергеевич", "Nikita Khrushchev"),
    ("Жуков Георгий", "Georgy Zhukov"),
    ("Чайковский Пётр Ильич", "Pyotr Tchaikovsky"),
    ("Чайковский, Петр", "Peter Chaikovskiy"),
    ("Юлия Ковалёва", "Yulia Kovaleva"),
    ("Наталья Цветаева", "Natalia Tsvetaeva"),
    ("Семён Ёлкин", "Semen Elkin"),
    ("Иванова Анна", "Anna Ivanov"),
    ("Дима Соколов", "Дмитрий Соколов"),
    ("Вячеслав Яковлев", "Viacheslav Iakovlev"),
    ("Вячеслав Яковлев", "Vyacheslav Yakovlev"),
    ("Михаил Горбачёв", "Mikhail Gorbachov"),
    ("Евгений Примаков", "Yevgeny Primakov"),
    ("Мария Шарапова", "Maria Sharapova"),
    ("Сергей Рахманинов", "Sergei Rachmaninoff"),
    ("Хоссейни Мохаммад-Реза", "Mohammad Reza Hosseini"),
    ("Али Карими", "علی کریمی"),
    ("Толстая Софья Андреевна", "Sofia Tolstaya"),
]
UKRAINIAN = [
    ("Ковальська Олена Петрівна", "Olena Kovalska"),
    ("Тарас Шевченко", "Taras Shevchenko"),
    ("Гончаренко Олексій", "Oleksii Honcharenko"),
    ("Володимир Зеленський", "Volodymyr Zelenskyy"),
    ("Зеленский Владимир", "Vladimir Zelensky"),
    ("Юлія Тимошенко", "Юлия Тимошенко"),
    ("Сергій Бондарчук", "Serhiy Bondarchuk"),
    ("Андрій Шевчук", "Андрей Шевчук"),
    ("Ігор Ткаченко", "Игорь Ткаченко"),
    ("Григорій Сковорода", "Hryhorii Skovoroda"),
    ("Людмила Павличенко", "Liudmyla Pavlychenko"),
    ("Євген Мельник", "Yevhen Melnyk"),
    ("Наталія Яремчук", "Nataliia Yaremchuk"),
    ("В'ячеслав Чорновіл", "Viacheslav Chornovil"),
    ("Кличко Віталій", "Vitali Klitschko"),
    ("Святослав Вакарчук", "Sviatoslav Vakarchuk"),
    ("Оксана Забужко", "Oksana Zabuzhko"),
    ("Їжакевич Іван", "Ivan Yizhakevych"),
    ("Ґалаґан Петро", "Petro Galagan"),
    ("Христина Соловій", "Khrystyna Solovii"),
]
PERSIAN = [
    ("محمدرضا حسینی", "Mohammad Reza Hosseini"),
    ("محمد رضا حسینی", "Мохаммад-Реза Хоссейни"),
    ("محمد‌رضا حسینی", "Mohammadreza Hosseini"),
    ("محمدرضا حسيني", "محمد رضا حسینی"),
    ("آقای علی کریمی", "Ali Karimi"),
    ("سید علی موسوی", "Seyed Ali Mousavi"),
    ("مریم حسین‌زاده", "Maryam Hosseinzadeh"),
    ("مریم حسین زاده", "مریم حسینزاده"),
    ("حسن روحانی", "Hassan Rouhani"),
    ("محمود احمدی‌نژاد", "Mahmoud Ahmadinejad"),
    ("محمود احمدی نژاد", "Махмуд Ахмадинежад"),
    ("قاسم سلیمانی", "Qasem Soleimani"),
    ("قاسم سلیمانی", "Касем Сулеймани"),
    ("فاطمه رضایی", "Fatemeh Rezaei"),
    ("زهرا صادقی", "Zahra Sadeghi"),
    ("دکتر احمد باقری", "Ahmad Bagheri"),
    ("عباس کیارستمی", "Abbas Kiarostami"),
    ("اصغر فرهادی", "Asghar Farhadi"),
    ("شیرین عبادی", "Shirin Ebadi"),
    ("بهرام رادان", "Bahram Radan"),
    ("نیلوفر اکبرپور", "Niloufar Akbarpour"),
    ("کاوه نوری", "Kaveh Nouri"),
]
LATIN = [
    ("John Smith", "Smith, John"),
    ("Jon Smith", "John Smith"),
    ("Müller Hans", "Hans Muller"),
    ("Jürgen Weiß", "Jurgen Weiss"),
    ("Čapek, Karel", "Karel Capek"),
    ("Jean-Marc Dupont", "Жан-Марк Дюпон"),
    ("William Brown", "Bill Brown"),
    ("Stephen Hawking", "Стивен Хокинг"),
    ("George Washington", "Джордж Вашингтон"),
    ("Margaret Thatcher", "Маргарет Тэтчер"),
    ("Tony Blair", "تونی بلر"),
    ("Ronald Reagan", "Рональд Рейган"),
    ("Angela Merkel", "آنگلا مرکل"),
    ("Recep Çelik", "Реджеп Челик"),
    ("Lech Wałęsa", "Лех Валенса"),
    ("Barack Obama", "باراک اوباما"),
    ("Kevin Rudd", "Кевин Радд"),
    ("Catherine Ashton", "Кэтрин Эштон"),
    ("Boris Johnson", "Борис Джонсон"),
    ("Linda Smith", "لیندا اسمیت"),
]
ORGANIZATIONS = [
    ("ООО «Ромашка»", "Ромашка, ООО"),
    ('ТОВ "Ромашка"', "Romashka LLC"),
    ("ЗАО «Вектор-Плюс»", "Vektor Plus"),
    ("شرکت پارس گستر (سهامی خاص)", "Pars Gostar Co."),
    ("АО «Газпром»", "Gazprom JSC"),
]
DIFFERENT = [
    ("Иванов Иван", "Петров Пётр"),
    ("Иванов Иван", "Сидоров Иван"),
    ("محمدرضا حسینی", "علی کریمی"),
    ("محمدرضا حسینی", "Ali Karimi"),
    ("Ron Paul", "Tom Baker"),
    ("Ковальська Олена", "Шевченко Тарас"),
]


def shared(left: str, right: str, kind: str = "person") -> set[str]:
    hints = Hints(kind=kind)  # type: ignore[arg-type]
    return set(keys(parse(left, hints))) & set(keys(parse(right, hints)))


@pytest.mark.parametrize(("left", "right"), [*RUSSIAN, *UKRAINIAN, *PERSIAN, *LATIN])
def test_spellings_share_a_key(left: str, right: str) -> None:
    assert shared(left, right)


@pytest.mark.parametrize(("left", "right"), ORGANIZATIONS)
def test_organizations_share_a_key(left: str, right: str) -> None:
    assert shared(left, right, "organization")


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_namesakes_do_not(left: str, right: str) -> None:
    assert not shared(left, right)


def test_keys_say_what_they_are() -> None:
    prefixes = {key.split(":")[0] for key in keys(parse("Иванов Иван Иванович"))}
    assert prefixes == {"fg", "fb", "fi", "mp", "fa"}
    assert {key.split(":")[0] for key in keys(parse("ООО «Ромашка Плюс»"))} == {"og", "ow", "o2", "o1", "oj"}
    assert keys(parse("---")) == []


def test_similarity_parts_the_same_from_the_different() -> None:
    same = [*RUSSIAN, *UKRAINIAN, *PERSIAN, *LATIN]
    alike = score_pairs([left for left, _ in same], [right for _, right in same])
    unlike = score_pairs([left for left, _ in DIFFERENT], [right for _, right in DIFFERENT])
    assert (alike > 0).mean() > 0.95
    assert (unlike < 0).all()
    assert score_pairs(["---"], ["Иван"]).tolist() == [0.0]


def test_similarity_is_symmetric() -> None:
    left, right = zip(*RUSSIAN, strict=True)
    assert score_pairs(left, right).tolist() == score_pairs(right, left).tolist()
