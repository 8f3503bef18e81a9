"""Names compared as they are written, by the letters that correspond between scripts and the words that translate.

Romanizing loses what a script does not write; the learned correspondences of :mod:`crm_etl.normalize.names` do not
need it. Evidence is worked out once for each distinct pair of spellings. Compiled kernels are loaded when asked.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from crm_etl.match.encode import Flags, Floats, Ints, Texts, contains, encode
from crm_etl.match.strings import distinct_pairs


class Spellings:
    """Native spellings of names and of their parts: one column for each, None where there is none.

    Args:
        columns: name of a column -> its cells.
        kind: what is named, ``person`` or ``organization``.
    """

    def __init__(self, columns: Mapping[str, Texts], kind: str = "person") -> None:
        self._kind = kind
        coded = encode(np.concatenate(list(columns.values())))
        self._codes = dict(zip(columns, np.split(coded.codes, len(columns)), strict=True))
        self._texts: list[str] = coded.values.tolist()
        self._pairs, self._bits = np.zeros(0, dtype=np.int64), np.zeros(0)

    def known(self, column: str, ours: Ints, theirs: Ints) -> Flags:
        """Whether both sides have a spelling in this column."""
        codes = self._codes[column]
        both: Flags = (codes[ours] >= 0) & (codes[theirs] >= 0)
        return both

    def bits(self, columns: tuple[str, str], ours: Ints, theirs: Ints, remember: bool = False) -> Floats:
        """Evidence, in bits, that the cell of ``ours`` in the first column and that of ``theirs`` in the second are
        one name; 0 where one is none. ``remember`` it where the same pairs will be asked for again."""
        found = np.zeros(len(ours))
        a, b = (self._codes[column][side] for column, side in zip(columns, (ours, theirs), strict=True))
        at = np.flatnonzero((a >= 0) & (b >= 0))
        low, high, inverse = distinct_pairs(a[at], b[at], len(self._texts))
        bits = self._recall(low, high) if remember else self._score(low, high)
        found[at] = bits[inverse]
        return found

    def _recall(self, a: Ints, b: Ints) -> Floats:
        wanted = a * np.int64(len(self._texts)) + b
        new = ~contains(self._pairs, wanted)
        if new.any():
            pairs = np.concatenate([self._pairs, wanted[new]])
            bits = np.concatenate([self._bits, self._score(a[new], b[new])])
            order = np.argsort(pairs, kind="stable")
            self._pairs, self._bits = pairs[order], bits[order]
        return self._bits[np.searchsorted(self._pairs, wanted)]

    def _score(self, a: Ints, b: Ints) -> Floats:
        from crm_etl.normalize.names.similarity import score_pairs, score_places

        used, places = np.unique(np.concatenate([a, b]), return_inverse=True)
        texts = [self._texts[code] for code in used.tolist()]
        first, second = np.split(places.astype(np.int64), 2)
        if self._kind == "person":
            return score_places(texts, first, second)
        one, other = ([texts[place] for place in side.tolist()] for side in (first, second))
        return score_pairs(one, other, self._kind)
