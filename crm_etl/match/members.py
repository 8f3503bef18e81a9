"""The members of clients: which record belongs to which, and how well each client holds together.

A client that is large, loose, contradictory or torn from another is flagged for people, never cut for that alone.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from crm_etl import schema
from crm_etl.match import copies, forest
from crm_etl.match.encode import Flags, Floats, Ints, Parties
from crm_etl.match.evidence import Evidence

#: Records from which a client is flagged as large.
LARGE = 30
#: Share of matches among a client's pairs below which it is flagged as loose.
LOOSE = 0.5
#: Flags of a client, in the order in which they are written.
FLAGS = ("large", "loose", "contradiction", "bridge")
#: One more, where people look at clients: they hang together by a link that is no match.
WEAK_LINK = "weak_link"


class Cohesion(NamedTuple):
    """How well each client holds together, (clients,): columns of :data:`schema.MEMBERS`."""

    size: Ints
    density: Floats
    weakest: Floats
    contradictions: Ints
    bridges: Ints


def cohesion(known: Evidence, number: Ints, standing: copies.Places, threshold: float) -> Cohesion:
    """How well the clients hold together.

    Args:
        known: all pairs that clustering looked at.
        number: client of each record, (records,).
        standing: the record that stands for each, (records,).
        threshold: match probability from which a pair matches.
    """
    clients = int(number.max(initial=-1)) + 1
    sizes = np.bincount(number, minlength=clients)
    inside = number[known.left] == number[known.right]
    matches = known.matches(threshold)
    bridges = _count(number, known, matches & ~inside, clients)
    within = known.take(np.flatnonzero(inside))
    contradictions = _count(number, within, within.forbidden | within.different, clients) // 2
    copied = matches[inside] & ~within.same & copies.are(standing, within.left, within.right)
    others = sizes - np.bincount(number[within.right[copied]], minlength=clients)
    density = _density(others, _count(number, within, matches[inside] & ~copied, clients) // 2)
    return Cohesion(sizes, density, _weakest(within, number, clients), contradictions, bridges)


def members_frame(parties: Parties, number: Ints, ids: pa.Array, held: Cohesion) -> pd.DataFrame:
    """:data:`schema.MEMBERS`, a row a record in the order of the party frame.

    Args:
        parties: all records.
        number: client of each record, (records,).
        ids: id of each client, text.
        held: how well each client holds together.
    """
    flags = (held.size >= LARGE, held.density < LOOSE, held.contradictions > 0, held.bridges > 0)
    at = number[parties.position]
    source, key = (pd.array(column, dtype="string[pyarrow]") for column in parties.references)
    columns = {
        "source": source,
        "key": key,
        "client_id": pd.array(ids.take(pa.array(at)), dtype="string[pyarrow]"),
        **{name: values[at] for name, values in held._asdict().items()},
        "flags": _texts(flags, at),
    }
    return schema.MEMBERS.conform(pd.DataFrame(columns, copy=False))


def flagged(members: pd.DataFrame) -> dict[str, int]:
    """Clients that carry each flag."""
    clients = members.loc[members["flags"].notna(), ["client_id", "flags"]].drop_duplicates("client_id")
    return {flag: int(clients["flags"].str.contains(flag, regex=False).sum()) for flag in FLAGS}


def to_look_at(members: pd.DataFrame, bound: float) -> pd.DataFrame:
    """A row for each client that a person should look at: those that contradict themselves first, then the largest.

    Args:
        members: rows of :data:`schema.MEMBERS`.
        bound: weight in bits under which the weakest link of a client is one more flag, :data:`WEAK_LINK`.

    Returns:
        The columns of the members but for the record; ``flags`` with :data:`WEAK_LINK` where it applies.
    """
    each = members.drop(columns=["source", "key"]).drop_duplicates("client_id")
    weak = (each["weakest"] < bound).map({True: WEAK_LINK, False: ""}).astype("string[pyarrow]")
    flags = each["flags"].fillna("").str.cat(weak, sep="+").str.strip("+")
    found = each.assign(flags=flags)[flags != ""]
    order = ["contradictions", "size", "client_id"]
    return found.sort_values(order, ascending=[False, False, True], kind="stable", ignore_index=True)


def counts(looked_at: pd.DataFrame) -> dict[str, int]:
    """Clients with each flag, of what :func:`to_look_at` gave."""
    flags = looked_at["flags"].str.split("+").explode()
    return {flag: int((flags == flag).sum()) for flag in (*FLAGS, WEAK_LINK)}


def _count(number: Ints, pairs: Evidence, chosen: Flags, clients: int) -> Ints:
    """Chosen pairs at each client, counted at both their ends."""
    ends = np.concatenate([number[pairs.left[chosen]], number[pairs.right[chosen]]])
    return np.bincount(ends, minlength=clients)


def _density(sizes: Ints, matches: Ints) -> Floats:
    """Share of the pairs of each client that are matches, copies left out; 1.0 for a single record."""
    pairs = sizes * (sizes - 1) // 2
    return np.where(pairs > 0, matches / np.maximum(pairs, 1), 1.0)


def _weakest(within: Evidence, number: Ints, clients: int) -> Floats:
    """Lowest weight on the heaviest tree that spans each client; NaN for a single record."""
    tree = forest.strongest(len(number), within.left, within.right, within.weight)
    lowest = np.full(clients, np.inf)
    np.minimum.at(lowest, number[within.left[tree]], within.weight[tree])
    return np.where(np.isinf(lowest), np.nan, lowest)


def _texts(flags: tuple[Flags, ...], at: Ints) -> pd.Series:
    """The flags of each client joined by +; none where it has none. Written once for each set of flags."""
    sets = sum(flag.astype(np.int64) << place for place, flag in enumerate(flags))
    texts = [
        "+".join(name for place, name in enumerate(FLAGS) if chosen >> place & 1) for chosen in range(1 << len(flags))
    ]
    written = pa.array([text or None for text in texts]).take(pa.array(np.asarray(sets)[at]))
    return pd.array(written, dtype="string[pyarrow]")
