"""Pairs that are drawn to learn from, by a seed and by position: the order of the rows does not matter.

Random pairs tell what has nothing to do with each other; pairs of one name what people who merely bear the same name
have in common, which is more: a name is of one country and one generation, and mailboxes are made of it.
"""

from __future__ import annotations

import numpy as np

from crm_etl.match import copies, names
from crm_etl.match.encode import PERSON, Codes, Ints, Parties

RANDOM_PAIRS = 300_000
NAMESAKE_PAIRS = 100_000


def random_pairs(parties: Parties, kind: int, seed: int, most: int = RANDOM_PAIRS) -> tuple[Ints, Ints]:
    """Pairs of records of a kind, copies left out: all of them where there are no more than ``most``, else a seeded
    draw."""
    members = np.flatnonzero((parties.kind == kind) & copies.taking_part(parties))
    size = len(members)
    if size * (size - 1) // 2 <= most:
        first, second = np.triu_indices(size, k=1)
    else:
        generator = np.random.default_rng([seed, kind])
        first, second = generator.integers(0, size, most), generator.integers(0, size, most)
        first, second = first[first != second], second[first != second]
    return members[first], members[second]


def namesake_pairs(parties: Parties, kind: int, seed: int, most: int = NAMESAKE_PAIRS) -> tuple[Ints, Ints]:
    """Pairs of records of a kind whose names sound the same: for each of up to ``most`` records one other of its name,
    drawn by the seed. A pair may come twice, as (a, b) and (b, a) do not differ."""
    codes = _name(parties, kind)
    alone = copies.taking_part(parties)
    counts = np.append(np.bincount(codes.codes[alone & (codes.codes >= 0)], minlength=codes.size), 0)
    at = np.flatnonzero((counts[codes.codes] > 1) & (parties.kind == kind) & alone)
    at = at[np.argsort(codes.codes[at], kind="stable")]
    starts = np.searchsorted(codes.codes[at], codes.codes[at])
    sizes = np.searchsorted(codes.codes[at], codes.codes[at], side="right") - starts
    generator = np.random.default_rng([seed, kind, 1])
    asked = np.arange(len(at))
    if len(at) > most:
        asked = np.sort(generator.permutation(len(at))[:most])
    step = 1 + (generator.random(len(asked)) * (sizes[asked] - 1)).astype(np.int64)
    other = starts[asked] + (asked - starts[asked] + step) % sizes[asked]
    one, other = at[asked], at[other]
    return np.minimum(one, other), np.maximum(one, other)


def _name(parties: Parties, kind: int) -> Codes:
    return names.full_name(parties) if kind == PERSON else parties.folded("org_latin")
