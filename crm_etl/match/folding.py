"""Latin text folded: without case, accents and punctuation. Millions of values at a time, ASCII in compiled code."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crm_etl.match.texts import TEXT, buffers
from crm_etl.normalize.names.compiled import compiled

_NOT_LETTERS = re.compile(r"[^0-9a-z]+")


def fold(text: str) -> str:
    """Latin text without case, accents and punctuation; one blank between words."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return _NOT_LETTERS.sub(" ", plain.replace("'", "").replace("’", "")).strip()


def folded(array: pa.Array) -> pa.Array:
    """:func:`fold` of each value, none of them null; null where nothing remains."""
    data, offsets = buffers(array)
    letters, ends, ascii_only = _fold_ascii(data, offsets)
    plain = pa.LargeStringArray.from_buffers(len(array), pa.py_buffer(ends), pa.py_buffer(letters))
    if not ascii_only.all():
        others = [fold(text) for text in array.filter(pa.array(~ascii_only)).to_pylist()]
        plain = pc.replace_with_mask(plain, pa.array(~ascii_only), pa.array(others, type=TEXT))
    return pc.replace_with_mask(plain, pc.equal(plain, ""), pa.scalar(None, type=TEXT))


@compiled
def _fold_ascii(data, offsets):  # type: ignore[no-untyped-def]
    """Values of ASCII letters alone folded, their offsets, and which these are; the others are left empty."""
    size = len(offsets) - 1
    letters, ends, plain = (
        np.empty(offsets[size] - offsets[0], dtype=np.uint8),
        np.zeros(size + 1, np.int64),
        np.ones(size, np.bool_),
    )
    end = 0
    for place in range(size):
        begin, gap = end, False
        for at in range(offsets[place], offsets[place + 1]):
            letter = data[at]
            if letter >= 128:
                plain[place], end = False, begin
                break
            if 65 <= letter <= 90:
                letter += np.uint8(32)
            if 97 <= letter <= 122 or 48 <= letter <= 57:
                if gap and end > begin:
                    letters[end] = 32
                    end += 1
                letters[end], gap = letter, False
                end += 1
            elif letter != 39:
                gap = True
        ends[place + 1] = end
    return letters, ends, plain
