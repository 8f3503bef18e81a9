"""The stage: parties, clusters and related rows in, the tables of the single client database out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crm_etl import schema
from crm_etl.merge.clients import fold_clients
from crm_etl.merge.consents import fold_consents
from crm_etl.merge.contacts import addresses, identifiers, union
from crm_etl.merge.nameless import part_nameless
from crm_etl.merge.names import client_names
from crm_etl.merge.records import Records
from crm_etl.merge.related import attach, table_of
from crm_etl.merge.users import Users
from crm_etl.migration import Migration


@dataclass(frozen=True)
class Merged:
    """The tables of :data:`crm_etl.schema.CLIENT_TABLES` under their names, and how they came about.

    Attributes:
        lineage: LINEAGE rows, one a value of a client and one a row of a child table.
        refused: QUARANTINE rows: records of clients without any name, related rows whose client is not there.
        facts: ``parties``, ``clients``, ``merged`` (parties folded into a client that another one brought),
            ``related`` {source: {read, kept, refused}}, ``rules`` {field: {rule: count}}, ``notes`` {code: count}.
    """

    crm_user: pd.DataFrame
    client: pd.DataFrame
    client_name: pd.DataFrame
    client_phone: pd.DataFrame
    client_email: pd.DataFrame
    client_address: pd.DataFrame
    client_identifier: pd.DataFrame
    client_consent: pd.DataFrame
    interaction: pd.DataFrame
    client_transaction: pd.DataFrame
    opportunity: pd.DataFrame
    lineage: pd.DataFrame
    refused: pd.DataFrame
    facts: dict[str, Any]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The client tables by name, in loading order."""
        return {name: getattr(self, name) for name in schema.CLIENT_TABLES}


def merge(
    parties: pd.DataFrame,
    members: pd.DataFrame,
    related: Mapping[str, pd.DataFrame],
    migration: Migration,
    lost: pd.DataFrame | Mapping[tuple[str, str], str] | None = None,
    raw: Mapping[str, pd.DataFrame] | None = None,
) -> Merged:
    """Fold each cluster of ``members`` into one client and point related rows to it.

    Args:
        parties: PARTY rows of all client sources, in any order.
        members: MEMBERS: (source, key) of every party -> client_id.
        related: source name -> accepted rows of INTERACTION, TRANSACTION, OPPORTUNITY or CONSENT.
        migration: gives trust and survivorship rules.
        lost: client records that were refused before, as QUARANTINE rows or (source, key) -> why: their related
            rows leave with ``client_quarantined`` instead of ``orphan``.
        raw: source name -> extracted rows, for the original cells of rows that are refused.

    Returns:
        Every client of ``members`` exactly once in ``client``, unless none of its records bears a name; every related
        row in its table, folded into ``client_consent``, or in ``refused``. The same for the same rows in any order.

    Raises:
        LedgerFault: parties and members are not the same records.
    """
    parties, members, nameless = part_nameless(parties, members, raw or {})
    records = Records.of(parties, members, migration.trust)
    attached = attach(related, members, migration, {**_reasons(lost), **_reasons(nameless)}, raw or {})
    users = Users.of([parties["owner"], *attached.owners])
    clients = fold_clients(records, users, migration.survivorship)
    children = {
        "client_name": client_names(records, migration.survivorship),
        "client_phone": union(records, "phones", schema.CLIENT_PHONE, "phone"),
        "client_email": union(records, "emails", schema.CLIENT_EMAIL, "email"),
        "client_address": addresses(records),
        "client_identifier": identifiers(records),
        "client_consent": fold_consents(records, attached.rows["consent"]),
    }
    lineage = pd.concat([*clients.lineage, *(child.lineage for child in children.values())], ignore_index=True)
    facts = {
        "parties": len(records),
        "clients": records.clients,
        "merged": len(records) - records.clients,
        "related": attached.counts,
        "rules": _rules(lineage),
        "notes": clients.notes,
    }
    return Merged(
        crm_user=users.table,
        client=clients.table,
        **{name: child.table for name, child in children.items()},
        interaction=table_of("interaction", attached, users),
        client_transaction=table_of("transaction", attached, users),
        opportunity=table_of("opportunity", attached, users),
        lineage=lineage,
        refused=pd.concat([nameless, attached.refused], ignore_index=True),
        facts=facts,
    )


def _reasons(lost: pd.DataFrame | Mapping[tuple[str, str], str] | None) -> Mapping[tuple[str, str], str]:
    if lost is None:
        return {}
    if isinstance(lost, pd.DataFrame):
        known = lost.dropna(subset=["source", "key"])
        return dict(zip(zip(known["source"], known["key"], strict=True), known["reason"], strict=True))
    return lost


def _rules(lineage: pd.DataFrame) -> dict[str, dict[str, int]]:
    counts = lineage.groupby(["field", "rule"]).size()
    found: dict[str, dict[str, int]] = {}
    for (field, rule), count in counts.items():
        found.setdefault(str(field), {})[str(rule)] = int(count)
    return found
