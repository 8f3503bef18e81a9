"""Names as they are written: the evidence of letters that correspond between scripts, for family and given names.

Romanizing loses what a script does not write; the learned correspondences of :mod:`crm_etl.normalize.names` do not
need it. Evidence is worked out once for each distinct pair of words. What it means beside other likeness stands in
:mod:`crm_etl.match.refinement`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crm_etl.match import forms, texts
from crm_etl.match.encode import Codes, Flags, Floats, Ints, Parties, encode
from crm_etl.normalize.names.patronymics import is_patronymic

#: What parts the words of one part of a name.
_GAPS = "[\\s\u200c'’ʼ-]+"
#: Bits of words that are the same.
_SAME_WORD = 40.0


@dataclass(frozen=True)
class Spellings:
    """Native spellings of the parts of each form, (forms,) codes: written as one word, -1 for none; ``several`` says
    of each spelling whether it is of more words."""

    family: Ints
    given: Ints
    spelled: Codes
    several: Flags

    def known(self, places: Ints) -> Flags:
        """Which forms have both parts."""
        found: Flags = (self.family[places] >= 0) & (self.given[places] >= 0)
        return found

    def compound(self, places: Ints) -> Flags:
        """Which forms have a part of several words."""
        found: Flags = self.several[self.family[places]] | self.several[self.given[places]]
        return found

    def bits(self, a: Ints, b: Ints) -> tuple[Floats, Flags]:
        """Evidence, in bits, that the spellings ``a`` and ``b`` are one name's, (pairs,): nan where there is none to be
        had; and whether both are in one script."""
        from crm_etl.normalize.names.similarity import score_words

        low, high = np.minimum(a, b), np.maximum(a, b)
        pair, first = texts.number(texts.mix(low.astype(np.uint64), high.astype(np.uint64)))
        low, high = low[first], high[first]
        bits, one_script = np.full(len(first), _SAME_WORD), np.ones(len(first), dtype=np.bool_)
        at = np.flatnonzero(low != high)
        used, places = np.unique(np.concatenate([low[at], high[at]]), return_inverse=True)
        words = self.spelled.arrow.take(pa.array(used)).to_pylist()
        bits[at], one_script[at] = score_words(words, *np.split(places.astype(np.int64), 2))
        return bits[pair], one_script[pair]


def of(parties: Parties) -> Spellings:
    """The spellings of the persons among ``parties``, made once."""
    found: Spellings = parties.table("name_spellings", lambda: _make(parties))
    return found


def _make(parties: Parties) -> Spellings:
    known, others = forms.of(parties), parties.lists("other_names")
    family, given = parties.text("family"), parties.text("given")
    bags = [_two(text) for text in others.values.tolist()]
    cells = [family.arrow, given.arrow, *(pa.array([bag[k] for bag in bags], pa.large_string()) for k in range(2))]
    written = pa.concat_arrays([texts.texts(column) for column in cells])
    spelled = encode(pc.replace_substring_regex(written, _GAPS, ""))
    several = np.zeros(spelled.size + 1, dtype=np.bool_)
    parted = pc.fill_null(pc.match_substring_regex(written, _GAPS), False).to_numpy(zero_copy_only=False)
    several[spelled.codes[parted]] = True
    own, their, last, first = np.split(spelled.codes, np.cumsum([len(column) for column in cells[:-1]]))
    return Spellings(
        np.append(np.append(own, -1)[family.codes], last[known.other]),
        np.append(np.append(their, -1)[given.codes], first[known.other]),
        spelled,
        several[:-1],
    )


def _two(text: str) -> tuple[str | None, str | None]:
    """The words of a name that has two besides patronymics, the last one first."""
    words = [word for word in text.split() if not is_patronymic(word)]
    return (words[1], words[0]) if len(words) == 2 else (None, None)
