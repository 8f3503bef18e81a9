"""What a column's name says: its words, and the fields that their meanings make.

A name is parted at punctuation, at changes of case and, where words are glued (``CUSTNAM``), by the known words
themselves. What a word means: :mod:`.column_words`. What the cells say is the matter of :mod:`.content`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from crm_etl.normalize.text import clean, digits, fold
from crm_etl.profile.column_words import BEGUN, alike, document, forms, meanings_of, unglued

_CAMEL = re.compile(r"(?<=[^\W\d_A-ZА-ЯІЇЄҐ])(?=[A-ZА-ЯІЇЄҐ])|(?<=[A-ZА-Я])(?=[A-ZА-Я][a-zа-яёіїєґ])")
_BRACKETS = re.compile(r"[(\[{]([^)\]}]*)[)\]}]")
_NUMBERED = re.compile(r"(?<=[^\W\d_])\d+$")
#: What words cost that a field's pattern does not explain: known ones, and unknown ones.
_FOREIGN, _UNKNOWN = 0.6, 0.3
#: Between the levels of a name that takes several rows of a sheet; the last level alone says nearly as much as all.
_LEVELS, _OWN_LEVEL = " / ", 0.97
#: What stands in brackets says less.
_ASIDE = 0.5


@dataclass(frozen=True)
class Word:
    """A word of a name: the meanings it may have with how surely, and how much it counts (less in brackets)."""

    text: str
    meanings: dict[str, float]
    share: float = 1.0


@lru_cache(maxsize=10_000)
def fields_of(name: str) -> dict[str, float]:
    """Field -> how surely (0 to 1) the column name ``name`` means it; ``identifiers.<type>`` for identifiers."""
    words = words_of(name)
    found = {field: max(_score(pattern, words) for pattern in patterns) for field, patterns in _patterns().items()}
    above, _, own = name.rpartition(_LEVELS)
    for field, score in (fields_of(own) if above and own.strip() else {}).items():
        found[field] = max(found[field], score * _OWN_LEVEL)
    return {field: round(score, 3) for field, score in found.items() if score >= 0.25}


def says_refusal(name: str) -> bool:
    """Whether the name of a column of yes and no speaks of what is not allowed: do not call, отказ от рассылки."""
    return any(word.meanings.get("refusal", 0) >= BEGUN for word in words_of(name))


@lru_cache(maxsize=1000)
def entities_of(name: str) -> dict[str, float]:
    """Entity -> how surely the name of a table, sheet or file means it."""
    found: dict[str, float] = {}
    parts = [form for part, _ in _parts(name) for form in forms(part)]
    for entity, words in document()["entities"].items():
        known = {form for word in words for form in forms(str(word))}
        found[entity] = max((alike(part, form) for part in parts for form in known), default=0.0)
    return {entity: score for entity, score in found.items() if score >= 0.75}


def words_of(name: str) -> list[Word]:
    """The words of a column name with what each means."""
    words = []
    for part, share in _parts(name):
        meanings = meanings_of(part)
        # Words of several parts are glued only where the whole says nothing for sure.
        pieces = unglued(part) if max(meanings.values(), default=0) < BEGUN else None
        words.extend(
            [Word(piece, meanings_of(piece), share) for piece in pieces]
            if pieces is not None
            else [Word(part, meanings, share)]
        )
    return words


def _parts(name: str) -> list[tuple[str, float]]:
    """The words of a name, folded, and whether they stand in brackets."""
    text = digits(clean(name))
    aside = " ".join(_BRACKETS.findall(text))
    parts: list[tuple[str, float]] = []
    for piece, share in ((_BRACKETS.sub(" ", text), 1.0), (aside, _ASIDE)):
        spaced = _CAMEL.sub(" ", piece).replace("№", " nomer ").replace("#", " number ")
        joined = re.sub(r"(?<=\w)['’ʼ`-](?=\w)", "", spaced)
        words = _initials([_NUMBERED.sub("", word) for word in fold(joined).split()])
        parts.extend((word, share) for word in words if word and not word.isdigit())
    return parts


def _initials(words: list[str]) -> list[str]:
    """``words`` with single letters in a row as one word: Ф. И. О."""
    joined: list[str] = []
    run = False
    for word in words:
        single = len(word) == 1 and word.isalpha()
        if single and run:
            joined[-1] += word
        else:
            joined.append(word)
        run = single
    return joined


@cache
def _patterns() -> dict[str, list[tuple[tuple[str, ...], float]]]:
    """Field -> its patterns: meanings, and how surely they name the field."""
    known = {}
    for field, patterns in document()["fields"].items():
        known[field] = [
            (tuple(p[:-1]), float(p[-1])) if isinstance(p[-1], int | float) else (tuple(p), 1.0) for p in patterns
        ]
    return known


@cache
def _weight(meaning: str) -> float:
    return float(document()["meanings"].get(meaning, [1.0])[0])


def _score(pattern: tuple[tuple[str, ...], float], words: list[Word]) -> float:
    """How well the words fit the pattern: matched weight against all weight of both."""
    meanings, sure = pattern
    free = list(words)
    matched = total = 0.0
    for meaning in meanings:
        weight = _weight(meaning)
        best = max(free, key=lambda word: word.meanings.get(meaning, 0.0) * word.share, default=None)
        if best is None or not best.meanings.get(meaning):
            return 0.0
        free.remove(best)
        matched += weight * best.meanings[meaning] * best.share
        total += weight
    for word in free:
        weight = max((_weight(meaning) for meaning in word.meanings), default=0.0)
        total += word.share * (weight * _FOREIGN if word.meanings else _UNKNOWN)
    return sure * matched / total
