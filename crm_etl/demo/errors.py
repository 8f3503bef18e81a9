"""What goes wrong in legacy systems, and how often: the error model of the demo company.

:data:`RATES` is the whole model in figures (docs/reference/demo-company.md describes each). The functions
damage one text; :mod:`crm_etl.demo.records` decides where they apply.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Rates:
    """Probability of each error, per record unless its name or the reference page says otherwise."""

    namesake: float = 0.04
    married_name: float = 0.12
    moved: float = 0.15
    family_phone: float = 0.6
    family_email: float = 0.15
    office_email: float = 0.2
    branch_of_organization: float = 0.08
    other_latin_spelling: float = 0.3
    other_spelling: float = 0.35
    name_typo: float = 0.05
    patronymic_missing: float = 0.35
    initials: float = 0.04
    names_swapped: float = 0.06
    one_cell: float = 0.45
    birth_missing: float = 0.28
    birth_swapped: float = 0.02
    birth_typo: float = 0.02
    phone_missing: float = 0.1
    phone_typo: float = 0.02
    phone_note: float = 0.03
    email_missing: float = 0.3
    email_typo: float = 0.015
    email_homoglyph: float = 0.002
    id_missing: float = 0.72
    id_wrong_digit: float = 0.01
    id_of_relative: float = 0.01
    address_missing: float = 0.2
    placeholder: float = 0.04
    homoglyph: float = 0.004
    arabic_letters: float = 0.35
    joiner_lost: float = 0.5
    yo_lost: float = 0.7
    blanks: float = 0.03
    upper_case: float = 0.03
    orphan: float = 0.002
    bad_amount: float = 0.0005
    refused: float = 0.0008


RATES = Rates()

_KEYBOARDS = {
    "Cyrl": ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
    "Latn": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    "Arab": ("ضصثقفغعهخحجچ", "شسیبلاتنمکگ", "ظطزرذدپو"),
}


def _neighbours() -> dict[str, str]:
    found: dict[str, str] = {}
    for rows in _KEYBOARDS.values():
        for row in rows:
            for index, letter in enumerate(row):
                found[letter] = row[max(0, index - 1) : index] + row[index + 1 : index + 2]
    return found


_NEAR = _neighbours()


def typo(text: str, rng: Random) -> str:
    """``text`` with one letter replaced by its neighbour on the keyboard, dropped, doubled or transposed."""
    places = [index for index, letter in enumerate(text) if letter.isalpha()]
    if len(places) < 4:
        return text
    at, kind = rng.choice(places[1:]), rng.random()
    letter = text[at]
    if kind < 0.35:
        near = rng.choice(_NEAR.get(letter.lower(), letter.lower()))
        return text[:at] + (near.upper() if letter.isupper() else near) + text[at + 1 :]
    if kind < 0.6:
        return text[:at] + text[at + 1 :]
    if kind < 0.8:
        return text[:at] + letter.lower() + text[at:]
    return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :] if text[at - 1].isalpha() else text


_LOOKALIKES = str.maketrans("аеорсхАЕОРСХКМТВН", "aeopcxAEOPCXKMTBH")
_LOOKALIKES_BACK = str.maketrans("aeopcxAEOPCXKMTBH", "аеорсхАЕОРСХКМТВН")


def homoglyph(text: str, rng: Random) -> str:
    """``text`` with one letter replaced by its double from the other of Cyrillic and Latin."""
    swapped = text.translate(_LOOKALIKES)
    if swapped == text:
        swapped = text.translate(_LOOKALIKES_BACK)
    places = [index for index, (a, b) in enumerate(zip(text, swapped, strict=True)) if a != b]
    if not places:
        return text
    at = rng.choice(places)
    return text[:at] + swapped[at] + text[at + 1 :]


_ARABIC = str.maketrans("یک", "يك")


def persian_noise(text: str, rng: Random) -> str:
    """Arabic yeh and kaf, and the zero-width non-joiner lost or become a blank."""
    if rng.random() < RATES.arabic_letters:
        text = text.translate(_ARABIC)
    if "‌" in text and rng.random() < RATES.joiner_lost:
        text = text.replace("‌", rng.choice((" ", "")))
    if rng.random() < 0.03:
        text = text.replace("آ", "ا")
    return text


def cyrillic_noise(text: str, rng: Random) -> str:
    """ё written е, as most people do."""
    return text.replace("ё", "е").replace("Ё", "Е") if rng.random() < RATES.yo_lost else text


def blanks(text: str, rng: Random) -> str:
    """Blanks before, after or within, some of them no-break."""
    blank = rng.choice((" ", "  ", "\u00a0"))
    return rng.choice((f"{blank}{text}", f"{text}{blank}", text.replace(" ", f"{blank} ", 1)))


def digit_typo(digits: str, rng: Random) -> str:
    """One digit of ``digits`` replaced by another, or two neighbours transposed."""
    places = [index for index, letter in enumerate(digits) if letter.isdigit()]
    if len(places) < 4:
        return digits
    at = rng.choice(places[2:])
    if rng.random() < 0.4 and digits[at - 1].isdigit() and digits[at - 1] != digits[at]:
        return digits[: at - 1] + digits[at] + digits[at - 1] + digits[at + 1 :]
    return digits[:at] + str((int(digits[at]) + rng.randint(1, 9)) % 10) + digits[at + 1 :]
