"""Given names of all languages: whether a word is one, and of which sex.

The names lie in the file of each language (``given_m``, ``given_f``, ``diminutives``) and, those of public lists, in
``languages/given_names.yml``, with what they lack in ``more_given_names.yml``; names of several words and what joins
them in ``languages/compounds.yml``. What a name is short for, or is called in another language, is told by
:mod:`.languages.variants`.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crm_etl.normalize import lists
from crm_etl.normalize.kept import kept
from crm_etl.normalize.names.among import Places, WordList, is_among
from crm_etl.normalize.names.languages import Language, table
from crm_etl.normalize.names.languages.variants import variants
from crm_etl.normalize.text import fold

MALE, FEMALE = 1, 2
_SHORTEST = 2
#: A half of a name in one word is at least so long.
_HALF = 3


@dataclass(frozen=True)
class Compounds:
    """What given names and surnames of several words are made of; all folded."""

    firsts: frozenset[str]
    with_next: frozenset[str]
    with_previous: frozenset[str]
    article: frozenset[str]
    between: frozenset[str]
    place: frozenset[str]
    particles: frozenset[str]
    letters: frozenset[str]


@cache
def compounds() -> Compounds:
    document = lists.load("names/languages/compounds.yml")
    own = frozenset(word for language in table().values() for word in language.particles)
    words = {key: frozenset(fold(word) for word in found) for key, found in document.items()}
    between = words["between"]
    return Compounds(**{**words, "particles": (words["particles"] | own) - between})


@lru_cache(maxsize=200_000)
def sexes(folded: str) -> int:
    """:data:`MALE` and :data:`FEMALE` as far as the given name ``folded`` is borne by them; 0 if it is none.

    A name of several words is that of its first one; one word may hold two names (محمدرضا).
    """
    known = _known()
    found = known.get(folded)
    if found is not None:
        return found
    if " " in folded:
        joined = known.get(folded.replace(" ", ""))
        if joined is not None:
            return joined
        parts = [sexes(part) for part in folded.split(" ")]
        return parts[0] if all(parts) else 0
    return _joined(folded)


def sexes_of(words: pa.Array) -> Places:
    """:func:`sexes` of many words, none of them of several, (n,)."""
    known, values = _numbered()
    found = values[known.places(words)]
    rest = np.flatnonzero(found == 0)
    found[rest] = _joined_of(words.take(pa.array(rest)))
    return found


def _joined_of(words: pa.Array) -> Places:
    """:func:`_joined` of many words."""
    known, values = _numbered()
    found, lengths = np.zeros(len(words), dtype=np.int64), pc.utf8_length(words).to_numpy(zero_copy_only=False)
    by_size: dict[int, list[str]] = {}
    for first in compounds().firsts:
        by_size.setdefault(len(first), []).append(first)
    for at in sorted(size for size in by_size if size >= _HALF - 1):
        long = np.flatnonzero((found == 0) & (lengths >= at + _HALF))
        begins = pc.utf8_slice_codeunits(words.take(pa.array(long)), 0, at)
        hits = np.flatnonzero(is_among(begins, by_size[at]).to_numpy(zero_copy_only=False))
        rest = pc.utf8_slice_codeunits(words.take(pa.array(long[hits])), at)
        ends = known.places(rest)
        of_first = values[known.places(begins.take(pa.array(hits)))]
        whole = ends >= 0
        found[long[hits[whole]]] = np.where(of_first > 0, of_first, values[ends])[whole]
    return found


@cache
def _numbered() -> tuple[WordList, Places]:
    """The known given names, and the sexes of each; the last are those of no name."""
    return WordList(_known()), np.array([*_known().values(), 0], dtype=np.int64)


def is_doubtful(folded: str) -> bool:
    """Whether the given name ``folded`` is a common surname as well (Thomas, Martin)."""
    return folded in surnames()


@kept
def surnames() -> frozenset[str]:
    """Surnames of the public lists."""
    return frozenset(spelling for group in _groups() for name in group.get("family", ()) for spelling in _bare(name))


def _joined(word: str) -> int:
    known, firsts = _known(), compounds().firsts
    for at in range(_HALF - 1, len(word) - _HALF + 1):
        if word[:at] in firsts and word[at:] in known:
            return known.get(word[:at], 0) or known[word[at:]]
    return 0


@kept
def _known() -> Mapping[str, int]:
    """Given name -> sexes. What the languages' own files say of a name is certain; the lists fill the rest."""
    never = frozenset(fold(word) for word in lists.load("names/languages/surnames.yml")["never"])
    certain, listed = _collected(_of_languages()), _collected(_of_lists())
    known = {name: sexes for name, sexes in listed.items() if len(name) > _SHORTEST} | certain
    forms = _of_variants(known)
    known = forms | known | {name: sexes for name, sexes in forms.items() if sexes == MALE | FEMALE}
    return {name: sexes for name, sexes in known.items() if name not in never}


