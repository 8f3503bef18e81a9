"""What of a party linkage looks at: columns that blocking rules and comparisons share.

A feature turns encoded parties into one code a record (:class:`Codes`) or any number (:class:`Lists`). Features
of persons are empty for organizations and the other way round, because the columns are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np

from crm_etl.match import names
from crm_etl.match.encode import Codes, Lists, Parties, Texts, encode, encode_lists
from crm_etl.normalize.emails import key as mailbox

Feature = Callable[[Parties], "Codes | Lists"]

#: A shorter local part (info, sales, office) says nothing about who writes.
_LOCAL_PART = 6
#: Under more providers it is a role (office, support), not a person.
_PROVIDERS = 4
#: Digits of a phone that remain when the country code and a trunk digit are taken off.
_TAIL = 9
#: Identifiers that many parties rightly share: the reason code of a registration tells the branch, not the party.
_SHARED_IDENTIFIERS = ("ru_kpp:",)


def keys(prefix: str) -> Feature:
    """The name keys with this prefix."""
    return lambda parties: parties.keys(prefix)


def phones(parties: Parties) -> Lists:
    """Phones without their extension."""
    return parties.derived_lists(
        "phones:plain", lambda: parties.lists("phones").change(lambda phone: phone.partition(";")[0])
    )


def phone_tails(parties: Parties) -> Lists:
    """The last digits of phones: equal although a country code was guessed wrongly."""
    return parties.derived_lists("phones:tail", lambda: phones(parties).change(lambda phone: phone[-_TAIL:]))


def emails(parties: Parties) -> Lists:
    """Mailboxes: addresses that their provider delivers to one box are one."""
    return parties.derived_lists("emails:mailbox", lambda: parties.lists("emails").change(mailbox))


def local_parts(parties: Parties) -> Lists:
    """What stands before the @, where it is long enough, and seen under few enough providers, to tell."""
    return parties.derived_lists("emails:local", lambda: _local_parts(parties.lists("emails")))


def identifiers(parties: Parties) -> Lists:
    """Identifiers that belong to one party only."""
    return parties.derived_lists("identifiers:own", lambda: parties.lists("identifiers").change(_own_identifier))


def birth_date(parties: Parties) -> Codes:
    return parties.text("birth_date")


def city(parties: Parties) -> Codes:
    return parties.folded("city")


def postal_code(parties: Parties) -> Codes:
    return parties.folded("postal_code")


def street(parties: Parties) -> Codes:
    return parties.folded("street")


def address(parties: Parties) -> Codes:
    """City and street together, where both are known."""
    return parties.derived("address", lambda: _both(city(parties), street(parties)))


def family_letter(parties: Parties) -> Codes:
    return _first(parties, "family_latin", 1)


def name_letters(parties: Parties) -> Lists:
    """First letters of family and given name: the same when a source exchanged the two."""
    return parties.derived_lists("first:names", lambda: _either(family_letter(parties), _given_letter(parties)))


def either_order(parties: Parties) -> Codes:
    """How family and given name sound, whichever of them is called the family name."""
    return names.either_order(parties)


def _given_letter(parties: Parties) -> Codes:
    return _first(parties, "given_latin", 1)


def org_letters(parties: Parties) -> Codes:
    return _first(parties, "org_latin", 2)


def _first(parties: Parties, column: str, length: int) -> Codes:
    folded = parties.folded(column)
    return parties.derived(f"first:{column}", lambda: _shorten(folded, length))


def _shorten(codes: Codes, length: int) -> Codes:
    if not len(codes.values):
        return codes
    short = encode(np.array([value[:length] for value in codes.values], dtype=object))
    return Codes(np.where(codes.codes >= 0, short.codes[codes.codes], -1), short.values)


def _both(first: Codes, second: Codes) -> Codes:
    has = (first.codes >= 0) & (second.codes >= 0)
    joint = first.codes[has] * np.int64(len(second.values) + 1) + second.codes[has]
    uniques, inverse = np.unique(joint, return_inverse=True)
    codes = np.full(len(first.codes), -1, dtype=np.int64)
    codes[has] = inverse
    return Codes(codes, uniques.astype(object))


def _either(first: Codes, second: Codes) -> Lists:
    """What a record has in ``first`` and in ``second``."""
    cells = zip(_cells(first), _cells(second), strict=True)
    return encode_lists([value for value in cell if value is not None] for cell in cells)


def _cells(codes: Codes) -> Texts:
    cells: Texts = np.append(codes.values, np.array([None], dtype=object))[codes.codes]
    return cells


def _local_parts(addresses: Lists) -> Lists:
    providers = Counter(address.partition("@")[0] for address in addresses.values)
    telling = {local for local, count in providers.items() if len(local) >= _LOCAL_PART and count <= _PROVIDERS}
    locals_only = (address.partition("@")[0] for address in addresses.values)
    change = dict(zip(addresses.values, (local if local in telling else None for local in locals_only), strict=True))
    return addresses.change(change.__getitem__)


def _own_identifier(identifier: str) -> str | None:
    return None if identifier.startswith(_SHARED_IDENTIFIERS) else identifier
