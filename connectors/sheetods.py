"""The sheets of an .ods workbook scanned before they are parsed (OpenDocument 1.2 part 1, 9.1.4 ``table-cell``).

Rows and cells may say that they repeat: a few bytes may mean a thousand million cells. Empty ones that repeat to
the end of the sheet count for nothing, filled ones count as often as they repeat.
"""

from __future__ import annotations

import re
from array import array
from xml.parsers import expat

from connectors.package import Package, damaged
from connectors.sheetscan import MAX_ODD, SheetScan, at, check_bytes
from crm_etl.faults import SourceFault, Where

_CONTENT = "content.xml"
_MANIFEST = "META-INF/manifest.xml"
MAX_TEXT = 4 << 20
_VALUES = [f"office:{kind}value" for kind in ("", "string-", "date-", "time-", "boolean-")]
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
#: Elements of a cell's text that the parser writes as they are meant, and those whose text is not the cell's.
_PLAIN = {"text:p", "text:s", "text:span", "text:a"}
_ASIDE = ("office:annotation", "office:event-listeners", "draw:", "dr3d:", "text:ruby-text", "text:note")
_MARKS = {"text:tab": "\t", "text:line-break": "\n"}
_ERROR = re.compile(r"#(?:REF|DIV/0|N/A|NAME|VALUE|NUM|NULL)[!?]?|#N/A|(?:Err|Ошибка):\d{3}")


class OdsScanner:
    """All sheets of an .ods package, scanned at once, for the parser reads them at once.

    ``noted``: a sheet of whose cells with a value the positions are kept.
    """

    def __init__(self, package: Package, where: Where, noted: str | None = None) -> None:
        self._package = package
        self._where = where
        self._noted = noted
        self._name = ""
        self._values = array("q")
        self._scans: dict[str, SheetScan] = {}
        self._sheet = SheetScan()
        self._row = self._rows = 0
        self._cells: list[_Cell] = []
        self._column = self._depth = self._tables = 0
        self._cell: _Cell | None = None
        self._read(package)
        check_bytes(sum(scan.bytes for scan in self._scans.values()), "the workbook", where)

    def scan(self, sheet: str) -> SheetScan:
        """What ``sheet`` holds."""
        return self._scans.get(sheet, SheetScan())

    def below_zero(self, sheet: str) -> set[int]:
        """None: dates of this format are no numbers."""
        return set()

    def values(self, sheet: str) -> array[int]:
        """Positions of the cells that hold a value, ascending."""
        return OdsScanner(self._package, self._where, sheet)._values

    def _read(self, package: Package) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartCdataSectionHandler = self._mark
        try:
            for piece in package.pieces(_CONTENT):
                parser.Parse(piece, False)
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError):
            raise damaged(self._where) from None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth:
            self._depth += 1
        elif name == "table:table":
            if self._cell is not None:
                # The parser would take the table in the cell for the sheet's own cells.
                raise damaged(self._where)
            self._tables += 1
            if self._tables == 1:
                self._name = attributes.get("table:name", "")
                self._sheet = self._scans.setdefault(self._name, SheetScan())
                self._row = 0
        elif name == "table:table-row":
            self._rows = self._count(attributes.get("table:number-rows-repeated"))
            self._cells, self._column = [], 0
        elif name in ("table:table-cell", "table:covered-table-cell"):
            self._begin(attributes)
        elif self._cell is not None:
            self._begin_text(self._cell, name, attributes)

    def _begin_text(self, cell: _Cell, name: str, attributes: dict[str, str]) -> None:
        if name.startswith(_ASIDE):
            self._depth = 1
            cell.rewritten = cell.rewritten or name != "office:annotation"
            return
        cell.rewritten = cell.rewritten or name not in _PLAIN
        if name in ("text:p", "text:h"):
            cell.paragraphs += 1
            self._add(cell, "\n" if cell.paragraphs > 1 else "")
        elif name == "text:s":
            times = self._count(attributes.get("text:c"))
            self._check_letters(cell, times)
            self._add(cell, " " * times)
        else:
            self._add(cell, _MARKS.get(name, ""))

    def _mark(self) -> None:
        if self._cell is not None and not self._depth:
            self._cell.rewritten = True

    def _begin(self, attributes: dict[str, str]) -> None:
        times = self._count(attributes.get("table:number-columns-repeated"))
        self._cell = _Cell(self._column + 1, times, attributes)
        self._column += times

    def _text(self, text: str) -> None:
        if self._cell is not None and not self._depth:
            self._check_letters(self._cell, len(text))
            self._add(self._cell, text if self._cell.paragraphs or not text.isspace() else "")

    def _add(self, cell: _Cell, text: str) -> None:
        if text:
            cell.text.append(text)
            cell.letters += len(text)

    def _check_letters(self, cell: _Cell, more: int) -> None:
        if cell.letters + more > MAX_TEXT:
            raise SourceFault(
                f"a text of more than {MAX_TEXT >> 20} MiB in one cell",
                where=self._where,
                remedy="delete it: a cell holds 32767 characters at most",
            )

    def _end(self, name: str) -> None:
        if self._depth:
            self._depth -= 1
        elif name == "table:table":
            self._tables -= 1
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
            sheet.empty_results += count if cell.empty_result else 0
            if cell.odd:
                kept = sheet.errors if cell.error else sheet.uncached
                kept.update(self._positions(cell, first))
                sheet.check_odd(self._where)
            elif cell.rewritten and cell.is_text:
                sheet.rewritten |= dict.fromkeys(self._positions(cell, first), cell.content)
                sheet.check_odd(self._where)
        self._hold([cell for cell in self._cells if cell.holds_value], first)

    def _hold(self, cells: list[_Cell], first: int) -> None:
        count = sum(cell.times for cell in cells)
        for row in range(first, self._row + 1) if count else ():
            self._sheet.hold(row, count)
            if self._name == self._noted:
                for cell in cells:
                    self._values.extend(at(row, column) for column in range(cell.column, cell.last + 1))

    def _positions(self, cell: _Cell, first: int) -> list[int]:
        if cell.times * self._rows > MAX_ODD:
            raise damaged(self._where)
        columns = range(cell.column, cell.last + 1)
        return [at(row, column) for row in range(first, self._row + 1) for column in columns]

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
        self.paragraphs = 0
        #: Whether the text holds what the parser leaves out or takes for text.
        self.rewritten = False
        self.letters = len(attributes.get("office:string-value", ""))
        self._valued = any(attributes.get(name, "").strip() for name in _VALUES)
        self.is_text = attributes.get("office:value-type") == "string" and "office:string-value" not in attributes
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
    def content(self) -> str:
        return "".join(self.text)

    @property
    def holds_value(self) -> bool:
        return not self.odd and (self._valued or any(map(str.strip, self.text)))

    @property
    def error(self) -> bool:
        return self._marked or (self.formula and _ERROR.fullmatch(self.content.strip()) is not None)

    @property
    def odd(self) -> bool:
        """An error, or a formula without a stored value."""
        return self.error or (self.formula and not self._typed and not self.empty_result)

    @property
    def empty_result(self) -> bool:
        """Whether a formula came to an empty text: LibreOffice writes its paragraph, and no type."""
        return self.formula and not self._typed and self.paragraphs > 0 and not self.letters


def is_locked(package: Package) -> bool:
    """Whether the manifest says that the parts are encrypted."""
    return _MANIFEST in package and b"encryption-data" in package.read(_MANIFEST)
