"""Bringing equal keys together: one sort of keys and positions in a single number each, on disk where there are many.

The key gives its highest bits, the position the lowest ones. Entries come in the order of positions, so that only the
key's bits need sorting, digit by digit, which costs a few steps an entry. With a million records 43 bits of the key
remain beside the kind of party: among ten million keys two different ones are taken for one about six times, which adds
a few pairs and loses none. What does not fit into memory is sorted by DuckDB, in a file that is gone afterwards.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from crm_etl.match.encode import Hashes, Ints
from crm_etl.normalize.names.compiled import compiled

Places = npt.NDArray[np.int32]
#: Positions that are kept of a key that too many have.
NAMED = 3
#: Numbers that come back from the disk at a time.
_BATCH = 1_000_000
_MEGABYTE = 1_000_000
#: Bits of a digit that is sorted by, and entries so few that sorting them whole is quicker.
_DIGIT, _FEW = 11, 20_000


class Blocks(NamedTuple):
    """Keys in rising order that several positions have, and not too many.

    ``sizes``: positions of each key, and ``members``: those positions, key after key, rising within a key.
    ``large_keys`` and ``large_sizes``: keys that too many have, and ``large_members``: the first positions of each,
    (keys, :data:`NAMED`). ``entries``: keys and positions there were in all.
    """

    keys: Hashes
    sizes: Ints
    members: Places
    large_keys: Hashes
    large_sizes: Ints
    large_members: Places
    entries: int


def position_bits(size: int) -> int:
    """Bits that a position among ``size`` records takes."""
    return max(size - 1, 1).bit_length()


def blocks(parts: Iterable[Hashes], size: int, memory: int, most: int) -> Blocks:
    """The keys that 2 to ``most`` positions have.

    Args:
        parts: numbers whose highest bits are a key and whose lowest are a position, in the order of the positions.
        size: how many records there are.
        memory: megabytes that sorting may take; what needs more is sorted on disk.
        most: positions that a key may have.
    """
    bits = position_bits(size)
    low = np.uint64((1 << bits) - 1)
    found = [Blocks(*_grouped(entries, low, most)) for entries in _whole_keys(parts, memory * _MEGABYTE, bits)]
    if len(found) == 1:
        return found[0]
    return Blocks(
        np.concatenate([part.keys for part in found]),
        np.concatenate([part.sizes for part in found]),
        np.concatenate([part.members for part in found]),
        np.concatenate([part.large_keys for part in found]),
        np.concatenate([part.large_sizes for part in found]),
        np.concatenate([part.large_members for part in found]),
        sum(part.entries for part in found),
    )


def _whole_keys(parts: Iterable[Hashes], room: int, bits: int) -> Iterator[Hashes]:
    """All entries in rising order, no key in two pieces; one piece at least."""
    held: list[Hashes] = []
    coming = iter(parts)
    for part in coming:
        held.append(part)
        if 2 * sum(kept.nbytes for kept in held) > room:
            yield from _unbroken(_from_disk(chain(held, coming), room), np.uint64((1 << bits) - 1))
            return
    yield rising(held[0] if len(held) == 1 else np.concatenate([np.zeros(0, dtype=np.uint64), *held]), bits)


def rising(entries: Hashes, bits: int) -> Hashes:
    """``entries`` in rising order; their lowest ``bits`` rise already among equal highest ones. They may be changed."""
    if len(entries) < _FEW:
        entries.sort()
        return entries
    found: Hashes = _by_digits(entries, bits)
    return found


def _unbroken(batches: Iterator[Hashes], low: np.uint64) -> Iterator[Hashes]:
    rest = np.zeros(0, dtype=np.uint64)
    for batch in batches:
        entries = np.concatenate([rest, batch]) if len(rest) else batch
        whole = int(np.searchsorted(entries, entries[-1] & ~low)) if len(entries) else 0
        rest = entries[whole:]
        if whole:
            yield entries[:whole]
    yield rest


def _from_disk(parts: Iterable[Hashes], room: int) -> Iterator[Hashes]:
    import duckdb
    import pyarrow as pa

    with tempfile.TemporaryDirectory(prefix="crm-etl-keys-") as folder:
        limits: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{max(room // _MEGABYTE, 100)}MB",
            "temp_directory": folder,
            "preserve_insertion_order": False,
        }
        with duckdb.connect(str(Path(folder) / "keys.duckdb"), config=limits) as base:
            base.execute("CREATE TABLE entries (entry UBIGINT)")
            for part in parts:
                base.register("part", pa.table({"entry": part}))
                base.execute("INSERT INTO entries SELECT entry FROM part")
                base.unregister("part")
            for batch in base.sql("SELECT entry FROM entries ORDER BY entry").to_arrow_reader(_BATCH):
                yield batch.column(0).to_numpy()


@compiled
def _by_digits(entries: Any, bits: int) -> Any:
    """Sorted by the bits from ``bits`` upwards, from the lowest digit to the highest (Knuth, TAOCP 3, 5.2.5)."""
    digits, size = (64 - bits + _DIGIT - 1) // _DIGIT, 1 << _DIGIT
    mask = np.uint64(size - 1)
    counts = np.zeros((digits, size), dtype=np.int64)
    for entry in entries:
        for digit in range(digits):
            counts[digit, np.int64((entry >> np.uint64(bits + digit * _DIGIT)) & mask)] += 1
    one, other = entries, np.empty_like(entries)
    for digit in range(digits):
        shift = np.uint64(bits + digit * _DIGIT)
        counts[digit] = np.cumsum(counts[digit]) - counts[digit]
        for entry in one:
            value = np.int64((entry >> shift) & mask)
            other[counts[digit, value]] = entry
            counts[digit, value] += 1
        one, other = other, one
    return one


@compiled
def _grouped(entries: Any, low: Any, most: int) -> Any:
    """The parts of :class:`Blocks` out of sorted entries; an entry that comes twice counts once."""
    room, count, large, filled, different = len(entries), 0, 0, 0, 0
    keys, sizes = np.empty(room // 2, dtype=np.uint64), np.empty(room // 2, dtype=np.int64)
    members = np.empty(room, dtype=np.int32)
    few = room // (most + 1)
    large_keys, large_sizes = np.empty(few, dtype=np.uint64), np.empty(few, dtype=np.int64)
    large_members = np.full((few, NAMED), -1, dtype=np.int32)
    at = 0
    while at < room:
        key, begin, start = entries[at] & ~low, filled, at
        while at < room and entries[at] & ~low == key:
            if at == start or entries[at] != entries[at - 1]:
                members[filled] = np.int32(entries[at] & low)
                filled += 1
            at += 1
        size = filled - begin
        different += size
        if size > most:
            large_keys[large], large_sizes[large] = key, size
            for place in range(min(size, NAMED)):
                large_members[large, place] = members[begin + place]
            large += 1
            filled = begin
        elif size == 1:
            filled = begin
        else:
            keys[count], sizes[count] = key, size
            count += 1
    return (
        keys[:count].copy(),
        sizes[:count].copy(),
        members[:filled].copy(),
        large_keys[:large].copy(),
        large_sizes[:large].copy(),
        large_members[:large].copy(),
        different,
    )
