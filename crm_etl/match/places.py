"""How alike the addresses of two records are: place, street and house number.

Streets are compared by the pairs of neighbouring letters that they have in common, wherever these stand: sources change
the order of the words, join them, leave some out and mistype the others. House numbers are no matter of likeness.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crm_etl.match import features
from crm_etl.match.edits import Letters, letters, one_slip, within_two
from crm_etl.match.encode import Codes, Ints, Levels, Parties
from crm_etl.match.shortwords import count_bits
from crm_etl.normalize.names.compiled import compiled, inner

#: Letters of a city's name from which one slip of the pen, or two, leave it the same: Omsk is not Tomsk.
_SHORT_CITY, _LONG_CITY = 5, 9
#: Dice's coefficient of the letter pairs from which two streets are one (Dice 1945): by themselves, and with the same
#: house number or none on either side; and the share of the shorter one's pairs, of so many at least, from which it is
#: that street with a part left out.
_ALIKE, _ALIKE_WITH_NUMBER = 0.65, 0.5
_PART, _LEAST_PART = 0.8, 5
#: A word that is, or begins with, a number.
_NUMBERS = r"(?:^| )[0-9][^ ]*"


class Places(NamedTuple):
    """Codes of city, postal code and street of each record (-1 none); letters and first letter of each city; of
    each street the code of its house number (-1 none) and its letter pairs, those of street s being
    ``pairs[offsets[s]:offsets[s + 1]]``, each of which also sets one of 64 ``marks``."""

    city: Ints
    postal: Ints
    street: Ints
    cities: Letters
    initial: Ints
    number: Ints
    offsets: Ints
    pairs: npt.NDArray[np.uint32]
    marks: npt.NDArray[np.uint64]


def address(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 another place, 1 same city or postal code, 2 both the same, 3 street and number alike in another or unknown
    place, 4 same place and a street alike, 5 and its number, 6 same place and street."""
    places = parties.table("places", lambda: _places(parties))
    level: Levels = _levels(places, left, right)
    return level


def _places(parties: Parties) -> Places:
    city, postal, street = features.city(parties), features.postal_code(parties), features.street(parties)
    offsets, pairs = _letter_pairs(letters(_joined(street.arrow)))
    return Places(
        city.codes,
        postal.codes,
        street.codes,
        letters(city.arrow),
        _initials(letters(city.arrow)),
        _house_numbers(street),
        offsets,
        pairs,
        _marks(offsets, pairs),
    )


def _joined(streets: pa.Array) -> pa.Array:
    """The letters of streets, without blanks and house numbers."""
    return pc.replace_substring(pc.replace_substring_regex(streets, _NUMBERS, ""), " ", "")


def _house_numbers(street: Codes) -> Ints:
    indices = pc.dictionary_encode(features.house_numbers(street.arrow)).indices
    return np.asarray(pc.fill_null(indices, -1).to_numpy(zero_copy_only=False), dtype=np.int64)


def _initials(texts: Letters) -> Ints:
    first = texts.points[np.minimum(texts.offsets[:-1], max(len(texts.points) - 1, 0))]
    return first.astype(np.int64)


@compiled
def _letter_pairs(texts: Letters) -> Any:
    """The pairs of neighbouring letters of each text, sorted; the first letter makes one alone."""
    size = len(texts.offsets) - 1
    offsets, pairs = np.zeros(size + 1, dtype=np.int64), np.empty(len(texts.points) + size, dtype=np.uint32)
    for text in range(size):
        end, last = offsets[text], np.uint32(0)
        for at in range(texts.offsets[text], texts.offsets[text + 1]):
            pairs[end] = last << np.uint32(16) | texts.points[at] & np.uint32(0xFFFF)
            last, end = texts.points[at] & np.uint32(0xFFFF), end + 1
        offsets[text + 1] = end
        pairs[offsets[text] : end].sort()
    return offsets, pairs[: offsets[size]].copy()


@compiled
def _levels(places: Places, left: Any, right: Any) -> Any:
    """One loop with the arrays taken out of their tuple: what decides most pairs is decided without a call.
    A mark that only one street has is a letter pair that only that one has: so most need not be compared."""
    city, postal, street = places.city, places.postal, places.street
    number, marks, ends = places.number, places.marks, places.offsets
    found = np.empty(len(left), dtype=np.int8)
    for pair in range(len(left)):
        a, b = left[pair], right[pair]
        place, code = -1, postal[a] >= 0 and postal[a] == postal[b]
        if city[a] >= 0 and city[b] >= 0:
            place = 1 if city[a] == city[b] else _same_city(city[a], city[b], places.initial, places.cities)
        if code:
            place = max(place, 0) + 1
        a, b = street[a], street[b]
        alike = 0
        if a >= 0 and b >= 0:
            if a == b:
                alike = 3
            else:
                same = number[a] == number[b]
                ours, theirs = ends[a + 1] - ends[a], ends[b + 1] - ends[b]
                most = min(ours - count_bits(marks[a] & ~marks[b]), theirs - count_bits(marks[b] & ~marks[a]))
                if _enough(most, ours, theirs, same) and _enough(_common(a, b, places), ours, theirs, same):
                    alike = 2 if same and number[a] >= 0 else 1
        if place > 0:
            found[pair] = 3 + alike if alike else place
        else:
            found[pair] = 3 if alike >= 2 else place
    return found


@inner
def _same_city(a: int, b: int, initial: Any, cities: Letters) -> int:
    """1 where slips of the pen part two names of cities, else 0."""
    if initial[a] != initial[b]:
        return 0
    x = cities.points[cities.offsets[a] : cities.offsets[a + 1]]
    y = cities.points[cities.offsets[b] : cities.offsets[b + 1]]
    shorter = min(len(x), len(y))
    if shorter < _SHORT_CITY:
        return 0
    return int(within_two(x, y) if shorter >= _LONG_CITY else one_slip(x, y))


@inner
def _enough(common: int, ours: int, theirs: int, same_number: bool) -> bool:
    """Whether streets of so many letter pairs are alike that have so many of them, or at most so many, in common."""
    if not same_number:
        return common > 0 and 2 * common >= _ALIKE * (ours + theirs)
    part = common >= _LEAST_PART and common >= _PART * min(ours, theirs)
    return part or (common > 0 and 2 * common >= _ALIKE_WITH_NUMBER * (ours + theirs))


@compiled
def _marks(offsets: Any, pairs: Any) -> Any:
    marks = np.zeros(len(offsets) - 1, dtype=np.uint64)
    for street in range(len(marks)):
        for at in range(offsets[street], offsets[street + 1]):
            mixed = np.uint64(pairs[at]) * np.uint64(0x9E3779B97F4A7C15)
            marks[street] |= np.uint64(1) << (mixed >> np.uint64(58))
    return marks


@inner
def _common(a: int, b: int, places: Places) -> int:
    """How many letter pairs two streets have in common."""
    i, end, j, stop = places.offsets[a], places.offsets[a + 1], places.offsets[b], places.offsets[b + 1]
    common = 0
    while i < end and j < stop:
        if places.pairs[i] == places.pairs[j]:
            common, i, j = common + 1, i + 1, j + 1
        elif places.pairs[i] < places.pairs[j]:
            i += 1
        else:
            j += 1
    return common
