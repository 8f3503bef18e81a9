"""Mailboxes behind addresses: one box under several names, boxes of a role, domains misspelled.

Nothing here changes an address: what a client gave is kept, and compared by its :func:`key`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

from rapidfuzz.distance import OSA

from crm_etl.normalize import lists

#: A shorter domain is one letter away from many honest ones.
_LONG = 7
_ROLE_END = re.compile(r"[.\-_+\d].*")


@dataclass(frozen=True)
class Provider:
    """``domain``: the name to compare by; ``habits``: code points of signs that the box is reached without (None), or
    that mean another; ``tag``: what begins a sub-address."""

    domain: str
    habits: tuple[tuple[int, int | None], ...]
    tag: str

    @cached_property
    def signs(self) -> dict[int, int | None]:
        """The same, for ``str.translate``."""
        return dict(self.habits)


@lru_cache(maxsize=200_000)
def key(address: str) -> str:
    """What canonical addresses of one mailbox have in common: john.doe+shop@googlemail.com and johndoe@gmail.com."""
    local, _, domain = address.rpartition("@")
    provider = providers().get(domain)
    if provider is None:
        return address
    bare = local.partition(provider.tag)[0] if provider.tag else local
    plain = bare.translate(provider.signs)
    return f"{plain or local}@{provider.domain}"


def is_role(address: str) -> bool:
    """Whether ``address`` is that of a function (info@, zakaz@), which whoever holds it reads."""
    local = address.rpartition("@")[0]
    return local in _words("roles") or _ROLE_END.sub("", local) in _words("roles")


@lru_cache(maxsize=50_000)
def is_slip(domain: str) -> bool:
    """Whether ``domain`` is a well-known one with a slip of the pen (gmial.com, yandex.rru)."""
    if domain in _words("slips"):
        return True
    if len(domain) < _LONG or domain in _words("domains") or domain in _words("sound"):
        return False
    return any(OSA.distance(domain, known, score_cutoff=1) == 1 for known in _long_domains())


@cache
def habits() -> Any:
    """The document ``habits.yml``."""
    return lists.load("emails/habits.yml")


@cache
def _words(kind: str) -> frozenset[str]:
    return frozenset(habits()[kind])


@cache
def _long_domains() -> tuple[str, ...]:
    return tuple(sorted(domain for domain in _words("domains") if len(domain) >= _LONG))


@cache
def providers() -> dict[str, Provider]:
    """The domains under which one mailbox may have several addresses: under all others, :func:`key` is the address."""
    known: dict[str, Provider] = {}
    for entry in habits()["providers"]:
        signs: dict[int, int | None] = {ord(sign): None for sign in entry.get("ignored", "")}
        signs |= {ord(sign): ord(other) for sign, other in entry.get("same", {}).items()}
        provider = Provider(entry["domain"], tuple(signs.items()), entry.get("tag", ""))
        known |= dict.fromkeys((entry["domain"], *entry.get("also", ())), provider)
    return known
