"""Phones, e-mail addresses and postal addresses: what is true of a client, and how systems write it.

A phone is kept as country code and national number; :func:`written` gives the forms that clerks use. Which
client has which: :mod:`crm_etl.demo.people`. What goes wrong with them: :mod:`crm_etl.demo.errors`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from random import Random

from crm_etl.demo import scripts
from crm_etl.demo.lexicon import cells, table

_CALLING = {"RU": "7", "UA": "380", "IR": "98", "XX": ""}
_MOBILE = {
    "RU": ("903", "905", "906", "909", "910", "915", "916", "917", "919", "921", "925", "926", "961", "985"),
    "UA": ("50", "63", "66", "67", "68", "73", "93", "95", "96", "97", "98", "99"),
    "IR": ("912", "910", "913", "914", "915", "917", "919", "921", "930", "935", "936", "937"),
}
#: Mobile ranges abroad: calling code, prefix, digits that follow.
_ABROAD = (("994", "50", 7), ("374", "91", 6), ("995", "555", 6), ("90", "532", 7), ("971", "50", 7), ("49", "151", 8))
_DOMAINS = {
    "RU": ("mail.ru", "yandex.ru", "gmail.com", "bk.ru", "list.ru", "inbox.ru", "rambler.ru"),
    "UA": ("ukr.net", "gmail.com", "i.ua", "meta.ua", "bigmir.net"),
    "IR": ("gmail.com", "yahoo.com", "chmail.ir", "mailfa.com"),
    "XX": ("gmail.com", "yahoo.com", "hotmail.com", "outlook.com"),
}


@dataclass(frozen=True, slots=True)
class Phone:
    """``country`` ISO code or XX, ``code`` calling code, ``national`` digits without any trunk prefix."""

    country: str
    code: str
    national: str
    extension: str = ""

    @property
    def mobile(self) -> bool:
        return self.national.startswith(_MOBILE.get(self.country, ("",)))


@dataclass(frozen=True, slots=True)
class Address:
    """A place to live or work; ``city`` and ``street`` are lines of data/places.yml split into cells."""

    country: str
    city: tuple[tuple[str, ...], ...]
    street: tuple[tuple[str, ...], ...]
    house: int
    flat: int
    postal: str


def mobile(rng: Random, country: str) -> Phone:
    if country == "XX":
        code, prefix, count = rng.choice(_ABROAD)
        return Phone("XX", code, prefix + _subscriber(rng, count))
    return Phone(country, _CALLING[country], rng.choice(_MOBILE[country]) + _subscriber(rng, 7))


def landline(rng: Random, address: Address) -> Phone:
    if address.country == "XX":
        return mobile(rng, "XX")
    area = address.city[5][0]
    length = {"RU": 10, "UA": 9, "IR": 10}[address.country]
    return Phone(address.country, _CALLING[address.country], area + _subscriber(rng, length - len(area)))


def _subscriber(rng: Random, count: int) -> str:
    return str(rng.randrange(2 * 10 ** (count - 1), 10**count))


@cache
def _places(part: str, country: str) -> list[list[tuple[str, ...]]]:
    return [cells(line) for line in table("places")[part][country]]


def address(rng: Random, country: str) -> Address:
    towns, streets = _places("cities", country), _places("streets", country)
    # The first city, the country's largest, holds about half of the clients.
    town = towns[0] if rng.random() < 0.45 else rng.choice(towns)
    prefix = town[4][0] if town[4] else ""
    length = {"RU": 6, "UA": 5, "IR": 10, "XX": 5}[country]
    postal = prefix + str(rng.randrange(1, 10 ** max(1, length - len(prefix)))).zfill(max(1, length - len(prefix)))
    return Address(country, tuple(town), tuple(rng.choice(streets)), rng.randint(1, 150), rng.randint(1, 220), postal)


_SCRIPT_CELL = {"ru": 0, "uk": 1, "Latn": 2, "Arab": 3}


def city_written(place: Address, language: str, rng: Random) -> str:
    """The city in ``language``: ru, uk, Latn or Arab."""
    spellings = place.city[_SCRIPT_CELL[language]]
    return spellings[0] if rng.random() < 0.8 else rng.choice(spellings)


def street_written(place: Address, language: str, rng: Random) -> str:
    street, house, flat = rng.choice(place.street[_SCRIPT_CELL[language]]), place.house, place.flat
    if language == "ru":
        form = rng.choice(("ул. {0}, д. {1}, кв. {2}", "{0} ул., {1}-{2}", "ул {0} {1} кв {2}", "{0}, {1}, кв.{2}"))
    elif language == "uk":
        form = rng.choice(("вул. {0}, буд. {1}, кв. {2}", "вул. {0}, {1}/{2}", "{0} {1}, кв. {2}"))
    elif language == "Arab":
        form = rng.choice(("خیابان {0}، پلاک {1}، واحد {2}", "خ {0} پ {1} واحد {2}", "خ. {0}، پلاک {1}"))
        return scripts.persian_digits(form.format(street, house, flat))
    else:
        form = rng.choice(("{0} St. {1}, apt {2}", "{1} {0} str., ap. {2}", "ul. {0} {1}-{2}", "No. {1}, {0} Ave."))
    return form.format(street, house, flat)


_COUNTRIES = {
    "RU": ("Россия", "Росія", "Russia", "روسیه"),
    "UA": ("Украина", "Україна", "Ukraine", "اوکراین"),
    "IR": ("Иран", "Іран", "Iran", "ایران"),
}


def country_written(country: str, language: str) -> str:
    """The country's name; empty where clients abroad leave it out."""
    return _COUNTRIES.get(country, ("", "", "", ""))[_SCRIPT_CELL[language]]


