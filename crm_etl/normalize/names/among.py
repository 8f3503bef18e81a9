"""Where many words stand in a list of words: a few are looked up one by one, many without a look at each in Python."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Places = npt.NDArray[np.int64]


class WordList:
    """A list of words, none of them twice, to be asked again and again.

    Arrow puts the whole list into a table at each question, which pays only for many words.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = list(words)

    def places(self, words: pa.Array) -> Places:
        """The place of each of ``words`` in the list, -1 where it is none of them, (n,)."""
        if len(words) < len(self._words):
            place = self._place.get
            return np.fromiter((place(word, -1) for word in words.to_pylist()), dtype=np.int64, count=len(words))
        found = pc.fill_null(pc.index_in(words, value_set=self._array), -1)
        return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)

    @cached_property
    def _place(self) -> dict[str, int]:
        return {word: place for place, word in enumerate(self._words)}

    @cached_property
    def _array(self) -> pa.Array:
        return pa.array(self._words, type=pa.large_string())


def is_among(words: pa.Array, known: Iterable[str]) -> Any:
    """Whether each word is one of ``known``, an Arrow array of booleans."""
    return pc.is_in(words, value_set=pa.array(sorted(known), type=words.type))
