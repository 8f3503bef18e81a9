"""A street with house and flat in a comparable form: name, kind unless it is a plain street, house, parts of it.

``ул. Ленина, д. 5, кв. 7``, ``Ленина ул., 5-7`` and ``Lenina St 5, apt 7`` are all ``lenina 5 kv 7``. Streets are not
looked up anywhere: names are romanized and folded.
"""

from __future__ import annotations

import re
from functools import lru_cache

from crm_etl.normalize.addresses import vocabulary
from crm_etl.normalize.names.romanization import word as word_latin
from crm_etl.normalize.text import ZWNJ, clean, digits, fold, script

_WORD = re.compile(r"№|\d+[^\W\d_]?(?:/\d+[^\W\d_]?)+|[^\W_]+(?:[-\u200c'’][^\W\d_]+)*\.?")
_GLUED = re.compile(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])\.?(?=\d)")
_DASH = re.compile(r"(?<![\d\-/])(\d{1,4}[^\W\d_]?)\s?[-–—]\s?(\d{1,4})(?![\d\-/]|\s?-?[йяе]\b)")
_LANGUAGES = {"UA": "uk", "BY": "be"}


def street(cell: str, country: str | None = None) -> str | None:
    """``cell`` in its comparable form; names romanized by the language of ``country``."""
    text = digits(clean(cell))
    if country in vocabulary.words("dash_is_flat"):
        text = _DASH.sub(r"\1 кв \2", text)
    words = _lettered([piece for word in _WORD.findall(text) for piece in _unglued(word)])
    inner, words = _units(words)
    house, words = _house(words)
    named = [part for word in _kinds_first(words) for part in _named(word, country)]
    parts = [*named, *house, *(part for code in vocabulary.unit_order() for part in inner.get(code, ()))]
    return " ".join(part for part in parts if part) or None


def _unglued(word: str) -> list[str]:
    """``word`` split at digits where a known word is glued to them: д5к2; 5а stays."""
    if not any(map(str.isdigit, word)):
        return [word]
    pieces = [piece for piece in _GLUED.split(word) if piece]
    return (
        pieces if any(vocabulary.bare(piece) in vocabulary.units() or _is_house(piece) for piece in pieces) else [word]
    )


def _lettered(words: list[str]) -> list[str]:
    """``words`` with the letter of a house put to its number: 5 а -> 5а."""
    joined: list[str] = []
    for word in words:
        letter = word.strip(".")
        free = len(letter) == 1 and letter.isalpha() and letter.casefold() not in vocabulary.units()
        if free and joined and joined[-1].isdigit() and _kind(word) is None and not _is_house(word):
            joined[-1] += letter
        else:
            joined.append(word)
    return joined


def _units(words: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Flat, floor, office … with their numbers, and the words that are left."""
    found: dict[str, list[str]] = {}
    left: list[str] = []
    place = 0
    while place < len(words):
        code = vocabulary.units().get(vocabulary.bare(words[place]))
        after = words[place + 1] if place + 1 < len(words) else ""
        if code is not None and (_number(after) or (len(after) == 1 and place)):
            found[code] = [code, fold(word_latin(after))]
            place += 1
        elif code in ("et", "pod") and left and _number(left[-1]):
            found[code] = [code, fold(left.pop())]
        else:
            left.append(words[place])
        place += 1
    return found, left


def _house(words: list[str]) -> tuple[list[str], list[str]]:
    """The number of the house where a word says so or where it goes before the name, and the words that are left."""
    house: list[str] = []
    left: list[str] = []
    for before, word in zip(["", *words], words, strict=False):
        if _is_house(before) and _number(word) and not house:
            house = [fold(word_latin(word))]
        elif not _is_house(word):
            left.append(word)
    if not house and len(left) > 1 and [place for place, word in enumerate(left) if _number(word)] == [0]:
        return [fold(word_latin(left[0]))], left[1:]
    return house, left


def _kinds_first(words: list[str]) -> list[str]:
    """``words`` with the kind of each street before its name: Мира пр., 5 -> пр. Мира 5."""
    ordered: list[str] = []
    begin = 0
    for word, after in zip(words, [*words[1:], ""], strict=False):
        kind = _kind(word) is not None
        if kind and begin < len(ordered) and (not after or _number(after)) and script(word) != "Arab":
            ordered.insert(begin, word)
            begin = len(ordered)
            continue
        ordered.append(word)
        # A number begins a name (8 Марта) or ends it.
        if kind or (_number(word) and begin < len(ordered) - 1):
            begin = len(ordered)
    return ordered


def _named(word: str, country: str | None) -> list[str]:
    kind = _kind(word)
    if kind is not None:
        return [] if kind == "ul" else [kind]
    return [_latin(word.rstrip("."), _LANGUAGES.get(country or ""))]


@lru_cache(maxsize=200_000)
def _latin(word: str, language: str | None) -> str:
    return fold(word_latin(word.replace(ZWNJ, ""), language)).replace(" ", "")


def _kind(word: str) -> str | None:
    return vocabulary.kinds().get(vocabulary.bare(word))


def _is_house(word: str) -> bool:
    return vocabulary.bare(word) in vocabulary.words("house")


def _number(word: str) -> bool:
    return word[:1].isdigit()
