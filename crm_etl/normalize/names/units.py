"""Words of a name that stay together: abd al-Rahman, van der Berg, حسین زاده, Ortega y Gasset.

What joins words lies in ``languages/compounds.yml`` and ``languages/surnames.yml``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_etl.normalize.names import surnames
from crm_etl.normalize.names.given_names import FEMALE, compounds
from crm_etl.normalize.names.words import Word, look
from crm_etl.normalize.text import ZWNJ

#: What a unit of several words weighs (abd al-Rahman is a given name; van der Berg and حسین زاده are surnames).
_GIVEN, _WITH_PARTICLE, _WITH_TAIL = 2.5, -1.5, -2.5
#: An initial in the middle, and a Latin letter spelled out (جان اف کندی), belong to the given name.
_LETTER = 1.0
#: Arabic letters that don't join to the next one: behind them no mark is needed to write two words in one.
_NOT_JOINING = frozenset("اآأإدذرزژوؤة")


@dataclass(frozen=True)
class Unit:
    """Words that stay together, and their common role as in :class:`.words.Word`."""

    texts: tuple[str, ...]
    role: float


def units(words: Sequence[Word]) -> list[Unit]:
    """``words`` in units, each with its role."""
    found: list[Unit] = []
    place = 0
    while place < len(words):
        size = size_of(words, place)
        found.append(_unit(words[place : place + size]))
        place += size
    for at in range(1, len(found) - 1):
        word = look(found[at].texts[0])
        if word.is_initial or word.folded in compounds().letters:
            found[at] = Unit(found[at].texts, _LETTER)
    return found


def size_of(words: Sequence[Word], place: int) -> int:
    """How many words from ``place`` on stay together."""
    left = len(words) - place
    if left < 2:
        return 1
    word, following = words[place], words[place + 1]
    known = compounds()
    if word.folded in known.with_next:
        return 3 if left > 2 and following.folded in known.article else 2
    if following.folded in known.with_previous:
        return 2
    if left > 2 and f"{following.folded} {words[place + 2].folded}" in known.with_previous:
        return 3
    if word.is_particle and (place > 0 or left > 2):
        size = 1
        while size < left - 1 and words[place + size].is_particle:
            size += 1
        return size + 1
    if place > 0 and left > 2 and (following.folded in known.between or _is_of_place(word, following)):
        return 3
    is_tail = following.folded in surnames.tails() and (len(words) > 2 or following.folded in surnames.by_names())
    return 2 if is_tail else 1


def _is_of_place(word: Word, following: Word) -> bool:
    """Whether ``word`` is a surname with its place behind it: Clifford of Chudleigh, but not Elizabeth of Austria."""
    return following.folded in compounds().place and word.sexes != FEMALE and not word.is_initial


def _unit(words: Sequence[Word]) -> Unit:
    if len(words) == 1:
        return Unit((words[0].text,), words[0].role)
    known = compounds()
    last = words[-1].folded
    if words[0].folded in known.with_next or last in known.with_previous:
        return _given(words)
    if f"{words[-2].folded} {last}" in known.with_previous:
        return _given(words)
    role = _WITH_TAIL if last in surnames.tails() else _WITH_PARTICLE
    return Unit(tuple(word.text for word in words), role)


def _given(words: Sequence[Word]) -> Unit:
    """A given name of several words; in Persian and Arabic written in one if that is known (عبد الله)."""
    joined = words[0].text
    for word in words[1:]:
        joined += (ZWNJ if joined[-1] not in _NOT_JOINING else "") + word.text
    if look(joined).given and "\u0600" <= joined[0] <= "\u06ff":
        return Unit((joined,), _GIVEN)
    return Unit(tuple(word.text for word in words), _GIVEN)
