"""Scoring: candidate pairs get their levels, the model is learned from them, and every pair its match weight.

Pairs pass through the comparisons in chunks, so memory is bounded by the codes that stay. What is compared stands
in :mod:`crm_etl.match.compare`, how the model is learned in :mod:`crm_etl.match.em`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.match import em
from crm_etl.match.blocking import Candidates
from crm_etl.match.compare import COMPARISONS, all_names, contradict, unsupported
from crm_etl.match.encode import KINDS, Flags, Floats, Ints, Levels, Parties
from crm_etl.match.model import Codes, Counts, KindModel, count, document, probability
from crm_etl.migration import Matching
from crm_etl.progress import NullProgress, Progress, Task

#: Pairs compared at a time.
CHUNK = 250_000


@dataclass(frozen=True)
class Scored:
    """Scored pairs, the model behind them as a JSON-able document, and counts.

    ``pairs``: :data:`schema.PAIRS`, then ``level:<comparison>`` (int8), ``weight`` (float64, bits, prior included)
    and ``probability`` (float64).
    """

    pairs: pd.DataFrame
    model: dict[str, Any]
    facts: dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """Pairs of one kind with everything the model says of them. ``parts``: (pairs, comparisons) bits."""

    codes: Codes
    parts: Floats
    weight: Floats
    forbidden: Flags
    unsupported: Flags


def score(
    parties: pd.DataFrame | Parties, candidates: Candidates, matching: Matching, progress: Progress | None = None
) -> Scored:
    """Compare the candidate pairs, learn the model and weigh each pair.

    Args:
        parties: rows of :data:`schema.PARTY`, those that ``candidates`` was made from.
        candidates: what :func:`crm_etl.match.candidate_pairs` gave.
        matching: ``seed``, ``threshold`` and ``review`` are used.
        progress: told of the pairs.
    """
    encoded = parties if isinstance(parties, Parties) else Parties(parties)
    left, right = sides(candidates.pairs)
    codes = {name: np.full(len(left), -1, dtype=np.int8) for name in all_names()}
    weight = np.zeros(len(left), dtype=np.float64)
    models: dict[int, KindModel] = {}
    with (progress or NullProgress()).task("comparing", len(left)) as task:
        for kind in COMPARISONS:
            at = np.flatnonzero(encoded.kind[left] == kind)
            found = compare_levels(kind, encoded, left[at], right[at], task)
            counts = count_chunks(kind, encoded, left[at], right[at])
            models[kind] = learn(kind, encoded, found, counts, matching.seed)
            weight[at] = _weigh(models[kind], found, counts)
            for name, levels in found.items():
                codes[name][at] = levels
    pairs = candidates.pairs.assign(
        **{f"{schema.LEVEL_PREFIX}{name}": levels for name, levels in codes.items()},
        **{schema.WEIGHT: weight, schema.PROBABILITY: probability(weight)},
    )
    return Scored(pairs, document(models, matching.seed), _facts(pairs, models, matching))


def sides(pairs: pd.DataFrame) -> tuple[Ints, Ints]:
    """Both positions of each pair as plain arrays."""
    return pairs["left"].to_numpy(dtype=np.int64), pairs["right"].to_numpy(dtype=np.int64)


def compare_levels(kind: int, parties: Parties, left: Ints, right: Ints, task: Task | None = None) -> Codes:
    """Levels of pairs of one kind in every comparison, through the toolkit, a chunk at a time."""
    from crm_etl.match.toolkit import LevelFeature, compare

    table = COMPARISONS[kind]
    codes: Codes = {entry.name: np.full(len(left), -1, dtype=np.int8) for entry in table}

    def feature(position: int) -> LevelFeature:
        entry = table[position]
        return LevelFeature(entry.name, lambda a, b: entry.measure(parties, a, b))

    features = [feature(position) for position in range(len(table))]
    for start in range(0, len(left), CHUNK):
        part = slice(start, start + CHUNK)
        levels = compare(features, left[part], right[part], parties.size)
        for name, column in codes.items():
            column[part] = levels[name].to_numpy()
        if task is not None:
            task.advance(len(levels))
    return codes


def count_chunks(kind: int, parties: Parties, left: Ints, right: Ints) -> Counts:
    """Records that share what each pair agrees on, a chunk at a time."""
    chunks = [
        count(kind, parties, left[start : start + CHUNK], right[start : start + CHUNK])
        for start in range(0, max(len(left), 1), CHUNK)
    ]
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}


def learn(kind: int, parties: Parties, codes: Codes, counts: Counts, seed: int) -> KindModel:
    """The model of one kind, from its candidate pairs and from random ones."""
    first, second = em.random_pairs(parties, kind, seed)
    random = compare_levels(kind, parties, first, second)
    return em.train(kind, int((parties.kind == kind).sum()), codes, counts, random)


def judge(model: KindModel, parties: Parties, left: Ints, right: Ints) -> Judged:
    """Everything the model says of any pairs of its kind, candidates or not."""
    codes = compare_levels(model.kind, parties, left, right)
    parts = model.waterfall(codes, count_chunks(model.kind, parties, left, right))
    contradicted, alone = contradict(model.kind, codes), unsupported(model.kind, codes)
    return Judged(codes, parts, add_up(parts, model), contradicted, alone)


def add_up(parts: Floats, model: KindModel) -> Floats:
    """Match weight of each pair: its parts and the prior, added in the order of the table."""
    weight = np.full(len(parts), model.prior_weight)
    for column in parts.T:
        weight = weight + column
    return weight


def _weigh(model: KindModel, codes: Codes, counts: Counts) -> Floats:
    size = len(next(iter(codes.values())))
    weight = np.empty(size, dtype=np.float64)
    for start in range(0, size, CHUNK):
        part = slice(start, start + CHUNK)
        parts = model.waterfall(_slice(codes, part), {name: values[part] for name, values in counts.items()})
        weight[part] = add_up(parts, model)
    return weight


def _slice(codes: Codes, part: slice) -> dict[str, Levels]:
    return {name: levels[part] for name, levels in codes.items()}


def _facts(pairs: pd.DataFrame, models: dict[int, KindModel], matching: Matching) -> dict[str, Any]:
    probable = pairs[schema.PROBABILITY].to_numpy()
    return {
        "pairs": len(pairs),
        "above_threshold": int((probable >= matching.threshold).sum()),
        "to_review": int(((probable >= matching.review) & (probable < matching.threshold)).sum()),
        "prior": {KINDS[kind]: model.prior for kind, model in models.items()},
    }
