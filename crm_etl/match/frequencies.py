"""How common the names of a pair are: how many records bear them, and how many would by chance.

A pair whose two names sound differently is as common as both together. That a whole name was seen twice says little of
how common it is; what family and given name say on their own tells the rest, see
:meth:`crm_etl.match.model.KindModel.by_frequency`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from crm_etl.match import copies, names
from crm_etl.match.encode import Codes, Ints, Parties
from crm_etl.normalize.names.compiled import compiled

Shares = npt.NDArray[np.float32]


def namesakes(parties: Parties, left: Ints, right: Ints) -> Ints:
    """Records whose full name sounds like that of either side, (pairs,); 0 where neither is known in full."""
    return _seen(names.full_name(parties), left, right)


def namesakes_by_chance(parties: Parties, left: Ints, right: Ints) -> Shares:
    """Records that would bear such a name if given names were drawn without a look at the family name, (pairs,)."""
    family, given = names.family(parties), names.given(parties)
    both = int(((family.codes >= 0) & (given.codes >= 0)).sum())
    families, givens = (copies.left_out(parties, _seen(part, left, right), left, right) for part in (family, given))
    expected: Shares = (families.astype(np.float64) * givens / max(both, 1)).astype(np.float32)
    return expected


def fathers(parties: Parties, left: Ints, right: Ints) -> Ints:
    """Records with the patronymic of either side, (pairs,)."""
    return _seen(parties.folded("patronymic_latin"), left, right)


def _seen(codes: Codes, left: Ints, right: Ints) -> Ints:
    seen: Ints = _either(codes.codes, codes.counts, left, right)
    return seen


@compiled
def _either(codes: Any, counts: Any, left: Any, right: Any) -> Any:
    """Records with the value of the left side or of the right one."""
    seen = np.zeros(len(left), dtype=np.int64)
    for pair in range(len(left)):
        one, other = codes[left[pair]], codes[right[pair]]
        if one >= 0:
            seen[pair] += counts[one]
        if other >= 0 and other != one:
            seen[pair] += counts[other]
    return seen
