"""Persian words in Latin letters, with the short vowels that the script leaves out.

A word is looked up in the tables of ``fa.yml``; if it is not there it is built of known names, elements and surname
endings (محمدرضا, حسین‌زاده, کریمیان); what remains is read letter by letter by :mod:`.vowels`. The other standards
write the same reading with other letters.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from crm_etl.normalize import lists
from crm_etl.normalize.names.languages import vowels
from crm_etl.normalize.text import fold

#: A surname in its simplest form is a given name and this letter.
_YEH = "ی"
_LONGEST_PIECE = 12
_MOST_PIECES = 4
#: Endings so short that words end in them by chance; they count where they follow a known word.
_SHORT_ENDING = 2
#: Letters that only Arabic words have: in such a word ال is the article.
_ARABIC = frozenset("ثحذصضطظعغق")
_SHORTEST_STEM = 3


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    """The tables of ``fa.yml``: name -> word, folded and joined -> Latin form."""
    document = lists.load("names/languages/fa.yml")
    names = ("foreign", "elements", "words", "surnames", "given_f", "given_m", "endings")
    return {name: {_joined(word): latin for word, latin in document[name].items()} for name in names}


@cache
def words() -> Mapping[str, str]:
    """Whole words, folded and joined -> Latin form. Persian names go before foreign ones of the same letters."""
    tables = _tables()
    order = ("elements", "endings", "foreign", "words", "surnames", "given_f", "given_m")
    return {word: latin for name in order for word, latin in tables[name].items()}


@cache
def _pieces() -> Mapping[str, str]:
    """What longer words are built of."""
    tables = _tables()
    pieces = {word: latin for name in ("surnames", "given_f", "given_m") for word, latin in tables[name].items()}
    return {word: latin for word, latin in pieces.items() if len(word) > 2} | dict(tables["elements"])


@cache
def _endings() -> tuple[tuple[str, str], ...]:
    """Endings of surnames and their Latin forms, the longest first."""
    return tuple(sorted(_tables()["endings"].items(), key=lambda item: (-len(item[0]), item[0])))


def _joined(word: str) -> str:
    return fold(word).replace(" ", "")


@lru_cache(maxsize=200_000)
def romanize(word: str) -> str:
    """``word`` (one word, ZWNJ allowed) as Iranians write it in Latin letters, lower case."""
    joined = _joined(word)
    known = _known(joined)
    if known is not None:
        return known
    parts = fold(word).split(" ")
    if len(parts) > 1:
        return _together([_known(part) or _read(part) for part in parts], parts)
    return _read(joined)


def is_ending(word: str) -> bool:
    """Whether ``word`` is a surname ending written as a word of its own (زاده, پور, نژاد)."""
    return fold(word) in _tables()["endings"]


def split_given(word: str) -> list[str]:
    """The given names that a joined one consists of: محمدرضا -> محمد, رضا; else the word itself."""
    known = words()
    joined = _joined(word)
    for at in range(2, len(joined) - 1):
        if joined[:at] in known and joined[at:] in known and len(joined[at:]) > 2:
            return [joined[:at], joined[at:]]
    return [joined]


def _known(word: str) -> str | None:
    """The Latin form of a word of the tables, or of one that is built of theirs."""
    whole = words().get(word)
    if whole is not None:
        return whole
    return _derived(word) or _built(word)


def _derived(word: str) -> str | None:
    """A known word with one ending: کریمی, رضایی, حسین‌زاده."""
    known = words()
    if word.endswith(_YEH) and len(word) > _SHORTEST_STEM:
        stem = known.get(word[:-1])
        if stem is not None:
            return _with_yeh(stem)
        if word.endswith("یی") and word[:-2] in known:
            return _with_yeh(known[word[:-2]])
    for ending, latin in _endings():
        stem = known.get(word.removesuffix(ending)) if word.endswith(ending) else None
        if stem is not None and len(word) > len(ending) + 1:
            return _with_ian(stem) if latin == "ian" else stem + latin
    return None


def _with_yeh(stem: str) -> str:
    """``stem`` and ‑ی: karim-i, reza-ei, ghane-i."""
    if stem.endswith(("a", "ou")):
        return f"{stem}ei"
    return f"{stem.removesuffix('h') if stem.endswith('eh') else stem}i"


def _with_ian(stem: str) -> str:
    return f"{stem}ian" if not stem.endswith(("i", "a")) else f"{stem[:-1]}ian" if stem.endswith("i") else f"{stem}eian"


def _built(word: str) -> str | None:
    """``word`` as two to four known pieces, an ending or ‑ی behind them; of several ways the one of fewest pieces."""
    if len(word) <= _SHORTEST_STEM + 1:
        return None
    found = _split(word)
    if found is not None:
        return "".join(found)
    for yeh in ("یی", _YEH):
        found = _split(word.removesuffix(yeh)) if word.endswith(yeh) else None
        if found is not None:
            return _with_yeh("".join(found))
    return None


def _split(word: str) -> list[str] | None:
    """Latin forms of the fewest known pieces that make up ``word``; among equals the longest first piece."""
    pieces, endings = _pieces(), _tables()["endings"]
    best: list[list[str] | None] = [None] * len(word) + [[]]
    for start in range(len(word) - 2, -1, -1):
        for stop in range(min(len(word), start + _LONGEST_PIECE), start + 1, -1):
            rest = best[stop]
            piece = word[start:stop]
            latin = pieces.get(piece) or (endings.get(piece) if start and stop == len(word) else None)
            if rest is None or latin is None or len(rest) >= _MOST_PIECES:
                continue
            have = best[start]
            if have is None or len(rest) + 1 < len(have):
                best[start] = [latin, *rest]
    return best[0]


def _read(word: str) -> str:
    """An unknown word: its ending by the tables, the rest letter by letter."""
    if len(word) > _SHORTEST_STEM + 1 and word.startswith("ال"):
        stem = _known(word[2:])
        if stem is not None or not _ARABIC.isdisjoint(word):
            return f"al-{stem or _read(word[2:])}"
    for ending, latin in _endings():
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= _SHORTEST_STEM and len(ending) > _SHORT_ENDING:
            return (_known(stem) or vowels.read(stem)) + latin
    return vowels.read(word)


def _together(latin: list[str], parts: list[str]) -> str:
    """The parts of a word that ZWNJ splits, in one: پنجه‌ای is panjei."""
    text = latin[0]
    for piece, native in zip(latin[1:], parts[1:], strict=True):
        text = _with_yeh(text) if native in ("ای", _YEH, "یی") else text + piece
    return text


def transcribed(word: str, letters: Mapping[str, str], sounds: Mapping[str, str]) -> str:
    """``word`` as :func:`romanize` reads it, its consonants written by ``letters``, its vowels by ``sounds``."""
    joined = _joined(word)
    practical = romanize(word)
    readings = vowels.align(joined, practical)
    if readings is None:
        return practical
    return "".join(_written(letter, reading, letters, sounds) for letter, reading in zip(joined, readings, strict=True))


def _written(letter: str, reading: str, letters: Mapping[str, str], sounds: Mapping[str, str]) -> str:
    consonant = vowels.CONSONANTS.get(letter)
    if consonant is None:
        return letters.get(f"{letter}{reading}", sounds.get(reading, reading))
    return reading.replace(consonant, letters.get(letter, consonant))


_SOUNDS = {"ou": "u", "oo": "u", "vou": "vu"}
#: Where a word ends, or a consonant follows, ei is the one sound ey; behind a it is two.
_DIPHTHONG = re.compile("ei(?=[^aeiouāy])")


def bgn_pcgn(word: str) -> str:
    """BGN/PCGN 1958 without its macrons, cedillas and apostrophes: ق is q, ou is u."""
    text = transcribed(word, {"ق": "q"}, _SOUNDS)
    return _DIPHTHONG.sub("ey", text.removesuffix("aei") + "ai" if text.endswith("aei") else text)


def un_2012(word: str) -> str:
    """The UN system of 2012: one sign for one sound."""
    letters = {"خ": "x", "ش": "š", "چ": "č", "ژ": "ž", "ق": "q", "غ": "q", "اa": "ā", "آa": "ā"}
    text = transcribed(word, letters, _SOUNDS)
    text = text.removesuffix("h") if text.endswith("eh") else text
    return _DIPHTHONG.sub("ey", text.removesuffix("āei") + "āyi" if text.endswith("āei") else text)


ROMANIZERS = {"practical": romanize, "bgn-pcgn": bgn_pcgn, "un-2012": un_2012}
