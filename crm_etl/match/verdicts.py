"""The matches that people see: pairs with their verdict and their waterfall of reasons, without any value."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.match.compare import COMPARISONS
from crm_etl.match.encode import Flags, Floats, Ints, Parties, Texts
from crm_etl.match.evidence import Evidence
from crm_etl.match.model import KindModel, probability
from crm_etl.match.scoring import Judged, judge
from crm_etl.migration import Matching

#: Decimals of the weights in a waterfall.
_DECIMALS = 3
#: Contradicted pairs that weigh less are not worth a look: no contradiction takes that much from a good pair.
_HOPELESS = -12.0


def matches_frame(
    parties: Parties, known: Evidence, labels: Ints, models: dict[int, KindModel], matching: Matching
) -> pd.DataFrame:
    """:data:`schema.MATCHES` of the pairs worth showing, the heaviest first.

    Shown are pairs from ``matching.review`` upwards, pairs that people decided, and forbidden pairs that would be
    worth a look but for what contradicts.
    """
    decided = np.asarray(known.said != None, dtype=np.bool_)  # noqa: E711 (element by element)
    probable = probability(known.weight) >= matching.review
    doubtful = np.flatnonzero(known.forbidden & ~probable & ~decided & (known.weight >= _HOPELESS))
    shown = probable | decided
    shown[doubtful[_worth_a_look(parties, known.take(doubtful), models, matching.review)]] = True
    chosen = known.take(np.flatnonzero(shown))
    order = np.lexsort((chosen.right, chosen.left, -chosen.weight))
    return _frame(parties, chosen.take(order), labels, models)


def _frame(parties: Parties, pairs: Evidence, labels: Ints, models: dict[int, KindModel]) -> pd.DataFrame:
    left, right = pairs.left, pairs.right
    merged = labels[pairs.left] == labels[pairs.right]
    verdict = np.select([merged, pairs.forbidden | pairs.different], ["match", "forbidden"], default="review")
    alone = pairs.unsupported & (pairs.weight > 0) & ~pairs.forbidden & ~merged
    left_source, left_key = parties.records(left)
    right_source, right_key = parties.records(right)
    return schema.MATCHES.conform(
        pd.DataFrame(
            {
                "left_source": left_source,
                "left_key": left_key,
                "right_source": right_source,
                "right_key": right_key,
                schema.WEIGHT: pairs.weight,
                schema.PROBABILITY: probability(pairs.weight),
                "verdict": verdict,
                "reasons": _reasons(parties, left, right, pairs, alone, models),
            }
        )
    )


def _worth_a_look(parties: Parties, pairs: Evidence, models: dict[int, KindModel], review: float) -> Flags:
    """Contradicted pairs for which everything else speaks."""
    found = np.zeros(len(pairs.left), dtype=np.bool_)
    left, right = pairs.left, pairs.right
    for kind, model in models.items():
        at = np.flatnonzero((parties.kind[left] == kind) & (parties.kind[right] == kind))
        if len(at):
            parts = judge(model, parties, left[at], right[at]).parts
            found[at] = probability(np.maximum(parts, 0.0).sum(axis=1) + model.prior_weight) >= review
    return found


def _reasons(
    parties: Parties, left: Ints, right: Ints, pairs: Evidence, alone: Flags, models: dict[int, KindModel]
) -> Texts:
    """JSON of the waterfall of each pair; the weights add up to the match weight."""
    texts = np.full(len(left), "", dtype=object)
    for kind, model in models.items():
        at = np.flatnonzero((parties.kind[left] == kind) & (parties.kind[right] == kind))
        if len(at):
            texts[at] = _waterfalls(model, judge(model, parties, left[at], right[at]))
    words = {None: ""} | {v: _reason("decision", v, 0.0) for v in ("same", "different", "unsure")}
    namesakes = {False: "", True: _reason("name", "alone", 0.0)}
    rows = zip(texts.tolist(), alone.tolist(), pairs.said.tolist(), strict=True)
    whole = [
        "[" + ", ".join(part for part in (text, namesakes[lone], words[verdict]) if part) + "]"
        for text, lone, verdict in rows
    ]
    return np.array(whole, dtype=object)


def _waterfalls(model: KindModel, judged: Judged) -> list[str]:
    columns = [
        _fragments(entry.name, [level.name for level in entry.levels], judged.codes[entry.name], judged.parts[:, at])
        for at, entry in enumerate(COMPARISONS[model.kind])
    ]
    prior = _reason("prior", "any two records", model.prior_weight)
    return [", ".join([prior, *(part for part in row if part)]) for row in zip(*columns, strict=True)]


def _fragments(name: str, levels: list[str], codes: Floats | Ints | object, parts: Floats) -> list[str]:
    """One reason a pair, empty where there is no evidence; written once for each distinct level and weight."""
    frame = pd.DataFrame({"code": codes, "bits": np.round(parts, _DECIMALS)})
    number = frame.groupby(["code", "bits"], sort=False).ngroup().to_numpy()
    distinct = frame.drop_duplicates()
    texts = [
        "" if code < 0 else _reason(name, levels[int(code)], bits)
        for code, bits in zip(distinct["code"], distinct["bits"], strict=True)
    ]
    return [texts[at] for at in number.tolist()]


def _reason(name: str, level: str, weight: float) -> str:
    return json.dumps({"comparison": name, "level": level, "weight": round(float(weight), _DECIMALS)})
