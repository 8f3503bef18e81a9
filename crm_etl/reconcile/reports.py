"""The old system's reports against the new one's, line by line, as exact decimals.

A report of the old system is a CSV file that people keep; the query beside it gives the same lines in the CRM.
Lines are joined on folded keys, whole on both sides. Explaining a difference by refused or merged rows is
:mod:`crm_etl.reconcile.account`'s work.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation, localcontext
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from crm_etl import schema
from crm_etl.faults import MigrationFault, SourceFault, TargetFault, Where
from crm_etl.load.connection import exists, reading, target_url
from crm_etl.migration import Report
from crm_etl.normalize.text import fold
from crm_etl.number import counted

LINES = schema.Table(
    "report_lines",
    (
        schema.Column("report", "text", "name of the report"),
        schema.Column("title", "text", "its title"),
        schema.Column("line", "text", "keys of the line, joined by ' / '", personal=True),
        schema.Column("measure", "text", "column compared"),
        schema.Column("legacy", "text", "the old system's figure, exact; no value: it has no such line"),
        schema.Column("crm", "text", "the new system's figure, exact; no value: it has no such line"),
        schema.Column("difference", "text", "legacy - crm, a missing figure counting as 0"),
        schema.Column("status", "text", "equal, explained or unexplained"),
        schema.Column("rule", "text", "what explains the difference"),
    ),
)
#: (folded keys) -> (keys as written, figures by measure)
Lines = dict[tuple[str, ...], tuple[tuple[str, ...], dict[str, Decimal | None]]]
#: (report, keys as written, legacy figure, CRM figure) -> what explains the difference, or None.
Explain = Callable[[Report, tuple[str, ...], Decimal, Decimal], str | None]
_KEYS = " / "
_FLOAT_DIGITS = 15  # a float's digits that are certain; beyond them is noise of the addition


def compare_reports(
    reports: Iterable[Report], root: Path, url: str, explain: Explain = lambda report, keys, old, new: None
) -> pd.DataFrame:
    """Every line and measure of all ``reports``, LINES; files relative to ``root``, queries on the target ``url``.

    Raises:
        SourceFault: a legacy report is missing, or not readable as declared.
        TargetFault: the target cannot be reached, or the query fails.
        MigrationFault: the query gives other columns than declared.
    """
    lines: list[dict[str, Any]] = []
    for report in reports:
        old, new = read_legacy(report, root), run_query(report, root, url)
        lines.extend(_joined(report, old, new, explain))
    return LINES.build(lines)


def read_legacy(report: Report, root: Path) -> Lines:
    """The lines that the old system printed."""
    path = root / report.legacy
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise SourceFault(
            f"report '{report.name}': the old system's report is missing",
            where=Where(report.legacy),
            remedy="print it in the old system, save it as CSV there, or take the report out of reconciliation.reports",
        ) from None
    except (UnicodeDecodeError, OSError) as error:
        reason = "not UTF-8" if isinstance(error, UnicodeDecodeError) else type(error).__name__
        raise SourceFault(
            f"report '{report.name}' cannot be read: {reason}",
            where=Where(report.legacy),
            remedy="save it as CSV in UTF-8 with commas",
        ) from None
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise SourceFault(
            f"report '{report.name}' is not CSV: {error}",
            where=Where(report.legacy, row=reader.line_num),
            remedy="save it again",
        ) from None
    _require_columns(report, header, SourceFault, Where(report.legacy, row=1))
    return _lines(report, header, rows, lambda line, column: Where(report.legacy, row=line, column=column), SourceFault)


def run_query(report: Report, root: Path, url: str) -> Lines:
    """The lines that the CRM gives; the query can only read."""
    place = Where(f"reconciliation.reports '{report.name}', query")
    target = target_url(url, root)
    if not exists(target):
        raise TargetFault(
            f"report '{report.name}': there is no target yet", where=place, remedy="load first: crm-etl run"
        )
    with reading(target) as connection:
        _only_read(connection)
        try:
            result = connection.exec_driver_sql(report.query)
            header = list(result.keys()) if result.returns_rows else []
            rows = list(enumerate(([*row] for row in result), start=1)) if result.returns_rows else []
        except DBAPIError as error:
            raise TargetFault(
                f"report '{report.name}': the query failed: {_reason(error)}",
                where=place,
                remedy="try it in a database client; it must be one SELECT over the CRM's tables",
            ) from None
    _require_columns(report, header, MigrationFault, place)
    return _lines(report, header, rows, lambda line, column: Where(place.file, row=line, column=column), MigrationFault)


def _only_read(connection: sa.Connection) -> None:
    statement = "PRAGMA query_only=ON" if connection.dialect.name == "sqlite" else "SET TRANSACTION READ ONLY"
    connection.exec_driver_sql(statement)


def _reason(error: DBAPIError) -> str:
    """The database's words where they speak of the query's own names, else the class: they may quote values."""
    text = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else ""
    kind = type(error.orig).__name__
    plain = kind in ("UndefinedColumn", "UndefinedTable", "SyntaxError", "ReadOnlySqlTransaction")
    return text if plain or text.startswith(("no such", "near ", "attempt to write", "incomplete")) else kind


def _require_columns(
    report: Report, header: Sequence[str], fault: type[SourceFault] | type[MigrationFault], where: Where
) -> None:
    declared = [*report.keys, *report.measures]
    missing = [name for name in declared if name not in header]
    if missing:
        raise fault(
            f"report '{report.name}' has no column {', '.join(missing)}; it has: {', '.join(header) or 'none'}",
            where=where,
            remedy="declare its columns under 'keys' and 'measures' as they are named there",
        )


def _lines(
    report: Report,
    header: Sequence[str],
    rows: Sequence[tuple[int, Sequence[Any]]],
    where: Callable[[int, str | None], Where],
    fault: type[SourceFault] | type[MigrationFault],
) -> Lines:
    found: Lines = {}
    for number, row in rows:
        if len(row) != len(header):
            raise fault(
                f"report '{report.name}': {counted(len(row), 'cell')} in a line, {counted(len(header), 'column')}",
                where=where(number, None),
                remedy="mend the line",
            )
        cells = dict(zip(header, row, strict=True))
        keys = tuple("" if cells[name] is None else str(cells[name]).strip() for name in report.keys)
        folded = tuple(fold(key) for key in keys)
        if folded in found:
            raise fault(
                f"report '{report.name}': two lines have the same keys",
                where=where(number, None),
                remedy=f"name under 'keys' all columns that tell lines apart; now: {', '.join(report.keys)}",
            )
        figures: dict[str, Decimal | None] = {}
        for name in report.measures:
            try:
                figures[name] = _figure(cells[name])
            except InvalidOperation:
                raise fault(
                    f"report '{report.name}': not a number",
                    where=where(number, name),
                    remedy="write figures as plain numbers with a decimal point, without thousands separators",
                ) from None
        found[folded] = (keys, figures)
    return found


def _figure(cell: Any) -> Decimal | None:
    if cell is None or str(cell).strip() == "":
        return None
    text = format(cell, f".{_FLOAT_DIGITS}g") if isinstance(cell, float) else str(cell).strip()
    number = Decimal(text)
    if not number.is_finite():
        raise InvalidOperation
    return number


def _joined(report: Report, old: Lines, new: Lines, explain: Explain) -> Iterable[dict[str, Any]]:
    tolerance = Decimal(report.tolerance)
    nothing: tuple[tuple[str, ...], dict[str, Decimal | None]] = ((), {})
    for key in sorted({*old, *new}):
        keys = old.get(key, new.get(key, nothing))[0]
        for measure in report.measures:
            legacy, crm = old.get(key, nothing)[1].get(measure), new.get(key, nothing)[1].get(measure)
            yield {
                "report": report.name,
                "title": report.title,
                "line": _KEYS.join(keys),
                "measure": measure,
                **_verdict(report, keys, legacy, crm, tolerance, key in old and key in new, explain),
            }


def _verdict(
    report: Report,
    keys: tuple[str, ...],
    legacy: Decimal | None,
    crm: Decimal | None,
    tolerance: Decimal,
    both: bool,
    explain: Explain,
) -> Mapping[str, str | None]:
    with localcontext(prec=100):
        before, after = legacy or Decimal(0), crm or Decimal(0)
        difference = before - after
        # A line that only one side has is a difference even when its figure is zero.
        equal = both and (legacy is None) == (crm is None) and abs(difference) <= tolerance
        rule = None if equal else explain(report, keys, before, after)
    return {
        "legacy": None if legacy is None else format(legacy, "f"),
        "crm": None if crm is None else format(crm, "f"),
        "difference": format(difference if difference else abs(difference), "f"),
        "status": "equal" if equal else "unexplained" if rule is None else "explained",
        "rule": rule,
    }
