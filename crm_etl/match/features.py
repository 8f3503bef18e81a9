"""What of a party linkage looks at: columns that blocking rules and comparisons share.

A feature turns encoded parties into one code a record (:class:`Codes`) or any number (:class:`Lists`). Features
of persons are empty for organizations and the other way round, because the columns are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crm_etl.match import dates, identifiers, names, slices
from crm_etl.match.codes import code_texts, listed
from crm_etl.match.edits import letters, shortened
from crm_etl.match.encode import Codes, Flags, Hashes, Lists, Parties, Vocabulary, together
from crm_etl.match.texts import Hashed, number

#: Prefixes of the name keys that comparisons look at too.
COMPARED_KEYS = ("og:", "ow:", "o1:", "o2:", "oj:")
Feature = Callable[[Parties], "Codes | Lists | Hashed"]

#: A shorter local part (info, sales, office) says nothing about who writes.
_LOCAL_PART = 6
#: Under more providers it is a role (office, support), not a person.
_PROVIDERS = 4
#: Digits of a phone that remain when the country code and a trunk digit are taken off.
_TAIL = 9
#: Words of a street that do not begin with a digit.
_WORDS = r"(?:^| )[^0-9 ][^ ]*"


@dataclass(frozen=True)
class NameKeys:
    """The name keys with a prefix: a feature. All of them are read when one is first asked for, which takes long."""

    prefix: str

    def __call__(self, parties: Parties) -> Lists | Hashed:
        if self.prefix in COMPARED_KEYS:
            return parties.keys(self.prefix)
        return parties.hashed_keys(self.prefix)


def keys(prefix: str) -> Feature:
    """The name keys with this prefix."""
    return NameKeys(prefix)


def phones(parties: Parties) -> Lists:
    """Phones without their extension."""
    lists = parties.lists("phones")
    return parties.derived_lists("phones:plain", lambda: lists.recode(_without_extension(lists.arrow)))


def phone_tails(parties: Parties) -> Lists:
    """The last digits of phones: equal although a country code was guessed wrongly."""
    lists = parties.lists("phones")
    return parties.derived_lists("phones:tail", lambda: lists.rehashed(slices.tails(lists.arrow, _TAIL)))


def mailboxes(parties: Parties) -> Hashes:
    """A hash of the mailbox of each code of ``emails``: addresses that their provider delivers to one box are one."""
    boxes: Hashes = parties.table("emails:boxes", lambda: slices.mailboxes(parties.lists("emails").arrow))
    return boxes


def emails(parties: Parties) -> Lists:
    lists = parties.lists("emails")
    return parties.derived_lists("emails:mailbox", lambda: lists.rehashed(mailboxes(parties)))


def telling_locals(parties: Parties) -> tuple[Hashes, Flags]:
    """A hash of the local part of each code of ``emails``, and whether it tells anything."""
    told: tuple[Hashes, Flags] = parties.table("emails:telling", lambda: _telling_locals(parties.lists("emails").arrow))
    return told


def local_parts(parties: Parties) -> Lists:
    """What stands before the @, where it is long enough, and seen under few enough providers, to tell."""
    return parties.derived_lists("emails:local", lambda: parties.lists("emails").rehashed(*telling_locals(parties)))


def identifier_numbers(parties: Parties) -> Lists:
    """Identifiers that belong to one party only, without their type."""
    return identifiers.bare(parties)


def identifier_slips(parties: Parties) -> Lists:
    """What is left of numbers without any one character, and the whole: two of them meet that one slip parts. A slip in
    a number with check digits makes it a refused one, so that only numbers without such a check need this."""
    return parties.derived_lists("identifiers:slips", lambda: _slips(identifiers.unchecked(parties)))


def birth_date(parties: Parties) -> Codes:
    return dates.codes(parties)


def birth_date_either_way(parties: Parties) -> Codes:
    """The birth date, the same whichever number is the day and which the month."""
    return dates.either_way(parties)


def birth_year(parties: Parties) -> Codes:
    return dates.years(parties)


def city(parties: Parties) -> Codes:
    return parties.folded("city")


def postal_code(parties: Parties) -> Codes:
    return parties.folded("postal_code")


def city_or_postal(parties: Parties) -> Lists:
    """City and postal code, either of which is enough."""
    return parties.derived_lists("place", lambda: _either(city(parties), postal_code(parties)))


def street(parties: Parties) -> Codes:
    return parties.folded("street")


def house_number(parties: Parties) -> Codes:
    """House number and flat."""
    codes = street(parties)
    return parties.derived("house_number", lambda: codes.recode(house_numbers(codes.arrow)))


def house_numbers(streets: pa.Array) -> pa.Array:
    """The words of folded streets that begin with a digit; null where there are none."""
    plain = pc.utf8_trim(pc.replace_substring_regex(streets, _WORDS, ""), " ")
    return pc.if_else(pc.equal(plain, ""), pa.scalar(None, type=plain.type), plain)


def address(parties: Parties) -> Codes:
    """City and street together, where both are known."""
    return parties.derived("address", lambda: together(city(parties), street(parties)))


def family_letter(parties: Parties) -> Codes:
    return _first(parties, "family_latin", 1)


def name_letters(parties: Parties) -> Lists:
    """First letters of family and given name: the same when a source exchanged the two."""
    return _begins(parties, 1)


def name_begins(parties: Parties) -> Lists:
    """How family and given name begin, three letters: the same when a source exchanged the two."""
    return _begins(parties, 3)


def _begins(parties: Parties, letters: int) -> Lists:
    return parties.derived_lists(
        f"begins:{letters}",
        lambda: _either(*(_first(parties, column, letters) for column in ("family_latin", "given_latin"))),
    )


def either_order(parties: Parties) -> Codes:
    """How family and given name sound, whichever of them is called the family name."""
    return names.either_order(parties)


def org_letters(parties: Parties) -> Codes:
    return _first(parties, "org_latin", 2)


def _first(parties: Parties, column: str, length: int) -> Codes:
    folded = parties.folded(column)
    short = pc.utf8_slice_codeunits
    return parties.derived(f"first:{length}:{column}", lambda: folded.recode(short(folded.arrow, 0, length)))


def _either(first: Codes, second: Codes) -> Lists:
    """What a record has in ``first`` and in ``second``."""
    coded, vocabulary = code_texts(pa.concat_arrays([first.arrow, second.arrow]))
    ours, theirs = np.append(coded[: first.size], -1), np.append(coded[first.size :], -1)
    both = np.column_stack([ours[first.codes], theirs[second.codes]]).ravel()
    starts = np.arange(len(first.codes), dtype=np.int64) * 2
    return listed(starts, starts + 2, both, vocabulary)


def _slips(lists: Lists) -> Lists:
    """What is left of each value without one of its letters, and the whole."""
    offsets, hashes = shortened(letters(lists.arrow))
    coded, first = number(hashes)
    lengths = np.diff(offsets)[lists.codes]
    ends = np.concatenate([[0], np.cumsum(lengths)])
    within = np.arange(ends[-1]) - np.repeat(ends[:-1], lengths)
    bounds = ends[lists.offsets]
    codes = coded[np.repeat(offsets[lists.codes], lengths) + within]
    return listed(bounds[:-1], bounds[1:], codes, Vocabulary(hashes[first], first))


def _without_extension(phones: pa.Array) -> pa.Array:
    extended = pc.match_substring(phones, ";")
    if not pc.any(extended).as_py():
        return phones
    return pc.replace_with_mask(phones, extended, pc.replace_substring_regex(phones.filter(extended), ";.*", ""))


def _telling_locals(addresses: pa.Array) -> tuple[Hashes, Flags]:
    hashes, sizes = slices.locals_of(addresses)
    codes, _ = number(hashes)
    under = np.bincount(codes)[codes] if len(codes) else codes
    return hashes, (under <= _PROVIDERS) & (sizes >= _LOCAL_PART)
