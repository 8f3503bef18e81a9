"""What the cells of a column say, whatever its name: phones, dates, names of people, check digits, closed lists.

:func:`look` measures the shares of values that are each of these. Readers are those of the pipeline, so that what is
proposed is what will be read. What the shares mean for a field is the matter of :mod:`.verdicts`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from statistics import median
from typing import Any

from crm_etl.migration import Calendar
from crm_etl.normalize import dates, emails, lists, phones
from crm_etl.normalize.addresses import gazetteer
from crm_etl.normalize.identifiers.checks import LENGTHS, checks
from crm_etl.normalize.names import legal_forms, parse
from crm_etl.normalize.names.words import look as look_at_word
from crm_etl.normalize.text import clean, digits, fold
from crm_etl.profile.closed_lists import booleans, covered
from crm_etl.profile.patterns import date_formats
from crm_etl.profile.store import Facts

#: Distinct values that are read for what they mean; the most frequent first.
READ_LIMIT = 300
_NUMBER = re.compile(r"[+-]?\d{1,3}(?:[ '.,]?\d{3})*(?:[.,]\d+)?|[+-]?\d+(?:[.,]\d+)?")
_DECIMAL = re.compile(r"[.,]\d{1,2}$")
_PHONE_DIGITS = (7, 15)
_CODE = re.compile(r"[\w./\-]*\d[\w./\-]*")
_HOUSE = re.compile(r"\d")
#: Countries whose habits of writing phones are tried.
_COUNTRIES = ("RU", "UA", "IR")
#: Ten digits are a number nearly everywhere: in Iran the zero before them, or the nine of mobiles, tells.
_IRANIAN = re.compile(r"[\s(]*(?:0|9|\+|98)")
#: Countries that are tried where those do not fit.
_FARTHER = ("BY", "KZ", "AZ", "UZ", "GE", "AM", "MD", "TJ", "TR", "AE", "IQ", "AF", "US", "GB", "PL", "DE")
#: Types of identifiers whose check digits tell them from any number.
CHECKED = tuple(sorted(set(LENGTHS) | {"tr_tckn"}))
ENUM_FIELDS = ("kind", "status", "sex", "channel", "direction", "type", "stage")


@dataclass(frozen=True)
class Seen:
    """What a column's cells are like. ``shares``: what -> share (0 to 1) of the distinct values that are it, of
    closed lists and yes or no: of the cells; ``formats``: the date formats that fit; ``ages``: median age in years
    where they are dates."""

    rows: int
    filled: int
    distinct: int
    shares: dict[str, float] = field(default_factory=dict)
    formats: tuple[dict[str, Any], ...] = ()
    ages: float | None = None
    country: str | None = None
    restore_zero: bool = False

    def share(self, what: str) -> float:
        return self.shares.get(what, 0.0)

    @property
    def fill(self) -> float:
        return self.filled / self.rows if self.rows else 0.0

    @property
    def uniqueness(self) -> float:
        return self.distinct / self.filled if self.filled else 0.0

    @property
    def repeats(self) -> float:
        """How many rows share a value on average."""
        return self.filled / self.distinct if self.distinct else 0.0


def look(facts: Facts, rows: int) -> Seen:
    """What ``facts`` of a column of ``rows`` rows say."""
    words = lists.placeholders()["cell"]
    cells = {clean(value): n for value, n in facts.values.items()}
    held = {value: n for value, n in cells.items() if value and value.casefold() not in words}
    few = dict(list((held or cells).items())[:READ_LIMIT])
    shares = _shares(few)
    shares |= {f"enum.{name}": covered(name, cells) for name in ENUM_FIELDS if facts.distinct <= 40}
    shares["bool"] = booleans(cells) if facts.distinct <= 6 else 0.0
    formats = tuple(date_formats(few)) if few else ()
    shares["date"] = float(formats[0]["share"]) if formats else 0.0
    country, restore = None, False
    if shares["digits"] > 0.1 and shares["date"] < 0.5:
        shares["phone"], country, restore = _phones(few)
    return Seen(rows, facts.filled, facts.distinct, shares, formats, _age(few, formats), country, restore)


def _shares(values: dict[str, float]) -> dict[str, float]:
    tests: dict[str, Callable[[str], bool]] = {
        "digits": _phone_like,
        "number": lambda value: _NUMBER.fullmatch(_plain(value)) is not None,
        "decimal": lambda value: _DECIMAL.search(value) is not None and _NUMBER.fullmatch(_plain(value)) is not None,
        "integer": lambda value: digits(value).isdigit(),
        "letters": lambda value: any(map(str.isalpha, value)),
        "code": lambda value: _CODE.fullmatch(digits(value)) is not None,
        "several": lambda value: " " in value,
        "text": lambda value: value.count(" ") >= 2 and not _is_place(value),
        "email": lambda value: "@" in value and bool(emails.read(value).value),
        "currency": lambda value: value in lists.currencies() or fold(value) in lists.currencies(),
        "country": lambda value: gazetteer.country(value) is not None,
        "city": lambda value: _is_city(value),
        "street": _is_place,
        "postal": lambda value: re.fullmatch(r"\d{5,6}|\d{10}|\d{5}-\d{4,5}", digits(value)) is not None,
        **{f"id.{kind}": _identifier(kind) for kind in (*CHECKED, "ru_kpp", "passport")},
    }
    size = len(values) or 1
    found = {name: sum(map(test, values)) / size for name, test in tests.items()}
    return found | _names(values)


def _plain(value: str) -> str:
    return re.sub(r"\s", " ", digits(value)).strip()


def _phone_like(value: str) -> bool:
    figures = sum(map(str.isdigit, value))
    return _PHONE_DIGITS[0] <= figures <= 3 * _PHONE_DIGITS[1] and sum(map(str.isalpha, value)) < figures


def _identifier(kind: str) -> Callable[[str], bool]:
    check = checks()[kind]
    return lambda value: check(re.sub(r"[\s\-–]", "", digits(value)).upper())


@lru_cache(maxsize=20_000)
def _is_city(value: str) -> bool:
    return len(value) <= 40 and not any(map(str.isdigit, value)) and bool(gazetteer.cities(_bare_city(value)))


def _bare_city(value: str) -> str:
    return re.sub(r"^(?:г|м|город|місто|شهر)\.?\s+", "", value, flags=re.IGNORECASE)


def _is_place(value: str) -> bool:
    several = " " in value or "," in value or "،" in value
    return several and _HOUSE.search(value) is not None and not _street_words().isdisjoint(fold(value).split())


@cache
def _street_words() -> frozenset[str]:
    document = lists.load("addresses/words.yml")
    kinds = (word for words in document["kinds"].values() for word in words)
    units = (word for words in document["units"].values() for word in words)
    found = {fold(str(word)) for word in (*kinds, *units, *document["house"])}
    return frozenset(word for word in found if word)


def _names(values: Mapping[str, float]) -> dict[str, float]:
    """Shares of the values that are a given name, a surname, a patronymic, a whole person, a firm, or a person with
    initials."""
    found = dict.fromkeys(("given", "family", "patronymic", "person", "organization", "initials"), 0)
    for value in values:
        for role in _roles(value):
            found[role] += 1
    return {role: count / (len(values) or 1) for role, count in found.items()}


@lru_cache(maxsize=50_000)
def _roles(value: str) -> tuple[str, ...]:
    if any(map(str.isdigit, value)) or "@" in value or len(value) > 120 or not any(map(str.isalpha, value)):
        return ()
    if legal_forms.split(value)[0] or parse(value).kind == "organization":
        return ("organization",)
    words = [look_at_word(word) for word in value.replace(".", ". ").split()]
    if len(words) == 1:
        if words[0].is_patronymic and words[0].patronymic_sex is not None and not words[0].given:
            return ("patronymic",)
        roles = [*(["given"] if words[0].given else []), *(["family"] if words[0].role < 0 else [])]
        return tuple(roles)
    named = any(word.given or word.is_patronymic for word in words)
    initials = any(word.is_initial for word in words) and any(not word.is_initial for word in words)
    if not (2 <= len(words) <= 5 and (named or initials)):
        return ()
    if all(word.given for word in words):
        return ("person", "given")
    return ("person", "initials") if initials else ("person",)


def _phones(values: Mapping[str, float]) -> tuple[float, str | None, bool]:
    """The share that are phones, in the country whose habits fit best, and whether zeros must be put back for it."""
    likely = [value for value in values if _phone_like(value)][:120]
    if not likely:
        return 0.0, None, False
    # Numbers that bear their country's code are the same in all.
    local = [value for value in likely if not digits(value).lstrip("( ").startswith(("+", "00"))]
    asked = local if len(local) >= 5 else likely
    plain = {country: _valid(asked, country, False) for country in _COUNTRIES}
    # Bare digits are a phone somewhere in the world: farther off it takes more than that.
    if max(plain.values()) < 0.5 and sum(not value.isalnum() for value in asked) * 2 > len(asked):
        plain |= {country: _valid(asked, country, False) for country in _FARTHER}
    country = max(plain, key=lambda one: plain[one])
    best, restore = _valid(likely, country, False), False
    for other in _COUNTRIES:
        restored = _valid(likely, other, True)
        if restored > best + 0.15:
            best, country, restore = restored, other, True
    return best * len(likely) / max(min(len(values), 120), len(likely)), country, restore


def _valid(values: list[str], country: str, restore_zero: bool) -> float:
    known = [value for value in values if country != "IR" or _IRANIAN.match(digits(value)) is not None]
    return sum(bool(phones.read(v, country=country, restore_zero=restore_zero).value) for v in known) / len(values)


def _age(values: Mapping[str, float], formats: tuple[dict[str, Any], ...]) -> float | None:
    """Median age in years of the values, read in the format that fits best."""
    if not formats:
        return None
    form, calendar = str(formats[0]["format"]), formats[0]["calendar"]
    years = [int(day[:4]) for day in (read_day(value, form, calendar) for value in values) if day is not None]
    return dt.date.today().year - median(years) if years else None


def read_day(value: str, form: str, calendar: Calendar) -> str | None:
    """``value`` as ``YYYY-MM-DD…``; None where it is no date of that form."""
    found: str | None = dates.read(value, form, calendar, typed=True).value
    return found
