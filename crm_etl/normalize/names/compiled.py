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
    return _compiled(function, _nrt=True)  # said, or a function would take it from the one that calls it first


def inner(function: Callable[..., Any]) -> Any:
    """The same for what other compiled functions call in their loops: without counting references to arrays at every
    call, which takes longer than most such functions do.

    So it may neither make arrays nor get them from another function: they would never be freed.
    """
    return _compiled(function, _nrt=False)


def inlined(function: Callable[..., Any]) -> Any:
    """The same for what is so short, or called so often, that it is written into the functions that call it."""
    return _compiled(function, _nrt=False, forceinline=True)


def _compiled(function: Callable[..., Any], **options: Any) -> Any:
    try:
        return njit(cache=True, nogil=True, **options)(function)
    except RuntimeError:  # numba found no place for its cache
        return njit(nogil=True, **options)(function)
