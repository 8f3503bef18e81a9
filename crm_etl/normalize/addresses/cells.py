"""One address in one cell -> country, region, city, postal code, street.

Which places exist is told by :mod:`.gazetteer`; the comparable form of a street by :mod:`.streets`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from crm_etl.normalize.addresses import gazetteer, postal, vocabulary
from crm_etl.normalize.addresses.gazetteer import Place
from crm_etl.normalize.addresses.streets import street
from crm_etl.normalize.names.romanization import romanize
from crm_etl.normalize.reading import Reading
from crm_etl.normalize.text import clean, digits, fold, script

_PARTS = re.compile(r"[,،;؛|\n]+|(?<!\d)\s+[-–—]\s+|\s+[-–—]\s+(?!\d)")
#: Words that begin a new part though no comma stands before them.
_BEGINS = re.compile(
    r"(?<=[^\s,])(?<!\bст)(?<!\bст\.)\s+(?=(?:г|гор|город|м|місто|смт|пгт)\.?\s?[А-ЯЁІЇЄҐ][^\W\d_]|(?:شهرستان|شهر|استان|خیابان|بلوار|میدان)\s)"
)
#: The nearest station of the underground: м. Сокол, метро Сокол, ст. м. Сокол. In Ukrainian м. is a city.
_METRO = re.compile(r"(?:метро|ст(?:\.|анция)?\s*м(?:етро)?|м)(?![\w\-])\.?\s*(?P<name>[^\W\d_].*)", re.IGNORECASE)
_UKRAINIAN = re.compile(r"[іїєґ]|(?<!\w)(?:вул|буд)(?!\w)", re.IGNORECASE)
_DIGITS = re.compile(r"\d{4,10}")
#: Fewest inhabitants of a city that is known by its name alone in the midst of other words.
_LARGE = 100_000
_MOST_WORDS = 3


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
    code = gazetteer.country(cell)
    return Reading(error="unknown_country") if code is None else Reading(code)


def place(cell: str, country: str | None = None, region: str | None = None) -> Place | None:
    """The city that ``cell`` holds, looked for in ``country`` and ``region`` first; None where it is unknown."""
    text = clean(cell)
    for name in (vocabulary.city_word().sub("", text, count=1) if _has_city_word(text) else text, text):
        found = gazetteer.city(name, country, region)
        if found is not None:
            return found
    return None


def city(cell: str, country: str | None = None) -> tuple[str, str | None] | None:
    """Canonical name and country of the city in ``cell``; of an unknown one the romanized name and None."""
    found = place(cell, country)
    if found is not None:
        return found.name, found.country
    text = clean(cell)
    name = vocabulary.city_word().sub("", text, count=1) if _has_city_word(text) else text
    romanized = fold(romanize(name))
    return (romanized.title(), None) if romanized else None


@lru_cache(maxsize=50_000)
def region(cell: str, country: str | None = None) -> str | None:
    """The canonical name of the region in ``cell``; of an unknown one the romanized name without the word for what
    kind of region it is."""
    found = _region(cell, country)
    if found is not None:
        return found[1]
    name = clean(vocabulary.around("region").sub(" ", clean(cell))).strip(" .")
    return fold(romanize(name)).title() or None


def parse(cell: str, default: str) -> Address:
    """One address in one cell. ``default`` is the country where the cell names none and its city is unknown."""
    parts = _split(cell)
    land, parts = _country_of(parts)
    parts = _without_metro(parts, land or default)
    area, parts = _region_of(parts, land or default)
    found, parts = _city_of(parts, land or (area[0] if area is not None else None), area, default)
    town = gazetteer.city(*found) if found is not None and found[1] is not None else None
    home = land or (found[1] if found is not None else None) or (area[0] if area is not None else None) or default
    code, parts = _postal_of(parts, home)
    return Address(
        country=home,
        region=area[1] if area is not None else None if town is None else town.region,
        city=None if found is None else found[0],
        postal_code=code,
        street=street(", ".join(parts), home),
        known=town is not None,
    )


# ------------------------------------------------------------------------------------------------------ the parts
def _split(cell: str) -> list[str]:
    lines = "\n".join(clean(line) for line in cell.split("\n"))
    parts = [clean(part).strip(" .") for part in _PARTS.split(_BEGINS.sub(",", lines))]
    return [part for part in parts if part]


def _without_metro(parts: list[str], home: str) -> list[str]:
    """``parts`` without those that name a station of the underground."""
    if home == "UA" or any(_UKRAINIAN.search(part) for part in parts):
        return parts
    stations = [part for part in parts if _is_station(part)]
    others = [part for part in parts if part not in stations]
    beside = any(gazetteer.cities(_plain(part)) for part in others)
    return [part for part in parts if part not in stations or not (beside or _nowhere_in_ukraine(part))]


def _is_station(part: str) -> bool:
    match = _METRO.fullmatch(part)
    words = [] if match is None else match["name"].split(" ")
    plain = not any(vocabulary.bare(word) in vocabulary.kinds() or any(map(str.isdigit, word)) for word in words)
    return match is not None and plain and len(words) <= _MOST_WORDS


def _nowhere_in_ukraine(station: str) -> bool:
    match = _METRO.fullmatch(station)
    return match is None or all(town.country != "UA" for town in gazetteer.cities(match["name"]))


def _without(parts: list[str], at: int, left: str = "") -> list[str]:
    """``parts`` with ``left`` in place of the one at ``at``."""
    left = left.strip(" .,:-")
    left = "" if vocabulary.bare(left) in vocabulary.words("city") else left
    return [*parts[:at], *([left] if left else []), *parts[at + 1 :]]


def _country_of(parts: list[str]) -> tuple[str | None, list[str]]:
    for search in (_country, _country_beside_city):
        for at, part in enumerate(parts):
            code, left = search(part)
            if code is not None:
                return code, _without(parts, at, left)
    return None, parts


@lru_cache(maxsize=100_000)
def _country(part: str) -> tuple[str | None, str]:
    """The country that ``part`` is, and nothing."""
    long = len(part) > 2 or part.casefold() in vocabulary.words("short_countries")
    return gazetteer.country(part) if long and not _is_city(part) else None, ""


@lru_cache(maxsize=100_000)
def _country_beside_city(part: str) -> tuple[str | None, str]:
    """The country before or behind one of its cities in ``part`` (تهران ایران, Россия Москва), and what is left."""
    words = part.split(" ")
    for name, rest in ((words[-1], words[:-1]), (words[0], words[1:])):
        code = gazetteer.country(name) if len(name) > 2 and rest else None
        if code is not None and any(place.country == code for place in gazetteer.cities(_plain(rest[0]))):
            return code, " ".join(rest)
    return None, ""


def _region_of(parts: list[str], default: str) -> tuple[tuple[str, str] | None, list[str]]:
    """Country and name of the region, and the parts without it and without districts."""
    found: tuple[str, str] | None = None
    left = []
    for part in parts:
        if found is None and _is_region(part, default):
            known = _region(part, default)
            name = region(part, default)
            found = known or (None if name is None else (default, name))
        elif vocabulary.around("district").search(part) is None or any(map(str.isdigit, part)):
            left.append(part)
    return found, left or parts[:0]


@lru_cache(maxsize=100_000)
def _is_region(part: str, country: str) -> bool:
    """Whether ``part`` says that it is a region, or has the name of one and of no city."""
    if _is_city(part):
        return False
    named = gazetteer.region(part, country)
    return vocabulary.around("region").search(part) is not None or (named is not None and not gazetteer.cities(part))


def _region(cell: str, country: str | None) -> tuple[str, str] | None:
    text = clean(cell)
    name = clean(vocabulary.around("region").sub(" ", text)).strip(" .")
    # The whole first: the Moscow region is another one than Moscow.
    whole = gazetteer.region(text, country)
    return whole or (gazetteer.region(name, country) if name else None)


def _city_of(
    parts: list[str], land: str | None, area: tuple[str, str] | None, default: str
) -> tuple[tuple[str, str | None, str | None] | None, list[str]]:
    """Name, country and region of the city, and the parts without it."""
    home, inner = land or default, None if area is None else area[1]
    best: tuple[_Town, int] | None = None
    for at, part in enumerate(parts):
        found = _town(part, home, inner, land is not None)
        if found is not None and (
            best is None or (found[0], found[1].population) > (best[0][0], best[0][1].population)
        ):
            best = found, at
    if best is not None:
        (_, town, left), at = best
        return (town.name, town.country, inner or town.region), _without(parts, at, left)
    for at, part in enumerate(parts):
        if _has_city_word(part) and vocabulary.bare(re.split(r"[\s.]", part)[0]) not in vocabulary.words("uncertain"):
            unknown = city(part, home)
            return (None if unknown is None else (unknown[0], None, None)), _without(parts, at)
    return None, parts


#: How sure it is that a city is meant, the city, and what is left of the part.
_Town = tuple[int, Place, str]


@lru_cache(maxsize=100_000)
def _town(part: str, home: str, region: str | None, within: bool) -> _Town | None:
    """The likeliest city that ``part`` names; ``within`` the country ``home``, or else only there first."""
    for rank, name, left in _city_names(part):
        town = gazetteer.city(name, home, region)
        if town is not None and (town.country == home or not within) and (rank > 0 or _alone(town, name)):
            return rank, town, left
    return None


def _city_names(part: str) -> Iterator[tuple[int, str, str]]:
    """What in ``part`` may be the name of a city, likeliest first: how sure that is, the name, and what is left."""
    marked = vocabulary.city_word().match(part)
    if marked is not None:
        yield from ((3, name, left) for name, left in _heads(part[marked.end() :]))
    yield 2, part, ""
    bare = _DIGITS.sub(" ", digits(part))
    if bare != part and clean(bare):
        yield 2, clean(bare), " ".join(_DIGITS.findall(digits(part)))
    rank = 1 if script(part) == "Arab" else 0
    yield from ((rank, name, left) for name, left in _heads(part) if left)
    words = part.split(" ")
    for size in (2, 1):
        before = words[-size - 1] if len(words) > size else ""
        if before[-1:].isdigit() or (len(words) > size + 1 and vocabulary.bare(before) in vocabulary.kinds()):
            yield 0, " ".join(words[-size:]), " ".join(words[:-size])


def _heads(text: str) -> Iterator[tuple[str, str]]:
    words = text.split(" ")
    for size in range(min(_MOST_WORDS, len(words)), 0, -1):
        yield " ".join(words[:size]).strip(" ."), " ".join(words[size:])


def _alone(town: Place, name: str) -> bool:
    return len(name) > 2 and (town.population >= _LARGE or town.population == 0)


def _postal_of(parts: list[str], land: str) -> tuple[str | None, list[str]]:
    for at, part in enumerate(parts):
        found = postal.search(part, land)
        if found is not None:
            return found[0], _without(parts, at, found[1])
    return None, parts


def _has_city_word(text: str) -> bool:
    return vocabulary.city_word().match(text) is not None


def _is_city(part: str) -> bool:
    return _has_city_word(part) or any(map(str.isdigit, part))


def _plain(word: str) -> str:
    return vocabulary.city_word().sub("", word, count=1)
