"""The clients that a person should look at, as CSV: how each hangs together, by record reference, without any value."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from crm_etl.report.exports import write_csv

FILE = "flagged.csv"
#: Records named of each client; more are counted in its size.
_NAMED = 5


def write(flagged: pd.DataFrame, members: pd.DataFrame, folder: Path) -> Path:
    """Lay ``flagged.csv`` down in ``folder``: the clients of ``flagged``, in its order, with some of their records.

    ``flagged`` is what :func:`crm_etl.match.members.to_look_at` gave of ``members`` (schema.MEMBERS).
    """
    theirs = members[members["client_id"].isin(flagged["client_id"])].groupby("client_id").head(_NAMED)
    named = (theirs["source"] + ":" + theirs["key"]).groupby(theirs["client_id"]).agg(", ".join)
    shown = flagged.assign(
        records=flagged["client_id"].map(named),
        density=flagged["density"].round(3),
        weakest=flagged["weakest"].round(2),
    )
    return write_csv(shown, folder / FILE)
