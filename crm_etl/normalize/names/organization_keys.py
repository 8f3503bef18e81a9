"""Blocking keys of organizations: what of a name is left when it is translated, shortened or written in another order.

A word is compared by what it means (``=university``) if the lexicon knows it, else by how it sounds, and counts by
how seldom it is: *telling* words are those that few names have.

==== ======================================== ==========================================================
kind of                                       survives
==== ======================================== ==========================================================
og:  all words, and all telling ones          another order, script or language
ow:  what a known word means                  nothing else: it parts the Mercury bank from the Mercury hotel
o2:  each two of the most telling words       words that one spelling has and the other not
o1:  a very telling word alone                all others differing: to be asked for with a city or so
oj:  the whole name in one                    words parted otherwise (Авто Ваз, Avtovaz)
oa:  initials, and abbreviations in the name  МГУ
==== ======================================== ==========================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations, product
from typing import NamedTuple

from crm_etl.normalize.names import lexicon, romanization
from crm_etl.normalize.names.model import Name
from crm_etl.normalize.names.organization_words import Compared, Word, compared
from crm_etl.normalize.names.skeletons import Spelling, coarse
from crm_etl.normalize.text import ZWNJ, script_of

#: Bits of a word that tells something beside another one, of one that tells enough alone, of two that do together.
_TELLING, _ALONE, _TOGETHER = 4.5, 6.0, 8.0
_NUMBER_BITS = 5.0
#: So many of the most telling words are paired; so many readings of a word are tried.
_PAIRED = 5
_READINGS = 2
_SHORTEST_ALONE = 3
_SHORTEST_JOINED = 4
_MOST = 40
#: A Slavic adjective of a place, romanized: bukharskii, kharkivska, vinnytskyi.
_ADJECTIVE = re.compile(
    r"(?P<stem>[a-z]{2,}?(?:(?<=t)s)?)(?:(?:ov|ev|in|yn)?sk|(?<=ts)k)"
    r"(?:[iy]+|i?aia|aya|a|oe|oye|oi|[eo]ho|ogo|e)"
)


class Token(NamedTuple):
    """A word or a number: its readings, the likeliest first, and how many bits it tells."""

    readings: tuple[str, ...]
    bits: float
    known: bool


def keys(name: Name) -> list[str]:
    """Keys of the organization ``name``, the likeliest first."""
    read = compared(name.native or name.org_name or "", name.language)
    tokens = _tokens(read)
    if not tokens:
        return []
    found = [*_whole(tokens), *_spelled(name), *_joined(read), *_meant(tokens)]
    found += [*_pairs(tokens), *_alone(tokens), *_acronyms(read)]
    return list(dict.fromkeys(found))[:_MOST]


def _tokens(read: Compared) -> list[Token]:
    words = [Token(_readings(word), word.bits, bool(word.concepts)) for word in read.words]
    numbers = [Token((f"#{number}",), _NUMBER_BITS, known=True) for number in sorted(read.numbers)]
    return [token for token in (*words, *numbers) if token.readings]


@lru_cache(maxsize=300_000)
def _readings(word: Word) -> tuple[str, ...]:
    """What ``word`` means; if that is not known, how it sounds."""
    names = lexicon.lexicon().names
    if word.concepts:
        return tuple(f"={names[concept]}" for concept in word.concepts[:_READINGS])
    return _sounds(word.text, None, word.latin)[:_READINGS]


@lru_cache(maxsize=300_000)
def _sounds(text: str, language: str | None, latin: str | None = None) -> tuple[str, ...]:
    """Skeletons of the word ``text``; of what an adjective is made from first (Бухарский, Bukhara)."""
    if script_of(text[0]) == "Arab":
        return coarse(text, "arabic")
    latin = romanization.word(text, language) if latin is None else latin
    spelling: Spelling = "latin" if text.isascii() else "heard"
    adjective = _ADJECTIVE.fullmatch(latin)
    stems = () if adjective is None else coarse(adjective["stem"], spelling)
    return tuple(dict.fromkeys([*stems, *coarse(latin, spelling)]))


def _whole(tokens: Sequence[Token]) -> Iterator[str]:
    yield "og:" + " ".join(sorted({token.readings[0] for token in tokens}))
    telling = [token for token in tokens if token.bits >= _TELLING]
    bits = sum(token.bits for token in telling)
    if bits >= _TOGETHER or any(token.bits >= _ALONE and not token.known for token in telling):
        yield "og:" + " ".join(sorted({token.readings[0] for token in telling}))


def _meant(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        yield from (f"ow:{reading}" for reading in token.readings if reading.startswith("="))


def _spelled(name: Name) -> Iterator[str]:
    """All words that the lexicon does not know, as they are written: it takes «Экомаш» for two words, Ecomash not."""
    words = [word for word in lexicon.plain((name.org_name or "").replace(ZWNJ, "")).split() if not _is_known(word)]
    sounds = [found[0] for word in words if (found := _sounds(word, name.language))]
    if sounds:
        yield "og:" + " ".join(sorted(set(sounds)))
        yield from (f"o1:{sound}" for sound in sounds if len(sound) > _SHORTEST_ALONE)


@lru_cache(maxsize=300_000)
def _is_known(word: str) -> bool:
    return bool(lexicon.meanings(word)) or word in lexicon.lexicon().empty


def _joined(read: Compared) -> Iterator[str]:
    joined = "".join(dict.fromkeys(word.latin for word in read.words))
    for skeleton in coarse(joined)[:1]:
        if len(skeleton) >= _SHORTEST_JOINED:
            yield f"oj:{skeleton}"


def _pairs(tokens: Sequence[Token]) -> Iterator[str]:
    """Two words that together tell enough, the most telling words first."""
    chosen = sorted(tokens, key=lambda token: -token.bits)[:_PAIRED]
    for one, other in combinations(chosen, 2):
        if one.bits + other.bits >= _TOGETHER:
            for pair in product(one.readings, other.readings):
                yield "o2:" + " ".join(sorted(pair))


def _alone(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.bits >= _ALONE:
            yield from (f"o1:{reading}" for reading in token.readings if len(reading) >= _SHORTEST_ALONE)


def _acronyms(read: Compared) -> Iterator[str]:
    words = (*read.words, *read.asides)
    yield from (f"oa:{word.latin}" for word in words if word.is_acronym)
    if len(read.words) >= _SHORTEST_ALONE:
        names = lexicon.lexicon().names
        yield "oa:" + romanization.romanize("".join(word.text[0] for word in read.words))
        yield "oa:" + "".join(names[word.concepts[0]][0] if word.concepts else word.latin[:1] for word in read.words)
