"""How much two spellings speak for one name, in any two scripts: evidence in bits.

Words are romanized, paired one to one by their likeness, and each pair's likeness turned into log2 of how much
oftener it occurs between spellings of one name than between two names. Every word counts, those that find no
partner too; the sum says how sure one may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from rapidfuzz.distance import JaroWinkler

from crm_etl.normalize.names import Hints, Name, parse
from crm_etl.normalize.names.skeletons import coarse, fine
from crm_etl.normalize.names.translation import compared_words

#: Likeness of two words -> bits, by kind of name. Between the points linear. Words of organizations differ more
#: often by translation. Words that share a skeleton are at least as alike as _FINE or _COARSE.
_LIKENESS = (0.0, 0.60, 0.75, 0.85, 0.93, 1.0)
_BITS = {"person": (-9.0, -8.0, -3.0, 1.5, 4.5, 6.0), "organization": (-4.0, -3.5, -1.0, 2.0, 4.5, 6.0)}
_EMPTY = frozenset(["of", "the", "and", "for", "imeni", "im", "i", "ta", "v", "va", "po"])
_FINE, _COARSE = 0.96, 0.90
#: A given name may be missing or abbreviated; a patronymic often is.
_INITIAL_BITS = 1.5
_LONE_BITS = -0.7
#: A word of the shorter name without partner. Organizations drop and translate words, people do not.
_UNPAIRED_BITS = {"person": -7.5, "organization": -3.0}


def score_pairs(
    left: Sequence[str],
    right: Sequence[str],
    kind: str = "person",
    left_lang: Sequence[str | None] | None = None,
    right_lang: Sequence[str | None] | None = None,
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Evidence, in bits, that ``left[i]`` and ``right[i]`` are one name: float64, shape (n,).

    Positive speaks for, negative against, 0 is no evidence (a name without letters). Symmetric. ``kind`` is
    ``person`` or ``organization``; the languages are ISO 639-1 codes where they are known.

    Raises:
        ValueError: the sequences are not of one length.
    """
    if len(left) != len(right):
        raise ValueError(f"{len(left)} names on the left, {len(right)} on the right")
    languages = (left_lang or [None] * len(left), right_lang or [None] * len(right))
    return np.fromiter(
        (
            score(words(a, kind, la), words(b, kind, lb), kind)
            for a, b, la, lb in zip(left, right, *languages, strict=True)
        ),
        dtype=np.float64,
        count=len(left),
    )


@lru_cache(maxsize=100_000)
def words(text: str, kind: str = "person", language: str | None = None) -> tuple[str, ...]:
    """The romanized words of ``text`` that tell its bearer from others, in order."""
    name = parse(text, Hints(kind="organization" if kind.startswith("org") else "person", language=language))
    return _telling(name)


def _telling(name: Name) -> tuple[str, ...]:
    if name.kind == "organization":
        return tuple(word for word in compared_words(name) if word not in _EMPTY)
    parts = (name.given_latin, name.family_latin, name.patronymic_latin)
    return tuple(word for part in parts if part is not None for word in part.replace("-", " ").split())


def score(left: tuple[str, ...], right: tuple[str, ...], kind: str = "person") -> float:
    """Bits for two names that are already romanized words."""
    if not left or not right:
        return 0.0
    if len(left) > len(right) or (len(left) == len(right) and left > right):
        left, right = right, left
    kind = "person" if kind == "person" else "organization"
    unpaired = _UNPAIRED_BITS[kind]
    bits, loose_left, loose_right = _align(left, right, kind)
    joined = likeness("".join(sorted(left)), "".join(sorted(right)))
    spelled = _bits(max(joined, likeness("".join(left), "".join(right))), kind) * min(len(left), 2)
    loose = unpaired * loose_left + _LONE_BITS * loose_right
    return float(max(bits + loose, spelled if joined > _COARSE else -np.inf))


def _align(left: tuple[str, ...], right: tuple[str, ...], kind: str) -> tuple[float, int, int]:
    """Bits of the words paired best first, and how many words of either side stay alone."""
    pairs = sorted(
        ((_pair_bits(a, b, kind), i, j) for i, a in enumerate(left) for j, b in enumerate(right)),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    used_left: set[int] = set()
    used_right: set[int] = set()
    total = 0.0
    for bits, i, j in pairs:
        if bits > _UNPAIRED_BITS[kind] + _LONE_BITS and i not in used_left and j not in used_right:
            used_left.add(i)
            used_right.add(j)
            total += bits
    return total, len(left) - len(used_left), len(right) - len(used_right)


@lru_cache(maxsize=500_000)
def _pair_bits(a: str, b: str, kind: str) -> float:
    if min(len(a), len(b)) == 1 and len(a) != len(b):
        return _INITIAL_BITS if set(coarse(a)[:1]) & {s[:1] for s in coarse(b)} else _BITS[kind][0]
    return _bits(likeness(a, b), kind)


def _bits(like: float, kind: str) -> float:
    return float(np.interp(like, _LIKENESS, _BITS[kind]))


@lru_cache(maxsize=500_000)
def likeness(a: str, b: str) -> float:
    """Likeness of two romanized words, 0 to 1: Jaro-Winkler, or more where their skeletons are equal."""
    plain = JaroWinkler.similarity(a, b)
    if plain == 1.0:
        return 1.0
    if set(fine(a)) & set(fine(b)):
        return max(plain, _FINE if min(len(a), len(b)) > 3 else _COARSE)
    if set(coarse(a)) & set(coarse(b)) and len(coarse(a)[0]) > 1:
        return max(plain, _COARSE)
    bones = max((JaroWinkler.similarity(x, y) for x in coarse(a)[:2] for y in coarse(b)[:2]), default=0.0)
    return max(plain, 0.5 * plain + 0.5 * min(bones, 0.95))
