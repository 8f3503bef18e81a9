"""Expectation maximization of a many-to-many alignment model (after Jiampojamarn et al., NAACL 2007).

A pair of words is made of pieces: one or two letters of the source against none to three of the target, or one
letter of the target alone. The model is the joint probability of each piece. Words carry an edge mark (code 0) at
both ends, so pieces know where a word begins and ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

Array = np.ndarray[Any, Any]

#: Longest piece of the source and of the target.
SOURCE, TARGET = 2, 3


@dataclass(frozen=True)
class Corpus:
    """Words as codes, one after the other; word k is ``source[source_at[k]:source_at[k + 1]]``."""

    source: Array
    source_at: Array
    target: Array
    target_at: Array
    weight: Array
    sizes: tuple[int, int]

    def part(self, keep: Array) -> Corpus:
        """The pairs at the positions ``keep``."""
        source, source_at = _take(self.source, self.source_at, keep)
        target, target_at = _take(self.target, self.target_at, keep)
        return Corpus(source, source_at, target, target_at, self.weight[keep], self.sizes)


def corpus(pairs: list[tuple[list[int], list[int]]], weight: list[float], sizes: tuple[int, int]) -> Corpus:
    source, source_at = _flat([one for one, _ in pairs])
    target, target_at = _flat([other for _, other in pairs])
    return Corpus(source, source_at, target, target_at, np.array(weight), sizes)


def _flat(words: list[list[int]]) -> tuple[Array, Array]:
    at = np.cumsum([0, *(len(word) for word in words)]).astype(np.int64)
    return np.array([code for word in words for code in word], dtype=np.int64), at


def _take(codes: Array, at: Array, keep: Array) -> tuple[Array, Array]:
    words = [codes[at[k] : at[k + 1]] for k in keep.tolist()]
    return np.concatenate(words), np.cumsum([0, *(len(word) for word in words)]).astype(np.int64)


def shape(sizes: tuple[int, int], longest: int = TARGET) -> tuple[int, int]:
    """Rows (source pieces: none, one letter, two) and columns (target pieces: none, one, two, three letters)."""
    source, target = sizes
    return 1 + source + source**2, sum(target**length for length in range(longest + 1))


@njit(cache=True)  # type: ignore[misc]
def source_piece(codes: Array, at: int, length: int, size: int) -> int:
    if length == 0:
        return 0
    if length == 1:
        return 1 + codes[at]
    return 1 + size + codes[at] * size + codes[at + 1]


@njit(cache=True)  # type: ignore[misc]
def target_piece(codes: Array, at: int, length: int, size: int) -> int:
    if length == 0:
        return 0
    if length == 1:
        return 1 + codes[at]
    if length == 2:
        return 1 + size + codes[at] * size + codes[at + 1]
    return 1 + size + size * size + (codes[at] * size + codes[at + 1]) * size + codes[at + 2]


@njit(cache=True)  # type: ignore[misc]
def expect(
    source: Array, source_at: Array, target: Array, target_at: Array, weight: Array,
    sizes: tuple[int, int], longest: int, table: Array, counts: Array, logs: Array,
) -> float:  # fmt: skip
    """Adds the expected counts of all pieces to ``counts``; log2 probability of each pair into ``logs``."""
    total = 0.0
    forward = np.zeros((32, 32))
    backward = np.zeros((32, 32))
    for k in range(len(weight)):
        x, y = source[source_at[k] : source_at[k + 1]], target[target_at[k] : target_at[k + 1]]
        n, m = len(x), len(y)
        forward[: n + 1, : m + 1] = 0.0
        backward[: n + 1, : m + 1] = 0.0
        forward[0, 0] = 1.0
        for i in range(n + 1):
            for j in range(m + 1):
                if forward[i, j] == 0.0:
                    continue
                for a in range(3):
                    for b in range(longest + 1):
                        if (a == 0 and b != 1) or i + a > n or j + b > m:
                            continue
                        p = table[source_piece(x, i, a, sizes[0]), target_piece(y, j, b, sizes[1])]
                        forward[i + a, j + b] += forward[i, j] * p
        whole = forward[n, m]
        if whole <= 1e-280:
            logs[k] = -1000.0
            continue
        logs[k] = np.log2(whole)
        total += weight[k] * logs[k]
        backward[n, m] = 1.0
        for i in range(n, -1, -1):
            for j in range(m, -1, -1):
                for a in range(3):
                    for b in range(longest + 1):
                        if (a == 0 and b != 1) or i + a > n or j + b > m:
                            continue
                        if backward[i + a, j + b] == 0.0:
                            continue
                        row, column = source_piece(x, i, a, sizes[0]), target_piece(y, j, b, sizes[1])
                        p = table[row, column] * backward[i + a, j + b]
                        backward[i, j] += p
                        counts[row, column] += weight[k] * forward[i, j] * p / whole
    return total


@njit(cache=True)  # type: ignore[misc]
def begin(
    source: Array, source_at: Array, target: Array, target_at: Array, weight: Array,
    sizes: tuple[int, int], longest: int, counts: Array,
) -> None:  # fmt: skip
    """Counts to start from: pieces that stand at about the same place of their words."""
    for k in range(len(weight)):
        x, y = source[source_at[k] : source_at[k + 1]], target[target_at[k] : target_at[k + 1]]
        n, m = len(x), len(y)
        for i in range(n + 1):
            for j in range(m + 1):
                away = abs(i / n - j / m) * max(n, m)
                for a in range(3):
                    for b in range(longest + 1):
                        if (a == 0 and b != 1) or i + a > n or j + b > m:
                            continue
                        w = (
                            weight[k]
                            * np.exp(-away)
                            * 0.25 ** (max(a - 1, 0) + max(b - 1, 0) + (2 if a * b == 0 else 0))
                        )
                        counts[source_piece(x, i, a, sizes[0]), target_piece(y, j, b, sizes[1])] += w


@dataclass(frozen=True)
class Fit:
    """Joint probabilities of pieces (rows of the source, columns of the target) and each pair's log2 probability."""

    table: Array
    logs: Array
    rounds: int


