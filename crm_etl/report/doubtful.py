"""The pairs that a person must look at, as CSV: both records side by side, and what speaks for and against.

Deciding them is done with ``crm-etl decide`` (or in the decisions file); this file is only for reading.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from crm_etl.match.explain import words
from crm_etl.report.exports import write_csv

FILE = "review.csv"
#: What of each record is shown beside its reference.
SHOWN = (
    "name",
    "name_latin",
    "birth_date",
    "phones",
    "emails",
    "identifiers",
    "city",
    "postal_code",
    "street",
    "address_raw",
    "file",
    "sheet",
    "line",
)
_LISTS = ("phones", "emails", "identifiers")
#: Verdicts of pairs that are listed, in their order.
_VERDICTS = ("review", "forbidden")


def to_decide(matches: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``matches`` (schema.MATCHES) for a person: doubtful ones, and those that contradict themselves.

    A pair that a person called different is forbidden too, but has been decided.
    """
    pairs = matches[matches["verdict"].isin(_VERDICTS)]
    decided = [
        verdict == "forbidden" and _called_different(reasons)
        for verdict, reasons in zip(pairs["verdict"], pairs["reasons"], strict=True)
    ]
    return pairs[~np.array(decided, dtype=np.bool_)]


def write(matches: pd.DataFrame, parties: pd.DataFrame, folder: Path) -> Path:
    """Lay ``review.csv`` down in ``folder``: the pairs to decide, doubtful ones first, the likeliest on top.

    ``matches`` is schema.MATCHES, ``parties`` schema.PARTY.
    """
    pairs = to_decide(matches)
    pairs = pairs.assign(place=pairs["verdict"].map(_VERDICTS.index))
    order = ["place", "weight", "left_source", "left_key"]
    pairs = pairs.sort_values(order, ascending=[True, False, True, True], kind="stable")
    sides = {side: _records(pairs, parties, side) for side in ("left", "right")}
    shown = {
        "left": pairs["left_source"] + ":" + pairs["left_key"],
        "right": pairs["right_source"] + ":" + pairs["right_key"],
        "verdict": pairs["verdict"],
        "weight": pairs["weight"].round(2),
        "probability": pairs["probability"].round(4),
    }
    shown = {name: column.reset_index(drop=True) for name, column in shown.items()}
    shown |= {f"{side}_{name}": records[name] for name in SHOWN for side, records in sides.items()}
    reasons = pd.Series([_reasons(text) for text in pairs["reasons"]], dtype="string[pyarrow]")
    return write_csv(pd.DataFrame(shown | {"reasons": reasons}), folder / FILE)


def _records(pairs: pd.DataFrame, parties: pd.DataFrame, side: str) -> pd.DataFrame:
    """What is shown of the records on one side, a row a pair; lists as text."""
    wanted = pairs[[f"{side}_source", f"{side}_key"]].set_axis(["source", "key"], axis="columns")
    beside = parties.loc[parties["key"].isin(wanted["key"]), ["source", "key", *SHOWN]]
    found = wanted.merge(beside, on=["source", "key"], how="left")
    return found.assign(**{name: found[name].map(", ".join, na_action="ignore") for name in _LISTS})


def _called_different(reasons: str) -> bool:
    return any((one["comparison"], one["level"]) == ("decision", "different") for one in json.loads(reasons))


def _reasons(text: str) -> str:
    return "; ".join(
        f"{reason['weight']:+.1f} {words(reason['comparison'], reason['level'])}" for reason in json.loads(text)
    )
