"""The telling words of organizations' names: those that few organizations bear, by how they sound.

So they meet across scripts, while words like *plant* or *school*, which are translated, do not stand in the way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crm_etl.match import texts
from crm_etl.match.codes import Vocabulary, listed
from crm_etl.match.encode import Codes, Ints, Lists, Parties
from crm_etl.normalize.names.compiled import compiled
from crm_etl.normalize.names.sounding import coarse_codes

Array = npt.NDArray[Any]

#: A word that more names bear is not telling; so many in any case, or this share of all names.
_FEW, _FEW_SHARE = 30, 0.03
_SHORTEST = 3


def of(parties: Parties) -> Lists:
    """How the telling words of each organization's name sound."""
    return parties.derived_lists("telling_words", lambda: _telling(parties.folded("org_latin")))


def _telling(names: Codes) -> Lists:
    split = pc.split_pattern(names.arrow, " ")
    words = split.flatten().dictionary_encode()
    sounds, at = _sounds(words.dictionary)
    bounds = np.append(0, np.cumsum(pc.list_value_length(split).to_numpy(zero_copy_only=False))).astype(np.int64)
    places, sizes = _spread(words.indices.to_numpy().astype(np.int64), bounds, at, sounds.codes)
    every = listed(sizes[:-1], sizes[1:], places, sounds.vocabulary)
    few = every.counts <= max(_FEW, int(_FEW_SHARE * names.size))
    telling = every.only(few)
    starts, ends = (np.append(side, 0)[names.codes] for side in (telling.offsets[:-1], telling.offsets[1:]))
    return listed(starts, ends, telling.codes, telling.vocabulary)


def _sounds(words: pa.Array) -> tuple[Codes, Ints]:
    """How words sound that are long enough to tell, one after the other, and offsets; numbers stand for themselves."""
    data, places = texts.buffers(words)
    hashes, at, sizes = coarse_codes(data[places[0] : places[-1]], places.astype(np.int64) - places[0])
    number = pc.utf8_is_decimal(words).to_numpy(zero_copy_only=False)
    owner = np.repeat(np.arange(len(words)), np.diff(at))
    kept = np.flatnonzero((sizes >= _SHORTEST) & ~number[owner])
    owner = np.append(owner[kept], np.flatnonzero(number))
    keys = np.append(hashes[kept], texts.hashes(words, np.flatnonzero(number)))
    order = np.argsort(owner, kind="stable")
    codes, first = texts.number(keys[order])
    offsets = np.append(0, np.cumsum(np.bincount(owner, minlength=len(words)))).astype(np.int64)
    return Codes(codes, Vocabulary(keys[order][first], first)), offsets


@compiled
def _spread(words: Array, bounds: Array, at: Array, sounds: Array) -> tuple[Array, Array]:
    """Sounds of the words of each name, one after the other, and offsets."""
    offsets = np.zeros(len(bounds), dtype=np.int64)
    for name in range(len(bounds) - 1):
        offsets[name + 1] = offsets[name]
        for word in words[bounds[name] : bounds[name + 1]]:
            offsets[name + 1] += at[word + 1] - at[word]
    found, end = np.empty(offsets[-1], dtype=np.int64), 0
    for word in words:
        for place in range(at[word], at[word + 1]):
            found[end] = sounds[place]
            end += 1
    return found, offsets
