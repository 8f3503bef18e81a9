"""Which pairs of records are worth comparing: the blocks that the rules make, and the pairs within them.

A rule names the features that two records must share: :mod:`crm_etl.match.rules` is their table. What a shared feature
*proves* is no matter of this module: see :mod:`crm_etl.match.compare`. Persons and organizations never meet. A key that
too many records share tells little and costs much: its block is dropped, see :mod:`crm_etl.match.dropped`. Pairs are
made a chunk at a time and never kept: :mod:`crm_etl.match.pairing` tells how none comes twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.match import blockkeys, copies, dropped, keysort, pairing
from crm_etl.match.dropped import Dropped
from crm_etl.match.encode import KINDS, Flags, Hashes, Ints, Parties
from crm_etl.match.features import COMPARED_KEYS, NameKeys
from crm_etl.match.memory import give_back
from crm_etl.match.rules import Rule, select
from crm_etl.match.threads import beside, in_order
from crm_etl.migration import Matching
from crm_etl.progress import NullProgress, Progress

#: Pairs (before those of other blocks are left out) that a chunk holds.
CHUNK = 250_000
#: Pairs for each record where the migration file gives no number, and pairs that then are never too many.
_A_RECORD = 16
_AFFORDABLE = 6_000_000
#: Size of blocks, times the room of their rule, that never is too large.
SMALL = 7
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Candidates:
    """What blocking will bring together, in figures: :data:`schema.BLOCKING`, :data:`schema.DROPPED_BLOCKS`, counts."""

    rules: pd.DataFrame
    dropped: pd.DataFrame
    facts: dict[str, Any]


class Limits(NamedTuple):
    """From which size blocks are dropped: of more than ``max_block`` records, and of more than ``affordable`` times the
    room of their rule, so that all rules make no more than ``budget`` pairs."""

    max_block: int
    affordable: int
    budget: int


@dataclass(frozen=True)
class Chunk:
    """Blocks ``first`` to ``last`` (exclusive), all of one kind of party and one rule, and at most so many pairs."""

    kind: int
    rule: int
    first: int
    last: int
    pairs: int


@dataclass(frozen=True)
class Blocking:
    """The blocks of a set of parties.

    ``keys``: the hash of each block's key, (blocks,), the same in every run. ``made``: (rules, kinds) pairs of each
    rule, with those that another rule makes too. ``entries``: (rules,) keys of all records. ``kinds``: (blocks,) kind
    of party. ``standing``: (records,) see :func:`crm_etl.match.copies.of`. ``limits``: beyond which blocks were
    dropped. ``gone``: those of each rule that were.
    """

    size: int
    rules: tuple[Rule, ...]
    index: pairing.Index
    keys: Hashes
    made: Ints
    entries: Ints
    kinds: Ints
    standing: copies.Places
    limits: Limits
    gone: tuple[Dropped, ...] = field(repr=False)

    def chunks(self, size: int = CHUNK) -> list[Chunk]:
        """All blocks in their order, cut into chunks of about ``size`` pairs."""
        sizes = np.diff(self.index.starts)
        before = np.concatenate([[0], np.cumsum(sizes * (sizes - 1) // 2)])
        found: list[Chunk] = []
        for kind, rule, start, end in self._runs():
            first = start
            while first < end:
                last = int(np.searchsorted(before, before[first] + size, side="right")) - 1
                last = min(max(last, first + 1), end)
                found.append(Chunk(kind, rule, first, last, int(before[last] - before[first])))
                first = last
        return found

    def pairs(self, chunk: Chunk) -> tuple[Ints, Ints]:
        """The pairs of a chunk as positions, left < right; none of them is in any other chunk."""
        return pairing.pairs_within(self.index, chunk.first, chunk.last)

    def every_pair(self) -> tuple[Ints, Ints]:
        """All pairs at once, sorted: for few records."""
        found = [self.pairs(chunk) for chunk in self.chunks()]
        left, right = (_joined([pairs[side] for pairs in found], np.int64) for side in (0, 1))
        order = np.lexsort((right, left))
        return left[order], right[order]

    def covers(self, left: Ints, right: Ints) -> Flags:
        """Whether blocking brings each pair together, (pairs,)."""
        return pairing.meet(self.index, left, right)

    def bits(self, left: Ints, right: Ints) -> Ints:
        """The rules that bring each pair together: bit n is ``rules[n]``, (pairs,)."""
        return pairing.rule_bits(self.index, left, right)

    @property
    def for_copies(self) -> int:
        """Number of the rule for copies."""
        return next(number for number, rule in enumerate(self.rules) if rule.copies)

    @property
    def through_copies(self) -> ThroughCopies:
        """The same of records, whether they take part in the rules or another one stands for them."""
        return ThroughCopies(self)

    @property
    def most(self) -> int:
        """Pairs before those that several rules make are counted once."""
        return int(self.made.sum())

    @property
    def cap(self) -> int:
        """Records of the largest block that was not dropped."""
        return int(np.diff(self.index.starts).max(initial=0))

    def report(self, parties: Parties) -> Candidates:
        """The figures, without counting what several rules have in common. ``parties``: those it was made from."""
        rows = [self._figures(number, rule) for number, rule in enumerate(self.rules)]
        listed = dropped.listed(parties, [rule.name for rule in self.rules], self.gone)
        facts = {
            "records": self.size,
            "pairs_at_most": self.most,
            "largest_block": self.cap,
            "dropped_blocks": len(listed),
            "dropped_pairs": int(listed["pairs"].sum()),
        }
        return Candidates(schema.BLOCKING.build(rows), listed, facts)

    def _figures(self, number: int, rule: Rule) -> dict[str, Any]:
        dropped_blocks, dropped_pairs = self.dropped(number)
        return {
            "rule": rule.name,
            "entries": int(self.entries[number]),
            "blocks": int((self.index.rule == number).sum()),
            "pairs": int(self.made[number].sum()),
            "dropped_blocks": dropped_blocks,
            "dropped_pairs": dropped_pairs,
        }

    def dropped(self, number: int) -> tuple[int, int]:
        """Blocks that a rule dropped, and the pairs that they would have made."""
        gone = self.gone[number]
        return len(gone.keys), int(gone.pairs.sum())

    def dropped_by(self) -> dict[str, int]:
        """Pairs of the blocks that each limit dropped: ``max_block``, and the ``budget`` for all that go under it."""
        large = [int(gone.pairs[gone.records > self.limits.max_block].sum()) for gone in self.gone]
        return {"max_block": sum(large), "budget": sum(int(gone.pairs.sum()) for gone in self.gone) - sum(large)}

    def _runs(self) -> Iterator[tuple[int, int, int, int]]:
        """Kind, rule, and blocks of each run of blocks that have both in common."""
        joint = self.kinds * len(self.rules) + self.index.rule
        cuts = np.flatnonzero(np.diff(joint)) + 1
        bounds = [0, *cuts.tolist(), len(joint)] if len(joint) else [0]
        for start, end in pairwise(bounds):
            kind, rule = divmod(int(joint[start]), len(self.rules))
            yield kind, rule, start, end


@dataclass(frozen=True)
class ThroughCopies:
    """What brings records together, be it through those that stand for them."""

    blocks: Blocking

    def bits(self, left: Ints, right: Ints) -> Ints:
        """The rules that bring each pair together, that for copies among them where one of the two is a copy, (pairs,);
        0 for none."""
        standing = self.blocks.standing
        ours, theirs = (standing[side].astype(np.int64) for side in (left, right))
        bits = self.blocks.bits(ours, theirs)
        bits[ours == theirs] = 0
        copied = (ours != left) | (theirs != right)
        bits[copied & ((bits > 0) | (ours == theirs))] |= np.int64(1) << self.blocks.for_copies
        return bits


def plan(parties: Parties, matching: Matching, progress: Progress | None = None) -> Blocking:
    """The blocks of ``parties`` by the rules of ``matching``; made once and kept with the parties.

    Raises:
        Fault: ``matching.rules`` names an unknown rule.
    """
    rules = select(matching)
    limits = f"{matching.max_block}:{matching.pairs_per_record}"
    name = f"blocking:{limits}:{'+'.join(rule.name for rule in rules)}"
    made: Blocking = parties.table(name, lambda: _plan(parties, rules, matching, progress or NullProgress()))
    return made


def candidates(parties: Parties, matching: Matching, progress: Progress | None = None) -> Candidates:
    """The figures of :func:`plan`."""
    return plan(parties, matching, progress).report(parties)


def budget(records: int, matching: Matching) -> int:
    """Pairs that all rules together may make of so many records."""
    if matching.pairs_per_record is None:
        return max(_A_RECORD * records, _AFFORDABLE)
    return matching.pairs_per_record * records


def _plan(parties: Parties, rules: tuple[Rule, ...], matching: Matching, progress: Progress) -> Blocking:
    found = _blocks(parties, rules, matching, progress)
    parties.forget_keys(but=COMPARED_KEYS)
    give_back()
    rooms = [rule.room for rule in rules]
    allowed = budget(parties.size, matching)
    most = _affordable([blocks.sizes for blocks in found], rooms, allowed)
    found = [blocks.under(most * rules[blocks.number].room) for blocks in found]
    parts = [blocks.of_kind(kind) for kind in range(len(KINDS)) for blocks in found]
    sizes = _joined([part.sizes for part in parts], np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    members = _joined([part.members for part in parts], np.int32)
    numbers = _joined([np.full(len(part.sizes), part.number) for part in parts], np.int32)
    return Blocking(
        size=parties.size,
        rules=rules,
        index=pairing.index(starts, members, numbers.astype(np.int32), parties.size),
        keys=_joined([part.keys for part in parts], np.uint64),
        made=np.array([blocks.pairs for blocks in found], dtype=np.int64).reshape(len(rules), len(KINDS)),
        entries=np.array([blocks.entries for blocks in found], dtype=np.int64),
        kinds=_joined([np.full(len(part.sizes), part.kind) for part in parts], np.int64),
        standing=copies.of(parties),
        limits=Limits(matching.max_block, most, allowed),
        gone=tuple(blocks.gone for blocks in found),
    )


def _blocks(parties: Parties, rules: tuple[Rule, ...], matching: Matching, progress: Progress) -> list[_Blocks]:
    """The blocks of each rule. The name keys take longest to read: meanwhile other rules are at work."""
    waiting = [any(isinstance(feature, NameKeys) for feature in rule.features) for rule in rules]
    numbers = sorted(range(len(rules)), key=lambda number: (waiting[number], number))
    found: list[_Blocks] = []
    reading = beside(parties.read_keys) if any(waiting) else nullcontext()
    with progress.task("blocking", len(rules)) as task, reading:
        for blocks in in_order(partial(_Blocks.of, number, rules[number], parties, matching) for number in numbers):
            found.append(blocks)
            task.advance()
    return sorted(found, key=lambda blocks: blocks.number)


def _affordable(sizes: list[Ints], rooms: list[float], allowed: int) -> int:
    """The largest number of records for which all blocks up to it, times the room of their rule, make no more than
    ``allowed`` pairs.

    Args:
        sizes: records of the blocks of each rule.
    """
    parts = zip(sizes, rooms, strict=True)
    needed = _joined([np.ceil(size / room - _ROUNDING).astype(np.int64) for size, room in parts], np.int64)
    size = _joined(sizes, np.int64)
    pairs = np.cumsum(np.bincount(needed, size * (size - 1) // 2, minlength=1))
    return max(int(np.searchsorted(pairs, allowed, side="right")) - 1, SMALL)


def _joined(arrays: list[Any], dtype: Any) -> Any:
    return np.concatenate([np.zeros(0, dtype=dtype), *arrays])


@dataclass(frozen=True)
class _Part:
    """The blocks of one rule and kind."""

    number: int
    kind: int
    keys: Hashes
    sizes: Ints
    members: pairing.Places


@dataclass(frozen=True)
class _Blocks:
    """The blocks of one rule that are kept, persons first, and those that were dropped."""

    number: int
    entries: int
    keys: Hashes
    sizes: Ints
    members: pairing.Places
    gone: Dropped

    @classmethod
    def of(cls, number: int, rule: Rule, parties: Parties, matching: Matching) -> _Blocks:
        """All blocks of several records; those of more than ``max_block`` are dropped at once."""
        taking_part = copies.taking_part(parties)
        parts = blockkeys.entries(rule.features, parties, taking_part | rule.copies)
        found = keysort.blocks(parts, parties.size, matching.memory, matching.max_block)
        large = Dropped(found.large_keys, found.large_sizes, found.large_members)
        return cls(number, found.entries, found.keys, found.sizes, found.members, large)

    def under(self, most: float) -> _Blocks:
        """The same without blocks of more than ``most`` records."""
        kept = self.sizes <= most + _ROUNDING
        if kept.all():
            return self
        return replace(
            self,
            keys=self.keys[kept],
            sizes=self.sizes[kept],
            members=self.members[np.repeat(kept, self.sizes)],
            gone=self.gone.join(dropped.of_blocks(self.keys, self.sizes, self.members, ~kept)),
        )

    @property
    def pairs(self) -> list[int]:
        """Pairs of persons, and of organizations."""
        pairs = self.sizes * (self.sizes - 1) // 2
        cut = self._cut
        return [int(pairs[:cut].sum()), int(pairs[cut:].sum())]

    def of_kind(self, kind: int) -> _Part:
        cut = self._cut
        chosen = slice(cut, None) if kind else slice(0, cut)
        before = int(self.sizes[:cut].sum())
        members = self.members[before:] if kind else self.members[:before]
        return _Part(self.number, kind, self.keys[chosen], self.sizes[chosen], members)

    @property
    def _cut(self) -> int:
        """Blocks of persons; the highest bit of a key tells the kind."""
        return int(np.searchsorted(self.keys, np.uint64(1) << np.uint64(63)))
