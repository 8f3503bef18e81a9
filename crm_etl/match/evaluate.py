"""How good a linkage is, measured against a truth: pairs, clusters, B-cubed, by sources, by scripts, and blocking.

Pairs are counted from the contingency of clients and entities, never listed. A measure without any case (precision
of no pairs) is 1.0: nothing was done wrong. Records that stand on one side only are counted and left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crm_etl.match.blocking import Blocking
from crm_etl.match.encode import Floats, Ints, Texts, encode

_RECORD = ["source", "key"]


def evaluate(
    members: pd.DataFrame,
    truth: pd.DataFrame,
    parties: pd.DataFrame | None = None,
    blocks: Blocking | None = None,
) -> dict[str, Any]:
    """Compare clusters with the truth.

    Args:
        members: columns source, key, client_id, one row a record.
        truth: columns source, key, entity, one row a record.
        parties: rows of :data:`crm_etl.schema.PARTY`; with them the measures between scripts are told.
        blocks: how ``parties`` were brought together; the recall of blocking is told.

    Returns:
        JSON-able: ``pairwise``, ``cluster`` and ``b_cubed`` with precision, recall and f1; ``by_sources``: the pair
        measures of every two sources, ``a x b``; with ``parties`` also ``by_scripts``: those of every two scripts that
        names are written in, and ``across_scripts``, ``within_scripts``; ``blocking`` or None; ``records`` counts.
    """
    both = _joined(members, truth)
    scripts = None if parties is None else _scripts(both, parties)
    clients, entities = _codes(both["client_id"]), _codes(both["entity"])
    blocking = None if blocks is None or parties is None else _blocking(blocks, parties, truth)
    return {
        "pairwise": _pairs(clients, entities),
        "cluster": _clusters(clients, entities),
        "b_cubed": _b_cubed(clients, entities),
        "by_sources": _by_groups(both["source"].to_numpy(dtype=object), clients, entities),
        **({} if scripts is None else _by_scripts(scripts, clients, entities)),
        "blocking": blocking,
        "records": {
            "compared": len(both),
            "only_in_members": len(members) - len(both),
            "only_in_truth": len(truth) - len(both),
            "clients": int(both["client_id"].nunique()),
            "entities": int(both["entity"].nunique()),
        },
    }


def _joined(members: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    mine = members[[*_RECORD, "client_id"]].astype("string[pyarrow]")
    theirs = truth[[*_RECORD, "entity"]].astype("string[pyarrow]")
    joined: pd.DataFrame = mine.merge(theirs, on=_RECORD, how="inner", validate="one_to_one")
    return joined


def _codes(column: pd.Series) -> Ints:
    return encode(column.to_numpy(dtype=object, na_value=None)).codes


def _sizes(*codes: Ints) -> Ints:
    """Size of each group of equal codes."""
    if not len(codes[0]):
        return np.zeros(0, dtype=np.int64)
    return np.unique(np.column_stack(codes), axis=0, return_counts=True)[1].astype(np.int64)


def _pair_count(sizes: Ints) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _pairs(clients: Ints, entities: Ints) -> dict[str, Any]:
    right = _pair_count(_sizes(clients, entities))
    return _measures(right, _pair_count(_sizes(clients)), _pair_count(_sizes(entities)))


def _measures(right: int, found: int, true: int) -> dict[str, Any]:
    precision = right / found if found else 1.0
    recall = right / true if true else 1.0
    return {**_scores(precision, recall), "right": right, "found": found, "true": true}


def _scores(precision: float, recall: float) -> dict[str, float]:
    total = precision + recall
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / total if total else 0.0}


def _clusters(clients: Ints, entities: Ints) -> dict[str, Any]:
    """Clusters that are exactly one whole entity."""
    if not len(clients):
        return _measures(0, 0, 0)
    cells, sizes = np.unique(np.column_stack([clients, entities]), axis=0, return_counts=True)
    of_clients, of_entities = np.bincount(clients), np.bincount(entities)
    exact = (sizes == of_clients[cells[:, 0]]) & (sizes == of_entities[cells[:, 1]])
    return _measures(int(exact.sum()), len(of_clients), len(of_entities))


def _b_cubed(clients: Ints, entities: Ints) -> dict[str, Any]:
    """Bagga and Baldwin, Algorithms for Scoring Coreference Chains, 1998: averaged over records."""
    if not len(clients):
        return _scores(1.0, 1.0)
    cells, sizes = np.unique(np.column_stack([clients, entities]), axis=0, return_counts=True)
    squares: Floats = sizes.astype(np.float64) ** 2
    precision = float((squares / np.bincount(clients)[cells[:, 0]]).sum() / len(clients))
    recall = float((squares / np.bincount(entities)[cells[:, 1]]).sum() / len(clients))
    return _scores(precision, recall)


def _scripts(both: pd.DataFrame, parties: pd.DataFrame) -> Texts:
    """The script of each record's name, ISO 15924; Zyyy where it is not known."""
    known = parties[[*_RECORD, "script"]].astype("string[pyarrow]")
    joined = both[_RECORD].merge(known, on=_RECORD, how="left", validate="one_to_one")
    scripts: Texts = joined["script"].fillna("Zyyy").to_numpy(dtype=object)
    return scripts


