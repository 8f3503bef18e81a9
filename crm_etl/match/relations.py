"""Relations between clients: same household, trades as, works at, branch of. They are found beside the merging, never
merged.

Each relation is a readable table of reasons with their weight in bits; what a pair of clients has of them adds up,
with what is believed before anything is known, to the odds of the relation. A value that several could mean counts
for less: the switchboard of four firms tells little of who works where. Which clients share what: :mod:`ties`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.match import domains, features, offices
from crm_etl.match.encode import Codes, Floats, Ints, Lists, Parties, Texts, contains, distinct
from crm_etl.match.kinship import Kinship
from crm_etl.match.model import probability
from crm_etl.match.ties import Clients, Entries, Ties, between, within


@dataclass(frozen=True)
class Reason:
    """A reason for a relation: its name, what it says, and its weight in bits where the value is one's own alone."""

    name: str
    words: str
    bits: float


@dataclass(frozen=True)
class Relation:
    """A relation: bits believed before any reason, and its reasons. ``mutual``: it has no direction."""

    name: str
    before: float
    reasons: tuple[Reason, ...]
    mutual: bool = False


#: The relations. Weights are judgements, checked on demo companies, whose households, staff and branches are known.
RELATIONS: tuple[Relation, ...] = (
    Relation(
        "household",
        -6.0,
        (
            Reason("family", "family names sound alike, given names differ", 4.0),
            Reason("phone", "the same phone, which is no organization's", 6.5),
            Reason("email", "the same e-mail address", 6.5),
            Reason("address", "the same address, which is no organization's", 5.0),
        ),
        mutual=True,
    ),
    Relation(
        "trades_as",
        -6.0,
        (
            Reason("number", "the same tax, state or document number", 8.0),
            Reason("name", "the sole trader bears the person's name", 5.0),
            Reason("phone", "the same phone", 4.0),
            Reason("mailbox", "the same e-mail address", 4.0),
            Reason("address", "the same address", 3.0),
        ),
    ),
    Relation(
        "works_at",
        -3.0,
        (
            Reason("domain", "an e-mail address under the organization's own domain", 6.0),
            Reason("extension", "an extension of the organization's phone", 7.0),
            Reason("phone", "the organization's phone", 5.0),
            Reason("mailbox", "the organization's mailbox", 5.0),
            Reason("number", "the organization's tax or state number", 5.0),
            Reason("named", "the comment names the organization", 5.0),
            Reason("address", "the organization's address", 3.0),
        ),
    ),
    Relation(
        "branch_of",
        -6.0,
        (
            Reason("number", "the same taxpayer number", 8.0),
            Reason("name", "the same name but for the branch", 4.0),
            Reason("branch", "called a branch, the other is not", 3.0),
            Reason("division", "registered as a separate division, the other as the seat", 3.0),
            Reason("domain", "an e-mail address under the same own domain", 3.0),
        ),
    ),
)
#: Relations are told from a higher probability on.
LEAST = 0.5
_DECIMALS = 3

Reasons = dict[str, Ties]


@dataclass(frozen=True)
class Related:
    """:data:`schema.RELATIONS`, and counts. Asset ``match/relations``."""

    relations: pd.DataFrame
    facts: dict[str, Any]


def relate(parties: pd.DataFrame | Parties, members: pd.DataFrame) -> Related:
    """Find the relations between clients.

    Args:
        parties: rows of :data:`schema.PARTY`, those that were clustered.
        members: rows of :data:`schema.MEMBERS`, in the order of ``parties``.
    """
    encoded = parties if isinstance(parties, Parties) else Parties(parties)
    clients = Clients.of_parties(encoded, members["client_id"])
    trades = _trades_as(encoded, clients)
    found = {
        "household": _household(encoded, clients),
        "trades_as": trades,
        "works_at": _works_at(encoded, clients, _likely(_relation("trades_as"), trades, clients.size)),
        "branch_of": _branch_of(encoded, clients),
    }
    frames = [_frame(relation, found[relation.name], clients) for relation in RELATIONS]
    facts = {"clients": clients.size, **{each.name: len(frame) for each, frame in zip(RELATIONS, frames, strict=True)}}
    return Related(schema.RELATIONS.conform(pd.concat(frames, ignore_index=True)), facts)


