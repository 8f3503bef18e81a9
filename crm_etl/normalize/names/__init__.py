"""Names of persons and organizations in three scripts: taken apart, romanized, keyed for comparison.

:func:`parse` takes a name apart, :func:`romanize` writes any text in Latin letters, :func:`keys` gives the
blocking keys that are equal across scripts. All three are total: no text makes them raise. What is known of a
language lies in :mod:`.languages`.
"""

from __future__ import annotations

from dataclasses import replace

from crm_etl.normalize.names import organizations, persons
from crm_etl.normalize.names.keys import keys
from crm_etl.normalize.names.languages import language
from crm_etl.normalize.names.model import Hints, Name
from crm_etl.normalize.names.repair import unmix
from crm_etl.normalize.names.romanization import guess_language, romanize
from crm_etl.normalize.text import clean, mojibake, persian_letters, script

__all__ = ["Hints", "Name", "keys", "parse", "romanize"]


def parse(text: str, hints: Hints | None = None) -> Name:
    """``text`` taken apart. Without ``hints.kind`` a legal form or a word like *bank* makes an organization."""
    hints = Hints() if hints is None else hints
    cleaned, mixed = unmix(clean(text))
    notes = ("name:mixed_script",) if mixed else ()
    if mojibake(cleaned) is not None:
        notes = (*notes, "name:mojibake")
    code = script(cleaned)
    spoken = language(guess_language(cleaned, code, hints.language), code)
    if spoken.code == "fa":
        cleaned, hints = persian_letters(cleaned), _persian(hints)
    trader = None if hints.given is not None else organizations.sole_trader(cleaned)
    if trader is not None:
        return _trader(trader, cleaned, code, hints, notes)
    has_parts = hints.given is not None or hints.patronymic is not None
    if hints.kind == "organization" or (
        hints.kind is None and not has_parts and organizations.looks_like(cleaned, spoken)
    ):
        return organizations.parse(cleaned, code, spoken, notes)
    return persons.parse(cleaned, code, spoken, hints, notes)


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
