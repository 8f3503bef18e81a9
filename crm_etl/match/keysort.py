"""Bringing equal keys together: one sort of keys and positions in a single number each, on disk where there are many.

The key gives its highest bits, the position the lowest ones, so that sorting orders both at once, many times faster
than sorting positions by key. With a million records 43 bits of the key remain beside the kind of party: among ten
million keys two different ones are taken for one about six times, which adds a few pairs and loses none. What does not
fit into memory is sorted by DuckDB, in a file that is gone afterwards.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

from crm_etl.match.encode import Hashes, Ints

#: Numbers that come back from the disk at a time.
_BATCH = 1_000_000
_MEGABYTE = 1_000_000


def joint(keys: Hashes, positions: Ints, size: int) -> Hashes:
    """One number of each key and its position among ``size`` records."""
    low = _low(size)
    return (keys & ~low) | positions.astype(np.uint64)


def grouped(parts: Iterable[Hashes], size: int, memory: int) -> Iterator[tuple[Hashes, npt.NDArray[np.int32]]]:
    """Keys in rising order with their positions, rising within a key, no entry twice; no key in two pieces.

    Args:
        parts: joint numbers, in any order.
        size: how many records there are.
        memory: megabytes that sorting may take; what needs more is sorted on disk.
    """
    low = _low(size)
    rest = np.zeros(0, dtype=np.uint64)
    for piece in _rising(parts, memory * _MEGABYTE):
        entries = np.concatenate([rest, piece]) if len(rest) else piece
        whole = int(np.searchsorted(entries, entries[-1] & ~low)) if len(entries) else 0
        rest = entries[whole:]
        if whole:
            yield _apart(entries[:whole], low)
    if len(rest):
        yield _apart(rest, low)


def _low(size: int) -> np.uint64:
    """The bits of a position."""
    return np.uint64((1 << max(size - 1, 1).bit_length()) - 1)


def _apart(entries: Hashes, low: np.uint64) -> tuple[Hashes, npt.NDArray[np.int32]]:
    entries = entries[np.concatenate([[True], entries[1:] != entries[:-1]])]
    return entries & ~low, (entries & low).astype(np.int32)


def _rising(parts: Iterable[Hashes], room: int) -> Iterator[Hashes]:
    """All numbers in rising order: in one piece, or in many where the sorted copy would not fit into ``room`` bytes."""
    held: list[Hashes] = []
    coming = iter(parts)
    for part in coming:
        held.append(part)
        if 2 * sum(kept.nbytes for kept in held) > room:
            yield from _from_disk(chain(held, coming), room)
            return
    entries = np.concatenate([np.zeros(0, dtype=np.uint64), *held])
    entries.sort()
    yield entries


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
