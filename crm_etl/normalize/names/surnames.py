"""Surnames: how sure a word's end is that it is one, and the masculine singular that a family is compared by.

Ends and lists lie in ``languages/surnames.yml``. What is known of given names is in :mod:`.given_names`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from crm_etl.normalize import lists
from crm_etl.normalize.names import given_names
from crm_etl.normalize.names.languages import table
from crm_etl.normalize.text import ZWNJ, fold, script

#: How much an end, or a place in a list, speaks for a surname. The Persian nisba (ی) and Latin ends are weak signs.
_STRONG, _LISTED, _FAMILY_FIRST = 2.0, 1.5, 0.4
_WEAK = {"Cyrl": 0.5, "Arab": 0.6}
_WEAK_ELSEWHERE = 0.4
#: Letters that must stand before an ending.
_STEM = 2
_SHORT_STEM = 1


@cache
def _document() -> Mapping[str, Any]:
    document: Mapping[str, Any] = lists.load("names/languages/surnames.yml")
    return document


@cache
def _endings(kind: str) -> tuple[str, ...]:
    own = (
        ()
        if kind == "endings"
        else (end for one in table().values() for end in one.surname_endings if len(end) > _STEM)
    )
    return tuple(sorted({*(end for ends in _document()[kind] for end in ends), *own}))


@cache
def family_first() -> frozenset[str]:
    """Surnames of peoples that put them first (Kim, Nguyen)."""
    return frozenset(fold(word) for word in _document()["first"])


@cache
def _pinyin() -> re.Pattern[str]:
    parts = _document()["pinyin"]
    return re.compile(rf"(?:(?:{'|'.join(parts['initials'])})?(?:{'|'.join(parts['finals'])})){{2}}")


def is_pinyin(folded: str) -> bool:
    """Whether ``folded`` is a Chinese given name of two syllables."""
    return not given_names.sexes(folded) and _pinyin().fullmatch(folded) is not None


@cache
def tails() -> frozenset[str]:
    """Words that end a Persian surname: زاده, پور."""
    return frozenset(fold(word) for word in _document()["tails"]) | by_names()


@cache
def by_names() -> frozenset[str]:
    """Words that end a by-name, which is the surname: الدوله."""
    return frozenset(fold(word) for word in _document()["by_names"])


@cache
def like_patronymics() -> frozenset[str]:
    """Surnames that end as patronymics do."""
    own = frozenset(word for language in table().values() for word in language.not_patronymics)
    return own | frozenset(fold(word) for word in _document()["like_patronymics"])


@cache
def like_titles() -> frozenset[str]:
    """Surnames that are titles as well."""
    return frozenset(fold(word) for word in _document()["like_titles"])


def ends_as_one(folded: str) -> bool:
    """Whether the word ``folded`` ends as hardly anything but a surname does."""
    last = folded.rpartition(" ")[2]
    return last.endswith(_endings("endings")) and len(last) > _STEM + 1


def weight(folded: str) -> float:
    """How much the word ``folded`` looks like a surname; 0 where nothing speaks for it."""
    last = folded.rpartition(" ")[2]
    if ends_as_one(folded):
        return _STRONG
    if folded in given_names.surnames() or folded in like_patronymics():
        return _LISTED
    if last.endswith(_endings("weak_endings")) and len(last) > _STEM:
        return _WEAK.get(script(last), _WEAK_ELSEWHERE)
    return _FAMILY_FIRST if folded in family_first() else 0.0


@lru_cache(maxsize=200_000)
def masculine(family: str, sex: str | None, language: str | None, *, slavic: bool = False) -> str:
    """``family`` as the man of the family bears it: Иванова -> Иванов, Ковальська -> Ковальський.

    Each half of a double name is turned. Without a known sex only endings that no man's surname has;
    ``slavic`` tells that the other names are East Slavic (:func:`is_slavic`).
    """
    if sex == "m" or language == "fa":
        return family
    own = _document()["feminine_be"] if language == "be" else {}
    tables = [{**_document()["feminine_sure"], **own}, _document()["feminine" if sex == "f" else "feminine_likely"]]
    if slavic and sex == "f":
        tables.append({**tables.pop(), **_document()["feminine_slavic"]})
    return "-".join(" ".join(_turned(word, tables) for word in half.split(" ")) for half in family.split("-"))


def _turned(word: str, tables: list[dict[str, str]]) -> str:
    lower = word.casefold()
    if len(lower) != len(word):
        return word
    for endings in tables:
        for ending, other in endings.items():
            stem = len(lower) - len(ending)
            if lower.endswith(ending) and stem > (_STEM if endings is tables[-1] else _SHORT_STEM):
                return word[:stem] + (other.upper() if word.isupper() else other)
    return word


@cache
def _slavic_given() -> frozenset[str]:
    return frozenset(_document()["slavic_given"])


def is_slavic(given: str | None, patronymic: str | None) -> bool:
    """Whether the other names of a woman, in Latin letters, show that her surname has a feminine end."""
    return bool(patronymic and patronymic.casefold().endswith("vna")) or (given or "").casefold() in _slavic_given()


@lru_cache(maxsize=50_000)
def feminine_end(family: str) -> bool:
    """Whether ``family`` ends as no man's surname does (ская), or hardly one (ова behind a long stem)."""
    lower = family.casefold().rpartition("-")[2].rpartition(" ")[2].replace(ZWNJ, "")
    sure, likely = tuple(_document()["feminine_sure"]), tuple(_document()["feminine_likely"])
    return lower.endswith(sure) or (lower.endswith(likely) and len(lower) > len(likely[0]) + _STEM)


@lru_cache(maxsize=50_000)
def borne_by(family: str, sex: str | None) -> str:
    """``family`` of several people as one of them bears it: Петровы -> Петров, of a woman Петрова."""
    man = _turned(family, [_document()["plural"]])
    if sex == "f":
        return _feminine(man)
    return masculine(man, "f", None) if sex == "m" and feminine_end(man) else man


def _feminine(man: str) -> str:
    if script(man) != "Cyrl":
        return man
    for table_ in ("feminine_sure", "feminine_likely", "feminine"):
        for ending, other in _document()[table_].items():
            if other and man.casefold().endswith(other) and len(man) > len(other) + _SHORT_STEM:
                return f"{man[: len(man) - len(other)]}{ending.upper() if man.isupper() else ending}"
    return man
