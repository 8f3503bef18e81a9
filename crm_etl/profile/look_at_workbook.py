"""A first look at a workbook: all its sheets with their size, and their rows of names and of totals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.headers import Header, Range, compose
from connectors.registry import connect
from crm_etl.faults import DeclarationNeeded, LayoutFault, SourceFault, Where
from crm_etl.normalize.text import clean, fold
from crm_etl.number import counted
from crm_etl.profile.headers import fields_of
from crm_etl.profile.look import Look, is_value, source_name, total_mark

_SHEET_ROWS, _SHEET_TAIL = 60, 5
_STATES = {"Hidden": "hidden", "VeryHidden": "very hidden"}
#: Names of sheets, folded, that tell people what to do; and how many long texts make any sheet one of those.
_INSTRUCTIONS = {"инструкция", "інструкція", "instructions", "instruction", "readme", "read me", "help", fold("راهنما")}
_LONG_TEXT, _LONG_TEXTS = 60, 4
#: Wide rows in which the names are looked for, and rows that names may take.
_NEAR, _MOST_LEVELS = 8, 5


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
    return looks


def _sheet(book: Any, meta: Any, path: Path, shown: str) -> Look:
    """How the sheet could be declared, or why it is left out."""
    settings: dict[str, Any] = {"connector": "excel", "path": shown, "sheet": meta.name}
    alone = len(book.sheet_names) == 1
    look = Look(source_name(path.stem if alone else f"{path.stem} {meta.name}"), meta.name, settings, table=False)
    state = _STATES.get(str(meta.visible).rpartition(".")[2], "visible")
    if "WorkSheet" not in str(meta.typ):
        look.notes.append(f"{state}; a chart or macros: left out")
        return look
    unsafe = _unsafe(path, meta.name)
    if unsafe is not None:
        look.notes.append(f"{unsafe}; {state}: left out")
        return look
    sheet = book.get_sheet_by_name(meta.name)
    if sheet.start is None:
        look.notes.append(f"0 rows, {state}; empty: left out")
        return look
    look.notes.append(f"{counted(sheet.end[0] + 1, 'row')} by {counted(sheet.end[1] + 1, 'column')}, {state}")
    _judge(look, sheet, hidden=state != "visible")
    return look


def _judge(look: Look, sheet: Any, hidden: bool) -> None:
    """Whether the sheet is a table, and where its names and its totals stand."""
    rows = [
        (number, [clean(str(value)) for value in values])
        for number, values in enumerate(islice(sheet.iter_rows(), _SHEET_ROWS), 1)
    ]
    filled = [(number, cells) for number, cells in rows if any(cells)]
    if not filled:
        look.notes.append(f"nothing in its first {_SHEET_ROWS} rows: left out")
        return
    if _instructs(look.title, [cells for _, cells in filled]):
        look.notes.append("instructions, no table: left out")
        return
    widest = max(sum(map(bool, cells)) for _, cells in filled)
    first = _header_place(filled, widest)
    top, levels = _levels(sheet, rows, filled[first][0])
    names = _names(sheet, rows, top, levels)
    look.header = _names_columns(names, widest)
    left = sum(number >= top + (levels if look.header else 0) for number, _ in filled)
    known = look.header and _known(names) >= 0.5
    look.table = widest > 1 and left >= (1 if known else 2) and (look.header or not hidden)
    if not look.table:
        look.notes.append("hardly a table: left out")
        return
    _declare(look, top, levels, len(names))
    mark = total_mark((0, values) for values in list(sheet.iter_rows())[-_SHEET_TAIL:])
    if mark is not None:
        look.settings["total_row"] = mark
        look.notes.append(f"a total row at the end, marked {mark!r}")


def _declare(look: Look, top: int, levels: int, width: int) -> None:
    """Where the names of the columns stand, or that there are none."""
    if top > 1:
        look.settings["header_row"] = top
        what = "header, in" if look.header else "first data row,"
        look.notes.append(f"{counted(top - 1, 'row')} before the {what} row {top}")
    if not look.header:
        look.settings |= {"header_rows": 0, "columns": [f"c{place}" for place in range(1, width + 1)]}
        look.notes.append("no header row is seen: name the columns")
    elif levels > 1:
        look.settings["header_rows"] = levels
        look.notes.append(f"the names take {levels} rows; their levels are joined to one name a column")


def _instructs(title: str, rows: Sequence[Sequence[str]]) -> bool:
    """Whether the sheet tells people what to do: long texts, each alone in its row."""
    alone = sum(sum(map(bool, cells)) == 1 and max(map(len, cells)) > _LONG_TEXT for cells in rows)
    return alone >= (1 if fold(title) in _INSTRUCTIONS else _LONG_TEXTS)


def _header_place(filled: Sequence[tuple[int, list[str]]], widest: int) -> int:
    """The place among ``filled`` of the row with the names: the first wide one, unless its cells name nothing and
    those of a wide row near below do (an example may stand above the names)."""
    wide = [place for place, (_, cells) in enumerate(filled) if sum(map(bool, cells)) >= 0.6 * widest]
    if _known(filled[wide[0]][1]) < 0.5:
        for place in wide[1:_NEAR]:
            cells = filled[place][1]
            if _known(cells) >= 0.5 and _names_columns(cells, widest):
                return place
    return wide[0]


def _known(names: Sequence[str | None]) -> float:
    """The share of the names that are known words; of two at least."""
    given = [name for name in names if name]
    return sum(bool(fields_of(name)) for name in given if not is_value(name)) / len(given) if len(given) > 1 else 0.0


def _names_columns(names: Sequence[str | None], widest: int) -> bool:
    given = [name for name in names if name]
    if len(set(given)) < len(given):
        return False
    return _known(names) >= 0.5 or sum(map(is_value, given)) <= 0.2 * widest


def _wide(sheet: Any, row: int) -> list[Range]:
    """Merged cells over several columns, but not over all, that begin in sheet row ``row``."""
    width = sheet.end[1] - sheet.start[1] + 1
    return [one for one in _merged(sheet) if one[0] == row and 1 < one[3] - one[1] + 1 < width]


def _merged(sheet: Any) -> list[Range]:
    ranges = sheet.merged_cell_ranges or []
    return [(top + 1, left + 1, bottom + 1, right + 1) for (top, left), (bottom, right) in ranges]


def _levels(sheet: Any, rows: Sequence[tuple[int, list[str]]], line: int) -> tuple[int, int]:
    """The first row of the names that stand in ``line``, and how many rows they take: a name that is merged over
    several columns has others below it."""
    cells = dict(rows)
    top = line
    while top > 1 and sum(map(bool, cells.get(top - 1, []))) > 1 and _wide(sheet, top - 1):
        top -= 1
    last = line if top < line else top
    while last - top + 1 < _MOST_LEVELS and _wide(sheet, last) and any(cells.get(last + 1, [])):
        last += 1
    return top, last - top + 1


def _names(sheet: Any, rows: Sequence[tuple[int, list[str]]], top: int, levels: int) -> list[str | None]:
    """The names of the columns as the connector composes them."""
    own = [cells for number, cells in rows if top <= number < top + levels]
    if levels == 1:
        return list(own[0])
    return compose(own, Header(top, levels, " / "), sheet.start[1] + 1, _merged(sheet))


def _unsafe(path: Path, sheet: str) -> str | None:
    """Why the sheet must not be read: its cells span too much, or it is damaged. The connector guards itself so."""
    try:
        connect("excel", path.parent, (), path=path.name, sheet=sheet)
    except (LayoutFault, DeclarationNeeded):
        return None
    except SourceFault as fault:
        return None if "empty" in fault.what else fault.what
    return None
