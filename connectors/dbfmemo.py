"""Memo files of DBF files: long texts by block number, in the formats of dBase III, dBase IV and FoxPro.

A memo that points out of its file, or is longer than a cell may be, is refused and not guessed at.
"""

from __future__ import annotations

import struct
from pathlib import Path

from connectors.dbflayout import Layout
from crm_etl.faults import SourceFault, Where

#: Longest memo, in bytes: a damaged length must not fill the memory.
MAX_MEMO = 16 << 20
_IV = (0x04, 0x43, 0x8B, 0x8E, 0xCB)
_III_BLOCK = 512
_TEXT = 1


class BrokenMemo(Exception):
    """A memo that cannot be read; the text says why."""


class BinaryMemo(Exception):
    """A memo that holds a picture or an object, not text."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        super().__init__("the memo holds no text")


class MemoFile:
    """The memo file that lies beside a DBF file."""

    def __init__(self, path: Path, layout: Layout) -> None:
        self._fox = layout.visual or layout.version in (0xF5, 0xFB)
        self._four = layout.version in _IV
        self.path = path
        self._handle = path.open("rb")
        self._size = path.stat().st_size
        head = self._handle.read(_III_BLOCK)
        if self._fox:
            self._block = int.from_bytes(head[6:8], "big") or 1
        else:
            self._block = (int.from_bytes(head[20:22], "little") if self._four else 0) or _III_BLOCK

    def close(self) -> None:
        self._handle.close()

    def read(self, block: int) -> bytes:
        """The bytes of the memo that begins at ``block``.

        Raises:
            BrokenMemo: there is none.
            BinaryMemo: it is no text.
        """
        at = block * self._block
        if block < 1 or at >= self._size:
            raise BrokenMemo(f"its block {block} lies outside of the memo file")
        self._handle.seek(at)
        if self._fox:
            kind, length = struct.unpack(">II", self._take(8))
            content = self._take(length)
            if kind != _TEXT:
                raise BinaryMemo(content)
            return content
        if self._four:
            mark, length = struct.unpack("<4sI", self._take(8))
            if mark != b"\xff\xff\x08\x00" or length < 8:
                raise BrokenMemo(f"no memo begins at its block {block}")
            return self._take(length - 8)
        return self._until_mark()

    def _take(self, length: int) -> bytes:
        if length > MAX_MEMO:
            raise BrokenMemo(f"it claims {length} bytes")
        content = self._handle.read(length)
        if len(content) < length:
            raise BrokenMemo("it runs out of the memo file")
        return content

    def _until_mark(self) -> bytes:
        pieces: list[bytes] = []
        for _ in range(MAX_MEMO // _III_BLOCK):
            piece = self._handle.read(_III_BLOCK)
            end = piece.find(b"\x1a")
            if end >= 0:
                return b"".join((*pieces, piece[:end]))
            if len(piece) < _III_BLOCK:
                break
            pieces.append(piece)
        raise BrokenMemo("it has no end")


def find_memo(path: Path, layout: Layout, where: Where) -> Path:
    """The memo file of a DBF file: its name with .fpt or .dbt, in any case of letters.

    Raises:
        SourceFault: there is none.
    """
    suffixes = (".fpt",) if layout.visual or layout.version == 0xF5 else (".dbt", ".fpt")
    beside = {other.name.lower(): other for other in path.parent.iterdir()}
    for suffix in suffixes:
        found = beside.get(path.stem.lower() + suffix)
        if found is not None:
            return found
    raise SourceFault(
        f"the memo file is missing: {path.stem}{suffixes[0]}",
        where=where,
        remedy="ask for it: it belongs to the DBF file; or list the memo columns under 'ignore'",
    )
