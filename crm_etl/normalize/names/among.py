"""Where many words stand in a list of words, without a look at each one in Python."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Places = npt.NDArray[np.int64]


def places(words: pa.Array, known: pa.Array) -> Places:
    """The place of each word in ``known``, -1 where it is none of them."""
    found = pc.fill_null(pc.index_in(words, value_set=known), -1)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)


def is_among(words: pa.Array, known: Iterable[str]) -> Any:
    """Whether each word is one of ``known``, an Arrow array of booleans."""
    return pc.is_in(words, value_set=pa.array(sorted(known), type=words.type))
