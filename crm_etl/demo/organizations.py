"""Names of the demo company's organizations in three scripts, with legal forms, quotes and branches.

A name is a brand, or a compound of head and tail, with or without the word for what the firm does. Brands are
spelled by sound, activities translated: «Торговый дом Восток», Vostok Trading House, بازرگانی وستوک. Further
words: ``data/organizations.yml``. Numbers, phones and contacts: :mod:`crm_etl.demo.people`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

from crm_etl.demo import lexicon, scripts
from crm_etl.demo.lexicon import cells, table

_LANGUAGES = ("ru", "uk", "Latn", "Arab")


@dataclass(frozen=True, slots=True)
class Organization:
    """``brand`` and ``activity`` in Russian, Ukrainian, Latin and Persian; ``form`` a line of legal forms."""

    brand: tuple[str, str, str, str]
    activity: tuple[str, str, str, str] | None
    form: tuple[tuple[str, ...], ...]
    branch: tuple[tuple[str, ...], ...] | None = None

    @property
    def handle(self) -> str:
        return "".join(letter for letter in self.brand[2].lower() if letter.isascii() and letter.isalnum())[:20]


@cache
def _lines(part: str) -> list[list[tuple[str, ...]]]:
    return [cells(line) for line in table("organizations")[part]]


@cache
def _forms(country: str) -> list[list[tuple[str, ...]]]:
    return [cells(line) for line in table("organizations")["forms"][country]]


def draw(rng: Random, size: int, country: str) -> Organization:
    """A new organization's name; ``size`` (records of the company) makes long names commoner."""
    form = rng.choices(_forms(country), (8, 1, 1, 1) if len(_forms(country)) == 4 else (1,) * len(_forms(country)))[0]
    chance = rng.random()
    if chance < 0.3:
        brand = _sound(rng.choice(_lines("brands")))
    elif chance < 0.7:
        brand = _compound(rng)
    elif chance < 0.85:
        culture = {"UA": "uk", "IR": "fa", "XX": "xx"}.get(country, "ru")
        name = lexicon.surnames(culture, size).draw(rng)
        russian = name.cyrl[1] if culture == "uk" and len(name.cyrl) > 1 else name.cyrl[0]
        brand = (russian, name.cyrl[0], name.latn[0], name.arab[0])
    else:
        first, second = _sound(rng.choice(_lines("brands"))), _sound(rng.choice(_lines("brands")))
        brand = (
            f"{first[0]}-{second[0]}",
            f"{first[1]}-{second[1]}",
            f"{first[2]}-{second[2]}",
            f"{first[3]} {second[3]}",
        )
    if rng.random() < min(0.6, 0.1 * (size / 8500) ** 0.3):
        number = str(rng.choice((24, 77, 2000, 2010, 21, 1, 7, *range(100, 1000, 7))))
        brand = (f"{brand[0]} {number}", f"{brand[1]} {number}", f"{brand[2]} {number}", f"{brand[3]} {number}")
    activity = None
    if rng.random() < 0.6:
        ru, uk, en, fa = rng.choice(_lines("activities"))
        activity = (ru[0], uk[0], en[0], fa[0])
    return Organization(brand, activity, tuple(form))


def _sound(line: list[tuple[str, ...]]) -> tuple[str, str, str, str]:
    cyrl, latn, arab = line
    return cyrl[0], scripts.russian_to_ukrainian(cyrl[0]).replace("и", "і"), latn[0], arab[0]


def _compound(rng: Random) -> tuple[str, str, str, str]:
    head, tail = _sound(rng.choice(_lines("heads"))), _sound(rng.choice(_lines("tails")))
    upper = rng.random() < 0.5
    joined = [a + (b[:1].upper() + b[1:] if upper else b) for a, b in zip(head[:3], tail[:3], strict=True)]
    return joined[0], joined[1], joined[2], head[3] + tail[3]


_BRANCH_WORDS = {
    "ru": "филиал в г. {}", "uk": "філія м. {}", "Latn": "{} branch", "Arab": "شعبه {}",
}  # fmt: skip
_QUOTES = {
    "ru": ("«{}»", '"{}"', "{}", "“{}”"), "uk": ("«{}»", '"{}"', "{}"), "Latn": ("{}", "{}", '"{}"'),
    "Arab": ("{}", "«{}»"),
}  # fmt: skip


def written(name: Organization, language: str, rng: Random) -> str:
    """The name as a clerk writes it in ``language``: ru, uk, Latn or Arab."""
    column = _LANGUAGES.index(language)
    brand = name.brand[column]
    if rng.random() < 0.12:
        brand = brand.upper() if language != "Arab" else brand
    core = brand
    if name.activity is not None and rng.random() < 0.85:
        after = language == "Latn" or (language != "Arab" and rng.random() < 0.15)
        core = f"{brand} {name.activity[column]}" if after else f"{name.activity[column]} {brand}"
    text = _formed(rng.choice(_QUOTES[language]).format(core), name, language, rng)
    if name.branch is not None:
        text += ", " + _BRANCH_WORDS[language].format(name.branch[column][0])
    return text


def _formed(core: str, name: Organization, language: str, rng: Random) -> str:
    form = rng.choice(name.form[_LANGUAGES.index(language)])
    chance = rng.random()
    if language == "Arab":
        if chance < 0.25:
            return core
        return f"شرکت {core}" if chance < 0.7 else f"شرکت {core} ({form})"
    if chance < 0.12:
        return core
    if language == "Latn":
        return f"{core} {form}" if chance < 0.8 or form.endswith(".") else f"{form} {core}"
    if chance < 0.25:
        return f"{core}, {form}"
    long_forms: dict[str, str] = table("organizations")["long_forms"]
    return f"{long_forms.get(form, form) if chance < 0.32 else form} {core}"
