"""How much memory this process may still take: the machine's, the container's and the user's limits.

Where a system does not tell (other than Linux), :data:`UNKNOWN` stands in.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

#: Taken for free where nothing says how much is.
UNKNOWN = 2 << 30


def room() -> int:
    """Bytes that may still be allotted; never less than 0."""
    return max(0, min(_limits(), default=UNKNOWN))


def _limits() -> Iterator[int]:
    with contextlib.suppress(OSError, ValueError, KeyError):
        yield _kilobytes(Path("/proc/meminfo"))["MemAvailable"]
    with contextlib.suppress(OSError, ValueError):
        used = int(Path("/sys/fs/cgroup/memory.current").read_text())
        cache = dict(line.split() for line in Path("/sys/fs/cgroup/memory.stat").read_text().splitlines())
        yield int(Path("/sys/fs/cgroup/memory.max").read_text()) - used + int(cache.get("file", 0))
    with contextlib.suppress(ImportError, OSError, ValueError, KeyError):
        import resource

        taken = _kilobytes(Path("/proc/self/status"))
        for limit, name in ((resource.RLIMIT_AS, "VmSize"), (resource.RLIMIT_DATA, "VmData")):
            most = resource.getrlimit(limit)[0]
            if most != resource.RLIM_INFINITY:
                yield most - taken[name]


def _kilobytes(path: Path) -> dict[str, int]:
    """The lines ``name: number kB`` of a file of the system, in bytes."""
    pairs = (line.partition(":")[::2] for line in path.read_text().splitlines())
    return {name: int(rest.split()[0]) << 10 for name, rest in pairs if rest.endswith("kB")}
