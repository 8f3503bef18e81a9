"""Addresses -> country, region, city, postal code and the rest, romanized and folded.

Cities come from the gazetteer ``cities.yml`` (names in the scripts of the sources -> canonical name, country);
a city that it lacks is only romanized. Streets are not looked up anywhere: they are folded for comparison.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from crm_etl.normalize import lists
from crm_etl.normalize.names.romanization import romanize
from crm_etl.normalize.names.romanization import word as word_latin
from crm_etl.normalize.reading import Reading
from crm_etl.normalize.text import clean, digits, fold

#: Shape of a postal code by country (Universal Postal Union); Iran: ten digits, often with a hyphen.
_POSTAL: Mapping[str, str] = {
    "RU": r"\d{6}", "BY": r"\d{6}", "KZ": r"\d{6}|[A-Z]\d{2}[A-Z]\d[A-Z]\d", "UA": r"\d{5}",
    "IR": r"\d{10}|\d{5}-\d{5}",
    "DE": r"\d{5}", "US": r"\d{5}(?:-\d{4})?", "PL": r"\d{2}-\d{3}", "TR": r"\d{5}", "UZ": r"\d{6}", "GE": r"\d{4}",
    "AM": r"\d{4}", "AZ": r"AZ ?\d{4}", "FR": r"\d{5}", "GB": r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}", "IT": r"\d{5}",
}  # fmt: skip
#: Words before a city or a street that say what it is.
_CITY_WORD = re.compile(
    r"^(?:г|гор|город|м|місто|пгт|пос|поселок|с|село|д|дер|деревня|city|town|شهر|شهرستان)\b\.?\s*", re.IGNORECASE
)
_REGION = re.compile(
    r"\b(?:обл|область|край|респ|республика|ао|округ|район|р-н|область|oblast|region|province|krai)\b|استان",
    re.IGNORECASE,
)
_STREET_WORD = {
    "улица": "ul", "ул": "ul", "вулиця": "ul", "вул": "ul", "проспект": "pr", "просп": "pr", "пр": "pr", "пр-т": "pr",
    "пр-кт": "pr", "переулок": "per", "пер": "per", "провулок": "per", "пров": "per", "площадь": "pl", "пл": "pl",
    "площа": "pl", "бульвар": "bul", "бул": "bul", "б-р": "bul", "шоссе": "sh", "шосе": "sh", "ш": "sh", "дом": "",
    "д": "", "буд": "", "будинок": "", "квартира": "kv", "кв": "kv", "корпус": "k", "корп": "k", "к": "k",
    "строение": "s", "стр": "s", "офис": "of", "оф": "of", "набережная": "nab", "наб": "nab", "خیابان": "ul",
    "خ": "ul", "کوچه": "per", "بلوار": "bul", "میدان": "pl", "پلاک": "", "واحد": "kv", "طبقه": "et", "street": "ul",
    "st": "ul", "str": "ul", "avenue": "pr", "ave": "pr", "lane": "per", "square": "pl", "boulevard": "bul",
    "blvd": "bul", "apartment": "kv", "apt": "kv", "house": "", "building": "k", "office": "of", "ulitsa": "ul",
    "vulytsia": "ul", "prospekt": "pr", "khiaban": "ul", "khiyaban": "ul", "kucheh": "per", "pelak": "", "no": "",
}  # fmt: skip


@dataclass(frozen=True)
class Address:
    """An address taken apart; ``known`` says that the city stands in the gazetteer."""

    country: str | None = None
    region: str | None = None
    city: str | None = None
    postal_code: str | None = None
    street: str | None = None
    known: bool = False


def country(cell: str) -> Reading:
    """ISO 3166 alpha-2 code of a country's code or name."""
    code = _countries().get(fold(cell))
    return Reading(error="unknown_country") if code is None else Reading(code)


def city(cell: str) -> tuple[str, str | None] | None:
    """Canonical name and country of the city in ``cell``; of an unknown one the romanized name and None."""
    name = clean(_CITY_WORD.sub("", clean(cell)))
    for text in (name, clean(cell)):
        if fold(text) in _cities():
            return _cities()[fold(text)]
    romanized = fold(romanize(name))
    return (romanized.title(), None) if romanized else None


