"""The sheets of an .ods workbook scanned before they are parsed (OpenDocument 1.2 part 1, 9.1.4 ``table-cell``).

Rows and cells may say that they repeat: a few bytes may mean a thousand million cells. Empty ones that repeat to
the end of the sheet count for nothing, filled ones count as often as they repeat.
"""

from __future__ import annotations

import re
from xml.parsers import expat

from connectors.package import Package, damaged
from connectors.sheetscan import MAX_ODD, SheetScan, at, check_bytes
from crm_etl.faults import SourceFault, Where

_CONTENT = "content.xml"
_MANIFEST = "META-INF/manifest.xml"
MAX_TEXT = 4 << 20
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_ERROR = re.compile(r"#(?:REF|DIV/0|N/A|NAME|VALUE|NUM|NULL)[!?]?|#N/A|(?:Err|Ошибка):\d{3}")


class OdsScanner:
    """All sheets of an .ods package, scanned at once, for the parser reads them at once."""

    def __init__(self, package: Package, where: Where) -> None:
        self._where = where
        self._scans: dict[str, SheetScan] = {}
        self._sheet = SheetScan()
        self._row = self._rows = 0
        self._cells: list[_Cell] = []
        self._column = self._depth = self._tables = 0
        self._cell: _Cell | None = None
        self._read(package)
        #: Bytes that the parser takes to open the workbook.
        self.held = sum(scan.bytes for scan in self._scans.values())
        check_bytes(self.held, "the workbook", where)

    def scan(self, sheet: str) -> SheetScan:
        """What ``sheet`` holds."""
        return self._scans.get(sheet, SheetScan())

    def below_zero(self, sheet: str) -> set[int]:
        """None: dates of this format are no numbers."""
        return set()

    def _read(self, package: Package) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            for piece in package.pieces(_CONTENT):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError):
            raise damaged(self._where) from None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "table:table":
            self._tables += 1
            if self._tables == 1:
                self._sheet = self._scans.setdefault(attributes.get("table:name", ""), SheetScan())
                self._row = 0
        elif name == "table:table-row":
            self._rows = self._count(attributes.get("table:number-rows-repeated"))
            self._cells, self._column = [], 0
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._begin(attributes)
        elif self._cell is not None:
            self._depth += name == "office:annotation"

    def _begin(self, attributes: dict[str, str]) -> None:
        times = self._count(attributes.get("table:number-columns-repeated"))
        self._cell = _Cell(self._column + 1, times, attributes)
        self._column += times

    def _text(self, text: str) -> None:
        if self._cell is not None and not self._depth:
            self._cell.text.append(text)
            self._cell.letters += len(text)
            if self._cell.letters > MAX_TEXT:
                raise SourceFault(
                    f"a text of more than {MAX_TEXT >> 20} MiB in one cell",
                    where=self._where,
                    remedy="delete it: a cell holds 32767 characters at most",
                )

    def _end(self, name: str) -> None:
        if name == "table:table":
            self._tables -= 1
        elif name == "office:annotation":
            self._depth -= self._cell is not None
        elif name in ("table:table-cell", "table:covered-table-cell") and self._cell is not None:
            if self._cell.filled or self._cell.spans is not None:
                self._cells.append(self._cell)
            self._cell = None
        elif name == "table:table-row":
            self._end_row()

    def _end_row(self) -> None:
        first, self._row = self._row + 1, self._row + self._rows
        if self._cells and (self._row > _LAST_ROW or self._cells[-1].last > _LAST_COLUMN):
            raise SourceFault(
                f"filled cells repeat beyond row {_LAST_ROW} or column {_LAST_COLUMN}",
                where=self._where,
                remedy="delete the stray cells far from the table and save the workbook again",
            )
        sheet = self._sheet
        for cell in self._cells:
            if cell.spans is not None:
                down, right = cell.spans
                sheet.merged.append((first, cell.column, first + down - 1, cell.column + right - 1))
            if not cell.filled:
                continue
            count = cell.times * self._rows
            sheet.cells += count
            sheet.fill(self._row, cell.last)
            sheet.texts += count
            sheet.letters += count * 2 * cell.letters
            sheet.formulas += count * cell.formula
            if cell.odd:
                self._note(cell, first)

    def _note(self, cell: _Cell, first: int) -> None:
        if cell.times * self._rows > MAX_ODD:
            raise damaged(self._where)
        kept = self._sheet.errors if cell.error else self._sheet.uncached
        for row in range(first, self._row + 1):
            kept.update(at(row, column) for column in range(cell.column, cell.last + 1))
        self._sheet.check_odd(self._where)

    def _count(self, text: str | None) -> int:
        if text is None:
            return 1
        if not text.isdecimal() or len(text) > 9:
            raise damaged(self._where)
        return max(1, int(text))


class _Cell:
    """A cell that repeats ``times`` to the right, from ``column`` on."""

    def __init__(self, column: int, times: int, attributes: dict[str, str]) -> None:
        self.column = column
        self.times = times
        self.text: list[str] = []
        self.letters = len(attributes.get("office:string-value", ""))
        self.formula = "table:formula" in attributes
        self._typed = "office:value-type" in attributes
        self._marked = attributes.get("calcext:value-type") == "error"
        down, right = attributes.get("table:number-rows-spanned"), attributes.get("table:number-columns-spanned")
        self.spans = None
        if (down or "1", right or "1") != ("1", "1"):
            self.spans = (int(down or 1), int(right or 1))

    @property
    def last(self) -> int:
        return self.column + self.times - 1

    @property
    def filled(self) -> bool:
        return self._typed or self.formula or self.letters > 0

    @property
    def error(self) -> bool:
        return self._marked or (self.formula and _ERROR.fullmatch("".join(self.text).strip()) is not None)

    @property
    def odd(self) -> bool:
        """An error, or a formula without a stored value."""
        return self.error or (self.formula and not self._typed)


def is_locked(package: Package) -> bool:
    """Whether the manifest says that the parts are encrypted."""
    return _MANIFEST in package and b"encryption-data" in package.read(_MANIFEST)
