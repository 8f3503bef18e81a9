"""What binds or parts two groups of records, in words: the reason of a merge or a split."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from crm_etl.match.encode import Ints
from crm_etl.match.evidence import Evidence, odds


class Crossing:
    """Pairs between any two groups of records, found by record."""

    def __init__(self, known: Evidence, size: int, threshold: float) -> None:
        self._known, self._size, self._threshold = known, size, threshold

    def binding(self, ours: Ints, theirs: Ints) -> str:
        """Why two groups of positions are one client."""
        between = self._known.take(self._between(ours, theirs))
        if between.same.any():
            return "a person called them the same"
        if not len(between.left):
            return "joined through other records of the client"
        state = "a match" if between.matches(self._threshold).any() else "joined through other records of the client"
        return f"{_strongest(between)}, {state}"

    def parting(self, ours: Ints, theirs: Ints) -> str:
        """Why two groups of positions are not one client."""
        between = self._known.take(self._between(ours, theirs))
        if not len(between.left):
            return "no rule brings them together, or they have too little in common"
        if between.different.any():
            return "a person called them different"
        if between.same.any():
            return "a person called them the same"
        if between.matches(self._threshold).any():
            return f"{_strongest(between)}, a match, which {self._outweighed(ours, theirs)} outweighs"
        if between.forbidden.any():
            return f"{_strongest(between)}, contradicted"
        enough = between.weight.max() >= odds(self._threshold)
        return f"{_strongest(between)}, {'names of other people: a person decides' if enough else 'too weak'}"

    def _outweighed(self, ours: Ints, theirs: Ints) -> str:
        """What parts two groups although they match."""
        about = np.isin(self._known.left, (both := np.append(ours, theirs))) | np.isin(self._known.right, both)
        return "what a person decided of their records" if (about & self._known.decided).any() else "other evidence"

    @cached_property
    def _places(self) -> tuple[Ints, Ints, Ints]:
        """Pairs in the order of their right record, and where the pairs of each record begin in both orders."""
        turned = np.argsort(self._known.right, kind="stable")
        every = np.arange(self._size + 1)
        return turned, np.searchsorted(self._known.left, every), np.searchsorted(self._known.right[turned], every)

    def _between(self, ours: Ints, theirs: Ints) -> Ints:
        turned, by_left, by_right = self._places
        few, many = (ours, theirs) if len(ours) <= len(theirs) else (theirs, ours)
        found = [np.zeros(0, dtype=np.int64)]
        for record in few.tolist():
            after = np.arange(by_left[record], by_left[record + 1])
            before = turned[by_right[record] : by_right[record + 1]]
            found.append(after[np.isin(self._known.right[after], many)])
            found.append(before[np.isin(self._known.left[before], many)])
        return np.concatenate(found)


def _strongest(between: Evidence) -> str:
    return f"strongest pair between them: weight {between.weight.max():.1f} bits"
