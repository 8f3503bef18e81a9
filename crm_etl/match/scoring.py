"""Scoring: the stream of pairs gets its levels, the model is learned from them, and what is in play its match weight.

How pairs are compared a chunk at a time stands in :mod:`crm_etl.match.stream`, what is compared in
:mod:`crm_etl.match.compare`, how the model is learned in :mod:`crm_etl.match.em`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.match import blocking, copies, draws, em
from crm_etl.match.agreement import Decided
from crm_etl.match.blocking import CHUNK, Blocking
from crm_etl.match.compare import COMPARISONS, all_names
from crm_etl.match.encode import KINDS, Flags, Floats, Ints, Parties, contains
from crm_etl.match.labels import FEWEST_LABELS, labelled
from crm_etl.match.model import Codes, Counts, KindModel, count, document, joined, probability, restore
from crm_etl.match.packing import Histogram, pack, unpack
from crm_etl.match.rules import select
from crm_etl.match.signs import contradict, in_play, unsupported
from crm_etl.match.stream import (
    Compared,
    Maker,
    compare_pairs,
    compare_stream,
    hopeful,
    levels_of,
    prepare,
    prepare_refining,
)
from crm_etl.match.threads import beside, in_order, slices
from crm_etl.migration import Matching
from crm_etl.progress import Progress


@dataclass(frozen=True)
class Scored:
    """Scored pairs, the model behind them as a JSON-able document, agreement patterns, and counts.

    ``pairs``: the pairs in play, persons first: :data:`schema.PAIRS`, then ``level:<comparison>`` (int8), ``weight``
    (float64, bits, prior included) and ``probability`` (float64). ``patterns``: :data:`schema.PATTERNS` and a level
    column for each comparison: how many of all pairs compared show each pattern. ``records``
    (:data:`schema.KNOWN_RECORDS`) and ``blocks`` (:data:`schema.KNOWN_BLOCKS`) are empty unless
    :func:`crm_etl.match.incremental.remember` fills them.
    """

    pairs: pd.DataFrame
    patterns: pd.DataFrame
    model: dict[str, Any]
    facts: dict[str, Any]
    records: pd.DataFrame = field(default_factory=schema.KNOWN_RECORDS.empty)
    blocks: pd.DataFrame = field(default_factory=schema.KNOWN_BLOCKS.empty)


@dataclass(frozen=True)
class Judged:
    """Pairs of one kind with everything the model says of them. ``parts``: (pairs, comparisons) bits."""

    codes: Codes
    parts: Floats
    weight: Floats
    forbidden: Flags
    unsupported: Flags


@dataclass(frozen=True)
class Settings:
    """How the work is cut; none of it shows in the outcome. ``threads`` None: as many as there are cores."""

    chunk: int = CHUNK
    threads: int | None = None
    maker: Maker | None = None


AS_FITS = Settings()


def score(
    parties: Parties,
    matching: Matching,
    progress: Progress | None = None,
    *,
    decisions: pd.DataFrame | None = None,
    model: dict[str, Any] | None = None,
    settings: Settings = AS_FITS,
) -> Scored:
    """Compare the candidate pairs, learn the model and weigh each pair in play.

    Args:
        parties: rows of :data:`schema.PARTY` of all client sources.
        matching: ``rules``, ``max_block``, ``seed``, ``random_pairs``, ``threshold`` and ``review`` are used.
        progress: told of the pairs.
        decisions: what people said (:func:`crm_etl.match.decisions.read`): the model learns from it too.
        model: a document to score by instead of learning.
        settings: how the work is cut.

    Raises:
        Fault: ``matching.rules`` names an unknown rule.
        StateFault: ``model`` is of another version.
    """
    select(matching)  # a wrong name is told of before there is any work
    if model is not None:
        with beside(partial(_prepared, parties, settings), settings.threads):
            blocks = blocking.plan(parties, matching, progress)
        compared = compare(parties, blocks, progress, settings)
        return weigh(parties, blocks, compared, restore(model), matching, settings=settings)
    with beside(partial(_all_drawn, parties, matching, settings), settings.threads) as drawing:
        blocks = blocking.plan(parties, matching, progress)
        compared = compare(parties, blocks, progress, settings)
    drawn = drawing.result()
    counts = _all_counted(parties, compared, settings)
    with beside(partial(_known, blocks, compared, counts), settings.threads) as known:
        models = _learn(parties, compared, counts, drawn, decisions, settings)
    return weigh(parties, blocks, compared, models, matching, known.result(), settings)


def compare(
    parties: Parties, blocks: Blocking, progress: Progress | None = None, settings: Settings = AS_FITS
) -> dict[int, Compared]:
    """The stream of pairs by kind, the levels of those in play refined."""
    found = compare_stream(
        parties, blocks, progress, chunk=settings.chunk, threads=settings.threads, pairs=settings.maker
    )
    work = [partial(_refined, kind, parties, compared) for kind, compared in found.items()]
    return dict(zip(found, in_order(work, settings.threads), strict=True))


def full_levels(kind: int, parties: Parties, left: Ints, right: Ints) -> Codes:
    """Final levels of any pairs of one kind: refined where the stream would have refined them."""
    codes = levels_of(kind, parties, left, right)
    raised = partial(hopeful, kind, parties, left, right, codes)
    at = np.flatnonzero(in_play(kind, codes, parties.size, hopeful=raised))
    for name, levels in _refine(kind, parties, left[at], right[at], _taken(codes, at)).items():
        codes[name][at] = levels
    return codes


@dataclass(frozen=True)
class Known:
    """What is known of the pairs in play without a model: how common what each agrees on is; the rules that brought
    each together, as bits (pairs,); and the patterns of all pairs that were compared, see :class:`Scored`."""

    counts: dict[int, Counts]
    rules: Ints
    patterns: pd.DataFrame


def weigh(
    parties: Parties,
    blocks: Blocking,
    compared: dict[int, Compared],
    models: dict[int, KindModel],
    matching: Matching,
    known: Known | None = None,
    settings: Settings = AS_FITS,
) -> Scored:
    """The pairs in play with the weights that ``models`` give them."""
    known = known or _known(blocks, compared, _all_counted(parties, compared, settings))
    parts = [_weighed(compared[kind], known.counts[kind], models[kind], settings) for kind in COMPARISONS]
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    left, right = columns.pop("left"), columns.pop("right")
    pairs = pd.DataFrame({"left": left, "right": right, "rules": known.rules, **columns}, copy=False)
    facts = _facts(pairs, models, matching) | {"compared": sum(part.pairs for part in compared.values())}
    return Scored(pairs, known.patterns, document(models, matching.seed), facts)


def _known(blocks: Blocking, compared: dict[int, Compared], counts: dict[int, Counts]) -> Known:
    rules = [blocks.bits(part.left, part.right) for part in compared.values()]
    return Known(counts, np.concatenate(rules), _patterns(compared))


def judge(model: KindModel, parties: Parties, left: Ints, right: Ints) -> Judged:
    """Everything the model says of any pairs of its kind, candidates or not."""
    codes = full_levels(model.kind, parties, left, right)
    parts = model.waterfall(codes, count(model.kind, parties, left, right))
    contradicted, alone = contradict(model.kind, codes), unsupported(model.kind, codes)
    return Judged(codes, parts, add_up(parts, model), contradicted, alone)


def sides(pairs: pd.DataFrame) -> tuple[Ints, Ints]:
    """Both positions of each pair as plain arrays."""
    return pairs["left"].to_numpy(dtype=np.int64), pairs["right"].to_numpy(dtype=np.int64)


def add_up(parts: Floats, model: KindModel) -> Floats:
    """Match weight of each pair: its parts and the prior, added in the order of the table."""
    weight = np.full(len(parts), model.prior_weight)
    for column in parts.T:
        weight = weight + column
    return weight


def _refined(kind: int, parties: Parties, compared: Compared) -> Compared:
    """The pairs that are still in play when the dear comparisons have been made, too."""
    codes = compared.codes | _refine(kind, parties, compared.left, compared.right, compared.codes)
    playing = in_play(kind, codes, parties.size, refined=True)
    kept, gone = np.flatnonzero(playing), np.flatnonzero(~playing)
    compared.out.add(pack(kind, _taken(codes, gone)))
    return replace(compared, left=compared.left[kept], right=compared.right[kept], codes=_taken(codes, kept))


def _refine(kind: int, parties: Parties, left: Ints, right: Ints, codes: Codes) -> Codes:
    table = [(entry.name, entry.refine) for entry in COMPARISONS[kind]]
    return {name: refine(parties, left, right, codes[name]) for name, refine in table if refine is not None}


def _taken(codes: Codes, at: Ints) -> Codes:
    return {name: levels[at] for name, levels in codes.items()}


@dataclass(frozen=True)
class _Drawn:
    """Pairs drawn to learn from: patterns of random ones, and those of one name."""

    random: Histogram
    namesakes: em.Drawn


def _prepared(parties: Parties, settings: Settings) -> None:
    prepare(parties, settings.threads)
    prepare_refining(parties, settings.threads)


def _all_drawn(parties: Parties, matching: Matching, settings: Settings) -> dict[int, _Drawn]:
    """The drawn pairs of each kind: they hang on no block."""
    _prepared(parties, settings)
    return {kind: _drawn(kind, parties, matching, settings) for kind in COMPARISONS}


def _drawn(kind: int, parties: Parties, matching: Matching, settings: Settings) -> _Drawn:
    first, second = draws.random_pairs(parties, kind, matching.seed, matching.random_pairs)
    compared = compare_pairs(kind, parties, first, second, chunk=settings.chunk, threads=settings.threads)
    drawn = _refined(kind, parties, compared)
    drawn.out.add(pack(kind, drawn.codes))
    return _Drawn(drawn.out, _namesakes(kind, parties, matching))


def _learn(
    parties: Parties,
    compared: dict[int, Compared],
    counts: dict[int, Counts],
    drawn: dict[int, _Drawn],
    decisions: pd.DataFrame | None,
    settings: Settings,
) -> dict[int, KindModel]:
    """The model of each kind, from the pairs compared, from drawn ones and from what people decided."""

    def learn(kind: int) -> KindModel:
        part, records = compared[kind], int(((parties.kind == kind) & copies.taking_part(parties)).sum())
        decided, rest = _decided(kind, parties, part, decisions)
        whole = len(rest) == len(part.left)
        codes, known = (part.codes, counts[kind]) if whole else (_taken(part.codes, rest), counts[kind].take(rest))
        return em.train(kind, records, codes, known, part.out, drawn[kind].random, drawn[kind].namesakes, decided)

    work = (partial(learn, kind) for kind in compared)
    return dict(zip(compared, in_order(work, settings.threads), strict=True))


def _all_counted(parties: Parties, compared: dict[int, Compared], settings: Settings) -> dict[int, Counts]:
    return {kind: _counted(kind, parties, part, settings) for kind, part in compared.items()}


def _counted(kind: int, parties: Parties, compared: Compared, settings: Settings) -> Counts:
    """How common what each pair in play agrees on is."""
    parts = slices(len(compared.left), CHUNK)
    work = (partial(count, kind, parties, compared.left[part], compared.right[part]) for part in parts)
    return joined(kind, list(in_order(work, settings.threads)))


def _namesakes(kind: int, parties: Parties, matching: Matching) -> em.Drawn:
    one, other = draws.namesake_pairs(parties, kind, matching.seed)
    return em.Drawn(full_levels(kind, parties, one, other), count(kind, parties, one, other))


def _decided(
    kind: int, parties: Parties, compared: Compared, decisions: pd.DataFrame | None
) -> tuple[Decided | None, Ints]:
    """The pairs that people decided, compared; None where they are too few to speak for the others. And the places of
    all other pairs in play but those of copies: that a form was sent a hundred times says nothing of duplicates."""
    left, right, same = labelled(parties, decisions, kind)
    rest = np.flatnonzero(~copies.are(copies.of(parties), compared.left, compared.right))
    if len(left) < FEWEST_LABELS:
        return None, rest
    width = np.int64(parties.size)
    rest = rest[~contains(left * width + right, (compared.left * width + compared.right)[rest])]
    return Decided(full_levels(kind, parties, left, right), count(kind, parties, left, right), same), rest


def _weighed(compared: Compared, counts: Counts, model: KindModel, settings: Settings) -> dict[str, Any]:
    """Columns of the pairs of one kind."""

    def weights(part: slice) -> Floats:
        return model.weights({name: levels[part] for name, levels in compared.codes.items()}, counts.take(part))

    parts = slices(len(compared.left), CHUNK)
    found = list(in_order((partial(weights, part) for part in parts), settings.threads))
    weight = np.concatenate([np.zeros(0), *found])
    none = np.full(len(weight), -1, dtype=np.int8)
    return {
        "left": compared.left,
        "right": compared.right,
        **{f"{schema.LEVEL_PREFIX}{name}": compared.codes.get(name, none) for name in all_names()},
        schema.WEIGHT: weight,
        schema.PROBABILITY: probability(weight),
    }


def _patterns(compared: dict[int, Compared]) -> pd.DataFrame:
    """How often each pattern of levels occurs among all pairs compared, the commonest first."""
    frames = []
    for kind, part in compared.items():
        every = Histogram(kind, part.out.counts.copy())
        every.add(pack(kind, part.codes))
        packed, pairs = every.found
        levels = unpack(kind, packed)
        none = np.full(len(packed), -1, dtype=np.int8)
        codes = {f"{schema.LEVEL_PREFIX}{name}": levels.get(name, none) for name in all_names()}
        in_play_pairs = pairs - part.out.counts[packed]
        name = pd.array([KINDS[kind]] * len(packed), dtype="string[pyarrow]")
        frames.append(pd.DataFrame({"kind": name, "pairs": pairs, "in_play": in_play_pairs, **codes}))
    return pd.concat(frames, ignore_index=True).sort_values("pairs", ascending=False, kind="stable", ignore_index=True)


def _facts(pairs: pd.DataFrame, models: dict[int, KindModel], matching: Matching) -> dict[str, Any]:
    probable = pairs[schema.PROBABILITY].to_numpy()
    return {
        "pairs": len(pairs),
        "above_threshold": int((probable >= matching.threshold).sum()),
        "to_review": int(((probable >= matching.review) & (probable < matching.threshold)).sum()),
        "prior": {KINDS[kind]: model.prior for kind, model in models.items()},
    }
