"""Any text in Latin letters: each word by the language of its script. Total, deterministic, idempotent."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from crm_etl.normalize.names import languages
from crm_etl.normalize.names.languages import latin
from crm_etl.normalize.text import clean, digits, script

#: A word for the romanizers: letters, digits, marks, inner apostrophes and ZWNJ.
_WORD = re.compile(r"[^\W_][\w'’ʼ`\u200c\u0300-\u036f]*")
#: Letters, and the apostrophe before a soft vowel, that Ukrainian has and Russian has not.
_UKRAINIAN = re.compile("[іїєґІЇЄҐ]|(?<=[а-яА-Я])['’ʼ`](?=[яюєїЯЮЄЇ])")
_RUSSIAN = re.compile("[ыэёъЫЭЁЪ]")


@lru_cache(maxsize=200_000)
def romanize(text: str, language: str | None = None) -> str:
    """``text`` in lower-case Latin letters; what no known script holds stays as it is.

    ``language`` (ISO 639-1) decides where scripts are shared: ``г`` is g in Russian and h in Ukrainian.
    """
    cleaned = digits(clean(text))
    if language is None and _UKRAINIAN.search(cleaned) and not _RUSSIAN.search(cleaned):
        language = "uk"
    return clean(latin.romanize(_WORD.sub(lambda match: word(match.group(), language), cleaned)))


@lru_cache(maxsize=200_000)
def word(text: str, language: str | None = None) -> str:
    """One word romanized."""
    code = script(text)
    if code == "Latn":
        return latin.romanize(text)
    return latin.romanize(languages.language(language, code).romanize(text))


def guess_language(text: str, code: str, hint: str | None = None) -> str | None:
    """ISO 639-1 code of the language of ``text`` in script ``code``; None where the script is unknown."""
    if code == "Cyrl":
        if _UKRAINIAN.search(text) and not _RUSSIAN.search(text):
            return "uk"
        if hint in ("ru", "uk") and not _RUSSIAN.search(text):
            return hint
        ukrainian, russian = _telling_names()
        words = text.casefold().split()
        return "uk" if not ukrainian.isdisjoint(words) and russian.isdisjoint(words) else "ru"
    return {"Arab": "fa", "Latn": "en"}.get(code)


@cache
def _telling_names() -> tuple[frozenset[str], frozenset[str]]:
    """Given names that are Ukrainian and not Russian, and the reverse."""
    uk, ru = languages.table()["uk"], languages.table()["ru"]
    return uk.given - ru.given, ru.given - uk.given
