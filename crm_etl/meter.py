"""Wall time and peak memory of each stage of a run, for people who plan machines and nights.

Peak memory is the kernel's high-water mark of the process's resident set (``VmHWM`` of ``/proc/self/status``),
reset before each stage through ``/proc/self/clear_refs``; where the kernel offers neither, it is the highest
mark of the whole process so far (``getrusage``).
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


def peak_megabytes() -> float:
    """Highest resident memory since the last :func:`reset_peak`, in MB (10^6 bytes)."""
    with suppress(OSError):
        for line in _STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def reset_peak() -> None:
    """Let the high-water mark begin anew, where the kernel can."""
    with suppress(OSError):
        _CLEAR.write_text("5", encoding="ascii")


@dataclass
class Meter:
    """Collects one line a stage: ``{"stage", "seconds", "peak_mb"}``."""

    lines: list[dict[str, Any]] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        reset_peak()
        began = time.perf_counter()
        try:
            yield
        finally:
            seconds = round(time.perf_counter() - began, 2)
            self.lines.append({"stage": name, "seconds": seconds, "peak_mb": round(peak_megabytes())})
