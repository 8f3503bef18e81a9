"""The names that the demo company's clients bear, with their spellings in three scripts.

Reads ``data/*.yml``, composes further surnames from stems, and draws them with Zipf-like frequencies: a few
names are very common, most are rare. A surname's spellings are made when it is drawn, not kept. How a letter
becomes another script's: :mod:`crm_etl.demo.scripts`. Who bears which name: :mod:`crm_etl.demo.people`.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any, Generic, TypeVar

import yaml

from crm_etl.demo import scripts

_DATA = Path(__file__).parent / "data"
T = TypeVar("T")
CULTURES = ("ru", "uk", "fa", "xx")


@dataclass(frozen=True, slots=True)
class Name:
    """One name in three scripts; each tuple begins with the commonest spelling.

    ``native`` is the form in its own script. For Russian and Ukrainian names ``cyrl`` holds the native form
    and then the other language's.
    """

    native: str
    latn: tuple[str, ...]
    cyrl: tuple[str, ...]
    arab: tuple[str, ...]

    def spelled(self, script: str) -> tuple[str, ...]:
        return self.latn if script == "Latn" else self.cyrl if script == "Cyrl" else self.arab


class Zipf(Generic[T]):
    """Draws items with weight 1 / (rank + shift) ** slope."""

    def __init__(self, items: Sequence[T], slope: float = 0.8, shift: float = 4.0) -> None:
        self.items = items
        self._sums = list(accumulate(1.0 / (rank + shift) ** slope for rank in range(len(items))))

    def draw(self, rng: Random) -> T:
        return self.items[bisect(self._sums, rng.random() * self._sums[-1], 0, len(self.items) - 1)]


@cache
def table(name: str) -> dict[str, Any]:
    """The document ``data/<name>.yml``."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document = yaml.load((_DATA / f"{name}.yml").read_text(encoding="utf-8"), Loader=loader)
    assert isinstance(document, dict)
    return document


def cells(line: str) -> list[tuple[str, ...]]:
    """A line of a table: cells by ``|``, spellings in a cell by ``,``."""
    return [tuple(part.strip() for part in cell.split(",") if part.strip()) for cell in line.split("|")]


def _persian(line: str) -> Name:
    native, latn, *rest = cells(line)
    cyrl = rest[0] if rest and rest[0] else tuple(dict.fromkeys(scripts.to_cyrillic(form) for form in latn))
    return Name(native[0], latn, cyrl, native)


def _slavic(line: str) -> Name:
    native, latn, *rest = [*cells(line), (), ()]
    return Name(native[0], latn, (*native, *rest[0]), rest[1] or (scripts.to_persian(native[0]),))


def _foreign(line: str) -> Name:
    latn, cyrl, arab = cells(line)
    return Name(latn[0], latn, cyrl, arab)


_READERS = {"fa": _persian, "ru": _slavic, "uk": _slavic, "xx": _foreign}


def _document(culture: str) -> dict[str, Any]:
    return table("intl" if culture == "xx" else culture)


@cache
def given_names(culture: str, sex: str) -> Zipf[Name]:
    lines = _document(culture)["men" if sex == "m" else "women"]
    return Zipf([_READERS[culture](line) for line in lines])


