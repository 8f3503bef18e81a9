"""How likely two words are spellings of one name, letter by letter, in any two scripts.

The *edit model* of two scripts gives pieces of words (one or two letters of the one, none to three of the other)
the probability that they stand for each other; ``training/names`` learns it from pairs of spellings. Summed over all
ways to cut two words into such pieces it gives the probability that both were written for one name, and its margins
the probability of either word by itself. Their ratio is the evidence, in bits. The character model says how rare a
word is at all.

The learned tables lie in ``models/edits.npz`` and ``models/words.npz``; their sources and licences are named in
``models/README.md``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import numpy as np

from crm_etl.normalize.kept import kept
from crm_etl.normalize.names.compiled import compiled
from crm_etl.normalize.names.letters import SCRIPTS, alphabets

Array = np.ndarray[Any, Any]

#: Longest word that is compared; of longer ones only the begin is.
LONGEST = 24
#: Evidence against of two words without any letter that could correspond.
NOTHING = -40.0


class Tables(NamedTuple):
    """All edit tables in one piece, so that compiled code can pick one by the scripts of two words.

    Table t = ``number[a, b]`` serves words of the scripts a and b; ``turned[a, b]`` says that b is its source. Its
    probabilities are ``probability[at[t]:at[t + 1]]``, row by row, ``columns[t]`` wide; row and column 0 are the empty
    piece. ``source_piece[source_at[t] + a * size + b]`` is the row of the letters ab (of a alone: ``a``), -1 if they
    are no piece; ``target_piece`` gives columns likewise, for up to three letters. Margins are sums of rows and of
    columns, ``expected`` the mean log2 probability of a piece's counterpart, given the piece.
    """

    number: Array
    turned: Array
    sizes: Array
    probability: Array
    at: Array
    columns: Array
    source_piece: Array
    source_at: Array
    target_piece: Array
    target_at: Array
    source_margin: Array
    source_expected: Array
    source_margin_at: Array
    target_margin: Array
    target_expected: Array
    target_margin_at: Array


@cache
def tables() -> Tables:
    """The edit tables that ship with the product."""
    thin, size, places, probabilities = _thin()
    probability = np.zeros(size, dtype=probabilities.dtype)
    probability[places] = probabilities
    return thin._replace(probability=probability)


@kept
def _thin() -> tuple[Tables, int, Array, Array]:
    """The tables without their probabilities; how many those are, and the places and values of the few beside zero."""
    whole = _packed()
    places = np.flatnonzero(whole.probability)
    thin = whole._replace(probability=whole.probability[:0].copy())
    return thin, len(whole.probability), places, whole.probability[places]


def _packed() -> Tables:
    with resources.as_file(resources.files(__package__) / "models" / "edits.npz") as path, np.load(path) as arrays:
        names = arrays["tables"].tolist()
        pieces = [(arrays[f"{name}/source"], arrays[f"{name}/target"], arrays[f"{name}/probability"]) for name in names]
    return pack([tuple(SCRIPTS.index(script) for script in name.split("-")) for name in names], pieces)


def pack(scripts: Sequence[tuple[int, ...]], pieces: Sequence[tuple[Array, Array, Array]]) -> Tables:
    """Tables of (source, target) scripts from their pieces: letters of the source, of the target, probability."""
    number = np.zeros((3, 3), dtype=np.int64)
    turned = np.zeros((3, 3), dtype=np.bool_)
    for t, (source, target) in enumerate(scripts):
        number[source, target] = number[target, source] = t
        turned[target, source] = source != target
    sizes = np.array([[alphabets()[source].size, alphabets()[target].size] for source, target in scripts])
    made = [_dense(*parts, int(a), int(b)) for parts, (a, b) in zip(pieces, sizes.tolist(), strict=True)]
    dense, rows, columns = ([one[place] for one in made] for place in range(3))
    return Tables(
        number,
        turned,
        sizes,
        *_joined([one.ravel() for one in dense]),
        np.array([one.shape[1] for one in dense]),
        *_joined(rows),
        *_joined(columns),
        *_sides(dense),
        *_sides([one.T for one in dense]),
    )


def _dense(source: Array, target: Array, probability: Array, source_size: int, target_size: int) -> tuple[Array, ...]:
    row_of = _places(source, source_size**2)
    column_of = _places(target, target_size**3)
    dense = np.zeros((row_of.max() + 1, column_of.max() + 1), dtype=np.float64)
    dense[row_of[source], column_of[target]] = probability
    return dense, row_of, column_of


def _places(pieces: Array, size: int) -> Array:
    """Piece -> place in the dense table, the empty piece first; -1 for what is no piece."""
    known = np.union1d(np.zeros(1, dtype=np.int64), pieces.astype(np.int64))
    places = np.full(size, -1, dtype=np.int16)
    places[known] = np.arange(len(known), dtype=np.int16)
    return places


def _joined(arrays: Sequence[Array]) -> tuple[Array, Array]:
    at = np.cumsum([0, *(len(one) for one in arrays)]).astype(np.int64)
    whole = np.concatenate(arrays)
    return (whole.astype(np.float32) if whole.dtype == np.float64 else whole), at


def _sides(dense: Sequence[Array]) -> tuple[Array, Array, Array]:
    margins, at = _joined([one.sum(axis=1) for one in dense])
    return margins, _joined([_expected(one) for one in dense])[0], at


def _expected(dense: Array) -> Array:
    """Mean log2 probability of a row's counterpart, given the row: its entropy, negative."""
    given = dense / np.maximum(dense.sum(axis=1, keepdims=True), 1e-30)
    means: Array = (given * np.log2(np.maximum(given, 1e-30))).sum(axis=1)
    return means


