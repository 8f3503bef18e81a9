"""Machine code for the inner loops: functions compiled at their first call, and kept on disk for the next process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit


def compiled(function: Callable[..., Any]) -> Any:
    """``function`` in machine code that frees the interpreter while it runs.

    It is kept beside the source, or in ``NUMBA_CACHE_DIR``. Where nothing can be written (a read-only container
    without a home) each process compiles it anew, which takes about half a minute.
    """
    try:
        return njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba found no place for its cache
        return njit(nogil=True)(function)
