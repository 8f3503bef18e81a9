"""Made people with Latin names: households of persons with names, birth dates, contacts and an address.

Here is what is true of them. What records make of it stands in :mod:`.slips`, the party rows in :mod:`.latin`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from crm_etl.demo.dice import Dice
from crm_etl.normalize.names import romanize

_FOLDER = Path(__file__).parent
#: Surnames follow P(rank > r) = (1 + r / _HEAD) ** -_TAIL: the most frequent is borne by 0.6 %, and among a
#: million people two thirds of the surnames are borne by one family.
_HEAD, _TAIL = 32.0, 0.2
#: Given names: a flat head, as in registers.
_GIVEN_HEAD, _GIVEN_TAIL = 12.0, 1.6
_TODAY, _YOUNGEST = date(2025, 1, 1).toordinal(), date(2021, 1, 1).toordinal()
#: Households of one, two, ... persons.
_HOUSEHOLD = (0.55, 0.79, 0.91, 0.98, 1.0)
_PROVIDERS = ("gmail.com", "gmail.com", "outlook.com", "yahoo.com", "icloud.com", "proton.me")
_OWN_PROVIDERS = {
    "US": ("aol.com", "comcast.net"),
    "DE": ("gmx.de", "web.de", "t-online.de"),
    "ES": ("telefonica.net", "hotmail.es"),
    "FR": ("orange.fr", "free.fr", "laposte.net"),
    "PL": ("wp.pl", "onet.pl", "o2.pl"),
    "IT": ("libero.it", "alice.it", "tiscali.it"),
}


@dataclass(frozen=True)
class Place:
    """An address; ``street`` romanized with the number."""

    country: str
    city: str
    postal_code: str
    street: str


@dataclass(frozen=True)
class Person:
    """One true person. ``phones``: own, then that of the household if there is one."""

    sex: str
    given: str
    family: str
    born: date
    place: Place
    phones: tuple[str, ...]
    email: str
    middle: str | None = None
    former: str | None = None


@cache
def lands() -> dict[str, dict[str, Any]]:
    """What is common in each country: names, cities, streets, phones."""
    found: dict[str, dict[str, Any]] = yaml.safe_load((_FOLDER / "latin.yml").read_text("utf-8"))
    return found


@cache
def nicknames() -> dict[str, list[str]]:
    """Given name -> its short forms."""
    found: dict[str, list[str]] = yaml.safe_load((_FOLDER / "nicknames.yml").read_text("utf-8"))
    return found


def household(dice: Dice) -> list[Person]:
    """The people under one roof: alone, or a couple, children, now and then a parent or a friend."""
    land = _land(dice)
    where, family, landline = place(dice, land), surname(dice, land), phone(dice, land)
    chance = dice.random()
    size = next(size for size, share in enumerate(_HOUSEHOLD, 1) if chance < share)
    grown = _TODAY - int(365.25 * (19 + 66 * dice.random() ** 1.2))
    people: list[Person] = []
    for member in range(size):
        people.append(_member(dice, land, where, family, landline if size > 1 else None, grown, people, member))
    return people


def _member(
    dice: Dice, land: str, where: Place, family: str, landline: str | None, grown: int, others: list[Person], at: int
) -> Person:
    kin = at == 0 or dice.random() < 0.85
    sex = ("m" if others[0].sex == "f" else "f") if at == 1 and dice.random() < 0.9 else dice.choice("fm")
    born = _birth(dice, grown, others, at)
    given = others[0].given if at > 1 and sex == others[0].sex and dice.random() < 0.06 else given_name(dice, land, sex)
    if given in {other.given for other in others if other.born == born}:
        given = given_name(dice, land, sex)
    name = family if kin else surname(dice, land)
    phones = (phone(dice, land), *([landline] if landline is not None and dice.random() < 0.6 else []))
    person = Person(sex, given, name, born, where, phones, email(dice, land, given, name, born))
    if dice.random() < 0.1:
        person = replace(person, middle=given_name(dice, land, sex))
    return replace(person, former=surname(dice, land)) if sex == "f" and kin and at < 2 else person


def _birth(dice: Dice, grown: int, others: list[Person], at: int) -> date:
    """Born about the same time (a couple, friends), or as children of the first two; one child in 33 is a twin."""
    first, last = grown + 7300, min(grown + 13_500, _YOUNGEST)
    if at < 2 or last - first < 365:
        return date.fromordinal(grown + (dice.randint(-2500, 2500) if at else 0))
    return others[-1].born if at > 2 and dice.random() < 0.03 else date.fromordinal(dice.randint(first, last))


def _land(dice: Dice) -> str:
    chance = dice.random()
    for name, land in lands().items():
        chance -= land["share"]
        if chance < 0:
            return name
    return "US"


def place(dice: Dice, land: str) -> Place:
    """An address in the country."""
    cities = lands()[land]["cities"]
    names = list(cities)
    city = names[int(len(names) * dice.random() ** 1.5)]
    width = 5 - len(cities[city])
    street = f"{dice.choice(lands()[land]['streets'])} {1 + int(180 * dice.random() ** 1.5)}"
    return Place(land, city, f"{cities[city]}{dice.randrange(10**width):0{width}d}", street)


def phone(dice: Dice, land: str) -> str:
    """A number as E.164."""
    digits = lands()[land]["digits"]
    return f"{dice.choice(lands()[land]['mobile'])}{dice.randrange(10**digits):0{digits}d}"


def email(dice: Dice, land: str, given: str, family: str, born: date) -> str:
    """An address made of the name, or of a word and a number."""
    one, other = ascii_name(given), ascii_name(family)
    forms = (
        f"{one}.{other}", f"{one}{other}", f"{one[:1]}.{other}", f"{other}.{one}",
        f"{one}.{other}{born.year % 100:02d}", f"{one}{born.year}",
        f"{one[:1]}{other}{dice.randrange(100)}", f"{other}{dice.randrange(1000)}",
    )  # fmt: skip
    local, tail = dice.choice(forms), dice.randrange(10_000)
    return f"{local}{tail if dice.random() < 0.5 else ''}@{dice.choice((*_PROVIDERS, *_OWN_PROVIDERS[land]))}"


@cache
def _ascii(word: str) -> str:
    return "".join(letter for letter in romanize(word).casefold() if letter.isascii() and letter.isalpha())


def ascii_name(name: str) -> str:
    """Letters of ``name`` as they may stand in a mailbox."""
    return _ascii(name)


def given_name(dice: Dice, land: str, sex: str) -> str:
    """A given name of the country, one in twelve times of another."""
    if dice.random() < 0.08:
        land = _land(dice)
    names = lands()[land][sex]
    rank = int(_GIVEN_HEAD * ((1 - dice.random()) ** (-1 / _GIVEN_TAIL) - 1))
    name: str = names[rank] if rank < len(names) else dice.choice(names)
    return name


def surname(dice: Dice, land: str) -> str:
    """A surname by its rank; beyond those that are listed put together, one spelling a rank."""
    rank = int(_HEAD * ((1 - dice.random()) ** (-1 / _TAIL) - 1))
    listed = lands()[land]["surnames"]
    if dice.random() < 0.03:
        return f"{dice.choice(listed)}-{dice.choice(listed)}"
    return listed[rank] if rank < len(listed) else _rare(land, rank - len(listed))


def _rare(land: str, rank: int) -> str:
    """The surname of a rank: head and end, then with one, two, ... syllables between them."""
    heads, ends = lands()[land]["heads"], lands()[land]["ends"]
    rank, head = divmod(rank, len(heads))
    rank, end = divmod(rank, len(ends))
    between = ""
    while rank:
        rank, syllable = divmod(rank - 1, len(heads))
        between = heads[syllable].casefold() + between
        if len(between) > 8:
            break
    return f"{heads[head]}{between}{ends[end]}"


def people(seed: str, count: int) -> Iterator[Person]:
    """``count`` persons, household by household; the same for the same seed."""
    dice = Dice(seed)
    made = 0
    while made < count:
        for person in household(dice)[: count - made]:
            made += 1
            yield person
