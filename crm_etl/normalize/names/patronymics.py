"""Patronymics and the words around a father's name. Ends and words lie in ``languages/patronymics.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from crm_etl.normalize import lists
from crm_etl.normalize.names.languages import table
from crm_etl.normalize.text import fold

_SHORTEST = 5


@cache
def _document() -> Mapping[str, Any]:
    document: Mapping[str, Any] = lists.load("names/languages/patronymics.yml")
    return document


@cache
def _endings(sex: str) -> tuple[str, ...]:
    own = [*(end for ends in _document()["endings"][sex] for end in ends), *_document()["joined"][sex]]
    return tuple(sorted({end.casefold() for end in own}))


@cache
def _all_endings() -> tuple[str, ...]:
    own = {end.casefold() for language in table().values() for end in language.patronymic_endings}
    return tuple(sorted({*_endings("m"), *_endings("f"), *own}))


@cache
def after() -> frozenset[str]:
    """Words behind the father's name, folded: оглы, qızı."""
    own = frozenset(word for language in table().values() for word in language.son_of)
    return own | _words("after", "m") | _words("after", "f")


@cache
def before() -> frozenset[str]:
    """Words before the father's name, folded: bin, بنت."""
    return _words("before", "m") | _words("before", "f")


@cache
def _words(place: str, sex: str) -> frozenset[str]:
    return frozenset(fold(word) for word in _document()[place][sex])


def is_patronymic(word: str) -> bool:
    """Whether ``word`` (one word) ends as a patronymic does."""
    return len(word) >= _SHORTEST and word.casefold().rstrip(".").endswith(_all_endings())


def sex_of(word: str, folded: str) -> str | None:
    """``f`` or ``m`` as ``word``, a patronymic or one of the words around it, tells it."""
    ends = word.casefold().rstrip(".")
    for sex in ("f", "m"):
        if folded in _words("after", sex) or folded in _words("before", sex):
            return sex
        if len(word) >= _SHORTEST and ends.endswith(_endings(sex)):
            return sex
    return None
