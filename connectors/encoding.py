"""Declared encodings, taken strictly: where bytes break the declaration, and which line shows a second encoding.

Nothing here guesses an encoding; proposals for people are made in :mod:`connectors.charsets`.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from itertools import chain
from typing import Protocol

from connectors.charsets import is_common, is_usual
from crm_etl.faults import DeclarationNeeded, EncodingFault, Where
from crm_etl.number import agreeing, counted

_CHUNK = 1 << 20
#: A longer line is looked at in pieces.
_LONGEST = 16 << 20
#: A line of a single-byte encoding passes as UTF-8 by chance with one or two letters, hardly with four.
_LEAST_MULTIBYTE = 4
#: Codecs of Python that are no character sets of files.
_NO_CHARSETS = ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7", "mbcs", "oem")


class Readable(Protocol):
    """Bytes, read piece by piece; an empty piece is the end."""

    def read(self, size: int, /) -> bytes: ...


Opener = Callable[[], AbstractContextManager[Readable]]


def codec(encoding: str, where: Where) -> str:
    """Python's name of the declared encoding, one that takes a byte order mark away.

    Raises:
        DeclarationNeeded: there is no such text encoding.
    """
    try:
        name = codecs.lookup(encoding).name
        "a".encode(name)  # knows text encodings from others
        if name.replace("unicode-", "unicode_") in _NO_CHARSETS:
            raise LookupError
    except (LookupError, ValueError):
        raise DeclarationNeeded(
            f"unknown encoding '{encoding}'",
            where=where,
            remedy="use a name such as utf-8, utf-16, cp1251, cp1256, cp866, koi8-r; 'crm-etl profile' proposes one",
        ) from None
    return "utf-8-sig" if name == "utf-8" else name


def encoding_fault(opened: Opener, encoding: str, where: Where) -> EncodingFault:
    """The fault that names offset and line of the first bytes that ``encoding`` does not allow."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset, line, half = 0, 1, ""
    with opened() as handle:
        while True:
            chunk = handle.read(_CHUNK)
            pending = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                before = half + error.object[: error.start].decode(encoding, "ignore")
                return EncodingFault(
                    f"not {encoding.removesuffix('-sig')}: invalid bytes at offset {offset - pending + error.start}",
                    where=Where(where.file, row=line + _line_ends(before)),
                    remedy="declare the file's true encoding ('crm-etl profile' proposes one), or export it again",
                )
            except UnicodeError:
                break
            if not chunk:
                break
            text = half + text
            half = "\r" if text.endswith("\r") else ""  # perhaps of a CRLF
            line += _line_ends(text.removesuffix(half))
            offset += len(chunk)
    return EncodingFault(
        f"not {encoding}: it needs an order mark, or '{encoding}-le' or '-be' where there is none",
        where=where,
        remedy="declare the file's true encoding",
    )


def _line_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


class SecondEncoding:
    """Looks for UTF-8 in a file declared in a single-byte encoding, while it is read: such encodings accept any bytes.

    A quick look at the classes of the bytes finds what may be UTF-8; then the whole file is judged, once.
    """

    def __init__(self, opened: Opener, encoding: str, where: Where) -> None:
        self._opened, self._encoding, self._where = opened, encoding, where
        self._judged = not is_single_byte(encoding)
        self._others = False
        self._rest, self._last = b"\n", b""

    def look(self, chunk: bytes) -> None:
        """Look at the next bytes; none are the end of the file.

        Raises:
            DeclarationNeeded: all lines beyond ASCII are UTF-8.
            EncodingFault: some are, or parts of some: two encodings in one file.
        """
        if self._judged:
            return
        shape = self._rest + chunk.translate(_CLASSES, _ASCII) + (b"" if chunk else b"\n")
        self._others = self._others or _OTHER_LINE.search(shape) is not None
        told_at_end = not chunk and not self._others
        if told_at_end or _UTF8_LINE.search(shape) or self._has_word(chunk):
            self._judged = True
            judge_single_byte(self._opened, self._encoding, self._where)
        self._rest = shape[shape.rfind(b"\n") :][: _LONGEST >> 4]

    def _has_word(self, chunk: bytes) -> bool:
        """Whether a word of UTF-8 may stand in the bytes; a search for a pattern would take far longer."""
        shape = self._last + chunk.translate(_WORD_CLASSES)
        self._last = shape[1 - len(_WORD) :]
        return _WORD in shape


def is_single_byte(encoding: str) -> bool:
    """Whether each character is one byte, those of ASCII the usual ones."""
    try:
        return len("я".encode(encoding, "replace")) == 1 and "\n;a".encode(encoding) == b"\n;a"
    except UnicodeError:
        return False


