"""Blocking keys: what two spellings of one name share, whatever script they are in.

Keys name their kind by a prefix: ``fg:`` family name and begin of the given name, ``gf:`` given name and begin of
the family name, ``mp:`` metaphone of the family name and given initial, ``og:`` all words of an organization,
``o1:`` its first two. Words are compared by their :mod:`.skeletons`. Where the order of a name was only guessed,
both orders have keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, product

import jellyfish

from crm_etl.normalize.names.languages import language
from crm_etl.normalize.names.model import Name
from crm_etl.normalize.names.romanization import romanize
from crm_etl.normalize.names.skeletons import coarse, fine
from crm_etl.normalize.names.translation import common_words, compared_words
from crm_etl.normalize.text import fold

_BEGIN = 3
#: A word with more sounds than this tells an organization by itself; so many may.
_TELLING = 3
_ALONE = 3
_WORDS = re.compile(r"[^\W_]+")


def keys(name: Name) -> list[str]:
    """Blocking keys of ``name``, sorted, none twice; empty where nothing of it can be compared."""
    found: set[str] = set()
    if name.org_latin is not None:
        found.update(_organization(compared_words(name)))
    if name.family_latin is not None or name.given_latin is not None:
        found.update(_person(name))
    return sorted(found)


def _person(name: Name) -> Iterable[str]:
    given, family = _words(name.given_latin), _words(name.family_latin or name.patronymic_latin)
    if not given or not family:
        return [f"fg:{skeleton}|" for word in given or family for skeleton in fine(word) if len(skeleton) > 1]
    pairs = _ordered(family, [*given, *_full_forms(name)])
    if not name.ordered:
        pairs.extend(_guesses([*given, *family]))
    return chain.from_iterable(_pair(surname, forename) for surname, forename in pairs)


def _words(latin: str | None) -> list[str]:
    return [] if latin is None else _WORDS.findall(latin)


def _full_forms(name: Name) -> list[str]:
    """The name that a diminutive stands for: Дима -> dmitrii."""
    spoken = language(name.language, name.script)
    full = spoken.diminutives.get(fold(name.given or ""))
    return [] if full is None else _words(romanize(full, spoken.code))


def _ordered(family: Sequence[str], given: Sequence[str]) -> list[tuple[str, str]]:
    """(family, given) pairs of a known order: family names joined, the last and the first one; given names likewise."""
    if len(family) == len(given) == 1:
        return [(family[0], given[0])]
    surnames = dict.fromkeys(["".join(family), family[-1], family[0]])
    forenames = dict.fromkeys(["".join(given), given[0], given[-1]])
    return list(product(surnames, forenames))


def _guesses(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(family, given) pairs worth a key where the order is unknown: the edges, and each edge with its neighbour."""
    pairs = [(words[-1], words[0]), (words[0], words[-1]), (words[0], words[1]), (words[-1], words[-2])]
    return iter(dict.fromkeys(pairs))


@lru_cache(maxsize=200_000)
def _pair(surname: str, forename: str) -> tuple[str, ...]:
    found: list[str] = []
    initials = sorted({skeleton[0] for skeleton in coarse(forename)})
    for skeleton, initial in product(fine(surname), initials):
        if len(skeleton) > 1:
            found.append(f"fg:{skeleton}|{initial}")
    if len(forename) > 1:
        for skeleton, begin in product(coarse(surname), {s[:2] for s in coarse(forename)}):
            found.append(f"fg:{skeleton}|{begin}")
        for skeleton, begin in product(coarse(forename), {s[:_BEGIN] for s in coarse(surname)}):
            if len(skeleton) > 1:
                found.append(f"gf:{skeleton}|{begin}")
    metaphone = jellyfish.metaphone(surname) if surname.isascii() else ""
    if len(metaphone) > 1:
        found.extend(f"mp:{metaphone}|{initial}" for initial in initials)
    return tuple(dict.fromkeys(found))


def _organization(words: Sequence[str]) -> Iterator[str]:
    telling = [word for word in words if word not in common_words() and len(word) > 1] or list(words)
    skeletons = [first for first in (_first(coarse(word)) for word in telling) if first]
    if not skeletons:
        return
    yield "og:" + " ".join(sorted(skeletons))
    yield "o1:" + "".join(skeletons[:2])
    yield "o1:" + "".join(skeletons)
    longest = sorted(dict.fromkeys(skeletons), key=lambda skeleton: (-len(skeleton), skeleton))[:_ALONE]
    yield from (f"o1:{skeleton}" for skeleton in longest if len(skeleton) > _TELLING)


def _first(skeletons: Iterable[str]) -> str | None:
    return next(iter(skeletons), None)