def email(rng: Random, given: str, family: str, country: str, born: int | None) -> str:
    """An address made of a romanized name, with what makes it unique."""
    first, last = (_handle(part) for part in (given, family))
    number = str(rng.randrange(1, 10_000_000))
    year = str(born)[2:] if born is not None else ""
    form = rng.choice(("{0}.{1}{3}", "{0}{1}{2}{3}", "{1}.{0}.{3}", "{0[0]}{1}{3}", "{1}{2}_{3}", "{0}_{3}"))
    return form.format(first, last, year, number[:5]) + "@" + rng.choice(_DOMAINS[country])


def _handle(text: str) -> str:
    kept = "".join(letter for letter in text.lower() if letter.isascii() and letter.isalnum())
    return kept or "x"


def _groups(digits: str, *sizes: int) -> list[str]:
    parts, start = [], 0
    for size in sizes:
        parts.append(digits[start : start + size])
        start += size
    return [*parts[:-1], parts[-1] + digits[start:]]


_EXTENSION = {"RU": (" доб. {}", " доб {}", " x{}", " #{}"), "UA": (" дод. {}", " доб. {}", " вн. {}")}
_EXTENSION |= {"IR": (" داخلی {}", " ext. {}", " x{}"), "XX": (" ext. {}", " x{}", " ext {}")}


def written(phone: Phone, rng: Random, home: str) -> str:
    """``phone`` in one of the forms in use at an office in ``home`` (RU, UA, IR or XX), extension included."""
    number = phone.national
    forms: tuple[str, ...]
    here: tuple[str, ...]
    if phone.country == "XX":
        text = rng.choice(("+{0} {1}", "+{0}{1}", "00{0}{1}")).format(phone.code, number)
    elif phone.country == "RU":
        a, b, c, d = _groups(number, 3, 3, 2, 2)
        local = home == "RU"
        forms = ("+7 {0} {1}-{2}-{3}", "+7{0}{1}{2}{3}", "7{0}{1}{2}{3}", "+7 ({0}) {1}-{2}-{3}", "007 {0} {1}{2}{3}")
        here = ("8 ({0}) {1}-{2}-{3}", "8{0}{1}{2}{3}", "8-{0}-{1}-{2}-{3}", "{0} {1} {2} {3}", "({0}) {1}{2}{3}")
        text = rng.choice(forms[:4] + here if local else forms).format(a, b, c, d)
    elif phone.country == "UA":
        a, b, c, d = _groups(number, 2, 3, 2, 2)
        forms = ("+380 {0} {1} {2} {3}", "+380{0}{1}{2}{3}", "380{0}{1}{2}{3}", "+38 (0{0}) {1}-{2}-{3}")
        here = ("0{0} {1}-{2}-{3}", "(0{0}) {1}{2}{3}", "8-0{0}-{1}-{2}-{3}")
        text = rng.choice(forms + here if home == "UA" else forms).format(a, b, c, d)
    else:
        a, b, c, d = _groups(number, 3, 3, 2, 2)
        forms = ("+98 {0} {1} {2}{3}", "0098{0}{1}{2}{3}", "98{0}{1}{2}{3}", "+98{0}{1}{2}{3}")
        here = ("0{0}{1}{2}{3}", "0{0}-{1}{2}{3}", "{0}{1}{2}{3}", "0{0} {1} {2} {3}")
        text = rng.choice((*here, *forms) if home == "IR" else forms).format(a, b, c, d)
    if phone.extension:
        text += rng.choice(_EXTENSION[home]).format(phone.extension)
    return text


def with_extension(phone: Phone, rng: Random) -> Phone:
    return replace(phone, extension=str(rng.randint(10, 999)))
