"""The forms of all persons' names, as numbers of words over one vocabulary.

A party's forms are its name, in the parts that the normalizer took it apart into, and its ``other_names`` (former, in
another script), which are no more than words in whatever order. What likeness of forms means stands in
:mod:`crm_etl.match.names`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from crm_etl.match import words
from crm_etl.match.encode import PERSON, Codes, Ints, Parties, encode, fold
from crm_etl.match.words import Words
from crm_etl.normalize.names.compiled import compiled
from crm_etl.normalize.names.patronymics import is_patronymic
from crm_etl.normalize.names.romanization import romanize

PARTS = ("family", "given", "patronymic")
#: A form: its parts as words, blanks left out, -1 for none; and where its words begin, how many belong to family and
#: given name, and how many there are with patronymics. ``abbreviated``: a part is an initial; ``shortened``: a word of
#: family or given name is. A ``simple`` form has family and given name of one word each, no initial, and a patronymic
#: of one word at most; a ``bag`` of words has no parts.
FORM = np.dtype(
    [
        *((part, np.int32) for part in PARTS),
        ("begin", np.int32),
        ("proper", np.int16),
        ("every", np.int16),
        ("abbreviated", np.bool_),
        ("shortened", np.bool_),
        ("simple", np.bool_),
        ("bag", np.bool_),
    ],
    align=True,
)
Array = npt.NDArray[Any]
#: Other names of a party that are looked at: every one is compared with every one of the other side.
_MOST_OTHERS = 40


@dataclass(frozen=True)
class Forms:
    """Form p is the name of party p; its further forms are ``size + further[p]`` to ``size + further[p + 1]``.

    ``forms`` (n,) are of :data:`FORM`; ``tokens`` are the words that they point to. ``other`` (n - size,) is the code
    of each further form among ``other_names``, and ``size`` is the number of parties.
    """

    size: int
    forms: Array
    tokens: Array
    further: Array
    other: Ints
    words: Words


def of(parties: Parties) -> Forms:
    """The forms of ``parties``, made once."""
    found: Forms = parties.table("name_forms", lambda: _make(parties))
    return found


def _make(parties: Parties) -> Forms:
    columns = [parties.folded(f"{part}_latin") for part in PARTS]
    owners, other, *bags = _others(parties)
    joined, offsets, split, vocabulary = _number([*(column.arrow for column in columns), *(bag.arrow for bag in bags)])
    starts = np.cumsum([0, *(column.size for column in [*columns, *bags])])[:-1]
    placed = [_places(column, int(at)) for column, at in zip([*columns, *bags], starts, strict=True)]
    forms = np.zeros(parties.size + len(owners), dtype=FORM)
    forms["bag"][parties.size :] = True
    for part, places in zip(PARTS, placed, strict=False):
        forms[part] = -1
        forms[part][: parties.size] = np.append(joined, -1)[places]
    none = np.full(len(owners), -1)
    rows = [np.append(placed[0], placed[3]), np.append(placed[1], none), np.append(placed[2], placed[4])]
    known = words.read(vocabulary)
    tokens = _lay(forms, np.stack(rows, axis=1), offsets, split, known.words["is_initial"])
    further = np.append(0, np.cumsum(np.bincount(owners, minlength=parties.size)))
    return Forms(parties.size, forms, tokens, further.astype(np.int32), other, known)


def _places(column: Codes, at: int) -> Ints:
    """Places of the values of each record, where the values of this column begin ``at``; -1 for none."""
    return np.where(column.codes >= 0, column.codes + at, -1)


def _others(parties: Parties) -> tuple[Ints, Ints, Codes, Codes]:
    """Owner of each further form of a person, its code among the ``other_names``; words of its names; patronymics.

    Of very many other names those are taken that their hashes put first: the same in every run.
    """
    others = parties.lists("other_names")
    parted = [_parted(text) for text in others.values.tolist()]
    enough = np.array([proper.count(" ") > 0 for proper, _ in parted], dtype=np.bool_)
    owners = others.positions
    kept = np.flatnonzero((parties.kind[owners] == PERSON) & np.append(enough, False)[others.codes])
    kept = kept[np.arange(len(kept)) - np.searchsorted(owners[kept], owners[kept]) < _MOST_OTHERS]
    bags = (encode([cell[side] or None for cell in parted]) for side in range(2))
    proper, fathers = (Codes(bag.codes[others.codes[kept]], bag.vocabulary) for bag in bags)
    return owners[kept], others.codes[kept], proper, fathers


def _parted(text: str) -> tuple[str, str]:
    """The words of a whole name, romanized: those of family and given names, and patronymics."""
    seen = [(_romanized(word), is_patronymic(word)) for word in text.split()]
    proper, fathers = (" ".join(word for word, is_one in seen if is_one is wanted) for wanted in (False, True))
    return proper, fathers


@lru_cache(maxsize=100_000)
def _romanized(word: str) -> str:
    return fold(romanize(word))


def _number(values: list[pa.Array]) -> tuple[Ints, Ints, Ints, pa.Array]:
    """Numbers of the words in ``values``, one after the other: of each value without its blanks; offsets (n + 1,) into
    those of the single words of each value; these; and the words."""
    every = pa.concat_arrays(values)
    split = pc.split_pattern(every, " ")
    joined = pc.replace_substring(every, " ", "")
    numbered = pa.concat_arrays([joined, split.flatten()]).dictionary_encode()
    codes = numbered.indices.to_numpy().astype(np.int64)
    lengths = pc.list_value_length(split).to_numpy(zero_copy_only=False)
    offsets = np.append(0, np.cumsum(lengths)).astype(np.int64)
    return codes[: len(every)], offsets, codes[len(every) :], numbered.dictionary


@compiled
def _lay(forms: Array, rows: Array, offsets: Array, split: Array, is_initial: Array) -> Array:
    """The words of each form, one after the other; ``forms`` are told where they lie, and which are initials.

    ``rows`` (n, 3) are the places of each form's family and given names and patronymics, -1 for none.
    """
    tokens = np.empty(_room(rows, offsets), dtype=np.int32)
    end = 0
    for k in range(len(forms)):
        form = forms[k]
        form.begin = end
        for part in range(3):
            if part == 2:
                form.proper = end - form.begin
            if rows[k, part] >= 0:
                for place in range(offsets[rows[k, part]], offsets[rows[k, part] + 1]):
                    tokens[end] = split[place]
                    form.shortened |= part < 2 and is_initial[split[place]]
                    end += 1
        form.every = end - form.begin
        for part in (form.family, form.given):
            form.abbreviated |= part >= 0 and is_initial[part]
        form.simple = min(form.family, form.given) >= 0 and form.proper == 2 and form.every <= 3 and not form.shortened
    return tokens


@compiled
def _room(rows: Array, offsets: Array) -> int:
    """Number of words of all forms."""
    count = 0
    for k in range(len(rows)):
        for part in range(3):
            if rows[k, part] >= 0:
                count += offsets[rows[k, part] + 1] - offsets[rows[k, part]]
    return count
