"""All pairs that clustering looks at: the scored pairs that matter, what people decided, the rest of each component.

Pairs are sorted by position, ``left`` before ``right``, so that nothing depends on the order of the rows. Pairs that
blocking did not bring together, but that a person decided or a component holds, are judged by the same model: in a
small component every pair has its evidence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.match import copies
from crm_etl.match import decisions as judgements
from crm_etl.match.compare import COMPARISONS, all_names
from crm_etl.match.encode import Flags, Floats, Ints, Levels, Parties, contains
from crm_etl.match.model import Codes, KindModel
from crm_etl.match.references import locate
from crm_etl.match.scoring import judge, sides
from crm_etl.match.signs import contradict, other_people, unsupported

#: Records of a component up to which all its pairs are judged: at most 20 pairs a record.
COMPLETE = 41
#: Contradicted pairs that weigh less are not worth a look: no contradiction takes that much from a good pair.
HOPELESS = -12.0
#: Pairs judged at a time.
_CHUNK = 250_000
#: What people said of a pair, by number; 0 is nothing.
SAID = ("", "same", "different", "unsure")


@dataclass(frozen=True)
class Evidence:
    """Pairs of positions, left < right, sorted, none twice; all arrays (pairs,), ``levels`` (pairs, all comparisons).

    ``said``: what people decided, an index of :data:`SAID`. ``unsupported``: nothing but the name agrees; the weight
    has allowed for that.
    """

    left: Ints
    right: Ints
    weight: Floats
    forbidden: Flags
    unsupported: Flags
    said: Levels
    levels: Levels

    @property
    def same(self) -> Flags:
        return np.equal(self.said, SAID.index("same"))

    @property
    def different(self) -> Flags:
        return np.equal(self.said, SAID.index("different"))

    @property
    def decided(self) -> Flags:
        return self.said > 0

    @property
    def other_people(self) -> Flags:
        """See :func:`crm_etl.match.signs.other_people`."""
        columns = all_names()
        return other_people(*(self.levels[:, columns.index(name)] for name in ("name", "birth_date", "identifiers")))

    def matches(self, threshold: float) -> Flags:
        """Pairs that speak for one client: by uncontradicted weight of one person's names, or by a person's word."""
        doubtful = self.forbidden | self.different | self.other_people
        found: Flags = ((self.weight >= odds(threshold)) & ~doubtful) | self.same
        return found

    def codes(self, kind: int) -> Codes:
        """Levels of the comparisons of one kind."""
        columns = all_names()
        return {entry.name: self.levels[:, columns.index(entry.name)] for entry in COMPARISONS[kind]}

    def take(self, chosen: Ints) -> Evidence:
        """The pairs at these places."""
        return Evidence(*(column[chosen] for column in self._columns()))

    def join(self, other: Evidence) -> Evidence:
        """Pairs of both, sorted."""
        joint = Evidence(*(np.concatenate(both) for both in zip(self._columns(), other._columns(), strict=True)))
        return joint.take(np.argsort(joint.left * (joint.right.max(initial=0) + 1) + joint.right, kind="stable"))

    def has(self, parties: Parties, left: Ints, right: Ints) -> Flags:
        """Which of these pairs are among its own."""
        size = np.int64(parties.size)
        return contains(self.left * size + self.right, left * size + right)

    def _columns(self) -> list[Any]:
        return [getattr(self, field.name) for field in fields(self)]


def odds(probability: float) -> float:
    """The match weight, in bits, of a match probability."""
    return float(np.log2(probability / (1 - probability)))


def of_pairs(parties: Parties, pairs: pd.DataFrame, threshold: float) -> Evidence:
    """Evidence of scored pairs as far as it can matter; nobody has said anything yet.

    Left out are light pairs with a record that no pair speaks for: they neither join nor part.
    """
    left, right = sides(pairs)
    weight = pairs[schema.WEIGHT].to_numpy(dtype=np.float64)
    strong = weight >= odds(threshold)
    touched = np.zeros(parties.size, dtype=np.bool_)
    touched[left[strong]] = touched[right[strong]] = True
    matter = np.flatnonzero((weight >= HOPELESS) | (touched[left] & touched[right]))
    low, high = np.minimum(left[matter], right[matter]), np.maximum(left[matter], right[matter])
    order = np.argsort(low * np.int64(parties.size) + high, kind="stable")
    chosen = matter[order]
    columns = [pairs[f"{schema.LEVEL_PREFIX}{name}"].to_numpy(dtype=np.int8)[chosen] for name in all_names()]
    return _flagged(parties, low[order], high[order], weight[chosen], np.column_stack(columns))


def _flagged(parties: Parties, left: Ints, right: Ints, weight: Floats, levels: Levels) -> Evidence:
    """Evidence with its contradictions. A person and an organization are never one."""
    size = len(left)
    nothing, said = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.int8)
    whole = Evidence(left, right, weight, parties.kind[left] != parties.kind[right], nothing, said, levels)
    for kind, at in by_kind(parties, left, right):
        codes = whole.codes(kind)
        chosen = {name: column[at] for name, column in codes.items()}
        whole.forbidden[at], whole.unsupported[at] = contradict(kind, chosen), unsupported(kind, chosen)
    return whole


def by_kind(parties: Parties, left: Ints, right: Ints) -> Iterator[tuple[int, Ints]]:
    """Places of the pairs of each kind of party, where there are any."""
    for kind in COMPARISONS:
        at = np.flatnonzero((parties.kind[left] == kind) & (parties.kind[right] == kind))
        if len(at):
            yield kind, at


def judged(parties: Parties, models: dict[int, KindModel], left: Ints, right: Ints) -> Evidence:
    """Evidence of any pairs; a person and an organization have none: weight 0, forbidden."""
    weight, levels = np.zeros(len(left)), np.full((len(left), len(all_names())), -1, dtype=np.int8)
    for kind, places in by_kind(parties, left, right):
        for start in range(0, len(places), _CHUNK):
            at = places[start : start + _CHUNK]
            found = judge(models[kind], parties, left[at], right[at])
            weight[at] = found.weight
            for name, codes in found.codes.items():
                levels[at, all_names().index(name)] = codes
    return _flagged(parties, left, right, weight, levels)


def with_decisions(
    evidence: Evidence, parties: Parties, models: dict[int, KindModel], decisions: pd.DataFrame | None
) -> Evidence:
    """The same with what people said, decided pairs that were not scored added; records that are not here left out."""
    if decisions is None or decisions.empty:
        return evidence
    last = judgements.latest(decisions)
    one, other = (locate(parties, last[f"{side}_source"], last[f"{side}_key"]) for side in ("left", "right"))
    here = np.flatnonzero((one >= 0) & (other >= 0) & (one != other))
    left, right = np.minimum(one, other)[here], np.maximum(one, other)[here]
    verdicts = last["verdict"].map(SAID.index).to_numpy(dtype=np.int8)[here]
    known = evidence.has(parties, left, right)
    if not known.all():
        evidence = evidence.join(judged(parties, models, left[~known], right[~known]))
    size = np.int64(parties.size)
    said = evidence.said.copy()
    said[np.searchsorted(evidence.left * size + evidence.right, left * size + right)] = verdicts
    return replace(evidence, said=said)


def regrouped(evidence: Evidence, parties: Parties, models: dict[int, KindModel]) -> tuple[Evidence, copies.Places]:
    """The evidence with further pairs, and what stands for each record (:func:`copies.of`): copies that people called
    different from what stood for them are still copies of each other."""
    standing = copies.of(parties)
    lost = np.flatnonzero(evidence.different & copies.are(standing, evidence.left, evidence.right))
    if not len(lost):
        return evidence, standing
    standing = standing.copy()
    for stand_in in np.unique(evidence.left[lost]):
        members = evidence.right[lost[evidence.left[lost] == stand_in]]
        standing[members] = members[0]
    right = np.flatnonzero(standing != copies.of(parties))
    left = standing[right].astype(np.int64)
    fresh = (left != right) & ~evidence.has(parties, left, right)
    return evidence.join(judged(parties, models, left[fresh], right[fresh])), standing


def completed(evidence: Evidence, parties: Parties, models: dict[int, KindModel], components: Ints) -> Evidence:
    """The same with every missing pair within components of 3 to :data:`COMPLETE` records, but those of copies."""
    sizes = np.bincount(components, minlength=1)
    small = np.flatnonzero((sizes >= 3) & (sizes <= COMPLETE))
    members = np.argsort(components, kind="stable")
    starts = np.cumsum(sizes) - sizes
    grids: list[tuple[Ints, Ints]] = []
    for count in np.unique(sizes[small]):
        first, second = np.triu_indices(int(count), k=1)
        at = starts[small[sizes[small] == count]][:, None]
        grids.append((members[(at + first).ravel()], members[(at + second).ravel()]))
    left, right = (np.concatenate([np.zeros(0, dtype=np.int64), *(grid[side] for grid in grids)]) for side in (0, 1))
    alone = copies.taking_part(parties)
    missing = alone[left] & alone[right] & ~evidence.has(parties, left, right)
    return evidence.join(judged(parties, models, left[missing], right[missing])) if missing.any() else evidence
