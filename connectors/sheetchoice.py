"""Which sheet of a workbook is meant: the declared one, or the only one that can be. Never silently the first."""

from __future__ import annotations

from connectors.workbook import Workbook
from crm_etl.faults import DeclarationNeeded, SourceFault, Where


def choose_sheet(book: Workbook, declared: str | None, file: str) -> str:
    """The name of the sheet to read.

    Raises:
        DeclarationNeeded: it is not declared, or not there; the message lists all sheets.
        SourceFault: it holds a chart or macros.
    """
    sheet = _only_sheet(book, file) if declared is None else declared
    if sheet not in book.names:
        raise DeclarationNeeded(
            f"no sheet '{sheet}'; the workbook has{_listing(book)}",
            where=Where(file),
            remedy="declare under 'sheet' the one that is meant",
        )
    if book.state(sheet) == "no table":
        raise SourceFault("a chart or macros, not a table", where=Where(file, sheet), remedy="declare another 'sheet'")
    return sheet


def _only_sheet(book: Workbook, file: str) -> str:
    """The sheet of a workbook that has but one with something in it, and shows it."""
    if len(book.names) == 1 and book.state(book.names[0]) == "visible":
        return book.names[0]
    filled = [sheet for sheet in book.sheets() if sheet.rows != 0]
    if len(filled) != 1 or filled[0].state != "visible":
        raise DeclarationNeeded(
            f"which sheet is meant is not declared; the workbook has{_listing(book)}",
            where=Where(file),
            remedy="declare it under 'sheet'",
        )
    return filled[0].name


def _listing(book: Workbook) -> str:
    return "".join(f"\n    {sheet}" for sheet in book.sheets())
