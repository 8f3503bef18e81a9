"""In which language a text is written, as far as its script, its letters and the given names in it tell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from functools import cache, lru_cache, reduce
from operator import and_

from crm_etl.normalize.names.languages import Language, of_script, table
from crm_etl.normalize.text import fold, persian, persian_letters

#: An apostrophe that is spelling, not quotation: before a soft vowel, as in Знам'янка.
_APOSTROPHE = re.compile("(?<=[а-яёґў])['’ʼ`](?=[яюєїеёі])")


def guess(text: str, script: str, hint: str | None = None) -> str | None:
    """ISO 639-1 code of the language of ``text`` in ``script``; None where no language of the script is known.

    The letters decide first: a language that lacks one of them is out. Then ``hint``, what the source says; then
    the signs of a language and given names that no other has; then which language is the more usual.
    """
    spoken = of_script(script)
    if len(spoken) < 2:
        return spoken[0].code if spoken else None
    words = [_evidence(word, script) for word in text.casefold().split()]
    fitting = reduce(and_, [mask for mask, _ in words], (1 << len(spoken)) - 1)
    if hint is not None:
        asked = next((place for place, one in enumerate(spoken) if one.code == hint), None)
        if asked is not None and (not fitting or fitting >> asked & 1):
            return hint
    weights = [told for _, told in words if told]
    if not weights or not fitting:
        return spoken[_first(fitting)].code
    totals = [sum(weight) if fitting >> place & 1 else -1 for place, weight in enumerate(zip(*weights, strict=True))]
    return spoken[totals.index(max(totals))].code


def _first(mask: int) -> int:
    """Place of the lowest bit of ``mask``; 0 where it has none."""
    return max((mask & -mask).bit_length() - 1, 0)


@lru_cache(maxsize=300_000)
def _evidence(word: str, script: str) -> tuple[int, tuple[int, ...]]:
    """Which languages of ``script`` spell ``word``, the first one as the lowest bit, and how much it speaks for each;
    nothing where it speaks for none.
    """
    spoken = of_script(script)
    letters, folded = _letters(word, script), fold(word)
    mask = sum(1 << place for place, one in enumerate(spoken) if _spells(one, letters))
    told = tuple(_tells(one, word, folded) for one in spoken)
    return mask, told if any(told) else ()


def _letters(lower: str, script: str) -> frozenset[str]:
    """The letters of ``script`` in ``lower``, which its alphabet must have: where alphabets tell languages apart."""
    letters = _telling_letters(script).intersection(lower)
    apostrophe = script == "Cyrl" and not lower.isalpha() and _APOSTROPHE.search(lower) is not None
    return letters | {"'"} if apostrophe else letters


@cache
def _telling_letters(script: str) -> frozenset[str]:
    first, last = _RANGES.get(script, ("", ""))
    codes = range(ord(first), ord(last) + 1) if first else ()
    return frozenset(letter for letter in map(chr, codes) if letter.isalpha())


#: The letters of a script that alphabets here tell apart.
_RANGES = {"Cyrl": ("\u0400", "\u052f"), "Arab": ("\u0620", "\u06d5")}


def _spells(one: Language, letters: frozenset[str]) -> bool:
    return not one.alphabet or letters <= one.alphabet


#: What a sign of a language weighs; a given name weighs one.
_SIGN = 2


def _tells(one: Language, word: str, folded: str) -> int:
    """How much ``word`` speaks for the language ``one``."""
    signs, no_signs = _patterns(one.code)
    if no_signs is not None and no_signs.fullmatch(folded) is not None:
        return 0
    # Signs are spelled as the language spells them: hamza on alef is one of Arabic.
    if signs is not None and signs.fullmatch(persian_letters(word)) is not None:
        return _SIGN
    return 1 if folded in _telling(one.code) else 0


@cache
def _patterns(code: str) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    """What is a sign of language ``code``, and what is none."""
    one = table()[code]
    return _pattern(map(persian_letters, one.signs)), _pattern(map(persian, one.no_signs))


def _pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    """One of ``words``, in which ``*`` stands for any letters, ``?`` for one and ``[...]`` for one of several."""
    patterns = [translate(word.casefold()) for word in words]
    return re.compile("|".join(patterns)) if patterns else None


@cache
def _telling(code: str) -> frozenset[str]:
    """Given names of language ``code`` that no other language of its script has."""
    own = table()[code]
    others = (one for one in of_script(own.script) if one.code != code)
    return own.given.difference(*((*one.given, *one.diminutives) for one in others))
