"""The name that a title of rank has of its own, beside the names of who bears it: 1st Earl of Chatham, William Pitt.

Which words it is tells :mod:`.ranks`.
"""

from __future__ import annotations

from collections.abc import Sequence

from crm_etl.normalize.names.order import Parts
from crm_etl.normalize.names.words import Word, look
from crm_etl.normalize.text import fold


def take(estate: str, parts: Parts, words: list[Word]) -> list[Word]:
    """Sets ``parts`` right by the title's name, which takes the place of a family name that is not there.

    Returns the words of the name as it is shown, of which ``words`` are those without the title.
    """
    own = [look(word) for word in estate.split()]
    texts, told = [word.text for word in own], {word.folded for word in own}
    given, family = _folded(parts.given), _folded(parts.family)
    if given | family <= told:  # Lord Clifford of Chudleigh has no other names
        parts.given, parts.family = [], texts
        return own
    if not family:  # Tom, 1st Baron Clifford
        parts.family = texts
        return [*words, *own]
    if given <= told and family.isdisjoint(told) and not parts.ordered:  # Thomas Clifford, 1st Baron Clifford
        parts.given, parts.family = parts.family, parts.given
    return words


def also_known(estate: str, parts: Parts) -> tuple[str, ...]:
    """The name by which a peer is known as well: William Chatham."""
    if not estate or not parts.given or fold(estate) == fold(" ".join(parts.family)):
        return ()
    return (" ".join(look(word).shown for word in (*parts.given, *estate.split())),)


def _folded(words: Sequence[str]) -> set[str]:
    return {look(word).folded for word in words}
