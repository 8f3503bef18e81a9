"""Text values as Arrow arrays, millions at a time: hashed and numbered without a Python object for each.

A value is known by its hash, 64 bits that are the same in every run, for whatever data: of ten million distinct values
two have one hash with a probability of three in a million. Only kernels and conversions are here; what the numbers are
made for stands in :mod:`crm_etl.match.encode`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from crm_etl.normalize.names.compiled import compiled, inner

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Marks = npt.NDArray[np.uint32]

TEXT = pa.large_string()


class Hashed(NamedTuple):
    """Any number of values a record, known by their hashes alone: ``hashes[starts[p]:ends[p]]`` are those of record p,
    some of them perhaps twice."""

    starts: Ints
    ends: Ints
    hashes: Hashes


_SHORT_OFFSETS = 2**31


def texts(values: Any) -> pa.Array:
    """One array of text from a pandas column, a numpy array or list of str and None, or an Arrow column."""
    if isinstance(values, pd.Series):
        values = values.array if isinstance(values.dtype, pd.StringDtype) else values.to_numpy(dtype=object)
    array = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values, from_pandas=True)
    return _whole(array if _is_text(array.type) else array.cast(TEXT))


def lists(values: Any) -> tuple[pa.Array, Ints]:
    """The entries of all n cells one after the other, and (n + 1,) bounds of each cell's entries.

    Args:
        values: a pandas column of lists of str, or an Arrow column of lists.
    """
    arrow = isinstance(values, pa.Array | pa.ChunkedArray)
    cells = _whole(values if arrow else pa.array(values, type=pa.large_list(TEXT), from_pandas=True))
    bounds = np.zeros(len(cells) + 1, dtype=np.int64)
    np.cumsum(pc.fill_null(pc.list_value_length(cells), 0).to_numpy(zero_copy_only=False), out=bounds[1:])
    return texts(cells.flatten()), bounds


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _whole(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """In one piece; text of more than 2 GB needs the longer offsets for that."""
    if not isinstance(array, pa.ChunkedArray):
        return array
    if array.num_chunks > 1 and array.nbytes >= _SHORT_OFFSETS:
        array = array.cast(TEXT if _is_text(array.type) else pa.large_list(TEXT))
    return array.combine_chunks() if array.num_chunks != 1 else array.chunk(0)


def present(array: pa.Array) -> Ints:
    """Places of the values that are not null."""
    if not array.null_count:
        return np.arange(len(array), dtype=np.int64)
    return np.flatnonzero(array.is_valid().to_numpy(zero_copy_only=False))


def totals(values: Hashes, bounds: Ints) -> Hashes:
    """One hash for the values from each bound to the next, whatever their order; 0 for none."""
    sums: Hashes = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(values, dtype=np.uint64)])
    return sums[bounds[1:]] - sums[bounds[:-1]]


def marked(array: pa.Array) -> tuple[Hashes, Marks]:
    """The hash of each value, and its first three bytes as a number, the lowest first: 0 for null and shorter ones."""
    data, offsets = buffers(array)
    hashes, marks = _marked(data, offsets)
    if array.null_count:
        marks[array.is_null().to_numpy(zero_copy_only=False)] = 0
    return hashes, marks


def begin(hashes: Hashes, marks: Marks, bounds: Ints, prefix: str) -> tuple[Hashes, Ints]:
    """Those of ``hashes`` whose values begin with ``prefix``, three bytes; and the bounds of each cell's among them.

    Args:
        hashes, marks: of all values, :func:`marked`.
        bounds: (n + 1,) bounds of each cell's values, :func:`lists`.
    """
    found: tuple[Hashes, Ints] = _begin(hashes, marks, bounds, np.uint32(int.from_bytes(prefix.encode(), "little")))
    return found


def hashes(array: pa.Array, at: Ints) -> Hashes:
    """Hash of the values at the places ``at``, (len(at),)."""
    data, offsets = buffers(array)
    found: Hashes = _hash(data, offsets, at)
    return found


def number(keys: Hashes) -> tuple[Ints, Ints]:
    """The number of each key, which rises with the keys, and a place of each number."""
    codes, first = _number(keys)
    order = np.argsort(keys[first], kind="stable")
    _renumber(codes, order)
    return codes, first[order]


def hexadecimal(keys: Hashes) -> pa.Array:
    """Each key as sixteen hexadecimal digits."""
    digits = keys.astype(">u8").tobytes().hex().encode()
    places = np.arange(len(keys) + 1, dtype=np.int64) * 16
    return pa.LargeStringArray.from_buffers(len(keys), pa.py_buffer(places), pa.py_buffer(digits)).cast(pa.string())


def mix(one: Hashes, other: Hashes) -> Hashes:
    """One hash of two, in this order."""
    found: Hashes = _mix(one, other)
    return found


def buffers(array: pa.Array) -> tuple[npt.NDArray[np.uint8], npt.NDArray[Any]]:
    """The bytes of all values and (n + 1,) offsets into them, int32 or int64, as they lie there; not to be changed."""
    _, offsets, data = array.buffers()
    wide = np.int64 if pa.types.is_large_string(array.type) else np.int32
    places = np.zeros(1, dtype=wide) if offsets is None else np.frombuffer(offsets, dtype=wide)
    places = places[array.offset : array.offset + len(array) + 1]
    letters = np.frombuffer(b"" if data is None else data, dtype=np.uint8)
    for part in (places, letters):  # compiled functions take what can be changed for another type
        part.flags.writeable = False
    return letters, places


_PRIME, _OTHER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
_FIRST, _SECOND = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_EMPTY = np.uint64(2**64 - 1)
_SHIFT, _LEFT, _RIGHT, _BYTE = np.uint64(33), np.uint64(31), np.uint64(33), np.uint64(8)


@inner
def scramble(value):  # type: ignore[no-untyped-def]
    """The finalizer of MurmurHash3 (Appleby, public domain): every bit of the outcome hangs on every bit."""
    value = (value ^ (value >> _SHIFT)) * _FIRST
    value = (value ^ (value >> _SHIFT)) * _SECOND
    return value ^ (value >> _SHIFT)


@inner
def hash_bytes(data, start, end):  # type: ignore[no-untyped-def]
    """Words of eight bytes, multiplied and rotated in, as xxHash does, and scrambled. Compiled, for kernels."""
    total, word, size = np.uint64(end - start) * _OTHER + _PRIME, np.uint64(0), 0
    for at in range(start, end):
        word |= np.uint64(data[at]) << (_BYTE * np.uint64(size))
        size += 1
        if size == 8:
            total ^= word * _PRIME
            total = ((total << _LEFT) | (total >> _RIGHT)) * _OTHER
            word, size = np.uint64(0), 0
    return scramble(total ^ (word * _PRIME))


@compiled
def _hash(data, offsets, places):  # type: ignore[no-untyped-def]
    found = np.empty(len(places), dtype=np.uint64)
    for number in range(len(places)):
        found[number] = hash_bytes(data, offsets[places[number]], offsets[places[number] + 1])
    return found


@compiled
def _mix(one, other):  # type: ignore[no-untyped-def]
    found = np.empty(len(one), dtype=np.uint64)
    for place in range(len(one)):
        found[place] = scramble(one[place] * _PRIME + other[place])
    return found


@compiled
def _marked(data, offsets):  # type: ignore[no-untyped-def]
    hashes, marks = np.empty(len(offsets) - 1, dtype=np.uint64), np.zeros(len(offsets) - 1, dtype=np.uint32)
    for place in range(len(hashes)):
        start = offsets[place]
        hashes[place] = hash_bytes(data, start, offsets[place + 1])
        if offsets[place + 1] - start >= 3:
            marks[place] = data[start] | data[start + 1] << 8 | data[start + 2] << 16
    return hashes, marks


@compiled
def _begin(hashes, marks, bounds, wanted):  # type: ignore[no-untyped-def]
    count = 0
    for mark in marks:
        count += mark == wanted
    found, ends = np.empty(count, dtype=np.uint64), np.zeros(len(bounds), dtype=np.int64)
    end = 0
    for cell in range(len(bounds) - 1):
        for place in range(bounds[cell], bounds[cell + 1]):
            if marks[place] == wanted:
                found[end] = hashes[place]
                end += 1
        ends[cell + 1] = end
    return found, ends


@compiled
def _number(keys):  # type: ignore[no-untyped-def]
    """Numbers in the order of appearance, and the place where each appears first: open addressing, doubled when half
    full. Key and number of a slot lie side by side, so that looking one up costs one walk to the memory."""
    codes, first = np.empty(len(keys), dtype=np.int64), np.empty(1024, dtype=np.int64)
    slots, mask, count = np.full(4096, _EMPTY, dtype=np.uint64), np.uint64(2047), 0
    for place in range(len(keys)):
        slot = _slot(slots, mask, keys[place])
        if slots[slot + 1] == _EMPTY:
            if count == len(first):
                first, slots, mask = _grow(first, keys)
                slot = _slot(slots, mask, keys[place])
            slots[slot], slots[slot + 1], first[count] = keys[place], np.uint64(count), place
            count += 1
        codes[place] = slots[slot + 1]
    return codes, first[:count].copy()


@inner
def _slot(slots, mask, key):  # type: ignore[no-untyped-def]
    """Where ``key`` stands or may be put."""
    slot = key & mask
    while slots[np.int64(slot) * 2 + 1] != _EMPTY and slots[np.int64(slot) * 2] != key:
        slot = (slot + np.uint64(1)) & mask
    return np.int64(slot) * 2


@compiled
def _grow(first, keys):  # type: ignore[no-untyped-def]
    wider = np.empty(2 * len(first), dtype=np.int64)
    wider[: len(first)] = first
    slots, mask = np.full(8 * len(first), _EMPTY, dtype=np.uint64), np.uint64(4 * len(first) - 1)
    for number in range(len(first)):
        slot = _slot(slots, mask, keys[first[number]])
        slots[slot], slots[slot + 1] = keys[first[number]], np.uint64(number)
    return wider, slots, mask


@compiled
def _renumber(codes, order):  # type: ignore[no-untyped-def]
    """Puts for each code, where it stands, its place in ``order``."""
    rank = np.empty(len(order), dtype=np.int64)
    for place in range(len(order)):
        rank[order[place]] = place
    for place in range(len(codes)):
        codes[place] = rank[codes[place]]
