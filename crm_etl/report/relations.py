"""What clients are to one another, as a page of counts and references; names stand in the CSV only."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crm_etl.match.relations import RELATIONS, Relation, words
from crm_etl.report.charts import bar_chart
from crm_etl.report.exports import records, write_csv
from crm_etl.report.page import render_template

_SHOWN = 25
#: Relations by how sure they are: least probability, and words for it.
_BANDS = ((0.99, "from 0.99"), (0.9, "0.90 to 0.99"), (0.5, "0.50 to 0.90"))


def write(
    relations: pd.DataFrame, members: pd.DataFrame, parties: pd.DataFrame, folder: Path, title: str = ""
) -> list[Path]:
    """Lay ``relations.html`` and ``relations.csv`` down in ``folder``; the CSV names the clients.

    ``relations`` is schema.RELATIONS, ``members`` schema.MEMBERS, ``parties`` schema.PARTY.
    """
    page = folder / "relations.html"
    told = [_context(relation, relations[relations["relation"] == relation.name]) for relation in RELATIONS]
    page.write_text(render_template("relations.html", title=title, relations=told), encoding="utf-8")
    return [page, write_csv(_named(relations, members, parties), folder / "relations.csv")]


def _context(relation: Relation, rows: pd.DataFrame) -> dict[str, Any]:
    probable = rows["probability"].to_numpy(dtype=np.float64)
    least = np.array([bound for bound, _ in _BANDS])
    bands = np.bincount(np.argmax(probable[:, None] >= least, axis=1), minlength=len(_BANDS))
    return {
        "name": relation.name,
        "mutual": relation.mutual,
        "count": len(rows),
        "clients": len(set(rows["from_id"]) | set(rows["to_id"])),
        "reasons": _reasons(relation, rows),
        "bands": bar_chart(
            [(label, float(count), "") for (_, label), count in zip(_BANDS, bands, strict=True)],
            f"{relation.name} by probability",
        ),
        "rows": [{**row, "reasons": _words(relation, row["reasons"])} for row in records(rows.head(_SHOWN))],
    }


def _reasons(relation: Relation, rows: pd.DataFrame) -> list[dict[str, Any]]:
    """How many relations rest on each reason."""
    counts: Counter[str] = Counter()
    for text, times in rows["reasons"].value_counts().items():
        counts.update({each["reason"]: int(times) for each in json.loads(str(text))})
    return [{"words": reason.words, "bits": reason.bits, "count": counts[reason.name]} for reason in relation.reasons]


def _words(relation: Relation, text: str) -> str:
    return "; ".join(f"{each['weight']:+.1f} {words(relation.name, each['reason'])}" for each in json.loads(text))


def _named(relations: pd.DataFrame, members: pd.DataFrame, parties: pd.DataFrame) -> pd.DataFrame:
    """The relations with a name of each client beside its id."""
    of = members[["source", "key", "client_id"]].merge(parties[["source", "key", "name"]], on=["source", "key"])
    names = of.dropna(subset="name").drop_duplicates("client_id").set_index("client_id")["name"]
    told = {text: _told(str(text)) for text in relations["reasons"].unique()}
    return pd.DataFrame(
        {
            "relation": relations["relation"],
            "from_id": relations["from_id"],
            "from_name": relations["from_id"].map(names),
            "to_id": relations["to_id"],
            "to_name": relations["to_id"].map(names),
            "probability": relations["probability"].round(4),
            "reasons": relations["reasons"].map(told),
        }
    )


def _told(text: str) -> str:
    return "; ".join(f"{each['weight']:+.1f} {each['reason']}" for each in json.loads(text))
