"""Codes: the values that records have, as integers that index what is known of each value.

Values are coded in the order of their hashes, which are the same in every run and for whatever data. What of a party
becomes codes stands in :mod:`crm_etl.match.encode`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crm_etl.match import texts
from crm_etl.match.texts import Hashes, Ints
from crm_etl.normalize.names.compiled import compiled

Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]
#: Codes, or places of them: int32 unless there are too many for that. They are multiplied as int64 only.
Places = npt.NDArray[Any]

Numbers = TypeVar("Numbers", Ints, Hashes)

_MANY = 2**31


class Vocabulary:
    """Distinct values in the order of their ``hashes``; ``texts[first[code]]`` is the value of a code.

    Without ``texts`` the values are known by their hash alone. The texts are let go of when the values have been taken
    out of them.
    """

    def __init__(self, hashes: Hashes, first: Ints, texts: pa.Array | None = None) -> None:
        self.hashes = hashes
        self._source: tuple[pa.Array, Ints | None] | None = None if texts is None else (texts, first)

    def __len__(self) -> int:
        return len(self.hashes)

    @property
    def arrow(self) -> pa.Array:
        """The values as large_string."""
        if self._source is None:
            return texts.texts(pa.array(self.hashes))
        found, first = self._source
        if first is not None:
            found = found.take(pa.array(first)).cast(pa.large_string())
            self._source = found, None
        return found

    @cached_property
    def values(self) -> Texts:
        """The values as Python objects."""
        return objects(self.arrow)


class _Coded:
    """What one and several codes a record know of the values behind them."""

    codes: Places
    vocabulary: Vocabulary | Texts

    @property
    def size(self) -> int:
        """How many values there are."""
        return len(self.vocabulary)

    @property
    def values(self) -> Texts:
        """The value of each code, (size,), as Python objects, which are made when first asked for."""
        return self.vocabulary.values if isinstance(self.vocabulary, Vocabulary) else self.vocabulary

    @property
    def arrow(self) -> pa.Array:
        """The same as an Arrow array of large_string."""
        return self.vocabulary.arrow if isinstance(self.vocabulary, Vocabulary) else texts.texts(self.vocabulary)

    @cached_property
    def hashes(self) -> Hashes:
        """A number for each value, uint64 (size,): the same value has the same in every run, whatever the data."""
        if isinstance(self.vocabulary, Vocabulary):
            return self.vocabulary.hashes
        return texts.hashes(self.arrow, np.arange(self.size))

    @cached_property
    def counts(self) -> Ints:
        """Records that hold each value, (size,)."""
        return np.bincount(self.codes[self.codes >= 0], minlength=self.size).astype(np.int64)


@dataclass(frozen=True)
class Codes(_Coded):
    """One value a record: ``codes`` (n,) with -1 for none, indexing the ``values``."""

    codes: Places
    vocabulary: Vocabulary | Texts

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", narrow(self.codes, self.size))

    def count_of(self, positions: Ints) -> Ints:
        """Records that share the value of each position; 0 where it has none."""
        return self._counts_or_none[self.codes[positions]]

    @cached_property
    def _counts_or_none(self) -> Ints:
        return np.append(self.counts, 0)

    def change(self, change: Callable[[str], str | None]) -> Codes:
        """The same after ``change`` of every distinct value; what becomes None is none, what becomes equal is one."""
        return self.recode(texts.texts([change(value) for value in self.values.tolist()]))

    def recode(self, values: pa.Array) -> Codes:
        """The same with ``values``, text or null for each code, in place of the values."""
        fresh, vocabulary = code_texts(texts.texts(values))
        return Codes(np.append(fresh, -1)[self.codes], vocabulary)


@dataclass(frozen=True)
class Lists(_Coded):
    """Any number of values a record: those of record p are ``codes[offsets[p]:offsets[p + 1]]``, none twice.

    The codes of a record are in ascending order, unless they were brought into another one by whoever made them.
    """

    offsets: Places
    codes: Places
    vocabulary: Vocabulary | Texts

    def __post_init__(self) -> None:
        object.__setattr__(self, "offsets", narrow(self.offsets, len(self.codes)))
        object.__setattr__(self, "codes", narrow(self.codes, self.size))

    @property
    def lengths(self) -> Ints:
        lengths: Ints = np.diff(self.offsets).astype(np.int64)
        return lengths

    @property
    def positions(self) -> Ints:
        """The record of each entry of ``codes``."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    @cached_property
    def _ordered(self) -> Places:
        """The codes with those of each record in ascending order."""
        rises = np.diff(self.codes) > 0
        rises[self.offsets[1:-1][(self.offsets[1:-1] > 0) & (self.offsets[1:-1] < len(self.codes))] - 1] = True
        return (
            self.codes
            if rises.all()
            else listed(self.offsets[:-1], self.offsets[1:], self.codes, self.vocabulary).codes
        )

    def expand(self, positions: Ints) -> tuple[Ints, Ints]:
        """All entries of ``positions``: index into ``positions``, and code."""
        starts = self.offsets[positions].astype(np.int64)
        lengths = self.offsets[positions + 1] - starts
        owner = np.repeat(np.arange(len(positions)), lengths)
        within = np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return owner, self.codes[np.repeat(starts, lengths) + within]

    def shared(self, left: Ints, right: Ints) -> Ints:
        """Records that hold the rarest value which both sides of a pair have, (pairs,); 0 where they share none."""
        found: Ints = _rarest_shared(self.offsets, self._ordered, self.counts, left, right)
        return found

    def only(self, kept: Flags) -> Lists:
        """The same without the values that are not ``kept`` (size,); codes stay."""
        codes = np.where(kept[self.codes], self.codes, -1) if len(kept) else self.codes
        return listed(self.offsets[:-1], self.offsets[1:], codes, self.vocabulary)

    def change(self, change: Callable[[str], str | None]) -> Lists:
        """The same after ``change`` of every distinct value; what becomes None leaves, what becomes equal is one."""
        return self.recode(texts.texts([change(value) for value in self.values.tolist()]))

    def recode(self, values: pa.Array) -> Lists:
        """The same with ``values``, text or null for each code, in place of the values."""
        fresh, vocabulary = code_texts(texts.texts(values))
        codes = fresh[self.codes] if len(fresh) else self.codes
        return listed(self.offsets[:-1], self.offsets[1:], codes, vocabulary)

    def rehashed(self, hashes: Hashes, kept: Flags | None = None) -> Lists:
        """The same with values known by their hash alone: ``hashes`` (size,) of which those ``kept`` remain."""
        fresh, first = texts.number(hashes if kept is None else hashes[kept])
        places = first if kept is None else np.flatnonzero(kept)[first]
        if kept is not None:
            fresh, some = np.full(self.size, -1, dtype=np.int64), fresh
            fresh[kept] = some
        codes = fresh[self.codes] if len(fresh) else self.codes
        return listed(self.offsets[:-1], self.offsets[1:], codes, Vocabulary(hashes[places], places))

    def both(self, left: Ints, right: Ints) -> Flags:
        """Whether both sides have a value at all."""
        present: Flags = (self.offsets[left + 1] > self.offsets[left]) & (self.offsets[right + 1] > self.offsets[right])
        return present


