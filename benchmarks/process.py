"""A command in a process of its own, measured from its start to its end: wall time, processor time, memory.

Memory is the largest sum of the resident sets of the process and of all that it started, looked at 20 times a second,
or the highest mark that the kernel keeps of one of them if that is larger. The account that a process leaves at its end
(ru_maxrss) is no help where there is /proc: it begins with the memory of the process that started it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from crm_etl.faults import Fault

_ROOT = Path(__file__).parents[1]
_PAUSE = 0.05
#: Bytes of a unit of ru_maxrss: the kernels differ.
_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Usage:
    """What a command used: seconds and bytes."""

    wall: float
    cpu: float
    memory: int

    def row(self) -> dict[str, Any]:
        return asdict(self)


def run(command: Sequence[str], log: Path) -> Usage:
    """Run ``command`` from the root of the repository, its output into ``log``, and tell what it used.

    Raises:
        Fault: it failed; with the last line that it said.
    """
    started = time.perf_counter()
    complaints = log.with_suffix(".err")
    with log.open("w", encoding="utf-8") as output, complaints.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            command, cwd=_ROOT, stdout=output, stderr=errors, start_new_session=True, env=_environment()
        )
        peak = _Peak(process.pid)
        peak.start()
        _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    peak.over.set()
    peak.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        said = (complaints.read_text("utf-8").strip().splitlines() or ["nothing"])[-1]
        raise Fault(
            f"{' '.join(command)} ended with {process.returncode} and said at last: {said}",
            remedy="run this command by hand to see more",
        )
    return Usage(wall, used.ru_utime + used.ru_stime, peak.memory or used.ru_maxrss * _UNIT)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(":")}


class _Peak(threading.Thread):
    """Watches the memory of a session of processes until told that it is :attr:`over`."""

    def __init__(self, session: int) -> None:
        super().__init__(daemon=True)
        self.memory = 0
        self.over = threading.Event()
        self._session = session

    def run(self) -> None:
        while not self.over.wait(_PAUSE):
            self.memory = max(self.memory, *_resident(self._session))


def _resident(session: int) -> tuple[int, int]:
    """Bytes of the resident sets of a session's processes, and their highest mark; 0 where there is no /proc."""
    total = highest = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            # The command may hold blanks and brackets: what counts stands behind the last one.
            fields = (folder / "stat").read_text("utf-8", errors="replace").rpartition(")")[2].split()
            if int(fields[3]) == session:
                status = (folder / "status").read_text("utf-8", errors="replace")
                total += _kilobytes(status, "VmRSS") * 1024
                highest = max(highest, _kilobytes(status, "VmHWM") * 1024)
        except OSError:
            continue
    return total, highest


def _kilobytes(status: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB$", status, re.M)
    return 0 if found is None else int(found[1])
