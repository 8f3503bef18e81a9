"""How much two spellings speak for one organization, in any two scripts: evidence in bits, and its reasons.

:mod:`.organization_words` reads names, :mod:`.organization_alignment` lets their words meet, and the model that
``training/names`` learned weighs the outcome into log2 of how much likelier such a pair is if it names one
organization than if it names two that were thought worth comparing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, repeat
from typing import Any

import numpy as np
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import cpdist

from crm_etl.normalize.names import lexicon, organization_words, romanization
from crm_etl.normalize.names.edits import tables
from crm_etl.normalize.names.organization_alignment import FEATURES, Lexis, Runs, measure
from crm_etl.normalize.names.organization_words import Compared, Word
from crm_etl.normalize.names.scoring import in_chunks, scorer, weigh
from crm_etl.normalize.names.tokens import Words, vocabulary

Array = np.ndarray[Any, Any]
Languages = Sequence[str | None] | None

_SHORTEST_ACRONYM = 2


@dataclass(frozen=True)
class Batch:
    """Pairs of names read: each distinct name once, each distinct word once. ``left`` and ``right`` number names."""

    names: tuple[Compared, ...]
    left: Array
    right: Array
    words: tuple[Word, ...]
    runs: Runs
    lexis: Lexis
    letters: Words


def score(
    left: Sequence[str], right: Sequence[str], left_lang: Languages = None, right_lang: Languages = None
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Evidence, in bits, that ``left[i]`` and ``right[i]`` are one organization: float64, shape (n,). Symmetric.

    A name without words is no evidence: 0.
    """
    scores = np.zeros(len(left))
    if len(left):
        batch = read(left, right, left_lang, right_lang)
        found, model = features(batch), scorer("organizations", FEATURES)
        in_chunks(lambda begin, end: weigh(found[begin:end], model, scores[begin:end]), len(scores))
        size = np.diff(batch.runs.at)
        scores[(size[batch.left] == 0) | (size[batch.right] == 0)] = 0.0
    return scores


def read(left: Sequence[str], right: Sequence[str], left_lang: Languages = None, right_lang: Languages = None) -> Batch:
    """The pairs ``left[i]``, ``right[i]`` as a batch."""
    numbers: dict[tuple[str, str | None], int] = {}
    sides = (zip(left, left_lang or repeat(None)), zip(right, right_lang or repeat(None)))  # noqa: B905 (endless)
    pairs = [
        np.fromiter((numbers.setdefault(name, len(numbers)) for name in side), dtype=np.int64, count=len(left))
        for side in sides
    ]
    names = tuple(organization_words.compared(text, language) for text, language in numbers)
    known: dict[Word, int] = {}
    runs = [[known.setdefault(word, len(known)) for word in chain(name.words, name.asides)] for name in names]
    words = tuple(known)
    letters_of, letters = _numbered(words)
    return Batch(
        names=names,
        left=pairs[0],
        right=pairs[1],
        words=words,
        runs=Runs(*_flat(runs), np.array([len(name.words) for name in names], dtype=np.int64)),
        lexis=_lexis(words, letters_of),
        letters=letters,
    )


def _flat(lists: Sequence[Sequence[int]]) -> tuple[Array, Array]:
    """Where each of the lists begins (and the last ends), and all of them in one."""
    at = np.cumsum([0, *map(len, lists)]).astype(np.int64)
    return at, np.fromiter(chain.from_iterable(lists), dtype=np.int64, count=int(at[-1]))


def _numbered(words: Sequence[Word]) -> tuple[Array, Words]:
    """The number of each word in the vocabulary of letters, -1 for what is none there; and its arrays."""
    names, known = vocabulary().read([word.text for word in words])
    numbers = np.full(len(words), -1, dtype=np.int64)
    single = names.end - names.begin == 1
    numbers[single] = names.word[names.begin[single]]
    return numbers, known


def _lexis(words: Sequence[Word], numbers: Array) -> Lexis:
    return Lexis(
        np.array([word.bits for word in words], dtype=np.float64),
        np.array([word.is_place for word in words], dtype=np.bool_),
        numbers,
        *_flat([sorted(word.concepts) for word in words]),
        organization_words.rarities(),
    )


def features(batch: Batch) -> Array:
    """The numbers that speak of each pair: shape (pairs, :data:`~.organization_alignment.FEATURES`)."""
    found = np.zeros((len(batch.left), len(FEATURES)))
    shortened, learned = acronyms(batch), tables()

    def work(begin: int, end: int) -> None:
        measure(batch.left, batch.right, batch.runs, batch.lexis, batch.letters, learned, shortened, begin, end, found)

    in_chunks(work, len(found))
    _book_apart(batch, found, [name.numbers for name in batch.names], "numbers")
    _book_apart(batch, found, [name.form for name in batch.names], "forms")
    joined = [name.joined for name in batch.names]
    found[:, FEATURES.index("joined")] = cpdist(
        [joined[k] for k in batch.left.tolist()],
        [joined[k] for k in batch.right.tolist()],
        scorer=JaroWinkler.similarity,
    )
    return found


def _book_apart(batch: Batch, found: Array, of_names: Sequence[Any], what: str) -> None:
    """Whether both names have the same numbers or form, different ones, or only one has any."""
    codes: dict[Any, int] = {}
    values = np.array([codes.setdefault(value, len(codes) + 1) if value else 0 for value in of_names])
    a, b = values[batch.left], values[batch.right]
    found[:, FEATURES.index(f"{what}_equal")] = (a == b) & (a > 0)
    found[:, FEATURES.index(f"{what}_differ")] = (a != b) & (a > 0) & (b > 0)
    if what == "numbers":
        found[:, FEATURES.index("number_alone")] = (a > 0) != (b > 0)


def acronyms(batch: Batch) -> Array:
    """Of each pair: the side that has an acronym of words of the other, its place, first and last of them; or -1."""
    found = np.full((len(batch.left), 4), -1, dtype=np.int64)
    has = np.array([any(word.is_acronym for word in name.words) for name in batch.names], dtype=np.bool_)
    for pair in np.flatnonzero(has[batch.left] | has[batch.right]).tolist():
        a, b = batch.names[batch.left[pair]].words, batch.names[batch.right[pair]].words
        for side, short, long in ((0, a, b), (1, b, a)):
            span = acronym_span(short, long)
            if span is not None:
                found[pair] = (side, *span)
                break
    return found


@lru_cache(maxsize=100_000)
def acronym_span(short: tuple[Word, ...], long: tuple[Word, ...]) -> tuple[int, int, int] | None:
    """Which word of ``short`` is an acronym of which words of ``long``: its place, the first and the last of them."""
    for place, word in enumerate(short):
        size = len(word.text)
        if not word.is_acronym or not _SHORTEST_ACRONYM <= size <= len(long):
            continue
        letters = _letters(word.text)
        for first in range(len(long) - size + 1):
            if all(letter in _initials(long[first + k]) for k, letter in enumerate(letters)):
                return place, first, first + size - 1
    return None


@lru_cache(maxsize=100_000)
def _letters(text: str) -> tuple[str, ...]:
    return tuple(romanization.word(letter)[:1] for letter in text)


@lru_cache(maxsize=100_000)
def _initials(word: Word) -> frozenset[str]:
    """Latin letters that the word, or its translation, begins with."""
    known = lexicon.lexicon().initials
    return frozenset(word.latin[:1]).union(*(known[concept] for concept in word.concepts))