def listed(starts: Ints, ends: Ints, codes: Ints, vocabulary: Vocabulary | Texts) -> Lists:
    """Lists of records whose ``codes`` stand from ``starts`` to ``ends``; -1 is none."""
    offsets, packed = _pack(*(side.astype(np.int64, copy=False) for side in (starts, ends, codes)))
    return Lists(offsets, packed, vocabulary)


def narrow(numbers: Places, most: int) -> Places:
    """``numbers``, none above ``most``, as int32 if they fit: half the memory."""
    return numbers.astype(np.int32 if most < _MANY else np.int64, copy=False)


def distinct(values: Numbers) -> Numbers:
    """Sorted values, each once. Sorting beats numpy's hashing where there are millions."""
    values = np.sort(values)
    return values[np.r_[True, values[1:] != values[:-1]]] if len(values) else values


def contains(entries: Ints, wanted: Ints) -> Flags:
    """Which of ``wanted`` stand in the sorted ``entries``."""
    if not len(entries):
        return np.zeros(len(wanted), dtype=np.bool_)
    at = np.minimum(np.searchsorted(entries, wanted), len(entries) - 1)
    found: Flags = entries[at] == wanted
    return found


def encode(values: Texts | Sequence[str | None] | pa.Array) -> Codes:
    """Codes of plain text cells; None is none."""
    return Codes(*code_texts(texts.texts(values)))


