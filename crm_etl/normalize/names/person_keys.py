"""Blocking keys of persons: what of a name is left when one of its words is spelled, heard or cut differently.

==== ======================================== ============================================================
kind of two words of the name, F and G        survives
==== ======================================== ============================================================
fg:  F in full and the begin of G, and back   the order, a wrong end of either word, initials after the first
fg:  F in full and what name G is a form of   Bill and William, Саша and Александр
fb:  begins of both, the longer one of F      wrong ends of both (silent letters of French)
fi:  F with all its sounds, initial of G      an abbreviated or another given name
mp:  metaphone of F, initial of G             the same, where Latin letters stand for other ones
fa:  F alone                                  a given name that is missing, or is the nickname of another
==== ======================================== ============================================================

F is the family name, or each word where the order is not known. ``fi:`` takes the fine skeletons of
:mod:`.skeletons`, the others the coarse ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import chain, combinations, product

import jellyfish

from crm_etl.normalize.names.languages import table
from crm_etl.normalize.names.languages.variants import variants
from crm_etl.normalize.names.model import Name
from crm_etl.normalize.names.romanization import romanize
from crm_etl.normalize.names.skeletons import VOWEL, Spelling, coarse, fine, squeeze
from crm_etl.normalize.text import ZWNJ, fold, script

_WORDS = re.compile(r"[^\W_]+")
#: A name has at most so many keys, the likeliest ones.
_MOST = 40
#: Sounds of a word in full -> sounds of the begin that stands beside it: together they tell much, but not too much.
_BESIDE = {1: 4}
_BESIDE_LONG = 2
_LONGEST_BEGIN, _OTHER_BEGIN = 4, 2
#: A family name of so many sounds tells something by itself.
_TELLING = 4
#: Words of a name whose order is not known that are paired, from either end.
_EDGE = 2
_ALTERNATIVES = 6
#: Of more words without a patronymic sources do not agree which are given names: Ana Mato Adrover is also Ana Mato.
_CERTAIN = 2
#: So many names that a word may be a form of count, beside so many readings of the other word.
_FORMS = 2
#: How much less a key of two begins, or with an initial only, is worth than one with a word in full.
_LESS = 1

_Ranked = tuple[tuple[int, str], ...]


class Word:
    """A word of a name as it sounds: skeletons, likeliest first, and the pieces of keys, each with its rank."""

    __slots__ = ("_begins", "alone", "coarse", "exact", "fine", "forms", "latin", "whole")

    def __init__(
        self, latin: str, fine_skeletons: Sequence[str], coarse_skeletons: Sequence[str], native: str = ""
    ) -> None:
        self.latin = latin
        #: The names that the word is a form of, as the list of variants numbers them.
        self.forms = _ranked(map(str, variants().get(native or latin, ())[:_FORMS]))
        self.fine = fine_skeletons
        self.coarse = coarse_skeletons
        #: Key up to the bar, and how many sounds of another word are to follow.
        self.whole: tuple[tuple[int, str, int], ...] = tuple(
            (rank, f"fg:{skeleton}|", _BESIDE.get(len(skeleton), _BESIDE_LONG))
            for rank, skeleton in enumerate(coarse_skeletons)
        )
        #: Keys up to the bar that the initial of another word follows.
        self.exact = _ranked(_exact(latin, fine_skeletons))
        self.alone = _ranked(f"fa:{skeleton}" for skeleton in coarse_skeletons if len(skeleton) >= _TELLING)
        self._begins: dict[int, _Ranked] = {}

    def begins(self, size: int) -> _Ranked:
        """The first ``size`` sounds of each coarse skeleton."""
        found = self._begins.get(size)
        if found is None:
            found = self._begins[size] = _ranked(skeleton[:size] for skeleton in self.coarse)
        return found


def _exact(latin: str, skeletons: Sequence[str]) -> list[str]:
    found = [f"fi:{skeleton}|" for skeleton in skeletons if len(skeleton) > 1]
    metaphone = jellyfish.metaphone(latin) if latin.isascii() else ""
    return [*found[:1], f"mp:{metaphone}|", *found[1:]] if len(metaphone) > 1 else found


def keys(name: Name) -> list[str]:
    """Keys of the person ``name``, the likeliest first; empty if nothing of it has a sound."""
    family, given = _part(name, "family") or _part(name, "patronymic"), _part(name, "given")
    if not given or not family:
        known = given or family
        # What was read as a title may be a given name: Turkish Refik is Arabic for comrade.
        titles = _words(name, fold(name.honorific or "") if name.script == "Arab" else "")
        alone = [(0, f"fa:{skeleton}") for word in _whole(known) for skeleton in word.coarse]
        return _likeliest(chain(alone, _unordered([*titles, *known]) if titles else ()))
    certain = name.ordered and (name.patronymic is not None or len(given) + len(family) == _CERTAIN)
    found = _ordered(family, given) if certain else _unordered([*given, *family])
    return _likeliest(found)


def _likeliest(found: Iterable[tuple[int, str]]) -> list[str]:
    ranked: dict[str, int] = {}
    for rank, key in found:
        if ranked.get(key, rank) >= rank:
            ranked[key] = rank
    return sorted(ranked, key=lambda key: ranked[key])[:_MOST] if len(ranked) > _MOST else list(ranked)


def _ranked(pieces: Iterable[str]) -> _Ranked:
    return tuple((rank, piece) for rank, piece in enumerate(dict.fromkeys(pieces)))


# ------------------------------------------------------------------------------------------- words of a name
def _part(name: Name, part: str) -> list[Word]:
    """Words of a part of ``name`` without particles, as far as there are others."""
    native, latin = getattr(name, part), getattr(name, f"{part}_latin")
    return [] if native is None or latin is None else _words(name, native if name.script == "Arab" else latin)


def _words(name: Name, text: str) -> list[Word]:
    """Words of ``text``, which is in Latin letters or in those of ``name`` if they are Arabic."""
    found = fold(text.replace(ZWNJ, "")).split() if name.script == "Arab" else _WORDS.findall(text)
    telling = [word for word in found if word not in _particles()] or found
    if name.script == "Arab":
        return [_arabic(word) for word in telling]
    return [_word(word, "latin" if name.script == "Latn" else "heard") for word in telling]


@cache
def _particles() -> frozenset[str]:
    """Particles of all languages, as they are written and romanized."""
    native = [(fold(word), spoken.code) for spoken in table().values() for word in spoken.particles]
    return frozenset(part for word, code in native for part in (word, *romanize(word, code).split()))


@lru_cache(maxsize=300_000)
def _arabic(word: str) -> Word:
    spelling: Spelling = "arabic" if script(word) == "Arab" else "latin"
    return Word(romanize(word), fine(word, spelling), coarse(word, spelling), word)


@lru_cache(maxsize=300_000)
def _word(latin: str, spelling: Spelling) -> Word:
    return Word(latin, fine(latin, spelling), coarse(latin, spelling))


@lru_cache(maxsize=300_000)
def _joined(*words: Word) -> Word:
    latin = "".join(word.latin for word in words)
    return Word(latin, _together([word.fine for word in words]), _together([word.coarse for word in words]))


def _together(skeletons: Sequence[Sequence[str]]) -> list[str]:
    """Skeletons of words written as one: within a word no vowel is marked, and no sound doubled."""
    choices = sorted(product(*map(enumerate, skeletons)), key=lambda choice: sum(rank for rank, _ in choice))
    words = ([skeleton for _, skeleton in choice] for choice in choices[: 2 * _ALTERNATIVES])
    found = ("".join((first, *(other.removeprefix(VOWEL) for other in others))) for first, *others in words)
    return list(dict.fromkeys(map(squeeze, found)))[:_ALTERNATIVES]


def _whole(words: Sequence[Word]) -> Sequence[Word]:
    """What stands for a part of several words: all together, the first, the last."""
    return words if len(words) < 2 else [_joined(*words), words[0], words[-1]]


# -------------------------------------------------------------------------------------------- pairs of words
def _ordered(family: Sequence[Word], given: Sequence[Word]) -> Iterator[tuple[int, str]]:
    for surname, forename in product(_whole(family), _whole(given)):
        yield from _pair(surname, forename)
        yield from surname.alone


def _unordered(words: Sequence[Word]) -> Iterator[tuple[int, str]]:
    edges = words if len(words) <= 2 * _EDGE else [*words[:_EDGE], *words[-_EDGE:]]
    for one, other in combinations(edges, 2):
        yield from _pair(one, other)
        yield from _initials(other, one)
        yield from _begins(other, one)
    if len(edges) > 2:
        yield from _in_full(_joined(*edges[:2]), edges[-1])
        yield from _in_full(_joined(*edges[-2:]), edges[0])
    yield from words[0].alone
    yield from words[-1].alone


def _pair(surname: Word, forename: Word) -> Iterator[tuple[int, str]]:
    yield from _initials(surname, forename)
    if len(forename.latin) > 1:
        yield from _in_full(surname, forename)
        yield from _in_full(forename, surname)
        yield from _begins(surname, forename)


def _initials(surname: Word, forename: Word) -> Iterator[tuple[int, str]]:
    for other, initial in forename.begins(1):
        for rank, key in surname.exact:
            yield rank + other + _LESS, key + initial


def _in_full(word: Word, beside: Word) -> Iterator[tuple[int, str]]:
    for rank, key, size in word.whole:
        for other, begin in beside.begins(size):
            yield rank + other, key + begin
        if rank < _FORMS:
            for other, form in beside.forms:
                yield rank + other, key + form


def _begins(surname: Word, forename: Word) -> Iterator[tuple[int, str]]:
    for rank, one in surname.begins(_LONGEST_BEGIN):
        for other, begin in forename.begins(_OTHER_BEGIN):
            yield rank + other + _LESS, f"fb:{one}|{begin}"
