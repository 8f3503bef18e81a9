"""Names of organizations compared, and their branches told apart.

Names meet by how they sound, by their telling words (:mod:`crm_etl.match.telling`), or by spelling; where it matters,
all words are weighed as they are written, translations among them. A branch is another client than its head office,
though name and numbers agree.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crm_etl.match import slips, telling, texts
from crm_etl.match.encode import ORGANIZATION, Codes, Flags, Floats, Ints, Levels, Parties, encode
from crm_etl.match.shortwords import count_bits
from crm_etl.normalize.addresses import city
from crm_etl.normalize.names.compiled import compiled

Array = npt.NDArray[Any]

NONE = np.int8(-1)
#: Jaro-Winkler similarity of names spelled alike; how many letters, as a share of the longer name, at most are not in
#: the other one, and how long the shorter one is at least.
_ALIKE, _OTHER_LETTERS, _SHARE = 0.94, 0.2, 0.75
_DIFFERS, _WORD, _SIMILAR, _SOUNDS, _SAME = range(5)
#: Bits of words that make two names sound alike, or at least similar.
_STRONG, _FAIR = 6.0, 4.0
_MARKERS = (
    "(?:филиал|філія|отделение|відділення|представительство|представництво|обособленное подразделение"
    "|branch|شعبه|نمایندگی)"
)
_BRANCH = re.compile(rf"\b{_MARKERS}\b", re.IGNORECASE)
_WORDS = re.compile(r"[^\W_]+(?:[-\u200c][^\W_]+)*")
_UNKNOWN = "?"


def organization_name(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 differs, 1 a telling word in common, 2 similar, 3 sounds alike, 4 same."""
    names, forms = parties.folded("org_latin"), _forms(parties)
    a, b = names.codes[left], names.codes[right]
    known = (a >= 0) & (b >= 0)
    level = np.where(known & (a == b), _SAME, np.where(_sound_alike(parties, left, right), _SOUNDS, _DIFFERS))
    ask = np.flatnonzero(known & (level == _DIFFERS))
    level[ask] = np.where(telling.of(parties).shared(left[ask], right[ask]) > 0, _WORD, _DIFFERS)
    level[ask[_alike(a[ask], b[ask], *forms)]] = _SIMILAR
    return np.where(known | (level == _SOUNDS), level, NONE).astype(np.int8)


def _sound_alike(parties: Parties, left: Ints, right: Ints) -> Flags:
    """Which pairs share all words, or all telling ones, unless the others contradict: Mercury may be the Mercury bank,
    but the Mercury bank is not the Mercury hotel."""
    found: Flags = parties.keys("og:").shared(left, right) > 0
    meant = parties.keys("ow:")
    any_meant = np.diff(meant.offsets) > 0
    ask = np.flatnonzero(found & any_meant[left] & any_meant[right])
    found[ask] = meant.shared(left[ask], right[ask]) > 0
    return found


def refine_organization_name(parties: Parties, left: Ints, right: Ints, level: Levels) -> Levels:
    """``level`` after the evidence of all words of the names as they are written, translations among them.

    Keys tell it of most pairs; names that share none are read, which takes a tenth of a millisecond each.
    """
    found = level.copy()
    ask = np.flatnonzero((level >= _DIFFERS) & (level < _SOUNDS))
    for prefix, told in (("o2:", _SIMILAR), ("oj:", _SOUNDS)):
        shared = parties.keys(prefix).shared(left[ask], right[ask]) > 0
        found[ask] = np.where(shared, np.maximum(found[ask], told), found[ask])
    open_still = (found[ask] == level[ask]) & (parties.keys("o1:").shared(left[ask], right[ask]) == 0)
    ask = ask[open_still]
    bits = _bits(parties.text("org_name"), left[ask], right[ask])
    found[ask] = np.select([bits >= _STRONG, bits >= _FAIR], [_SOUNDS, np.maximum(level[ask], _SIMILAR)], level[ask])
    return found


def _bits(names: Codes, left: Ints, right: Ints) -> Floats:
    """Evidence of the words of each pair of names, worked out once for each distinct pair; 0 where one is none."""
    from crm_etl.normalize.names.similarity import score_pairs

    a, b = names.codes[left], names.codes[right]
    at = np.flatnonzero((a >= 0) & (b >= 0))
    low, high = np.minimum(a[at], b[at]), np.maximum(a[at], b[at])
    pair, first = texts.number(texts.mix(low.astype(np.uint64), high.astype(np.uint64)))
    ours, theirs = (names.arrow.take(pa.array(side[first])).to_pylist() for side in (low, high))
    bits = np.zeros(len(left))
    bits[at] = score_pairs(ours, theirs, "organization")[pair]
    return bits


