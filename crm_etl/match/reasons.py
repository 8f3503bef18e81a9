"""The waterfall of each pair as text: which comparison found which level, and the bits that it is worth; no value."""

from __future__ import annotations

import json
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crm_etl.match.compare import COMPARISONS
from crm_etl.match.encode import Flags, Floats, Ints, Levels, Parties
from crm_etl.match.evidence import SAID, Evidence, by_kind
from crm_etl.match.kin import KIN
from crm_etl.match.model import KindModel, count
from crm_etl.match.signs import contradicting, contradictions

#: Decimals of the weights.
_DECIMALS = 3
#: Pairs written at a time.
_CHUNK = 100_000


class Remarks(NamedTuple):
    """What is said of pairs beside their comparisons; all (pairs,).

    ``alone``: they wait because nothing but the name agrees; ``others``: because their names differ and no number of
    both is known. ``bridge``: matches between two clients. ``refused``: a person called them the same, which other
    decisions forbid.
    """

    alone: Flags
    others: Flags
    bridge: Flags
    refused: Flags

    def part(self, start: int, end: int) -> Remarks:
        return Remarks(*(flags[start:end] for flags in self))


def of_two_kinds(written: pd.Series) -> Flags:
    """Which pairs are of a person and an organization, by their reasons as :func:`reasons` writes them."""
    found: Flags = written.str.contains(_TWO_KINDS, regex=False).fillna(False).to_numpy(dtype=np.bool_)
    return found


def parts_of(parties: Parties, model: KindModel, pairs: Evidence) -> Floats:
    """Bits of each comparison for pairs of one kind, then of each sort of kin: (pairs, parts)."""
    return model.waterfall(pairs.codes(model.kind), count(model.kind, parties, pairs.left, pairs.right))


def reasons(
    parties: Parties, pairs: Evidence, remarks: Remarks, models: dict[int, KindModel]
) -> pd.api.extensions.ExtensionArray:
    """JSON list of {comparison, level, weight} a pair; the weights add up to the match weight."""
    chunks = [
        _written(parties, pairs.take(np.arange(start, end)), remarks.part(start, end), models)
        for start, end in _chunks(len(pairs.left))
    ]
    return pd.array(pa.chunked_array(chunks, type=pa.string()), dtype="string[pyarrow]")


def _chunks(size: int) -> list[tuple[int, int]]:
    return [(start, min(start + _CHUNK, size)) for start in range(0, size, _CHUNK)]


def _written(parties: Parties, pairs: Evidence, remarks: Remarks, models: dict[int, KindModel]) -> pa.Array:
    size = len(pairs.left)
    columns = [_chosen([None, _TWO_KINDS], parties.kind[pairs.left] != parties.kind[pairs.right])]
    for kind, at in by_kind(parties, pairs.left, pairs.right):
        columns += [_spread(column, at, size) for column in _waterfall(parties, models[kind], pairs.take(at))]
    said = [None, *(_reason("decision", word, 0.0) for word in (*SAID[1:], "refused"))]
    columns += [
        _chosen([None, _reason("name", "alone", 0.0)], remarks.alone),
        _chosen([None, _reason("name", "others", 0.0)], remarks.others),
        _chosen([None, _reason("client", "bridge", 0.0)], remarks.bridge),
        _chosen(said, np.where(remarks.refused, len(SAID), pairs.said)),
    ]
    joined = pc.binary_join_element_wise(*columns, ", ", null_handling="skip")
    return pc.binary_join_element_wise("[", joined, "]", "")


def _waterfall(parties: Parties, model: KindModel, pairs: Evidence) -> list[pa.Array]:
    """Reasons of pairs of one kind, a column a comparison, null where there is no evidence."""
    parts, codes = parts_of(parties, model, pairs), pairs.codes(model.kind)
    prior = pa.array([_reason("prior", "any two records", model.prior_weight)] * len(pairs.left))
    named = [(entry.name, [level.name for level in entry.levels]) for entry in COMPARISONS[model.kind]]
    columns = [_column(name, levels, codes[name], parts[:, at]) for at, (name, levels) in enumerate(named)]
    kin = [sort.name for sort in KIN[model.kind] if sort.name in model.kin]
    taken = [_taken(name, parts[:, len(named) + at]) for at, name in enumerate(kin)]
    against = [None, *(_reason("contradiction", names, 0.0) for names in contradicting(model.kind))]
    return [prior, *columns, *taken, _chosen(against, contradictions(model.kind, codes))]


def _taken(kin: str, parts: Floats) -> pa.Array:
    """What a sort of kin takes, null where that is nothing that could be read."""
    levels = np.where(parts < -(0.5 / 10**_DECIMALS), 0, -1).astype(np.int8)
    return _column("kin", [kin], levels, parts)


def _column(name: str, levels: list[str], codes: Levels, parts: Floats) -> pa.Array:
    """One reason a pair, written once for each distinct level and weight."""
    unit = 10**_DECIMALS
    worth = np.rint(parts * unit).astype(np.int64) * (len(levels) + 1) + codes + 1
    number, found = pd.factorize(worth)
    bits, code = np.divmod(found, len(levels) + 1)
    texts = [
        None if level == 0 else _reason(name, levels[level - 1], value / unit)
        for level, value in zip(code.tolist(), bits.tolist(), strict=True)
    ]
    return _chosen(texts, number)


def _chosen(texts: list[str | None], number: Ints | Levels | Flags) -> pa.Array:
    return pa.array(texts, type=pa.string()).take(pa.array(number.astype(np.int64)))


def _spread(column: pa.Array, at: Ints, size: int) -> pa.Array:
    """A column over the pairs ``at`` as one over all pairs, null elsewhere."""
    if len(at) == size:
        return column
    places = np.full(size, -1, dtype=np.int64)
    places[at] = np.arange(len(at))
    return column.take(pa.array(places, mask=places < 0))


def _reason(comparison: str, level: str, weight: float) -> str:
    return json.dumps({"comparison": comparison, "level": level, "weight": round(float(weight), _DECIMALS)})


_TWO_KINDS = _reason("kind", "differs", 0.0)
