"""Names of persons compared: part by part, over every form of a name that a party has, in whatever script.

Two names are as alike as their most alike forms (:mod:`crm_etl.match.forms`). Their parts are compared romanized, word
by word (:mod:`crm_etl.match.words`); where the parts seem to differ, the words of both names are laid side by side
regardless of their order: sources that write a name in one cell get its order wrong. All that is compiled, and cheap
enough for every pair. What is then said of two full names is confirmed, mended or withdrawn, where it matters, by the
letters they are written in (:mod:`crm_etl.match.spellings`).
"""

from __future__ import annotations

import numpy as np

from crm_etl.match import forms, texts
from crm_etl.match import name_kernels as kernels
from crm_etl.match.codes import Vocabulary, together
from crm_etl.match.encode import Codes, Ints, Levels, Parties
from crm_etl.match.forms import Forms


def person_name(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 differs, 1 given differs, 2 family differs, 3 a part only, 4 initials, 5 similar, 6 sounds alike, 7 same."""
    known = forms.of(parties)
    level: Levels = kernels.of_parties(
        left, right, known.size, known.forms, known.tokens, known.further, known.words.words, known.words.pool
    )
    return level


def patronymic(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 differs, 1 similar or an initial, 2 same."""
    known = forms.of(parties)
    level: Levels = kernels.of_patronymics(left, right, known.forms, known.words.words, known.words.pool)
    return level


def full_name(parties: Parties) -> Codes:
    """How family and given name together sound: what the frequency of names is counted on."""
    return parties.derived("full_name", lambda: together(family(parties), given(parties)))


def family(parties: Parties) -> Codes:
    """How the family name sounds."""
    return parties.derived("family_sound", lambda: _sound(parties, "family"))


def given(parties: Parties) -> Codes:
    """How the given name sounds."""
    return parties.derived("given_sound", lambda: _sound(parties, "given"))


def either_order(parties: Parties) -> Codes:
    """How family and given name together sound, whichever of the two is called the family name."""
    return parties.derived("either_order", lambda: _unordered(family(parties), given(parties)))


def _sound(parties: Parties, part: str) -> Codes:
    known = forms.of(parties)
    hashes = known.words.first_sound
    codes, first = texts.number(hashes)
    return Codes(np.append(codes, -1)[known.forms[part][: known.size]], Vocabulary(hashes[first], first))


def _unordered(one: Codes, other: Codes) -> Codes:
    """Two values as one, whichever is which; known by its hash alone."""
    has = np.flatnonzero((one.codes >= 0) & (other.codes >= 0))
    first, second = one.hashes[one.codes[has]], other.hashes[other.codes[has]]
    keys = texts.mix(np.minimum(first, second), np.maximum(first, second))
    codes = np.full(len(one.codes), -1, dtype=np.int64)
    codes[has], places = texts.number(keys)
    return Codes(codes, Vocabulary(keys[places], has[places]))


def form_levels(known: Forms, ours: Ints, theirs: Ints) -> Levels:
    """Level of the forms ``ours`` and ``theirs``, (pairs,)."""
    found: Levels = kernels.between_forms(ours, theirs, known.forms, known.tokens, known.words.words, known.words.pool)
    return found


def pairs_of_forms(known: Forms, left: Ints, right: Ints) -> tuple[Ints, Ints, Ints]:
    """All pairs of forms of parties: which pair of parties each is of, and the forms of both sides."""
    counts = np.diff(known.further).astype(np.int64) + 1
    pair = np.repeat(np.arange(len(left)), counts[left] * counts[right])
    within = np.arange(len(pair)) - np.searchsorted(pair, pair)
    i, j = np.divmod(within, counts[right][pair])
    ours, theirs = (
        np.where(nth == 0, side[pair], known.size + known.further[side[pair]] + nth - 1)
        for nth, side in ((i, left), (j, right))
    )
    return pair, ours, theirs
