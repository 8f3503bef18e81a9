"""A file of rows in quarantine as it came back from the people who corrected it: workbook or CSV, cell by cell.

Only the reading: marks, columns and texts, restored to what they were before they were made neutral. What the cells
mean, and whether the rows are still those that the sources deliver: :mod:`crm_etl.judging`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError, fromstring, iterparse
from zipfile import BadZipFile, ZipFile

from crm_etl.faults import Fault, Where
from crm_etl.neutral import restore
from crm_etl.report.quarantine_table import LEAD, TRAIL

_DELIMITERS = ",;\t"
_ZIP, _OLE = b"PK", bytes.fromhex("d0cf11e0a1b11ae1")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_SAVE = "save it as .xlsx, without a password"
_USE = "use the quarantine.xlsx or quarantine.csv of the last dry run, and keep its columns as they are"


@dataclass(frozen=True)
class Sent:
    """A row of the file.

    ``told``: what stands in the columns LEAD and TRAIL, as text. ``cells``: column -> text, or the typed value that a
    workbook holds; those without a value are left out. ``columns``: all that the sheet has.
    """

    where: Where
    told: dict[str, str]
    cells: dict[str, Any]
    columns: tuple[str, ...]

    @property
    def row(self) -> int:
        """Number of the row in its source."""
        return int(self.told["row"])

    @property
    def csv(self) -> bool:
        """Whether it comes from a CSV file, where programs change cells on their own."""
        return self.where.sheet is None

    def is_typed_text(self, column: str) -> bool:
        """Whether the cell holds what a person typed, character by character: a workbook keeps text as it is."""
        return not self.csv and isinstance(self.cells.get(column, ""), str)


def read(path: Path) -> list[Sent]:
    """The rows of the file, in its order.

    Raises:
        Fault: there is no such file, it is no table of the quarantine, it is damaged or protected, or a row lost its
            marks.
    """
    if not path.is_file():
        raise Fault("no such file", where=Where(str(path)), remedy="name the file that was corrected")
    with path.open("rb") as file:
        start = file.read(len(_OLE))
    if start == _OLE:
        raise Fault("an .xls workbook, or one with a password", where=Where(str(path)), remedy=_SAVE)
    rows = list(_of_book(path) if start.startswith(_ZIP) else _of_text(path))
    if not rows:
        raise Fault("no row of a quarantine", where=Where(str(path)), remedy=_USE)
    return rows


def _of_book(path: Path) -> Iterator[Sent]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            lines = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if lines and _text(lines[0][0]) == LEAD[0]:
                where = Where(str(path), name)
                _check_computed(path, name, where)
                yield from _sheet(enumerate(lines, 1), where)
    except (CalamineError, BadZipFile, ParseError, KeyError):
        raise Fault("no .xlsx workbook, or a damaged one", where=Where(str(path)), remedy=_SAVE) from None


def _check_computed(path: Path, sheet: str, where: Where) -> None:
    """Raises Fault for a formula that nobody computed and for an error: they read like a cell that was emptied."""
    with ZipFile(path) as archive, archive.open(_part(archive, sheet)) as part:
        for _, node in iterparse(part):
            if node.tag == f"{_MAIN}c":
                computed = node.findtext(f"{_MAIN}v")
                if node.get("t") == "e" or (node.find(f"{_MAIN}f") is not None and not computed):
                    raise Fault(
                        f"cell {node.get('r')} holds a formula without a value, or an error",
                        where=where,
                        remedy="type the value itself",
                    )
                node.clear()


def _part(archive: ZipFile, sheet: str) -> str:
    """The member of the workbook that holds ``sheet`` (ECMA-376 part 1, 18.2.19)."""
    ids = {
        node.get("name"): node.get(_ID) for node in fromstring(archive.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
    }
    relations = fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {node.get("Id"): node.get("Target", "") for node in relations}
    target = targets[ids[sheet]]
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _of_text(path: Path) -> Iterator[Sent]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Fault(
            f"not UTF-8 at byte {error.start}",
            where=Where(str(path)),
            remedy="save it as 'CSV UTF-8', or correct the workbook quarantine.xlsx",
        ) from None
    after = text.removeprefix(LEAD[0])[:1]
    delimiter = after if after and after in _DELIMITERS else ","
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    limit = csv.field_size_limit(max(len(text), csv.field_size_limit()))
    try:
        yield from _sheet(((lines.line_num, line) for line in lines), Where(str(path)))
    except csv.Error:
        raise Fault(
            "quotes do not agree", where=Where(str(path), row=lines.line_num), remedy="correct the workbook instead"
        ) from None
    finally:
        csv.field_size_limit(limit)


def _sheet(lines: Iterator[tuple[int, Sequence[Any]]], where: Where) -> Iterator[Sent]:
    header: list[str] | None = None
    for number, values in lines:
        if header is None:
            header = _header(values, where)
        elif any(_present(value) for value in values):
            yield _sent(header, values, Where(where.file, where.sheet, number))


def _header(values: Sequence[Any], where: Where) -> list[str]:
    names = [_text(value) for value in values]
    while names and not names[-1]:
        names.pop()
    lead, trail = tuple(names[: len(LEAD)]), tuple(names[-len(TRAIL) :])
    columns = names[len(LEAD) : -len(TRAIL)]
    if lead != LEAD or trail != TRAIL or not all(columns) or len(set(columns)) < len(columns):
        raise Fault("the columns are not those of a quarantine", where=where, remedy=_USE)
    return names


def _sent(header: list[str], values: Sequence[Any], where: Where) -> Sent:
    if any(map(_present, values[len(header) :])):
        raise Fault("a value stands in a column without a name", where=where, remedy="remove it; " + _USE)
    cells = [values[place] if place < len(values) else "" for place in range(len(header))]
    first, last = len(LEAD), len(header) - len(TRAIL)
    told = dict(zip((*LEAD, *TRAIL), map(_text, [*cells[:first], *cells[last:]]), strict=True))
    if not (told["source"] and told["fingerprint"] and told["shown"] and told["row"].isdecimal()):
        raise Fault(
            "a row without the marks of the row that it corrects",
            where=where,
            remedy="correct rows where they stand; new ones belong into the source, or a manual-entry workbook",
        )
    columns = tuple(header[first:last])
    named = {name: _value(cell) for name, cell in zip(columns, cells[first:last], strict=True)}
    return Sent(where, told, {name: cell for name, cell in named.items() if _present(cell)}, columns)


def _value(cell: Any) -> Any:
    return restore(cell) if isinstance(cell, str) else cell


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return restore(str(cell)).strip() if _present(cell) else ""


def _present(cell: Any) -> bool:
    return cell is not None and cell != ""
