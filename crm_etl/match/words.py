"""Words of persons' names compared, romanized, each distinct pair once.

Two words are equal, sound alike (a common coarse skeleton, or forms of one given name), are similar (a slip of the pen,
a short form), or one is an initial by which the other may be abbreviated: in another script, or by another language's
form of the name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np
import yaml

from crm_etl.match.encode import Flags, Ints, Levels, Texts, encode, encode_lists
from crm_etl.match.strings import distinct_pairs, edits, jaro_winkler
from crm_etl.normalize.names.languages.variants import in_full, variants
from crm_etl.normalize.names.skeletons import coarse

NONE = np.int8(-1)
#: Likeness of two words.
DIFFERS, INITIAL, SIMILAR, SOUNDS, SAME = range(5)
#: Jaro-Winkler similarity from which two words that sound alike are plausible: only vowels differ, as between scripts.
_ALIKE_SOUND = 0.68
#: A skeleton of one sound says little: such words must look more alike, and have some length.
_ALIKE_ONE_SOUND, _LENGTH_ONE_SOUND = 0.72, 4
#: Letters from which one slip of the pen after the first letter is a misspelling, and how alike it leaves two words.
_LENGTH_SLIP, _SLIP = 5, 0.75


class Words:
    """Likeness of words, by codes of one vocabulary."""

    def __init__(self, values: Texts) -> None:
        self._values = values
        self.lengths = np.array([len(value) for value in values], dtype=np.int64)
        self.initial: Flags = np.array([_is_initial(value) for value in values], dtype=np.bool_)
        self._first = np.array([ord(value[0]) for value in values], dtype=np.int64)
        self._stands_for = np.array([_stands_for(value) for value in values], dtype=np.int64)
        self._abbreviations = np.array([_abbreviations(value) for value in values], dtype=np.int64)
        self._skeletons = encode_lists(coarse(value) for value in values)
        self._short = np.array([len(next(iter(coarse(value)), "")) < 2 for value in values], dtype=np.bool_)
        self._names = _GivenNames(values)

    @cached_property
    def first_sound(self) -> Ints:
        """A code of how each word sounds; of words without a skeleton, the word itself."""
        sounds = np.array([next(iter(coarse(value)), value) for value in self._values], dtype=object)
        return encode(sounds).codes

    def levels(self, a: Ints, b: Ints, alike: float) -> Levels:
        """Likeness of the words ``a`` and ``b``: -1 none, then :data:`DIFFERS` to :data:`SAME`."""
        level = np.where((a < 0) | (b < 0), NONE, np.where(a == b, np.int8(SAME), np.int8(DIFFERS)))
        ask = np.flatnonzero(level == DIFFERS)
        if len(ask):
            low, high, inverse = distinct_pairs(a[ask], b[ask], len(self._values))
            level[ask] = self._different(low, high, alike)[inverse]
        return level

    def _different(self, a: Ints, b: Ints, alike: float) -> Levels:
        likeness = jaro_winkler(self._values[a], self._values[b])
        short = self._short[a] | self._short[b]
        long_enough = np.minimum(self.lengths[a], self.lengths[b]) >= _LENGTH_ONE_SOUND
        plausible = np.where(short, (likeness >= _ALIKE_ONE_SOUND) & long_enough, likeness >= _ALIKE_SOUND)
        sound = (self._skeletons.shared(a, b) > 0) & plausible
        sound |= self._names.same(a, b)
        initial = self.initial[a] | self.initial[b]
        begin = ((self._stands_for[a] & self._abbreviations[b]) | (self._stands_for[b] & self._abbreviations[a])) != 0
        near = (self._first[a] == self._first[b]) & (likeness >= _SLIP)
        spelled = (likeness >= alike) | self._slip(a, b, near) | self._names.short(a, b)
        choices = [initial & begin, initial, sound, spelled]
        return np.select(choices, [INITIAL, DIFFERS, SOUNDS, SIMILAR], default=DIFFERS).astype(np.int8)

    def _slip(self, a: Ints, b: Ints, worth: Flags) -> Flags:
        """Long enough words that one slip of the pen parts; looked for where it is ``worth`` it."""
        found: Flags = worth & (np.minimum(self.lengths[a], self.lengths[b]) >= _LENGTH_SLIP)
        ask = np.flatnonzero(found)
        found[ask] = edits(self._values[a[ask]], self._values[b[ask]]) <= 1
        return found


class _GivenNames:
    """Which words are forms of one given name, by codes of the words."""

    def __init__(self, values: Texts) -> None:
        self._size = len(values)
        full, every = ([map(str, known.get(value, ())) for value in values] for known in (in_full(), variants()))
        self._groups = encode_lists([*full, *every])

    def same(self, a: Ints, b: Ints) -> Flags:
        """Both in full: Elena and Olena."""
        return self._shared(a, b)

    def short(self, a: Ints, b: Ints) -> Flags:
        """At least one in full: Alireza and Ali, but not Ali and Reza."""
        return self._shared(a, b + self._size) | self._shared(a + self._size, b)

    def _shared(self, a: Ints, b: Ints) -> Flags:
        found: Flags = self._groups.shared(a, b) > 0
        return found


def _is_initial(word: str) -> bool:
    return len(word) == 1 or word in _rules()["letters"]


def _abbreviations(word: str) -> int:
    """Bits of the initials by which ``word`` may be abbreviated, in any language."""
    elsewhere = (letter for group in in_full().get(word, ()) for letter in _of_names().get(group, ""))
    return _bits([word[:1], *_longer(word), *_others(word), *elsewhere])


def _stands_for(word: str) -> int:
    """Bits of the initial that ``word`` is; none where it is no initial."""
    if not _is_initial(word):
        return 0
    return _bits([word]) if len(word) == 1 else _bits([word, *_others(word)])


def _longer(word: str) -> list[str]:
    return [letter for letter in _rules()["letters"] if word.startswith(letter)]


@cache
def _others(word: str) -> str:
    begins = _rules()["begins"]
    return next((begins[word[:size]] for size in (4, 3, 2, 1) if word[:size] in begins), "")


def _bits(signs: Iterable[str]) -> int:
    found = 0
    for sign in signs:
        found |= 1 << _signs()[sign] if sign in _signs() else 0
    return found


@cache
def _signs() -> Mapping[str, int]:
    """Everything that may be an initial -> its bit."""
    return {sign: bit for bit, sign in enumerate([*ascii_lowercase, *_rules()["letters"]])}


@cache
def _of_names() -> Mapping[int, str]:
    """Number of a given name -> its initials in all languages."""
    return {group: letters for name, letters in _rules()["names"].items() for group in in_full().get(name, ())}


@cache
def _rules() -> dict[str, Any]:
    rules: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "initials.yml").read_text(encoding="utf-8"))
    return rules
