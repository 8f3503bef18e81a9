"""Reruns: only records that are new or have changed are compared, and the outcome is that of a full run.

With its result a run leaves a fingerprint of each record, made of all that comparisons and blocking look at, and the
blocks that it kept. A rerun on the same model compares the pairs of which a side is new or changed, and those that only
blocks bring together which were left out before; the levels of all others are taken over, as far as blocking still
brings them together. Weights are reckoned anew for all, since what was rare may have become common, and clusters
are formed as ever.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from crm_etl import __version__, schema
from crm_etl.faults import StateFault
from crm_etl.match import blocking, copies, features, pairing, scoring, signs, telling, texts
from crm_etl.match.blocking import Blocking
from crm_etl.match.compare import COMPARISONS
from crm_etl.match.encode import Codes, Flags, Hashes, Ints, Lists, Parties, contains
from crm_etl.match.model import restore
from crm_etl.match.references import marks
from crm_etl.match.scoring import AS_FITS, Scored, Settings
from crm_etl.match.stream import Compared
from crm_etl.migration import Matching
from crm_etl.progress import Progress

#: Columns that linkage never looks at: where a row came from, and what does not tell who the client is.
_UNSEEN = {
    *schema.ORIGIN_NAMES,
    *("status", "owner", "branch", "segment", "consents", "balance", "currency", "created_at", "updated_at"),
    *("comment", "notes"),
}
#: Features that hang on the other records too: a local part tells as long as few share it, and in what order a refused
#: date is written is learned from the others of its source.
_DEPENDENT = (features.local_parts, features.birth_date, telling.of)
#: Lowest bits of a block's key, which give way to positions: more of them where there are more records, up to 2^24.
_POSITIONS = np.uint64(2**24 - 1)


@dataclass(frozen=True)
class Changes:
    """The records against those of the last run.

    ``place``: (records then,) position now of each that is as it was, else -1. ``wanted``: (records now,) which are new
    or changed. ``stood``: (blocks now,) which were kept then, too.
    """

    place: Ints
    wanted: Flags
    stood: Flags

    @property
    def facts(self) -> dict[str, int]:
        as_they_were = int((self.place >= 0).sum())
        return {
            "unchanged": as_they_were,
            "new_or_changed": int(self.wanted.sum()),
            "gone_or_changed": len(self.place) - as_they_were,
        }


def remember(parties: Parties, matching: Matching, scored: Scored) -> Scored:
    """``scored`` with what a rerun must know of the records and blocks that it was made from."""
    blocks = blocking.plan(parties, matching)
    records = {"record": _signed(marks(parties)), "fingerprint": _signed(fingerprints(parties))}
    kept = {"block": np.sort(_signed(_identities(blocks)))}
    return replace(
        scored,
        records=schema.KNOWN_RECORDS.conform(pd.DataFrame(records)),
        blocks=schema.KNOWN_BLOCKS.conform(pd.DataFrame(kept)),
        facts=scored.facts | {"program": __version__},
    )


def can_follow(last: Scored) -> bool:
    """Whether a rerun may take over what ``last`` found: another version of the program would find other levels."""
    try:
        restore(last.model)
    except StateFault:
        return False
    return last.facts.get("program") == __version__


def rescore(
    parties: Parties,
    matching: Matching,
    last: Scored,
    progress: Progress | None = None,
    *,
    model: dict[str, Any] | None = None,
    settings: Settings = AS_FITS,
) -> Scored:
    """What :func:`crm_etl.match.score` would find with the model of the ``last`` run, from fewer comparisons.

    Args:
        parties: rows of :data:`schema.PARTY` of all client sources, as they are now.
        matching: as for the full run.
        last: what the last run left, :func:`remember` included.
        progress: told of the pairs.
        model: a document to score by instead of that of the ``last`` run.
        settings: how the work is cut.

    Raises:
        StateFault: the model is of another version of the program.
    """
    models = restore(last.model if model is None else model)
    blocks = blocking.plan(parties, matching, progress)
    changes = compare_records(parties, blocks, last)
    index, wanted, stood = blocks.index, changes.wanted, changes.stood
    limited = replace(
        settings, maker=lambda chunk: pairing.touching_pairs(index, chunk.first, chunk.last, wanted, stood)
    )
    compared = scoring.compare(parties, blocks, progress, limited)
    every = {kind: _with_standing(kind, parties, blocks, changes, last.pairs, compared[kind]) for kind in COMPARISONS}
    scored = scoring.weigh(parties, blocks, every, models, matching)
    taken_over = sum(len(every[kind].left) - len(compared[kind].left) for kind in COMPARISONS)
    return replace(scored, facts=scored.facts | {"incremental": changes.facts | {"pairs_taken_over": taken_over}})


def compare_records(parties: Parties, blocks: Blocking, last: Scored) -> Changes:
    """Which records are new or have changed, and which blocks were kept in the ``last`` run."""
    records, before = marks(parties), _hashes(last.records["record"])
    order = np.argsort(records)
    at = np.minimum(np.searchsorted(records, before, sorter=order), max(len(records) - 1, 0))
    place = order[at] if len(records) else np.zeros(len(before), dtype=np.int64)
    same = np.zeros(len(before), dtype=np.bool_)
    if len(records):
        same = (records[place] == before) & (fingerprints(parties)[place] == _hashes(last.records["fingerprint"]))
    wanted = np.ones(len(records), dtype=np.bool_)
    wanted[place[same]] = False
    kept = last.blocks["block"].to_numpy(dtype=np.int64)
    return Changes(np.where(same, place, -1), wanted, contains(kept, _signed(_identities(blocks))))


def fingerprints(parties: Parties) -> Hashes:
    """A hash of all that linkage looks at in each record, (n,): the same in every run while that is the same."""
    made: Hashes = parties.table("fingerprints", lambda: _fingerprints(parties))
    return made


def _fingerprints(parties: Parties) -> Hashes:
    found = np.full(parties.size, signs.least_play(parties.size), dtype=np.uint64)
    for column in schema.PARTY.columns:
        if column.name not in _UNSEEN:
            cells = parties.list_hashes if column.kind == "list" else parties.hashes
            found = texts.mix(found, cells(column.name))
    standing = copies.of(parties)
    stands_in = np.bincount(standing, minlength=parties.size) > 1
    found = texts.mix(found, (stands_in + np.uint64(2) * ~copies.taking_part(parties)).astype(np.uint64))
    for feature in _DEPENDENT:
        found = texts.mix(found, _values(feature(parties)))
    return found


def _values(values: Codes | Lists) -> Hashes:
    """One hash of what each record has."""
    if isinstance(values, Lists):
        return texts.totals(values.hashes[values.codes], values.offsets)
    return np.append(values.hashes, np.uint64(0))[values.codes]


def _identities(blocks: Blocking) -> Hashes:
    """A hash of rule and key of each block, whatever the number of records."""
    names = texts.texts([rule.name for rule in blocks.rules])
    return texts.mix(texts.hashes(names, np.arange(len(names)))[blocks.index.rule], blocks.keys & ~_POSITIONS)


def _with_standing(
    kind: int, parties: Parties, blocks: Blocking, changes: Changes, pairs: pd.DataFrame, fresh: Compared
) -> Compared:
    """The pairs that were compared now, and the standing ones between records that are as they were."""
    left, right = (changes.place[side] for side in scoring.sides(pairs))
    at = np.flatnonzero((left >= 0) & (right >= 0))
    at = at[(parties.kind[left[at]] == kind) & blocks.covers(left[at], right[at])]
    width = np.int64(max(parties.size, 1))
    at = at[~contains(fresh.left * width + fresh.right, left[at] * width + right[at])]
    left, right = np.concatenate([fresh.left, left[at]]), np.concatenate([fresh.right, right[at]])
    order = np.argsort(left * width + right)
    codes = {
        name: np.concatenate([levels, pairs[f"{schema.LEVEL_PREFIX}{name}"].to_numpy(dtype=np.int8)[at]])[order]
        for name, levels in fresh.codes.items()
    }
    return replace(fresh, left=left[order], right=right[order], codes=codes)


def _signed(hashes: Hashes) -> Ints:
    """The same bits as a column of whole numbers can hold them."""
    return hashes.view(np.int64)


def _hashes(column: pd.Series) -> Hashes:
    hashes: Hashes = column.to_numpy(dtype=np.int64).view(np.uint64)
    return hashes
