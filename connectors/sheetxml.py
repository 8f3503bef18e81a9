"""The sheets of an .xlsx workbook scanned before they are parsed (ECMA-376 part 1, 18.3.1.4 ``c``).

Sheets written the usual way, every cell beginning ``<c r="B7"``, are scanned by row with a few regular expressions.
Any other way of writing the same XML (prefixes, other quotes, cells without a reference, comments, another
encoding) goes through an XML parser, which is slower and sees the same.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from xml.parsers import expat

from connectors.package import Package, damaged
from connectors.room import room
from connectors.sheetscan import SheetScan, at, check_bytes, column_number
from crm_etl.faults import SourceFault, Where

#: Most bytes of one row and of one shared text: Excel allows 32767 characters a cell, and formats within it.
MAX_ROW = 64 << 20
MAX_TEXT = 4 << 20
_BOOK = "xl/workbook.xml"
_START = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?<worksheet[\s>]")
_CELL = re.compile(rb'<c r="([A-Z]{1,3}[1-9]\d{0,6})"')
_COLUMNS = re.compile(rb"<cols?[\s>]")
_SHEET_DATA = re.compile(rb"<sheetData[\s/>]")
_ANY_CELL = re.compile(rb"<c[\s>/]")
_DIGITS = b"0123456789"
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FILLED = re.compile(rb'<c r="([A-Z]{1,3}\d+)"[^>]*(?<!/)>(?!\s*</c>)')
_ERROR = re.compile(rb'<c r="([A-Z]{1,3})(\d+)"(?=[^>]*\st="e")')
_STRING = re.compile(rb'<c [^>]*\bt="s"[^>]*>\s*<v>(\d+)')
_FORMULA = rb"[^>]*(?<!/)>\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*"
_UNCACHED = re.compile(
    rb'<c r="([A-Z]{1,3})(\d+)"(?![^>]*\st="(?:str|e)")' + _FORMULA + rb"(?:<v\s*/>|<v>\s*</v>)?\s*</c>"
)
_PLACEHOLDER = re.compile(rb'<c r="([A-Z]{1,3})(\d+)"(?![^>]*\st="(?:str|b|e)")' + _FORMULA + rb"<v>\s*0\s*</v>\s*</c>")
_BLANK_INLINE = re.compile(rb"<is>\s*(?:<t(?:\s[^>]*)?(?:/>|>\s*</t>))?\s*</is>")
_BELOW_ZERO = re.compile(rb'<c r="([A-Z]{1,3})(\d+)"[^>]*>\s*(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?\s*<v>\s*-')
_CHILD = re.compile(rb"<v>[^<]*<[^/]")
#: A text in a cell that has a formula or a value already.
_SECOND = re.compile(rb"(?:</[fv]>|<[fv](?:\s[^>]*)?/>)\s*<is")
#: A text of which the parser would take a part.
_TORN = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*)?>[^<]*<!")
_TABLE = re.compile(rb"<(\w+:)?sst([\s>][^>]*)")
_COUNT = re.compile(rb"(?i:count)\s*=\s*[\"'](\d{1,20})")
#: A text that is not blank, apart from how it is pronounced.
_LETTER = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*)?>\s*[^\s<]")
_PRONOUNCED = re.compile(rb"(?s)<(?:\w+:)?rPh[\s>].*?</(?:\w+:)?rPh>")
_EMPTY_TEXT = re.compile(rb"<(?:\w+:)?si(?:\s[^>]*)?/>")
_TEXTS = re.compile(rb"(?s)<(?:\w+:)?si(?:\s[^>]*)?(?:/>|>.*?</(?:\w+:)?si>)")
#: A format of nothing but zeros; LibreOffice writes its language before it.
_ZEROS = re.compile(r"(?:\[\$-[0-9A-Fa-f]+\])?(0{2,})")
#: Patterns of columns that are kept.
_REMEMBERED = 10_000
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384


class _Unusual(Exception):
    """The sheet is not written the usual way."""


class XlsxScanner:
    """The sheets of a package by name, scanned on demand; reads its shared texts when it is made."""

    def __init__(self, package: Package, where: Where) -> None:
        self._package = package
        self._where = where
        self._parts = self._sheets()
        self._styles = package.related(_BOOK, "styles", "xl/styles.xml")
        for part in self._styles:
            package.read(part)
        #: For each shared text whether it is blank; nothing where none is.
        self._blanks = bytearray()
        self._lengths = self._shared_lengths()
        if 1 not in self._blanks:
            self._blanks.clear()
        #: Sheets not written the usual way.
        self._unusual: set[str] = set()
        held = 2 * sum(self._lengths) + 64 * len(self._lengths) + 24 * self._claimed
        check_bytes(held, "the workbook's texts", where)

    def scan(self, sheet: str) -> SheetScan:
        """What ``sheet`` holds.

        Raises:
            SourceFault: the sheet is damaged, or its cells are out of order.
        """
        part = self._part(sheet)
        try:
            scan = _Fast(self._where, self._never_computed, self._blanks).scan(self._package.pieces(part))
        except _Unusual:
            self._unusual.add(sheet)
            scan = self._cell_by_cell(sheet)
        self._weigh_texts(scan, part)
        return scan

    def values(self, sheet: str) -> array[int]:
        """Positions of all cells that hold a value, ascending."""
        found = array("q")
        self._cell_by_cell(sheet, lambda cell: found.append(cell.position) if cell.holds_value else None)
        return found

    def below_zero(self, sheet: str) -> set[int]:
        """Positions of numbers below zero: in a date format the parser shows them as times of day."""
        found: set[int] = set()
        if sheet in self._unusual:
            self._cell_by_cell(sheet, lambda cell: found.add(cell.position) if cell.value[:1] == "-" else None)
            return found
        for piece in _by_row(self._package.pieces(self._part(sheet)), self._where):
            found.update(at(int(row), column_number(column)) for column, row in _BELOW_ZERO.findall(piece))
        return found

    def zeros(self, sheet: str) -> dict[int, int]:
        """Position -> digits shown, of numbers whose format is nothing but zeros (``000000``)."""
        widths = self._zero_styles
        if not widths:
            return {}
        found: dict[int, int] = {}
        if sheet in self._unusual:
            shown = {str(style): width for style, width in widths.items()}

            def note(cell: _SeenCell) -> None:
                if cell.type == "n" and cell.style in shown:
                    found[cell.position] = shown[cell.style]

            self._cell_by_cell(sheet, note)
            return found
        styles = b"|".join(str(style).encode() for style in widths)
        cell = re.compile(rb'<c r="([A-Z]{1,3})(\d+)"(?![^>]*\st="(?!n"))[^>]*?\ss="(' + styles + rb')"[^>]*(?<!/)>')
        for piece in _by_row(self._package.pieces(self._part(sheet)), self._where):
            for column, row, style in cell.findall(piece):
                found[at(int(row), column_number(column))] = widths[int(style)]
        return found

    def _cell_by_cell(self, sheet: str, note: Callable[[_SeenCell], object] | None = None) -> SheetScan:
        slow = _Slow(self._where, self._never_computed, self._blanks, note)
        return slow.scan(self._package.pieces(self._part(sheet)))

    def _sheets(self) -> dict[str, str]:
        book = self._package.tree(_BOOK)
        relations = {relation.id: relation.part for relation in self._package.relations(_BOOK)}
        self._never_computed = False
        parts = {}
        for node in book.iter():
            if node.tag.endswith("}sheet"):
                name = next((value for key, value in node.attrib.items() if key.endswith("}id")), "")
                parts[node.get("name", "")] = relations.get(name, "")
            elif node.tag.endswith("}calcPr"):
                # The program that wrote the file left computing to Excel, which drops this mark when it saves.
                self._never_computed = node.get("fullCalcOnLoad") in ("1", "true")
        return parts

    def _part(self, sheet: str) -> str:
        part = self._parts.get(sheet)
        if part is None or part not in self._package:
            raise damaged(self._where)
        return part

    def _shared_lengths(self) -> array[int]:
        """Bytes of each shared text; one number, the longest, where they cannot be told apart. Notes the blank ones."""
        shared = self._package.related(_BOOK, "sharedStrings", "xl/sharedStrings.xml")
        self._claimed = 0
        lengths = array("q")
        rest, end, told = b"", b"", len(shared) < 2
        for piece in chain.from_iterable(map(self._package.pieces, shared)):
            if not end and (match := _TABLE.search(rest + piece)) is not None:
                end = b"</" + (match[1] or b"") + b"si>"
                # The parser makes room for as many texts as the table says that it has.
                self._claimed += max(map(int, _COUNT.findall(match[2])), default=0)
            *texts, rest = (rest + piece).split(end or b"</si>")
            told = told and _EMPTY_TEXT.search(piece) is None
            self._blanks.extend(map(_is_blank, texts))
            lengths.extend(map(len, texts))
            if b"<!" in piece and any(map(_TORN.search, texts)):
                raise damaged(self._where)
            if len(rest) > MAX_TEXT or (texts and max(map(len, texts)) > MAX_TEXT):
                raise SourceFault(
                    f"a text of more than {MAX_TEXT >> 20} MiB in one cell",
                    where=self._where,
                    remedy="delete it: a cell of Excel holds 32767 characters at most",
                )
        if told or not lengths:
            return lengths
        self._blanks = self._blank_texts(shared)
        return array("q", [max(lengths, default=0)])

    def _blank_texts(self, parts: list[str]) -> bytearray:
        """For each shared text whether it is blank, in tables that hold empty elements."""
        blanks, rest = bytearray(), b""
        for piece in chain.from_iterable(map(self._package.pieces, parts)):
            rest, end = rest + piece, 0
            for text in _TEXTS.finditer(rest):
                blanks.append(_is_blank(text[0]))
                end = text.end()
            rest = rest[end:]
        return blanks

    def _weigh_texts(self, scan: SheetScan, part: str) -> None:
        """Adds the texts that cells share: at most the longest of them each; counted when that is too much."""
        longest = max(self._lengths, default=0)
        if scan.texts * longest <= room() >> 4:
            scan.letters += scan.texts * longest
            return
        counted = 0
        for piece in _by_row(self._package.pieces(part), self._where):
            indices = _STRING.findall(piece)
            counted += len(indices)
            scan.letters += sum(self._length(int(index)) for index in indices)
        scan.letters += (scan.texts - counted) * longest

    def _length(self, index: int) -> int:
        return self._lengths[index] if index < len(self._lengths) else self._lengths[-1]

    @cached_property
    def _zero_styles(self) -> dict[int, int]:
        if not self._styles:
            return {}
        tree = self._package.tree(self._styles[0])
        codes = {node.get("numFmtId"): node.get("formatCode", "") for node in tree.iter() if _tag(node) == "numFmt"}
        formats = next((node for node in tree.iter() if _tag(node) == "cellXfs"), None)
        widths = {}
        for index, node in enumerate(formats if formats is not None else ()):
            zeros = _ZEROS.fullmatch(codes.get(node.get("numFmtId"), ""))
            if zeros is not None:
                widths[index] = len(zeros[1])
        return widths


def _flag(flags: bytearray, index: bytes | str) -> bool:
    return index.isdigit() and int(index) < len(flags) and bool(flags[int(index)])


def _is_blank(text: bytes) -> bool:
    """Whether a shared text has no letter in it."""
    return _LETTER.search(_PRONOUNCED.sub(b"", text) if b"rPh" in text else text) is None


def _tag(node: object) -> str:
    return str(getattr(node, "tag", "")).rpartition("}")[2]


class _Fast:
    """Scans a sheet written the usual way; raises _Unusual at the first row that is not."""

    def __init__(self, where: Where, never_computed: bool, blanks: bytearray) -> None:
        self._where = where
        self._never_computed = never_computed
        self._blanks = blanks
        self._columns: dict[bytes, int] = {}
        self._row, self._size = 0, 1
        self._found = SheetScan()

    def scan(self, pieces: Iterator[bytes]) -> SheetScan:
        tables = 0
        for number, piece in enumerate(_by_row(pieces, self._where)):
            start = _START.match(piece) if number == 0 else None
            if (number == 0 and start is None) or b"<!" in piece or piece.find(b"<?", start.end() if start else 0) >= 0:
                raise _Unusual
            tables += len(_SHEET_DATA.findall(piece))
            if tables > 1:
                raise damaged(self._where)
            self._piece(piece)
        self._found.check_odd(self._where)
        return self._found

    def _piece(self, piece: bytes) -> None:
        cells = _CELL.findall(piece)
        marks = piece.count(b"<c")
        if not piece.endswith(b"</row>"):
            # What follows the rows: a cell here stands in a row without an end.
            if _ANY_CELL.search(piece) is not None:
                raise _Unusual
            return
        if len(cells) != marks and len(cells) != marks - len(_COLUMNS.findall(piece)):
            raise _Unusual
        found = self._found
        last = self._rows(cells)
        self._count_values(piece)
        if b"/>" in piece or b'"></c>' in piece:
            # Styled cells without content are written as <c .../> or <c ...></c> and count for nothing.
            cells = _FILLED.findall(piece)
            last = max((column_number(letters) for letters in {cell.rstrip(_DIGITS) for cell in cells}), default=0)
        if cells:
            found.cells += len(cells)
            found.fill(int(cells[-1].lstrip(_LETTERS)), last)
        found.texts += piece.count(b't="s"')
        if b"<is>" in piece or b't="str"' in piece:
            found.letters += len(piece)
        if b't="e"' in piece:
            found.errors.update(_positions(_ERROR, piece))
        if b"<f" in piece:
            found.uncached.update(_positions(_UNCACHED, piece))
            if self._never_computed:
                found.uncached.update(_positions(_PLACEHOLDER, piece))
        found.check_odd(self._where)

    def _count_values(self, piece: bytes) -> None:
        """Notes how many cells of each row seem to hold a value."""
        if piece.count(b"<v") != piece.count(b"<v>") + piece.count(b"<v/>") or _CHILD.search(piece) is not None:
            raise _Unusual
        inline, empty = b"<is" in piece, b"<v></v>" in piece
        if inline and _SECOND.search(piece) is not None:
            raise _Unusual
        blanks = self._blanks if b't="s"' in piece else None
        for row in piece.split(b"</row>"):
            first = _CELL.search(row)
            if first is None:
                continue
            count = row.count(b"<v>")
            if empty:
                count -= row.count(b"<v></v>")
            if inline:
                count += row.count(b"<is>") - len(_BLANK_INLINE.findall(row))
            if blanks:
                count -= sum(_flag(blanks, index) for index in _STRING.findall(row))
            number = first[1].lstrip(_LETTERS)
            last = _CELL.match(row, row.rfind(b'<c r="'))
            if last is None or last[1].lstrip(_LETTERS) != number:
                raise _Unusual
            self._found.hold(int(number), count)

    def _rows(self, cells: list[bytes]) -> int:
        """Checks that the cells stand in order and none twice; their last column."""
        start, size, widest = 0, self._size, 0
        while start < len(cells):
            number = cells[start].lstrip(_LETTERS)
            # Most rows have the columns of the row before.
            last = self._columns.get(_columns(cells[start : start + size], number))
            following = cells[start + size : start + size + 1]
            if last is None or (following and following[0].lstrip(_LETTERS) == number):
                size = _same_row(cells, start, number)
                last = self._width(cells[start : start + size], number)
            if int(number) <= self._row or int(number) > _LAST_ROW:
                raise out_of_order(int(number), self._where)
            self._row, start, widest = int(number), start + size, max(widest, last)
        self._size = size
        return widest

    def _width(self, cells: list[bytes], number: bytes) -> int:
        """The last column of the cells of row ``number``, which must ascend."""
        columns = _columns(cells, number)
        letters = columns.split()
        numbers = list(map(column_number, letters))
        ascending = all(left < right for left, right in pairwise(numbers))
        if not b"".join(letters).isalpha() or not ascending or numbers[-1] > _LAST_COLUMN:
            raise out_of_order(int(number), self._where)
        if len(self._columns) < _REMEMBERED:
            self._columns[columns] = numbers[-1]
        return numbers[-1]


def _columns(cells: list[bytes], number: bytes) -> bytes:
    """The columns of cells of row ``number``: ``A7 B7`` gives ``A B``; cells of other rows keep digits."""
    return (b" ".join(cells) + b" ").replace(number + b" ", b" ")


def _same_row(cells: list[bytes], start: int, number: bytes) -> int:
    """How many cells from ``start`` on are in row ``number``."""
    size = 1
    while start + size < len(cells) and cells[start + size].lstrip(_LETTERS) == number:
        size += 1
    return size


@dataclass
class _SeenCell:
    """A cell as the XML parser has seen it; of a shared text the ``value`` is its number."""

    position: int
    type: str
    style: str
    value: str
    holds_value: bool


class _Slow:
    """Scans any sheet through an XML parser, as the parser after us takes it: what has no reference follows on."""

    def __init__(
        self,
        where: Where,
        never_computed: bool,
        blanks: bytearray,
        note: Callable[[_SeenCell], object] | None = None,
    ) -> None:
        self._where = where
        self._never_computed = never_computed
        self._blanks = blanks
        self._note = note
        self._found = SheetScan()
        self._row = self._column = self._size = self._tables = 0
        self._type = self._style = ""
        self._formula = self._filled = self._torn = False
        self._value: list[str] = []
        self._depth: list[str] = []

    def scan(self, pieces: Iterator[bytes]) -> SheetScan:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartCdataSectionHandler = self._tear
        parser.CommentHandler = parser.ProcessingInstructionHandler = self._tear
        try:
            for piece in pieces:
                parser.Parse(piece, False)
                self._found.check_odd(self._where)
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError):
            raise damaged(self._where) from None
        return self._found

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        self._depth.append(tag)
        if tag == "sheetData":
            self._tables += 1
            if self._tables > 1:
                raise damaged(self._where)
        elif tag == "row":
            self._begin_row(attributes.get("r"))
        elif tag == "c":
            self._begin_cell(attributes.get("r"))
            self._type = attributes.get("t", "n")
            self._style = attributes.get("s", "")
            self._formula = self._filled = self._torn = False
            self._value, self._size = [], 0
        elif tag == "f":
            self._formula = True
        elif tag in ("v", "is"):
            self._filled = True
        elif self._depth[-2:-1] == ["v"]:
            self._torn = True

    def _begin_row(self, number: str | None) -> None:
        if number is not None and not number.isdecimal():
            raise damaged(self._where)
        row = self._row + 1 if number is None else int(number)
        if row <= self._row or row > _LAST_ROW:
            raise out_of_order(row, self._where)
        self._row, self._column = row, 0

    def _begin_cell(self, reference: str | None) -> None:
        column = self._column + 1
        if reference is not None:
            match = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", reference)
            if match is None:
                raise damaged(self._where)
            column = column_number(match[1].encode())
            if int(match[2]) != self._row:
                raise out_of_order(self._row, self._where)
        if column <= self._column or column > _LAST_COLUMN:
            raise out_of_order(self._row, self._where)
        self._column = column

    def _text(self, text: str) -> None:
        if self._depth and self._depth[-1] in ("v", "t"):
            if "rPh" not in self._depth:
                self._value.append(text)
            self._size += len(text)
            self._found.letters += 4 * len(text)
            if self._size > MAX_TEXT:
                raise damaged(self._where)

    def _tear(self, *content: str) -> None:
        """The parser after us takes only what stands before a comment, an instruction or a section of CDATA."""
        self._torn = self._torn or (bool(self._depth) and self._depth[-1] in ("v", "t"))

    def _end(self, name: str) -> None:
        self._depth.pop()
        if name.rpartition(":")[2] != "c":
            return
        position, value = at(self._row, self._column), "".join(self._value).strip()
        if self._formula or self._filled:
            self._found.cells += 1
            self._found.fill(self._row, self._column)
        self._found.texts += self._type == "s"
        holds = bool(value) and not (self._type == "s" and _flag(self._blanks, value))
        if self._type == "e":
            self._found.errors.add(position)
        elif self._formula and self._type != "str" and self._is_placeholder(value):
            self._found.uncached.add(position)
        elif self._torn:
            self._found.unread.add(position)
        else:
            self._found.hold(self._row, holds)
            if self._note is not None:
                self._note(_SeenCell(position, self._type, self._style, value, holds))

    def _is_placeholder(self, value: str) -> bool:
        return value == "" or (value == "0" and self._never_computed and self._type != "b")


def out_of_order(row: int, where: Where) -> SourceFault:
    """Cells that stand twice or not in order: which one a parser takes is not known."""
    return SourceFault(
        "cells stand twice or out of order: the workbook contradicts itself",
        where=Where(where.file, where.sheet, row),
        remedy="open it in Excel and save it again",
    )


def _positions(pattern: re.Pattern[bytes], piece: bytes) -> Iterator[int]:
    return (at(int(row), column_number(column)) for column, row in pattern.findall(piece))


def _by_row(pieces: Iterator[bytes], where: Where) -> Iterator[bytes]:
    """The part in pieces that end after a row."""
    rest = b""
    for piece in pieces:
        rest += piece
        end = rest.rfind(b"</row>")
        if end >= 0:
            yield rest[: end + 6]
            rest = rest[end + 6 :]
        if len(rest) > MAX_ROW:
            raise SourceFault(f"a row of more than {MAX_ROW >> 20} MiB", where=where, remedy="export the sheet as CSV")
    yield rest
