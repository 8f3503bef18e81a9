"""Countries, regions and cities by their names in three scripts, those of today and those on old papers.

``gazetteer.csv`` and ``countries.csv`` are derived (GeoNames, CLDR) by ``training/gazetteer.py``; ``cities.yml``,
``regions.yml`` and ``countries.yml`` are written by hand and go before them. Reading whole addresses: :mod:`.cells`.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from crm_etl.normalize import lists
from crm_etl.normalize.kept import kept
from crm_etl.normalize.text import fold

_APOSTROPHES = re.compile("['’‘ʼʹ`´]")
_MARKS = re.compile("[\u0300-\u036f]")
_LATIN = re.compile("[a-z\u00c0-\u024f]", re.IGNORECASE)
_LETTERS = str.maketrans({"ı": "i", "ł": "l", "đ": "d", "ø": "o", "æ": "ae", "ß": "ss", "ə": "a", "آ": "ا"})
#: Ways to romanize one Cyrillic letter, and what they are all read as.
_ROUGH = tuple(
    (re.compile(one), other)
    for one, other in (("shch|sch", "s"), ("kh", "h"), ("zh", "z"), ("[iy][ay]", "a"), ("[iyj]+", "i"), ("yo|ye", "e"))
)
#: A namesake so many times smaller is not meant where nothing tells which one is.
_DOMINANT = 5


@dataclass(frozen=True, slots=True)
class Place:
    """A city. ``region``: its canonical name in ``regions.yml``, None where that knows none of the country."""

    name: str
    country: str
    region: str | None = None
    population: int = 0


@lru_cache(maxsize=200_000)
def key(text: str) -> str:
    """What spellings of one name have in common: no case, blanks, hyphens, apostrophes or accents of Latin letters."""
    bare = _APOSTROPHES.sub("", text)
    if _LATIN.search(bare) is not None and not bare.isascii():
        bare = _MARKS.sub("", unicodedata.normalize("NFKD", bare))
    return fold(bare).translate(_LETTERS).replace(" ", "")


def cities(name: str) -> tuple[Place, ...]:
    """The cities called ``name``: those that people wrote down first, then the others, the largest first."""
    exact = _cities().get(key(name))
    if exact is not None:
        return exact
    return _rough_cities().get(rough(key(name)), ()) if name.isascii() and len(name) >= 5 else ()


def city(name: str, country: str | None = None, region: str | None = None) -> Place | None:
    """The city called ``name``: that of ``country`` and ``region`` if they have one, else the largest.

    Its region is told only where no namesake of like size could be meant.
    """
    found = cities(name)
    if not found:
        return None
    inland = [place for place in found if place.country == country] or list(found[:1])
    here = [place for place in inland if region is not None and place.region == region]
    if here:
        return here[0]
    best, *others = [place for place in inland if place.country == inland[0].country]
    if any(other.population * _DOMINANT > best.population and other.region != best.region for other in others):
        return Place(best.name, best.country, None, best.population)
    return best


def country(name: str) -> str | None:
    """ISO 3166 alpha-2 code of the country called ``name``, or whose code it is."""
    return _countries().get(key(name))


def region(name: str, country: str | None = None) -> tuple[str, str] | None:
    """Country and canonical name of the region called ``name`` (without the word for its kind)."""
    found = _regions().get(key(name), ())
    inland = [one for one in found if one[0] == country]
    return inland[0] if inland else found[0] if len(found) == 1 else None


def rough(latin: str) -> str:
    """``latin`` without what romanizations differ in: Chelyabinsk and Cheliabinsk, Nizhny and Nizhnij."""
    for one, other in _ROUGH:
        latin = one.sub(other, latin)
    return latin


# ---------------------------------------------------------------------------------------------------------- tables
@kept
def _cities() -> Mapping[str, tuple[Place, ...]]:
    known: dict[str, list[Place]] = {}
    hand: dict[str, list[Place]] = {}
    # The largest of those that bear a name comes first in the file.
    places = {(place.country, place.name): place for place, _ in reversed(_derived())}
    for land, names in lists.load("addresses/cities.yml").items():
        for canonical, spellings in names.items():
            place = places.get((land, canonical), Place(canonical, land))
            for name in (canonical, *spellings):
                _add(hand, key(str(name)), place)
    for place, keys in _derived():
        for one in (key(place.name), *keys):
            _add(known, one, place)
    names = sorted({*known, *hand})
    return {name: tuple(dict.fromkeys([*hand.get(name, ()), *known.get(name, ())])) for name in names}


def _add(known: dict[str, list[Place]], name: str, place: Place) -> None:
    found = known.setdefault(name, [])
    if place not in found:
        found.append(place)


@cache
def _rough_cities() -> Mapping[str, tuple[Place, ...]]:
    known: dict[str, tuple[Place, ...]] = {}
    for name, found in _cities().items():
        if name.isascii() and len(name) >= 5:
            known.setdefault(rough(name), found)
    return known


@kept
def _derived() -> tuple[tuple[Place, tuple[str, ...]], ...]:
    return tuple(
        (Place(name, land, area or None, int(population)), tuple(keys.split("|")) if keys else ())
        for land, area, name, population, keys in _rows("gazetteer.csv")
    )


@cache
def _countries() -> Mapping[str, str]:
    hand = {key(str(name)): code for code, names in lists.load("addresses/countries.yml").items() for name in names}
    derived = {one: code for code, keys in _rows("countries.csv") for one in (code.casefold(), *keys.split("|"))}
    return {**derived, **hand}


@cache
def _regions() -> Mapping[str, tuple[tuple[str, str], ...]]:
    known: dict[str, tuple[tuple[str, str], ...]] = {}
    for land, regions in lists.load("addresses/regions.yml").items():
        for canonical, entry in regions.items():
            for one in sorted({key(str(name)) for name in (canonical, _bare(canonical), *entry["names"])}):
                # A region that bears the name itself goes before one that only begins with it: Moscow, Moscow Oblast.
                own = ((land, canonical),)
                known[one] = own + known.get(one, ()) if one == key(canonical) else known.get(one, ()) + own
    return known


def _bare(canonical: str) -> str:
    return re.sub(r" (?:Autonomous )?(?:Oblast|Krai|Okrug|Republic|Region)$", "", canonical)


def _rows(name: str) -> Iterator[list[str]]:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    return csv.reader(line for line in text.splitlines() if not line.startswith("#"))
