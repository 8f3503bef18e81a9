"""The stream of candidate pairs: made, compared and sorted out a chunk at a time, on all cores.

A pair that could be one party under any model is *in play* and kept with its levels; of all others only the number of
pairs with each pattern of levels is kept, which is what the model needs of them. So memory is bounded by the pairs
that matter, however many are compared. Chunks are put together in their order: neither their size nor the number of
threads shows in the outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from crm_etl.match.blocking import CHUNK, Blocking, Chunk
from crm_etl.match.compare import COMPARISONS
from crm_etl.match.encode import Flags, Ints, Levels, Parties
from crm_etl.match.memory import give_back
from crm_etl.match.packing import Histogram, pack
from crm_etl.match.signs import in_play
from crm_etl.match.threads import in_order
from crm_etl.progress import NullProgress, Progress

Codes = dict[str, Levels]
Pairs = tuple[Ints, Ints]
#: Makes the pairs of a chunk of blocks.
Maker = Callable[[Chunk], Pairs]


@dataclass(frozen=True)
class Compared:
    """Pairs of one kind. ``codes``: comparison -> levels of the pairs in play, (pairs,).

    ``out``: the patterns of all other pairs. ``pairs``: all that were compared; ``by_rule``: those that no earlier rule
    had made, for each rule.
    """

    left: Ints
    right: Ints
    codes: Codes
    out: Histogram
    pairs: int
    by_rule: Ints


@dataclass(frozen=True)
class _Work:
    """A chunk: its rule, how many pairs at most, and what makes them."""

    rule: int
    pairs: int
    make: Callable[[], Pairs]


@dataclass(frozen=True)
class _Sorted:
    work: _Work
    left: Ints
    right: Ints
    codes: Codes
    out: Ints
    pairs: int


def prepare(parties: Parties, threads: int | None = None) -> None:
    """Everything that the comparisons look up, made before threads ask for it."""
    nothing = np.zeros(0, dtype=np.int64)
    entries = [entry for table in COMPARISONS.values() for entry in table]
    for _ in in_order((partial(entry.measure, parties, nothing, nothing) for entry in entries), threads):
        pass
    give_back()


def prepare_refining(parties: Parties, threads: int | None = None) -> None:
    """Everything that refining looks up, too."""
    nothing, none = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int8)
    refines = [entry.refine for table in COMPARISONS.values() for entry in table if entry.refine is not None]
    for _ in in_order((partial(refine, parties, nothing, nothing, none) for refine in refines), threads):
        pass


def levels_of(kind: int, parties: Parties, left: Ints, right: Ints) -> Codes:
    """Levels of pairs of one kind in every comparison, before refining."""
    return {entry.name: entry.measure(parties, left, right) for entry in COMPARISONS[kind]}


def hopeful(kind: int, parties: Parties, left: Ints, right: Ints, codes: Codes, at: Ints) -> Flags:
    """Which of the pairs at the places ``at`` refining is likely to raise in some comparison, (len(at),)."""
    found = np.zeros(len(at), dtype=np.bool_)
    for entry in COMPARISONS[kind]:
        if entry.hopeful is not None:
            found |= entry.hopeful(parties, left[at], right[at], codes[entry.name][at])
    return found


def compare_stream(
    parties: Parties,
    blocking: Blocking,
    progress: Progress | None = None,
    *,
    chunk: int = CHUNK,
    threads: int | None = None,
    pairs: Maker | None = None,
) -> dict[int, Compared]:
    """All pairs of ``blocking`` compared, by kind.

    Args:
        parties: those that ``blocking`` was made from.
        blocking: its chunks are walked through.
        progress: told of the pairs.
        chunk: pairs at a time, of each thread.
        threads: at work; None is as many as there are cores.
        pairs: makes the pairs of a chunk; None makes all of them.
    """
    maker = pairs or blocking.pairs
    chunks = blocking.chunks(chunk)
    with (progress or NullProgress()).task("comparing", blocking.most) as task:
        found: dict[int, Compared] = {}
        for kind in COMPARISONS:
            work = [_Work(part.rule, part.pairs, partial(maker, part)) for part in chunks if part.kind == kind]
            found[kind] = _compare(kind, parties, work, len(blocking.rules), threads, task.advance)
    return found


def compare_pairs(
    kind: int, parties: Parties, left: Ints, right: Ints, *, chunk: int = CHUNK, threads: int | None = None
) -> Compared:
    """Given pairs of one kind compared, as if one rule had made them."""
    slices = [slice(start, start + chunk) for start in range(0, len(left), chunk)]
    work = [_Work(0, chunk, partial(_slice, left, right, part)) for part in slices]
    return _compare(kind, parties, work, 1, threads, lambda pairs: None)


def _slice(left: Ints, right: Ints, part: slice) -> Pairs:
    return left[part], right[part]


def _compare(
    kind: int,
    parties: Parties,
    work: list[_Work],
    rules: int,
    threads: int | None,
    advance: Callable[[int], None],
) -> Compared:
    """The pairs of ``work`` compared and sorted out on all cores."""
    prepare(parties, threads)
    out, parts = Histogram.of(kind), []
    for done in in_order((partial(_sort_out, kind, parties, piece) for piece in work), threads):
        out.add(done.out)
        parts.append(replace(done, out=done.out[:0]))
        advance(done.work.pairs)
    return _together(kind, parts, out, rules)


def _sort_out(kind: int, parties: Parties, work: _Work) -> _Sorted:
    left, right = work.make()
    codes = levels_of(kind, parties, left, right)
    playing = in_play(kind, codes, parties.size, hopeful=partial(hopeful, kind, parties, left, right, codes))
    kept, gone = np.flatnonzero(playing), np.flatnonzero(~playing)
    out = pack(kind, {name: levels[gone] for name, levels in codes.items()})
    mine = {name: levels[kept] for name, levels in codes.items()}
    return _Sorted(work, left[kept].astype(np.int32), right[kept].astype(np.int32), mine, out, len(left))


def _together(kind: int, parts: list[_Sorted], out: Histogram, rules: int) -> Compared:
    by_rule = np.zeros(rules, dtype=np.int64)
    for part in parts:
        by_rule[part.work.rule] += part.pairs
    names = [entry.name for entry in COMPARISONS[kind]]
    nothing, none = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int8)
    left = np.concatenate([nothing, *(part.left for part in parts)])
    right = np.concatenate([nothing, *(part.right for part in parts)])
    order = np.argsort(left * np.int64(max(int(right.max(initial=0)) + 1, 1)) + right)
    codes = {name: np.concatenate([none, *(part.codes[name] for part in parts)])[order] for name in names}
    return Compared(left[order], right[order], codes, out, int(by_rule.sum()), by_rule)
