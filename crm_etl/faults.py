"""The errors a person sees: what is wrong, where, and what to do about it.

Every fault carries its facts as attributes and renders as one short text without a traceback. Raise the
precise subclass at the line that knows the place. A fault never contains personal data: it names the file,
sheet, row and column of a value, not the value.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Where:
    """A place a person can open: a file, its sheet, a physical line or row (1-based) and a column name."""

    file: str | None = None
    sheet: str | None = None
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        parts = [
            self.file,
            f"sheet '{self.sheet}'" if self.sheet is not None else None,
            f"row {self.row}" if self.row is not None else None,
            f"column '{self.column}'" if self.column is not None else None,
        ]
        return ", ".join(part for part in parts if part is not None)


class Fault(Exception):
    """Something a person must mend. ``exit_code``: 1 differences or failed checks, 2 could not run."""

    exit_code = 2

    def __init__(self, what: str, *, where: Where | None = None, remedy: str | None = None) -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        super().__init__(str(self))

    def __str__(self) -> str:
        lines = [self.what]
        if self.where is not None and str(self.where):
            lines.append(f"  where: {self.where}")
        if self.remedy is not None:
            lines.append(f"  to do: {self.remedy}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (_rebuild, (type(self), self.what, self.where, self.remedy))


def _rebuild(kind: type[Fault], what: str, where: Where | None, remedy: str | None) -> Fault:
    return kind(what, where=where, remedy=remedy)


class MigrationFault(Fault):
    """The migration file cannot be read or does not make sense."""


class SourceFault(Fault):
    """A source cannot be read: unreachable, empty, locked, truncated, protected."""


class LayoutFault(SourceFault):
    """A source's columns are not those that the migration file declares."""


class EncodingFault(SourceFault):
    """Bytes that the declared encoding does not allow."""


class DeclarationNeeded(SourceFault):
    """The source is readable in several ways; a person must declare which. The message holds a proposal."""


class StateFault(Fault):
    """The state folder lacks a stage's result, or holds one of another version."""


class SuiteFault(Fault):
    """A suite of expectations is malformed, or does not fit the frame that it is run on."""


class TargetFault(Fault):
    """The target database cannot be reached, seen or written."""


@dataclass(frozen=True)
class RefusedRow:
    """A row that the target refused, by reference: its table and id, its client, the constraint, its legacy records."""

    table: str
    row_id: str
    client_id: str | None
    constraint: str
    records: str | None


class RowsRefused(TargetFault):
    """The target's own constraints forbid rows of the load; ``rows`` names them, as far as they could be found."""

    rows: tuple[RefusedRow, ...] = ()


class PlanFault(Fault):
    """A plan that may not be applied: stale, unknown, or changed after it was made."""


class ChecksFailed(PlanFault):
    """A plan whose critical checks failed."""

    exit_code = 1


class LedgerFault(Fault):
    """Rows that cannot be accounted for. Never ignored."""

    exit_code = 1
