"""Pairs out of blocks: compiled loops over an inverted index of records and the blocks that they stand in.

Blocks are numbered in the order of the rules. A record's blocks are sorted, so the first block that two records have
in common is found by walking both lists once; the pair belongs to that block and to no other, which is how each pair
is made once without any list of pairs being kept.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from crm_etl.match.encode import Flags, Ints
from crm_etl.normalize.names.compiled import compiled, inner

Places = npt.NDArray[np.int32]


class Index(NamedTuple):
    """Blocks and their members, and the way back.

    ``members[starts[b]:starts[b + 1]]`` are the positions in block b, rising; ``blocks[homes[p]:homes[p + 1]]`` the
    blocks of position p, rising. ``rule[b]`` is the number of the rule that made block b.
    """

    starts: Ints
    members: Places
    homes: Ints
    blocks: Places
    rule: Places


def index(starts: Ints, members: Places, rule: Places, size: int) -> Index:
    """The index of blocks over ``size`` records."""
    homes, blocks = _homes(starts, members, size)
    return Index(starts, members, homes, blocks, rule)


def pairs_within(found: Index, first: int, last: int) -> tuple[Ints, Ints]:
    """Pairs that belong to blocks ``first`` to ``last`` (exclusive), left < right."""
    sizes = np.diff(found.starts[first : last + 1])
    room = int((sizes * (sizes - 1) // 2).sum())
    left, right = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
    count = _own_pairs(*found[:4], first, last, left, right)
    return left[:count], right[:count]


def touching_pairs(found: Index, first: int, last: int, wanted: Flags, stood: Flags) -> tuple[Ints, Ints]:
    """Of those pairs the ones with a side ``wanted`` (size,), or that share no block that ``stood`` (blocks,)."""
    left, right = pairs_within(found, first, last)
    asked = wanted[left] | wanted[right]
    rest = np.flatnonzero(~asked)
    asked[rest] = _in_common(*found[2:4], stood, left[rest], right[rest]) == 0
    return left[asked], right[asked]


def meet(found: Index, left: Ints, right: Ints) -> Flags:
    """Whether each pair shares a block, (pairs,)."""
    met: Flags = _first_of_each(*found[2:4], left, right) >= 0
    return met


def rule_bits(found: Index, left: Ints, right: Ints) -> Ints:
    """Bit n of each pair: it shares a block of rule n, (pairs,)."""
    bits: Ints = _in_common(*found[2:4], np.int64(1) << found.rule.astype(np.int64), left, right)
    return bits


@compiled
def _homes(starts: Any, members: Any, size: int) -> Any:
    homes = np.zeros(size + 1, dtype=np.int64)
    for member in members:
        homes[member + 1] += 1
    for position in range(size):
        homes[position + 1] += homes[position]
    free = homes[:-1].copy()
    blocks = np.empty(len(members), dtype=np.int32)
    for block in range(len(starts) - 1):
        for at in range(starts[block], starts[block + 1]):
            blocks[free[members[at]]] = block
            free[members[at]] += 1
    return homes, blocks


@inner
def _first_common(homes: Any, blocks: Any, one: int, other: int) -> int:
    mine, mine_end, yours, yours_end = homes[one], homes[one + 1], homes[other], homes[other + 1]
    while mine < mine_end and yours < yours_end:
        if blocks[mine] == blocks[yours]:
            return int(blocks[mine])
        if blocks[mine] < blocks[yours]:
            mine += 1
        else:
            yours += 1
    return -1


@compiled
def _own_pairs(starts: Any, members: Any, homes: Any, blocks: Any, first: int, last: int, left: Any, right: Any) -> int:
    count = 0
    for block in range(first, last):
        for one in range(starts[block], starts[block + 1]):
            for other in range(one + 1, starts[block + 1]):
                if _first_common(homes, blocks, members[one], members[other]) == block:
                    left[count], right[count] = members[one], members[other]
                    count += 1
    return count


@compiled
def _first_of_each(homes: Any, blocks: Any, left: Any, right: Any) -> Any:
    found = np.empty(len(left), dtype=np.int64)
    for pair in range(len(left)):
        found[pair] = _first_common(homes, blocks, left[pair], right[pair])
    return found


@compiled
def _in_common(homes: Any, blocks: Any, mask: Any, left: Any, right: Any) -> Any:
    """The bits of ``mask`` (blocks,) of all blocks that each pair shares, put together."""
    found = np.zeros(len(left), dtype=np.int64)
    for pair in range(len(left)):
        mine, yours = homes[left[pair]], homes[right[pair]]
        while mine < homes[left[pair] + 1] and yours < homes[right[pair] + 1]:
            if blocks[mine] == blocks[yours]:
                found[pair] |= mask[blocks[mine]]
                mine += 1
                yours += 1
            elif blocks[mine] < blocks[yours]:
                mine += 1
            else:
                yours += 1
    return found
