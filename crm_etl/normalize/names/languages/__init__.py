"""The languages that names are read in, one table: code -> :class:`Language`.

Each ``<code>.yml`` in this folder is a language; to add one, write its file (``docs/how-to/add-a-language.md``), and
``<code>.py`` with ``ROMANIZERS`` only where a table of letters cannot write it in Latin letters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib import resources
from typing import Any

from crm_etl.normalize import lists
from crm_etl.normalize.names.languages import documents, standards
from crm_etl.normalize.names.languages.standards import LATIN, Romanizer, Standard
from crm_etl.normalize.text import fold

__all__ = ["Language", "Romanizer", "Standard", "language", "of_script", "table"]


@dataclass(frozen=True)
class Language:
    """What is known of one language. Word sets hold folded words; ``standards`` has the default one first.

    ``alphabet`` has all letters that its words are written with (empty: not declared); of languages that a name could
    be in the one with the highest ``priority`` is taken, unless ``signs`` (patterns of words, but for those of
    ``no_signs``) or given names that only one of them has speak for another.
    """

    code: str
    name: str
    script: str
    alphabet: frozenset[str]
    priority: int
    standards: Mapping[str, Standard]
    titles: frozenset[str]
    soft_titles: frozenset[str]
    female_titles: frozenset[str]
    male_titles: frozenset[str]
    suffixes: frozenset[str]
    particles: frozenset[str]
    given_m: frozenset[str]
    given_f: frozenset[str]
    diminutives: Mapping[str, str]
    surname_endings: tuple[str, ...]
    patronymic_endings: tuple[str, ...]
    son_of: frozenset[str]
    not_patronymics: frozenset[str]
    organization_words: frozenset[str]
    signs: tuple[str, ...]
    no_signs: tuple[str, ...]

    @cached_property
    def given(self) -> frozenset[str]:
        return self.given_m | self.given_f

    @cached_property
    def standard(self) -> Standard:
        """The standard taken where none is asked for."""
        return next(iter(self.standards.values()), LATIN)

    def romanize(self, word: str) -> str:
        """One cleaned word by the default standard."""
        return self.standard.romanize(word)


#: Taken for a text whose script has no language.
_UNKNOWN = "en"


@cache
def table() -> Mapping[str, Language]:
    """Every language that has a file, by code in alphabetical order."""
    own = {code: _load(code) for code in _codes()}
    # A title is one in any language: names of one country carry titles of another.
    shared: dict[str, Any] = {
        name: frozenset().union(*(getattr(one, name) for one in own.values()))
        for name in ("titles", "soft_titles", "female_titles", "male_titles", "suffixes")
    }
    return {code: replace(one, **shared) for code, one in own.items()}


def _codes() -> list[str]:
    names = (entry.name for entry in resources.files(__package__).iterdir())
    stems = (name.removesuffix(".yml") for name in names if name.endswith(".yml"))
    return sorted(stem for stem in stems if documents.is_code(stem))


@cache
def of_script(script: str) -> tuple[Language, ...]:
    """The languages written in ``script``, the one taken where nothing else is known first."""
    known = (one for one in table().values() if one.script == script)
    return tuple(sorted(known, key=lambda one: (-one.priority, one.code)))


def language(code: str | None, script: str) -> Language:
    """The language ``code``, or the one that stands for ``script``."""
    known = table()
    if code is not None and code in known and known[code].script == script:
        return known[code]
    return next(iter(of_script(script)), known[_UNKNOWN])


def _load(code: str) -> Language:
    document = documents.check(code, lists.load(f"names/languages/{code}.yml"))

    def words(name: str) -> frozenset[str]:
        return frozenset(fold(str(word)) for word in document.get(name, ()))

    def endings(name: str) -> tuple[str, ...]:
        return tuple(sorted(map(str.casefold, document.get(name, ())), key=lambda ending: (-len(ending), ending)))

    return Language(
        code=code,
        name=document.get("name", code),
        script=document["script"],
        alphabet=frozenset(document.get("alphabet", "")),
        priority=document.get("priority", 0),
        standards=standards.of_language(code, document),
        diminutives={fold(k): fold(v) for k, v in document.get("diminutives", {}).items()},
        surname_endings=endings("surname_endings"),
        patronymic_endings=endings("patronymic_endings"),
        signs=tuple(document.get("signs", ())),
        no_signs=tuple(document.get("no_signs", ())),
        **{name: words(name) for name in _SETS},
    )


_SETS = (
    "titles",
    "soft_titles",
    "female_titles",
    "male_titles",
    "suffixes",
    "particles",
    "given_m",
    "given_f",
    "son_of",
    "not_patronymics",
    "organization_words",
)