def _forms(parties: Parties) -> tuple[Array, Array, Array]:
    """Letters of each distinct name, its words in alphabetical order without blanks; offsets; bits of its letters."""
    found: tuple[Array, Array, Array] = parties.table("org_forms", lambda: _lay(parties.folded("org_latin").arrow))
    return found


def _lay(names: pa.Array) -> tuple[Array, Array, Array]:
    joined = ["".join(sorted(name.split())) for name in names.to_pylist()]
    letters = np.frombuffer("".join(joined).encode(), dtype=np.uint8)
    offsets = np.cumsum([0, *map(len, joined)]).astype(np.int64)
    return letters, offsets, _marks(letters, offsets)


@compiled
def _marks(letters: Array, offsets: Array) -> Array:
    found = np.zeros(len(offsets) - 1, dtype=np.uint64)
    for name in range(len(found)):
        for at in range(offsets[name], offsets[name + 1]):
            found[name] |= np.uint64(1) << np.uint64(letters[at] & np.uint8(63))
    return found


@compiled
def _alike(a: Array, b: Array, letters: Array, offsets: Array, marks: Array) -> Array:
    """Which pairs of names are spelled alike, whatever the order of their words."""
    found = np.zeros(len(a), dtype=np.bool_)
    for pair in range(len(a)):
        x, y = offsets[a[pair]], offsets[b[pair]]
        n, m = offsets[a[pair] + 1] - x, offsets[b[pair] + 1] - y
        lacking = max(count_bits(marks[a[pair]] & ~marks[b[pair]]), count_bits(marks[b[pair]] & ~marks[a[pair]]))
        if lacking <= _OTHER_LETTERS * max(n, m) and min(n, m) >= _SHARE * max(n, m):
            if x > y:
                x, n, y, m = y, m, x, n
            found[pair] = slips.jaro_winkler(letters, x, n, y, m) >= _ALIKE
    return found


def branch(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 a branch and its head office, or two branches; 1 neither is one; 2 the same branch; -1 places unknown."""
    codes = branches(parties)
    a, b = codes.codes[left], codes.codes[right]
    unknown: Flags = np.isin(codes.values.astype(str), [_UNKNOWN])
    open_question = (a >= 0) & (b >= 0) & (_at(unknown, a) | _at(unknown, b))
    names = parties.folded("org_latin")
    nameless = (names.codes[left] < 0) | (names.codes[right] < 0)
    told = np.where(a == b, np.where(a < 0, 1, 2), 0)
    return np.where(open_question | (nameless & (told == 1)), NONE, told).astype(np.int8)


def sharing(parties: Parties, left: Ints, right: Ints) -> Ints:
    """Organizations that share the rarest telling word of each pair, or else its whole name."""
    names = parties.folded("org_latin")
    whole = np.maximum(names.count_of(left), names.count_of(right))
    words = telling.of(parties).shared(left, right)
    return np.where(words > 0, words, whole)


def branches(parties: Parties) -> Codes:
    """Place of the branch of each party, ``?`` where it is not told; none for a head office."""
    return parties.derived("branches", lambda: _branches(parties))


def _at(flags: Flags, codes: Ints) -> Flags:
    found: Flags = np.append(flags, False)[codes]
    return found


def _branches(parties: Parties) -> Codes:
    firms = np.flatnonzero(parties.kind == ORGANIZATION)
    names = parties.arrow("name").take(pa.array(firms))
    marked = pc.fill_null(pc.match_substring_regex(names, _MARKERS, ignore_case=True), False)
    at, branches = firms[marked.to_numpy(zero_copy_only=False)], names.filter(marked).to_pylist()
    cities = parties.arrow("city").take(pa.array(at)).to_pylist()
    cells: list[str | None] = [None] * parties.size
    for position, name, town in zip(at.tolist(), branches, cities, strict=True):
        place = _place(name)
        cells[position] = town if place == _UNKNOWN and town is not None else place
    return encode(cells)


def _place(name: str) -> str | None:
    """City of the branch that ``name`` names; None where it names no branch."""
    marker = _BRANCH.search(name)
    if marker is None:
        return None
    after, before = _WORDS.findall(name[marker.end() :]), _WORDS.findall(name[: marker.start()])
    for word in [*after, *reversed(before[-1:])]:
        found = city(word)
        if found is not None and found[1] is not None:
            return str(found[0])
    return _UNKNOWN
