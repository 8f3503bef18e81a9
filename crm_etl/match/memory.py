"""Memory that is free goes back to the system: allocators keep it for later, and a stage's peak then stays for good."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

import pyarrow as pa


def give_back() -> None:
    """Return what Arrow's pool and the C library keep but do not use; nothing where they cannot."""
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # musl has no malloc_trim
            ctypes.CDLL(None).malloc_trim(0)
