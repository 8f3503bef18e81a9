"""Domains of e-mail addresses, and which of them belong to an organization rather than to everybody.

Lists of providers: ``free_mail.yml`` beside this module, and those that the normalizer knows.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from crm_etl.match.encode import Lists, Parties
from crm_etl.normalize import lists
from crm_etl.normalize.emails.mailboxes import habits


def own(parties: Parties) -> Lists:
    """Domains of each record's addresses, without those of free providers."""
    return parties.derived_lists("emails:own_domain", lambda: parties.lists("emails").change(_own))


def is_free(domain: str) -> bool:
    """Whether anybody gets a mailbox under ``domain``."""
    return domain in free()


@cache
def free() -> frozenset[str]:
    """Domains of free providers."""
    groups = lists.parse(Path(__file__).parent / "free_mail.yml")
    listed = [domain for group in groups.values() for domain in group]
    known = habits()
    return frozenset([*listed, *known["domains"], *known["sound"]])


def _own(address: str) -> str | None:
    domain = address.rpartition("@")[2]
    return None if not domain or is_free(domain) else domain