def encode_lists(cells: Iterable[Iterable[str]]) -> Lists:
    """Codes of list cells; a value that stands twice in one cell counts once."""
    sets = [list(cell) for cell in cells]
    ends = np.cumsum([len(cell) for cell in sets], dtype=np.int64)
    codes, vocabulary = code_texts(texts.texts([value for cell in sets for value in cell]))
    return listed(np.append(0, ends)[:-1], ends, codes, vocabulary)


def together(*parts: Codes) -> Codes:
    """All of ``parts`` as one value, which a record has where it has each of them; known by its hash alone."""
    has = np.flatnonzero(np.all([part.codes >= 0 for part in parts], axis=0))
    keys = parts[0].hashes[parts[0].codes[has]]
    for part in parts[1:]:
        keys = texts.mix(keys, part.hashes[part.codes[has]])
    codes = np.full(len(parts[0].codes), -1, dtype=np.int64)
    codes[has], first = texts.number(keys)
    return Codes(codes, Vocabulary(keys[first], has[first]))


def code_texts(array: pa.Array) -> tuple[Ints, Vocabulary]:
    """A code for each value, -1 for null."""
    at = texts.present(array)
    keys = texts.hashes(array, at)
    found, first = texts.number(keys)
    vocabulary = Vocabulary(keys[first], at[first], array)
    if len(at) == len(array):
        return found, vocabulary
    codes = np.full(len(array), -1, dtype=np.int64)
    codes[at] = found
    return codes, vocabulary


def objects(array: pa.Array) -> Texts:
    found: Texts = array.to_numpy(zero_copy_only=False)
    return found if found.dtype == object else found.astype(object)


@compiled
def _pack(starts, ends, codes):  # type: ignore[no-untyped-def]
    """Offsets and codes of records whose codes stand from ``starts`` to ``ends``: ascending, none twice, no -1."""
    offsets, packed = np.zeros(len(starts) + 1, dtype=np.int64), np.empty((ends - starts).sum(), dtype=np.int64)
    end = 0
    for record in range(len(starts)):
        begin = end
        for at in range(starts[record], ends[record]):
            code = codes[at]
            place = end
            while place > begin and packed[place - 1] > code:
                place -= 1
            if code < 0 or (place > begin and packed[place - 1] == code):
                continue
            packed[place + 1 : end + 1] = packed[place:end]
            packed[place] = code
            end += 1
        offsets[record + 1] = end
    return offsets, packed if end == len(packed) else packed[:end].copy()


@compiled
def _rarest_shared(offsets, codes, counts, left, right):  # type: ignore[no-untyped-def]
    found = np.zeros(len(left), dtype=np.int64)
    for pair in range(len(left)):
        one, other = offsets[left[pair]], offsets[right[pair]]
        last, end = offsets[left[pair] + 1], offsets[right[pair] + 1]
        while one < last and other < end:
            if codes[one] < codes[other]:
                one += 1
            elif codes[one] > codes[other]:
                other += 1
            else:
                if found[pair] == 0 or counts[codes[one]] < found[pair]:
                    found[pair] = counts[codes[one]]
                one, other = one + 1, other + 1
    return found