def _collected(names: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, sex in names:
        for spelling in _bare(name):
            found[spelling] = found.get(spelling, 0) | sex
    return found


def _of_languages() -> Iterator[tuple[str, int]]:
    for language in table().values():
        for name in language.given_m:
            yield name.replace(" ", ""), MALE
        for name in language.given_f:
            yield name.replace(" ", ""), FEMALE
        yield from _diminutives(language)


def _diminutives(language: Language) -> Iterator[tuple[str, int]]:
    """A diminutive has the sex of its name; those of names of both sexes (Саша) have both."""
    for short, full in language.diminutives.items():
        sex = (MALE if full in language.given_m else 0) | (FEMALE if full in language.given_f else 0)
        yield short, sex or MALE | FEMALE


def _of_lists() -> Iterator[tuple[str, int]]:
    for group in _groups():
        for name in group.get("m", ()):
            yield name, MALE
        for name in group.get("f", ()):
            yield name, FEMALE
    # Names of Cyrillic and Arabic script as their own standard writes them in Latin letters.
    for language in table().values():
        if language.script != "Latn":
            yield from ((language.romanize(name.replace(" ", "")), MALE) for name in language.given_m)
            yield from ((language.romanize(name.replace(" ", "")), FEMALE) for name in language.given_f)


def _of_variants(known: Mapping[str, int]) -> dict[str, int]:
    """Forms of a name have its sex: that of most of the group's names which are known."""
    groups: dict[int, list[str]] = {}
    for word, numbers in variants().items():
        for number in numbers:
            groups.setdefault(number, []).append(word)
    found: dict[str, int] = {}
    for words in groups.values():
        sexes = Counter(known[word] for word in words if word in known)
        for word in words if sexes else ():
            if len(word) > _SHORTEST:
                found[word] = found.get(word, 0) | sexes.most_common(1)[0][0]
    return found


def _bare(name: str) -> set[str]:
    """``name`` folded, with and without its diacritics; й and ї are letters of their own."""
    folded = fold(name)
    return {folded, bare(folded)} if may_lose_marks(folded) else {folded}


def may_lose_marks(folded: str) -> bool:
    """Whether people leave the marks on letters of the word ``folded`` out: Latin diacritics, Greek accents."""
    code = ord(folded[:1] or "я")
    return not folded.isascii() and folded[:1].isalpha() and (code < 0x250 or 0x370 <= code < 0x400)


@lru_cache(maxsize=50_000)
def bare(folded: str) -> str:
    """A word without the marks on its letters."""
    letters = unicodedata.normalize("NFD", folded)
    return unicodedata.normalize("NFC", "".join(c for c in letters if not unicodedata.combining(c)))


@cache
def _groups() -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = lists.load("names/languages/given_names.yml")
    more: list[dict[str, Any]] = lists.load("names/languages/more_given_names.yml")
    return [*listed, *more]