def fit(data: Corpus, *, rounds: int = 12, discount: float = 0.3, longest: int = TARGET) -> Fit:
    """Joint piece probabilities of ``data``. ``discount`` is taken off every count of a rare piece too."""
    arguments = (data.source, data.source_at, data.target, data.target_at, data.weight, data.sizes, longest)
    counts = np.zeros(shape(data.sizes, longest))
    begin(*arguments, counts)
    table = counts / counts.sum()
    logs = np.zeros(len(data.weight))
    for number in range(rounds):
        counts[:] = 0.0
        expect(*arguments, table, counts, logs)
        counts = np.maximum(counts - (discount if number > 2 else 0.0), 0.0)
        table = smoothed(counts, data.sizes)
    return Fit(table, logs, rounds)


def smoothed(counts: Array, sizes: tuple[int, int]) -> Array:
    """Probabilities with a little left for any letter against any, and for any letter alone."""
    table = counts / counts.sum()
    source, target = sizes
    floor = 1e-6
    table[1 : 1 + source, : 1 + target] = np.maximum(table[1 : 1 + source, : 1 + target], floor)
    table[0, 1 : 1 + target] = np.maximum(table[0, 1 : 1 + target], floor)
    return table / table.sum()


@njit(cache=True)  # type: ignore[misc]
def marginal(codes: Array, at: Array, size: int, probability: Array, longest: int, out: Array) -> None:
    """log2 of the probability of each word under the pieces of one side alone."""
    forward = np.zeros(64)
    for k in range(len(at) - 1):
        x = codes[at[k] : at[k + 1]]
        n = len(x)
        forward[: n + 1] = 0.0
        forward[0] = 1.0
        for i in range(n):
            for a in range(1, longest + 1):
                if i + a <= n:
                    forward[i + a] += forward[i] * probability[target_piece(x, i, a, size)]
        out[k] = np.log2(max(forward[n], 1e-300))
