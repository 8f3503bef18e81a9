"""The languages that names are read in, one table: code -> :class:`Language`.

To add one: write ``<code>.yml`` (word lists, see the others), a ``<code>.py`` with ``romanize`` where the
general table of its script does not serve, and its line in :data:`_MODULES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

from crm_etl.normalize import lists
from crm_etl.normalize.names.languages import cyrillic, latin, persian
from crm_etl.normalize.text import fold

Romanizer = Callable[[str], str]


@dataclass(frozen=True)
class Language:
    """What is known of one language. Word sets hold folded words; ``romanize`` takes one cleaned word."""

    code: str
    script: str
    romanize: Romanizer
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
    not_patronymics: frozenset[str]
    organization_words: frozenset[str]
    translations: Mapping[str, str]

    @cached_property
    def given(self) -> frozenset[str]:
        return self.given_m | self.given_f


_MODULES: Mapping[str, tuple[str, Romanizer]] = {
    "fa": ("Arab", persian.romanize),
    "ru": ("Cyrl", cyrillic.russian),
    "uk": ("Cyrl", cyrillic.ukrainian),
    "en": ("Latn", latin.romanize),
}
#: The language taken where a script is all that is known.
OF_SCRIPT: Mapping[str, str] = {"Arab": "fa", "Cyrl": "ru", "Latn": "en", "Zyyy": "en"}


@cache
def table() -> Mapping[str, Language]:
    own = {code: _load(code, script, romanize) for code, (script, romanize) in _MODULES.items()}
    # A title is one in any language: names of one country carry titles of another.
    shared: dict[str, Any] = {
        name: frozenset().union(*(getattr(one, name) for one in own.values()))
        for name in ("titles", "soft_titles", "female_titles", "male_titles", "suffixes")
    }
    return {code: replace(one, **shared) for code, one in own.items()}


def language(code: str | None, script: str) -> Language:
    """The language ``code``, or the one that stands for ``script``."""
    known = table()
    if code is not None and code in known and known[code].script == script:
        return known[code]
    return known[OF_SCRIPT.get(script, "en")]


@cache
def legal_forms() -> Mapping[str, str]:
    """Folded legal form -> canonical class."""
    document = lists.load("names/languages/legal_forms.yml")
    return {fold(str(form)): kind for kind, forms in document.items() for form in forms}


@cache
def legal_edges() -> frozenset[str]:
    """First and last words of all legal forms: a name that neither begins nor ends with one has none."""
    return frozenset(word for form in legal_forms() for word in (form.split()[0], form.split()[-1]))


def _load(code: str, script: str, romanize: Romanizer) -> Language:
    document: dict[str, Any] = lists.load(f"names/languages/{code}.yml")

    def words(name: str) -> frozenset[str]:
        return frozenset(fold(str(word)) for word in document.get(name, ()))

    return Language(
        code=code,
        script=script,
        romanize=romanize,
        diminutives={fold(k): fold(v) for k, v in document.get("diminutives", {}).items()},
        surname_endings=tuple(sorted(document.get("surname_endings", ()), key=lambda e: (-len(e), e))),
        translations={fold(k): v for k, v in document.get("translations", {}).items()},
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
    "not_patronymics",
    "organization_words",
)
