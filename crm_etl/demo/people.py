"""The clients of the demo company as they really are: people, households, namesakes, organizations, contacts.

:class:`Population` yields them in groups whose members know one another: that is where shared phones,
addresses and surnames come from. Names: :mod:`crm_etl.demo.lexicon`; names of organizations:
:mod:`crm_etl.demo.organizations`. How systems recorded the clients: :mod:`crm_etl.demo.records`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from crm_etl.demo import contacts, identifiers, lexicon, organizations
from crm_etl.demo.contacts import Address, Phone
from crm_etl.demo.errors import RATES
from crm_etl.demo.lexicon import Name
from crm_etl.demo.organizations import Organization

_COUNTRY = {"ru": "RU", "uk": "UA", "fa": "IR", "xx": "XX"}
_CULTURES = ("ru", "uk", "fa", "xx")
_SHARES = (0.37, 0.21, 0.32, 0.10)
_TODAY = date(2025, 12, 31)
#: Users of the legacy systems, by branch: romanized, Russian, Persian.
BRANCHES: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Moscow": (
        ("A. Belova", "Белова А.", "بلووا"),
        ("D. Orlov", "Орлов Д.", "اورلوف"),
        ("I. Gusev", "Гусев И.", "گوسف"),
    ),
    "Petersburg": (("N. Lebedeva", "Лебедева Н.", "لبدوا"), ("K. Zimin", "Зимин К.", "زیمین")),
    "Kyiv": (("O. Bondar", "Бондар О.", "بوندار"), ("T. Koval", "Коваль Т.", "کووال")),
    "Odesa": (("V. Moroz", "Мороз В.", "موروز"),),
    "Tehran": (("S. Rahimi", "Рахими С.", "رحیمی"), ("M. Kaviani", "Кавиани М.", "کاویانی")),
    "International": (("J. Miller", "Миллер Дж.", "میلر"), ("L. Haddad", "Хаддад Л.", "حداد")),
}


@dataclass(slots=True)
class Client:
    """One real person or organization."""

    number: int
    kind: str
    culture: str
    address: Address
    branch: str
    owner: int
    status: str
    created: date
    phones: list[Phone] = field(default_factory=list)
    emails: list[str] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    sex: str = ""
    birth: date | None = None
    given: Name | None = None
    patronymic: Name | None = None
    family: Name | None = None
    former_family: Name | None = None
    #: The spelling in the person's own passport: given, family.
    passport: tuple[str, str] = ("", "")
    organization: Organization | None = None
    old_address: Address | None = None
    relative_id: dict[str, str] = field(default_factory=dict)


class Population:
    """Draws groups of clients from ``rng`` until nobody asks for more. ``size``: records of the whole company."""

    def __init__(self, rng: Random, size: int) -> None:
        self._rng = rng
        self._size = size
        self._count = 0
        self._recent: deque[Client] = deque(maxlen=400)

    def groups(self) -> Iterator[list[Client]]:
        """Households, single people, namesakes, organizations with their branches and contacts."""
        yield self._showcase()
        while True:
            chance = self._rng.random()
            if chance < 0.15:
                yield self._household()
            elif chance < 0.33:
                yield self._organization()
            elif chance < 0.33 + RATES.namesake and self._recent:
                yield [self._namesake(self._rng.choice(self._recent))]
            else:
                yield [self.person()]

    def person(self, culture: str | None = None, sex: str | None = None, age: int | None = None) -> Client:
        rng = self._rng
        culture = culture or rng.choices(_CULTURES, _SHARES)[0]
        sex = sex or rng.choice("mf")
        country = _COUNTRY[culture] if rng.random() < 0.93 else rng.choice(("RU", "UA", "IR", "XX"))
        family = lexicon.surnames(culture, self._size).draw(rng)
        father = lexicon.given_names(culture, "m").draw(rng)
        years = age if age is not None else min(88, max(18, int(rng.gauss(43, 15))))
        client = self._client("person", culture, contacts.address(rng, country))
        client.sex = sex
        client.birth = _TODAY - timedelta(days=years * 365 + rng.randrange(365))
        client.given = lexicon.given_names(culture, sex).draw(rng)
        client.patronymic = lexicon.patronymic(father, sex, culture)
        client.family = lexicon.feminine(family, culture) if sex == "f" else family
        if sex == "f" and culture != "fa" and rng.random() < RATES.married_name:
            maiden = lexicon.surnames(culture, self._size).draw(rng)
            client.former_family = lexicon.feminine(maiden, culture)
        if rng.random() < RATES.moved:
            client.old_address = contacts.address(rng, country)
        self._spell(client)
        self._reach(client)
        self._identify(client)
        self._recent.append(client)
        return client

    def _client(self, kind: str, culture: str, place: Address) -> Client:
        rng = self._rng
        self._count += 1
        branch = _branch(place, rng)
        status = rng.choices(("active", "prospect", "former"), (0.62, 0.25, 0.13))[0]
        created = date(2009, 1, 1) + timedelta(days=int(rng.betavariate(2.2, 1.3) * 6100))
        return Client(self._count, kind, culture, place, branch, rng.randrange(len(BRANCHES[branch])), status, created)

    def _spell(self, client: Client) -> None:
        assert client.given is not None
        assert client.family is not None
        client.passport = (_pick(client.given.latn, self._rng), _pick(client.family.latn, self._rng))

    def _reach(self, client: Client) -> None:
        rng, country = self._rng, client.address.country
        client.phones = [contacts.mobile(rng, country)] if rng.random() < 0.93 else []
        if rng.random() < 0.22:
            client.phones.append(contacts.mobile(rng, country))
        if rng.random() < 0.15:
            client.phones.append(contacts.landline(rng, client.address))
        born = None if client.birth is None else client.birth.year
        if rng.random() < 0.66:
            client.emails = [contacts.email(rng, *client.passport, country, born)]
        if client.emails and rng.random() < 0.2:
            client.emails.append(contacts.email(rng, *client.passport, country, born))

    def _identify(self, client: Client) -> None:
        rng, country = self._rng, client.address.country
        assert client.birth is not None
        if country == "RU":
            client.ids = {"ru_inn": identifiers.ru_inn_person(rng)}
        elif country == "UA":
            client.ids = {"ua_rnokpp": identifiers.ua_rnokpp(rng, client.birth, client.sex)}
        elif country == "IR":
            client.ids = {"ir_national_id": identifiers.ir_national_id(rng)}

    def _household(self) -> list[Client]:
        """Spouses and children: surname, address and telephone in common, everything else their own."""
        rng = self._rng
        head = self.person(sex="m", age=rng.randint(38, 66))
        members = [head]
        assert head.birth is not None
        for role in rng.choices((("wife",), ("son",), ("wife", "son"), ("wife", "daughter")), (5, 3, 2, 2))[0]:
            member = self._relative(head, role)
            members.append(member)
        return members

    def _relative(self, head: Client, role: str) -> Client:
        rng = self._rng
        assert head.birth is not None
        assert head.given is not None
        assert head.family is not None
        age = (_TODAY - head.birth).days // 365 + (rng.randint(-6, 3) if role == "wife" else -rng.randint(20, 32))
        sex = "m" if role == "son" else "f"
        member = self.person(head.culture, sex, max(18, age))
        own_name = role == "wife" and (head.culture == "fa" or rng.random() < 0.15)
        if not own_name:
            if role == "wife" and member.family is not None and rng.random() < 0.3:
                member.former_family = member.family
            elif role != "wife":
                member.former_family = None
            masculine = head.family
            member.family = lexicon.feminine(masculine, head.culture) if sex == "f" else masculine
        if role != "wife":
            member.patronymic = lexicon.patronymic(head.given, sex, head.culture)
        member.address, member.old_address, member.branch = head.address, head.old_address, head.branch
        member.owner = head.owner
        self._spell(member)
        self._reach(member)
        self._identify(member)
        if head.phones and rng.random() < RATES.family_phone:
            member.phones = [head.phones[-1], *member.phones[1:]] if rng.random() < 0.5 else [head.phones[0]]
        if head.emails and rng.random() < RATES.family_email:
            member.emails = [head.emails[0]]
        member.relative_id = head.ids
        return member

    def _namesake(self, other: Client) -> Client:
        """Somebody else with the same full name; half of them in the same city."""
        rng = self._rng
        twin = self.person(other.culture, other.sex)
        twin.given, twin.patronymic, twin.family = other.given, other.patronymic, other.family
        twin.former_family = None
        if rng.random() < 0.5:
            twin.address = replace(contacts.address(rng, other.address.country), city=other.address.city)
            twin.branch, twin.owner = other.branch, other.owner
        self._spell(twin)
        self._reach(twin)
        self._identify(twin)
        return twin

    def _organization(self) -> list[Client]:
        """An organization, now and then its branches, and contact people who sit behind its switchboard."""
        rng = self._rng
        culture = rng.choices(_CULTURES, _SHARES)[0]
        seat = self._seat(culture, organizations.draw(rng, self._size, _COUNTRY[culture]))
        group = [seat]
        if rng.random() < RATES.branch_of_organization:
            group += [self._branch_office(seat) for _ in range(rng.randint(1, 3))]
        for _ in range(rng.choices((0, 1, 2, 4), (6, 3, 2, 1))[0]):
            person = self.person(culture)
            person.address, person.branch, person.owner = seat.address, seat.branch, seat.owner
            switchboard = seat.phones[0]
            line = contacts.with_extension(switchboard, rng) if rng.random() < 0.5 else switchboard
            person.phones = [line, *person.phones[:1]] if rng.random() < 0.6 else [*person.phones[:1], line]
            if rng.random() < RATES.office_email:
                person.emails = [seat.emails[0]]
            group.append(person)
        return group

    def _seat(self, culture: str, name: Organization) -> Client:
        rng = self._rng
        place = contacts.address(rng, _COUNTRY[culture])
        client = self._client("organization", culture, place)
        client.organization = name
        client.birth = client.created - timedelta(days=rng.randrange(200, 6000))
        client.phones = [contacts.landline(rng, place)]
        if rng.random() < 0.3:
            client.phones.append(contacts.mobile(rng, place.country))
        domain = f"{name.handle}{rng.randrange(1, 100_000)}"
        client.emails = [f"{rng.choice(('info', 'office', 'sales', 'mail'))}@{domain}.{_TOP[place.country]}"]
        if place.country == "RU":
            inn = identifiers.ru_inn_organization(rng)
            client.ids = {"ru_inn": inn, "ru_kpp": identifiers.ru_kpp(rng, inn)}
        elif place.country == "UA":
            client.ids = {"ua_edrpou": identifiers.ua_edrpou(rng)}
        elif place.country == "IR":
            client.ids = {"ir_company_id": identifiers.ir_company_id(rng)}
        return client

    def _branch_office(self, seat: Client) -> Client:
        """A branch: the seat's name and INN, its own KPP, address and telephone. Another client."""
        rng = self._rng
        assert seat.organization is not None
        place = contacts.address(rng, seat.address.country)
        office = self._client("organization", seat.culture, place)
        office.organization = replace(seat.organization, branch=place.city)
        office.phones = [contacts.landline(rng, place)]
        office.emails = list(seat.emails) if rng.random() < 0.4 else []
        office.ids = dict(seat.ids)
        if "ru_inn" in seat.ids:
            office.ids["ru_kpp"] = identifiers.ru_kpp(rng, seat.ids["ru_inn"], branch=True)
        return office

    def _showcase(self) -> list[Client]:
        """The first client of every demo company: one man in three scripts, محمدرضا حسینی."""
        client = self.person("fa", "m", 43)
        names = {name.native: name for name in lexicon.given_names("fa", "m").items}
        client.given = names["محمدرضا"]
        client.family = lexicon.persian_surname("حسینی")
        client.phones = client.phones or [contacts.mobile(self._rng, "IR")]
        self._spell(client)
        return [client]


_TOP = {"RU": "ru", "UA": "com.ua", "IR": "ir", "XX": "com"}


def _branch(place: Address, rng: Random) -> str:
    if place.country == "RU":
        return "Moscow" if place.city[0][0] == "Москва" or rng.random() < 0.5 else "Petersburg"
    if place.country == "UA":
        return "Kyiv" if place.city[0][0] == "Киев" or rng.random() < 0.4 else "Odesa"
    return "Tehran" if place.country == "IR" else "International"


def _pick(spellings: tuple[str, ...], rng: Random) -> str:
    return spellings[0] if rng.random() < 0.6 else rng.choice(spellings)
