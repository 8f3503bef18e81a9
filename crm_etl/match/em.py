"""Learning the model without labels: u from random pairs, m and the prior by expectation maximization.

The E-step asks the scoring rule itself (bounds, household rule, contradictions and all) how likely each agreement
pattern is a match; the M-step re-estimates m from that (Winkler, 1988), and u too where random pairs show a level too
seldom: pairs that agree on something rare are all among the candidates. What a rare name is worth is learned for
each whole bit of its expected weight. Guards: starting beliefs act as so many pseudo-pairs, u is cleaned of the
matches that random pairs contain, contradicting levels stay rare among matches, no rarity is worth more than
frequencies say, and with too few matches to learn from the declared m stays, with a note. What people decided counts
as they said. Sums run over sorted patterns, so the same data gives the same bits. The patterns stand in
:mod:`crm_etl.match.agreement`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from crm_etl.match import roofs
from crm_etl.match.agreement import Decided, Patterns, counted, of_pairs
from crm_etl.match.compare import BOUND, COMPARISONS, Comparison
from crm_etl.match.encode import Floats, Ints, Parties
from crm_etl.match.model import Codes, Counts, KindModel, declared, probability, rounded
from crm_etl.match.packing import Histogram
from crm_etl.match.signs import contradict
from crm_etl.match.weights import SCALE, under_one_roof

RANDOM_PAIRS = 300_000
_ROUNDS = 40
_SETTLED = 1e-4
#: Times that patterns are counted: rarity is weighed by what has been learned so far.
_PASSES = 2
#: Rounds at the start in which the declared m stands.
_ANCHORED = 3
#: Expected matches under which m is not learned.
_FEWEST = 30.0
#: Pseudo-pairs that stand behind the declared beliefs.
_BELIEVED_MATCHES = 50.0
_BELIEVED_PAIRS = 1000.0
#: The most contradicting level is at most so many times as frequent among matches as believed, and at most half.
_DOUBT, _MOST_DOUBT = 2.0, 0.5
#: Random pairs that must show a level for its u to be taken from them, and the share of it that surely is no match.
_ENOUGH, _SURE_U = 20.0, 0.1
#: Duplicates a record that are expected before the data have spoken, and how strongly.
_BELIEVED_DUPLICATES = 0.3
_BELIEVED_PRIOR = 10.0
#: Pairs, and matches, that stand behind the weights which frequencies give to rare values.
_BELIEVED_RARITY, _BELIEVED_RARE_MATCHES = 200.0, 50.0


@dataclass(frozen=True)
class _Data:
    """What a kind is learned from. ``drawn``: comparison -> random pairs at each level, the last without evidence."""

    kind: int
    total: float
    believed_prior: float
    drawn: dict[str, Floats]


def random_pairs(parties: Parties, kind: int, seed: int, most: int = RANDOM_PAIRS) -> tuple[Ints, Ints]:
    """Pairs of records of a kind: all of them where there are no more than ``most``, else a seeded draw.

    Drawn by position, so the order of the rows does not matter.
    """
    members = np.flatnonzero(parties.kind == kind)
    size = len(members)
    if size * (size - 1) // 2 <= most:
        first, second = np.triu_indices(size, k=1)
    else:
        generator = np.random.default_rng([seed, kind])
        first, second = generator.integers(0, size, most), generator.integers(0, size, most)
        first, second = first[first != second], second[first != second]
    return members[first], members[second]


def train(
    kind: int,
    records: int,
    codes: Codes,
    counts: Counts,
    out: Histogram,
    random: Histogram,
    decided: Decided | None = None,
) -> KindModel:
    """The model of one kind.

    Args:
        kind: person or organization.
        records: records of this kind.
        codes: comparison -> level codes of the pairs in play (pairs,).
        counts: how common what those pairs agree on is.
        out: patterns of all other candidate pairs.
        random: patterns of random pairs.
        decided: pairs that people decided; each counts for several.
    """
    total = max(records * (records - 1) / 2, 1.0)
    believed_prior = min(_BELIEVED_DUPLICATES * records / total, 0.3) if records > 1 else 0.3
    data = _Data(kind, total, believed_prior, _drawn(kind, random))
    model = KindModel(kind, records, believed_prior, declared(kind, "m"), _first_u(data))
    for turn in range(_PASSES):
        found = of_pairs(model, codes, counts).join(counted(out))
        if decided is not None:
            found = found.join(decided.patterns(model))
        model = _maximize(model, found, data, anchored=_ANCHORED if turn == 0 else 0)
    return _written(_checked(model, found))


def _maximize(model: KindModel, found: Patterns, data: _Data, anchored: int) -> KindModel:
    trace = list(model.trace)
    for turn in range(_ROUNDS):
        matches = _expected(model, found)
        prior = (float(matches.sum()) + _BELIEVED_PRIOR) / (data.total + _BELIEVED_PRIOR / data.believed_prior)
        m = model.m if turn < anchored else _learned_m(model.kind, found, matches)
        others = found.pairs - matches
        u = {entry.name: _learned_u(entry, found, others, m, prior, data) for entry in COMPARISONS[model.kind]}
        rarity = {
            entry.name: _learned_rarity(entry, found, matches, data.total)
            for entry in COMPARISONS[model.kind]
            if entry.learned
        }
        roof = roofs.learned(found, others, m, u, _known(data))
        moved = max(float(np.abs(m[name] - model.m[name]).max()) for name in m)
        trace.append((round(float(matches.sum()), 3), round(moved, 9)))
        model = replace(model, prior=prior, m=m, u=u, learned=rarity, roof=roof, trace=tuple(trace))
        if moved < _SETTLED and turn >= anchored:
            break
    return model


def _expected(model: KindModel, found: Patterns) -> Floats:
    """Expected matches of each pattern."""
    weights, best = found.rarity + model.prior_weight, np.zeros(len(found))
    for entry in COMPARISONS[model.kind]:
        bits = np.append(model.level_weights(entry.name), 0.0)[found.codes[entry.name]]
        if entry.learned:
            rarity = np.clip(model.learned.get(entry.name, SCALE), 0.0, BOUND)
            bits = np.where(found.bin >= 0, rarity[found.bin], bits)
        if entry.household:
            bits = under_one_roof(bits, model.roof.get(entry.name), found.alien, found.codes[entry.name], best)
        weights += np.where(found.alien >= 0, 0.0, bits) if entry.implied else bits
    likely = np.where(contradict(model.kind, found.codes), 0.0, probability(weights))
    return np.where(found.said == 0, likely, found.said > 0) * found.pairs


def _learned_m(kind: int, found: Patterns, matches: Floats) -> dict[str, Floats]:
    believed = declared(kind, "m")
    return {
        name: _doubted(_shares(_seen(found, name, matches) + _BELIEVED_MATCHES * m), m) for name, m in believed.items()
    }


def _doubted(m: Floats, believed: Floats) -> Floats:
    """``m`` with no more contradiction than can be believed."""
    most = min(_DOUBT * believed[0], _MOST_DOUBT)
    return m if m[0] <= most else np.append(most, m[1:] * (1 - most) / m[1:].sum())


def _learned_u(
    entry: Comparison, found: Patterns, others: Floats, m: dict[str, Floats], prior: float, data: _Data
) -> Floats:
    """u of each level: from random pairs, cleaned of matches, or at least from the candidates that do not match."""
    believed = declared(data.kind, "u")[entry.name]
    drawn = data.drawn[entry.name]
    shown, asked = drawn[:-1], max(float(drawn[:-1].sum()), 1.0)
    known = data.total * asked / max(float(drawn.sum()), 1.0)
    met = (_seen(found, entry.name, others) + _BELIEVED_PAIRS * believed) / (known + _BELIEVED_PAIRS)
    enough = shown >= _ENOUGH
    share = np.where(enough, shown, np.maximum(shown - 2 * np.sqrt(shown), 0.0)) / asked
    cleaned = np.maximum(share - prior * m[entry.name], np.where(enough, _SURE_U * share, 0.0))
    return _shares(np.maximum(cleaned, met))


def _known(data: _Data) -> dict[str, float]:
    """Pairs that have values on both sides, of all that there are."""
    return {
        name: data.total * float(drawn[:-1].sum()) / max(float(drawn.sum()), 1.0) for name, drawn in data.drawn.items()
    }


def _learned_rarity(entry: Comparison, found: Patterns, matches: Floats, total: float) -> Floats:
    """What values of each expected weight (:data:`SCALE`) are worth: rising, and never more than expected."""
    levels, has = found.codes[entry.name], found.bin >= 0
    others = found.pairs - matches
    # Candidates out of play are known by their levels alone: those in play stand for them.
    every, known = _seen(found, entry.name, others), _seen(found, entry.name, np.where(has, others, 0.0))
    stands_for = np.append(every / np.maximum(known, 1e-9), 0.0)[levels]
    matching, unrelated = _by_bin(found, matches), _by_bin(found, others * stands_for)
    whole = float(matches[levels >= 0].sum()) + 1.0
    shown: Floats = np.log2((matching + 0.5) / whole) - np.log2((unrelated + 0.5) / total)
    both = matching + unrelated
    trust: Floats = both / (both + _BELIEVED_RARITY) * matching / (matching + _BELIEVED_RARE_MATCHES)
    fitted: Floats = SCALE + trust * (shown - SCALE)
    return np.minimum(_rising(fitted, both + 1.0), SCALE)


def _by_bin(found: Patterns, pairs: Floats) -> Floats:
    """Pairs at each place of the scale."""
    has = found.bin >= 0
    seen: Floats = np.bincount(found.bin[has], weights=pairs[has], minlength=len(SCALE)).astype(np.float64)
    return seen


def _rising(values: Floats, weights: Floats) -> Floats:
    """The nearest values that never fall (pool adjacent violators)."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        pools.append((value, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (one, light, few), (other, heavy, many) = pools[-2:]
            pools[-2:] = [((one * light + other * heavy) / (light + heavy), light + heavy, few + many)]
    return np.repeat([value for value, _, _ in pools], [size for _, _, size in pools])


