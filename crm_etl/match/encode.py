"""Parties as integers: every value that linkage looks at gets a code, so that pairs are compared by number.

Values are coded in sorted order and a record's position is its place in the order of ``(source, key)``, never in the
frame: that is what makes the outcome independent of the order of the rows. Columns are coded when first asked for.
What the codes are compared *for* stands in :mod:`crm_etl.match.levels`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]

PERSON, ORGANIZATION = 0, 1
KINDS = ("person", "organization")


@dataclass(frozen=True)
class Codes:
    """One value a record: ``codes`` (n,) with -1 for none, indexing the sorted ``values``."""

    codes: Ints
    values: Texts

    @cached_property
    def counts(self) -> Ints:
        """Records that hold each value, (len(values),)."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values)).astype(np.int64)

    def count_of(self, positions: Ints) -> Ints:
        """Records that share the value of each position; 0 where it has none."""
        codes = self.codes[positions]
        if not len(self.values):
            return np.zeros(len(codes), dtype=np.int64)
        return np.where(codes >= 0, self.counts[np.maximum(codes, 0)], 0)


@dataclass(frozen=True)
class Lists:
    """Any number of values a record: those of record p are ``codes[offsets[p]:offsets[p + 1]]``, none twice."""

    offsets: Ints
    codes: Ints
    values: Texts

    @cached_property
    def counts(self) -> Ints:
        return np.bincount(self.codes, minlength=len(self.values)).astype(np.int64)

    @cached_property
    def lengths(self) -> Ints:
        return np.diff(self.offsets)

    @cached_property
    def positions(self) -> Ints:
        """The record of each entry of ``codes``."""
        return np.repeat(np.arange(len(self.lengths)), self.lengths)

    @cached_property
    def _entries(self) -> Ints:
        return np.sort(self.positions * np.int64(max(len(self.values), 1)) + self.codes)

    def expand(self, positions: Ints) -> tuple[Ints, Ints]:
        """All entries of ``positions``: index into ``positions``, and code."""
        lengths = self.lengths[positions]
        owner = np.repeat(np.arange(len(positions)), lengths)
        within = np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return owner, self.codes[np.repeat(self.offsets[positions], lengths) + within]

    def shared(self, left: Ints, right: Ints) -> Ints:
        """Records that hold the rarest value which both sides of a pair have, (pairs,); 0 where they share none."""
        owner, codes = self.expand(left)
        wanted = right[owner] * np.int64(max(len(self.values), 1)) + codes
        hit = contains(self._entries, wanted)
        rarest = np.full(len(left), np.iinfo(np.int64).max)
        np.minimum.at(rarest, owner[hit], self.counts[codes[hit]])
        return np.where(rarest == np.iinfo(np.int64).max, 0, rarest)

    def only(self, kept: Flags) -> Lists:
        """The same without the values that are not ``kept`` (len(values),); codes stay."""
        has = kept[self.codes] if len(kept) else np.zeros(0, dtype=np.bool_)
        lengths = np.bincount(self.positions[has], minlength=len(self.lengths))
        return Lists(_offsets(lengths), self.codes[has], self.values)

    def change(self, change: Callable[[str], str | None]) -> Lists:
        """The same after ``change`` of every distinct value; what becomes None leaves, what becomes equal is one."""
        if not len(self.values):
            return self
        fresh = encode(np.array([change(value) for value in self.values], dtype=object))
        codes = fresh.codes[self.codes]
        has = codes >= 0
        width = np.int64(max(len(fresh.values), 1))
        owner, codes = np.divmod(distinct(self.positions[has] * width + codes[has]), width)
        return Lists(_offsets(np.bincount(owner, minlength=len(self.lengths))), codes, fresh.values)

    def both(self, left: Ints, right: Ints) -> Flags:
        """Whether both sides have a value at all."""
        present: Flags = (self.lengths[left] > 0) & (self.lengths[right] > 0)
        return present


