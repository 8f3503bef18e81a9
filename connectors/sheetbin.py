"""The sheets of binary workbooks scanned before they are parsed: .xlsb ([MS-XLSB]) and .xls ([MS-XLS], BIFF8 and 5).

Walks the records and keeps positions of error cells, merges (.xlsb; those of .xls the parser tells) and sizes.
Values are none of its business. A formula of these files always has a stored result; an .xls one may be an empty
text that was never computed, which cannot be told.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from connectors.package import Package, contents, damaged
from connectors.sheetscan import MAX_ODD, SheetScan, at, check_bytes, place
from crm_etl.faults import SourceFault, Where

_BOOK = "xl/workbook.bin"
_SHEET, _TEXT, _MERGE, _ROW = 156, 19, 176, 0
#: Cell records of .xlsb: those with something in them.
_CELLS, _ERRORS = frozenset((*range(2, 12), 62)), (3, 11)
_RICH = 62
_SHARED, _INLINE, _FORMULA_TEXT, _RK, _REAL, _FORMULA_NUMBER = 7, 6, 8, 2, 5, 9
_MAX_RECORD = 16 << 20
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384


class XlsbScanner:
    """The sheets of an .xlsb package by name, scanned on demand."""

    def __init__(self, package: Package, where: Where) -> None:
        self._package = package
        self._where = where
        with _well_formed(where):
            self._open(package)
        check_bytes(2 * sum(self._lengths) + 64 * len(self._lengths), "the workbook's texts", where)

    def _open(self, package: Package) -> None:
        relations = {relation.id: relation.part for relation in package.relations(_BOOK)}
        self._parts: dict[str, str] = {}
        for kind, data in _records(package.pieces(_BOOK), self._where):
            if kind == _SHEET:
                relation, name = _wide_texts(data, 8)
                self._parts[name] = relations.get(relation, "")
        self._lengths = [
            2 * int.from_bytes(data[1:5], "little")
            for part in package.related(_BOOK, "sharedStrings", "xl/sharedStrings.bin")
            for kind, data in _records(package.pieces(part), self._where)
            if kind == _TEXT
        ]

    def scan(self, sheet: str) -> SheetScan:
        """What ``sheet`` holds; raises SourceFault when it is damaged."""
        scan, row = SheetScan(), 0
        with _well_formed(self._where):
            for kind, data in self._walk(sheet):
                if kind == _ROW:
                    row = _begun(data, row, self._where)
                elif kind in _CELLS:
                    self._cell(scan, kind, row, data)
                elif kind == _MERGE:
                    top, bottom, left, right = struct.unpack_from("<4I", data)
                    scan.merged.append((top + 1, left + 1, bottom + 1, right + 1))
                    if len(scan.merged) > MAX_ODD:
                        raise damaged(self._where)
        scan.check_odd(self._where)
        return scan

    def below_zero(self, sheet: str) -> set[int]:
        """Positions of numbers below zero: in a date format the parser shows them as times of day."""
        found: set[int] = set()
        row = 0
        with _well_formed(self._where):
            for kind, data in self._walk(sheet):
                if kind == _ROW:
                    row = _begun(data, row, self._where)
                elif kind in (_RK, _REAL, _FORMULA_NUMBER) and data[11 if kind == _RK else 15] & 0x80:
                    found.add(at(row, int.from_bytes(data[:4], "little") + 1))
        return found

    def values(self, sheet: str) -> array[int]:
        """Positions of the cells that hold a value, ascending."""
        found, row = array("q"), 0
        with _well_formed(self._where):
            for kind, data in self._walk(sheet):
                if kind == _ROW:
                    row = _begun(data, row, self._where)
                elif kind in _CELLS and self._holds(kind, data):
                    found.append(at(row, int.from_bytes(data[:4], "little") + 1))
        return found

    def _walk(self, sheet: str) -> Iterator[tuple[int, bytes]]:
        part = self._parts.get(sheet)
        if part is None:
            raise damaged(self._where)
        return _records(self._package.pieces(part), self._where)

    def _cell(self, scan: SheetScan, kind: int, row: int, data: bytes) -> None:
        column = int.from_bytes(data[:4], "little") + 1
        if column > _LAST_COLUMN:
            raise damaged(self._where)
        scan.cells += 1
        scan.fill(row, column)
        if kind in _ERRORS:
            scan.errors.add(at(row, column))
            scan.check_odd(self._where)
        elif kind == _SHARED:
            index = int.from_bytes(data[8:12], "little")
            scan.texts += 1
            scan.letters += self._lengths[index] if index < len(self._lengths) else 0
        elif kind in (_INLINE, _FORMULA_TEXT, _RICH):
            scan.texts += 1
            scan.letters += len(data)
        if self._holds(kind, data):
            scan.hold(row, 1)

    def _holds(self, kind: int, data: bytes) -> bool:
        """Whether a cell holds something that is neither an error nor an empty text."""
        if kind == _SHARED:
            index = int.from_bytes(data[8:12], "little")
            return index >= len(self._lengths) or self._lengths[index] > 0
        if kind == _RICH:
            return any(data[9:13])
        return kind not in _ERRORS and (kind not in (_INLINE, _FORMULA_TEXT) or any(data[8:12]))


@contextmanager
def _well_formed(where: Where) -> Iterator[None]:
    """Makes a fault of records that are shorter than they must be, or name what is not there."""
    try:
        yield
    except (struct.error, IndexError, ValueError):
        raise damaged(where) from None


def _begun(data: bytes, row: int, where: Where) -> int:
    """The number of the row that a record begins; rows must ascend."""
    number = int.from_bytes(data[:4], "little") + 1
    if number <= row or number > _LAST_ROW:
        raise damaged(where)
    return number


def _records(pieces: Iterator[bytes], where: Where) -> Iterator[tuple[int, bytes]]:
    """(kind, data) of each record: two numbers of 7 bits a byte, then the data."""
    rest = b""
    for piece in pieces:
        rest += piece
        start, last = 0, len(rest)
        while start + 6 <= last:
            kind, begin = rest[start], start + 1
            if kind & 0x80:
                kind, begin = kind & 0x7F | (rest[begin] & 0x7F) << 7, begin + 1
            size = shift = 0
            for _ in range(4):
                byte = rest[begin]
                size |= (byte & 0x7F) << shift
                shift, begin = shift + 7, begin + 1
                if byte < 0x80 or begin >= last:
                    break
            if size > _MAX_RECORD:
                raise damaged(where)
            if begin + size > last:
                break
            yield kind, rest[begin : begin + size]
            start = begin + size
        rest = rest[start:]
    if len(rest) > 5:
        raise damaged(where)


def _wide_texts(data: bytes, start: int) -> Iterator[str]:
    """Texts one after the other, each with its length in front."""
    while start + 4 <= len(data):
        size = int.from_bytes(data[start : start + 4], "little")
        size = 0 if size == 0xFFFFFFFF else size
        yield data[start + 4 : start + 4 + 2 * size].decode("utf-16-le", "replace")
        start += 4 + 2 * size


# .xls: every record is a kind and a size of 16 bits, then the data. Cells begin with row and column, 16 bits each.
_DIMENSIONS, _STRING, _XLS_ROWS, _XLS_COLUMNS = 0x200, 0x207, 65_536, 256
_FILEPASS, _BOUND_SHEET, _SST, _CONTINUE, _EOF = 0x2F, 0x85, 0xFC, 0x3C, 0x0A
_NUMBER, _LABEL, _RSTRING, _LABEL_SST, _BOOL_ERROR, _RK_CELL, _MUL_RK, _FORMULA = (
    0x203,
    0x204,
    0xD6,
    0xFD,
    0x205,
    0x27E,
    0xBD,
    0x06,
)
_FORMULAS = (_FORMULA, 0x406, 0x206)
_SINGLE = {_NUMBER, _LABEL, _RSTRING, _LABEL_SST, _BOOL_ERROR, _RK_CELL, *_FORMULAS}


class XlsScanner:
    """All sheets of an .xls workbook, scanned at once, for the parser reads them at once."""

    def __init__(self, file: Path | BinaryIO, where: Where) -> None:
        self._where = where
        self._data = _stream(file, where)
        self._lengths: list[int] = []
        self._starts: dict[str, int] = {}
        self._scans: dict[str, SheetScan] = {}
        with _well_formed(where):
            self._book()
        check_bytes(3 * len(self._data) + sum(scan.bytes for scan in self._scans.values()), "the workbook", where)

    def rename(self, names: Sequence[str]) -> None:
        """Takes the sheets' names from the parser, which knows the code page of old files."""
        if len(names) == len(self._starts):
            self._scans = dict(zip(names, self._scans.values(), strict=True))
            self._starts = dict(zip(names, self._starts.values(), strict=True))

    def scan(self, sheet: str) -> SheetScan:
        """What ``sheet`` holds; nothing if it is no sheet of cells."""
        return self._scans.get(sheet, SheetScan())

    def below_zero(self, sheet: str) -> set[int]:
        """Positions of numbers below zero: in a date format the parser shows them as times of day."""
        found: set[int] = set()
        if sheet in self._starts:
            with _well_formed(self._where):
                self._add_below_zero(found, self._starts[sheet])
        return found

    def _add_below_zero(self, found: set[int], begin: int) -> None:
        for kind, start, size in self._records(begin):
            data = self._data[start : start + size]
            if kind in (_NUMBER, _FORMULA, _RK_CELL):
                sign = data[13] if kind != _RK_CELL else data[9]
                if sign & 0x80 and data[12:14] != b"\xff\xff":
                    found.add(self._at(data))
            elif kind == _MUL_RK:
                row, first = struct.unpack_from("<2H", data)
                signs = data[9:-2:6]
                found.update(at(row + 1, first + 1 + more) for more, sign in enumerate(signs) if sign & 0x80)

    def _book(self) -> None:
        for kind, start, size in self._records(0):
            data = self._data[start : start + size]
            if kind == _BOUND_SHEET:
                begin, _, letters, wide = struct.unpack_from("<IHBB", data)
                name = data[8 : 8 + 2 * letters].decode("utf-16-le", "replace") if wide & 1 else None
                self._starts[name or data[8 : 8 + letters].decode("latin-1")] = begin
            elif kind == _SST:
                self._lengths = _sst(self._data, start, size)
                if len(self._lengths) < struct.unpack_from("<I", data, 4)[0]:
                    raise damaged(self._where)
        for name, begin in self._starts.items():
            self._scans[name] = self._sheet(begin)

    def _sheet(self, begin: int) -> SheetScan:
        scan = SheetScan()
        for position in self._held(begin):
            scan.hold(place(position)[0], 1)
        # The formula seen last, while its text is still to come.
        awaited: set[int] = set()
        for kind, start, size in self._records(begin):
            if kind == _DIMENSIONS:
                scan.declared = self._declared(self._data[start : start + size])
            elif kind == _STRING:
                awaited.clear()
                scan.empty_results += not struct.unpack_from("<H", self._data, start)[0]
            elif kind in _SINGLE:
                scan.uncached |= awaited
                data = self._data[start : start + min(size, 20)]
                awaited = {self._at(data)} if kind in _FORMULAS and _is_text_result(data) else set()
                self._cell(scan, kind, data)
            elif kind == _MUL_RK:
                row, first = struct.unpack_from("<2H", self._data, start)
                count = (size - 6) // 6
                scan.cells += count
                scan.fill(row + 1, first + count)
        scan.uncached |= awaited
        return scan

    def _declared(self, data: bytes) -> int:
        """Cells of the declared range, which may lie, but must be one."""
        top, bottom, left, right = struct.unpack_from("<2I2H" if len(data) >= 12 else "<4H", data)
        if not (top <= bottom <= _XLS_ROWS and left <= right <= _XLS_COLUMNS):
            raise damaged(self._where)
        return int((bottom - top) * (right - left))

    def _cell(self, scan: SheetScan, kind: int, data: bytes) -> None:
        row, column, _ = struct.unpack_from("<3H", data)
        scan.cells += 1
        scan.fill(row + 1, column + 1)
        if kind == _LABEL_SST:
            index = struct.unpack_from("<I", data, 6)[0]
            scan.texts += 1
            scan.letters += self._lengths[index] if index < len(self._lengths) else 0
        elif kind == _BOOL_ERROR:
            if data[7]:
                scan.errors.add(self._at(data))
        elif kind in _FORMULAS:
            if data[12:14] == b"\xff\xff":
                scan.empty_results += data[6] == 3
                if data[6] == 2:
                    scan.errors.add(self._at(data))
        elif kind in (_LABEL, _RSTRING):
            scan.texts += 1
            scan.letters += 1 << 9

    def values(self, sheet: str) -> array[int]:
        """Positions of the cells that hold a value, ascending."""
        with _well_formed(self._where):
            return array("q", sorted(self._held(self._starts[sheet])) if sheet in self._starts else ())

    def _held(self, begin: int) -> Iterator[int]:
        """Positions of the cells that hold something that is neither an error nor an empty text."""
        formula = 0
        for kind, start, size in self._records(begin):
            if kind == _MUL_RK:
                row, first = struct.unpack_from("<2H", self._data, start)
                yield from (at(row + 1, first + 1 + more) for more in range((size - 6) // 6))
            elif kind in _SINGLE:
                data = self._data[start : start + min(size, 20)]
                formula = self._at(data)
                if self._holds(kind, data):
                    yield formula
            elif kind == _STRING and struct.unpack_from("<H", self._data, start)[0]:
                # The result of a formula stands after it.
                yield formula

    def _holds(self, kind: int, data: bytes) -> bool:
        if kind == _LABEL_SST:
            index = struct.unpack_from("<I", data, 6)[0]
            return bool(index >= len(self._lengths) or self._lengths[index])
        if kind in (_LABEL, _RSTRING):
            return any(data[6:8])
        if kind == _BOOL_ERROR:
            return not data[7]
        # What is no number says so, and is 1 for a truth value.
        return kind not in _FORMULAS or data[12:14] != b"\xff\xff" or data[6] == 1

    def _at(self, data: bytes) -> int:
        row, column = struct.unpack_from("<2H", data)
        return at(row + 1, column + 1)

    def _records(self, start: int) -> Iterator[tuple[int, int, int]]:
        """(kind, start, size) of the records from the beginning of a stream to its end."""
        data, last, depth = self._data, len(self._data), 0
        while start + 4 <= last:
            kind, size = struct.unpack_from("<2H", data, start)
            if kind & 0xFF == 0x09 and kind >> 8 in (0, 2, 4, 8):
                depth += 1
            elif kind == _EOF:
                depth -= 1
                if depth <= 0:
                    return
            elif depth <= 1:
                # Charts stand in a sheet as streams of their own, which the parser passes over.
                yield kind, start + 4, size
            start += 4 + size
        raise damaged(self._where)


def _is_text_result(data: bytes) -> bool:
    """Whether a formula says that it came to a text, which stands in a record of its own ([MS-XLS] 2.5.133)."""
    return data[12:14] == b"\xff\xff" and data[6] == 0


def is_locked(file: Path | BinaryIO, where: Where) -> bool:
    """Whether an .xls file is encrypted: it says so in its first records."""
    data = _stream(file, where)
    start = 0
    while start + 4 <= len(data):
        kind, size = struct.unpack_from("<2H", data, start)
        if kind in (_FILEPASS, _EOF):
            return bool(kind == _FILEPASS)
        start += 4 + size
    return False


def _stream(file: Path | BinaryIO, where: Where) -> bytes:
    import olefile

    try:
        with contents(file) as handle, olefile.OleFileIO(handle) as book:
            name = next(name for name in ("Workbook", "Book") if book.exists(name))
            data: bytes = book.openstream(name).read()
            return data
    except StopIteration:
        raise SourceFault(
            "an OLE file, but not an .xls workbook", where=where, remedy="open it in its program and save it as .xlsx"
        ) from None
    except Exception:
        # The library raises whatever the damage leads it to.
        raise damaged(where) from None


def _sst(data: bytes, start: int, size: int) -> list[int]:
    """Bytes of each shared text, two a character at most. Long tables go on in CONTINUE records."""
    ends = [start + size]
    while struct.unpack_from("<H", data, ends[-1])[0] == _CONTINUE:
        ends.append(ends[-1] + 4 + struct.unpack_from("<H", data, ends[-1] + 2)[0])
    lengths: list[int] = []
    count = struct.unpack_from("<I", data, start + 4)[0]
    at, piece = start + 8, 0
    for _ in range(count):
        at, piece, letters = _sst_text(data, at, piece, ends)
        if letters < 0:
            break
        lengths.append(2 * letters)
    return lengths


def _sst_text(data: bytes, at: int, piece: int, ends: list[int]) -> tuple[int, int, int]:
    """Where the text at ``at`` ends, in which record, and its letters; -1 letters after the last text."""
    if at >= ends[piece]:
        at, piece = at + 4, piece + 1
        if piece >= len(ends):
            return at, piece, -1
    letters, flags = struct.unpack_from("<HB", data, at)
    at += 3
    runs = struct.unpack_from("<H", data, at)[0] if flags & 8 else 0
    at += 2 if flags & 8 else 0
    more = struct.unpack_from("<I", data, at)[0] if flags & 4 else 0
    at += 4 if flags & 4 else 0
    left, width = letters, 1 + (flags & 1)
    while left and piece < len(ends):
        here = min(left, (ends[piece] - at) // width)
        left, at = left - here, at + here * width
        if left:
            # The record ends within the text: the next one tells anew how wide its letters are.
            piece, at = piece + 1, ends[piece] + 5
            width = 1 + (data[at - 1] & 1)
    tail = 4 * runs + more
    while piece < len(ends) and at + tail > ends[piece]:
        tail -= ends[piece] - at
        at, piece = ends[piece] + 4, piece + 1
    return at + tail, piece, letters
