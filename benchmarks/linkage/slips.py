"""What a record makes of a person: fields left out, slips of the pen, other names, numbers that changed.

Every record of a person is drawn anew, so none of them is "the clean one". Shares are of records, where the field is
there at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from benchmarks.linkage import people
from benchmarks.linkage.people import Person, Place
from crm_etl.demo.dice import Dice

#: Share of records in which a field is missing.
_MISSING = {"given": 0.005, "sex": 0.2, "birth_date": 0.12, "phone": 0.2, "email": 0.4, "address": 0.15}
_POSTAL_MISSING, _STREET_MISSING = 0.25, 0.1
_MOVED, _OTHER_PHONE, _OTHER_EMAIL, _FORMER_NAME = 0.1, 0.1, 0.12, 0.06
_EXCHANGED, _SHORT, _INITIAL, _NO_MIDDLE, _PLAIN_LETTERS = 0.015, 0.25, 0.015, 0.6, 0.3
_FAMILY_SLIP, _GIVEN_SLIP, _STREET_SLIP, _EMAIL_SLIP, _PHONE_SLIP, _POSTAL_SLIP = 0.05, 0.035, 0.06, 0.01, 0.012, 0.015
_DATE_DIGIT, _DAY_MONTH, _NEW_YEAR, _SEX_SLIP = 0.015, 0.008, 0.005, 0.006
#: Keys that lie beside a key on the usual keyboards.
_BESIDE = {
    "a": "sqw", "b": "vn", "c": "xv", "d": "sfe", "e": "wrd", "f": "dgr", "g": "fht", "h": "gjz", "i": "uok",
    "j": "hku", "k": "jli", "l": "kop", "m": "nj", "n": "bm", "o": "ipl", "p": "ol", "q": "wa", "r": "etf",
    "s": "adw", "t": "ryg", "u": "zyi", "v": "cb", "w": "qes", "x": "cy", "y": "tux", "z": "tux",
}  # fmt: skip
#: Spellings that sound the same to somebody who writes down what is said.
_HEARD = (
    ("ck", "k"), ("ph", "f"), ("y", "i"), ("ie", "y"), ("c", "k"), ("z", "s"), ("ss", "s"), ("tt", "t"), ("ll", "l"),
    ("nn", "n"), ("mm", "m"), ("ei", "ai"), ("ai", "ay"), ("ou", "u"), ("v", "w"), ("w", "v"), ("d", "dt"), ("th", "t"),
    ("eau", "o"), ("au", "ow"), ("gh", "g"), ("x", "ks"), ("qu", "k"), ("j", "y"), ("oo", "u"), ("ee", "ea"),
)  # fmt: skip
#: What machines that read paper take one letter for.
_READ = (("rn", "m"), ("m", "rn"), ("l", "i"), ("i", "l"), ("cl", "d"), ("vv", "w"), ("h", "b"), ("o", "0"), ("e", "c"))
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"})
_PLAIN = str.maketrans("áàâãåçéèêëíìîïñóòôõúùûýąćęłńśźżÁÀÂÇÉÈÊËÍÎÑÓÔÚÛĄĆĘŁŃÓŚŹŻäöüÄÖÜ",
                       "aaaaaceeeeiiiinoooouuuyacelnszzAAACEEEEIINOOUUACELNOSZZaouAOU")  # fmt: skip


@dataclass(frozen=True)
class Record:
    """A person as one record has him; None where it has nothing."""

    given: str | None
    family: str
    sex: str | None
    birth_date: str | None
    phones: tuple[str, ...]
    email: str | None
    place: Place | None
    postal_code: str | None
    street: str | None


def record(dice: Dice, person: Person) -> Record:
    """One record of ``person``."""
    given, family = _names(dice, person)
    where = None if dice.random() < _MISSING["address"] else _place(dice, person)
    return Record(
        given,
        family,
        _sex(dice, person.sex),
        None if dice.random() < _MISSING["birth_date"] else _birth(dice, person.born),
        () if dice.random() < _MISSING["phone"] else _phones(dice, person),
        None if dice.random() < _MISSING["email"] else _email(dice, person),
        where,
        None if where is None or dice.random() < _POSTAL_MISSING else _postal(dice, where.postal_code),
        None if where is None or dice.random() < _STREET_MISSING else _street(dice, where.street),
    )


def slip(dice: Dice, word: str) -> str:
    """``word`` with one slip: of the finger, of the ear, or of a machine that reads."""
    chance = dice.random()
    if chance < 0.6:
        return _finger(dice, word)
    return _replaced(dice, word, _HEARD if chance < 0.85 else _READ)


def _finger(dice: Dice, word: str) -> str:
    at = dice.randrange(len(word))
    kind = dice.choice(("beside", "drop", "double", "exchange", "insert"))
    letter = word[at]
    near: str = dice.choice(_BESIDE.get(letter.casefold(), "aeinrst"))
    if kind == "drop" and len(word) > 3:
        return word[:at] + word[at + 1 :]
    if kind == "double":
        return word[: at + 1] + letter.casefold() + word[at + 1 :]
    if kind == "exchange" and 0 < at < len(word) - 1:
        return word[:at] + word[at + 1] + letter + word[at + 2 :]
    if kind == "insert":
        return word[: at + 1] + near + word[at + 1 :]
    return word[:at] + (near.upper() if letter.isupper() else near) + word[at + 1 :]


def _replaced(dice: Dice, word: str, table: tuple[tuple[str, str], ...]) -> str:
    found = [(old, new) for old, new in table if old in word[1:]]
    if not found:
        return _finger(dice, word)
    old, new = dice.choice(found)
    return word[0] + word[1:].replace(old, new, 1)


def _names(dice: Dice, person: Person) -> tuple[str | None, str]:
    family = person.former if person.former is not None and dice.random() < _FORMER_NAME else person.family
    given = _given(dice, person)
    if dice.random() < _PLAIN_LETTERS:
        given, family = _plain(dice, given), _plain(dice, family)
    if dice.random() < _FAMILY_SLIP:
        family = slip(dice, family)
    if dice.random() < _GIVEN_SLIP and len(given) > 2:
        given = slip(dice, given)
    if dice.random() < _EXCHANGED:
        return family, given
    return (None if dice.random() < _MISSING["given"] else given), family


def _given(dice: Dice, person: Person) -> str:
    given = person.given
    if dice.random() < _INITIAL:
        return f"{given[0]}."
    if given in people.nicknames() and dice.random() < _SHORT:
        nickname: str = dice.choice(people.nicknames()[given])
        return nickname
    if person.middle is None or dice.random() < _NO_MIDDLE:
        return given
    return f"{given} {person.middle if dice.random() < 0.5 else person.middle[0] + '.'}"


def _plain(dice: Dice, name: str) -> str:
    """Without marks, or with Umlauts written out."""
    return (name.translate(_UMLAUTS) if dice.random() < 0.6 else name).translate(_PLAIN)


def _sex(dice: Dice, sex: str) -> str | None:
    if dice.random() < _MISSING["sex"]:
        return None
    return ("m" if sex == "f" else "f") if dice.random() < _SEX_SLIP else sex


def _birth(dice: Dice, born: date) -> str:
    chance = dice.random()
    if chance < _NEW_YEAR:
        return f"{born.year}-01-01"
    if chance < _NEW_YEAR + _DAY_MONTH and born.day <= 12:
        return date(born.year, born.day, born.month).isoformat()
    if chance < _NEW_YEAR + _DAY_MONTH + _DATE_DIGIT:
        return _date_digit(dice, born)
    return born.isoformat()


def _date_digit(dice: Dice, born: date) -> str:
    text = born.isoformat()
    for _ in range(20):
        at = dice.choice((2, 3, 5, 6, 8, 9))
        wrong = f"{text[:at]}{dice.randrange(10)}{text[at + 1 :]}"
        try:
            date.fromisoformat(wrong)
        except ValueError:
            continue
        return wrong
    return text


def _phones(dice: Dice, person: Person) -> tuple[str, ...]:
    own = people.phone(dice, person.place.country) if dice.random() < _OTHER_PHONE else person.phones[0]
    if dice.random() < _PHONE_SLIP:
        at = dice.randint(5, len(own) - 1)
        own = f"{own[:at]}{dice.randrange(10)}{own[at + 1 :]}"
    if len(person.phones) == 1:
        return (own,)
    chance = dice.random()
    return (own,) if chance < 0.4 else person.phones[1:] if chance < 0.65 else tuple(sorted({own, *person.phones[1:]}))


def _email(dice: Dice, person: Person) -> str:
    if dice.random() < _OTHER_EMAIL:
        return people.email(dice, person.place.country, person.given, person.family, person.born)
    local, _, provider = person.email.partition("@")
    return f"{slip(dice, local) if dice.random() < _EMAIL_SLIP else local}@{provider}"


def _place(dice: Dice, person: Person) -> Place:
    if dice.random() >= _MOVED:
        return person.place
    if dice.random() < 0.5:
        return people.place(dice, person.place.country)
    fresh = people.place(dice, person.place.country)
    return Place(fresh.country, person.place.city, person.place.postal_code[:-2] + fresh.postal_code[-2:], fresh.street)


def _postal(dice: Dice, code: str) -> str:
    if dice.random() >= _POSTAL_SLIP:
        return code
    at = dice.randrange(len(code))
    return f"{code[:at]}{dice.randrange(10)}{code[at + 1 :]}"


def _street(dice: Dice, street: str) -> str:
    if dice.random() >= _STREET_SLIP:
        return street
    words = street.split(" ")
    if dice.random() < 0.3:
        return " ".join(words[:-1])
    at = dice.randrange(max(len(words) - 1, 1))
    words[at] = slip(dice, words[at]) if len(words[at]) > 2 else words[at]
    return " ".join(words)
