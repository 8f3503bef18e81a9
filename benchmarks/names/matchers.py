"""The matchers that are measured: ours, and those of others that are installed.

Each takes pairs and gives a score for each, higher is more alike, on a scale of its own. Others are called as their
authors document it; what they need of a name (an entity, a transliteration) is made once for each distinct name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
from rapidfuzz.distance import JaroWinkler

from benchmarks.names.measures import Scores
from benchmarks.names.pairs import Pair
from crm_etl import __version__
from crm_etl.normalize.names.similarity import THRESHOLD, score_pairs


class Matcher(ABC):
    """Scores pairs. ``threshold``: the one that the matcher ships; None where users must choose it."""

    name: str
    about: str
    threshold: float | None = None

    @abstractmethod
    def scores(self, pairs: Sequence[Pair]) -> Scores: ...


class Ours(Matcher):
    """Bits of evidence; positive ones speak for one entity."""

    name = "crm-etl"
    about = f"version {__version__}, score_pairs"
    threshold = THRESHOLD

    def scores(self, pairs: Sequence[Pair]) -> Scores:
        found = np.zeros(len(pairs), dtype=np.float64)
        for kind in sorted({pair.kind for pair in pairs}):
            places = [place for place, pair in enumerate(pairs) if pair.kind == kind]
            some = [pairs[place] for place in places]
            found[places] = score_pairs(
                [pair.left for pair in some],
                [pair.right for pair in some],
                kind,
                [pair.left_lang for pair in some],
                [pair.right_lang for pair in some],
            )
        return found


class _OneByOne(Matcher):
    """A matcher that compares two names at a time."""

    @abstractmethod
    def score(self, pair: Pair) -> float: ...

    def scores(self, pairs: Sequence[Pair]) -> Scores:
        return np.fromiter((self.score(pair) for pair in pairs), dtype=np.float64, count=len(pairs))


class AnyasciiJaroWinkler(_OneByOne):
    """Transliteration letter by letter, then Jaro-Winkler over the whole name, its words sorted or not."""

    name = "anyascii + JW"

    def __init__(self) -> None:
        from anyascii import anyascii

        self.about = f"anyascii {version('anyascii')}, rapidfuzz {version('rapidfuzz')}"

        @cache
        def plain(text: str) -> tuple[str, str]:
            words = anyascii(text).casefold().replace(",", " ").split()
            return " ".join(words), " ".join(sorted(words))

        self._plain = plain

    def score(self, pair: Pair) -> float:
        (left, left_sorted), (right, right_sorted) = self._plain(pair.left), self._plain(pair.right)
        return max(JaroWinkler.similarity(left, right), JaroWinkler.similarity(left_sorted, right_sorted))


class IcuMongeElkan(_OneByOne):
    """ICU's transliteration, then the mean of each word's best Jaro-Winkler partner, both ways."""

    name = "ICU + ME"

    def __init__(self) -> None:
        import icu

        self.about = f"ICU {icu.ICU_VERSION}, PyICU {icu.VERSION}, Monge–Elkan over rapidfuzz's Jaro–Winkler"
        transliterator = icu.Transliterator.createInstance("Any-Latin; Latin-ASCII; Lower")

        @cache
        def words(text: str) -> tuple[str, ...]:
            return tuple(transliterator.transliterate(text).replace(",", " ").split())

        self._words = words

    def score(self, pair: Pair) -> float:
        left, right = self._words(pair.left), self._words(pair.right)
        if not left or not right:
            return 0.0
        return (_monge_elkan(left, right) + _monge_elkan(right, left)) / 2


def _monge_elkan(left: Sequence[str], right: Sequence[str]) -> float:
    return sum(max(JaroWinkler.similarity(word, other) for other in right) for word in left) / len(left)


class Nomenklatura(_OneByOne):
    """One of nomenklatura's scoring algorithms, over entities that have nothing but the name."""

    _SCHEMAS = {"person": "Person", "organization": "Organization"}

    def __init__(self, algorithm: str) -> None:
        from followthemoney import model
        from nomenklatura import matching

        chosen: Any = getattr(matching, algorithm)
        self.name = algorithm
        self.about = f"nomenklatura {version('nomenklatura')}"
        self._compare = chosen.compare
        self._config = chosen.default_config()

        @cache
        def entity(text: str, schema: str) -> Any:
            made = model.make_entity(schema)
            made.id = text or "nobody"
            made.add("name", text)
            return made

        self._entity = entity

    def score(self, pair: Pair) -> float:
        schema = self._SCHEMAS[pair.kind]
        left, right = self._entity(pair.left, schema), self._entity(pair.right, schema)
        return float(self._compare(left, right, self._config).score)


_OTHERS: tuple[tuple[str, Callable[[], Matcher]], ...] = (
    ("anyascii + Jaro–Winkler", AnyasciiJaroWinkler),
    ("ICU + Monge–Elkan", IcuMongeElkan),
    ("nomenklatura NameMatcher", lambda: Nomenklatura("NameMatcher")),
    ("nomenklatura LogicV2", lambda: Nomenklatura("LogicV2")),
)


def others() -> tuple[list[Matcher], dict[str, str]]:
    """The matchers of others that are installed, and of those that are not, what is missing."""
    found: list[Matcher] = []
    missing: dict[str, str] = {}
    for name, make in _OTHERS:
        try:
            found.append(make())
        except (ImportError, AttributeError) as error:
            missing[name] = str(error).splitlines()[0]
    return found, missing
