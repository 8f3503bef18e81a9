"""The words of an organization's name as they are compared: what they mean, how they sound, how much they tell.

A name becomes a few :class:`Word`: without legal form, quotes and empty words, abbreviations spelled out, numbers
apart. How names are compared by them is the matter of :mod:`.organization_similarity`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from math import log2
from typing import Any

import numpy as np

from crm_etl.normalize.names import legal_forms, lexicon, organizations, romanization
from crm_etl.normalize.names.lexicon import Concepts
from crm_etl.normalize.names.repair import unmix
from crm_etl.normalize.text import clean, digits

_TOKEN = re.compile(r"[^\W_]+")
_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ‘`´](?=\w)")
#: Abbreviations so short that they are also words (ПО, МО): they are spelled out only in capitals.
_SHORT = 3
_LONGEST_ACRONYM = 8
#: Letters of a name that are compared as a whole.
_LONGEST_JOINED = 200
#: A name in capitals has words of so many letters; otherwise it is an abbreviation.
_WORDY = 7
#: Bits that a word tells: of one that the lexicon does not know, and the least and most of one that it knows.
_UNKNOWN, _LEAST, _MOST = 8.0, 1.0, 8.5
_COMMON, _RARE = 0.05, 2.0**-8.5
#: Letters of a word -> share of the bits that an unknown word tells.
_BRIEF: Mapping[int, float] = {1: 0.3, 2: 0.6, 3: 0.8}


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a name. ``text`` is in its own script, folded; ``bits`` is what it tells, by how seldom it is;
    ``short`` is the abbreviation that it was spelled out of."""

    text: str
    latin: str
    concepts: Concepts
    bits: float
    is_place: bool = False
    is_acronym: bool = False
    short: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """An organization's name as it is compared. ``asides`` stand in brackets or say which branch: they may miss."""

    words: tuple[Word, ...]
    asides: tuple[Word, ...]
    numbers: frozenset[str]
    form: str | None

    @property
    def joined(self) -> str:
        """The romanized words in one."""
        return "".join(word.latin for word in self.words)[:_LONGEST_JOINED]


@lru_cache(maxsize=100_000)
def compared(text: str, language: str | None = None) -> Compared:
    """The organization's name ``text`` as it is compared."""
    cleaned, _ = unmix(clean(text))
    parts = organizations.take_apart(cleaned)
    words, numbers = _words(parts.core, language)
    asides, more = _words(
        " ".join(filter(None, (parts.branch, parts.city, parts.abbreviation, *parts.aliases))), language
    )
    known = frozenset(word.text for word in words)
    return Compared(
        words=words,
        asides=tuple(word for word in asides if word.text not in known),
        numbers=numbers | (more if not numbers else frozenset()),
        form=legal_forms.telling(parts.kinds),
    )


def _words(text: str, language: str | None) -> tuple[tuple[Word, ...], frozenset[str]]:
    if not text:
        return (), frozenset()
    raw = _TOKEN.findall(organizations.without_number_signs(_APOSTROPHE.sub("", text)))
    shouted = text.isupper() and any(len(token) >= _WORDY for token in raw)
    tokens = [(token, lexicon.plain(token)) for token in raw]
    numbers = frozenset(digits(token).lstrip("0") or "0" for token, _ in tokens if token.isdecimal())
    left = [(token, word) for token, word in tokens if not token.isdecimal() and word]
    telling = [pair for pair in left if len(pair[1]) > 1 and not _is_empty(*pair, shouted)]
    return tuple(_read(telling or left, shouted, language)), numbers


def _is_empty(token: str, word: str, shouted: bool) -> bool:
    return word in lexicon.lexicon().empty and (shouted or not token.isupper() or len(token) < 2)


def _read(tokens: list[tuple[str, str]], shouted: bool, language: str | None) -> list[Word]:
    found: list[Word] = []
    place = 0
    while place < len(tokens):
        size, concepts = _phrase([word for _, word in tokens[place : place + lexicon.longest_phrase()]])
        if size:
            text = "".join(word for _, word in tokens[place : place + size])
            found.append(word_of(text, concepts, language))
            place += size
            continue
        token, word = tokens[place]
        found.extend(_one(token, word, shouted, language))
        place += 1
    return list(dict.fromkeys(found))


def _phrase(words: list[str]) -> tuple[int, Concepts]:
    """Words and concepts of the longest phrase that ``words`` begin with."""
    if words[0] in lexicon.phrase_starts():
        for size in range(len(words), 1, -1):
            concepts = lexicon.phrase(words[:size])
            if concepts:
                return size, concepts
    return 0, ()


def _one(token: str, word: str, shouted: bool, language: str | None) -> list[Word]:
    in_capitals = token.isupper() and not (shouted and len(token) > 2)
    if in_capitals or len(word) > _SHORT:
        meant = lexicon.expansion(word)
        if meant:
            names = lexicon.lexicon().names
            return [word_of(names[concepts[0]], concepts, "en", short=word) for concepts in meant]
    concepts = lexicon.meanings(word)
    is_acronym = not concepts and token.isupper() and 1 < len(token) <= _LONGEST_ACRONYM
    return [word_of(word, concepts, language, is_acronym)]


@lru_cache(maxsize=300_000)
def word_of(
    text: str, concepts: Concepts, language: str | None = None, is_acronym: bool = False, short: str = ""
) -> Word:
    """The word ``text`` (as :func:`.lexicon.plain` gives it) that stands for ``concepts``."""
    return Word(
        text=text,
        latin=romanization.word(text, language),
        concepts=concepts,
        bits=bits_of(concepts) if concepts else _UNKNOWN * _BRIEF.get(len(text), 1.0),
        is_place=bool(concepts) and concepts[0] in lexicon.lexicon().places,
        is_acronym=is_acronym,
        short=short,
    )


@lru_cache(maxsize=100_000)
def bits_of(concepts: Concepts) -> float:
    """What a word with ``concepts`` tells: log2 of how seldom a name has one that could translate it."""
    share = float(sum(frequencies()[concept] for concept in concepts))
    return min(_MOST, max(_LEAST, -log2(min(share, 1.0))))


@cache
def frequencies() -> tuple[float, ...]:
    """Share of organizations' names that have a word of each concept, in the order of the lexicon."""
    counted: dict[str, float] = _model()["shares"]
    known = lexicon.lexicon()
    return tuple(
        max(counted.get(name, 0.0), _COMMON if number in known.common else _RARE)
        for number, name in enumerate(known.names)
    )


@cache
def rarities() -> np.ndarray[Any, np.dtype[np.float64]]:
    """:func:`frequencies` as bits."""
    bits: np.ndarray[Any, np.dtype[np.float64]] = np.clip(-np.log2(np.array(frequencies())), _LEAST, _MOST)
    return bits


def _model() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("models/concepts.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def forget() -> None:
    """Forgets what was read of the models, so that new ones are read."""
    for cached in (compared, word_of, bits_of, frequencies, rarities):
        cached.cache_clear()
