"""Names of organizations compared, and their branches told apart.

A name's telling words are those that few organizations bear; they are compared by how they sound, so they meet
across scripts while words like *plant* or *school*, which are translated, do not stand in the way. A branch is
another client than its head office, though name and numbers agree.
"""

from __future__ import annotations

import re

import numpy as np

from crm_etl.match.encode import Codes, Flags, Ints, Levels, Lists, Parties, encode, encode_lists
from crm_etl.match.spellings import Spellings
from crm_etl.match.strings import over_pairs, token_ratio
from crm_etl.normalize.addresses import city
from crm_etl.normalize.names.skeletons import coarse

NONE = np.int8(-1)
_ALIKE = 0.88
#: A word that more names bear is not telling; so many in any case, or this share of all names.
_FEW, _FEW_SHARE = 30, 0.03
_SHORTEST = 3
_DIFFERS, _WORD, _SIMILAR, _SOUNDS, _SAME = range(5)
#: Bits of words that make two names sound alike, or at least similar; and under which names that sound alike have but
#: a word in common.
_STRONG, _FAIR, _AGAINST = 6.0, 4.0, 0.0
_BRANCH = re.compile(
    r"\b(?:филиал|філія|отделение|відділення|представительство|представництво|обособленное подразделение"
    r"|branch|شعبه|نمایندگی)\b",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W_]+(?:[-\u200c][^\W_]+)*")
_UNKNOWN = "?"


def organization_name(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 differs, 1 a telling word in common, 2 similar, 3 sounds alike, 4 same."""
    names = parties.folded("org_latin")
    a, b = names.codes[left], names.codes[right]
    known = (a >= 0) & (b >= 0)
    similar, word = np.zeros(len(left), dtype=np.bool_), np.zeros(len(left), dtype=np.bool_)
    ask = np.flatnonzero(known & (a != b))
    similar[ask] = over_pairs(names.values, a[ask], b[ask], token_ratio) >= _ALIKE
    word[ask] = telling_words(parties).shared(left[ask], right[ask]) > 0
    sounds = parties.keys("og:").shared(left, right) > 0
    level = np.select([known & (a == b), sounds, similar, word], [_SAME, _SOUNDS, _SIMILAR, _WORD], default=_DIFFERS)
    ask = np.flatnonzero(level < _SAME)
    level[ask] = _by_words(parties, level[ask], left[ask], right[ask])
    return np.where(known | sounds, level, NONE).astype(np.int8)


def _by_words(parties: Parties, level: Ints, left: Ints, right: Ints) -> Ints:
    """``level`` after the evidence of all words of the names as they are written, translations among them."""
    spellings: Spellings = parties.table(
        "org_spellings", lambda: Spellings({"name": parties.column("org_name")}, kind="organization")
    )
    at = np.flatnonzero(spellings.known("name", left, right))
    bits, found = spellings.bits(("name", "name"), left[at], right[at]), level[at]
    level[at] = np.select(
        [bits >= _STRONG, bits >= _FAIR, bits >= _AGAINST],
        [np.maximum(found, _SOUNDS), np.maximum(found, _SIMILAR), found],
        default=np.minimum(found, _WORD),
    )
    return level


def branch(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 a branch and its head office, or two branches; 1 the same branch; -1 neither is one, or places unknown."""
    codes = branches(parties)
    a, b = codes.codes[left], codes.codes[right]
    unknown: Flags = np.isin(codes.values.astype(str), [_UNKNOWN])
    open_question = (a >= 0) & (b >= 0) & (_at(unknown, a) | _at(unknown, b))
    return np.where(((a < 0) & (b < 0)) | open_question, NONE, (a == b).astype(np.int8)).astype(np.int8)


def sharing(parties: Parties, left: Ints, right: Ints) -> Ints:
    """Organizations that share the rarest telling word of each pair, or else its whole name."""
    names = parties.folded("org_latin")
    whole = np.maximum(names.count_of(left), names.count_of(right))
    words = telling_words(parties).shared(left, right)
    return np.where(words > 0, words, whole)


def telling_words(parties: Parties) -> Lists:
    """How the telling words of each organization's name sound."""
    return parties.derived_lists("telling_words", lambda: _telling(parties.folded("org_latin")))


def branches(parties: Parties) -> Codes:
    """Place of the branch of each party, ``?`` where it is not told; none for a head office."""
    return parties.derived("branches", lambda: _branches(parties))


def _at(flags: Flags, codes: Ints) -> Flags:
    found: Flags = np.append(flags, False)[codes]
    return found


def _telling(names: Codes) -> Lists:
    sounds = [[sound for word in value.split() for sound in _sounds(word)] for value in names.values]
    every = encode_lists(sounds)
    most = max(_FEW, int(_FEW_SHARE * len(sounds)))
    common = set(every.values[every.counts > most].tolist())
    telling = encode_lists([sound for sound in name if sound not in common] for name in sounds)
    named = np.flatnonzero(names.codes >= 0)
    owner, codes = telling.expand(names.codes[named])
    counts = np.bincount(named[owner], minlength=len(names.codes))
    return Lists(np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), codes, telling.values)


def _sounds(word: str) -> list[str]:
    return [word] if word.isdigit() else [sound for sound in coarse(word) if len(sound) >= _SHORTEST]


def _branches(parties: Parties) -> Codes:
    names = parties.text("name")
    places = [_place(str(name)) for name in names.values]
    cells = np.full(parties.size, None, dtype=object)
    cities = parties.column("city")
    for position in np.flatnonzero((names.codes >= 0) & (parties.kind == 1)).tolist():
        place = places[names.codes[position]]
        cells[position] = cities[position] or place if place == _UNKNOWN else place
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
