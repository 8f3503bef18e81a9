"""A zip package (.xlsx, .xlsb, .ods) read part by part, by what it really unpacks to: declared sizes lie.

Knows nothing of what the parts hold. Every part is read in pieces and counted, so that no bomb is ever unpacked
in full, neither here nor by the parser that reads the part after us.
"""

from __future__ import annotations

import copy
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.etree import ElementTree

from crm_etl.faults import SourceFault, Where

#: Most bytes that one part may unpack to, and most for a part that lists sheets, relations or styles.
MAX_PART = 2 << 30
MAX_SMALL = 64 << 20
_CHUNK = 1 << 20
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)


@dataclass(frozen=True)
class Relation:
    """One part as another knows it: by an id, of a kind such as ``styles``."""

    id: str
    kind: str
    part: str


class Package:
    """The parts of a zip file by name; names are compared without case, as office programs do."""

    def __init__(self, file: Path | BinaryIO, where: Where) -> None:
        self._where = where
        try:
            if not isinstance(file, Path):
                file.seek(0)
            self._archive = zipfile.ZipFile(file)
        except _BROKEN:
            raise damaged(where) from None
        entries = self._archive.infolist()
        self._parts = {_plain(entry.filename): entry for entry in entries}
        if len(self._parts) != len(entries):
            raise damaged(where)
        self.encrypted = any(entry.flag_bits & 1 for entry in entries)

    def __contains__(self, part: str) -> bool:
        return _plain(part) in self._parts

    def pieces(self, part: str, limit: int | None = None) -> Iterator[bytes]:
        """What ``part`` unpacks to, piece by piece.

        Raises:
            SourceFault: the part is missing or damaged, is not of the size that it declares, or larger than
                ``limit`` (:data:`MAX_PART`).
        """
        limit = MAX_PART if limit is None else limit
        entry = self._parts.get(_plain(part))
        if entry is None:
            raise damaged(self._where)
        declared = entry.file_size
        if declared > limit:
            raise self._too_large(limit)
        whole = copy.copy(entry)
        # The library stops at the declared size: the parser after us does not, so neither do we.
        whole.file_size = limit + 1
        size = 0
        try:
            with self._archive.open(whole) as handle:
                while piece := handle.read(_CHUNK):
                    size += len(piece)
                    if size > limit:
                        raise self._too_large(limit)
                    yield piece
        except _BROKEN:
            raise damaged(self._where) from None
        if size != declared:
            raise damaged(self._where)

    def read(self, part: str, limit: int = MAX_SMALL) -> bytes:
        """All of a small part; see :meth:`pieces`."""
        return b"".join(self.pieces(part, limit))

    def tree(self, part: str) -> ElementTree.Element:
        """A small part as XML."""
        try:
            return ElementTree.fromstring(self.read(part))
        except (ElementTree.ParseError, LookupError, ValueError):
            raise damaged(self._where) from None

    def relations(self, part: str) -> list[Relation]:
        """The parts that ``part`` says it is related to."""
        folder, _, name = part.rpartition("/")
        found = []
        for node in self.tree(f"{folder}/_rels/{name}.rels"):
            target = node.get("Target", "")
            target = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
            found.append(Relation(node.get("Id", ""), node.get("Type", "").rpartition("/")[2], target))
        return found

    def related(self, part: str, kind: str, usual: str) -> list[str]:
        """Parts of a ``kind`` that ``part`` is related to, and the one at the ``usual`` place, if there."""
        named = [relation.part for relation in self.relations(part) if relation.kind == kind]
        found = dict.fromkeys(map(_plain, [usual, *named]))
        return [name for name in found if name in self]

    def _too_large(self, limit: int) -> SourceFault:
        return SourceFault(
            f"a part of the workbook unpacks to more than {limit >> 20} MiB",
            where=self._where,
            remedy="split the workbook, or export the sheet as CSV",
        )


def damaged(where: Where) -> SourceFault:
    """The fault of a file that breaks off or contradicts itself."""
    return SourceFault("the workbook is truncated or damaged", where=where, remedy="have it sent again, whole")


def contents(file: Path | BinaryIO) -> BinaryIO:
    """``file`` opened for reading from its start."""
    if isinstance(file, Path):
        return file.open("rb")
    file.seek(0)
    return io.BytesIO(file.read())


def _plain(name: str) -> str:
    return name.replace("\\", "/").casefold()
