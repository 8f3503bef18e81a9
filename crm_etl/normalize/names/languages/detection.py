"""In which language a text is written, as far as its script, its letters and the given names in it tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import translate
from functools import cache, lru_cache

from crm_etl.normalize.names.languages import Language, of_script, table
from crm_etl.normalize.text import fold, persian, persian_letters

#: An apostrophe that is spelling, not quotation: before a soft vowel, as in Знам'янка.
_APOSTROPHE = re.compile("(?<=[а-яёґў])['’ʼ`](?=[яюєїеёі])")


@lru_cache(maxsize=100_000)
def guess(text: str, script: str, hint: str | None = None) -> str | None:
    """ISO 639-1 code of the language of ``text`` in ``script``; None where no language of the script is known.

    The letters decide first: a language that lacks one of them is out. Then ``hint``, what the source says; then
    the signs of a language and given names that no other has; then which language is the more usual.
    """
    spoken = of_script(script)
    hinted = hint is not None and hint in table() and table()[hint].script == script
    if len(spoken) < 2:
        return spoken[0].code if spoken else None
    words = text.casefold().split()
    codes = frozenset.intersection(*(_spelling(word, script) for word in words)) if words else frozenset()
    fitting = [one for one in spoken if one.code in codes]
    if hinted and (not fitting or table()[hint or ""] in fitting):
        return hint
    if len(fitting) < 2:
        return (fitting or spoken)[0].code
    return max(fitting, key=lambda one: sum(_tells(one.code, word) for word in words)).code


@lru_cache(maxsize=300_000)
def _spelling(word: str, script: str) -> frozenset[str]:
    """Codes of the languages of ``script`` whose alphabet spells ``word``."""
    letters = _letters(word, script)
    return frozenset(one.code for one in of_script(script) if _spells(one, letters))


def _letters(lower: str, script: str) -> frozenset[str]:
    """The letters of ``script`` in ``lower``, which its alphabet must have: where alphabets tell languages apart."""
    first, last = _RANGES.get(script, ("", ""))
    letters = frozenset(letter for letter in lower if first <= letter <= last and letter.isalpha())
    return letters | {"'"} if script == "Cyrl" and _APOSTROPHE.search(lower) is not None else letters


#: The letters of a script that alphabets here tell apart.
_RANGES = {"Cyrl": ("\u0400", "\u052f"), "Arab": ("\u0620", "\u06d5")}


def _spells(one: Language, letters: frozenset[str]) -> bool:
    return not one.alphabet or letters <= one.alphabet


#: What a sign of a language weighs; a given name weighs one.
_SIGN = 2


@lru_cache(maxsize=300_000)
def _tells(code: str, word: str) -> int:
    """How much ``word`` speaks for language ``code``."""
    folded, own = fold(word), table()[code]
    if _pattern(tuple(map(persian, own.no_signs))).fullmatch(folded) is not None:
        return 0
    # Signs are spelled as the language spells them: hamza on alef is one of Arabic.
    if _pattern(tuple(map(persian_letters, own.signs))).fullmatch(persian_letters(word)) is not None:
        return _SIGN
    return 1 if folded in _telling(code) else 0


@cache
def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    """What is one of ``words``, in which ``*`` stands for any letters, ``?`` for one, and ``[...]`` for one of several."""
    return re.compile("|".join(translate(word.casefold()) for word in words) or "(?!)")


@cache
def _telling(code: str) -> frozenset[str]:
    """Given names of language ``code`` that no other language of its script has."""
    own = table()[code]
    others = (one for one in of_script(own.script) if one.code != code)
    return own.given.difference(*((*one.given, *one.diminutives) for one in others))
