"""How good a linkage is, measured against a truth: pairs, clusters, B-cubed, by sources and by scripts.

Pairs are counted from the contingency of clients and entities, never listed. A measure without any case (precision
of no pairs) is 1.0: nothing was done wrong. Records that stand on one side only are counted and left out. Blocking
against the truth: :mod:`crm_etl.match.recall`; thresholds: :mod:`crm_etl.match.curves`; without a truth:
:mod:`crm_etl.match.estimates`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_matrix, csr_matrix

from crm_etl.match.encode import Floats, Ints, Texts, distinct

_RECORD = ["source", "key"]
#: ISO 15924: no script is known.
_NO_SCRIPT = "Zyyy"


def evaluate(members: pd.DataFrame, truth: pd.DataFrame, parties: pd.DataFrame | None = None) -> dict[str, Any]:
    """Compare clusters with the truth.

    Args:
        members: columns source, key, client_id, one row a record.
        truth: columns source, key, entity, one row a record.
        parties: columns source, key, script; with it the measures between scripts are told.

    Returns:
        JSON-able: ``pairwise``, ``cluster`` and ``b_cubed`` with precision, recall and f1; ``by_sources``: the pair
        measures of every two sources, ``a x b``; with ``parties`` also ``by_scripts``: those of every two scripts that
        names are written in, and ``across_scripts``, ``within_scripts``; ``records`` counts.
    """
    mine, theirs = matching_rows(members, truth)
    clients = _numbers(members["client_id"].take(mine))
    entities = _numbers(truth["entity"].take(theirs))
    sources = members["source"].take(mine).to_numpy(dtype=object)
    scripts = None if parties is None else _scripts(members.take(mine), parties)
    return {
        "pairwise": pair_measures(clients, entities),
        **cluster_measures(clients, entities),
        "by_sources": _by_groups(sources, clients, entities),
        **({} if scripts is None else _by_scripts(scripts, clients, entities)),
        "records": {
            "compared": len(mine),
            "only_in_members": len(members) - len(mine),
            "only_in_truth": len(truth) - len(theirs),
            "clients": _kinds(clients),
            "entities": _kinds(entities),
        },
    }


def matching_rows(one: pd.DataFrame, other: pd.DataFrame) -> tuple[Ints, Ints]:
    """Rows of two frames that speak of the same record (source, key): places in ``one`` and in ``other``.

    Raises:
        ValueError: a record stands twice in a frame.
    """
    size = len(one)
    numbers = np.zeros(size + len(other), dtype=np.int64)
    for name in _RECORD:
        both = pd.concat([one[name], other[name]], ignore_index=True).astype("string[pyarrow]")
        codes, values = pd.factorize(both)
        numbers = numbers * np.int64(len(values) + 1) + codes + 1
    if any(len(distinct(part)) < len(part) for part in (numbers[:size], numbers[size:])):
        raise ValueError("a record stands twice")
    order = np.argsort(numbers[size:], kind="stable").astype(np.int64)
    wanted = numbers[size:][order]
    at = np.minimum(np.searchsorted(wanted, numbers[:size]), max(len(wanted) - 1, 0))
    found = np.flatnonzero(wanted[at] == numbers[:size]) if len(wanted) else np.zeros(0, dtype=np.int64)
    return found.astype(np.int64), order[at[found]]


def pair_count(codes: Ints) -> int:
    """Pairs of equal codes; codes are dense, -1 is none."""
    sizes = np.bincount(codes[codes >= 0])
    return int((sizes * (sizes - 1) // 2).sum())


def measures(right: int, found: int, true: int) -> dict[str, Any]:
    """Precision, recall and F1 of ``found`` pairs of which ``right`` are among the ``true`` ones."""
    precision = right / found if found else 1.0
    recall = right / true if true else 1.0
    return {**_scores(precision, recall), "right": right, "found": found, "true": true}


def _scores(precision: float, recall: float) -> dict[str, float]:
    total = precision + recall
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / total if total else 0.0}


def dense(numbers: Ints) -> Ints:
    """0, 1, … for the distinct ``numbers``, in the order in which they appear."""
    return np.asarray(pd.factorize(numbers)[0], dtype=np.int64)


def _numbers(column: pd.Series) -> Ints:
    return np.asarray(pd.factorize(column.astype("string[pyarrow]"))[0], dtype=np.int64)


def _kinds(codes: Ints) -> int:
    return int(codes.max(initial=-1)) + 1


def _joint(clients: Ints, entities: Ints) -> Ints:
    """One dense code for each client and entity that share records."""
    return dense(clients * np.int64(_kinds(entities)) + entities)


def pair_measures(clients: Ints, entities: Ints) -> dict[str, Any]:
    """Measures of the pairs of one client; dense codes, one a record."""
    return measures(*(pair_count(codes) for codes in (_joint(clients, entities), clients, entities)))


def cluster_measures(clients: Ints, entities: Ints) -> dict[str, Any]:
    """``cluster``: clusters that are exactly one whole entity; ``b_cubed``: averaged over the records. Dense codes.

    B-cubed: Bagga and Baldwin, Algorithms for Scoring Coreference Chains, 1998.
    """
    if not len(clients):
        return {"cluster": measures(0, 0, 0), "b_cubed": _scores(1.0, 1.0)}
    shared = _sizes(_joint(clients, entities))
    of_client, of_entity = _sizes(clients), _sizes(entities)
    exact = float((((shared == of_client) & (shared == of_entity)) / shared).sum())
    return {
        "cluster": measures(round(exact), _kinds(clients), _kinds(entities)),
        "b_cubed": _scores(float((shared / of_client).mean()), float((shared / of_entity).mean())),
    }


def _sizes(codes: Ints) -> Floats:
    """Records that have the code of each record."""
    return np.bincount(codes)[codes].astype(np.float64)


def _scripts(members: pd.DataFrame, parties: pd.DataFrame) -> Texts:
    """The script of each member's name, ISO 15924."""
    scripts: Texts = np.full(len(members), _NO_SCRIPT, dtype=object)
    ours, theirs = matching_rows(members, parties)
    scripts[ours] = parties["script"].take(theirs).fillna(_NO_SCRIPT).to_numpy(dtype=object)
    return scripts


