"""Given names that one person bears: in several languages, in short and in full. The groups lie in ``variants.yml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from crm_etl.normalize import lists
from crm_etl.normalize.kept import kept
from crm_etl.normalize.names.languages import of_script
from crm_etl.normalize.names.languages.latin import romanize
from crm_etl.normalize.text import fold, script


@kept
def variants() -> Mapping[str, tuple[int, ...]]:
    """Folded word -> numbers of the groups that hold it, those that have it in full before those that have it short.

    Words of several parts are joined. A native form is also known as the languages of its script romanize it, a Latin
    one also without its diacritics.
    """
    return _numbered("full", "short")


@kept
def in_full() -> Mapping[str, tuple[int, ...]]:
    """:func:`variants` without the short and fond forms."""
    return _numbered("full")


def _numbered(*kinds: str) -> dict[str, tuple[int, ...]]:
    found: dict[str, dict[int, None]] = {}
    for kind in kinds:
        for number, group in enumerate(_groups()):
            for name in group.get(kind, ()):
                for word in _spellings(name):
                    found.setdefault(word, {})[number] = None
    return {word: tuple(numbers) for word, numbers in found.items()}


def same(one: str, other: str) -> bool:
    """Whether the folded words ``one`` and ``other`` are forms of one name."""
    return not set(variants().get(one, ())).isdisjoint(variants().get(other, ()))


@cache
def _groups() -> list[dict[str, list[str]]]:
    groups: list[dict[str, Any]] = lists.load("names/languages/variants.yml")
    return groups


def _spellings(name: str) -> Iterator[str]:
    word = _joined(name)
    yield word
    written = script(word)
    if written == "Latn":
        yield romanize(word)
    for language in of_script(written) if written != "Latn" else ():
        if not language.alphabet or language.alphabet.issuperset(word):
            yield _joined(language.romanize(word))


def _joined(name: str) -> str:
    return fold(name).replace(" ", "")
