"""Why records are one client, or are not: the waterfall of any pair and the evidence of a client, in words.

Reads what clustering wrote (:data:`schema.MEMBERS`, :data:`schema.MATCHES`); names records by reference and never
shows a value. What the model says of a pair that clustering did not keep stands in :mod:`crm_etl.match.verdicts`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from crm_etl.faults import Fault
from crm_etl.match.compare import COMPARISONS
from crm_etl.match.kin import KIN
from crm_etl.number import counted

Record = tuple[str, str]
Match = dict[str, Any]

_VERDICTS = {
    "match": "one client",
    "review": "a person must look",
    "forbidden": "not one client: a person called them different",
    "apart": "not one client: too little speaks for it",
}
_CONTRADICTED = "not one client: they contradict each other"
_TWO_KINDS = {
    "match": "one client, though one is a person and the other an organization",
    "forbidden": "not one client: one is a person, the other an organization",
}
_DECISIONS = {
    "same": "a person called them the same",
    "different": "a person called them different",
    "refused": "a person called them the same: not obeyed, for other decisions forbid it",
}
_REMARKS = {
    ("name", "alone"): "nothing but the name agrees, and too many could bear it: not merged without a person",
    (
        "name",
        "others",
    ): "their names differ and no number of both is known; relatives share as much: not merged without a person",
    ("client", "bridge"): "the two match, but the records around them speak against it: not merged without a person",
}
_FLAGS = {
    "large": "it has very many records",
    "loose": "most of its pairs do not match by themselves",
    "contradiction": "it holds records that contradict each other",
    "bridge": "it matches records of other clients",
}
#: Pairs shown of those that speak against a client, and of those that connect it with others.
_SHOWN = 5
#: Pairs that span a client and records that are shown at most; of more the weakest pairs.
_TREE, _LISTED = 20, 40


def words(comparison: str, level: str) -> str:
    """A level in words."""
    if comparison == "prior":
        return "before any comparison: how likely any two records are one client"
    if comparison == "kind":
        return "a person and an organization"
    if comparison == "decision":
        return _DECISIONS.get(level, "a person was unsure")
    if comparison == "contradiction":
        differing = " and ".join(name.replace("_", " ") for name in level.split("+"))
        return f"{differing} contradict: not one client, whatever else agrees"
    if comparison == "kin":
        return next((kin.words for table in KIN.values() for kin in table if kin.name == level), level)
    if (comparison, level) in _REMARKS:
        return _REMARKS[comparison, level]
    for table in COMPARISONS.values():
        for entry in table:
            for known in entry.levels:
                if (entry.name, known.name) == (comparison, level):
                    return known.words
    return level


def explain_pair(match: pd.Series | Match) -> str:
    """The waterfall of one row of MATCHES, a line a comparison, adding up to the match weight.

    A positive weight of n bits says: 2^n times likelier between records of one client than between others.
    """
    one, other = sides(match)
    reasons = _reasons(match)
    lines = [f"{':'.join(one)} and {':'.join(other)}: {_verdict(match)}"]
    if of_two_kinds(match):  # which are never compared: no weight says anything
        said = [reason for reason in reasons if reason["comparison"] != "kind"]
        return "\n".join([*lines, *(f"  {words(reason['comparison'], reason['level'])}" for reason in said)])
    for reason in reasons:
        lines.append(f"  {reason['weight']:+8.2f}  {words(reason['comparison'], reason['level'])}")
    lines.append(f"  {float(match['weight']):+8.2f}  match weight; probability {float(match['probability']):.4f}")
    return "\n".join(lines)


def _verdict(match: pd.Series | Match) -> str:
    verdict = str(match["verdict"])
    if of_two_kinds(match):
        return _TWO_KINDS[verdict]
    if verdict == "forbidden" and _names(match, "contradiction"):
        return _CONTRADICTED
    return _VERDICTS[verdict]


def of_two_kinds(match: pd.Series | Match) -> bool:
    """Whether a pair is of a person and an organization."""
    return _names(match, "kind")


def _names(match: pd.Series | Match, comparison: str) -> bool:
    return any(reason["comparison"] == comparison for reason in _reasons(match))


def _reasons(match: pd.Series | Match) -> list[dict[str, Any]]:
    reasons: list[dict[str, Any]] = json.loads(str(match["reasons"]))
    return reasons


def explain_client(client_id: str, members: pd.DataFrame, matches: pd.DataFrame, light: Sequence[Match] = ()) -> str:
    """Why the records of a client are together: the strongest pairs that span it, each with its waterfall.

    Then what speaks against it, the worst first, and the strongest pairs between this client and others.

    Args:
        client_id: the client.
        members, matches: what clustering wrote.
        light: pairs within the client that ``matches`` leaves out, as rows of MATCHES.

    Raises:
        Fault: there is no such client.
    """
    records = members[members["client_id"] == client_id]
    if records.empty:
        raise Fault(f"no client '{client_id}'", remedy="name one of the client_id column of the members")
    names = _references(records)
    touching = _touching(names, matches)
    inside = [match for match in touching if set(sides(match)) <= names]
    across = [match for match in touching if not set(sides(match)) <= names]
    parts = [_heading(client_id, records), *_bonds(_spanning(names, inside))]
    against = sorted(filter(_contradicts, [*inside, *light]), key=_worst_first)
    if against:
        parts += ["within the client, against it:", *map(explain_pair, against[:_SHOWN])]
    if len(against) > _SHOWN:
        parts.append(f"and {counted(len(against) - _SHOWN, 'more pair')} against it")
    if across:
        parts += ["between this client and others:", *map(explain_pair, across[:_SHOWN])]
    return "\n\n".join(parts)


def _bonds(tree: Sequence[Match]) -> list[str]:
    """The pairs that span a client; of very many the weakest, which are those that one may doubt."""
    if len(tree) <= _TREE:
        return [explain_pair(match) for match in tree]
    rising = sorted(tree, key=lambda match: float(match["weight"]))
    rest = f"{counted(len(tree) - _TREE, 'more pair')} of {rising[_TREE]['weight']:+.2f} bits or more"
    return [
        f"the {_TREE} weakest of the pairs that hold it together; besides there are {rest}:",
        *map(explain_pair, rising[:_TREE]),
    ]


def within(records: pd.DataFrame, matches: pd.DataFrame) -> list[Match]:
    """The rows of ``matches`` between two of the ``records`` (source, key)."""
    names = _references(records)
    return [match for match in _touching(names, matches) if set(sides(match)) <= names]


def explain_records(match: Match, members: pd.DataFrame, matches: pd.DataFrame, unheeded: pd.DataFrame) -> str:
    """Why two records are one client, or are not: their waterfall, and the chain of pairs that joins them.

    Args:
        match: the pair as a row of MATCHES; the verdict may be ``apart``.
        members, matches, unheeded: what clustering wrote.
    """
    one, other = sides(match)
    client = {(row.source, row.key): row.client_id for row in _rows_of({one, other}, members).itertuples()}
    if client[one] != client[other]:
        homes = (f"{':'.join(record)} is of client {client[record]}" for record in (one, other))
        return "\n".join([explain_pair(match), *_refusals({one, other}, unheeded), *homes])
    records = members[members["client_id"] == client[one]]
    chain = _chain(one, other, _spanning(_references(records), within(records, matches)))
    lines = [explain_pair(match), f"both are of client {client[one]}"]
    if len(chain) > 1:
        lines.append(f"they are joined through {len(chain) - 1} more, by the strongest pairs of the client:")
    return "\n\n".join(["\n".join(lines), *(explain_pair(pair) for pair in chain if len(chain) > 1)])


def _refusals(names: set[Record], unheeded: pd.DataFrame) -> list[str]:
    """Why a person was not obeyed who decided on the two records."""
    rows: list[Match] = unheeded.to_dict("records")
    return [
        f"the decision '{row['verdict']}' was not obeyed: {row['reason']}. Decide one of the pairs anew: crm-etl decide"
        for row in rows
        if set(sides(row)) == names
    ]


def _heading(client_id: str, records: pd.DataFrame) -> str:
    size = len(records)
    lines = [f"client {client_id}: {counted(size, 'record')}"]
    listed = sorted(zip(records["source"], records["key"], strict=True))
    lines += [f"  {source}:{key}" for source, key in listed[:_LISTED]]
    if size > _LISTED:
        lines.append(f"  and {counted(size - _LISTED, 'more record')}")
    first = records.iloc[0]
    if size > 1 and pd.notna(first["weakest"]):
        lines.append(f"  {first['density']:.0%} of its pairs match; weakest link {first['weakest']:+.2f}")
    if pd.notna(first.get("flags")):
        lines += [f"  to look at: {_FLAGS[flag]}" for flag in str(first["flags"]).split("+")]
    return "\n".join(lines)


def sides(match: pd.Series | Match) -> tuple[Record, Record]:
    """Source and key of both records of a pair."""
    one, other = ((str(match[f"{side}_source"]), str(match[f"{side}_key"])) for side in ("left", "right"))
    return one, other


def _contradicts(match: Match) -> bool:
    """Whether a pair within a client speaks against it: by its weight, by what forbids it, or by a person's word."""
    return float(match["weight"]) < 0 or _is_forbidden(match)


