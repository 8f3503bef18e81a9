"""The files behind a path, plain, gzipped or zipped: found, unpacked as they are read, and bounded.

What a file is, its first bytes say and never its name. Nothing is unpacked to disk, and a file that unpacks to far
more than it should is refused when it passes the bound.
"""

from __future__ import annotations

import errno
import glob
import gzip
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import IO

from connectors.base import Snapshot
from connectors.content import HEAD, kind_of, require_text_head
from crm_etl.faults import DeclarationNeeded, SourceFault, Where

#: Packed files may unpack to so many bytes in any case, and beyond that to so many times their own size.
UNPACKED, RATIO = 256 << 20, 100
_DIGITS = re.compile(r"(\d+)")
#: What the readers of archives say of bytes that are none; some of it they do not mean to.
_BROKEN = (
    *(EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, struct.error),
    *(ValueError, RuntimeError, NotImplementedError, OverflowError, MemoryError),
)
#: Companions that operating systems put into archives.
_JUNK = re.compile(r"(?:^|/)(?:__MACOSX/|\.|Thumbs\.db$|desktop\.ini$)")


def locate(root: Path, path: str) -> list[str]:
    """The files that ``path`` means, relative to ``root`` as it is: itself, or all that it matches as a pattern.

    They come in the order in which people count: ``part2`` before ``part10``.

    Raises:
        SourceFault: no file matches the pattern.
    """
    if not glob.has_magic(path) or (root / path).exists():
        return [path]
    matches = glob.glob(path, root_dir=root, recursive=True)  # noqa: PTH207  # takes absolute patterns too
    names = [name for name in matches if (root / name).is_file()]
    if not names:
        raise SourceFault(
            "no file matches the pattern",
            where=Where(path),
            remedy="put the files there, or mend 'path' in migration.yaml",
        )
    return sorted(names, key=lambda name: (_natural(name), name))


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (0, part.casefold()) for part in _DIGITS.split(name)]


class Stream:
    """Bytes of a file as they are unpacked."""

    def __init__(self, handle: IO[bytes] | gzip.GzipFile, label: str, most: int | None) -> None:
        self._handle, self._where, self._most = handle, Where(label), most
        self._passed = 0

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes; none at the end.

        Raises:
            SourceFault: the file is truncated, damaged or cannot be read, or unpacks beyond its bound.
        """
        try:
            chunk = self._handle.read(size)
        except _BROKEN as error:
            raise broken(self._where, error) from None
        except OSError as error:
            raise _failed(self._where, error) from None
        self._passed += len(chunk)
        if self._most is not None and self._passed > self._most:
            raise too_large(self._where, self._most)
        return chunk


class DeliveredFile:
    """One file as it was delivered. ``snapshot``: its bytes, packed as they may be."""

    def __init__(self, path: Path, label: str, member: str | None = None) -> None:
        self.label = label
        self.snapshot = Snapshot(path, label)
        self._path = path
        self._kind = kind_of(path)
        size = path.stat().st_size
        self._most = max(UNPACKED, RATIO * size) if self.packed else None
        self._member = self._choose(member) if self._kind == "zip" else None
        with self.open() as stream:
            require_text_head(stream.read(HEAD), label)

    @property
    def packed(self) -> bool:
        return self._kind in ("zip", "gzip archive")

    @contextmanager
    def open(self) -> Iterator[Stream]:
        """The unpacked bytes, from the first.

        Raises:
            SourceFault: the file is no longer there, or no archive any more.
        """
        try:
            raw = self._path.open("rb")
        except OSError as error:
            raise _unreadable(Where(self.label), error) from None
        with raw:
            if self._kind == "zip":
                with self._archive(raw) as archive, self._unzipped(archive) as handle:
                    yield Stream(handle, self.label, self._most)
            elif self._kind == "gzip archive":
                with gzip.GzipFile(fileobj=raw) as unpacked:
                    yield Stream(unpacked, self.label, self._most)
            else:
                yield Stream(raw, self.label, None)

    def _archive(self, raw: IO[bytes]) -> zipfile.ZipFile:
        try:
            return zipfile.ZipFile(raw)
        except _BROKEN as error:
            raise broken(Where(self.label), error) from None
        except OSError as error:
            raise _failed(Where(self.label), error) from None

    def _unzipped(self, archive: zipfile.ZipFile) -> IO[bytes]:
        try:
            return archive.open(self._member or "")
        except (*_BROKEN, KeyError) as error:
            raise broken(Where(self.label), error) from None
        except OSError as error:
            raise _failed(Where(self.label), error) from None

    def _choose(self, declared: str | None) -> str:
        where = Where(self.label)
        with self._path.open("rb") as raw, self._archive(raw) as archive:
            held = {info.filename: info for info in archive.infolist() if not info.is_dir()}
        if "[Content_Types].xml" in held or "content.xml" in held:
            raise DeclarationNeeded(
                "not a CSV file: an .xlsx or .ods workbook, whatever its name says",
                where=where,
                remedy="declare 'connector: excel' with its sheet",
            )
        names = [name for name in held if not _JUNK.search(name)]
        chosen = names if declared is None else [n for n in names if n == declared] or _fits(names, declared)
        if len(chosen) != 1:
            raise _which(where, names, declared, chosen)
        info = held[chosen[0]]
        if info.flag_bits & 0x1:
            raise SourceFault(
                f"'{info.filename}' in the archive is protected by a password",
                where=where,
                remedy="unpack it, and declare the file itself",
            )
        if self._most is not None and info.file_size > self._most:
            raise too_large(where, self._most)
        return info.filename


def _fits(names: list[str], pattern: str) -> list[str]:
    return [name for name in names if fnmatchcase(name, pattern)]


def _which(where: Where, names: list[str], declared: str | None, chosen: list[str]) -> SourceFault:
    if not names:
        return SourceFault("no data rows: the archive holds no file", where=where, remedy="ask for a new delivery")
    listed = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    if declared is None:
        what = f"the archive holds {len(names)} files: {listed}"
    else:
        what = f"{len(chosen)} files of the archive are called '{declared}'; it holds {listed}"
    return DeclarationNeeded(what, where=where, remedy="declare 'member' with the name of the one that is meant")


def _unreadable(where: Where, error: OSError) -> SourceFault:
    return SourceFault(
        f"cannot be read: {error.strerror or 'the reading failed'}",
        where=where,
        remedy="check the disk, permissions and locks",
    )


def _failed(where: Where, error: OSError) -> SourceFault:
    """The fault of a failed reading: of the disk, or where the file says of itself what is not so."""
    if error.errno in (None, errno.EINVAL):  # no archive, or a place before its beginning
        return broken(where, error)
    return _unreadable(where, error)


def broken(where: Where, error: Exception) -> SourceFault:
    """The fault of a packed file that cannot be unpacked to its end."""
    if isinstance(error, NotImplementedError):
        what, remedy = "the archive is packed in a way that cannot be unpacked", "unpack it, and declare the file"
    else:
        what, remedy = "a packed file that is truncated or damaged", "ask for a complete delivery"
    return SourceFault(what, where=where, remedy=remedy)


def too_large(where: Where, most: int) -> SourceFault:
    """The fault of a packed file that unpacks beyond its bound."""
    return SourceFault(
        f"unpacks to more than {most >> 20} MB, {RATIO} times its size: no table does",
        where=where,
        remedy="if it is one all the same, unpack it and declare the unpacked file",
    )
