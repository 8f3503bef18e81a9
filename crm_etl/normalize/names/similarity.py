"""How strongly two spellings speak for one name, in any two scripts: evidence in bits, and its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from crm_etl.normalize.names.alignment import FEATURES, Feature, measure, meet_each
from crm_etl.normalize.names.edits import tables
from crm_etl.normalize.names.scoring import in_chunks, scorer, weigh
from crm_etl.normalize.names.tokens import Names, Words, vocabulary

Scores = np.ndarray[Any, np.dtype[np.float64]]
Places = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Languages = Sequence[str | None] | str | None

#: Bits from which two names are taken for one person's or one organization's where nothing else is known.
THRESHOLD = 1.0


def score_pairs(
    left: Sequence[str],
    right: Sequence[str],
    kind: Sequence[str] | str = "person",
    left_lang: Languages = None,
    right_lang: Languages = None,
) -> Scores:
    """Evidence that ``left[i]`` and ``right[i]`` name one person or organization: float64, shape (n,).

    A log2 likelihood ratio: how many times likelier two spellings as these are if they name one and the same than if
    they name two whose names were thought worth comparing. Positive speaks for, negative against, 0 is no evidence
    (a name without letters). Symmetric, and the same for a pair in whatever company it is scored.

    Args:
        left, right: names as they are written, in any script.
        kind: ``person`` or ``organization`` (``org``), of all pairs or of each.
        left_lang, right_lang: ISO 639-1 codes where known, of all names or of each. They settle how the words of
            organizations are read; the letters of persons' names are compared in all languages of their script.

    Raises:
        ValueError: the sequences are not of one length, or a kind is unknown.
        TypeError: a name is no text.
    """
    left, right, size = _texts(left, "left"), _texts(right, "right"), len(left)
    if len(right) != size:
        raise ValueError(f"{size} names on the left, {len(right)} on the right")
    organizations = _are_organizations(kind, size)
    scores = np.zeros(size)
    for number, score in enumerate((_persons, _organizations)):
        at = np.flatnonzero(organizations == number)
        if len(at):
            chosen = at.tolist()
            texts = ([left[k] for k in chosen], [right[k] for k in chosen])
            scores[at] = score(*texts, _chosen(left_lang, chosen, size), _chosen(right_lang, chosen, size))
    return scores


def _texts(names: Sequence[str], side: str) -> list[str]:
    texts = list(names)
    for place, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"{side}[{place}] is {type(text).__name__}, not text: give '' for a name that is not there")
    return texts


def _are_organizations(kind: Sequence[str] | str, size: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    kinds = [kind] * size if isinstance(kind, str) else list(kind)
    if len(kinds) != size:
        raise ValueError(f"{size} pairs, {len(kinds)} kinds")
    unknown = sorted(set(kinds) - _KINDS.keys())
    if unknown:
        raise ValueError(f"kind must be person or organization, not {unknown[0]!r}")
    return np.fromiter((_KINDS[one] for one in kinds), dtype=np.bool_, count=size)


_KINDS = {"person": False, "organization": True, "org": True}


def _chosen(languages: Languages, at: Sequence[int], size: int) -> list[str | None]:
    if languages is None or isinstance(languages, str):
        return [languages] * len(at)
    if len(languages) != size:
        raise ValueError(f"{size} pairs, {len(languages)} languages")
    return [languages[k] for k in at]


def _persons(
    left: Sequence[str], right: Sequence[str], left_lang: Sequence[str | None], right_lang: Sequence[str | None]
) -> Scores:
    return _weighed(*_read(left, right))


def _weighed(firsts: Names, seconds: Names, words: Words) -> Scores:
    scores = np.zeros(len(firsts.begin))
    model, learned = scorer("persons", FEATURES), tables()

    def work(begin: int, end: int) -> None:
        features = measure(firsts, seconds, words, learned, begin, end)
        weigh(features, model, scores[begin:end])
        scores[begin:end][features[:, Feature.FEW_WORDS] == 0] = 0.0

    in_chunks(work, len(scores))
    return scores


def _organizations(
    left: Sequence[str], right: Sequence[str], left_lang: Sequence[str | None], right_lang: Sequence[str | None]
) -> Scores:
    from crm_etl.normalize.names import organization_similarity

    return organization_similarity.score(left, right, left_lang, right_lang)


def person_features(left: Sequence[str], right: Sequence[str]) -> Scores:
    """The numbers that speak of each pair of persons' names: shape (n, :data:`~.alignment.FEATURES`)."""
    features: Scores = measure(*_read(left, right), tables(), 0, len(left))
    return features


def _read(left: Sequence[str], right: Sequence[str]) -> tuple[Names, Names, Words]:
    names, words = vocabulary().read([name for pair in map(ordered, left, right) for name in pair])
    return *_halves(names), words


def score_words(words: Sequence[str], left: Places, right: Places) -> tuple[Scores, Flags]:
    """Evidence, in bits, that the single words ``words[left[i]]`` and ``words[right[i]]`` are spellings of one name, by
    their letters and as given names: float64, shape (n,); :data:`~.edits.NOTHING` where they have nothing in common,
    :data:`~.alignment.APART` where they are known as two names, nan where one is no single word. And whether both are
    in one script.

    Unlike :func:`score_pairs` it weighs nothing but the letters, and takes a tenth of the time.
    """
    runs, known = vocabulary().read(words)
    single = runs.end - runs.begin == 1
    number = np.full(len(words), -1, dtype=np.int64)
    number[single] = runs.word[runs.begin[single]]
    one, other = number[left], number[right]
    scores, at = np.full(len(one), np.nan), np.flatnonzero((one >= 0) & (other >= 0))
    first, second, found = np.minimum(one, other)[at], np.maximum(one, other)[at], np.empty(len(at))
    learned = tables()
    in_chunks(lambda a, b: meet_each(first[a:b], second[a:b], known, learned, found[a:b]), len(at))
    scores[at] = found
    script = np.append(known.script, -1)
    return scores, script[one] == script[other]


def ordered(one: str, other: str) -> tuple[str, str]:
    """The two names in the order in which they are compared, whichever is called left."""
    return (other, one) if one > other else (one, other)


def _halves(names: Names) -> tuple[Names, Names]:
    """The names in even and in odd places; both over the same words."""
    return (
        Names(np.ascontiguousarray(names.begin[::2]), np.ascontiguousarray(names.end[::2]), names.word),
        Names(np.ascontiguousarray(names.begin[1::2]), np.ascontiguousarray(names.end[1::2]), names.word),
    )
