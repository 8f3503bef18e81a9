"""What people have corrected of rows in quarantine: an append-only file beside the migration file.

One JSON object a line: who, when, which row (source and fingerprint of the row as delivered; file, sheet, line, key
and number for people), what to do with it and the cells, old and new. Lines are added, never changed: of several on
one row the last counts, and taking one back adds a line as well. The file belongs to the migration, not to the state
folder, which may be deleted. Applying it to what a source delivers: :mod:`crm_etl.extract.mending`. Making it from
a file that people filled in: :mod:`crm_etl.resubmission`.
"""

from __future__ import annotations

import fcntl
import getpass
import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crm_etl.faults import Fault, Where

FILE = "corrections.jsonl"
CORRECT, EXCLUDE, WITHDRAW = "correct", "exclude", "withdraw"
#: Characters that mislead whoever looks at the file; JSON has an escape for each.
_MISLEADING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


@dataclass(frozen=True)
class Signature:
    """Who judges, and when."""

    at: str
    who: str

    @classmethod
    def of(cls, who: str | None) -> Signature:
        return cls(datetime.now(UTC).isoformat(timespec="seconds"), who or getpass.getuser())


@dataclass(frozen=True)
class Correction:
    """A judgement on one row, or the withdrawal of one.

    Attributes:
        number: its place in the file, from 1; 0 before it stands there.
        action: ``correct``, ``exclude`` or ``withdraw``.
        source, fingerprint, row: the row as it was delivered; the others describe it for people.
        reason: why the row was refused.
        cells: column -> (cell as delivered, cell as corrected); None is no value.
        replaces: number of the judgement that this one, on the same row, takes the place of.
        of: number of the judgement that is withdrawn.
    """

    at: str
    who: str
    action: str
    number: int = 0
    source: str | None = None
    fingerprint: str | None = None
    key: str | None = None
    file: str | None = None
    sheet: str | None = None
    line: int | None = None
    row: int | None = None
    reason: str | None = None
    cells: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    why: str = ""
    replaces: int | None = None
    of: int | None = None

    @property
    def place(self) -> str:
        """Where the row stands, for people."""
        line = f"row {self.row}" if self.line is None else f"line {self.line}"
        return ", ".join(part for part in (self.file, self.sheet, line) if part)


def read(path: Path) -> list[Correction]:
    """All lines in the order of the file; a file that is not there holds none.

    Raises:
        Fault: the file is not UTF-8, or a line is not one that :func:`append` wrote, or stands there twice.
    """
    if not path.exists():
        return []
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise Fault(
            f"not UTF-8 at byte {error.start}", where=Where(str(path)), remedy="restore the file from a copy"
        ) from None
    entries: dict[int, Correction] = {}
    for place, line in enumerate(lines, 1):
        if line.strip():
            entry = _parse(line, place, path)
            if entry.number in entries:
                raise Fault(
                    f"two corrections have the number {entry.number}",
                    where=Where(str(path), row=place),
                    remedy="restore the file from a copy: lines are added by crm-etl resubmit alone",
                )
            entries[entry.number] = entry
    return list(entries.values())


def standing(corrections: Iterable[Correction]) -> list[Correction]:
    """The judgements that count, oldest first: none that was withdrawn or that a later one on its row replaced."""
    known = list(corrections)
    withdrawn = {entry.of for entry in known if entry.action == WITHDRAW}
    judged = [entry for entry in known if entry.action != WITHDRAW and entry.number not in withdrawn]
    replaced = {entry.replaces for entry in judged}
    last = {(entry.source, entry.fingerprint, entry.row): entry for entry in judged if entry.number not in replaced}
    return sorted(last.values(), key=lambda entry: entry.number)


def append(path: Path, entries: Sequence[Correction]) -> list[int]:
    """Add ``entries`` to the end of the file, all or none; they are on the disk when this returns.

    Returns:
        The numbers that they got.

    Raises:
        Fault: the file is not one of corrections.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        last = max((entry.number for entry in read(path)), default=0)
        numbers = list(range(last + 1, last + 1 + len(entries)))
        size = file.seek(0, os.SEEK_END)
        text = "".join(_line(entry, number) for entry, number in zip(entries, numbers, strict=True))
        if size and not _ends_line(path):
            text = "\n" + text
        file.write(text.encode("utf-8"))
        file.flush()
        os.fsync(file.fileno())
    return numbers


def _ends_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"


def _line(entry: Correction, number: int) -> str:
    stated = {name: value for name, value in asdict(entry).items() if value not in (None, "", {}) and name != "number"}
    text = json.dumps({"number": number, **stated}, ensure_ascii=False)
    return _MISLEADING.sub(lambda match: f"\\u{ord(match.group()):04x}", text) + "\n"


def _parse(line: str, number: int, path: Path) -> Correction:
    try:
        told: dict[str, Any] = json.loads(line)
        cells = {name: _pair(pair) for name, pair in told.pop("cells", {}).items()}
        entry = Correction(**told, cells=cells)
        _check(entry)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise Fault(
            "a line of the corrections is damaged",
            where=Where(str(path), row=number),
            remedy="restore the file from a copy; if the last line was cut short, remove it and resubmit that file",
        ) from None
    return entry


def _pair(pair: Any) -> tuple[str | None, str | None]:
    """Cell as delivered and as corrected. Raises TypeError or ValueError for anything else."""
    if not isinstance(pair, list):
        raise TypeError(pair)
    old, new = pair
    if not all(cell is None or isinstance(cell, str) for cell in pair):
        raise TypeError(pair)
    return old, new


def _check(entry: Correction) -> None:
    """Raises TypeError or ValueError unless all of ``entry`` is of its kind: people edit the file, and slip."""
    texts = (entry.at, entry.who, entry.action, entry.why)
    named = (entry.source, entry.fingerprint, entry.key, entry.file, entry.sheet, entry.reason)
    counted = (entry.line, entry.row, entry.replaces, entry.of)
    whole = all(type(one) is int for one in (entry.number, *(one for one in counted if one is not None)))
    spelled = all(isinstance(one, str) for one in (*texts, *(one for one in named if one is not None)))
    if not whole or not spelled:
        raise TypeError(entry.number)
    withdrawal = entry.action == WITHDRAW
    if entry.action not in (CORRECT, EXCLUDE, WITHDRAW) or withdrawal != (entry.of is not None) or entry.number < 1:
        raise ValueError(entry.action)
    if not withdrawal and (entry.source is None or entry.fingerprint is None):
        raise ValueError("of no row")
