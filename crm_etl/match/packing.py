"""Patterns of levels as single numbers, and how often each occurs.

A pattern is the level codes of all comparisons of a kind, packed as the digits of one number; a code of -1 (no
evidence) is the digit 0. There are few enough patterns that a table of all of them fits into memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from crm_etl.match.compare import COMPARISONS
from crm_etl.match.encode import Ints, Levels
from crm_etl.normalize.names.compiled import compiled


def bases(kind: int) -> list[int]:
    """How many digits each comparison has: its levels, and none."""
    return [len(entry.levels) + 1 for entry in COMPARISONS[kind]]


def patterns(kind: int) -> int:
    """How many patterns there are."""
    return int(np.prod(np.array(bases(kind), dtype=np.int64)))


def pack(kind: int, codes: Mapping[str, Levels]) -> Ints:
    """The pattern of each pair, (pairs,); ``codes``: comparison -> levels."""
    packed = np.zeros(len(next(iter(codes.values()))), dtype=np.int64)
    for entry, base in zip(COMPARISONS[kind], bases(kind), strict=True):
        _append(packed, codes[entry.name], base)
    return packed


def unpack(kind: int, packed: Ints) -> dict[str, Levels]:
    """The levels behind patterns: comparison -> levels, (patterns,)."""
    codes: dict[str, Levels] = {}
    for entry, base in zip(reversed(COMPARISONS[kind]), reversed(bases(kind)), strict=True):
        packed, digit = np.divmod(packed, np.int64(base))
        codes[entry.name] = (digit - 1).astype(np.int8)
    return {entry.name: codes[entry.name] for entry in COMPARISONS[kind]}


@dataclass(frozen=True)
class Histogram:
    """How many pairs show each pattern of a kind."""

    kind: int
    counts: Ints

    @classmethod
    def of(cls, kind: int) -> Histogram:
        return cls(kind, np.zeros(patterns(kind), dtype=np.int64))

    def add(self, packed: Ints) -> None:
        """Count these patterns too."""
        _count(self.counts, packed)

    @property
    def found(self) -> tuple[Ints, Ints]:
        """Patterns that occur, rising, and their pairs."""
        packed = np.flatnonzero(self.counts)
        return packed, self.counts[packed]


@compiled
def _append(packed: Any, codes: Any, base: int) -> None:
    for pair in range(len(packed)):
        packed[pair] = packed[pair] * base + codes[pair] + 1


@compiled
def _count(counts: Any, packed: Any) -> None:
    for pattern in packed:
        counts[pattern] += 1