def words(relation: str, reason: str) -> str:
    """What a reason says."""
    return next(each.words for each in _relation(relation).reasons if each.name == reason)


def _relation(name: str) -> Relation:
    return next(relation for relation in RELATIONS if relation.name == name)


def _household(parties: Parties, clients: Clients) -> Reasons:
    """Persons who share a phone, mailbox or address of their own; who could be one and the same is left out."""
    shared = {
        "phone": _private(clients, Entries.of(clients, features.phones(parties))),
        "email": _private(clients, Entries.of(clients, features.emails(parties))),
        "address": _private(clients, Entries.of(clients, features.address(parties))),
    }
    kinship = Kinship.of(parties, clients, *_every(shared, clients.size))
    family = Ties(*kinship.family, np.ones(len(kinship.family[0]), dtype=np.int64))
    return {"family": family, **{name: _but(ties, kinship.one, clients.size) for name, ties in shared.items()}}


def _private(clients: Clients, entries: Entries) -> Ties:
    persons = entries.of_kind(clients, organizations=False)
    return within(persons.without(entries.of_kind(clients, organizations=True)))


def _meeting(clients: Clients, feature: Codes | Lists) -> Ties:
    """Persons and organizations that share a value."""
    entries = Entries.of(clients, feature)
    return between(entries.of_kind(clients, organizations=False), entries.of_kind(clients, organizations=True))


def _trades_as(parties: Parties, clients: Clients) -> Reasons:
    """Persons and the sole traders that they are: the name or a number must say so, whatever else they share."""
    met = {
        "number": _meeting(clients, features.identifier_numbers(parties)),
        "phone": _meeting(clients, features.phones(parties)),
        "mailbox": _meeting(clients, features.emails(parties)),
        "address": _meeting(clients, features.address(parties)),
    }
    traders = offices.sole_traders(parties, clients)
    met = {name: ties.take(traders[ties.other]) for name, ties in met.items()}
    one, other = _every(met, clients.size)
    name = offices.bear_one_name(parties, clients, one, other)
    own = _every({"name": name, "number": met["number"]}, clients.size)
    return {kind: _only(ties, own, clients.size) for kind, ties in met.items()} | {"name": name}


def _works_at(parties: Parties, clients: Clients, own: tuple[Ints, Ints]) -> Reasons:
    """Persons who are reached where an organization is that is not their ``own``."""
    met = partial(_meeting, clients)
    phones = features.phones(parties)
    extended = Entries.of(clients, offices.extended(parties)).of_kind(clients, organizations=False)
    extension = between(extended, Entries.of(clients, phones).of_kind(clients, organizations=True))
    phone, domain = met(phones), met(domains.own(parties))
    named = Entries.of(clients, offices.named(parties)).of_kind(clients, organizations=False)
    found = {
        "domain": domain,
        "extension": extension,
        "phone": _but(phone, (extension.one, extension.other), clients.size),
        "mailbox": _but(met(features.emails(parties)), (domain.one, domain.other), clients.size),
        "number": met(features.identifier_numbers(parties)),
        "named": between(named, Entries.of(clients, offices.names(parties)).of_kind(clients, organizations=True)),
        "address": met(features.address(parties)),
    }
    return {name: _but(ties, own, clients.size) for name, ties in found.items()}


