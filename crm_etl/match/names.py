"""Names of persons compared: part by part, over every form of a name that a party has, in whatever script.

A party's forms are its name and its ``other_names`` (former, in another script), taken apart and romanized by the
normalizer. Two names are as alike as their most alike forms. Likeness of two words is worked out once for each
distinct pair: equal, sounding alike (a common coarse skeleton, or one name in two languages, as ``given_names.yml``
lists them), similarly spelled, or an initial of the other. Where the parts seem to differ, the words of both names
are laid side by side regardless of their order: sources that write a name in one cell get its order wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import yaml

from crm_etl.match.encode import Codes, Flags, Ints, Levels, Lists, Parties, Texts, distinct, encode, encode_lists, fold
from crm_etl.match.strings import distinct_pairs, edits, jaro_winkler
from crm_etl.normalize import names as normalizer
from crm_etl.normalize.names.skeletons import coarse

NONE = np.int8(-1)
_COLUMNS = ("family_latin", "given_latin", "patronymic_latin")
#: Jaro-Winkler similarity from which two names are a misspelling of each other.
_ALIKE = 0.9
#: The same where their consonants agree: only vowels differ, as between scripts.
_ALIKE_SOUND = 0.68
_ALIKE_PATRONYMIC = 0.85
#: Letters from which one slip of the pen after the first letter is a misspelling, and how alike it leaves two words.
_LENGTH_SLIP, _SLIP = 5, 0.75
#: A skeleton of one sound says little: such words must look more alike, and have some length.
_ALIKE_ONE_SOUND, _LENGTH_ONE_SOUND = 0.72, 4

#: One letter of another script, romanized.
_LETTERS = {"ia", "ya", "iu", "yu", "ie", "ye", "io", "yo", "yi", "zh", "kh", "ts", "ch", "sh", "shch"}

# Likeness of one part of a name.
_DIFFERS, _INITIAL, _SIMILAR, _SOUNDS, _SAME = range(5)
#: (family part, given part) -> level of the whole name; index 0 is a missing part.
_WHOLE: Levels = np.array(
    # given: none, differs, initial, similar, sounds, same
    [
        [-1, 0, -1, 3, 3, 3],  # family: none
        [0, 0, 0, 0, 2, 2],  # differs
        [-1, 0, 4, 4, 4, 4],  # initial
        [3, 1, 4, 5, 5, 5],  # similar
        [3, 1, 4, 5, 6, 6],  # sounds alike
        [3, 1, 4, 5, 6, 7],  # same
    ],
    dtype=np.int8,
)
_WHOLE_PART, _WHOLE_SOUNDS = np.int8(3), np.int8(6)


def person_name(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 differs, 1 given differs, 2 family differs, 3 a part only, 4 initials, 5 similar, 6 sounds alike, 7 same."""
    names = of(parties)
    level = names.whole(left, right)
    several = np.flatnonzero(names.has_forms[left] | names.has_forms[right])
    if len(several):
        pair, ours = names.forms.expand(left[several])
        again, theirs = names.forms.expand(right[several][pair])
        best = level[several]
        np.maximum.at(best, pair[again], names.whole(ours[again], theirs))
        level[several] = best
    return level


