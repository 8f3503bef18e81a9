"""Names of persons compared: part by part, over every form of a name that a party has, in whatever script.

A party's forms are its name and its ``other_names`` (former, in another script), taken apart and romanized by the
normalizer. Two names are as alike as their most alike forms. Their parts are compared romanized, word by word
(:mod:`crm_etl.match.words`); where the parts seem to differ, the words of both names are laid side by side regardless
of their order: sources that write a name in one cell get its order wrong. What is then said of two full names is
confirmed, mended or withdrawn by the letters they are written in (:mod:`crm_etl.match.spellings`).
"""

from __future__ import annotations

from itertools import chain

import numpy as np

from crm_etl.match.encode import Codes, Flags, Floats, Ints, Levels, Lists, Parties, Texts, distinct, encode, fold
from crm_etl.match.spellings import Spellings
from crm_etl.match.words import INITIAL, SIMILAR, SOUNDS, Words
from crm_etl.normalize import names as normalizer

_COLUMNS = ("family_latin", "given_latin", "patronymic_latin")
#: Jaro-Winkler similarity from which two names are a misspelling of each other.
_ALIKE = 0.9
_ALIKE_PATRONYMIC = 0.85

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
_DIFFERS, _GIVEN_DIFFERS, _FAMILY_DIFFERS, _PART, _INITIALS, _SIMILAR, _SOUNDS, _SAME = map(np.int8, range(8))
#: Bits of letters that make two names one although their parts seem to differ, or at least similar; under which names
#: that sound alike are no more than similar; and under which they differ.
_STRONG, _FAIR, _WEAK, _AGAINST = 8.0, 5.0, 2.0, 0.0
#: Bits of one part alone under which it is another: Ali is not Alireza, whatever the family name adds.
_OTHER_PART = -2.0


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
        latin = [_latin(other) for other in others]
        texts = [_cells(parties, column) + [form[at] for form in latin] for at, column in enumerate(_COLUMNS)]
        parts = [[None if text is None else text.replace(" ", "") for text in column] for column in texts]
        whole, proper = _split(texts), _split(texts[:2])
        forms = parties.size + len(owners)
        coded = encode(_plain([*parts[0], *parts[1], *parts[2], *chain(*whole), *chain(*proper)]))
        ends = np.cumsum([forms, forms, forms, sum(map(len, whole))])
        self.family, self.given, self.patronymic, *tokens = np.split(coded.codes, ends)
        self.words = Words(coded.values)
        self._abbreviated: Flags = self._has_initial(self.family) | self._has_initial(self.given)
        self._tokens, self._proper = (
            Lists(np.cumsum([0, *map(len, form)]).astype(np.int64), codes, coded.values)
            for form, codes in zip((whole, proper), tokens, strict=True)
        )
        self._shortened: Flags = np.zeros(forms, dtype=np.bool_)
        self._shortened[self._proper.positions[self._has_initial(self._proper.codes)]] = True
        self.has_forms: Flags = np.bincount(owners, minlength=parties.size) > 0
        holders = np.concatenate([np.arange(parties.size), np.array(owners, dtype=np.int64)])
        order = np.argsort(holders, kind="stable")
        offsets = np.concatenate([[0], np.cumsum(np.bincount(holders, minlength=parties.size))])
        self.forms = Lists(offsets.astype(np.int64), order.astype(np.int64), np.empty(forms, dtype=object))
        self._size = parties.size
        self._spellings = _spellings(parties, others)

    def whole(self, ours: Ints, theirs: Ints) -> Levels:
        """Level of the whole name between forms."""
        families = self.words.levels(self.family[ours], self.family[theirs], _ALIKE)
        givens = self.words.levels(self.given[ours], self.given[theirs], _ALIKE)
        level: Levels = _WHOLE[families + 1, givens + 1]
        ask, shared = np.flatnonzero((level >= 0) & (level <= _PART)), np.zeros(len(ours), dtype=np.bool_)
        met, shared[ask] = self._same_words(ours[ask], theirs[ask])
        level[ask] = np.maximum(level[ask], met)
        full = (families >= 0) & (givens >= 0) & ~self._abbreviated[ours] & ~self._abbreviated[theirs]
        ask = np.flatnonzero(full & (level >= 0) & (level < _SAME))
        ask = ask[self._alike_in_parts(ours[ask], theirs[ask], level[ask], shared[ask])]
        bits = self._letters(ours[ask], theirs[ask])
        level[ask] = _by_letters(level[ask], families[ask], givens[ask], bits)
        return level

    def _alike_in_parts(self, ours: Ints, theirs: Ints, level: Levels, shared: Flags) -> Flags:
        """Whether the parts of names that seem to differ could be one by their letters, exchanged ones where a word is
        ``shared``. Distinct pairs of parts are far fewer than those of names: most names need no further look."""
        differs = level == _DIFFERS
        alike: Flags = level > _FAMILY_DIFFERS
        alike |= self._parts_meet(ours, theirs, level == _GIVEN_DIFFERS, ("given", "given"))
        alike |= self._parts_meet(ours, theirs, level == _FAMILY_DIFFERS, ("family", "family"))
        alike |= self._parts_meet(ours, theirs, differs, ("given", "given"), ("family", "family"))
        alike |= self._parts_meet(ours, theirs, differs & shared & ~alike, ("given", "family"), ("family", "given"))
        return alike

    def _parts_meet(self, ours: Ints, theirs: Ints, asked: Flags, *columns: tuple[str, str]) -> Flags:
        """Of the names that are ``asked`` for, which may have these parts in common, all of them."""
        found = asked.copy()
        for one, other in columns:
            at = np.flatnonzero(found)
            found[at] = self._spellings.bits((one, other), ours[at], theirs[at], remember=True) >= _OTHER_PART
        return found

    def _letters(self, ours: Ints, theirs: Ints) -> Floats:
        """Bits of the letters of full names; patronymics can but speak against, being a comparison of their own."""
        bits = self._spellings.bits(("name", "name"), ours, theirs)
        both = np.flatnonzero((bits > _AGAINST) & self._spellings.known("whole", ours, theirs))
        bits[both] = np.minimum(bits[both], self._spellings.bits(("whole", "whole"), ours[both], theirs[both]))
        return bits

    def _same_words(self, ours: Ints, theirs: Ints) -> tuple[Levels, Flags]:
        """Level of names where every word of the shorter one, of two words at least, stands in the other one too, with
        or without patronymics; and whether any but a patronymic does."""
        every, some = self._met(self._proper, ours, theirs)
        level = np.where(every, _SOUNDS, _DIFFERS)
        ask = np.flatnonzero(some & ~every)
        fathers = self._tokens.lengths > self._proper.lengths
        ask = ask[fathers[ours[ask]] | fathers[theirs[ask]]]
        level[ask[self._met(self._tokens, ours[ask], theirs[ask])[0]]] = _SOUNDS
        ask = np.flatnonzero((level == _DIFFERS) & (self._shortened[ours] | self._shortened[theirs]))
        level[ask[self._met(self._proper, ours[ask], theirs[ask], initials=True)[0]]] = _INITIALS
        return level, some

    def _met(self, tokens: Lists, ours: Ints, theirs: Ints, initials: bool = False) -> tuple[Flags, Flags]:
        """Whether each word of the shorter name meets one of the other; and whether any does by more than initials."""
        pair, mine = tokens.expand(ours)
        again, yours = tokens.expand(theirs[pair])
        at = _places(tokens.lengths[ours])[again]
        there = _places(tokens.lengths[theirs[pair]])
        pair, mine = pair[again], mine[again]
        likeness = self.words.levels(mine, yours, _ALIKE)
        near = np.abs(self.words.lengths[mine] - self.words.lengths[yours]) <= 1
        hit = (likeness >= SOUNDS) | ((likeness == SIMILAR) & near)
        some: Flags = np.bincount(pair[hit], minlength=len(ours)) > 0
        if initials:
            hit |= likeness == INITIAL
        shorter = np.minimum(tokens.lengths[ours], tokens.lengths[theirs])
        met = np.minimum(_distinct(pair[hit], at[hit], len(ours)), _distinct(pair[hit], there[hit], len(ours)))
        every: Flags = (shorter >= 2) & (met >= shorter) & some
        return every, some

    def _has_initial(self, words: Ints) -> Flags:
        found: Flags = np.append(self.words.initial, False)[words]
        return found

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


