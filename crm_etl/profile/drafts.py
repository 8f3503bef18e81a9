"""What a proposed mapping consists of: columns that were looked at, lines, and the draft of a source.

How drafts come about: :mod:`.mapping`; how they are written down: :mod:`.proposal`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_etl.profile.content import Seen
from crm_etl.profile.store import Facts

#: Below this a column is better left to a person; below the second it is proposed with a question mark.
LEAST, SURE = 0.3, 0.7
#: What an entity has to have: without any of these a source is none of it.
NEEDED = {
    "client": ("name", "family", "given", "phones", "emails"),
    "transaction": ("amount",),
    "interaction": ("channel", "direction", "subject"),
    "opportunity": ("stage", "title", "expected_close"),
    "consent": ("allowed",),
}
NO_CLIENT = "no column holds keys of a client source: name it under 'client'"


@dataclass(frozen=True)
class Column:
    """A column with all that is known of it."""

    name: str
    facts: Facts
    seen: Seen
    said: Mapping[str, float]


@dataclass(frozen=True)
class Line:
    """One proposed line: ``field`` filled from ``column``. ``settings`` as in the migration file; ``why``: name,
    content, or both; ``doubts``: what a person should look at, in words."""

    field: str
    column: str
    settings: dict[str, Any]
    confidence: float
    why: str
    doubts: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        return self.confidence >= SURE and not self.doubts


@dataclass
class Draft:
    """The proposed mapping of one source. ``client``: source and column of its client; ``ignore``: column -> why;
    ``keys``: columns that are the key only together."""

    name: str
    entity: str
    entity_confidence: float
    key: Line | None
    lines: list[Line]
    ignore: dict[str, str]
    client: tuple[str, Line] | None = None
    null_tokens: tuple[str, ...] = ()
    country: str | None = None
    decimal: str | None = None
    keys: tuple[str, ...] = ()
    doubts: list[str] = field(default_factory=list)


def declare_key(made: Draft, column: str) -> None:
    """The key of a database's table is what the database says; ``column`` is no field besides."""
    made.key = Line("key", column, {}, 0.99, "primary key of the database")
    made.ignore.pop(column, None)
    made.lines = [line for line in made.lines if line.column != column or line.field == "document"]


def keep_key(made: Draft, columns: Sequence[str], mapped: Collection[str]) -> None:
    """The key that a migration declares stays; ``mapped``: columns that fill fields there, the key's maybe, too."""
    made.key = Line("key", columns[0], {}, 0.99, "declared in the migration") if len(columns) == 1 else None
    made.keys = tuple(columns) if len(columns) > 1 else ()
    for column in columns:
        made.ignore.pop(column, None)
    made.lines = [
        line for line in made.lines if line.column not in columns or line.column in mapped or line.field == "document"
    ]


def declare_keys(made: Draft, candidates: Sequence[Mapping[str, Any]]) -> None:
    """Where no column is the key, the first pair of ``candidates`` is."""
    for one in candidates:
        if one["exact"]:
            made.keys = tuple(one["columns"])
            return


def name_key(made: Draft, columns: Sequence[Column]) -> None:
    """Where nothing tells the rows apart, the column that is called a key is the one to look at."""
    called = max(columns, key=lambda column: column.said.get("key", 0.0))
    if called.said.get("key", 0.0) >= 0.6:
        made.key = Line("key", called.name, {}, LEAST, "name", ("several rows share its values",))
        made.ignore.pop(called.name, None)


def declare_client(made: Draft, column: str, source: str) -> None:
    """The client is where a foreign key of the database leads to."""
    made.client = (source, Line("client", column, {}, 0.99, "foreign key of the database"))
    made.ignore.pop(column, None)
    made.lines = [line for line in made.lines if line.column != column]
    made.doubts = [doubt for doubt in made.doubts if doubt != NO_CLIENT]


def speaks_of_clients(made: Draft) -> bool:
    """Whether anything in a source is about clients: a name or a contact, or a reference to a client source."""
    if made.entity != "client":
        return made.client is not None and made.client[0] != ""
    return any(line.field in NEEDED["client"] for line in made.lines)
