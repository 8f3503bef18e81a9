"""How long is fuzzed: a bounded number of examples in a test run, or for ``CRM_ETL_FUZZ_SECONDS`` as many as fit.

Each round has another seed. A reading that takes longer than :data:`PATIENCE` seconds is a hang, and fails.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis.strategies import SearchStrategy

PATIENCE = 30


def fuzz(strategy: SearchStrategy[Any], work: Callable[[Any], None], examples: int) -> int:
    """Run ``work`` on examples of ``strategy``; gives how many rounds were run.

    Raises:
        AssertionError: what ``work`` found, for the smallest example that shows it.
    """
    end = time.monotonic() + float(os.environ.get("CRM_ETL_FUZZ_SECONDS", "0"))
    rounds = 0
    while rounds == 0 or time.monotonic() < end:
        _round(strategy, work, examples, rounds)
        rounds += 1
    return rounds


def _round(strategy: SearchStrategy[Any], work: Callable[[Any], None], examples: int, number: int) -> None:
    @seed(number)
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(strategy)
    def examined(example: Any) -> None:
        with patience():
            work(example)

    examined()


@contextmanager
def patience() -> Iterator[None]:
    """Fails what takes too long."""

    def late(number: int, frame: Any) -> None:
        raise AssertionError(f"nothing came for {PATIENCE} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
