"""What the cells of a column say, whatever its name: phones, dates, names of people, check digits, closed lists.

:func:`look` measures the shares; :func:`fits` says whether cells can be those of a field at all, :func:`tells` how
much they speak for it without a name. Readers are those of the pipeline, so that what is proposed is what will be
read. Nothing here looks at column names (:mod:`.headers`) or at other columns (:mod:`.mapping`).
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from statistics import median
from typing import Any

import yaml

from crm_etl.migration import Calendar
from crm_etl.normalize import dates, emails, lists, phones
from crm_etl.normalize.addresses import gazetteer
from crm_etl.normalize.identifiers.checks import LENGTHS, checks
from crm_etl.normalize.names import legal_forms, parse
from crm_etl.normalize.names.words import look as look_at_word
from crm_etl.normalize.text import clean, digits, fold
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
#: Types of identifiers whose check digits tell them from any number.
_CHECKED = tuple(sorted(set(LENGTHS) | {"tr_tckn"}))
_OLDEST, _YOUNGEST = 14, 100
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
    shares |= {f"enum.{name}": _covered(name, cells) for name in ENUM_FIELDS if facts.distinct <= 40}
    shares["bool"] = _booleans(cells) if facts.distinct <= 6 else 0.0
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
        **{f"id.{kind}": _identifier(kind) for kind in (*_CHECKED, "ru_kpp", "passport")},
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


# ----------------------------------------------------------------------------------------------- people and firms
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


# ------------------------------------------------------------------------------------------------- phones and dates
def _phones(values: Mapping[str, float]) -> tuple[float, str | None, bool]:
    """The share that are phones, in the country whose habits fit best, and whether zeros must be put back for it."""
    likely = [value for value in values if _phone_like(value)][:120]
    if not likely:
        return 0.0, None, False
    # Numbers that bear their country's code are the same in all.
    local = [value for value in likely if not digits(value).lstrip("( ").startswith(("+", "00"))]
    asked = local if len(local) >= 5 else likely
    plain = {country: _valid(asked, country, False) for country in _COUNTRIES}
    country = max(plain, key=lambda one: plain[one])
    best, restore = _valid(likely, country, False), False
    for other in _COUNTRIES:
        restored = _valid(likely, other, True)
        if restored > best + 0.15:
            best, country, restore = restored, other, True
    return best * len(likely) / max(min(len(values), 120), len(likely)), country, restore


def _valid(values: list[str], country: str, restore_zero: bool) -> float:
    return sum(bool(phones.read(v, country=country, restore_zero=restore_zero).value) for v in values) / len(values)


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


# ------------------------------------------------------------------------------------------------------ closed lists
@cache
def enum_words() -> dict[str, dict[str, str]]:
    """Field -> folded word -> value, from ``data/values.yml``."""
    text = resources.files(__package__).joinpath("data/values.yml").read_text(encoding="utf-8")
    return {
        name: {fold(str(word)): str(value) for value, words in values.items() for word in words}
        for name, values in yaml.safe_load(text).items()
    }


@lru_cache(maxsize=20_000)
def enum_value(name: str, cell: str) -> str | None:
    """The value of field ``name`` that ``cell`` means; None where no word tells."""
    known = enum_words()[name]
    folded = fold(cell)
    if folded in known:
        return known[folded]
    joined = {known[word] for word in (folded.replace(" ", ""),) if word in known}
    begun = {
        value
        for word, value in known.items()
        for part in folded.split()
        if len(word) >= 4 and (part.startswith(word) or (len(part) >= 4 and word.startswith(part)))
    }
    for found in (joined, {known[part] for part in folded.split() if part in known and len(part) > 1}, begun):
        if len(found) == 1:
            return found.pop()
    return None


def _covered(name: str, cells: Mapping[str, float]) -> float:
    """The share of the cells whose word is known for field ``name``; at least two values must be."""
    held = {cell: n for cell, n in cells.items() if cell not in ("", "-")}
    found = {cell: enum_value(name, cell) for cell in held}
    if len({value for value in found.values() if value is not None}) < min(2, len(held)):
        return 0.0
    return sum(n for cell, n in held.items() if found[cell] is not None) / (sum(held.values()) or 1)


def _booleans(cells: Mapping[str, float]) -> float:
    known = lists.booleans()
    found = {cell: known.get(digits(cell).casefold()) for cell in cells if cell}
    if len({value for value in found.values() if value is not None}) == 0:
        return 0.0
    return sum(n for cell, n in cells.items() if found.get(cell) is not None) / (sum(cells.values()) or 1)


# ----------------------------------------------------------------------------------------------------------- verdicts
def fits(name: str, kind: str, seen: Seen) -> float:
    """0 to 1: whether cells as ``seen`` can be those of field ``name`` of type ``kind``; what is empty can be all."""
    if seen.filled == 0:
        return 0.8
    if name in ("key", "client", "ignore"):
        return _fits_key(name, seen)
    if kind == "enum":
        return _step(seen.share(f"enum.{name}"), 0.8, 0.4, otherwise=0.35 if seen.distinct <= 20 else 0.0)
    if kind == "identifier":
        return _step(seen.share(f"id.{name.partition('.')[2]}"), 0.5, 0.2, otherwise=0.05)
    shares = {"date": "date", "phone": "phone", "email": "email", "money": "number", "currency": "currency"}
    if kind in shares:
        return _step(seen.share(shares[kind]), 0.6, 0.3, otherwise=0.0)
    if kind == "bool":
        return _step(seen.share("bool"), 0.9, 0.6, otherwise=0.0)
    if kind == "country":
        return _step(seen.share("country"), 0.5, 0.25, otherwise=0.1)
    return _fits_text(name, seen)


def _fits_key(name: str, seen: Seen) -> float:
    if seen.share("date") > 0.8 or seen.share("email") > 0.5:
        return 0.0 if name == "key" else 0.5
    if name == "ignore":
        return 1.0
    if seen.share("several") > 0.5:
        return 0.1
    if name == "client":
        return 1.0 if seen.distinct > 1 else 0.2
    return _step(min(seen.uniqueness, seen.fill), 0.95, 0.85, otherwise=0.0)


def _fits_text(name: str, seen: Seen) -> float:
    if max(seen.share("date"), seen.share("email"), seen.share("phone") * seen.share("digits")) > 0.6:
        return 0.15
    if name == "postal_code":
        return _step(seen.share("postal"), 0.5, 0.2, otherwise=0.2)
    letters = seen.share("letters")
    if name in ("document", "branch", "segment", "owner"):
        return 1.0 if letters > 0.5 or seen.share("code") > 0.5 else 0.6
    if letters < 0.5:
        return 0.1
    if name in ("given", "family", "patronymic"):
        return 0.5 if seen.share("organization") > 0.3 or seen.repeats > 60 else 1.0
    if name == "city":
        return _step(seen.share("city"), 0.4, 0.1, otherwise=0.4)
    if name == "name":
        return 0.35 if seen.repeats > 25 else 1.0
    return 1.0


def _step(share: float, good: float, fair: float, *, otherwise: float) -> float:
    return 1.0 if share >= good else 0.7 if share >= fair else otherwise


def tells(name: str, kind: str, seen: Seen) -> float:
    """0 to 1: how much cells as ``seen`` speak for field ``name`` of type ``kind`` where nothing is known of a name."""
    if seen.filled == 0:
        return 0.0
    if kind == "email":
        return 0.95 * _sure(seen.share("email"), 0.5)
    if kind == "phone":
        return 0.9 * _sure(seen.share("phone"), 0.5) * (0.3 if _best_identifier(seen) > 0.85 else 1.0)
    if kind == "identifier":
        return _tells_identifier(name.partition(".")[2], seen)
    if kind == "date":
        return _tells_date(name, seen)
    if kind == "enum":
        return 0.75 * _sure(seen.share(f"enum.{name}"), 0.8) if 2 <= seen.distinct <= 20 else 0.0
    if kind in ("currency", "country"):
        return 0.85 * _sure(seen.share(kind), 0.5)
    if kind == "bool":
        return {"allowed": 0.7, "consent_email": 0.45}.get(name, 0.2) * _sure(seen.share("bool"), 0.9)
    if kind == "money":
        return (0.6 if seen.share("decimal") > 0.1 else 0.15) * _sure(seen.share("number"), 0.9)
    return _TELLING.get(name, _nothing)(seen)


def _nothing(seen: Seen) -> float:
    return 0.0


def _sure(share: float, least: float) -> float:
    return min(1.0, share / 0.9) if share >= least else 0.0


def _best_identifier(seen: Seen) -> float:
    return max((seen.share(f"id.{kind}") for kind in _CHECKED), default=0.0)


def _tells_identifier(kind: str, seen: Seen) -> float:
    share = seen.share(f"id.{kind}")
    if kind == "passport":
        return 0.0
    if kind == "ru_kpp":
        return 0.5 * _sure(share, 0.9)
    # One number in eleven has a right check digit by chance.
    return 0.85 * _sure(share, 0.6) if seen.distinct >= 4 else 0.4 * _sure(share, 0.9)


def _tells_date(name: str, seen: Seen) -> float:
    if seen.share("date") < 0.6 or seen.ages is None:
        return 0.0
    old = _OLDEST <= seen.ages <= _YOUNGEST and seen.ages >= 22
    if name == "birth_date":
        return 0.75 if old else 0.05
    scores = {"created_at": 0.5, "updated_at": 0.45, "occurred_at": 0.75, "opened_at": 0.6, "expected_close": 0.5}
    return scores.get(name, 0.6) * (0.3 if old else 1.0)


def _name(seen: Seen) -> float:
    whole = seen.share("person") + seen.share("organization")
    return (0.75 if seen.repeats < 10 else 0.2) * _sure(whole, 0.5) * (1 if seen.share("several") > 0.5 else 0.5)


def _part(role: str, sure: float) -> Callable[[Seen], float]:
    def told(seen: Seen) -> float:
        return sure * _sure(seen.share(role), 0.45) * (1 - 0.7 * seen.share("several")) * (seen.repeats < 60)

    return told


def _owner(seen: Seen) -> float:
    return 0.7 * _sure(seen.share("initials") + 0.5 * seen.share("person"), 0.4) if seen.repeats >= 8 else 0.0


def _branch(seen: Seen) -> float:
    few = seen.distinct <= 20 and seen.repeats >= 10
    return (0.7 if seen.fill > 0.9 else 0.45) * _sure(seen.share("city"), 0.45) if few else 0.0


def _city(seen: Seen) -> float:
    return (0.8 if seen.distinct > 10 else 0.5) * _sure(seen.share("city"), 0.45)


def _segment(seen: Seen) -> float:
    few = 2 <= seen.distinct <= 15 and seen.repeats >= 10 and seen.share("letters") > 0.9
    return 0.35 if few and seen.share("bool") < 0.5 else 0.0


def _comment(seen: Seen) -> float:
    return 0.5 * _sure(seen.share("text") - seen.share("person"), 0.25)


def _text(seen: Seen) -> float:
    return 0.5 * _sure(seen.share("letters"), 0.8) * (1 - seen.share("initials")) * (seen.share("code") < 0.5)


def _key(seen: Seen) -> float:
    sure = _sure(min(seen.uniqueness, seen.fill), 0.95) * _sure(seen.share("code"), 0.9)
    doubtful = max(seen.share("date"), seen.share("phone"), _best_identifier(seen) if seen.distinct > 20 else 0)
    return 0.75 * sure * (0.4 if doubtful > 0.8 else 1.0) * (1 - seen.share("decimal"))


def _document(seen: Seen) -> float:
    code = seen.share("code") if seen.share("letters") > 0.5 else 0.0
    return 0.6 * _sure(code, 0.8) * (seen.uniqueness > 0.5)


_TELLING: dict[str, Callable[[Seen], float]] = {
    "name": _name,
    "given": _part("given", 0.8),
    "family": _part("family", 0.75),
    "patronymic": _part("patronymic", 0.9),
    "owner": _owner,
    "branch": _branch,
    "city": _city,
    "segment": _segment,
    "street": lambda seen: 0.75 * _sure(seen.share("street"), 0.4),
    "address": lambda seen: 0.7 * _sure(seen.share("street"), 0.4),
    "postal_code": lambda seen: 0.6 * _sure(seen.share("postal"), 0.8) * (1 - _best_identifier(seen)),
    "comment": _comment,
    "subject": _text,
    "title": _text,
    "document": _document,
    "key": _key,
}
