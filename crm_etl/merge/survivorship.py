"""Which value survives: the rules, applied to all clients at once.

Candidates of a group (a client, or a client's script or channel) compete. Rules are applied in their order;
each keeps only the candidates that it finds best, and the first that leaves a single value has decided.
Groups with one value never reach a rule. Computation is on integer columns: nothing loops over clients.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm_etl.merge.records import Ints, Records, Texts

#: Rules that a migration file may name, and the order for those it does not name.
NATIVE_SCRIPT = "native_script"
EARLIEST = "earliest"
STRICTER = "stricter"
#: Where every rule leaves several values: the first in the alphabet, so that a rerun decides alike.
ALPHABET = "alphabet"
ONLY_VALUE = "only_value"
SAME = "same_everywhere"


@dataclass(frozen=True)
class Candidates:
    """Values that compete. Parallel arrays, sorted by group and, within it, by preference of the record.

    Attributes:
        group: the group that each candidate competes in; ascending.
        record: the record that gives it.
        value: its position in ``texts``.
        texts: the distinct values.
    """

    group: Ints
    record: Ints
    value: Ints
    texts: Texts

    @classmethod
    def of(cls, group: Ints, record: Ints, values: Texts) -> Candidates:
        """Candidates from parallel arrays, null values left out; sorts by group, stable."""
        codes, uniques = pd.factorize(values)
        order = np.argsort(group, kind="stable")
        order = order[codes[order] >= 0]
        return cls(group[order], record[order], codes[order].astype(np.int64), np.asarray(uniques, dtype=object))

    def __len__(self) -> int:
        return len(self.group)


@dataclass(frozen=True)
class Choice:
    """What was decided, one entry a group that has a value.

    Attributes:
        group: the groups, ascending.
        start, stop: the slice of the group's candidates.
        at: the candidate that won.
        rule: the rule that decided.
        values: the winning text.
    """

    group: Ints
    start: Ints
    stop: Ints
    at: Ints
    rule: Texts
    values: Texts

    @property
    def contested(self) -> npt.NDArray[np.bool_]:
        """Groups whose records gave several values."""
        found: npt.NDArray[np.bool_] = (self.rule != ONLY_VALUE) & (self.rule != SAME)
        return found


@dataclass(frozen=True)
class _Contest:
    """The candidates of contested groups only; ``group`` counts from 0 without gaps."""

    records: Records
    record: Ints
    value: Ints
    texts: Texts
    group: Ints


Score = Callable[[_Contest], Ints]


def _rank(contest: _Contest) -> Ints:
    used = np.unique(contest.value)
    ordered = used[np.argsort(contest.texts[used], kind="stable")]
    rank = np.zeros(len(contest.texts), dtype=np.int64)
    rank[ordered] = np.arange(len(ordered))
    found: Ints = rank[contest.value]
    return found


def _count(contest: _Contest) -> Ints:
    pair = contest.group * len(contest.texts) + contest.value
    _, inverse, counts = np.unique(pair, return_inverse=True, return_counts=True)
    found: Ints = counts[inverse].astype(np.int64)
    return found


def _length(contest: _Contest) -> Ints:
    lengths = np.fromiter(map(len, contest.texts), dtype=np.int64, count=len(contest.texts))
    found: Ints = lengths[contest.value]
    return found


def _strict(contest: _Contest) -> Ints:
    found: Ints = (contest.texts == "no").astype(np.int64)[contest.value]
    return found


#: Rule -> score of each candidate; the highest stays.
SCORES: dict[str, Score] = {
    "trusted": lambda contest: -contest.records.trust[contest.record],
    "recent": lambda contest: contest.records.when[contest.record],
    "frequent": _count,
    "longest": _length,
    NATIVE_SCRIPT: lambda contest: contest.records.native[contest.record],
    EARLIEST: lambda contest: -_rank(contest),
    STRICTER: _strict,
    ALPHABET: lambda contest: -_rank(contest),
}


def decide(candidates: Candidates, rules: Sequence[str], records: Records) -> Choice:
    """The value of each group by ``rules`` in their order (keys of :data:`SCORES`)."""
    size = len(candidates)
    if size == 0:
        none, nothing = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=object)
        return Choice(none, none, none, none, nothing, nothing)
    start = _starts(candidates.group)
    stop = np.append(start[1:], size)
    ordinal = np.repeat(np.arange(len(start)), stop - start)
    differs = np.logical_or.reduceat(candidates.value != candidates.value[start][ordinal], start)
    rule = np.where(stop - start == 1, ONLY_VALUE, SAME).astype(object)
    at = start.copy()
    if differs.any():
        chosen = np.flatnonzero(differs[ordinal])
        groups = np.cumsum(differs)[ordinal[chosen]] - 1
        contest = _Contest(records, candidates.record[chosen], candidates.value[chosen], candidates.texts, groups)
        winner, decided = _eliminate(contest, rules)
        at[differs] = chosen[winner]
        rule[differs] = decided
    return Choice(candidates.group[start], start, stop, at, rule, candidates.texts[candidates.value[at]])


def _eliminate(contest: _Contest, rules: Sequence[str]) -> tuple[Ints, Texts]:
    start = _starts(contest.group)
    alive = np.ones(len(contest.group), dtype=bool)
    decided = np.full(len(start), None, dtype=object)
    everybody = np.arange(len(alive))
    first = start
    for rule in dict.fromkeys([*rules, ALPHABET]):
        score = np.where(alive, SCORES[rule](contest), np.iinfo(np.int64).min)
        alive &= score == np.maximum.reduceat(score, start)[contest.group]
        first = np.minimum.reduceat(np.where(alive, everybody, len(alive)), start)
        several = np.logical_or.reduceat(alive & (contest.value != contest.value[first][contest.group]), start)
        decided[(decided == None) & ~several] = rule  # noqa: E711  (elementwise)
        if not several.any():
            break
    return first, decided


def _starts(group: Ints) -> Ints:
    return np.flatnonzero(np.append(True, group[1:] != group[:-1])).astype(np.int64)