def postal_code(cell: str, country: str) -> str | None:
    """The postal code in ``cell`` if it has the shape of ``country``; a code without known shape as it is."""
    text = digits(clean(cell)).upper()
    shape = _POSTAL.get(country)
    if shape is None:
        return text or None
    text = re.sub(r"[.,]0+$", "", text).replace(" ", "") if shape[0] == "\\" else text
    return text.replace("-", "") if re.fullmatch(shape, text) else None


def street(cell: str, country: str | None = None) -> str | None:
    """``cell`` romanized (by the language of ``country``) and folded; kinds of streets abbreviated alike."""
    language = "uk" if country == "UA" else None
    words = re.findall(r"[^\W_]+(?:-[^\W\d_]+)*", digits(clean(cell)).replace("\u200c", " "))
    plain = [_STREET_WORD.get(word.casefold(), fold(word_latin(word, language))) for word in words]
    return " ".join(word for word in plain if word) or None


def region(cell: str) -> str | None:
    """``cell`` romanized, without the word for what kind of region it is."""
    return fold(romanize(clean(_REGION.sub(" ", clean(cell)).strip(" .")))).title() or None


def parse(cell: str, default: str) -> Address:
    """One address in one cell. ``default`` is the country where the cell names none and its city is unknown."""
    parts = [part for part in (clean(part) for part in re.split("[,،;\n]", cell)) if part]
    found = _country_of(parts)
    place, parts = _city_of(parts)
    land = found or (place[1] if place is not None else None) or default
    code, parts = _postal_of(parts, land)
    area = next((part for part in parts if _REGION.search(part)), None)
    rest = [part for part in parts if part is not area and fold(part) not in _countries()]
    return Address(
        country=land,
        region=None if area is None else region(area),
        city=None if place is None else place[0],
        postal_code=code,
        street=street(" ".join(rest), land),
        known=place is not None and place[1] is not None,
    )


def _country_of(parts: list[str]) -> str | None:
    return next((_countries()[fold(part)] for part in parts if len(part) > 2 and fold(part) in _countries()), None)


def _city_of(parts: list[str]) -> tuple[tuple[str, str | None] | None, list[str]]:
    for place, part in enumerate(parts):
        words = _CITY_WORD.sub("", part)
        for text in dict.fromkeys((words, part, re.sub(r"\d{5,6}", "", part).strip())):
            if fold(text) in _cities():
                left = "" if text in (words, part) else part.replace(text, "").strip()
                return _cities()[fold(text)], [*parts[:place], *([left] if left else []), *parts[place + 1 :]]
    for place, part in enumerate(parts):
        if re.match(r"(?:г|гор|город|м|місто|пгт|с|село|city|شهر)\b\.?\s*[^\W\d]", part, re.IGNORECASE) and (
            _CITY_WORD.sub("", part) != part
        ):
            return city(part), [*parts[:place], *parts[place + 1 :]]
    for place, part in enumerate(parts):
        # A city and its street in one piece, as Persian addresses have it: تهران خیابان ولیعصر
        pieces = part.split(" ")
        for size in (2, 1):
            head = fold(" ".join(pieces[:size]))
            if len(pieces) > size and head in _cities():
                return _cities()[head], [*parts[:place], " ".join(pieces[size:]), *parts[place + 1 :]]
    return None, parts


def _postal_of(parts: list[str], land: str) -> tuple[str | None, list[str]]:
    shape = _POSTAL.get(land)
    if shape is None:
        return None, parts
    pattern = re.compile(rf"(?<![\w-])(?:{shape})(?![\w-])")
    for place, part in enumerate(parts):
        match = pattern.search(digits(part).upper())
        if match is not None:
            left = clean(digits(part)[: match.start()] + digits(part)[match.end() :])
            return match.group().replace("-", ""), [*parts[:place], *([left] if left else []), *parts[place + 1 :]]
    return None, parts


@cache
def _countries() -> Mapping[str, str]:
    document = lists.load("countries.yml")
    return {fold(name): code for code, names in document.items() for name in (code, *names)}


@cache
def _cities() -> Mapping[str, tuple[str, str | None]]:
    known: dict[str, tuple[str, str | None]] = {}
    for land, cities in lists.load("cities.yml").items():
        for canonical, names in cities.items():
            for name in (canonical, *names):
                known.setdefault(fold(name), (canonical, land))
    return known
