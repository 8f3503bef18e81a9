"""A workbook as the connector opens it: what kind of file it is, which sheets it has, and the parsed sheet.

Every file is scanned before it is given to the parser, see :mod:`connectors.sheetscan`: the parser takes what
memory it wants, and shows some cells as blanks.
"""

from __future__ import annotations

import io
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Protocol

from connectors import locked, sheetbin, sheetods
from connectors.content import kind_of
from connectors.package import Package, damaged
from connectors.sheetbin import XlsbScanner, XlsScanner
from connectors.sheetods import OdsScanner
from connectors.sheetscan import SheetScan, check_room
from connectors.sheetxml import XlsxScanner
from crm_etl.faults import DeclarationNeeded, SourceFault, Where
from crm_etl.number import counted

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

Format = Literal["xlsx", "xls", "xlsb", "ods"]
#: What the endings of file names promise.
_ENDINGS: dict[str, Format] = {
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".xltx": "xlsx",
    ".xltm": "xlsx",
    ".xls": "xls",
    ".xlt": "xls",
    ".xlsb": "xlsb",
    ".ods": "ods",
    ".ots": "ods",
}


class Scanner(Protocol):
    """Looks through a workbook's sheets before they are parsed."""

    def scan(self, sheet: str) -> SheetScan: ...

    def below_zero(self, sheet: str) -> set[int]: ...

    def values(self, sheet: str) -> array[int]: ...


@dataclass(frozen=True)
class SheetInfo:
    """A sheet in the list: its last row with something in it (None: not readable), and who can see it."""

    name: str
    rows: int | None
    state: str

    def __str__(self) -> str:
        rows = "not readable" if self.rows is None else counted(self.rows, "row")
        return f"'{self.name}': {rows}{'' if self.state == 'visible' else ', ' + self.state}"


class Workbook:
    """An opened workbook; its sheets are scanned and parsed when asked for."""

    def __init__(self, file: Path | BinaryIO, kind: Format, scanner: Scanner, where: Where) -> None:
        self.kind = kind
        self.unlocked = not isinstance(file, Path)
        self._scanner = scanner
        self._where = where
        self._book = self._parse(lambda: _opened(file, kind))
        if isinstance(scanner, XlsScanner):
            scanner.rename(self._book.sheet_names)

    @property
    def names(self) -> list[str]:
        return list(self._book.sheet_names)

    def state(self, name: str) -> str:
        """``visible``, ``hidden``, ``very hidden``, or ``no table`` for a chart or a sheet of macros."""
        meta = next(meta for meta in self._book.sheets_metadata if meta.name == name)
        if _word(meta.typ) != "WorkSheet":
            return "no table"
        return {"Hidden": "hidden", "VeryHidden": "very hidden"}.get(_word(meta.visible), "visible")

    def sheets(self) -> list[SheetInfo]:
        """All sheets in order."""
        return [SheetInfo(name, self._rows(name), self.state(name)) for name in self.names]

    def scan(self, name: str) -> SheetScan:
        """What the sheet holds, see :class:`SheetScan`."""
        return self._scanner.scan(name)

    def below_zero(self, name: str) -> set[int]:
        """Positions of numbers below zero."""
        return self._scanner.below_zero(name)

    def values(self, name: str) -> array[int]:
        """Positions of the cells that hold a value, errors and formulas never computed aside, ascending."""
        return self._scanner.values(name)

    def shown_zeros(self, name: str) -> dict[int, int] | None:
        """Position -> digits shown, of numbers in a format of nothing but zeros; None where formats are not known."""
        return self._scanner.zeros(name) if isinstance(self._scanner, XlsxScanner) else None

    def sheet(self, name: str, scan: SheetScan) -> CalamineSheet:
        """The sheet, parsed.

        Raises:
            SourceFault: there is not the memory for it, or it is damaged.
        """
        check_room(scan, self._where)
        parsed: CalamineSheet = self._parse(lambda: self._book.get_sheet_by_name(name))
        return parsed

    def close(self) -> None:
        """Gives back what the workbook takes besides the sheets that were parsed."""
        self._book.close()

    def _rows(self, name: str) -> int | None:
        try:
            return self.scan(name).last_row if self.state(name) != "no table" else 0
        except SourceFault:
            return None

    def _parse(self, parse: Callable[[], Any]) -> Any:
        from python_calamine import CalamineError, PasswordError

        try:
            return parse()
        except PasswordError:
            raise locked.protected(self._where) from None
        except (CalamineError, OSError, ValueError):
            raise damaged(self._where) from None
        except BaseException as error:
            # A panic of the parser comes as an exception of its own kind, past all classes that could be named.
            if type(error).__name__ == "PanicException":
                raise damaged(self._where) from None
            raise


