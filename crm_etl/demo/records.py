"""A client as one system recorded him: spelled in that system's script, incomplete, and with errors.

:func:`record` makes the neutral :class:`Record`; the modules of the systems (:mod:`shop <crm_etl.demo.shop>`,
:mod:`tehran <crm_etl.demo.tehran>`, :mod:`crm <crm_etl.demo.crm>`, :mod:`cards <crm_etl.demo.cards>`) give it
their columns and formats. How often errors occur: :mod:`crm_etl.demo.errors`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from crm_etl.demo import contacts, organizations
from crm_etl.demo.contacts import Phone
from crm_etl.demo.errors import RATES, blanks, cyrillic_noise, digit_typo, homoglyph, persian_noise, typo
from crm_etl.demo.lexicon import Name
from crm_etl.demo.people import BRANCHES, Client

#: Sources and the weight with which clients of a culture are recorded there.
SOURCES = ("shop", "tehran", "crm", "cards")
WEIGHTS = {
    "ru": (0.62, 0.03, 0.29, 0.06),
    "uk": (0.58, 0.02, 0.34, 0.06),
    "fa": (0.14, 0.46, 0.35, 0.05),
    "xx": (0.30, 0.10, 0.55, 0.05),
}


@dataclass(slots=True)
class Record:
    """Texts as the system holds them; ``language`` is ru, uk, Latn or Arab."""

    client: Client
    source: str
    language: str
    given: str = ""
    patronymic: str = ""
    family: str = ""
    #: The whole name in one cell; then the three parts are empty.
    name: str = ""
    other_name: str = ""
    birth: date | None = None
    phones: list[Phone] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    country: str = ""
    city: str = ""
    street: str = ""
    postal: str = ""
    status: str = ""
    branch: str = ""
    owner: str = ""
    created: date = date(2020, 1, 1)
    updated: date = date(2020, 1, 1)
    balance: int = 0
    phone_note: bool = False
    #: Kind of the deliberate fault that refuses the row, or "".
    fault: str = ""
    key: str = ""

    @property
    def person(self) -> bool:
        return self.client.kind == "person"


def record(client: Client, source: str, rng: Random) -> Record:
    """How ``source`` recorded ``client``; every call makes another record."""
    language = _language(client, source, rng)
    result = Record(client, source, language)
    if client.kind == "person":
        _name_person(result, rng)
        result.birth = _birth(client.birth, rng)
    else:
        result.name = _noisy(organizations.written(_organization(client), language, rng), language, rng)
        result.birth = client.birth if rng.random() < 0.2 else None
    _contacts(result, rng)
    _identifiers(result, rng)
    _address(result, rng)
    _administration(result, rng)
    if not (result.phones or result.emails or result.birth or result.ids) and rng.random() < 0.8:
        # A record with nothing but a name tells nobody anything: systems hold few of them.
        result.birth = client.birth
        result.phones = client.phones[:1]
    return result


def _organization(client: Client) -> organizations.Organization:
    assert client.organization is not None
    return client.organization


def _language(client: Client, source: str, rng: Random) -> str:
    culture, chance = client.culture, rng.random()
    if source == "tehran":
        return "Arab"
    if source == "shop":
        if culture == "xx" and chance < 0.25:
            return "Latn"
        ukrainian = 0.55 if culture == "uk" else 0.03
        return "uk" if chance < ukrainian else "ru"
    native = {"ru": "ru", "uk": "uk", "fa": "Arab", "xx": "Latn"}[culture]
    if source == "crm":
        return native if chance < 0.17 else "Latn"
    return native if chance < 0.65 else "Latn" if chance < 0.75 else "ru"


_SCRIPT = {"ru": "Cyrl", "uk": "Cyrl", "Latn": "Latn", "Arab": "Arab"}


def _spelling(name: Name, language: str, culture: str, rng: Random) -> str:
    """One spelling of ``name``. In Russian and Ukrainian the language decides, elsewhere habit."""
    forms = name.spelled(_SCRIPT[language])
    if culture in ("ru", "uk") and language in ("ru", "uk"):
        return forms[0] if language == culture else forms[-1]
    return forms[0] if rng.random() >= RATES.other_spelling else rng.choice(forms)


def _name_person(result: Record, rng: Random) -> None:
    client, language = result.client, result.language
    assert client.given is not None
    assert client.family is not None
    surname = client.family
    if client.former_family is not None and rng.random() < 0.4:
        surname = client.former_family
    given = _spelling(client.given, language, client.culture, rng)
    family = _spelling(surname, language, client.culture, rng)
    if language == "Latn" and rng.random() >= RATES.other_latin_spelling:
        given = client.passport[0]
        family = client.passport[1] if surname is client.family else family
    middle = ""
    if client.patronymic is not None and rng.random() >= RATES.patronymic_missing and language != "Arab":
        middle = _spelling(client.patronymic, language, client.culture, rng)
    if language == "Latn" and rng.random() < 0.6:
        middle = ""
    if rng.random() < RATES.name_typo:
        given, family = (typo(given, rng), family) if rng.random() < 0.4 else (given, typo(family, rng))
    result.given, result.patronymic, result.family = (
        _noisy(part, language, rng) if part else "" for part in (given, middle, family)
    )
    if result.source in ("crm", "cards") or (result.source == "shop" and rng.random() < RATES.one_cell):
        result.name = _in_one_cell(result, rng)
        result.given = result.patronymic = result.family = ""
    elif rng.random() < RATES.names_swapped / 2:
        result.given, result.family = result.family, result.given
    if result.source == "crm" and language == "Latn" and client.culture != "xx" and rng.random() < 0.12:
        native = {"ru": "ru", "uk": "uk", "fa": "Arab"}[client.culture]
        result.other_name = " ".join(_spelling(name, native, client.culture, rng) for name in (client.given, surname))


def _in_one_cell(result: Record, rng: Random) -> str:
    given, middle, family = result.given, result.patronymic, result.family
    slavic = result.language in ("ru", "uk")
    if rng.random() < RATES.initials and result.language != "Arab":
        initials = f"{given[:1]}.{middle[:1] + '.' if middle else ''}"
        return f"{family} {initials}" if slavic or rng.random() < 0.3 else f"{initials} {family}"
    family_first = slavic != (rng.random() < RATES.names_swapped)
    if family_first:
        comma = "," if result.language == "Latn" and rng.random() < 0.5 else ""
        return " ".join(part for part in (family + comma, given, middle) if part)
    return " ".join(part for part in (given, middle, family) if part)


def _noisy(text: str, language: str, rng: Random) -> str:
    if language == "Arab":
        text = persian_noise(text, rng)
    elif language == "ru":
        text = cyrillic_noise(text, rng)
    chance = rng.random()
    if chance < RATES.homoglyph:
        text = homoglyph(text, rng)
    elif chance < RATES.homoglyph + RATES.blanks:
        text = blanks(text, rng)
    elif chance < RATES.homoglyph + RATES.blanks + RATES.upper_case:
        text = text.upper()
    return text


def _birth(birth: date | None, rng: Random) -> date | None:
    if birth is None or rng.random() < RATES.birth_missing:
        return None
    chance = rng.random()
    if chance < RATES.birth_swapped and birth.day <= 12:
        return date(birth.year, birth.day, birth.month)
    if chance < RATES.birth_swapped + RATES.birth_typo:
        shift = rng.choice((-1, 1, 10, -10))
        return (
            date(birth.year + shift, birth.month, min(birth.day, 28))
            if shift % 10 == 0 or rng.random() < 0.5
            else (date(birth.year, birth.month, min(28, max(1, birth.day + shift))))
        )
    return birth


def _contacts(result: Record, rng: Random) -> None:
    client = result.client
    if rng.random() >= RATES.phone_missing:
        phones = client.phones if rng.random() < 0.55 else client.phones[:1] or client.phones
        result.phones = [_wrong(phone, rng) if rng.random() < RATES.phone_typo else phone for phone in phones]
        result.phone_note = rng.random() < RATES.phone_note
    if client.emails and rng.random() >= RATES.email_missing:
        address = rng.choice(client.emails)
        if rng.random() < RATES.email_typo:
            user, _, host = address.partition("@")
            address = f"{typo(user, rng)}@{host}"
        elif rng.random() < RATES.email_homoglyph:
            address = homoglyph(address, rng)
        result.emails = [address.upper() if rng.random() < 0.02 else address]


def _wrong(phone: Phone, rng: Random) -> Phone:
    return Phone(phone.country, phone.code, digit_typo(phone.national, rng), phone.extension)


def _identifiers(result: Record, rng: Random) -> None:
    client = result.client
    # Offices note the numbers of organizations far more often than those of people.
    missing = RATES.id_missing if client.kind == "person" else 0.35
    if rng.random() < missing:
        return
    ids = dict(client.ids)
    chance = rng.random()
    main = next(iter(ids), None)
    if main is not None and chance < RATES.id_wrong_digit:
        ids[main] = digit_typo(ids[main], rng)
    elif chance < RATES.id_wrong_digit + RATES.id_of_relative and client.relative_id:
        ids = dict(client.relative_id)
    result.ids = ids


def _address(result: Record, rng: Random) -> None:
    place = result.client.address
    if result.client.old_address is not None and rng.random() < 0.45:
        place = result.client.old_address
    result.country = contacts.country_written(place.country, result.language)
    if rng.random() < RATES.address_missing:
        return
    result.city = contacts.city_written(place, result.language, rng)
    if rng.random() < 0.75:
        result.street = contacts.street_written(place, result.language, rng)
        result.postal = place.postal if rng.random() < 0.6 else ""


def _administration(result: Record, rng: Random) -> None:
    client = result.client
    users = BRANCHES[client.branch]
    column = {"shop": 1, "tehran": 2, "crm": 0, "cards": 1}[result.source]
    user = users[client.owner] if rng.random() < 0.9 else rng.choice(users)
    result.owner, result.branch = user[column], client.branch
    result.status = client.status if rng.random() < 0.9 else "active"
    result.created = client.created + timedelta(days=rng.randrange(0, 120))
    result.updated = result.created + timedelta(days=int(rng.betavariate(1, 3) * 2500))
    result.updated = min(result.updated, date(2025, 12, 31))
    result.balance = 0 if rng.random() < 0.7 else rng.randrange(-500_000, 9_000_000)