def judge_single_byte(opened: Opener, encoding: str, where: Where) -> None:
    """Judges a whole file that is declared in a single-byte encoding; raises as :meth:`SecondEncoding.look` does.

    A line of four characters that are UTF-8 is no chance, nor is one of three where all are common letters, nor are two
    lines of two different letters each. All others are believed together, and only in a file of nothing else.
    """
    seen = _Lines()
    with opened() as handle:
        for number, line in enumerate(_lines(handle), 1):
            if not line.isascii():
                seen.add(number, line)
    sure = seen.judged()
    if not sure and (seen.others or seen.letters < _LEAST_MULTIBYTE or 2 * seen.letters < seen.doubtful):
        return
    if seen.others:
        raise EncodingFault(
            f"two encodings in one file: {counted(len(sure), 'line')} in UTF-8, whole or in part, among lines in"
            f" {encoding}",
            where=Where(where.file, row=min(sure)),
            remedy="have the file exported again in one encoding",
        )
    lines = agreeing(seen.utf8, "the only line beyond ASCII is", f"all {seen.utf8:,} lines beyond ASCII are")
    raise DeclarationNeeded(
        f"declared {encoding}, yet {lines} valid UTF-8",
        where=Where(where.file, row=seen.first),
        remedy="declare 'encoding: utf-8'",
    )


class _Lines:
    """What the lines beyond ASCII are. ``utf8``: how many may be read as UTF-8, from line ``first`` on; ``others``:
    whether there are any that may not; ``letters`` and ``doubtful``: in those that may be UTF-8 by chance, the
    characters beyond ASCII that are common letters, and all of them."""

    def __init__(self) -> None:
        self.others = False
        self.first = self.utf8 = self.letters = self.doubtful = 0
        self._sure: list[int] = []
        self._pairs: dict[str, list[int]] = {}

    def judged(self) -> list[int]:
        """Numbers of the lines that hold UTF-8, beyond doubt."""
        pairs = self._pairs.values() if len(self._pairs) > 1 else ()
        return [*self._sure, *chain(*pairs)]

    def add(self, number: int, line: bytes) -> None:
        text = _utf8(line)
        if text is None:
            self.others = True
            if _is_mojibake(line):
                self._sure.append(number)
            return
        self.utf8 += 1
        self.first = self.first or number
        beyond = [character for character in text if not character.isascii()]
        letters = "".join(filter(is_common, beyond))
        fitting = len(letters) + sum(map(is_usual, beyond)) == len(beyond)
        if len(beyond) >= _LEAST_MULTIBYTE or (fitting and len(letters) > 2):
            self._sure.append(number)
            return
        self.letters += len(letters)
        self.doubtful += len(beyond)
        if fitting and len(letters) == 2:
            self._pairs.setdefault(letters, []).append(number)


def _lines(handle: Readable) -> Iterator[bytes]:
    rest = b""
    while chunk := handle.read(_CHUNK):
        *lines, rest = _LINE_END.split(rest + chunk)
        yield from lines
        if len(rest) > _LONGEST:
            yield rest
            rest = b""
    if rest:
        yield rest


def _utf8(line: bytes) -> str | None:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _is_mojibake(line: bytes) -> bool:
    """Whether some part of a line that is not UTF-8 is: a word of letters that are common."""
    return any(all(map(is_common, _utf8(found[0]) or "?")) for found in _MOJIBAKE.finditer(line))


def _byte_class(byte: int) -> int:
    if byte < 0x80:
        return ord("\n")
    if byte < 0xC0:
        return ord("c")
    return ord("2" if 0xC2 <= byte < 0xE0 else "3" if 0xE0 <= byte < 0xF0 else "4" if 0xF0 <= byte < 0xF5 else "x")


#: Bytes beyond ASCII by their part in UTF-8, ASCII but for line ends left out: ``2c2c`` are two letters.
_CLASSES = bytes(map(_byte_class, range(256)))
_ASCII = bytes(set(range(0x80)) - {0x0A, 0x0D})
#: A CR at the very end may be half of a CRLF.
_LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")
_UTF8_LINE = re.compile(rb"\n(?:2c|3cc|4ccc){2,}(?=\n)")
_OTHER_LINE = re.compile(rb"\n(?!(?:2c|3cc|4ccc)*\n)[^\n]+\n")
#: A word in UTF-8 as single-byte encodings read it: letters of Cyrillic, of Arabic, of Latin with marks.
_MOJIBAKE = re.compile(rb"(?:[\xd0\xd1][\x80-\xbf]){4,}|(?:[\xd8-\xdb][\x80-\xbf]){4,}|(?:\xc3[\x80-\xbf]){4,}")
#: The same, more or less, by the classes of its bytes: to find a literal is far faster than to search for a pattern.
_WORD = b"2c" * _LEAST_MULTIBYTE
_WORD_CLASSES = bytes(
    ord("2") if byte in b"\xc3\xd0\xd1\xd8\xd9\xda\xdb" else ord("c") if 0x80 <= byte < 0xC0 else ord("\n")
    for byte in range(256)
)