def _checked(model: KindModel, found: Patterns) -> KindModel:
    """The model with notes on what was learned and what could not be."""
    matches = _expected(model, found)
    if matches.sum() < _FEWEST:
        note = f"too few matches to learn from (about {matches.sum():.0f}): declared m probabilities are used"
        return replace(model, m=declared(model.kind, "m"), learned={}, notes=(note,))
    note = f"m probabilities learned in {len(model.trace)} rounds from {found.pairs.sum():.0f} candidate pairs"
    return replace(model, notes=(note, *_unlearned(model.kind, found, matches)))


def _unlearned(kind: int, found: Patterns, matches: Floats) -> list[str]:
    notes = []
    for entry in COMPARISONS[kind]:
        shown = float(_seen(found, entry.name, matches).sum())
        if shown < 0.5:
            notes.append(f"{entry.name}: no match has a value on both sides, the declared m probabilities are used")
        elif shown < _FEWEST:
            notes.append(f"{entry.name}: about {shown:.0f} matches have values, m stays close to what is declared")
    return notes


def _written(model: KindModel) -> KindModel:
    """The model as its document holds it."""
    return replace(
        model,
        prior=float(f"{model.prior:.12g}"),
        m={name: rounded(values) for name, values in model.m.items()},
        u={name: rounded(values) for name, values in model.u.items()},
        learned={name: rounded(values) for name, values in model.learned.items()},
        roof={name: np.stack([rounded(row) for row in rows]) for name, rows in model.roof.items()},
    )


def _drawn(kind: int, random: Histogram) -> dict[str, Floats]:
    pairs = counted(random)
    drawn = {}
    for entry in COMPARISONS[kind]:
        nothing = float(pairs.pairs[pairs.codes[entry.name] < 0].sum())
        drawn[entry.name] = np.append(_seen(pairs, entry.name, pairs.pairs), nothing)
    return drawn


def _first_u(data: _Data) -> dict[str, Floats]:
    believed = declared(data.kind, "u")
    return {name: _shares(shown[:-1] + _BELIEVED_PAIRS * believed[name]) for name, shown in data.drawn.items()}


def _seen(found: Patterns, name: str, pairs: Floats) -> Floats:
    """Pairs at each level of a comparison."""
    levels = found.codes[name]
    known = levels >= 0
    seen: Floats = np.bincount(levels[known], weights=pairs[known], minlength=found.sizes[name]).astype(np.float64)
    return seen


def _shares(seen: Floats) -> Floats:
    shares: Floats = seen / seen.sum()
    return shares
