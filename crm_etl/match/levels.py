"""How alike two records are in one respect: functions from pairs of positions to level codes.

Each function takes the encoded parties and two position arrays (pairs,) and gives int8 codes (pairs,): higher is
more alike, -1 where a side has no value, which is no evidence. The names of the codes stand in the tables of
:mod:`crm_etl.match.compare`; names are compared in :mod:`crm_etl.match.names` and
:mod:`crm_etl.match.organizations`.
"""

from __future__ import annotations

import numpy as np

from crm_etl.match import features
from crm_etl.match.encode import Codes, Flags, Floats, Ints, Levels, Lists, Parties, Texts, encode
from crm_etl.match.strings import edits, over_pairs, token_ratio

NONE = np.int8(-1)
_ALIKE_STREET = 0.92
#: Letters of a city's name from which one slip of the pen, or two, leave it the same: Omsk is not Tomsk.
_SHORT_CITY, _LONG_CITY = 5, 9


def birth_date(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 differs, 1 same year, 2 one digit off, 3 day and month swapped, 4 same."""
    dates = features.birth_date(parties)
    a, b = dates.codes[left], dates.codes[right]
    digits = parties.table("birth_digits", lambda: _digits(dates.values))
    one, other = digits[a], digits[b]
    year = (one[:, :4] == other[:, :4]).all(axis=1)
    swapped = year & (one[:, 4:6] == other[:, 6:8]).all(axis=1) & (one[:, 6:8] == other[:, 4:6]).all(axis=1)
    off_by_one = (one != other).sum(axis=1) == 1
    level = np.select([a == b, swapped, off_by_one, year], [4, 3, 2, 1], default=0).astype(np.int8)
    return np.where((a < 0) | (b < 0), NONE, level)


def phones(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 none in common, 1 the same last digits, 2 one in common."""
    level = _any_shared(features.phones(parties), left, right) * np.int8(2)
    tail = _shares(features.phone_tails(parties), left, right)
    return np.where(level == -2, NONE, np.where((level == 0) & tail, np.int8(1), level)).astype(np.int8)


def emails(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 none in common, 1 the same before the @, 2 one in common."""
    level = _any_shared(features.emails(parties), left, right) * np.int8(2)
    local = _shares(features.local_parts(parties), left, right)
    return np.where(level == -2, NONE, np.where((level == 0) & local, np.int8(1), level)).astype(np.int8)


def address(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 other place, 1 same place, 2 similar street, 3 same street."""
    street = features.street(parties)
    same_place = _place(parties, left, right)
    a, b = street.codes[left], street.codes[right]
    same_street, known_street = (a == b) & (a >= 0), (a >= 0) & (b >= 0)
    similar = np.zeros(len(left), dtype=np.bool_)
    ask = np.flatnonzero(known_street & ~same_street & (same_place != 0))
    numbers = parties.table("street_numbers", lambda: _numbers(street.values))
    ask = ask[numbers[a[ask]] == numbers[b[ask]]]
    similar[ask] = over_pairs(street.values, a[ask], b[ask], _alike_streets) >= _ALIKE_STREET
    level = np.select([same_street, similar], [3, 2], default=1).astype(np.int8)
    without_place = np.where(known_street & (level > 1), np.int8(2), NONE)
    return np.select([same_place == 1, same_place == 0], [level, np.zeros_like(level)], default=without_place).astype(
        np.int8
    )


def _place(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 other place, 1 the same: city, city with a slip of the pen, or postal code; -1 unknown."""
    city, postal = features.city(parties), features.postal_code(parties)
    place = _equal(city, left, right)
    same_code = _equal(postal, left, right) == 1
    a, b = city.codes[left], city.codes[right]
    ask = np.flatnonzero((place == 0) & (~same_code))
    initials = parties.table("city_initials", lambda: _initials(city.values))
    ask = ask[initials[a[ask]] == initials[b[ask]]]
    lengths = parties.table("city_lengths", lambda: np.array([len(value) for value in city.values], dtype=np.int64))
    shorter = np.minimum(lengths[a[ask]], lengths[b[ask]])
    slips = np.where(shorter >= _LONG_CITY, 2, np.where(shorter >= _SHORT_CITY, 1, 0))
    slip = over_pairs(city.values, a[ask], b[ask], edits) <= slips
    place[ask[slip]] = 1
    place[same_code] = 1
    return place


def sex(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 differs, 1 same."""
    return _equal(parties.text("sex"), left, right)


def legal_form(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 differs, 1 same."""
    return _equal(parties.text("legal_form"), left, right)


#: Types whose numbers change in the life of a party, or that are not checked by a digit: another one is no
#: contradiction, and one that is a digit off may be a slip of the pen.
_CHANGING_TYPES = ("passport", "other", "eu_vat")
_BRANCH_TYPE = "ru_kpp"


def identifiers(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 contradict, 1 same taxpayer but another branch, 2 one digit off, 3 same."""
    lists = parties.lists("identifiers")
    owner, ours = lists.expand(left)
    again, theirs = lists.expand(right[owner])
    pair, ours = owner[again], ours[again]
    types = _types(lists)
    alike = types.codes[ours] == types.codes[theirs]
    pair, ours, theirs = pair[alike], ours[alike], theirs[alike]
    names = types.values[types.codes[ours]] if len(ours) else np.zeros(0, dtype=object)
    branch, changing = names == _BRANCH_TYPE, np.isin(names.astype(str), _CHANGING_TYPES)
    equal = ours == theirs
    ask = np.flatnonzero(changing & ~equal)
    slip = np.zeros(len(pair), dtype=np.bool_)
    slip[ask] = over_pairs(lists.values, ours[ask], theirs[ask], edits) <= 1
    # A party may hold several numbers of a type: one in common is agreement in that type.
    size, kinds = len(left), max(len(types.values), 1)
    agree_in_type = np.unique(pair[equal] * np.int64(kinds) + types.codes[ours[equal]])
    settled = np.isin(pair * np.int64(kinds) + types.codes[ours], agree_in_type)
    same = _mark(size, pair[equal & ~branch])
    differs = _mark(size, pair[~settled & ~branch & ~changing])
    other_branch = _mark(size, pair[~settled & branch]) & same
    chosen = [differs, other_branch, same, _mark(size, pair[slip])]
    return np.select(chosen, [0, 1, 3, 2], default=-1).astype(np.int8)


def _types(lists: Lists) -> Codes:
    return encode(np.array([value.partition(":")[0] for value in lists.values], dtype=object))


def _mark(size: int, at: Ints) -> Flags:
    marks = np.zeros(size, dtype=np.bool_)
    marks[at] = True
    return marks


def _equal(codes: Codes, left: Ints, right: Ints) -> Levels:
    a, b = codes.codes[left], codes.codes[right]
    return np.where((a < 0) | (b < 0), NONE, (a == b).astype(np.int8)).astype(np.int8)


def _shares(lists: Lists, left: Ints, right: Ints) -> Flags:
    found: Flags = lists.shared(left, right) > 0
    return found


def _any_shared(lists: Lists, left: Ints, right: Ints) -> Levels:
    return np.where(lists.both(left, right), _shares(lists, left, right).astype(np.int8), NONE).astype(np.int8)


def _digits(dates: Texts) -> Levels:
    """The eight digits of each ISO date, and a last row for "none"."""
    rows = np.full((len(dates) + 1, 8), -1, dtype=np.int8)
    for row, date in enumerate(dates):
        digits = str(date).replace("-", "")[:8]
        rows[row, : len(digits)] = [ord(c) for c in digits]
    return rows


def _initials(values: Texts) -> Ints:
    return np.array([ord(str(value)[0]) for value in values], dtype=np.int64)


def _alike_streets(ours: Texts, theirs: Texts) -> Floats:
    """Likeness of two streets, whatever the order of their words or the blanks between them."""
    joined = [np.array([str(text).replace(" ", "") for text in side], dtype=object) for side in (ours, theirs)]
    return np.maximum(token_ratio(ours, theirs), token_ratio(*joined))


def _numbers(streets: Texts) -> Ints:
    """A code of the house numbers in each street."""
    numbers = [" ".join(word for word in street.split() if word[0].isdigit()) for street in streets]
    return encode(np.array(numbers, dtype=object)).codes
