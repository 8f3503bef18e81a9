"""E-mail cells -> canonical addresses, by email-validator (RFC 5321/5322/6531); nothing is sent anywhere.

A letter of another script inside a Latin address is an error: it looks right and never arrives.
"""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email

from crm_etl.normalize import lists
from crm_etl.normalize.reading import Reading
from crm_etl.normalize.text import ZWNJ, clean, script_of

HOMOGLYPH = "email_homoglyph"
_PLAIN = re.compile(r"[a-z0-9_+%-]+(?:\.[a-z0-9_+%-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
#: Names that the standards reserve: the validator has something to say about them.
_RESERVED = re.compile(r"(?:^|\.)(?:test|example|invalid|localhost|local|onion|arpa)$")
_SPLIT = re.compile(r"[,;\s|<>()/]+")
_ADDRESS = re.compile(r"\S+\s*@\s*\S+")


def read(cell: str) -> Reading:
    """All addresses of ``cell``, lower-cased, as a tuple.

    Placeholder addresses are dropped with the note ``emails:placeholder``, unreadable ones with
    ``emails:invalid``; words around the addresses come back as ``rest``.
    """
    addresses: list[str] = []
    notes: list[str] = []
    rests: list[str] = []
    if clean(cell).casefold() in lists.placeholders()["cell"]:
        return Reading((), ("emails:placeholder",))
    text = re.sub(r"\s*@\s*", "@", clean(cell).replace(ZWNJ, ""))
    for word in _SPLIT.split(text):
        word = re.sub("^mailto:", "", word.strip("'\".,:"), flags=re.IGNORECASE)
        if "@" not in word:
            rests.extend([word] if any(map(str.isalnum, word)) else [])
            continue
        word = word.casefold()
        if word in lists.placeholders()["email"]:
            notes.append("emails:placeholder")
            continue
        if _homoglyph(word):
            return Reading(error=HOMOGLYPH)
        address = _canonical(word)
        if address is None:
            notes.append("emails:invalid")
        else:
            addresses.append(address)
    if not addresses and not notes:
        return Reading((), ("emails:invalid",))
    return Reading(tuple(dict.fromkeys(addresses)), tuple(dict.fromkeys(notes)), rest=" ".join(rests) or None)


def _homoglyph(address: str) -> bool:
    """Whether scripts mix where they must not: anywhere in the local part, or within the domain."""
    if address.isascii():
        return False
    local, _, domain = address.rpartition("@")
    name, _, _ = domain.rpartition(".")
    return any(len({script_of(c) for c in part if c.isalpha()}) > 1 for part in (local, name, domain)) or (
        not local.isascii()
    )


def _canonical(address: str) -> str | None:
    domain = address.rpartition("@")[2]
    if len(address) <= 254 and len(address) - len(domain) <= 65 and _PLAIN.fullmatch(address):
        return None if _RESERVED.search(domain) else address
    try:
        return validate_email(address, check_deliverability=False).normalized.casefold()
    except EmailNotValidError:
        return None