def _is_forbidden(match: Match) -> bool:
    said = [(reason["comparison"], reason["level"]) for reason in _reasons(match)]
    return ("decision", "different") in said or any(name in ("contradiction", "kind") for name, _ in said)


def _worst_first(match: Match) -> tuple[bool, float]:
    return not _is_forbidden(match), float(match["weight"])


def _references(records: pd.DataFrame) -> set[Record]:
    return {(str(row.source), str(row.key)) for row in records.itertuples()}


def _rows_of(names: Iterable[Record], members: pd.DataFrame) -> pd.DataFrame:
    here = pd.MultiIndex.from_frame(members[["source", "key"]].astype(object)).isin(list(names))
    return members[here]


def _touching(names: set[Record], matches: pd.DataFrame) -> list[Match]:
    """Rows of ``matches`` with one of the records, the heaviest first."""
    keys = [name[1] for name in names]
    near = matches[matches["left_key"].isin(keys) | matches["right_key"].isin(keys)]
    rows: list[Match] = near.sort_values("weight", ascending=False, kind="stable").to_dict("records")
    return [row for row in rows if not names.isdisjoint(sides(row))]


def _spanning(names: set[Record], inside: list[Match]) -> list[Match]:
    """Rows of the strongest tree over the records (Kruskal); as much of it as ``inside``, heaviest first, holds."""
    root = {name: name for name in names}
    chosen = []
    for row in inside:
        one, other = sides(row)
        if root[one] != root[other]:
            gone = root[other]
            root = {name: root[one] if top == gone else top for name, top in root.items()}
            chosen.append(row)
    return chosen


def _chain(one: Record, other: Record, tree: list[Match]) -> list[Match]:
    """The pairs of a tree that lead from one record to another; none where it does not connect them."""
    ways: dict[Record, list[Match]] = {one: []}
    reached = [one]
    for record in reached:
        for pair in tree:
            ends = sides(pair)
            if record in ends:
                far = ends[1] if ends[0] == record else ends[0]
                if far not in ways:
                    ways[far] = [*ways[record], pair]
                    reached.append(far)
    return ways.get(other, [])
