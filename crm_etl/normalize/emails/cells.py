"""An e-mail cell taken apart: its addresses, and the words that stand beside them.

A letter of another script inside a Latin address looks right and never arrives: it is an error. Where it can only be a
Latin one it is repaired, with a note, if that is asked for.
"""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email

from crm_etl.normalize import lists
from crm_etl.normalize.emails import repair
from crm_etl.normalize.emails.mailboxes import is_role, is_slip
from crm_etl.normalize.reading import Reading
from crm_etl.normalize.text import ZWNJ, clean, digits

HOMOGLYPH = "email_homoglyph"
_PLAIN = re.compile(r"[a-z0-9_+%-]+(?:\.[a-z0-9_+%-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}")
#: Names that the standards reserve: the validator has something to say about them.
_RESERVED = re.compile(r"(?:^|\.)(?:test|example|invalid|localhost|local|onion|arpa)$")
_SPLIT = re.compile(r"[,;:،؛\s|<>()/\"\[\]{}«»“”„]+")
_LINK = re.compile(r"(?i)\bmailto:")
_QUERY = re.compile(r"\?(?:subject|body|cc|bcc)=.*", re.IGNORECASE | re.DOTALL)
_EDGES = "'\"’`.,:;-–*!?¡¿…"
#: Lower case without a mark of its own: the capital of a Turkish keyboard.
_DOTTED = str.maketrans("İ", "i")


def read(cell: str, homoglyphs: bool = False) -> Reading:
    """All addresses of ``cell``, lower-cased, as a tuple.

    Placeholder addresses are dropped with the note ``emails:placeholder``, unreadable ones with
    ``emails:invalid``; words around the addresses come back as ``rest``. What was repaired or is doubtful is noted:
    ``homoglyph_repaired`` (only with ``homoglyphs``), ``repaired``, ``role``, ``domain_typo``.
    """
    text = _QUERY.sub("", _LINK.sub(" ", digits(clean(cell)).replace(ZWNJ, "").replace("＠", "@")))
    if text.casefold().strip() in lists.placeholders()["cell"]:
        return Reading((), ("emails:placeholder",))
    plain, better = re.sub(r"\s*@\s*", "@", text), repair.joined(repair.spoken(text))
    if better != plain:
        reading = _read(better, homoglyphs)
        if reading.value:
            return Reading(reading.value, (*reading.notes, "emails:repaired"), rest=reading.rest)
    return _read(plain, homoglyphs)


def _read(text: str, homoglyphs: bool) -> Reading:
    addresses: list[str] = []
    notes: list[str] = []
    rests: list[str] = []
    for word in _SPLIT.split(text):
        word = word.strip(_EDGES)
        if "@" not in word:
            rests.extend([word] if any(map(str.isalnum, word)) else [])
            continue
        address, remarks = _address(word, homoglyphs)
        if address == HOMOGLYPH:
            return Reading(error=HOMOGLYPH)
        addresses.extend([] if address is None else [address])
        notes.extend(f"emails:{remark}" for remark in remarks)
    if not addresses and not notes:
        return Reading((), ("emails:invalid",))
    return Reading(tuple(dict.fromkeys(addresses)), tuple(dict.fromkeys(notes)), rest=" ".join(rests) or None)


def _address(word: str, homoglyphs: bool) -> tuple[str | None, list[str]]:
    """The canonical address in ``word``, :data:`HOMOGLYPH` or None, and what is to be noted."""
    word = word.translate(_DOTTED)
    # Not folded: ß is another letter than ss in a mailbox.
    lower = word.lower()
    if lower in lists.placeholders()["email"]:
        return None, ["placeholder"]
    notes: list[str] = []
    if repair.homoglyph(lower):
        fixed = repair.unmixed(word) if homoglyphs else None
        if fixed is None or _canonical(fixed) is None:
            return HOMOGLYPH, []
        lower, notes = fixed, ["homoglyph_repaired"]
    address = _canonical(lower)
    if address is None:
        return None, ["invalid"]
    notes.extend(["role"] if is_role(address) else [])
    notes.extend(["domain_typo"] if is_slip(address.rpartition("@")[2]) else [])
    return address, notes


def _canonical(address: str) -> str | None:
    domain = address.rpartition("@")[2]
    if len(address) <= 254 and len(address) - len(domain) <= 65 and _PLAIN.fullmatch(address) and "xn--" not in domain:
        return None if _RESERVED.search(domain) else address
    try:
        return validate_email(address, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None