def open_workbook(path: Path, label: str, declared: Format | None = None, password: str | None = None) -> Workbook:
    """The workbook at ``path``, of the kind that its content says, decrypted if need be.

    Raises:
        DeclarationNeeded: the file is no workbook at all, or of another kind than its name says.
        SourceFault: it is protected, truncated, or larger than the memory.
    """
    where = Where(label)
    kind = kind_of(path)
    file: Path | io.BytesIO = path
    if kind == "ole":
        package = locked.is_package(path, where)
        if package or sheetbin.is_locked(path, where):
            file = locked.unlock(path, package, password, where)
            kind = "zip" if file.read(2) == b"PK" else "ole"
    elif kind != "zip":
        raise DeclarationNeeded(
            f"not a workbook: the bytes are {'plain text, e.g. CSV' if kind == 'text' else 'those of a ' + kind}",
            where=where,
            remedy="declare 'connector: csv' if it is text; else open it in Excel and save it as .xlsx",
        )
    found, scanner = _scanner(file, kind, where)
    _check_name(label, found, declared, where)
    return Workbook(file, found, scanner, where)


def _scanner(file: Path | BinaryIO, kind: str, where: Where) -> tuple[Format, Scanner]:
    if kind == "ole":
        return "xls", XlsScanner(file, where)
    package = Package(file, where)
    if package.encrypted or ("content.xml" in package and sheetods.is_locked(package)):
        raise SourceFault(
            "the workbook is protected by a password",
            where=where,
            remedy="this kind of protection is not read: remove the password in its program and save it again",
        )
    if "xl/workbook.xml" in package:
        return "xlsx", XlsxScanner(package, where)
    if "xl/workbook.bin" in package:
        return "xlsb", XlsbScanner(package, where)
    if "content.xml" in package and "mimetype" in package and b"spreadsheet" in package.read("mimetype", 1 << 12):
        return "ods", OdsScanner(package, where)
    raise DeclarationNeeded(
        "a zip archive, but not a workbook",
        where=where,
        remedy="unpack it and name the file inside under 'path', or open it in its program and save it as .xlsx",
    )


def _check_name(label: str, found: Format, declared: Format | None, where: Where) -> None:
    promised = declared if declared is not None else _ENDINGS.get(Path(label).suffix.lower(), found)
    if promised != found:
        by = "declared as" if declared is not None else "named"
        raise DeclarationNeeded(
            f"{by} .{promised}, but the content is that of an .{found} workbook",
            where=where,
            remedy=f"declare 'format: {found}' if that is what you expect, else ask for the right file",
        )


def _opened(file: Path | BinaryIO, kind: Format) -> CalamineWorkbook:
    from python_calamine import CalamineWorkbook

    if isinstance(file, Path):
        if _ENDINGS.get(file.suffix.lower()) == kind:
            return CalamineWorkbook.from_path(file)
        # By path the parser would believe the ending.
        with file.open("rb") as handle:
            return CalamineWorkbook.from_filelike(handle)
    file.seek(0)
    return CalamineWorkbook.from_filelike(file)


def _word(value: Any) -> str:
    return str(value).rpartition(".")[2]
