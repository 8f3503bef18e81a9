"""The delivered cells of rows that were refused late, where only their canonical form is still at hand.

Merge and load see no delivered cells of client records: those rest in the state folder, under ``raw/<source>``.
"""

from __future__ import annotations

import json

import pandas as pd

from crm_etl import schema
from crm_etl.storage import State

_LATE = ("merge", "load")


def complete(refused: pd.DataFrame, state: State) -> pd.DataFrame:
    """``refused`` (schema.QUARANTINE) with the delivered cells of every row that the last run has left."""
    late = refused["stage"].isin(_LATE).to_numpy(dtype=bool, na_value=False)
    cells = refused["cells"].to_numpy(dtype=object, na_value=None).copy()
    for name in refused.loc[late, "source"].unique().tolist():
        mine = late & (refused["source"] == name).to_numpy(dtype=bool, na_value=False)
        known = _delivered(state, name, refused.loc[mine, "fingerprint"].dropna().tolist())
        for position in mine.nonzero()[0].tolist():
            cells[position] = known.get(refused["fingerprint"].iat[position], cells[position])
    return refused.assign(cells=pd.array(cells, dtype="string[pyarrow]"))


def _delivered(state: State, source: str, prints: list[str]) -> dict[str, str]:
    """Fingerprint -> JSON of the delivered cells."""
    rows = state.find(f"raw/{source}", "rows", "fingerprint", prints)
    names = [str(name) for name in rows.columns if str(name).startswith(schema.RAW_PREFIX)]
    bare = [name.removeprefix(schema.RAW_PREFIX) for name in names]
    columns = [rows[name].to_numpy(dtype=object, na_value=None).tolist() for name in names]
    return {
        print_: json.dumps(dict(zip(bare, cells, strict=True)), ensure_ascii=False)
        for print_, *cells in zip(rows.get("fingerprint", []), *columns, strict=True)
    }
