"""Names of persons and organizations in three scripts: taken apart, romanized, keyed for comparison.

:func:`parse` takes a name apart, :func:`romanize` writes any text in Latin letters, :func:`keys` gives the
blocking keys that are equal across scripts. All three are total: no text makes them raise. What is known of a
language lies in :mod:`.languages`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from crm_etl.normalize.names import legal_forms, organizations, persons
from crm_etl.normalize.names.keys import keys
from crm_etl.normalize.names.languages import language, table
from crm_etl.normalize.names.model import Hints, Name
from crm_etl.normalize.names.repair import is_mixed, unmix
from crm_etl.normalize.names.romanization import guess_language, romanize
from crm_etl.normalize.names.words import look
from crm_etl.normalize.text import clean, mojibake, persian_letters, script, uncontrolled

if TYPE_CHECKING:
    from crm_etl.normalize.names.explanation import Explanation, explain_pair
    from crm_etl.normalize.names.similarity import THRESHOLD, score_pairs

__all__ = [
    "THRESHOLD",
    "Explanation",
    "Hints",
    "Name",
    "explain_pair",
    "keys",
    "parse",
    "romanize",
    "score_pairs",
]
#: What needs the compiled kernels is imported when it is asked for: they take a second.
_COMPILED = {
    "THRESHOLD": "similarity",
    "score_pairs": "similarity",
    "Explanation": "explanation",
    "explain_pair": "explanation",
}


def __getattr__(name: str) -> Any:
    if name not in _COMPILED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_COMPILED[name]}"), name)


@lru_cache(maxsize=50_000)
def parse(text: str, hints: Hints | None = None) -> Name:
    """``text`` taken apart. Without ``hints.kind`` a legal form or a word like *bank* makes an organization."""
    hints = Hints() if hints is None else hints
    cleaned, mixed = unmix(clean(uncontrolled(text)), hints.brands)
    notes: tuple[str, ...] = ("name:mixed_script",) if mixed else ()
    if is_mixed(cleaned, hints.brands):
        notes = (*notes, "name:mixed_word")
    if mojibake(cleaned) is not None:
        notes = (*notes, "name:mojibake")
    code = script(cleaned)
    spoken = language(guess_language(cleaned, code, hints.language), code)
    if spoken.code == "fa":
        cleaned, hints = persian_letters(cleaned), _persian(hints)
    if hints.kind != "organization" and all(map(_is_personal, cleaned.split(" "))):
        return persons.parse(cleaned, code, spoken, hints, notes)
    trader = None if hints.given is not None else organizations.sole_trader(cleaned)
    if trader is not None:
        return _trader(trader, cleaned, code, hints, notes)
    has_parts = hints.given is not None or hints.patronymic is not None
    if hints.kind == "organization" or (
        hints.kind is None and not has_parts and organizations.looks_like(cleaned, spoken)
    ):
        return organizations.parse(cleaned, code, spoken, notes)
    return persons.parse(cleaned, code, spoken, hints, notes)


#: Evidence of a word's end by which it is a surname for sure.
_SURNAME = -2.0


@lru_cache(maxsize=300_000)
def _is_personal(word: str) -> bool:
    """Whether ``word`` stands in names of people only: a name of such words is looked through for no legal form."""
    seen = look(word)
    if not word.replace("-", "").replace(".", "").isalpha() or seen.folded in legal_forms.edges():
        return False
    if seen.folded in _organization_words():
        return False
    return seen.given or seen.is_patronymic or seen.is_initial or seen.role <= _SURNAME


@cache
def _organization_words() -> frozenset[str]:
    return frozenset(word for one in table().values() for word in one.organization_words)


def _persian(hints: Hints) -> Hints:
    def spelled(part: str | None) -> str | None:
        return None if part is None else persian_letters(part)

    return replace(
        hints, given=spelled(hints.given), patronymic=spelled(hints.patronymic), family=spelled(hints.family)
    )


def _trader(person: str, whole: str, code: str, hints: Hints, notes: tuple[str, ...]) -> Name:
    """A sole trader is a person, unless the source counts him among its organizations."""
    spoken = language(guess_language(person, code, hints.language), code)
    name = persons.parse(person, code, spoken, Hints(language=hints.language, sex=hints.sex), notes)
    if hints.kind != "organization":
        return replace(name, legal_form="sole_trader")
    firm = organizations.parse(whole, code, spoken, notes)
    return replace(
        name,
        kind="organization",
        native=firm.native,
        latin=firm.latin,
        legal_form="sole_trader",
        org_name=firm.org_name,
        org_latin=firm.org_latin,
    )
