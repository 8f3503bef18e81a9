"""Parties as integers: every value that linkage looks at gets a code, so that pairs are compared by number.

A record's position is its place in the order of ``(source, key)``, never in the frame: that, and codes that hang on
nothing but the values, make the outcome independent of the order of the rows. Columns are coded when first asked for.
What codes are stands in :mod:`crm_etl.match.codes`, what they are compared *for* in :mod:`crm_etl.match.levels`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crm_etl.match import texts
from crm_etl.match.codes import (
    Codes,
    Flags,
    Lists,
    Texts,
    Vocabulary,
    code_texts,
    contains,
    distinct,
    encode,
    encode_lists,
    listed,
    objects,
    together,
)
from crm_etl.match.columns import File, Frame, HashedLists
from crm_etl.match.folding import fold, folded
from crm_etl.match.texts import Hashed, Hashes, Ints

__all__ = [
    "KINDS",
    "ORGANIZATION",
    "PERSON",
    "Codes",
    "Flags",
    "Floats",
    "Hashes",
    "Ints",
    "Levels",
    "Lists",
    "Parties",
    "Texts",
    "Vocabulary",
    "contains",
    "distinct",
    "encode",
    "encode_lists",
    "fold",
    "together",
]

Floats = npt.NDArray[np.float64]
Levels = npt.NDArray[np.int8]

Kept = TypeVar("Kept")

PERSON, ORGANIZATION = 0, 1
KINDS = ("person", "organization")
_REFERENCE = ("source", "key")


class Parties:
    """Parties (columns of :data:`crm_etl.schema.PARTY`) as codes, their records in the order of ``(source, key)``.

    Positions, here and in every frame of pairs, are places in that order. Several threads may ask at once.

    Args:
        frame: a pandas frame, or an Arrow table, whose lists then never become Python objects.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame = frame.combine_chunks() if isinstance(frame, pa.Table) else frame
        self.size = len(frame)
        self._texts: dict[str, Codes] = {}
        self._lists: dict[str, Lists] = {}
        self._tables: dict[str, Any] = {}
        self._locks: dict[str, RLock] = {}
        self._forgetful, self._forgetting = False, RLock()

    @classmethod
    def read(cls, path: Path) -> Parties:
        """The parties in a Parquet file; a column is read when it is first asked for, and not kept."""
        return cls(File(path))

    @property
    def row(self) -> Ints:
        """Row of the frame that each position came from."""
        row: Ints = self.table("row", lambda: _order(*self.references))
        return row

    @property
    def references(self) -> tuple[pa.Array, pa.Array]:
        """Source and key columns, in the order of the frame."""
        columns: tuple[pa.Array, pa.Array] = self.table(
            "references", lambda: tuple(texts.texts(self._frame[name]) for name in _REFERENCE)
        )
        return columns

    @property
    def position(self) -> Ints:
        """Position of each row of the frame."""
        position = np.empty(self.size, dtype=np.int64)
        position[self.row] = np.arange(self.size)
        return position

    def arrow(self, name: str) -> pa.Array:
        """Plain cells of a text column, with nulls."""
        return self._cells(name).take(pa.array(self.row))

    def _cells(self, name: str) -> pa.Array:
        """The cells of a text column in the order of the frame."""
        if name in _REFERENCE:
            return self.references[_REFERENCE.index(name)]
        return texts.texts(self._frame[name])

    def column(self, name: str) -> Texts:
        """Plain cells of a text column: str or None."""
        return objects(self.arrow(name))

    @cached_property
    def kind(self) -> Levels:
        """0 person, 1 organization."""
        kinds = pc.fill_null(pc.equal(self.arrow("kind"), KINDS[ORGANIZATION]), False)
        return np.asarray(kinds.to_numpy(zero_copy_only=False), dtype=np.int8)

    def text(self, name: str) -> Codes:
        return self.derived(name, lambda: self._coded(name))

    def _coded(self, name: str) -> Codes:
        codes, vocabulary = code_texts(self._cells(name))
        return Codes(codes[self.row], vocabulary)

    def lists(self, name: str) -> Lists:
        return self.derived_lists(name, lambda: self._listed(name))

    def _listed(self, name: str) -> Lists:
        entries, bounds = texts.lists(self._frame[name])
        codes, vocabulary = code_texts(entries)
        return listed(bounds[self.row], bounds[self.row + 1], codes, vocabulary)

    def hashes(self, name: str) -> Hashes:
        """The hash of each cell of a text column, the same in every run; 0 for none."""
        cells = self._cells(name)
        found, at = np.zeros(self.size, dtype=np.uint64), texts.present(cells)
        found[at] = texts.hashes(cells, at)
        return found[self.row]

    def list_hashes(self, name: str) -> Hashes:
        """The same of a list column, whatever the order of a cell's entries."""
        return HashedLists.of(self._frame, name).totals[self.row]

    def rows(self, name: str) -> Iterable[Sequence[str]]:
        """The cells of a list column."""
        if isinstance(self._frame, pd.DataFrame):
            return list(self._frame[name].take(self.row))
        cells: list[list[str]] = self._frame[name].take(pa.array(self.row)).to_pylist()
        return cells

    def derived(self, name: str, make: Callable[[], Codes]) -> Codes:
        """Codes made once and kept under ``name``."""
        return self._once(self._texts, name, make)

    def table(self, name: str, make: Callable[[], Any]) -> Any:
        """What is looked up by code, made once and kept under ``name``."""
        return self._once(self._tables, name, make)

    def derived_lists(self, name: str, make: Callable[[], Lists]) -> Lists:
        """Lists made once and kept under ``name``."""
        return self._once(self._lists, name, make)

    def _once(self, held: dict[str, Kept], name: str, make: Callable[[], Kept]) -> Kept:
        """What is held under ``name``, made if needed by the first of several threads that ask."""
        found = held.get(name)
        if found is None:
            with self._locks.setdefault(f"{id(held)}:{name}", RLock()):
                found = held.get(name)
                if found is None:
                    found = held[name] = make()
        return found

    def folded(self, name: str) -> Codes:
        """A Latin column without case, accents and punctuation."""
        plain = self.text(name)
        return self.derived(f"folded:{name}", lambda: plain.recode(folded(plain.arrow)))

    def keys(self, prefix: str) -> Lists:
        """The name keys that begin with ``prefix``, three bytes such as ``fg:``; known by their hash alone."""
        return self.derived_lists(f"keys:{prefix}", lambda: self._keyed(prefix))

    def _keyed(self, prefix: str) -> Lists:
        every: HashedLists = self._hashed_keys()
        hashes, bounds = every.begin(prefix)
        codes, first = texts.number(hashes)
        return listed(bounds[self.row], bounds[self.row + 1], codes, Vocabulary(hashes[first], first))

    def hashed_keys(self, prefix: str) -> Hashed:
        """The same, each record's in any order, and not numbered: for whoever looks at them but once."""
        every: HashedLists = self._hashed_keys()
        hashes, bounds = every.begin(prefix)
        return Hashed(bounds[self.row], bounds[self.row + 1], hashes)

    def _hashed_keys(self) -> HashedLists:
        with self._forgetting:  # who reads them now must not keep them after they were to be let go of
            if not self._forgetful:
                every: HashedLists = self.table("keys", lambda: HashedLists.of(self._frame, "name_keys"))
                return every
        return HashedLists.of(self._frame, "name_keys")

    def read_keys(self) -> None:
        """Read the name keys now: they are many, and what asks for one of them asks for others too."""
        self._hashed_keys()

    def forget_keys(self, but: Sequence[str] = ()) -> None:
        """Let go of the name keys ``but`` those with these prefixes: they take much memory, and are read anew."""
        if "keys" in self._tables:
            for prefix in but:
                self.keys(prefix)
        with self._forgetting:
            self._forgetful = True
            self._tables.pop("keys", None)
        for name in list(self._lists):  # to which other threads may add
            if name.startswith("keys:") and name[5:] not in but:
                self._lists.pop(name, None)

    def records(self, positions: Ints) -> tuple[Any, Any]:
        """Source and key columns of ``positions``."""
        rows = pa.array(self.row[positions])
        source, key = (column.take(rows) for column in self.references)
        return pd.array(source, dtype="string[pyarrow]"), pd.array(key, dtype="string[pyarrow]")


def _order(source: pa.Array, key: pa.Array) -> Ints:
    """Rows in the order of source and key; stable."""
    by = pa.table({"source": source, "key": key, "row": np.arange(len(key))})
    order = pc.sort_indices(by, sort_keys=[(name, "ascending") for name in by.column_names])
    rows: Ints = order.to_numpy().astype(np.int64)
    return rows