@compiled
def joint(x: Array, y: Array, t: int, tables: Tables) -> float:
    """log2 of the probability that the words ``x`` and ``y``, source and target of table ``t``, are one name's."""
    n, m = min(len(x), LONGEST), min(len(y), LONGEST)
    size = tables.sizes[t, 1]
    probability, wide = tables.probability[tables.at[t] : tables.at[t + 1]], tables.columns[t]
    rows = np.empty((n, 2), dtype=np.int64)
    across = np.empty((m, 3), dtype=np.int64)
    for i in range(n):
        at = tables.source_at[t]
        rows[i, 0] = tables.source_piece[at + x[i]]
        rows[i, 1] = tables.source_piece[at + x[i] * tables.sizes[t, 0] + x[i + 1]] if i + 1 < n else -1
    for j in range(m):
        piece = 0
        for b in range(3):
            across[j, b] = -1
            if j + b < m:
                piece = piece * size + y[j + b]
                across[j, b] = tables.target_piece[tables.target_at[t] + piece]
    forward = np.zeros((n + 1, m + 1))
    forward[0, 0] = 1.0
    for i in range(n + 1):
        for j in range(m + 1):
            here = forward[i, j]
            if here == 0.0:
                continue
            if j < m and across[j, 0] >= 0:
                forward[i, j + 1] += here * probability[across[j, 0]]
            for a in range(min(2, n - i)):
                if rows[i, a] < 0:
                    continue
                at = rows[i, a] * wide
                forward[i + a + 1, j] += here * probability[at]
                for b in range(min(3, m - j)):
                    if across[j, b] >= 0:
                        forward[i + a + 1, j + b + 1] += here * probability[at + across[j, b]]
    return math.log2(forward[n, m]) if forward[n, m] > 0.0 else -1000.0


@compiled
def margins(x: Array, t: int, as_source: bool, tables: Tables) -> tuple[float, float]:
    """Of the word ``x`` under the pieces of its side alone: its log2 probability, and the mean log2 probability of
    its counterparts, given the word as it is cut likeliest."""
    n = min(len(x), LONGEST)
    if as_source:
        longest, size, at = 2, tables.sizes[t, 0], tables.source_margin_at[t]
        margin, expected = tables.source_margin[at:], tables.source_expected[at:]
        places = tables.source_piece[tables.source_at[t] :]
    else:
        longest, size, at = 3, tables.sizes[t, 1], tables.target_margin_at[t]
        margin, expected = tables.target_margin[at:], tables.target_expected[at:]
        places = tables.target_piece[tables.target_at[t] :]
    forward = np.zeros(LONGEST + 1)
    likeliest = np.zeros(LONGEST + 1)
    counterpart = np.zeros(LONGEST + 1)
    forward[0] = likeliest[0] = 1.0
    for i in range(n):
        piece = 0
        for a in range(min(longest, n - i)):
            piece = piece * size + x[i + a]
            place = places[piece]
            if place >= 0:
                forward[i + a + 1] += forward[i] * margin[place]
                cut = likeliest[i] * margin[place]
                if cut > likeliest[i + a + 1]:
                    likeliest[i + a + 1] = cut
                    counterpart[i + a + 1] = counterpart[i] + expected[place]
    if forward[n] <= 0.0:
        return -1000.0, 0.0
    return math.log2(forward[n]), counterpart[n]