def _by_scripts(scripts: Texts, clients: Ints, entities: Ints) -> dict[str, Any]:
    tables = _by_groups(scripts, clients, entities)

    def together(across: bool) -> dict[str, Any]:
        chosen = [row for name, row in tables.items() if (len(set(name.split(" x "))) > 1) == across]
        return _measures(*(sum(row[count] for row in chosen) for count in ("right", "found", "true")))

    return {"across_scripts": together(True), "within_scripts": together(False), "by_scripts": tables}


def _by_groups(group: Texts, clients: Ints, entities: Ints) -> dict[str, Any]:
    """Measures of the pairs between every two groups of records, and within each."""
    names = sorted(set(group.tolist()))
    found: dict[str, Any] = {}
    for at, one in enumerate(names):
        for other in names[at:]:
            counts = [_between(codes, group, one, other) for codes in (_joint(clients, entities), clients, entities)]
            found[f"{one} x {other}"] = _measures(*counts)
    return found


def _joint(clients: Ints, entities: Ints) -> Ints:
    return clients * np.int64(entities.max(initial=0) + 1) + entities


def _between(codes: Ints, group: Texts, one: str, other: str) -> int:
    """Pairs of equal codes with one record in each of two groups, or both in the one group."""
    if one == other:
        return _pair_count(_sizes(codes[group == one]))
    _, dense = np.unique(codes, return_inverse=True)
    groups = int(dense.max(initial=-1)) + 1
    ours = np.bincount(dense[group == one], minlength=groups)
    return int((ours * np.bincount(dense[group == other], minlength=groups)).sum())


def _blocking(blocks: Blocking, parties: pd.DataFrame, truth: pd.DataFrame) -> dict[str, Any]:
    """Share of the true pairs that blocking brought together, and of all pairs that it spared."""
    records = parties[_RECORD].astype("string[pyarrow]").sort_values(_RECORD, ignore_index=True)
    entity = _codes(
        records.merge(truth[[*_RECORD, "entity"]].astype("string[pyarrow]"), on=_RECORD, how="left")["entity"]
    )
    left, right = _true_pairs(entity)
    met = int(blocks.covers(left, right).sum())
    made = sum(len(blocks.pairs(chunk)[0]) for chunk in blocks.chunks())
    every = len(parties) * (len(parties) - 1) // 2
    return {
        "recall": met / len(left) if len(left) else 1.0,
        "met": met,
        "true": len(left),
        "candidates": made,
        "reduction": 1.0 - made / every if every else 0.0,
    }


def _true_pairs(entity: Ints) -> tuple[Ints, Ints]:
    """Positions of every two records of one entity; -1 is none."""
    order = np.argsort(entity, kind="stable")
    order = order[entity[order] >= 0]
    groups = np.split(order, np.flatnonzero(np.diff(entity[order])) + 1)
    pairs = [group[np.array(np.triu_indices(len(group), k=1))] for group in groups]
    left, right = np.concatenate([np.zeros((2, 0), dtype=np.int64), *pairs], axis=1)
    return left, right
