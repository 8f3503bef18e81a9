"""Where the clients of related sources are found: the columns whose values are keys of a client source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crm_etl.profile.assignment import assigned, worth
from crm_etl.profile.drafts import (
    NO_CLIENT,
    Column,
    Draft,
    Line,
)
from crm_etl.profile.mapping import draft
from crm_etl.profile.store import Held


def settle(drafts: Sequence[Draft], helds: Mapping[str, Held], columns: Mapping[str, Sequence[Column]]) -> None:
    """Find each related source's client: the column whose values are keys of a client source.

    A source that no such column is found in stays what it is, with a doubt that says so; where no source holds
    clients, the likeliest one is made a client source.
    """
    if drafts and not any(one.entity == "client" for one in drafts):
        likeliest = max(drafts, key=lambda one: _clientlike(columns[one.name]))
        _become_client(likeliest, columns[likeliest.name], helds[likeliest.name])
    clients = [one for one in drafts if one.entity == "client" and one.key is not None]
    for one in drafts:
        if one.entity != "client":
            _refer(one, clients, helds, columns[one.name])


def _clientlike(columns: Sequence[Column]) -> float:
    return worth("client", assigned(columns, "client"), columns)


def _become_client(one: Draft, columns: Sequence[Column], held: Held) -> None:
    fresh = draft(one.name, columns, held, "client")
    one.__dict__.update(fresh.__dict__)
    one.doubts.append("no source looks like one of clients: this is the likeliest")


def _refer(one: Draft, clients: Sequence[Draft], helds: Mapping[str, Held], columns: Sequence[Column]) -> None:
    best: tuple[float, str, Column, float] | None = None
    for column in columns:
        if (one.key is not None and column.name == one.key.column) or column.facts.distinct < 2:
            continue
        if max(column.seen.share("date"), column.seen.share("decimal"), column.seen.share("email")) > 0.5:
            continue
        for other in clients:
            assert other.key is not None
            distinct, held = helds[one.name].inclusion(column.name, helds[other.name], other.key.column)
            share = held / distinct if distinct else 0.0
            said = max(column.said.get("client", 0.0), column.said.get("key", 0.0) * 0.5)
            total = (
                0.6 * share + 0.3 * said + 0.1 * (column.name == other.key.column) + 0.05 * (column.seen.repeats > 1.05)
            )
            if share >= 0.5 and (best is None or total > best[0]):
                best = (total, other.name, column, share)
    if best is None:
        one.doubts.append(NO_CLIENT)
        return
    total, source, column, share = best
    doubts = () if share >= 0.9 else (f"{share:.0%} of its values are keys of {source}",)
    line = Line(
        "client", column.name, {}, round(min(total, 0.99), 2), f"{share:.0%} of its values are keys there", doubts
    )
    freed = [held.column for held in one.lines if held.column == column.name]
    one.lines = [held for held in one.lines if held.column not in freed]
    one.ignore.pop(column.name, None)
    if one.client is not None and one.client[1].column != column.name:
        one.ignore[one.client[1].column] = "nothing says what it is"
    one.client = (source, line)
