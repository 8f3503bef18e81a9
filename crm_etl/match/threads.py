"""Work on all cores: numbers are crunched outside the interpreter's lock, so threads are enough."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Outcome = TypeVar("Outcome")
#: Pieces in work or waiting for their turn, for each thread.
_AHEAD = 3


def available() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def slices(size: int, step: int) -> Iterator[slice]:
    """``size`` places cut into pieces of ``step``."""
    for start in range(0, size, step):
        yield slice(start, min(start + step, size))


def in_order(work: Iterable[Callable[[], Outcome]], threads: int | None = None) -> Iterator[Outcome]:
    """Outcomes of ``work`` in its order; little of it is begun before it is wanted."""
    workers = threads or available()
    waiting: deque[Future[Outcome]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for piece in work:
            waiting.append(pool.submit(piece))
            if len(waiting) >= workers * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def beside(work: Callable[[], Outcome], threads: int | None = None) -> Iterator[Future[Outcome]]:
    """``work`` in a thread of its own, done when the block is left; what went wrong in it is raised then. Where there
    is to be one thread only, it is done before the block."""
    if threads == 1:
        done: Future[Outcome] = Future()
        done.set_result(work())
        yield done
        return
    with ThreadPoolExecutor(1) as pool:
        doing = pool.submit(work)
        yield doing
        doing.result()
