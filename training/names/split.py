"""Which labelled pairs may be learned from and which are for measuring: by entity, so that no pair is both.

Single words of the people who are measured may be known all the same: the token lists come from Wikidata, as the labels
of parliamentarians do. Sources that nothing is learned from are the cleaner measure.
"""

from __future__ import annotations

from collections.abc import Mapping
from zlib import crc32

#: Sources whose licence lets what is learned from them ship.
TRAINING_SOURCES = frozenset(["everypolitician-wikidata", "everypolitician-names", "osm-nsi", "ror", "un-consolidated"])
_FOLDS, _TRAINING_FOLDS = 10, 7


def fold_of(entity: str) -> int:
    """A stable number from 0 to 9 for the entity with this id."""
    return crc32(entity.encode()) % _FOLDS


def trains(pair: Mapping[str, str]) -> bool:
    """Whether ``pair`` may be learned from; all others are for measuring.

    A negative pair names two entities: both must be training ones.
    """
    entities = (pair["left_id"], pair["right_id"])
    return pair["source"] in TRAINING_SOURCES and all(fold_of(entity) < _TRAINING_FOLDS for entity in entities)


def measures(pair: Mapping[str, str]) -> bool:
    """Whether ``pair`` is fit for measuring: none of its entities may have been learned from."""
    entities = (pair["left_id"], pair["right_id"])
    return pair["source"] not in TRAINING_SOURCES or all(fold_of(entity) >= _TRAINING_FOLDS for entity in entities)
