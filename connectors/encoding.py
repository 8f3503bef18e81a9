"""Declared encodings, taken strictly: where bytes break the declaration, and which line shows a second encoding.

Nothing here guesses an encoding; proposals for people are made in :mod:`connectors.charsets`.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from crm_etl.faults import DeclarationNeeded, EncodingFault, Where

_CHUNK = 1 << 20
#: A longer line is looked at in pieces.
_LONGEST = 16 << 20
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{1,3}")
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

    A quick look at the classes of the bytes finds lines that may be UTF-8; then the whole file is judged.
    """

    def __init__(self, opened: Opener, encoding: str, where: Where) -> None:
        self._opened, self._encoding, self._where = opened, encoding, where
        self._judged = not is_single_byte(encoding)
        self._rest = b"\n"

    def look(self, chunk: bytes) -> None:
        """Look at the next bytes; none are the end of the file.

        Raises:
            DeclarationNeeded: all lines beyond ASCII are UTF-8.
            EncodingFault: some are: two encodings in one file.
        """
        if self._judged:
            return
        shape = self._rest + chunk.translate(_CLASSES, _ASCII) + (b"" if chunk else b"\n")
        if _UTF8_LINE.search(shape):
            self._judged = True
            judge_single_byte(self._opened, self._encoding, self._where)
        self._rest = shape[shape.rfind(b"\n") :][: _LONGEST >> 4]


def is_single_byte(encoding: str) -> bool:
    """Whether each character is one byte, those of ASCII the usual ones."""
    try:
        return len("я".encode(encoding, "replace")) == 1 and "\n;a".encode(encoding) == b"\n;a"
    except UnicodeError:
        return False


def judge_single_byte(opened: Opener, encoding: str, where: Where) -> None:
    """Judges a whole file that is declared in a single-byte encoding; raises as :meth:`SecondEncoding.look` does."""
    first, others, count = None, False, 0
    with opened() as handle:
        for number, line in enumerate(_lines(handle), 1):
            if line.isascii():
                continue
            if not _is_utf8(line):
                others = True
            else:
                count += 1
                first = first or number
    if first is None:
        return
    if not others:
        raise DeclarationNeeded(
            f"declared {encoding}, yet all {count} lines beyond ASCII are valid UTF-8",
            where=Where(where.file, row=first),
            remedy="declare 'encoding: utf-8'",
        )
    raise EncodingFault(
        f"two encodings in one file: {count} lines are UTF-8 among lines in {encoding}",
        where=Where(where.file, row=first),
        remedy="have the file exported again in one encoding",
    )


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


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return len(_MULTIBYTE.findall(line)) >= _LEAST_MULTIBYTE


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
_UTF8_LINE = re.compile(rb"\n(?:2c|3cc|4ccc){%d,}(?=\n)" % _LEAST_MULTIBYTE)
