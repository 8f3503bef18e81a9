"""All pairs that clustering looks at: the scored candidates, what people decided, and the rest of each component.

Records are numbered by rank here, ``left`` before ``right``, and pairs are sorted, so that nothing depends on the
order of the rows. Pairs that blocking did not bring together, but that a person decided or a component holds, are
judged by the same model: in a small component every pair has its evidence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.match import decisions as judgements
from crm_etl.match.compare import COMPARISONS, contradict, unsupported
from crm_etl.match.encode import Flags, Floats, Ints, Parties, Texts, contains
from crm_etl.match.model import KindModel, probability
from crm_etl.match.scoring import judge, sides

#: Records of a component up to which all its pairs are judged.
COMPLETE = 60


@dataclass(frozen=True)
class Evidence:
    """Pairs of ranks, left < right, sorted, none twice; all arrays (pairs,).

    ``said``: what people decided: same, different, unsure or None. ``unsupported``: nothing but the name agrees.
    """

    left: Ints
    right: Ints
    weight: Floats
    forbidden: Flags
    unsupported: Flags
    said: Texts

    @property
    def same(self) -> Flags:
        return np.asarray(self.said == "same", dtype=np.bool_)

    @property
    def different(self) -> Flags:
        return np.asarray(self.said == "different", dtype=np.bool_)

    def matches(self, threshold: float) -> Flags:
        """Pairs that speak for one client: by uncontradicted weight of more than a name, or by a person's word."""
        doubtful = self.forbidden | self.different | self.unsupported
        by_weight = (probability(self.weight) >= threshold) & ~doubtful
        found: Flags = by_weight | self.same
        return found

    def take(self, chosen: Ints) -> Evidence:
        """The pairs at these places."""
        return Evidence(*(column[chosen] for column in self._columns()))  # type: ignore[arg-type]

    def join(self, other: Evidence) -> Evidence:
        """Pairs of both, sorted."""
        joint = [np.concatenate(both) for both in zip(self._columns(), other._columns(), strict=True)]
        return Evidence(*joint).take(np.lexsort((joint[1], joint[0])))

    def _columns(self) -> tuple[Ints, Ints, Floats, Flags, Flags, Texts]:
        return self.left, self.right, self.weight, self.forbidden, self.unsupported, self.said


def of_candidates(parties: Parties, pairs: pd.DataFrame) -> Evidence:
    """Evidence of scored pairs; nobody has said anything yet."""
    left, right = sides(pairs)
    forbidden, alone = np.zeros(len(left), dtype=np.bool_), np.zeros(len(left), dtype=np.bool_)
    for kind, table in COMPARISONS.items():
        at = np.flatnonzero(parties.kind[left] == kind)
        codes = {entry.name: pairs[f"{schema.LEVEL_PREFIX}{entry.name}"].to_numpy()[at] for entry in table}
        forbidden[at], alone[at] = contradict(kind, codes), unsupported(kind, codes)
    weight = pairs[schema.WEIGHT].to_numpy(dtype=np.float64)
    low, high = np.minimum(left, right), np.maximum(left, right)
    nobody = np.full(len(left), None, dtype=object)
    return Evidence(low, high, weight, forbidden, alone, nobody).take(np.lexsort((high, low)))


def judged(parties: Parties, models: dict[int, KindModel], left: Ints, right: Ints) -> Evidence:
    """Evidence of any pairs of ranks; a person and an organization have none: weight 0, forbidden."""
    a, b = left, right
    weight, forbidden = np.zeros(len(left), dtype=np.float64), np.ones(len(left), dtype=np.bool_)
    alone = np.zeros(len(left), dtype=np.bool_)
    for kind, model in models.items():
        at = np.flatnonzero((parties.kind[a] == kind) & (parties.kind[b] == kind))
        if len(at):
            verdict = judge(model, parties, a[at], b[at])
            weight[at], forbidden[at], alone[at] = verdict.weight, verdict.forbidden, verdict.unsupported
    return Evidence(left, right, weight, forbidden, alone, np.full(len(left), None, dtype=object))


def with_decisions(
    evidence: Evidence, parties: Parties, models: dict[int, KindModel], decisions: pd.DataFrame | None
) -> Evidence:
    """The same with what people said; decided pairs that were no candidates are added."""
    left, right, verdicts = _decided(parties, decisions)
    if not len(left):
        return evidence
    size = np.int64(parties.size)
    known = contains(evidence.left * size + evidence.right, left * size + right)
    if not known.all():
        evidence = evidence.join(judged(parties, models, left[~known], right[~known]))
    said = evidence.said.copy()
    said[np.searchsorted(evidence.left * size + evidence.right, left * size + right)] = verdicts
    return replace(evidence, said=said)


def completed(evidence: Evidence, parties: Parties, models: dict[int, KindModel], components: Ints) -> Evidence:
    """The same with every missing pair within components of 3 to :data:`COMPLETE` records; labels run by rank."""
    sizes = np.bincount(components)
    chosen = np.flatnonzero((sizes >= 3) & (sizes <= COMPLETE))
    members = np.argsort(components, kind="stable")
    starts = np.cumsum(sizes) - sizes
    grids = []
    for count in np.unique(sizes[chosen]):
        first, second = np.triu_indices(int(count), k=1)
        at = starts[chosen[sizes[chosen] == count]][:, None]
        grids.append((members[(at + first).ravel()], members[(at + second).ravel()]))
    if not grids:
        return evidence
    left = np.concatenate([grid[0] for grid in grids])
    right = np.concatenate([grid[1] for grid in grids])
    size = np.int64(parties.size)
    missing = ~contains(evidence.left * size + evidence.right, left * size + right)
    return evidence.join(judged(parties, models, left[missing], right[missing])) if missing.any() else evidence


def waiting(parties: Parties, decisions: pd.DataFrame | None) -> int:
    """Decisions that count but speak of a record that is not here: gone, quarantined or misspelled."""
    if decisions is None or decisions.empty:
        return 0
    last = judgements.latest(decisions)
    here = pd.MultiIndex.from_arrays([parties.column("source"), parties.column("key")])
    sides = [pd.MultiIndex.from_frame(last[[f"{side}_source", f"{side}_key"]]) for side in ("left", "right")]
    return int((~(sides[0].isin(here) & sides[1].isin(here))).sum())


def _decided(parties: Parties, decisions: pd.DataFrame | None) -> tuple[Ints, Ints, Texts]:
    """Ranks and verdicts of decided pairs; decisions on records that are not here wait for their return."""
    if decisions is None or decisions.empty:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, object)
    numbers = {
        record: rank for rank, record in enumerate(zip(parties.column("source"), parties.column("key"), strict=True))
    }
    found: dict[tuple[int, int], str] = {}
    for row in judgements.latest(decisions).itertuples(index=False):
        one = numbers.get((row.left_source, row.left_key))
        other = numbers.get((row.right_source, row.right_key))
        if one is not None and other is not None and one != other:
            found[min(one, other), max(one, other)] = row.verdict
    pairs = sorted(found)
    left = np.array([pair[0] for pair in pairs], dtype=np.int64)
    right = np.array([pair[1] for pair in pairs], dtype=np.int64)
    return left, right, np.array([found[pair] for pair in pairs], dtype=object)
