"""Name cells of several columns held against one another: a surname's column that holds the whole name.

In many old tables half of the rows have the full name in the surname's column. Where the other columns are empty, or
say the same, the cell is parted; where it says another given name or patronymic than they do, or where nothing tells
which of its words is the surname, a person must look. Only Cyrillic names: in others a surname of several words with
a given name among them is nothing strange.
"""

from __future__ import annotations

from crm_etl.normalize.names.words import Word, look
from crm_etl.normalize.text import fold, script

AMBIGUOUS = "name_ambiguous"
REPEATED = "name:parts_repeated"
#: A given name and no surname, for all that is known.
_CERTAIN = 3.0


def surname(family: str | None, given: str | None, patronymic: str | None) -> tuple[str | None, str | None]:
    """``family`` without the parts of the name that the other columns hold too, and :data:`AMBIGUOUS`,
    :data:`REPEATED` or None."""
    if family is None or script(family) != "Cyrl":
        return family, None
    words = [look(word) for word in family.replace(",", " ").split()]
    if len(words) < 2 or any(word.is_particle for word in words):
        return family, None
    if given is None and patronymic is None:
        return family, AMBIGUOUS if all(map(_is_given, words)) else None
    others = {fold(word) for part in (given, patronymic) if part is not None for word in part.split()}
    named = [word for word in words if _is_given(word) or word.is_patronymic]
    if not named or len(named) == len(words):
        return family, None
    # Иванов Иван beside the patronymic alone: no column speaks for or against the given name.
    known = {word.folded for word in named if not (given is None and _is_given(word))}
    if not known:
        return family, None
    if not known <= others:
        return family, AMBIGUOUS
    return " ".join(word.text for word in words if word.folded not in known), REPEATED


def _is_given(word: Word) -> bool:
    return word.given and word.role >= _CERTAIN
