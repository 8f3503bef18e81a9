"""A first look at a workbook: its sheets with their size, hidden ones included, header rows and rows of totals."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

from connectors.registry import connect
from crm_etl.faults import DeclarationNeeded, LayoutFault, SourceFault, Where
from crm_etl.normalize.text import clean
from crm_etl.profile.look import Look, is_value, source_name, total_mark

_SHEET_ROWS, _SHEET_TAIL = 60, 5


def look_at_workbook(path: Path, shown: str) -> list[Look]:
    """The sheets of the workbook at ``path``, which is called ``shown``; those that are no tables say so.

    Raises:
        SourceFault: the workbook cannot be read, or not without a password.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_path(path)
        looks = [_sheet(book, meta, path, shown) for meta in book.sheets_metadata]
    except PasswordError:
        raise SourceFault(
            "the workbook is protected by a password", where=Where(shown), remedy="remove the password, or declare it"
        ) from None
    except CalamineError:
        raise SourceFault(
            "the workbook is damaged, or a zip archive of something else",
            where=Where(shown),
            remedy="have it sent again",
        ) from None
    return [look for look in looks if look is not None]


def _sheet(book: Any, meta: Any, path: Path, shown: str) -> Look | None:
    """How the sheet could be declared; None where it is empty or a chart."""
    if "WorkSheet" not in str(meta.typ):
        return None
    unsafe = _unsafe(path, meta.name)
    if unsafe is not None:
        return Look(source_name(meta.name), meta.name, {"path": shown, "sheet": meta.name}, [unsafe], table=False)
    sheet = book.get_sheet_by_name(meta.name)
    if sheet.start is None:
        return None
    rows = [
        (number, [clean(str(value)) for value in values])
        for number, values in enumerate(islice(sheet.iter_rows(), _SHEET_ROWS), 1)
    ]
    filled = [(number, cells) for number, cells in rows if any(cells)]
    if not filled:
        return None
    widest = max(sum(map(bool, cells)) for _, cells in filled)
    first = next(place for place, (_, cells) in enumerate(filled) if sum(map(bool, cells)) >= 0.6 * widest)
    line, names = filled[first]
    header = len(set(filter(None, names))) == sum(map(bool, names)) and sum(map(is_value, names)) <= 0.2 * widest
    settings: dict[str, Any] = {"connector": "excel", "path": shown, "sheet": meta.name}
    look = Look(
        source_name(f"{path.stem} {meta.name}" if len(book.sheet_names) > 1 else path.stem), meta.name, settings
    )
    look.header = header
    look.table = len(filled) > 2 and widest > 1 and header
    state = str(meta.visible).rpartition(".")[2]
    shown_as = "" if state == "Visible" else f", {state}"
    look.notes.append(f"{sheet.end[0] + 1} rows by {sheet.end[1] + 1} columns{shown_as}")
    if not look.table:
        look.notes.append("hardly a table: left out")
        return look
    if line > 1:
        settings["header_row"] = line
        look.notes.append(f"{line - 1} rows before the header, in row {line}")
    if not header:
        look.notes.append("no header row is seen: name the columns")
    last = list(sheet.iter_rows())[-_SHEET_TAIL:]
    mark = total_mark((0, values) for values in last)
    if mark is not None:
        settings["total_row"] = mark
        look.notes.append(f"a total row at the end, marked {mark!r}")
    return look


def _unsafe(path: Path, sheet: str) -> str | None:
    """Why the sheet must not be read: its cells span too much, or it is damaged. The connector guards itself so."""
    try:
        connect("excel", path.parent, (), path=path.name, sheet=sheet)
    except (LayoutFault, DeclarationNeeded):
        return None
    except SourceFault as fault:
        return None if "empty" in fault.what else fault.what
    return None
