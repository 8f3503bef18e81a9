"""By which initials words of names are abbreviated, across scripts and languages, as bits to be compared.

The rules are data, ``initials.yml``. What belongs here is only how they are applied to romanized, folded words; how an
initial counts beside other evidence is the matter of :mod:`crm_etl.match.words`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crm_etl.normalize import lists
from crm_etl.normalize.names.languages.variants import in_full, variants

Bits = npt.NDArray[np.uint64]

#: Letters of a word that its initials depend on, unless it is a name with initials of its own.
_BEGIN = 4


def of(words: pa.Array) -> tuple[Bits, npt.NDArray[np.bool_], Bits]:
    """Of distinct ``words`` (n,): the initial that each is, as a bit and those of its readings, none for a sign that
    is no letter; whether it is one; and the initials that may stand for it. A word may stand for another if the first
    of the one and the last of the other share a bit."""
    begins = pc.utf8_slice_codeunits(words, 0, _BEGIN).dictionary_encode()
    by = np.array([_bits(_begins(begin)) for begin in begins.dictionary.to_pylist()], dtype=np.uint64)
    by = by[begins.indices.to_numpy()] if len(words) else by
    for name, place in found(_of_names(), words):
        by[place] |= np.uint64(_bits(_of_names()[name]))
    for name, place in found(_of_short_names(), words):
        by[place] |= np.uint64(_bits(_of_short_names()[name]))
    stands = np.zeros(len(words), dtype=np.uint64)
    is_initial = pc.equal(pc.utf8_length(words), 1).to_numpy(zero_copy_only=False).copy()
    for sign, place in found(_signs(), words):
        stands[place] = _bits([sign] if len(sign) == 1 else [sign, *_others(sign)])
        is_initial[place] = True
    return stands, is_initial, by


def found(wanted: Iterable[str], words: pa.Array) -> list[tuple[str, int]]:
    """Those of ``wanted`` that are among the distinct ``words``, and where."""
    signs = pa.array(list(wanted), type=words.type)
    numbers = pc.index_in(words, value_set=signs)
    places = np.flatnonzero(numbers.is_valid().to_numpy(zero_copy_only=False))
    return list(zip(signs.take(numbers.take(pa.array(places))).to_pylist(), places.tolist(), strict=True))


def _begins(begin: str) -> list[str]:
    """Initials of the words that begin so, in any language."""
    longer = [letter for letter in _rules()["letters"] if begin.startswith(letter)]
    return [begin[:1], *longer, *_others(begin)]


def _others(word: str) -> str:
    begins = _rules()["begins"]
    return next((begins[word[:size]] for size in range(_BEGIN, 0, -1) if word[:size] in begins), "")


def _bits(signs: Iterable[str]) -> int:
    return sum({1 << _signs()[sign] for sign in signs if sign in _signs()})


@cache
def _signs() -> Mapping[str, int]:
    """Everything that may be an initial -> its bit."""
    return {sign: bit for bit, sign in enumerate([*ascii_lowercase, *_rules()["letters"]])}


@cache
def _of_names() -> Mapping[str, str]:
    """Given name, in any language -> its initials in all of them."""
    groups = {group: letters for name, letters in _rules()["names"].items() for group in in_full().get(name, ())}
    return {
        word: "".join(groups[number] for number in numbers if number in groups)
        for word, numbers in in_full().items()
        if not groups.keys().isdisjoint(numbers)
    }


@cache
def _of_short_names() -> Mapping[str, str]:
    """Short or fond form -> the letters that its full forms begin with: Liz signs as E."""
    first: dict[int, set[str]] = {}
    for name, numbers in in_full().items():
        for number in numbers if name.isascii() else ():
            first.setdefault(number, set()).add(name[0])
    short = {word: numbers for word, numbers in variants().items() if word not in in_full() and word.isascii()}
    return {word: "".join(sorted(set().union(*(first.get(k, set()) for k in short[word])))) for word in short}


@cache
def _rules() -> dict[str, Any]:
    rules: dict[str, Any] = lists.parse(Path(__file__).parent / "initials.yml")
    return rules
