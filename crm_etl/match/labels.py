"""What people decided, as pairs to learn from: labels are few and of doubtful pairs, but they are sure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_etl.match.decisions import latest
from crm_etl.match.encode import Flags, Ints, Parties

#: Decided pairs of a kind under which the model is learned without them: one verdict must not move other clients.
FEWEST_LABELS = 50


def labelled(parties: Parties, decisions: pd.DataFrame | None, kind: int) -> tuple[Ints, Ints, Flags]:
    """Positions of the pairs of one kind that people called the same or different, left < right, and which it was.

    Of several judgements on one pair the last counts; records that are not here, and doubts, are left out.
    """
    if decisions is None or decisions.empty or not parties.size:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_)
    last = latest(decisions)
    last = last[last["verdict"].isin(["same", "different"])]
    records = pd.MultiIndex.from_arrays([parties.column("source"), parties.column("key")])
    one, other = (_positions(records, last, side) for side in ("left", "right"))
    known = (one >= 0) & (other >= 0) & (one != other)
    known &= (parties.kind[one] == kind) & (parties.kind[other] == kind)
    left, right = np.minimum(one, other)[known], np.maximum(one, other)[known]
    order = np.lexsort((right, left))
    same: Flags = last["verdict"].to_numpy(dtype=object)[known][order] == "same"
    return left[order], right[order], same.astype(np.bool_)


def _positions(records: pd.MultiIndex, decisions: pd.DataFrame, side: str) -> Ints:
    """Position of one side's record in each decision, -1 where it is not here."""
    asked = pd.MultiIndex.from_frame(decisions[[f"{side}_source", f"{side}_key"]].astype(object))
    return np.asarray(records.get_indexer(asked), dtype=np.int64)
