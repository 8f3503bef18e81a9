"""The bytes of a file, decoded as declared and handed on as UTF-8 blocks of whole lines; one pass, bounded memory.

Decoding is strict. What breaks the declared encoding stops the reading here, with offset and line.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from connectors.delimited.files import DeliveredFile, Stream
from connectors.encoding import SecondEncoding, encoding_fault
from crm_etl.faults import SourceFault, Where

#: Bytes that are read at once.
CHUNK = 1 << 20
#: Longest physical line in bytes of UTF-8, and longest row: a file without line ends must not fill the memory.
MAX_LINE = 16 << 20


class Blocks:
    """Iterates ``(UTF-8 text of whole lines, whether it is the last)``; the last may be empty."""

    def __init__(self, file: DeliveredFile, encoding: str) -> None:
        self._file, self._encoding = file, encoding
        self._where = Where(file.label)
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Hash of the bytes read so far, unpacked."""
        return self._digest.hexdigest()

    def __iter__(self) -> Iterator[tuple[bytes, bool]]:
        pending = b""
        with self._file.open() as stream:
            for text in self._decoded(stream):
                joined = pending + text if pending else text
                self._check_length(joined)
                cut = _whole_lines(joined)
                block, pending = joined[:cut], joined[cut:]
                if block:
                    yield block, False
        yield pending, True

    def _decoded(self, stream: Stream) -> Iterator[bytes]:
        second = SecondEncoding(self._file.open, self._encoding, self._where)
        decoder = _Utf8() if self._encoding == "utf-8-sig" else _Other(self._encoding)
        while True:
            chunk = stream.read(min(CHUNK, MAX_LINE))
            self._digest.update(chunk)
            second.look(chunk)
            try:
                yield decoder.decode(chunk, not chunk)
            except UnicodeError:
                raise encoding_fault(self._file.open, self._encoding, self._where) from None
            if not chunk:
                return

    def _check_length(self, text: bytes) -> None:
        if len(text) <= MAX_LINE:
            return
        if min(found if (found := text.find(end)) >= 0 else len(text) for end in (b"\n", b"\r")) > MAX_LINE:
            raise LineTooLong


def ahead(source: Iterable[tuple[bytes, bool]]) -> Iterator[tuple[bytes, bool]]:
    """The blocks of ``source``, each made in another thread while the one before it is in use."""
    blocks = iter(source)
    with ThreadPoolExecutor(max_workers=1) as worker:
        coming = worker.submit(next, blocks, None)
        while (block := coming.result()) is not None:
            coming = worker.submit(next, blocks, None)
            yield block


class LineTooLong(Exception):
    """A physical line of more than MAX_LINE bytes: the reader of the blocks knows where it stands."""


def line_fault(file: str, line: int) -> SourceFault:
    """The fault of a line, or of a row of several, that is longer than any table's."""
    return SourceFault(
        f"a line of more than {MAX_LINE / (1 << 20):.3g} MB",
        where=Where(file, row=line),
        remedy="check that the file is a table with line ends, its encoding, and that quotes are closed",
    )


def line_ends(text: bytes) -> int:
    """Physical lines that end in ``text``: by LF, CR or CRLF."""
    return text.count(b"\n") + text.count(b"\r") - text.count(b"\r\n")


def _whole_lines(text: bytes) -> int:
    """Length of the part of ``text`` that ends with a line; a CR at the very end may be half of a CRLF."""
    return max(text.rfind(b"\n"), text.rfind(b"\r", 0, -1)) + 1


class _Utf8:
    """Checks UTF-8 and hands it on as it is, without order marks at its beginning."""

    def __init__(self) -> None:
        self._rest = b""
        self._first = True

    def decode(self, chunk: bytes, final: bool) -> bytes:
        text = self._rest + chunk if self._rest else chunk
        _, good = codecs.utf_8_decode(text, "strict", final)
        text, self._rest = (text, b"") if good == len(text) else (text[:good], text[good:])
        while self._first and text:
            self._first = text.startswith(codecs.BOM_UTF8)
            text = text.removeprefix(codecs.BOM_UTF8)
        return text


class _Other:
    """Any other encoding, made UTF-8, without its order mark."""

    def __init__(self, encoding: str) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._first = True

    def decode(self, chunk: bytes, final: bool) -> bytes:
        text = self._decoder.decode(chunk, final)
        if self._first:
            text = text.lstrip("\ufeff")  # some codecs leave the order mark to who reads
            self._first = not text
        return text.encode("utf-8")
