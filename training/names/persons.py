"""Learns ``models/persons.json``: what the alignment of two persons' names is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from crm_etl.normalize.names.alignment import FEATURES
from crm_etl.normalize.names.similarity import person_features
from training.names import scorer
from training.names.examples import examples
from training.names.split import trains

#: Features that can only speak for, and only against, one person.
_FOR = frozenset(["evidence", "rarity", "worst_quality", "weakest", "strongest", "weakest_rarity", "meetings"])
_AGAINST = frozenset(
    [
        *("deviation", "worst_deviation", "gender", "sexes", "slips", "stretch", "other_initials"),
        *("loose_few", "loose_many", "loose_few_words", "loose_many_words"),
    ]
)
RISES = [1 if name in _FOR else -1 if name in _AGAINST else 0 for name in FEATURES]


def learn(pairs: Sequence[Mapping[str, str]], path: Path) -> None:
    """Learns from the labelled ``pairs`` that may be learned from."""
    found = examples([pair for pair in pairs if pair["kind"] == "person" and trains(pair)])
    features = person_features([one.left for one in found], [one.right for one in found])
    same = np.array([one.same for one in found])
    share = np.array([one.share for one in found])
    scorer.learn(features, same, share, FEATURES, path, rises=RISES)
    print(f"persons: {len(found):,} examples, {int(same.sum()):,} of them of one person")
