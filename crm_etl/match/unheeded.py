"""Decisions of people that a run did not obey, and why: those that wait for a record, and those that others forbid.

How decisions are obeyed stands in :mod:`crm_etl.match.agglomerate`. Records are named by reference; who decided, and in
which words, stays in the file of decisions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.match import forest
from crm_etl.match.decisions import JUDGED, latest
from crm_etl.match.encode import Ints, Parties
from crm_etl.match.evidence import Evidence
from crm_etl.match.references import locate

Pair = tuple[int, int]
REFUSED, WAITING = "refused", "waiting"
#: Pairs named in the reason of a refusal; more are counted.
_NAMED = 3


def unheeded(decisions: pd.DataFrame | None, parties: Parties, known: Evidence, labels: Ints) -> pd.DataFrame:
    """:data:`schema.UNHEEDED`: what was decided and not obeyed, in the order of the file.

    A decision waits that speaks of a record which is not here: gone, quarantined or misspelt. One of ``unsure`` wants
    nothing, so it is never among them.

    Args:
        decisions: what :func:`crm_etl.match.decisions.read` gave; None is none.
        known: the pairs that clustering looked at, with what people said.
        labels: cluster of each record, (records,).
    """
    if decisions is None or decisions.empty:
        return schema.UNHEEDED.empty()
    last = JUDGED.conform(latest(decisions))
    last = last[last["verdict"] != "unsure"]
    one, other = (locate(parties, last[f"{side}_source"], last[f"{side}_key"]) for side in ("left", "right"))
    rows = last.drop(columns=["who", "at", "why"]).to_dict("records")
    told = list(zip(rows, one.tolist(), other.tolist(), strict=True))
    lines = {_pair(a, b): row["line"] for row, a, b in told}
    forbidding = _Forbidding(parties, known, labels, lines)
    found = [{**row, **_judged(row, a, b, labels, forbidding)} for row, a, b in told]
    return schema.UNHEEDED.build(row for row in found if "state" in row)


def _judged(row: dict[Any, Any], one: int, other: int, labels: Ints, forbidding: _Forbidding) -> dict[str, str]:
    """State and reason of a decision on two positions, -1 where the record is not here; nothing if it was obeyed."""
    missing = [f"{row[f'{side}_source']}:{row[f'{side}_key']}" for side, at in _sides(one, other) if at < 0]
    if missing:
        are = "is" if len(missing) == 1 else "are"
        return {"state": WAITING, "reason": f"{' and '.join(missing)} {are} not in this run"}
    if one == other:
        return {"state": REFUSED, "reason": "both are the same record"}
    if row["verdict"] == "same" and labels[one] != labels[other]:
        return {"state": REFUSED, "reason": forbidding.words(one, other)}
    return {}


def _sides(one: int, other: int) -> tuple[tuple[str, int], tuple[str, int]]:
    return ("left", one), ("right", other)


def _pair(one: int, other: int) -> Pair:
    return (one, other) if one <= other else (other, one)


class _Forbidding:
    """The pairs that people called different, between groups of records that people called the same and that are."""

    def __init__(self, parties: Parties, known: Evidence, labels: Ints, lines: Mapping[Pair, Any]) -> None:
        self._parties, self._lines = parties, lines
        obeyed = known.same & (labels[known.left] == labels[known.right])
        self._group = forest.components(parties.size, known.left[obeyed], known.right[obeyed])
        self._between: dict[Pair, list[Pair]] = defaultdict(list)
        apart = np.flatnonzero(known.different)
        for left, right in zip(known.left[apart].tolist(), known.right[apart].tolist(), strict=True):
            self._between[self._groups(left, right)].append((left, right))

    def words(self, one: int, other: int) -> str:
        """Why two records may not be joined, whatever a person wished."""
        pairs = self._between[self._groups(one, other)]
        named = [self._named(*pair) for pair in pairs[:_NAMED]]
        more = f" and {len(pairs) - _NAMED} more" if len(pairs) > _NAMED else ""
        return f"it would make one client of records that people called different: {', '.join(named)}{more}"

    def _groups(self, one: int, other: int) -> Pair:
        return _pair(int(self._group[one]), int(self._group[other]))

    def _named(self, left: int, right: int) -> str:
        source, key = self._parties.records(np.array([left, right]))
        one, other = (":".join(record) for record in zip(source.tolist(), key.tolist(), strict=True))
        line = self._lines.get((left, right))
        return f"{one} and {other}" + ("" if line is None or pd.isna(line) else f" (line {line})")