def _by_scripts(scripts: Texts, clients: Ints, entities: Ints) -> dict[str, Any]:
    tables = _by_groups(scripts, clients, entities)

    def together(across: bool) -> dict[str, Any]:
        chosen = [row for name, row in tables.items() if (len(set(name.split(" x "))) > 1) == across]
        return measures(*(sum(row[count] for row in chosen) for count in ("right", "found", "true")))

    return {"across_scripts": together(True), "within_scripts": together(False), "by_scripts": tables}


def _by_groups(group: Texts, clients: Ints, entities: Ints) -> dict[str, Any]:
    """Measures of the pairs between every two groups of records, and within each."""
    codes, names = pd.factorize(group, sort=True)
    counts = [_between(part, codes, len(names)) for part in (_joint(clients, entities), clients, entities)]
    return {
        f"{one} x {other}": measures(*(int(count[at, to]) for count in counts))
        for at, one in enumerate(names)
        for to, other in enumerate(names)
        if at <= to
    }


def _between(codes: Ints, group: Ints, groups: int) -> Ints:
    """Pairs of equal codes with one record in each of two groups, or both in the one group: (groups, groups)."""
    cells = (np.ones(len(codes), dtype=np.int64), (codes, group))
    table: csr_matrix = coo_matrix(cells, shape=(_kinds(codes), groups)).tocsr()
    met: Ints = (table.T @ table).toarray().astype(np.int64)
    within = np.arange(groups)
    met[within, within] = (met[within, within] - np.bincount(group, minlength=groups)) // 2
    return met
