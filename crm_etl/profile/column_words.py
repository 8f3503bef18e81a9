"""One word of a column name: its meanings in four languages, however it is spelled.

Words are compared as skeletons, which are the same for a word and its usual transliterations; beginnings, dropped
vowels and slips of a letter are forgiven at a price. The words are data: ``data/columns.yml``.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from crm_etl.normalize import lists
from crm_etl.normalize.names.romanization import romanize
from crm_etl.normalize.text import fold, script

_VOWELS = re.compile("[aeiouy]")
#: Ways to romanize one sound, and what they are all read as.
_SOUNDS = tuple(
    (re.compile(one), other)
    for one, other in (
        ("shch|sch", "s"),
        ("sh|zh|ch|ts|tz", lambda match: {"sh": "s", "zh": "z", "ch": "c", "ts": "c", "tz": "c"}[match.group()]),
        ("kh|gh|q", lambda match: {"kh": "h", "gh": "g", "q": "g"}[match.group()]),
        ("ck|x", "k"),
        ("w", "v"),
        ("ph", "f"),
        ("[iyj]*e", "e"),
        ("[iyj]+a", "a"),
        ("[iyj]+u", "u"),
        ("[iyj]+o", "o"),
        ("[iyj]+", "i"),
        (r"(.)\1+", r"\1"),
    )
)
#: Worth of a word that is matched otherwise than letter by letter.
_INFLECTED, BEGUN, _ABBREVIATED, _SLIPPED, _PERSIAN = 0.95, 0.9, 0.8, 0.85, 0.8


@cache
def document() -> dict[str, Any]:
    """``data/columns.yml``."""
    loaded: dict[str, Any] = lists.parse(resources.files(__package__).joinpath("data/columns.yml"))
    return loaded


@lru_cache(maxsize=20_000)
def meanings_of(word: str) -> dict[str, float]:
    """Meaning -> how surely ``word`` (folded) has it."""
    exact = lexicon().get(fold(word))
    if exact is not None:
        return dict.fromkeys(exact, 1.0)
    found: dict[str, float] = {}
    own = forms(word)
    for known, meanings in _skeletons().items():
        sure = max(alike(form, known) for form in own)
        if sure >= 0.75:
            for meaning in meanings:
                found[meaning] = max(found.get(meaning, 0.0), sure)
    if not found and script(word) == "Latn":
        for meaning in _consonants().get(_VOWELS.sub("", own[0]).rstrip("h"), ()):
            found[meaning] = _PERSIAN
    best = max(found.values(), default=0.0)
    return {meaning: sure for meaning, sure in found.items() if sure >= best - 0.1}


@cache
def lexicon() -> dict[str, tuple[str, ...]]:
    """Folded word -> its meanings."""
    known: dict[str, list[str]] = {}
    for meaning, (_, *words) in document()["meanings"].items():
        for word in words:
            known.setdefault(fold(str(word)).replace(" ", ""), []).append(meaning)
            for part in fold(str(word)).split():
                if len(part) > 1:
                    known.setdefault(part, []).append(meaning)
    return {word: tuple(dict.fromkeys(meanings)) for word, meanings in known.items()}


@cache
def _skeletons() -> dict[str, tuple[str, ...]]:
    known: dict[str, list[str]] = {}
    for word, meanings in lexicon().items():
        for form in forms(word):
            known.setdefault(form, []).extend(meanings)
    return {form: tuple(dict.fromkeys(meanings)) for form, meanings in known.items() if len(form) > 1}


@cache
def _consonants() -> dict[str, tuple[str, ...]]:
    """Consonants of the Persian words, whose vowels every writer of Latin letters hears otherwise."""
    known: dict[str, list[str]] = {}
    for word, meanings in lexicon().items():
        bare = _VOWELS.sub("", skeleton(word)).rstrip("h")
        if script(word) == "Arab" and len(bare) >= 3:
            known.setdefault(bare, []).extend(meanings)
    return {bare: tuple(dict.fromkeys(meanings)) for bare, meanings in known.items()}


@lru_cache(maxsize=20_000)
def forms(word: str) -> tuple[str, ...]:
    """The skeletons of ``word``: Cyrillic words are read as Russian and as Ukrainian."""
    folded = fold(word)
    if script(folded) != "Cyrl":
        return (skeleton(folded),)
    return tuple(dict.fromkeys(_skeleton(romanize(folded, language)) for language in ("ru", "uk")))


def skeleton(word: str) -> str:
    """``word`` in Latin letters without what transliterations differ in."""
    return _skeleton(romanize(fold(word)))


def _skeleton(latin: str) -> str:
    text = re.sub("[^a-z]", "", latin.replace("'", ""))
    for one, other in _SOUNDS:
        text = one.sub(other, text)
    return text


@lru_cache(maxsize=500_000)
def alike(word: str, known: str) -> float:
    """How surely the skeleton ``word`` is ``known``, inflected, begun, abbreviated or mistyped; 0 if it is not."""
    if word == known:
        return 1.0
    if not word or not known or word[0] != known[0]:
        return 0.0
    common = next((n for n, (a, b) in enumerate(zip(word, known, strict=False)) if a != b), min(len(word), len(known)))
    if common >= 4 and common >= 0.65 * max(len(word), len(known)):
        return _INFLECTED
    if len(word) >= 3 and common == len(word):
        return BEGUN if len(word) >= 4 or len(known) <= 8 else _ABBREVIATED
    if len(known) >= 4 and common == len(known) and len(word) - len(known) <= 2:
        return BEGUN
    if common >= 5 and len(word) - common <= 3:
        return _ABBREVIATED
    if _abbreviates(word, known):
        return _ABBREVIATED
    return _SLIPPED if min(len(word), len(known)) >= 5 and _one_slip(word, known) else 0.0


def _abbreviates(short: str, long: str) -> bool:
    """Whether ``short`` is ``long`` without vowels, or the beginning of it: brth, pstcod, gndr."""
    if len(short) < 3 or len(short) >= len(long) or len(long) - len(short) > 6:
        return False
    bare = long[0] + _VOWELS.sub("", long[1:])
    own = short[0] + _VOWELS.sub("", short[1:])
    letters = iter(long)
    return own == short and bare.startswith(own) and all(letter in letters for letter in short)


def _one_slip(one: str, other: str) -> bool:
    from rapidfuzz.distance import OSA

    return bool(OSA.distance(one, other, score_cutoff=1) <= 1)


@lru_cache(maxsize=5_000)
def unglued(word: str) -> tuple[str, ...] | None:
    """The known words that ``word`` is glued of, the fewest; None where it is not."""
    if len(word) < 5:
        return None
    best: list[tuple[float, tuple[str, ...]] | None] = [(0.0, ())] + [None] * len(word)
    for end in range(2, len(word) + 1):
        for start in range(max(0, end - 14), end - 1):
            before, piece = best[start], word[start:end]
            if before is None or piece == word:
                continue
            sure = _piece(piece)
            if sure:
                # Long and sure pieces win over many short ones.
                cost = before[0] + 1.0 + (1 - sure) * 2 - 0.12 * len(piece) * sure
                held = best[end]
                if held is None or cost < held[0]:
                    best[end] = (cost, (*before[1], piece))
    whole = best[-1]
    return whole[1] if whole is not None and 1 < len(whole[1]) <= 4 else None


def _piece(piece: str) -> float:
    if piece in lexicon():
        return 1.0
    if len(piece) < 3:
        return 0.0
    return max(meanings_of(piece).values(), default=0.0)
