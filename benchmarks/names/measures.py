"""What is measured on scored pairs: precision, recall and F1 at a threshold, at the best one, and over all of them.

Pairs of equal score are never told apart: every curve has one point for each distinct score.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

Flags = np.ndarray[Any, np.dtype[np.bool_]]
Scores = np.ndarray[Any, np.dtype[np.float64]]

PRECISION = 0.99


@dataclass(frozen=True)
class Curve:
    """Precision and recall at each distinct score taken as the threshold, from the highest to the lowest."""

    thresholds: Scores
    precision: Scores
    recall: Scores

    @property
    def f1(self) -> Scores:
        total = self.precision + self.recall
        return np.divide(2 * self.precision * self.recall, total, out=np.zeros_like(total), where=total > 0)


@dataclass(frozen=True)
class Quality:
    """The measures of one matcher on one group; ``threshold`` is the one that was fixed beforehand."""

    pairs: int
    true: int
    threshold: float
    precision: float
    recall: float
    f1: float
    best_f1: float
    best_threshold: float
    recall_at_precision: float
    average_precision: float

    def row(self) -> dict[str, Any]:
        return asdict(self)


def curve(scores: Scores, same: Flags) -> Curve:
    """The curve of ``scores`` (higher is more alike) against the labels ``same``, of which one at least is true."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    ends = np.append(np.flatnonzero(ranked[1:] != ranked[:-1]), len(ranked) - 1)
    hits = np.cumsum(same[order])[ends].astype(np.float64)
    return Curve(ranked[ends], hits / (ends + 1), hits / same.sum())


def quality(scores: Scores, same: Flags, threshold: float) -> Quality:
    """All measures of one group, which holds true pairs. A pair is taken for one entity from ``threshold`` on."""
    line = curve(scores, same)
    taken = scores >= threshold
    hits, found, true = int((taken & same).sum()), int(taken.sum()), int(same.sum())
    best = int(line.f1.argmax())
    sure = line.recall[line.precision >= PRECISION]
    return Quality(
        pairs=len(same),
        true=true,
        threshold=threshold,
        precision=hits / found if found else 0.0,
        recall=hits / true,
        f1=2 * hits / (found + true),
        best_f1=float(line.f1[best]),
        best_threshold=float(line.thresholds[best]),
        recall_at_precision=float(sure.max(initial=0.0)),
        average_precision=float((np.diff(line.recall, prepend=0.0) * line.precision).sum()),
    )


def best_threshold(scores: Scores, same: Flags) -> float:
    """The score from which taking pairs for one entity gives the best F1."""
    line = curve(scores, same)
    return float(line.thresholds[int(line.f1.argmax())])
