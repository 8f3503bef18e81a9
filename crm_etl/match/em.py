"""Learning the model without labels: u from random pairs, m, kin and the priors by expectation maximization.

The E-step asks the scoring rule itself (bounds, contradictions and all) how likely each agreement pattern is a match,
or of kin (:mod:`crm_etl.match.kin`); the M-step re-estimates m from that (Winkler, 1988), what is kin's likewise, and u
too where random pairs show a level too seldom: pairs that agree on something rare are all among the candidates. What
those have in common whose names are alike is counted on pairs of one name (:mod:`crm_etl.match.draws`). What a rare
name is worth is learned for each whole bit of its expected weight. Guards: starting beliefs act as so many
pseudo-pairs, u is cleaned of the matches that random pairs contain, contradicting levels stay rare among matches, no
rarity is worth more than frequencies say, and with too few matches to learn from the declared m stays, with a note.
What people decided counts as they said, and for several pairs, but in the priors: how many matches there are is not
told by which pairs people were asked about. Sums run over sorted patterns, so the same data gives the same bits. The
patterns stand in :mod:`crm_etl.match.agreement`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from crm_etl.match.agreement import Decided, Patterns, counted, of_pairs
from crm_etl.match.compare import BOUND, COMPARISONS, Comparison, comparison
from crm_etl.match.encode import Floats
from crm_etl.match.kin import KIN, Kin, Learned, believed
from crm_etl.match.model import Codes, Counts, KindModel, declared, probability, rounded
from crm_etl.match.packing import Histogram
from crm_etl.match.signs import LIKENESS, NAMES, contradict
from crm_etl.match.weights import SCALE
from crm_etl.number import agreeing

_ROUNDS = 40
_SETTLED = 1e-4
#: Times that patterns are counted: rarity is weighed by what has been learned so far.
_PASSES = 2
#: Rounds at the start in which the declared m stands.
_ANCHORED = 3
#: Expected matches under which m is not learned.
_FEWEST = 30.0
#: Pseudo-pairs that stand behind the declared beliefs.
_BELIEVED_MATCHES, _BELIEVED_KIN, _BELIEVED_SORT = 50.0, 300.0, 50.0
_BELIEVED_PAIRS, _BELIEVED_ALIKE = 1000.0, 100.0
#: Group of pairs whose names could be one.
_WHOLE = "whole"
#: Namesakes agree on what is not made of names at most so many times as often as any two.
_MOST_ALIKE = 8.0
#: No level is rarer than this between parties of one name.
_LEAST_SHARE = 1e-6
#: The most contradicting level is at most so many times as frequent among matches as believed, and at most half.
_DOUBT, _MOST_DOUBT = 8.0, 0.5
#: Random pairs that must show a level for its u to be taken from them, and the share of it that surely is no match.
_ENOUGH, _SURE_U = 20.0, 0.1
#: Duplicates a record that are expected before the data have spoken, and how strongly.
_BELIEVED_DUPLICATES = 0.3
_BELIEVED_PRIOR = 10.0
#: Pairs, and matches, that stand behind the weights which frequencies give to rare values.
_BELIEVED_RARITY, _BELIEVED_RARE_MATCHES = 200.0, 50.0


@dataclass(frozen=True)
class Drawn:
    """Pairs that were drawn, (pairs,): their levels, and how common what they agree on is."""

    codes: Codes
    counts: Counts


@dataclass(frozen=True)
class _Data:
    """What a kind is learned from. ``drawn``: comparison -> random pairs at each level, the last without evidence."""

    kind: int
    total: float
    believed_prior: float
    drawn: dict[str, Floats]


def train(
    kind: int,
    records: int,
    codes: Codes,
    counts: Counts,
    out: Histogram,
    random: Histogram,
    namesakes: Drawn | None = None,
    decided: Decided | None = None,
) -> KindModel:
    """The model of one kind.

    Args:
        kind: person or organization.
        records: records of this kind, copies (:mod:`crm_etl.match.copies`) left out.
        codes: comparison -> level codes of the pairs in play (pairs,), but those ``decided`` and those of copies.
        counts: how common what those pairs agree on is.
        out: patterns of all other candidate pairs.
        random: patterns of random pairs.
        namesakes: pairs of one name.
        decided: pairs that people decided; each counts for several.
    """
    total = max(records * (records - 1) / 2, 1.0)
    believed_prior = min(_BELIEVED_DUPLICATES * records / total, 0.3) if records > 1 else 0.3
    data = _Data(kind, total, believed_prior, _drawn(kind, random))
    model = KindModel(
        kind,
        records,
        believed_prior,
        declared(kind, "m"),
        _first_u(data),
        kin={kin.name: believed(kin, records) for kin in KIN[kind]},
    )
    for turn in range(_PASSES):
        found = of_pairs(model, codes, counts).join(counted(out))
        if decided is not None:
            found = found.join(decided.patterns(model))
        alike = None if namesakes is None else of_pairs(model, namesakes.codes, namesakes.counts)
        model = _maximize(model, found, alike, data, anchored=_ANCHORED if turn == 0 else 0)
    return _written(_checked(model, found))


def _maximize(model: KindModel, found: Patterns, alike: Patterns | None, data: _Data, anchored: int) -> KindModel:
    trace = list(model.trace)
    for turn in range(_ROUNDS):
        matches, kin = _expected(model, found)
        prior = (float((matches / found.voices).sum()) + _BELIEVED_PRIOR) / (
            data.total + _BELIEVED_PRIOR / data.believed_prior
        )
        m = model.m if turn < anchored else _learned_m(model.kind, found, matches)
        others = np.maximum(found.pairs - matches - sum(kin.values()), 0.0)
        u = {
            entry.name: _learned_u(entry, found, others, m, prior, model.kin, data) for entry in COMPARISONS[model.kind]
        }
        tables = _learned_alike(model, found, others, alike, u, data)
        rarity = {
            entry.name: _learned_rarity(entry, found, matches, others, data.total)
            for entry in COMPARISONS[model.kind]
            if entry.learned
        }
        sorts = (
            model.kin
            if turn < anchored
            else {sort.name: _learned_kin(sort, found, kin[sort.name], model.records, data) for sort in KIN[model.kind]}
        )
        moved = max(float(np.abs(m[name] - model.m[name]).max()) for name in m)
        trace.append((round(float(matches.sum()), 3), round(moved, 9)))
        model = replace(model, prior=prior, m=m, u=u, learned=rarity, alike=tables, kin=sorts, trace=tuple(trace))
        if moved < _SETTLED and turn >= anchored:
            break
    return model


def _expected(model: KindModel, found: Patterns) -> tuple[Floats, dict[str, Floats]]:
    """Expected matches of each pattern, and pairs of each sort of kin."""
    weights = found.rarity + model.prior_weight
    for entry in COMPARISONS[model.kind]:
        bits = model.usual(entry.name, found.codes[entry.name], found.alike)
        if entry.learned:
            worth = np.clip(model.learned.get(entry.name, SCALE), 0.0, BOUND)
            bits = np.where(found.bin >= 0, worth[found.bin], bits)
        weights += np.where(found.implied, 0.0, bits) if entry.implied else bits
    kin = model.kin_odds(found.codes, weights)
    unlike = np.logaddexp2(0.0, np.logaddexp2.reduce([np.full(len(weights), -np.inf), *kin]))
    likely = np.where(contradict(model.kind, found.codes), 0.0, probability(weights - unlike))
    likely = np.where(found.said == 0, likely, found.said > 0)
    rest = (1.0 - likely) * found.pairs
    names = [sort.name for sort in KIN[model.kind] if sort.name in model.kin]
    return likely * found.pairs, {name: np.exp2(odds - unlike) * rest for name, odds in zip(names, kin, strict=True)}


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
    entry: Comparison,
    found: Patterns,
    others: Floats,
    m: dict[str, Floats],
    prior: float,
    kin: dict[str, Learned],
    data: _Data,
) -> Floats:
    """u of each level: from random pairs, cleaned of matches, or at least from the candidates that do not match."""
    believed = declared(data.kind, "u")[entry.name]
    drawn = data.drawn[entry.name]
    shown, asked = drawn[:-1], max(float(drawn[:-1].sum()), 1.0)
    known = data.total * asked / max(float(drawn.sum()), 1.0)
    met = (_seen(found, entry.name, others) + _BELIEVED_PAIRS * believed) / (known + _BELIEVED_PAIRS)
    enough = shown >= _ENOUGH
    share = np.where(enough, shown, np.maximum(shown - 2 * np.sqrt(shown), 0.0)) / asked
    related = prior * m[entry.name] + sum(
        sort.prior * sort.levels[entry.name] for sort in kin.values() if entry.name in sort.levels
    )
    cleaned = np.maximum(share - related, np.where(enough, _SURE_U * share, 0.0))
    return _shares(np.maximum(cleaned, met))


def _learned_alike(
    model: KindModel, found: Patterns, others: Floats, drawn: Patterns | None, u: dict[str, Floats], data: _Data
) -> dict[str, dict[str, Floats]]:
    """u of each level between parties whose names are alike, by how much; no agreement is rarer there than elsewhere.

    Pairs that agree on something rare are all among the candidates, which tells it for names that agree in part. Of
    whole names the frequent ones are not: pairs that were drawn tell it.
    """
    name = NAMES[data.kind]
    tables = {}
    for number, (group, levels) in enumerate(LIKENESS[data.kind].items(), 1):
        if group == _WHOLE and drawn is not None:
            asked, pairs, borne = drawn, _unrelated(model, drawn), 0.0
        else:
            asked, pairs = found, others
            borne = sum(float(u[name][comparison(data.kind, name).code(level)]) for level in levels)
        alike = np.where(asked.alike == number, pairs, 0.0)
        tables[group] = {
            entry.name: _among_alike(
                entry, _seen(asked, entry.name, alike), u[entry.name], data.total * borne * _known(data, entry.name)
            )
            for entry in COMPARISONS[data.kind]
            if entry.name != name
        }
    return tables


def _unrelated(model: KindModel, found: Patterns) -> Floats:
    matches, kin = _expected(model, found)
    rest: Floats = np.maximum(found.pairs - matches - sum(kin.values()), 0.0)
    return rest


def _among_alike(entry: Comparison, seen: Floats, u: Floats, known: float) -> Floats:
    met = (seen + _BELIEVED_ALIKE * u) / (max(known, float(seen.sum())) + _BELIEVED_ALIKE)
    most = np.inf if entry.named else _MOST_ALIKE
    more = np.clip(met[1:], u[1:], most * u[1:])
    return _shares(np.append(max(1.0 - float(more.sum()), _LEAST_SHARE), more))


def _known(data: _Data, name: str) -> float:
    """Share of all pairs that have values on both sides."""
    drawn = data.drawn[name]
    return float(drawn[:-1].sum()) / max(float(drawn.sum()), 1.0)


def _learned_kin(sort: Kin, found: Patterns, pairs: Floats, records: int, data: _Data) -> Learned:
    """What the data say of a sort of kin."""
    first = believed(sort, records)
    prior = (float((pairs / found.voices).sum()) + _BELIEVED_SORT) / (data.total + _BELIEVED_SORT / first.prior)
    levels = {
        name: _shares(_seen(found, name, pairs) + _BELIEVED_KIN * shares) for name, shares in first.levels.items()
    }
    return Learned(prior, levels)


def _learned_rarity(entry: Comparison, found: Patterns, matches: Floats, others: Floats, total: float) -> Floats:
    """What values of each expected weight (:data:`SCALE`) are worth: rising, and never more than expected."""
    levels, has = found.codes[entry.name], found.bin >= 0
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
    matches, _ = _expected(model, found)
    if matches.sum() < _FEWEST:
        note = f"too few matches to learn from (about {matches.sum():.0f}): declared m probabilities are used"
        kin = {sort.name: believed(sort, model.records) for sort in KIN[model.kind]}
        return replace(model, m=declared(model.kind, "m"), learned={}, alike={}, kin=kin, notes=(note,))
    rounds = len(model.trace)
    pairs = (found.pairs / found.voices).sum()
    note = f"m probabilities learned in {rounds} {agreeing(rounds, 'round')} from {pairs:.0f} candidate pairs"
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
        alike={
            group: {name: rounded(shares) for name, shares in table.items()} for group, table in model.alike.items()
        },
        kin={name: _written_kin(sort) for name, sort in model.kin.items()},
    )


def _written_kin(sort: Learned) -> Learned:
    return Learned(float(f"{sort.prior:.12g}"), {name: rounded(shares) for name, shares in sort.levels.items()})


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
