"""Why two records are one client, or are not: the waterfall of a pair and the evidence of a client, in words.

Reads what clustering wrote (:data:`schema.MEMBERS`, :data:`schema.MATCHES`); names records by reference and never
shows a value.
"""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from crm_etl.faults import Fault
from crm_etl.match.compare import COMPARISONS

_VERDICTS = {
    "match": "one client",
    "review": "a person must look",
    "forbidden": "not one client: they contradict each other",
}
_DECISIONS = {"same": "a person called them the same", "different": "a person called them different"}


def words(comparison: str, level: str) -> str:
    """A level in words."""
    if comparison == "prior":
        return "before any comparison: how likely any two records are one client"
    if (comparison, level) == ("name", "alone"):
        return "nothing but the name agrees, and too many could bear it: not merged without a person"
    if comparison == "kind":
        return "a person and an organization"
    if (comparison, level) == ("client", "bridge"):
        return "the two match, but the records around them speak against it: not merged without a person"
    if comparison == "decision":
        return _DECISIONS.get(level, "a person was unsure")
    for table in COMPARISONS.values():
        for entry in table:
            for known in entry.levels:
                if (entry.name, known.name) == (comparison, level):
                    return known.words
    return level


def explain_pair(match: pd.Series | dict[str, Any]) -> str:
    """The waterfall of one row of MATCHES, a line a comparison, adding up to the match weight.

    A positive weight of n bits says: 2^n times likelier between records of one client than between others.
    """
    ours = f"{match['left_source']}:{match['left_key']}"
    theirs = f"{match['right_source']}:{match['right_key']}"
    lines = [f"{ours} and {theirs}: {_VERDICTS[str(match['verdict'])]}"]
    for reason in json.loads(str(match["reasons"])):
        lines.append(f"  {reason['weight']:+8.2f}  {words(reason['comparison'], reason['level'])}")
    lines.append(f"  {float(match['weight']):+8.2f}  match weight; probability {float(match['probability']):.4f}")
    return "\n".join(lines)


def explain_client(client_id: str, members: pd.DataFrame, matches: pd.DataFrame) -> str:
    """Why the records of a client are together: the strongest pairs that span it, each with its waterfall.

    Raises:
        Fault: there is no such client.
    """
    records = members[members["client_id"] == client_id]
    if records.empty:
        raise Fault(f"no client '{client_id}'", remedy="name one of the client_id column of the members")
    names = {(row.source, row.key) for row in records.itertuples()}
    lines = [f"client {client_id}: {len(names)} {'record' if len(names) == 1 else 'records'}"]
    lines += [f"  {source}:{key}" for source, key in sorted(names)]
    return "\n\n".join(["\n".join(lines), *(explain_pair(row) for row in _spanning(names, matches))])


def _spanning(names: set[tuple[str, str]], matches: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of the strongest tree over the records (Kruskal); as much of it as ``matches`` holds."""
    inside = matches[
        matches["left_source"].isin([name[0] for name in names]) & matches["left_key"].isin([name[1] for name in names])
    ].sort_values("weight", ascending=False, kind="stable")
    root = {name: name for name in names}
    chosen = []
    for row in inside.to_dict("records"):
        one, other = (row["left_source"], row["left_key"]), (row["right_source"], row["right_key"])
        if one in root and other in root and root[one] != root[other]:
            gone = root[other]
            root = {name: root[one] if top == gone else top for name, top in root.items()}
            chosen.append(row)
    return chosen