def _offsets(lengths: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def distinct(values: Ints) -> Ints:
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


def encode(values: Texts) -> Codes:
    """Codes of plain text cells; None is none."""
    codes, uniques = pd.factorize(values, sort=True)
    return Codes(np.asarray(codes, dtype=np.int64), np.asarray(uniques, dtype=object))


def encode_lists(cells: Iterable[Iterable[str]]) -> Lists:
    """Codes of list cells; a value that stands twice in one cell counts once."""
    sets = [list(dict.fromkeys(cell)) for cell in cells]
    offsets = np.zeros(len(sets) + 1, dtype=np.int64)
    np.cumsum([len(cell) for cell in sets], out=offsets[1:])
    flat = np.empty(int(offsets[-1]), dtype=object)
    flat[:] = [value for cell in sets for value in cell]
    coded = encode(flat)
    return Lists(offsets, coded.codes, coded.values)


_NOT_LETTERS = re.compile(r"[^0-9a-z]+")


def fold(text: str) -> str:
    """Latin text without case, accents and punctuation; one blank between words."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return _NOT_LETTERS.sub(" ", plain.replace("'", "").replace("’", "")).strip()


class Parties:
    """A party frame (columns of :data:`crm_etl.schema.PARTY`) as codes, its records in the order of ``(source, key)``.

    Positions, here and in every frame of pairs, are places in that order.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        source, key = (encode(_cells(frame[name])).codes for name in ("source", "key"))
        #: Row of the frame that each position came from.
        self.row: Ints = np.lexsort((key, source)).astype(np.int64)
        self._frame = frame.take(self.row)
        self.size = len(frame)
        self._texts: dict[str, Codes] = {}
        self._lists: dict[str, Lists] = {}
        self._tables: dict[str, Any] = {}

    @property
    def position(self) -> Ints:
        """Position of each row of the frame."""
        position = np.empty(self.size, dtype=np.int64)
        position[self.row] = np.arange(self.size)
        return position

    def column(self, name: str) -> Texts:
        """Plain cells of a text column: str or None."""
        return _cells(self._frame[name])

    @cached_property
    def kind(self) -> Levels:
        """0 person, 1 organization."""
        return np.asarray(self.column("kind") == KINDS[ORGANIZATION]).astype(np.int8)

    def text(self, name: str) -> Codes:
        if name not in self._texts:
            self._texts[name] = encode(self.column(name))
        return self._texts[name]

    def lists(self, name: str) -> Lists:
        if name not in self._lists:
            self._lists[name] = encode_lists(self._frame[name])
        return self._lists[name]

    def rows(self, name: str) -> pd.Series:
        """A list column as it is."""
        return self._frame[name]

    def derived(self, name: str, make: Callable[[], Codes]) -> Codes:
        """Codes made once and kept under ``name``."""
        if name not in self._texts:
            self._texts[name] = make()
        return self._texts[name]

    def table(self, name: str, make: Callable[[], Any]) -> Any:
        """What is looked up by code, made once and kept under ``name``."""
        if name not in self._tables:
            self._tables[name] = make()
        return self._tables[name]

    def derived_lists(self, name: str, make: Callable[[], Lists]) -> Lists:
        """Lists made once and kept under ``name``."""
        if name not in self._lists:
            self._lists[name] = make()
        return self._lists[name]

    def folded(self, name: str) -> Codes:
        """A Latin column without case, accents and punctuation."""
        return self.derived(f"folded:{name}", lambda: _over_values(self.text(name), fold))

    def keys(self, prefix: str) -> Lists:
        """The name keys that begin with ``prefix``, such as ``fg:``."""
        return self.derived_lists(f"keys:{prefix}", lambda: _beginning(self.lists("name_keys"), prefix))

    def records(self, positions: Ints) -> tuple[Any, Any]:
        """Source and key columns of ``positions``."""
        return self._frame["source"].take(positions).array, self._frame["key"].take(positions).array


def _cells(column: pd.Series) -> Texts:
    cells: Texts = column.to_numpy(dtype=object, na_value=None)
    return cells


def _beginning(every: Lists, prefix: str) -> Lists:
    return every.only(np.array([value.startswith(prefix) for value in every.values], dtype=np.bool_))


def _over_values(codes: Codes, change: Callable[[str], str]) -> Codes:
    """``codes`` after ``change`` of every distinct value; what becomes empty is none."""
    changed = np.array([change(value) or None for value in codes.values], dtype=object)
    fresh = encode(changed)
    if not len(changed):
        return Codes(codes.codes, changed)
    return Codes(np.where(codes.codes >= 0, fresh.codes[codes.codes], -1), fresh.values)
