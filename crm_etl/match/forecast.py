"""What blocking will bring together and what comparing it will cost, told before anything is compared.

Pairs of each rule are counted from its blocks; what is new in them, how many matches they hold and how long comparing
takes is measured on a sample (:mod:`crm_etl.match.sampling`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from crm_etl.match import dropped, recall, sampling, threads
from crm_etl.match.blocking import Blocking
from crm_etl.match.compare import COMPARISONS
from crm_etl.match.encode import Floats, Ints, Parties
from crm_etl.match.model import KindModel
from crm_etl.match.sampling import Sample
from crm_etl.match.stream import levels_of, prepare

#: Pairs that are looked at.
SAMPLE = 200_000
#: Probability from which a pair counts as a match.
_SURE = 0.5
#: Blocks that are listed as the largest of a rule.
_LARGEST = 3


def forecast(
    parties: Parties,
    blocks: Blocking,
    models: Mapping[int, KindModel] | None = None,
    entities: Ints | None = None,
    sample: int = SAMPLE,
) -> dict[str, Any]:
    """Figures of the rules and of all of them together.

    Args:
        parties: those that ``blocks`` was made from.
        models: a model that says which pairs are matches; without one the declared beliefs say it.
        entities: true entity of each position, -1 where it is not known: the real recall is told too.
        sample: pairs that are looked at.

    Returns:
        ``rules``: a line each with ``rule``, ``keys``, ``blocks``, ``pairs``, ``new`` (pairs that no rule before it
        makes), ``matches`` expected among all its pairs, ``only`` those that no other rule makes, ``seconds``,
        ``largest`` blocks, ``dropped_blocks`` and ``dropped_pairs``; ``pairs``, ``matches``, ``seconds`` of all;
        ``limits`` of the size of blocks, ``dropped_pairs`` and ``dropped_by`` each limit, ``dropped``: the largest
        blocks that were; ``recall``: the estimate of :func:`recall.recaptured`, which knows nothing of what they hold;
        ``truth``: recall by truth or None; ``sampled`` share of the pairs.
    """
    drawn = sampling.draw(blocks, sample)
    bits = blocks.bits(drawn.left, drawn.right)
    chances = sampling.likely(parties, drawn, models)
    pace = _seconds_a_pair(parties, drawn)
    lines = [_line(blocks, number, drawn, bits, chances, pace) for number in range(len(blocks.rules))]
    pairs = int(drawn.made.sum())
    names = [rule.name for rule in blocks.rules]
    by_limit = blocks.dropped_by()
    evidence = [recall.evidence(rule) for rule in blocks.rules]
    return {
        "records": parties.size,
        "rules": lines,
        "pairs": pairs,
        "matches": round(float(chances.sum()) / drawn.share),
        "seconds": pairs * pace,
        "limits": blocks.limits._asdict(),
        "dropped_pairs": sum(by_limit.values()),
        "dropped_by": by_limit,
        "dropped": dropped.largest(parties, names, blocks.gone),
        "sampled": drawn.share,
        "judged_by": "beliefs" if models is None else "model",
        "recall": recall.recaptured(bits[chances >= _SURE], evidence),
        "truth": None if entities is None else recall.against_truth(blocks.through_copies, names, entities),
    }


def _line(blocks: Blocking, number: int, drawn: Sample, bits: Ints, chances: Floats, pace: float) -> dict[str, Any]:
    mine = ((bits >> number) & 1) == 1
    of_rule = blocks.index.rule == number
    sizes = np.diff(blocks.index.starts)[of_rule]
    dropped_blocks, dropped_pairs = blocks.dropped(number)
    return {
        "rule": blocks.rules[number].name,
        "keys": int(blocks.entries[number]),
        "blocks": int(of_rule.sum()),
        "pairs": int(blocks.made[number].sum()),
        "new": int(drawn.made[number]),
        "matches": round(float(chances[mine].sum()) / drawn.share),
        "only": round(float(chances[bits == 1 << number].sum()) / drawn.share),
        "seconds": int(drawn.made[number]) * pace,
        "largest": np.sort(sizes)[::-1][:_LARGEST].tolist(),
        "dropped_blocks": dropped_blocks,
        "dropped_pairs": dropped_pairs,
    }


def _seconds_a_pair(parties: Parties, drawn: Sample) -> float:
    """Time that comparing a pair takes, on all cores; what is made once for all pairs is not in it."""
    prepare(parties)
    taken = min(_measured(parties, drawn) for _ in range(2))  # what is made at the first call is not the pairs' fault
    return taken / max(len(drawn), 1) / threads.available()


def _measured(parties: Parties, drawn: Sample) -> float:
    began = time.perf_counter()
    for kind in COMPARISONS:
        at = np.flatnonzero(parties.kind[drawn.left] == kind)
        levels_of(kind, parties, drawn.left[at], drawn.right[at])
    return time.perf_counter() - began