def patronymic(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 differs, 1 similar or an initial, 2 same."""
    names = of(parties)
    likeness = names.words.levels(names.patronymic[left], names.patronymic[right], _ALIKE_PATRONYMIC)
    return np.array([-1, 0, 1, 1, 1, 2], dtype=np.int8)[likeness + 1]


def full_name(parties: Parties) -> Codes:
    """How family and given name together sound: what the frequency of names is counted on."""
    return parties.derived("full_name", of(parties).full_name)


def either_order(parties: Parties) -> Codes:
    """The same, whichever of the two is called the family name."""
    return parties.derived("either_order", of(parties).either_order)


class Names:
    """The forms of all names over one vocabulary. Form p is the name of party p; further forms follow."""

    def __init__(self, parties: Parties) -> None:
        owners, others = _other_forms(parties)
        texts = [_cells(parties, column) + [other[at] for other in others] for at, column in enumerate(_COLUMNS)]
        parts = [[None if text is None else text.replace(" ", "") for text in column] for column in texts]
        split = [
            [word for text in form if text is not None for word in text.split()] for form in zip(*texts, strict=True)
        ]
        words = [word for form in split for word in form]
        forms = parties.size + len(owners)
        coded = encode(_plain([*parts[0], *parts[1], *parts[2], *words]))
        self.family, self.given, self.patronymic, tokens = np.split(coded.codes, [forms, 2 * forms, 3 * forms])
        self.words = Words(coded.values)
        counts = np.cumsum([0, *(len(form) for form in split)]).astype(np.int64)
        self._tokens = Lists(counts, tokens, coded.values)
        self.has_forms: Flags = np.bincount(owners, minlength=parties.size) > 0
        holders = np.concatenate([np.arange(parties.size), np.array(owners, dtype=np.int64)])
        order = np.argsort(holders, kind="stable")
        offsets = np.concatenate([[0], np.cumsum(np.bincount(holders, minlength=parties.size))])
        self.forms = Lists(offsets.astype(np.int64), order.astype(np.int64), np.empty(forms, dtype=object))
        self._size = parties.size

    def whole(self, ours: Ints, theirs: Ints) -> Levels:
        """Level of the whole name between forms."""
        families = self.words.levels(self.family[ours], self.family[theirs], _ALIKE)
        givens = self.words.levels(self.given[ours], self.given[theirs], _ALIKE)
        level: Levels = _WHOLE[families + 1, givens + 1]
        ask = np.flatnonzero((level >= 0) & (level <= _WHOLE_PART))
        level[ask[self._same_words(ours[ask], theirs[ask])]] = _WHOLE_SOUNDS
        return level

    def _same_words(self, ours: Ints, theirs: Ints) -> Flags:
        """Whether every word of the shorter name, of two words at least, stands in the other one too."""
        pair, mine = self._tokens.expand(ours)
        again, yours = self._tokens.expand(theirs[pair])
        at = _places(self._tokens.lengths[ours])[again]
        there = _places(self._tokens.lengths[theirs[pair]])
        pair, mine = pair[again], mine[again]
        likeness = self.words.levels(mine, yours, _ALIKE)
        near = np.abs(self.words.lengths[mine] - self.words.lengths[yours]) <= 1
        hit = np.flatnonzero((likeness >= _SOUNDS) | ((likeness == _SIMILAR) & near))
        shorter = np.minimum(self._tokens.lengths[ours], self._tokens.lengths[theirs])
        met = np.minimum(_distinct(pair[hit], at[hit], len(ours)), _distinct(pair[hit], there[hit], len(ours)))
        same: Flags = (shorter >= 2) & (met >= shorter)
        return same

    def full_name(self) -> Codes:
        return self._together(*self._sounds())

    def either_order(self) -> Codes:
        family, given = self._sounds()
        return self._together(np.minimum(family, given), np.maximum(family, given))

    def _sounds(self) -> tuple[Ints, Ints]:
        """How family and given name of each party sound, -1 where it lacks one of them."""
        family, given = self.family[: self._size], self.given[: self._size]
        has = (family >= 0) & (given >= 0)
        first = np.append(self.words.first_sound, -1)
        return np.where(has, first[family], -1), np.where(has, first[given], -1)

    def _together(self, one: Ints, other: Ints) -> Codes:
        has = one >= 0
        width = np.int64(int(other.max(initial=0)) + 1)
        uniques, codes = np.unique(one[has] * width + other[has], return_inverse=True)
        joint = np.full(self._size, -1, dtype=np.int64)
        joint[has] = codes
        return Codes(joint, uniques.astype(object))


class Words:
    """Likeness of words, by codes of one vocabulary."""

    def __init__(self, values: Texts) -> None:
        self._values = values
        self.lengths = np.array([len(value) for value in values], dtype=np.int64)
        self._initial = np.array([len(value) == 1 or value in _LETTERS for value in values], dtype=np.bool_)
        self._first = np.array([ord(value[0]) for value in values], dtype=np.int64)
        self._skeletons = encode_lists(coarse(value) for value in values)
        self._short = np.array([len(next(iter(coarse(value)), "")) < 2 for value in values], dtype=np.bool_)
        self._meaning = np.array([_equivalents().get(value, -1) for value in values], dtype=np.int64)

    @cached_property
    def first_sound(self) -> Ints:
        """A code of how each word sounds; of words without a skeleton, the word itself."""
        sounds = [next(iter(coarse(value)), value) for value in self._values]
        return encode(_plain(sounds)).codes

    def levels(self, a: Ints, b: Ints, alike: float) -> Levels:
        """Likeness of the words ``a`` and ``b``: -1 none, then _DIFFERS to _SAME."""
        level = np.where((a < 0) | (b < 0), NONE, np.where(a == b, np.int8(_SAME), np.int8(_DIFFERS)))
        ask = np.flatnonzero(level == _DIFFERS)
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
        sound |= (self._meaning[a] == self._meaning[b]) & (self._meaning[a] >= 0)
        initial = self._initial[a] | self._initial[b]
        begin = self._first[a] == self._first[b]
        spelled = (likeness >= alike) | self._slip(a, b, begin & (likeness >= _SLIP))
        choices = [initial & begin, initial, sound, spelled]
        return np.select(choices, [_INITIAL, _DIFFERS, _SOUNDS, _SIMILAR], default=_DIFFERS).astype(np.int8)

    def _slip(self, a: Ints, b: Ints, worth: Flags) -> Flags:
        """Long enough words that one slip of the pen parts; looked for where it is ``worth`` it."""
        found: Flags = worth & (np.minimum(self.lengths[a], self.lengths[b]) >= _LENGTH_SLIP)
        ask = np.flatnonzero(found)
        found[ask] = edits(self._values[a[ask]], self._values[b[ask]]) <= 1
        return found


def of(parties: Parties) -> Names:
    """The names of ``parties``, made once."""
    names: Names = parties.table("names", lambda: Names(parties))
    return names


@cache
def _equivalents() -> Mapping[str, int]:
    """Given name -> number of the name that it is a form of."""
    lines = yaml.safe_load((Path(__file__).parent / "given_names.yml").read_text(encoding="utf-8"))
    return {word: number for number, line in enumerate(lines) for word in line}


def _cells(parties: Parties, column: str) -> list[str | None]:
    codes = parties.folded(column)
    return [None if code < 0 else str(codes.values[code]) for code in codes.codes.tolist()]


def _places(lengths: Ints) -> Ints:
    """0, 1, … within each of consecutive runs of these lengths."""
    return np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def _distinct(pair: Ints, place: Ints, size: int) -> Ints:
    """Distinct places of each pair."""
    width = np.int64(int(place.max(initial=0)) + 1)
    return np.bincount(distinct(pair * width + place) // width, minlength=size).astype(np.int64)


_Form = tuple[str | None, str | None, str | None]


def _other_forms(parties: Parties) -> tuple[list[int], list[_Form]]:
    """Owner, and folded parts, of every other name of a person that has family and given name."""
    owners: list[int] = []
    forms: list[_Form] = []
    read: dict[str, _Form] = {}
    for position, cell in enumerate(parties.rows("other_names")):
        if not len(cell) or parties.kind[position]:
            continue
        for text in cell:
            if text not in read:
                name = normalizer.parse(text, normalizer.Hints(kind="person"))
                read[text] = (_word(name.family_latin), _word(name.given_latin), _word(name.patronymic_latin))
            if None not in read[text][:2]:
                owners.append(position)
                forms.append(read[text])
    return owners, forms


def _word(latin: str | None) -> str | None:
    return None if latin is None else fold(latin) or None


def _plain(values: list[str] | list[str | None]) -> Texts:
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return cells
