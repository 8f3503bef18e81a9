"""What tells where people work, who trades on their own, and which organization is a part of which: extensions, names,
branches, divisions."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from crm_etl.match import features, organizations
from crm_etl.match.codes import listed
from crm_etl.match.compare import comparison
from crm_etl.match.encode import ORGANIZATION, PERSON, Flags, Ints, Lists, Parties, encode_lists
from crm_etl.match.ties import Clients, Entries, Ties, between, records
from crm_etl.normalize import names as normalizer

#: Digits 5 and 6 of a Russian KPP: 01 is the seat; these are separate divisions (order of the Federal Tax Service
#: MMV-7-6/435@ of 29.06.2012, appendix).
_DIVISIONS = frozenset({"02", "03", "04", "05", "31", "32", "43", "44", "45"})
_SEAT = "01"
#: The legal form of a person in business.
_SOLE_TRADER = "sole_trader"
#: A name in quotation marks, or after a legal form: what a comment must hold to name an organization.
_NAMED = re.compile(
    r"[«“„\"]([^«»“”„\"]{3,60})[»”\"]"
    r"|\b(?:ООО|ОАО|ЗАО|ПАО|АО|ТОВ|ПрАТ|ПАТ|ИП|LLC|Ltd|Inc|GmbH|شرکت)\.?\s+([^\s,;.«\"]+(?:\s+[^\s,;.«\"]+)?)"
)


def extended(parties: Parties) -> Lists:
    """Phones that have an extension, without it, in terms of :func:`features.phones`."""
    bare = parties.derived_lists("phones:extended", lambda: parties.lists("phones").change(_of_extension))
    return in_terms_of(bare, features.phones(parties))


def _of_extension(phone: str) -> str | None:
    number, mark, _ = phone.partition(";")
    return number if mark else None


def names(parties: Parties) -> Lists:
    """How the name of each organization sounds, in any script; without its branch."""
    return parties.keys("og:")


def named(parties: Parties) -> Lists:
    """Organizations that the comment of each record names, in terms of :func:`names`."""
    comments = parties.text("comment")
    mentioned = encode_lists(_mentions(str(text)) for text in comments.values)
    positions = np.flatnonzero(comments.codes >= 0)
    owner, codes = mentioned.expand(comments.codes[positions].astype(np.int64))
    ends = np.cumsum(np.bincount(positions[owner], minlength=parties.size))
    offsets = np.concatenate([[0], ends]).astype(np.int64)
    return in_terms_of(Lists(offsets, codes, mentioned.vocabulary), names(parties))


def _mentions(text: str) -> list[str]:
    """Name keys of the organizations that ``text`` names, in quotation marks or after a legal form."""
    found = [quoted or formed for quoted, formed in _NAMED.findall(text)]
    parsed = [normalizer.parse(name, normalizer.Hints(kind="organization")) for name in found]
    return [key for name in parsed for key in normalizer.keys(name) if key.startswith("og:")]


def in_terms_of(lists: Lists, known: Lists) -> Lists:
    """``lists`` with the codes of ``known``; values that are not known there leave."""
    order = np.argsort(known.hashes, kind="stable")
    at = np.minimum(np.searchsorted(known.hashes[order], lists.hashes), max(known.size - 1, 0))
    fresh = order[at] if known.size else np.full(lists.size, -1)
    if known.size:
        fresh = np.where(known.hashes[fresh] == lists.hashes, fresh, -1)
    codes = fresh[lists.codes] if lists.size else lists.codes
    return listed(lists.offsets[:-1], lists.offsets[1:], codes.astype(np.int64), known.vocabulary)


@dataclass(frozen=True)
class Parts:
    """Which organizations are parts of another one, by client: called a branch, or registered as a division."""

    called: Flags
    registered: Flags
    seats: Flags
    organizations: Flags

    @classmethod
    def of(cls, parties: Parties, clients: Clients) -> Parts:
        """What the names and the registration codes of all records of each client say."""
        offices = parties.lists("identifiers").change(_kind_of_office)
        codes, kinds = Entries.of(clients, offices), offices.values
        called = np.bincount(clients.of[organizations.branches(parties).codes >= 0], minlength=clients.size) > 0

        def says(kind: str) -> Flags:
            some = codes.take(np.isin(codes.value, np.flatnonzero(kinds == kind)))
            return np.bincount(some.client, minlength=clients.size) > 0

        return cls(called & clients.organizations, says("division"), says("seat"), clients.organizations)

    def towards(self, entries: Entries) -> Ties:
        """Every part with every whole that shares a value with it."""
        part = self.called | (self.registered & ~self.seats)
        whole = self.organizations & ~part
        return between(entries.take(part[entries.client]), entries.take(whole[entries.client]))

    def by_name(self, one: Ints, other: Ints) -> Ties:
        """Of these pairs, those whose first is called a branch."""
        return _sure(one, other, self.called[one] & ~self.called[other])

    def by_number(self, one: Ints, other: Ints) -> Ties:
        """Of these pairs, those registered as a division and as a seat."""
        return _sure(one, other, self.registered[one] & self.seats[other])


def sole_traders(parties: Parties, clients: Clients) -> Flags:
    """Which clients are organizations that are a person in business, (clients,)."""
    forms = parties.text("legal_form")
    named = np.append(forms.values == _SOLE_TRADER, False)[forms.codes] & (parties.kind == ORGANIZATION)
    found: Flags = np.bincount(clients.of[named], minlength=clients.size) > 0
    return found


def bear_one_name(parties: Parties, clients: Clients, one: Ints, other: Ints) -> Ties:
    """Of these pairs of a person and a sole trader, those who bear one name."""
    pair, left, right = records(clients, one, other)
    level = comparison(PERSON, "name").measure(parties, left, right)
    alike = np.bincount(pair[level >= comparison(PERSON, "name").code("initials")], minlength=len(one)) > 0
    return _sure(one, other, alike)


def strangers(parties: Parties, clients: Clients, one: Ints, other: Ints) -> tuple[Ints, Ints]:
    """Of these pairs of organizations, those with different numbers of one type, or in different countries."""
    pair, left, right = records(clients, one, other)
    numbers = comparison(ORGANIZATION, "identifiers")
    differ = numbers.measure(parties, left, right) == numbers.code("differs")
    country = parties.text("country").codes
    known = (country[left] >= 0) & (country[right] >= 0)
    home = np.bincount(pair[known & (country[left] == country[right])], minlength=len(one)) > 0
    abroad = np.bincount(pair[known], minlength=len(one)) > 0
    apart = (np.bincount(pair[differ], minlength=len(one)) > 0) | (abroad & ~home)
    return one[apart], other[apart]


def _kind_of_office(identifier: str) -> str | None:
    kind, _, value = identifier.partition(":")
    if kind != "ru_kpp":
        return None
    reason = value[4:6]
    return "division" if reason in _DIVISIONS else "seat" if reason == _SEAT else None


def _sure(one: Ints, other: Ints, chosen: Flags) -> Ties:
    return Ties(one[chosen], other[chosen], np.ones(int(chosen.sum()), dtype=np.int64))
