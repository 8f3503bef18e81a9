"""The pairs that a person must look at, as CSV: both records side by side, and what speaks for and against.

Deciding them is done with ``crm-etl decide`` (or in the decisions file); this file is only for reading.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from crm_etl.match.explain import words
from crm_etl.report.exports import write_csv

FILE = "review.csv"
#: What of each record is shown beside its reference.
SHOWN = ("name", "name_latin", "birth_date", "city")


def write(matches: pd.DataFrame, parties: pd.DataFrame, folder: Path) -> Path:
    """Lay ``review.csv`` down in ``folder``: the doubtful pairs of ``matches``, the likeliest first.

    ``matches`` is schema.MATCHES, ``parties`` schema.PARTY.
    """
    doubtful = matches[matches["verdict"] == "review"]
    doubtful = doubtful.sort_values(["weight", "left_source", "left_key"], ascending=[False, True, True], kind="stable")
    beside = parties[["source", "key", *SHOWN]]
    for side in ("left", "right"):
        named = beside.add_prefix(f"{side}_")
        doubtful = doubtful.merge(named, on=[f"{side}_source", f"{side}_key"], how="left")
    shown = pd.DataFrame(
        {
            "left": doubtful["left_source"] + ":" + doubtful["left_key"],
            "right": doubtful["right_source"] + ":" + doubtful["right_key"],
            "weight": doubtful["weight"].round(2),
            "probability": doubtful["probability"].round(4),
            **{f"{side}_{name}": doubtful[f"{side}_{name}"] for name in SHOWN for side in ("left", "right")},
            "reasons": [_reasons(text) for text in doubtful["reasons"]],
        }
    )
    return write_csv(shown, folder / FILE)


def _reasons(text: str) -> str:
    return "; ".join(
        f"{reason['weight']:+.1f} {words(reason['comparison'], reason['level'])}" for reason in json.loads(text)
    )