def _branch_of(parties: Parties, clients: Clients) -> Reasons:
    """Organizations that are a part of another one. Of two only the part points to the whole."""
    parts = offices.Parts.of(parties, clients)
    shared = {
        "number": parts.towards(Entries.of(clients, features.identifier_numbers(parties))),
        "name": parts.towards(Entries.of(clients, offices.names(parties))),
        "domain": parts.towards(Entries.of(clients, domains.own(parties))),
    }
    apart = offices.strangers(parties, clients, *_every(shared, clients.size))
    shared = {name: _but(ties, apart, clients.size) for name, ties in shared.items()}
    pairs = _every({name: shared[name] for name in ("number", "name")}, clients.size)
    return shared | {"branch": parts.by_name(*pairs), "division": parts.by_number(*pairs)}


def _every(shared: Reasons, size: int) -> tuple[Ints, Ints]:
    """Every pair of clients that has any of the reasons, once."""
    keys = [ties.one * np.int64(size) + ties.other for ties in shared.values()]
    one, other = np.divmod(distinct(np.concatenate([*keys, np.zeros(0, dtype=np.int64)])), np.int64(max(size, 1)))
    return one, other


def _but(ties: Ties, without: tuple[Ints, Ints], size: int) -> Ties:
    """``ties`` without those between the pairs of ``without``."""
    wide = np.int64(size)
    return ties.take(~contains(np.sort(without[0] * wide + without[1]), ties.one * wide + ties.other))


def _only(ties: Ties, pairs: tuple[Ints, Ints], size: int) -> Ties:
    """``ties`` between the ``pairs`` alone."""
    wide = np.int64(size)
    return ties.take(contains(np.sort(pairs[0] * wide + pairs[1]), ties.one * wide + ties.other))


def _weighed(relation: Relation, found: Reasons, clients: int) -> tuple[Ints, Ints, Floats, Floats]:
    """Every pair of clients that has a reason: both, the bits of each reason (pairs, reasons), and the weight."""
    size = np.int64(max(clients, 1))
    one, other = _every(found, clients)
    keys, bits = one * size + other, np.full((len(one), len(relation.reasons)), np.nan)
    for at, reason in enumerate(relation.reasons):
        ties = found[reason.name]
        places = np.searchsorted(keys, ties.one * size + ties.other)
        bits[places, at] = np.maximum(reason.bits - np.log2(np.maximum(ties.sharing, 1)), 0.0)
    return one, other, bits, np.round(relation.before + np.nansum(bits, axis=1), _DECIMALS)


def _likely(relation: Relation, found: Reasons, clients: int) -> tuple[Ints, Ints]:
    """The pairs of clients of which the relation is told."""
    one, other, _, weight = _weighed(relation, found, clients)
    kept = probability(weight) > LEAST
    return one[kept], other[kept]


def _frame(relation: Relation, found: Reasons, clients: Clients) -> pd.DataFrame:
    """The relations that are likelier than not, the surest first."""
    one, other, bits, weight = _weighed(relation, found, clients.size)
    kept = np.flatnonzero(probability(weight) > LEAST)
    kept = kept[np.lexsort((other[kept], one[kept], -weight[kept]))]
    return schema.RELATIONS.conform(
        pd.DataFrame(
            {
                "from_id": clients.ids[one[kept]],
                "to_id": clients.ids[other[kept]],
                "relation": relation.name,
                schema.WEIGHT: weight[kept],
                schema.PROBABILITY: probability(weight[kept]),
                "reasons": _texts(relation, bits[kept]),
            }
        )
    )


def _texts(relation: Relation, bits: Floats) -> Texts:
    """JSON of the reasons of each pair; written once for each distinct set of weights."""
    rounded = np.where(np.isnan(bits), -1.0, np.round(bits, _DECIMALS))
    table, places = np.unique(rounded, axis=0, return_inverse=True)
    texts = np.array([_text(relation, row) for row in table.tolist()], dtype=object)
    return texts[places.ravel()] if len(texts) else texts


def _text(relation: Relation, row: list[float]) -> str:
    told = zip(relation.reasons, row, strict=True)
    return json.dumps([{"reason": reason.name, "weight": bits} for reason, bits in told if bits >= 0])
