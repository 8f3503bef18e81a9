"""Blocking rules for a budget of pairs, chosen by what they are worth: expected matches for each pair compared.

A rule is worth what it adds to the rules chosen before it, so the choice is greedy, for several limits of the size of
blocks; the limit with the most matches is proposed. Rules that add next to nothing are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from crm_etl.match import pairing
from crm_etl.match.blocking import Blocking
from crm_etl.match.encode import Floats, Ints
from crm_etl.match.sampling import Sample

#: Records of the largest block: the limits that are tried.
CAPS = (20, 50, 100, 200, 400)
#: Share of the matches that a rule must add to be worth its place.
_LEAST = 0.00001
#: Number of no rule.
_NOBODY = 62


@dataclass(frozen=True)
class Choice:
    """Rules in the order in which they were chosen, and what they add: pairs and expected matches."""

    cap: int
    rules: tuple[str, ...]
    pairs: tuple[int, ...]
    matches: tuple[float, ...]


def propose(blocks: Blocking, sample: Sample, chances: Floats, budget: int) -> dict[str, Any]:
    """The rules and the limit of block sizes that find most matches among at most ``budget`` pairs.

    Args:
        blocks: made by all rules, with blocks of at least the largest of :data:`CAPS`.
        sample: pairs of ``blocks``; ``chances``: how likely each is a match.
        budget: pairs that may be compared.

    Returns:
        ``rules``: a line each with what it adds; ``max_block``; ``pairs_per_record``: so that no block is dropped
        for the number of pairs; ``pairs``, ``matches`` and their share ``found`` of those that ``blocks`` hold.
    """
    # Copies are compared whatever rules are chosen.
    copied = _gain(blocks.bits(sample.left, sample.right), blocks.for_copies, chances, sample.share)
    rest = budget - copied[0]
    choices = [choose(blocks, sample, chances, rest, cap) for choose in (_chosen, _single) for cap in CAPS]
    best = max(choices, key=lambda choice: (sum(choice.matches), -sum(choice.pairs)))
    made = _made(blocks, best)
    every = float(chances.sum()) / sample.share
    return {
        "budget": budget,
        "max_block": best.cap,
        "pairs_per_record": max(-(-made // max(blocks.size, 1)), 1),
        "pairs": sum(best.pairs) + copied[0],
        "matches": round(sum(best.matches) + copied[1]),
        "found": min((sum(best.matches) + copied[1]) / every, 1.0) if every else 1.0,
        "rules": [
            {"rule": name, "new": pairs, "matches": round(matches)}
            for name, pairs, matches in zip(best.rules, best.pairs, best.matches, strict=True)
        ],
    }


def settings(found: dict[str, Any]) -> str | None:
    """The proposal as lines for the migration file; None where no rule fits: an empty list would mean all of them."""
    if not found["rules"]:
        return None
    rules = "".join(f"\n    - {line['rule']}" for line in found["rules"])
    limits = f"  max_block: {found['max_block']}\n  pairs_per_record: {found['pairs_per_record']}\n"
    return f"matching:\n{limits}  rules:{rules}\n"


def _chosen(blocks: Blocking, sample: Sample, chances: Floats, budget: int, cap: int) -> Choice:
    """Rules chosen one by one under a limit of block sizes."""
    bits = _bits(blocks, cap, sample)
    least = _LEAST * float(chances.sum()) / sample.share
    chosen: list[tuple[str, int, float]] = []
    spent, left = 0, [number for number, rule in enumerate(blocks.rules) if not rule.copies]
    while left:
        gains = {rule: _gain(bits, rule, chances, sample.share) for rule in left}
        worth = [rule for rule in left if gains[rule][1] > least and spent + gains[rule][0] <= budget]
        if not worth:
            break
        best = max(worth, key=lambda rule: (gains[rule][1] / max(gains[rule][0], 1), -rule))
        chosen.append((blocks.rules[best].name, *gains[best]))
        spent += gains[best][0]
        bits = np.where((bits >> best) & 1, 0, bits)
        left.remove(best)
    return Choice(cap, *(tuple(column) for column in zip(*chosen, strict=True))) if chosen else Choice(cap, (), (), ())


def _single(blocks: Blocking, sample: Sample, chances: Floats, budget: int, cap: int) -> Choice:
    """The one rule that finds most: what each pair is worth can fill a small budget with little."""
    bits = _bits(blocks, cap, sample)
    rules = ((at, rule) for at, rule in enumerate(blocks.rules) if not rule.copies)
    gains = {rule.name: _gain(bits, at, chances, sample.share) for at, rule in rules}
    fitting = {name: gain for name, gain in gains.items() if 0 < gain[0] <= budget and gain[1] > 0}
    if not fitting:
        return Choice(cap, (), (), ())
    best = max(fitting, key=lambda name: (fitting[name][1], -fitting[name][0]))
    return Choice(cap, (best,), (fitting[best][0],), (fitting[best][1],))


def _bits(blocks: Blocking, cap: int, sample: Sample) -> Ints:
    """The rules with blocks of at most ``cap`` records that bring each pair together, but pairs of copies."""
    bits = pairing.rule_bits(_under(blocks, cap), sample.left, sample.right)
    return np.where((bits >> blocks.for_copies) & 1, 0, bits)


def _gain(bits: Ints, rule: int, chances: Floats, share: float) -> tuple[int, float]:
    """Pairs and matches that a rule adds; pairs that are found already have no bits."""
    fresh = ((bits >> rule) & 1) == 1
    return round(int(fresh.sum()) / share), float(chances[fresh].sum()) / share


def _under(blocks: Blocking, cap: int) -> pairing.Index:
    """The index in which blocks of more than ``cap`` records belong to no rule."""
    large = np.diff(blocks.index.starts) > cap
    return blocks.index._replace(rule=np.where(large, _NOBODY, blocks.index.rule).astype(np.int32))


def _made(blocks: Blocking, choice: Choice) -> int:
    """Pairs of all blocks of the choice, before those that several rules make are counted once."""
    sizes = np.diff(blocks.index.starts)
    names = [rule.name for rule in blocks.rules]
    numbers = [*(names.index(name) for name in choice.rules), blocks.for_copies]
    mine = np.isin(blocks.index.rule, numbers) & (sizes <= choice.cap)
    return int((sizes[mine] * (sizes[mine] - 1) // 2).sum())
