"""The words by which a name cell shows that it holds more than a name; they lie in ``languages/cells.yml``.

What is done where one of them stands is the matter of :mod:`.cells` and :mod:`.people`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from itertools import pairwise

from crm_etl.normalize import lists
from crm_etl.normalize.names import surnames, titles
from crm_etl.normalize.names.given_names import compounds
from crm_etl.normalize.names.words import look
from crm_etl.normalize.text import fold

#: Words of the longest mark.
_LONGEST = 4
#: Sections whose words alone tell nothing.
_SILENT = ("remarks", "weak_remarks", "kin", "ordinals", "noble")
#: A remark known by its begin has more letters than this.
_SHORT = 3


@cache
def marks() -> Mapping[str, frozenset[str]]:
    """Section of ``cells.yml`` -> its words, folded; those of one letter and signs as they are."""
    document = lists.load("names/languages/cells.yml")
    return {
        section: frozenset(fold(str(word)) or str(word) for word in words if not str(word).endswith("*"))
        for section, words in document.items()
    }


@cache
def _begins() -> tuple[str, ...]:
    words = lists.load("names/languages/cells.yml")["remarks"]
    return tuple(sorted(fold(word) for word in words if word.endswith("*")))


@cache
def genitives() -> Mapping[str, tuple[str, ...]]:
    """End of a given name in the genitive -> its ends in the nominative."""
    document = lists.load("names/languages/surnames.yml")
    return {end: tuple(others) for end, others in document["genitives"].items()}


@cache
def sure_remarks() -> frozenset[str]:
    """Remarks that are neither names nor initials."""
    return marks()["remarks"] - marks()["weak_remarks"]


@cache
def _telling() -> frozenset[str]:
    """First words of all markers, by which a cell without suspicious characters is known to need a closer look."""
    others = [words for section, words in marks().items() if section not in _SILENT]
    found = (sure_remarks(), titles.ranks(), compounds().place, *others)
    return frozenset(phrase.split(" ")[0] for phrases in found for phrase in phrases)


@lru_cache(maxsize=200_000)
def marks_something(word: str) -> bool:
    """Whether ``word`` may be, or begin, a mark."""
    folded = fold(word)
    return folded in _telling() or is_remark_word(word, frozenset()) or look(word).is_numeral


def marker(words: Sequence[str], at: int, sections: Sequence[str]) -> tuple[str, int] | None:
    """Section and size of the longest marker that begins at place ``at`` of ``words``."""
    for size in range(min(_LONGEST, len(words) - at), 0, -1):
        phrase = fold(" ".join(words[at : at + size]))
        for section in sections:
            if phrase in marks()[section]:
                return section, size
    return None


def is_remark(content: str) -> bool:
    """Whether ``content``, which stands apart in brackets or behind a dash, is no name."""
    words = content.split()
    if any(map(str.isdigit, content)) or "@" in content:
        return True
    if is_suffix(content) or fold(content) in titles.titles():
        return False
    folded = [fold(word) for word in words]
    known = marks()["remarks"] | marks()["weak_remarks"]
    if any(is_remark_word(word, known) for word in words) or fold(content) in known:
        return True
    if any(f"{one} {two}" in known for one, two in pairwise(folded)):
        return True
    return content[:1].islower() and not any(look(word).given for word in words)


def is_remark_word(word: str, known: frozenset[str]) -> bool:
    """Whether ``word`` is one of ``known`` remarks, or begins as one and is no name (Заказчиков, Директоренко)."""
    folded = fold(word)
    if folded in known:
        return True
    if len(folded) <= _SHORT or not folded.startswith(_begins()) or look(folded).given:
        return False
    return not (word[:1].isupper() and folded not in _begins() and surnames.ends_as_one(folded))


def is_suffix(content: str) -> bool:
    """Whether ``content`` is a suffix (Jr., мл.)."""
    return fold(content) in titles.suffixes()


def is_placeholder(name: str) -> bool:
    """Whether ``name`` only stands for a name that is not known."""
    return name.casefold() in lists.placeholders()["name"]
