"""What is known of one word of a person's name, whatever name it stands in. Each distinct word is looked at once.

The lists that this is taken from are in :mod:`.given_names`, :mod:`.surnames` and :mod:`.patronymics`; what a word
means beside others is the matter of :mod:`.order` and :mod:`.titles`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from crm_etl.normalize.names import given_names, patronymics, surnames
from crm_etl.normalize.names.given_names import compounds
from crm_etl.normalize.text import fold

_INITIAL = re.compile(r"[^\W\d_]\.?|[^\W\d_]{1,2}\.(?:-?[^\W\d_]{1,2}\.)?")
_LETTERS = re.compile(r"[^\W\d_]+")
#: Numbers of kings and grandsons, in Roman numerals; some are names, or initials, too.
_NUMERAL = re.compile("(?=.)X{0,2}(?:IX|IV|V?I{0,3})", re.IGNORECASE)
_NAMES_TOO = ("vi", "xi")
#: Given name for certain, one that is also a surname, a word that nothing is known of.
_GIVEN, _EITHER = 3.0, 1.0
_WITH_PARTICLE = -1.5
_PARTICLE = 3


@dataclass(frozen=True, slots=True)
class Word:
    """A word. ``role`` speaks for a given name where positive, for a surname where negative.

    ``shown`` is its form for display, ``first`` and ``last`` the edges of ``folded`` (which may be several words),
    ``sexes`` as :func:`.given_names.sexes` has them, ``patronymic_sex`` the sex that it tells as a patronymic.
    """

    text: str
    shown: str
    folded: str
    first: str
    last: str
    sexes: int
    role: float
    is_patronymic: bool
    patronymic_sex: str | None
    is_initial: bool
    is_upper: bool
    is_particle: bool
    is_numeral: bool

    @property
    def given(self) -> bool:
        """Whether it is a known given name."""
        return self.sexes > 0

    @property
    def is_surely_numeral(self) -> bool:
        """Whether it is a Roman numeral, and no name or initial."""
        return self.is_numeral and len(self.text) > 1 and (self.text.isupper() or self.folded not in _NAMES_TOO)


@lru_cache(maxsize=300_000)
def look(text: str) -> Word:
    """What is known of the word ``text``."""
    folded = fold(text)
    sexes = given_names.sexes(folded)
    if not sexes and given_names.may_lose_marks(folded):
        sexes = given_names.sexes(given_names.bare(folded))
    letters, is_initial = text.strip("."), _INITIAL.fullmatch(text) is not None
    return Word(
        text=text,
        shown=_cased(text, folded),
        folded=folded,
        first=folded.partition(" ")[0],
        last=folded.rpartition(" ")[2],
        sexes=sexes,
        role=_role(folded, sexes),
        is_patronymic=patronymics.is_patronymic(text),
        patronymic_sex=patronymics.sex_of(text, folded),
        is_initial=is_initial,
        is_upper=len(letters) > 1 and letters.isupper() and not is_initial,
        is_particle=folded in compounds().particles,
        is_numeral=_NUMERAL.fullmatch(text) is not None,
    )


def _role(folded: str, sexes: int) -> float:
    if sexes:
        return _EITHER if given_names.is_doubtful(folded) else _GIVEN
    if folded.partition(" ")[0] in compounds().particles and " " in folded:
        return _WITH_PARTICLE  # al-Assad
    return -surnames.weight(folded)


def _cased(text: str, folded: str) -> str:
    """``text`` with a capital first letter where it is all capitals or all small, numerals in capitals."""
    if len(text) < 2 or not (text.isupper() or text.islower()):
        return text
    if _NUMERAL.fullmatch(text) is not None and folded not in _NAMES_TOO:
        return text.upper()
    if text.islower() and (len(text) <= _PARTICLE or folded in patronymics.after() or folded in compounds().particles):
        return text
    return _capital(text) if text.isalpha() else _LETTERS.sub(lambda match: _capital(match.group()), text)


def _capital(word: str) -> str:
    if len(word) > 4 and word[:2].lower() == "mc" and word.isupper():
        return f"Mc{word[2:].capitalize()}"
    return word.capitalize()
