"""The demo's source of chance: the standard generator with faster draws, the same on every machine."""

from __future__ import annotations

from random import Random
from typing import Any


class Dice(Random):
    """``choice``, ``randrange`` and ``randint`` by one float each: half the time, even enough for a demo.

    A float has 53 bits, so ranges must stay below 2**53.
    """

    def choice(self, seq: Any) -> Any:
        return seq[int(self.random() * len(seq))]

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        low, high = (0, start) if stop is None else (start, stop)
        if high <= low or step != 1:
            raise ValueError("an empty range, or one with steps")
        return low + int(self.random() * (high - low))

    def randint(self, a: int, b: int) -> int:
        return a + int(self.random() * (b - a + 1))
