"""Parts of texts, known by their hashes: the last digits of a phone, the mailbox behind an address.

No text is made; kernels walk over the bytes of all values. What providers make of an address is told by
:mod:`crm_etl.normalize.emails.mailboxes`, and equals what its :func:`key` says of each address.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from crm_etl.match.encode import Hashes, Ints
from crm_etl.match.texts import buffers, hash_bytes
from crm_etl.normalize.emails.mailboxes import Provider, providers
from crm_etl.normalize.names.compiled import compiled, inner

_SEMICOLON, _AT = 59, 64


class _Providers(NamedTuple):
    """Hashes of domains, rising, and of each the number of its provider. Of each provider: what becomes of each byte
    (0 for nothing), the byte that begins a tag (0 for none), and a hash of its domain."""

    domains: Hashes
    number: Ints
    becomes: npt.NDArray[np.uint8]
    tag: npt.NDArray[np.uint8]
    domain: Hashes


def tails(phones: pa.Array, digits: int) -> Hashes:
    """A hash of the last ``digits`` characters of each phone before its extension."""
    found: Hashes = _tails(*buffers(phones), digits)
    return found


def locals_of(addresses: pa.Array) -> tuple[Hashes, Ints]:
    """A hash of what stands before the @ of each address, and how many characters that are."""
    hashes, sizes = _locals(*buffers(addresses))
    return hashes, sizes


def mailboxes(addresses: pa.Array) -> Hashes:
    """A hash of the mailbox of each address: addresses that their provider delivers to one box have one."""
    found: Hashes = _mailboxes(*buffers(addresses), _table())
    return found


@cache
def _table() -> _Providers:
    known = providers()
    kinds = list(dict.fromkeys(known.values()))
    names = pa.array(list(known), type=pa.large_string())
    domains = pa.array([provider.domain for provider in kinds], type=pa.large_string())
    hashes = _whole(names)
    order = np.argsort(hashes)
    return _Providers(
        hashes[order],
        np.array([kinds.index(provider) for provider in known.values()], dtype=np.int64)[order],
        np.array([_becomes(provider) for provider in kinds], dtype=np.uint8),
        np.array([ord(provider.tag or "\0") for provider in kinds], dtype=np.uint8),
        _whole(domains),
    )


def _becomes(provider: Provider) -> list[int]:
    return [provider.signs.get(byte, byte) or 0 for byte in range(256)]


def _whole(values: pa.Array) -> Hashes:
    found: Hashes = _every(*buffers(values))
    return found


@compiled
def _every(data: Any, offsets: Any) -> Any:
    found = np.empty(len(offsets) - 1, dtype=np.uint64)
    for text in range(len(found)):
        found[text] = hash_bytes(data, offsets[text], offsets[text + 1])
    return found


@compiled
def _tails(data: Any, offsets: Any, digits: int) -> Any:
    found = np.empty(len(offsets) - 1, dtype=np.uint64)
    for text in range(len(found)):
        end = _before(data, offsets[text], offsets[text + 1], _SEMICOLON)
        found[text] = hash_bytes(data, max(offsets[text], end - digits), end)
    return found


@compiled
def _locals(data: Any, offsets: Any) -> Any:
    found, sizes = np.empty(len(offsets) - 1, dtype=np.uint64), np.zeros(len(offsets) - 1, dtype=np.int64)
    for text in range(len(found)):
        end = _before(data, offsets[text], offsets[text + 1], _AT)
        found[text] = hash_bytes(data, offsets[text], end)
        for at in range(offsets[text], end):
            sizes[text] += (data[at] & 0xC0) != 0x80  # a character begins
    return found, sizes


@compiled
def _mailboxes(data: Any, offsets: Any, known: _Providers) -> Any:
    found, bare = np.empty(len(offsets) - 1, dtype=np.uint64), np.empty(256, dtype=np.uint8)
    for text in range(len(found)):
        start, end = offsets[text], offsets[text + 1]
        sign = end - 1
        while sign >= start and data[sign] != _AT:
            sign -= 1
        found[text] = hash_bytes(data, start, end)
        if sign < start or sign - start > len(bare):
            continue
        domain = hash_bytes(data, sign + 1, end)
        place = np.searchsorted(known.domains, domain)
        if place < len(known.domains) and known.domains[place] == domain:
            provider, size = known.number[place], 0
            for at in range(start, sign):
                if known.tag[provider] != 0 and data[at] == known.tag[provider]:
                    break
                becomes = known.becomes[provider, data[at]]
                if becomes != 0:
                    bare[size] = becomes
                    size += 1
            local = hash_bytes(bare, 0, size) if size > 0 else hash_bytes(data, start, sign)
            found[text] = local * np.uint64(0x9E3779B97F4A7C15) ^ known.domain[provider]
    return found


@inner
def _before(data: Any, start: int, end: int, sign: int) -> int:
    """Where ``sign`` stands first, or the end."""
    for at in range(start, end):
        if data[at] == sign:
            return at
    return end