class Surnames:
    """The surnames of a culture. The larger the company, the more of them are rare, composed ones.

    ``draw`` gives a Name of the masculine form; :meth:`of` makes the Name of a native masculine form, in the
    feminine if asked.
    """

    def __init__(self, culture: str, size: int) -> None:
        self.culture = culture
        # 8,500 records: a fifth composed; a million: two thirds. Keeps namesakes at a lifelike rate.
        self._rare = min(0.7, 0.2 * max(1.0, (size / 8500) ** 0.25))
        document = _document(culture)
        if culture in ("fa", "xx"):
            self._common: Zipf[Name] = Zipf([_READERS[culture](line) for line in document["surnames"]])
        else:
            self._common = Zipf([self._slavic_name(word) for word in document["surnames"].split()])
        self._document = document
        self._stems = [cells(line) for line in document["stems"]] if culture == "fa" else []
        self._suffixes = [cells(line) for line in document["suffixes"]] if culture == "fa" else []
        self._places = [_persian(line) for line in document["places"]] if culture == "fa" else []

    def draw(self, rng: Random) -> Name:
        if self.culture == "xx" or rng.random() >= self._rare:
            return self._common.draw(rng)
        return self._composed_persian(rng) if self.culture == "fa" else self._composed_slavic(rng)

    def _composed_slavic(self, rng: Random) -> Name:
        words = {part: self._words(part) for part in ("stems", "endings")}
        if self.culture == "ru" and rng.random() < 0.35:
            stem = rng.choice(self._words("prefixes")) + rng.choice(self._words("roots"))
            return self._slavic_name(stem + rng.choice(("ов", "ый", "енко", "ин", "цев")))
        return self._slavic_name(rng.choice(words["stems"]) + rng.choice(words["endings"]))

    @cache  # noqa: B019 - one object a culture, and it lives as long as the program
    def _words(self, part: str) -> list[str]:
        return str(self._document[part]).split()

    def _slavic_name(self, word: str) -> Name:
        return slavic_surname(word, self.culture)

    def _composed_persian(self, rng: Random) -> Name:
        if rng.random() < 0.35:
            first, second = self._common.draw(rng), rng.choice(self._places)
            return Name(
                f"{first.native} {second.native}",
                tuple(f"{a} {second.latn[0]}" for a in first.latn),
                tuple(f"{a} {second.cyrl[0]}" for a in first.cyrl),
                (f"{first.native} {second.native}",),
            )
        stem, suffix = rng.choice(self._stems), rng.choice(self._suffixes)
        native = stem[0][0] + suffix[0][0]
        latn = tuple(dict.fromkeys(a + b for a in stem[1] for b in suffix[1]))
        cyrl = tuple(dict.fromkeys(scripts.to_cyrillic(a) + b for a in stem[1] for b in suffix[2]))
        return Name(native, latn, cyrl, (native,))


@cache
def surnames(culture: str, size: int) -> Surnames:
    return Surnames(culture, size)


def slavic_surname(word: str, culture: str) -> Name:
    """A Russian or Ukrainian surname, given in its native form, with its spellings."""
    latn = [scripts.to_latin(word, culture, scheme) for scheme in range(scripts.LATIN_SCHEMES)]
    if word.endswith(("ов", "ев")):
        latn.append(latn[0][:-1] + "ff")
    other = scripts.ukrainian_to_russian(word) if culture == "uk" else scripts.russian_to_ukrainian(word)
    arab = [scripts.to_persian(word, scheme) for scheme in range(3)]
    return Name(word, *(tuple(dict.fromkeys(forms)) for forms in (latn, (word, other), arab)))


_FEMININE = (
    ("ский", "ская"), ("цкий", "цкая"), ("ський", "ська"), ("цький", "цька"), ("ой", "ая"), ("ый", "ая"),
    ("ий", "ая"), ("ов", "ова"), ("ев", "ева"), ("ёв", "ёва"), ("ин", "ина"), ("ын", "ына"), ("ів", "ова"),
)  # fmt: skip
#: Surnames that look gendered and are not.
_UNGENDERED = {"Литвин", "Сухомлин", "Мирний"}


@cache
def feminine(name: Name, culture: str) -> Name:
    """The form of a surname that women bear; most surnames have only one."""
    word = name.native
    if culture not in ("ru", "uk") or word in _UNGENDERED:
        return name
    for masculine, ending in _FEMININE:
        if word.endswith(masculine):
            if culture == "uk" and masculine == "ий":
                ending = "а"
            return slavic_surname(word[: -len(masculine)] + ending, culture)
    return name


def patronymic(father: Name, sex: str, culture: str) -> Name | None:
    """The patronymic from a father's given name: only Russians and Ukrainians bear one."""
    if culture not in ("ru", "uk"):
        return None
    return _patronymic(father.native, father.cyrl[-1], sex, culture)


@cache
def _patronymic(father: str, abroad: str, sex: str, culture: str) -> Name:
    """``abroad``: the father's name in the other language, whose offices form the patronymic from it."""
    word = _formed(father, sex, culture)
    name = slavic_surname(word, culture)
    other = _formed(abroad, sex, "ru" if culture == "uk" else "uk")
    return Name(word, name.latn, tuple(dict.fromkeys((word, other))), name.arab)


def _formed(father: str, sex: str, language: str) -> str:
    exceptions: dict[str, str] = table(language)["patronymics"]
    if father in exceptions:
        return exceptions[father].split()[0 if sex == "m" else 1]
    if language == "uk":
        if father.endswith("й"):
            return father[:-1] + ("йович" if sex == "m" else "ївна")
        return father + ("ович" if sex == "m" else "івна")
    if father.endswith("й"):
        return father[:-1] + ("евич" if sex == "m" else "евна")
    return father.rstrip("ая") + ("ович" if sex == "m" else "овна")


def persian_surname(native: str) -> Name:
    """The frequent Persian surname that is spelled ``native``."""
    return next(_persian(line) for line in table("fa")["surnames"] if line.startswith(f"{native} |"))
