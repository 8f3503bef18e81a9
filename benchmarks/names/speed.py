"""How fast: pairs a second in four situations, and names a second for parsing. Figures, never a pass or a fail.

* *first call*: seconds that the first pairs take, one of each sort: the loading of models;
* *new names*: the pairs of the file, seen for the first time;
* *new pairs*: names met before in pairs never met, as when a database is compared with another;
* *again*: the same pairs once more.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from random import Random
from typing import Any

import numpy as np

from benchmarks.names.matchers import Matcher
from benchmarks.names.measures import Scores
from benchmarks.names.pairs import Pair
from crm_etl.demo import lexicon
from crm_etl.demo.company import RECORDS_OF_A_CLIENT
from crm_etl.demo.dice import Dice
from crm_etl.normalize.names import Hints, parse

#: A measure of new pairs takes a run of at least so many seconds, or the most pairs.
_SECONDS, _FIRST, _MOST = 1.0, 1_000, 256_000


@dataclass(frozen=True)
class Speed:
    """Pairs a second of one matcher on the pairs of one sort."""

    sort: str
    pairs: int
    new_names: float
    new_pairs: float
    again: float

    def row(self) -> dict[str, Any]:
        return asdict(self)


def timed(matcher: Matcher, pairs: Sequence[Pair]) -> tuple[Scores, float]:
    """The scores, and the seconds that they took."""
    start = time.perf_counter()
    found = matcher.scores(pairs)
    return found, time.perf_counter() - start


def sorts(pairs: Sequence[Pair]) -> dict[str, list[int]]:
    """Places of the pairs of each sort that speed is told of."""
    found: dict[str, list[int]] = {}
    for place, pair in enumerate(pairs):
        kind = "persons" if pair.kind == "person" else "organizations"
        found.setdefault(f"{kind}, {'cross-script' if pair.crosses else 'same script'}", []).append(place)
    return dict(sorted(found.items(), key=lambda item: ("person" not in item[0], item[0])))


def measured(matcher: Matcher, pairs: Sequence[Pair], warm: bool) -> tuple[Scores, list[Speed]]:
    """Scores of all ``pairs``, and the speeds met on the way; ``warm`` asks for the repeated runs as well."""
    scores = np.zeros(len(pairs), dtype=np.float64)
    speeds: list[Speed] = []
    for sort, places in sorts(pairs).items():
        some = [pairs[place] for place in places]
        scores[places], first = timed(matcher, some)
        if warm:
            fresh = _rate_of_new(matcher, some)
            _, again = timed(matcher, some)
            speeds.append(Speed(sort, len(some), len(some) / first, fresh, len(some) / again))
    return scores, speeds


def _rate_of_new(matcher: Matcher, pairs: Sequence[Pair]) -> float:
    """Pairs a second on new pairs of the names of ``pairs``, in batches that grow until one takes long enough."""
    fresh = recombined(pairs)
    size, rate = _FIRST, 0.0
    while batch := list(islice(fresh, size)):
        _, seconds = timed(matcher, batch)
        rate = len(batch) / seconds
        if seconds > _SECONDS or size >= _MOST:
            break
        size *= 2
    return rate


def recombined(pairs: Sequence[Pair]) -> Iterator[Pair]:
    """Distinct pairs of the left name of one pair and the right name of another, of the same script each."""
    sides: dict[tuple[str | None, str | None, tuple[str, str]], list[Pair]] = {}
    for pair in pairs:
        sides.setdefault((pair.left_lang, pair.right_lang, pair.scripts), []).append(pair)
    seen = {(pair.left, pair.right) for pair in pairs}
    for step in range(1, max(map(len, sides.values()), default=0)):
        for some in sides.values():
            for place, pair in enumerate(some):
                other = some[(place + step) % len(some)]
                if step < len(some) and (pair.left, other.right) not in seen:
                    seen.add((pair.left, other.right))
                    yield replace(pair, right=other.right, same=False)


def parse_rate(count: int, seed: int = 20260101) -> tuple[float, int]:
    """Seconds that taking ``count`` names of persons apart takes, and how many of the names are distinct."""
    names = list(islice(people(Dice(seed)), count))
    hints = Hints(kind="person")
    start = time.perf_counter()
    for name in names:
        parse(name, hints)
    return time.perf_counter() - start, len(set(names))


def people(rng: Random) -> Iterator[str]:
    """Names as they repeat in the systems of a company: some clients have several records, few names are common."""
    shares = (("ru", 0.4), ("uk", 0.2), ("fa", 0.3), ("xx", 0.1))
    records, likely = RECORDS_OF_A_CLIENT
    while True:
        culture = rng.choices([name for name, _ in shares], [share for _, share in shares])[0]
        sex = rng.choice("mf")
        given = lexicon.given_names(culture, sex).draw(rng)
        family = lexicon.surnames(culture, 1_000_000).draw(rng)
        family = lexicon.feminine(family, culture) if sex == "f" else family
        father = lexicon.patronymic(lexicon.given_names(culture, "m").draw(rng), sex, culture)
        for _ in range(rng.choices(records, likely)[0]):
            yield _written(culture, given, family, father, rng)


def _written(culture: str, given: lexicon.Name, family: lexicon.Name, father: lexicon.Name | None, rng: Random) -> str:
    if rng.random() < 0.25:
        return f"{given.latn[0]} {family.latn[0]}"
    if culture in ("ru", "uk"):
        patronymic = father.native if father is not None and rng.random() < 0.7 else ""
        return f"{family.native} {given.native} {patronymic}".rstrip()
    return f"{given.native} {family.native}"
