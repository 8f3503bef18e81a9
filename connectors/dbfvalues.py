"""The bytes of one column of a DBF file -> text, exactly: nothing becomes a number or a date that it is not.

A reader takes the cells of many records at once and gives their texts; what cannot be read is a :class:`Bad` in its
place. Blank is no value for every type, those of binary numbers too; a number that was too long for its column
(``****``) is refused.
"""

from __future__ import annotations

import datetime as dt
import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.cells import cell_text, plain
from connectors.dbflayout import DbfField
from connectors.dbfmemo import BinaryMemo, BrokenMemo, MemoFile

_PADDING = " \0"
_PLAIN = re.compile(rb"-?\d+(?:\.\d+)?")
_NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
#: The Julian day before 0001-01-01.
_EPOCH = 1721425
_DAY_MS = 86_400_000
_TRUTH = {**dict.fromkeys(b"TtYy", "true"), **dict.fromkeys(b"FfNn", "false"), **dict.fromkeys(b"? \0", None)}
_SHOWN = 32


@dataclass(frozen=True)
class Bad:
    """A cell that cannot be read: its reason and message, and the cell as people may see it."""

    reason: str
    message: str
    shown: str | None = None


Text = str | Bad | None
Cell = Callable[[bytes], Text]


class NotInCodePage(Exception):
    """Bytes that the declared code page does not allow, at ``index`` of the column's records."""

    def __init__(self, index: int) -> None:
        self.index = index
        super().__init__("bytes that the code page does not allow")


def column_texts(field: DbfField, cells: list[bytes], encoding: str, memo: MemoFile | None, visual: bool) -> list[Text]:
    """The cells of ``field`` as texts.

    Raises:
        NotInCodePage: a text is not in ``encoding``.
    """
    if field.type in "CV" and not field.binary:
        return _decoded(cells, encoding)
    if field.is_memo:
        return _memos(field, cells, encoding, memo)
    read = _reader(field, visual)
    if field.type in "DTL":  # few distinct ones
        known = {cell: read(cell) for cell in set(cells)}
        return [known[cell] for cell in cells]
    return list(map(read, cells))


def _decoded(cells: list[bytes], encoding: str) -> list[Text]:
    try:
        return [cell.decode(encoding).rstrip(_PADDING) or None for cell in cells]
    except UnicodeDecodeError:
        raise NotInCodePage(next(i for i, cell in enumerate(cells) if not _fits(cell, encoding))) from None


def _fits(cell: bytes, encoding: str) -> bool:
    try:
        cell.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _memos(field: DbfField, cells: list[bytes], encoding: str, memo: MemoFile | None) -> list[Text]:
    texts: list[Text] = []
    for index, cell in enumerate(cells):
        try:
            texts.append(_memo(field, cell, encoding, memo))
        except UnicodeDecodeError:
            raise NotInCodePage(index) from None
    return texts


def _memo(field: DbfField, cell: bytes, encoding: str, memo: MemoFile | None) -> Text:
    if not cell.strip(b" "):
        return None
    if field.length == 4:
        block = int.from_bytes(cell, "little")
    else:
        digits = cell.strip(b" \0")
        if digits and not digits.isdigit():
            return Bad("broken_memo", "the number of its memo is none", digits.decode("latin-1"))
        block = int(digits or b"0")
    if block == 0 or memo is None:
        return None
    try:
        content = memo.read(block)
    except BrokenMemo as broken:
        return Bad("broken_memo", f"the memo cannot be read: {broken}; mend the memo file")
    except BinaryMemo as binary:
        return _bytes(binary.content)
    if field.binary or field.type != "M":
        return _bytes(content)
    return content.decode(encoding).rstrip(_PADDING) or None


def _bytes(content: bytes) -> Text:
    if not content.strip(b" \0"):
        return None
    more = f"... ({len(content)} bytes)" if len(content) > _SHOWN else ""
    return Bad(
        "binary_value",
        "the cell holds bytes, not text; map another column, or write the text at the source",
        f"0x{content[:_SHOWN].hex()}{more}",
    )