def of(parties: Parties) -> Names:
    """The names of ``parties``, made once."""
    names: Names = parties.table("names", lambda: Names(parties))
    return names


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


def _split(columns: list[list[str | None]]) -> list[list[str]]:
    """The words of each form, over its columns."""
    return [[word for text in form if text is not None for word in text.split()] for form in zip(*columns, strict=True)]


def _by_letters(level: Levels, families: Levels, givens: Levels, bits: Floats) -> Levels:
    """``level`` of full names after the evidence of their letters; the parts' likeness says what it is that differs."""
    differs = np.select([families > givens, givens > families], [_GIVEN_DIFFERS, _FAMILY_DIFFERS], default=_DIFFERS)
    found: Levels = np.select(
        [bits >= _STRONG, bits >= _FAIR, bits >= _WEAK, bits >= _AGAINST],
        [np.maximum(level, _SOUNDS), np.maximum(level, _SIMILAR), level, np.minimum(level, _SIMILAR)],
        default=np.minimum(level, differs),
    )
    return found


_Form = tuple[str | None, str | None, str | None]


def _other_forms(parties: Parties) -> tuple[list[int], list[normalizer.Name]]:
    """Owner, and parts, of every other name of a person that has family and given name."""
    owners: list[int] = []
    forms: list[normalizer.Name] = []
    read: dict[str, normalizer.Name] = {}
    for position, cell in enumerate(parties.rows("other_names")):
        if not len(cell) or parties.kind[position]:
            continue
        for text in cell:
            if text not in read:
                read[text] = normalizer.parse(text, normalizer.Hints(kind="person"))
            if _word(read[text].family_latin) is not None and _word(read[text].given_latin) is not None:
                owners.append(position)
                forms.append(read[text])
    return owners, forms


def _latin(name: normalizer.Name) -> _Form:
    return _word(name.family_latin), _word(name.given_latin), _word(name.patronymic_latin)


def _spellings(parties: Parties, others: list[normalizer.Name]) -> Spellings:
    """Native spellings of all forms; a party whose parts are known in Latin letters only has its name as it is."""
    columns = {
        part: [*parties.column(column).tolist(), *(getattr(other, part) for other in others)]
        for column, part in (("name", "native"), ("given", "given"), ("family", "family"), ("patronymic", "patronymic"))
    }
    native, given, family, patronymic = columns.values()
    name = [
        whole if one is None or other is None else f"{one} {other}"
        for whole, one, other in zip(native, given, family, strict=True)
    ]
    whole = [None if father is None else text for text, father in zip(native, patronymic, strict=True)]
    return Spellings({"name": _plain(name), "whole": _plain(whole), "given": _plain(given), "family": _plain(family)})


def _word(latin: str | None) -> str | None:
    return None if latin is None else fold(latin) or None


def _plain(values: list[str] | list[str | None]) -> Texts:
    cells = np.empty(len(values), dtype=object)
    cells[:] = values
    return cells
