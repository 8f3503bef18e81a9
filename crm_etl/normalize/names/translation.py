"""The words of an organization's name as they are compared: common ones translated, the others romanized."""

from __future__ import annotations

from functools import cache, lru_cache

from crm_etl.normalize.names.languages import Language, language, table
from crm_etl.normalize.names.model import Name
from crm_etl.normalize.names.romanization import romanize
from crm_etl.normalize.text import ZWNJ, fold

_SHORTEST = 3


def compared_words(name: Name) -> list[str]:
    """Words of the organization ``name`` in one language as far as :attr:`Language.translations` knows them."""
    if name.org_name is None:
        return []
    code = name.language or ""
    if name.script == "Latn" or code not in table():
        return (name.org_latin or "").split()
    return [part for word in fold(name.org_name.replace(ZWNJ, "")).split() for part in _translate(word, code).split()]


@cache
def common_words() -> frozenset[str]:
    """Words like *bank*, translated and romanized as names are: they tell no organization from another."""
    return frozenset(
        part
        for spoken in table().values()
        for word in (*spoken.organization_words, *spoken.translations.values())
        for part in fold(romanize(word, spoken.code)).split()
    )


@lru_cache(maxsize=50_000)
def _translate(word: str, code: str) -> str:
    spoken = language(code, table()[code].script)
    english = spoken.translations.get(word) or _by_begin(word, spoken)
    return english or fold(romanize(word, code))


def _by_begin(word: str, spoken: Language) -> str | None:
    """Slavic words change their ends: the longest known begin decides."""
    if spoken.script != "Cyrl":
        return None
    begins = (word[:size] for size in range(len(word) - 1, _SHORTEST, -1))
    return next((spoken.translations[begin] for begin in begins if begin in spoken.translations), None)