def _reader(field: DbfField, visual: bool) -> Cell:
    if field.type == "B" and not visual:
        return _bytes
    readers: dict[str, Cell] = {
        "N": _number,
        "F": _number,
        "D": _date,
        "L": _logical,
        "I": _integer,
        "+": _integer,
        "B": _double,
        "T": _moment,
        "Y": _currency,
    }
    read = readers.get(field.type, _bytes)
    return _filled(read) if field.type in "I+BTY" else read


def _filled(read: Cell) -> Cell:
    """``read`` of a binary cell, unless it is blank: no value, not the number whose bytes are those of blanks."""
    return lambda cell: read(cell) if cell.strip(b" ") else None


def _number(cell: bytes) -> Text:
    digits = cell.strip(b" \0")
    if not digits:
        return None
    if _PLAIN.fullmatch(digits):
        return digits.decode("ascii")
    shown = digits.decode("latin-1")
    if digits.startswith(b"*"):
        return Bad(
            "number_overflow", "the number was too long for its column, and is lost; take it from elsewhere", shown
        )
    if not _NUMBER.fullmatch(digits):
        return Bad("bad_number", "the cell is no number; mend it at the source", shown)
    number = Decimal(shown)
    return cell_text(number) if b"e" not in digits.lower() else plain(number)


def _date(cell: bytes) -> Text:
    digits = cell.strip(b" \0")
    if not digits.strip(b"0"):
        return None
    try:
        if len(digits) != 8 or not digits.isdigit():
            raise ValueError
        return dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).isoformat()
    except ValueError:
        return Bad("bad_date", "the cell is no date; mend it at the source", digits.decode("latin-1"))


def _logical(cell: bytes) -> Text:
    if cell[0] in _TRUTH:
        return _TRUTH[cell[0]]
    return Bad("bad_logical", "the cell is neither true nor false; mend it at the source", cell.decode("latin-1"))


def _integer(cell: bytes) -> Text:
    return str(int.from_bytes(cell, "little", signed=True))


def _double(cell: bytes) -> Text:
    value: float = struct.unpack("<d", cell)[0]
    if value - value != 0:
        return Bad("bad_number", "the cell is no finite number; mend it at the source", str(value))
    return cell_text(value)


def _currency(cell: bytes) -> Text:
    return cell_text(Decimal(int.from_bytes(cell, "little", signed=True)).scaleb(-4))


def _moment(cell: bytes) -> Text:
    day, milliseconds = struct.unpack("<ii", cell)
    if day == 0:
        return None
    try:
        if not 0 <= milliseconds < _DAY_MS:
            raise ValueError
        start = dt.datetime.combine(dt.date.fromordinal(day - _EPOCH), dt.time())
        moment = start + dt.timedelta(milliseconds=milliseconds)
    except (ValueError, OverflowError):
        return Bad("bad_date", "the cell is no moment; mend it at the source", f"0x{cell.hex()}")
    return cell_text(moment)


def is_null(flags: bytes, bit: int | None) -> bool:
    """Whether the null flags of a record say that a column has no value."""
    return bit is not None and bool(flags[bit // 8] >> bit % 8 & 1)


def shortened(cell: bytes, flags: bytes, bit: int | None) -> bytes:
    """A cell of variable length without what stands behind its end: the last byte is then its length."""
    return cell[: cell[-1]] if is_null(flags, bit) else cell


def value_of(cell: Text) -> str | None:
    """What people see of a cell."""
    return cell.shown if isinstance(cell, Bad) else cell


def problem_of(texts: list[list[Text]], position: int) -> tuple[int, Any]:
    """The first column that cannot be read in a record, and why."""
    return next((index, column[position]) for index, column in enumerate(texts) if isinstance(column[position], Bad))
