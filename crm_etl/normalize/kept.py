"""Tables made of word lists, kept on disk between processes: making them takes longer than most commands.

They lie beside the byte code of this package, or in the user's cache where that cannot be written; where nothing can,
each process makes its own. They are valid for the very contents of the package that they were made from, its code, its
lists and what was learned, and for these versions of Python and numpy. A file that is damaged, or that somebody else
could have put into the user's cache, is not read but made anew.
"""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, wraps
from hashlib import blake2b
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

import crm_etl

Made = TypeVar("Made")

_PACKAGE = Path(__file__).parent
_SOURCES = (".py", ".yml", ".csv", ".json", ".npz")
_DIGEST = 16
#: What makes each kept table be read anew.
_MADE: list[Callable[[], None]] = []


def kept(make: Callable[[], Made]) -> Callable[[], Made]:
    """``make``, called once for this version of the package; what it makes is not to be changed."""
    name = f"{make.__module__.rpartition('.')[2]}.{make.__name__.strip('_')}"

    @cache
    @wraps(make)
    def made() -> Made:
        return kept_as(name, make)

    _MADE.append(made.cache_clear)
    return made


def kept_as(name: str, make: Callable[[], Made]) -> Made:
    """The table ``name``, read anew at each call; what ``make`` makes if there is none for this version.

    That is not kept if files of the package were changed meanwhile: nobody knows from which contents it was made.
    """
    for folder in folders():
        found = _read(folder / _file(name), trusted=folder.is_relative_to(_PACKAGE))
        if found is not None:
            table: Made = found[0]
            return table
    fresh = make()
    for folder in folders():
        with suppress(OSError):
            _write(folder, name, fresh)
            break
    return fresh


def renew() -> None:
    """Make and read all tables anew from the files as they are now: for whoever changed some of them."""
    global _VERSION
    _VERSION = version_of(_PACKAGE)
    for forget in _MADE:
        forget()


def folders() -> Iterator[Path]:
    """Where tables may lie, the best place first; nowhere where the package's own files cannot be read."""
    if _VERSION is None:
        return
    yield _PACKAGE / "__pycache__"
    with suppress(RuntimeError):  # nobody's home is known
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "crm-etl" / "tables"


def _file(name: str) -> str:
    return f"{name}.{_VERSION}.table"


def version_of(package: Path) -> str | None:
    """What tells these contents of ``package``, and what else tables hang on; None where it has no files."""
    told = blake2b(f"{sys.version}\n{np.__version__}\n{crm_etl.__version__}\n".encode(), digest_size=8)
    paths = sorted(path for path in package.rglob("*") if path.suffix in _SOURCES)
    for path in paths:
        content = path.read_bytes()
        told.update(f"{path.relative_to(package)}:{len(content)}\n".encode() + content)
    return told.hexdigest() if paths else None


#: Taken when the package is imported: whoever replaces its files meanwhile has tables made by the code that runs.
_VERSION = version_of(_PACKAGE)


def _read(path: Path, *, trusted: bool) -> tuple[Any] | None:
    """The table in a file, in a tuple of one; None where there is none, or none that can be relied on.

    Unpickling runs what a file says: beyond the ``trusted`` package, only a file is read that nobody else can write.
    """
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not trusted and hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
                return None
            digest, content = file.read(_DIGEST), file.read()
    except OSError:
        return None
    return (pickle.loads(content),) if blake2b(content, digest_size=_DIGEST).digest() == digest else None


def _write(folder: Path, name: str, table: object) -> None:
    """In one step, so that no other process reads half of it, and only if the package's files are still those of this
    version: looked at when all else is done, so that it costs nothing where nothing can be written. Tables of other
    versions leave."""
    folder.mkdir(parents=True, exist_ok=True)
    content = pickle.dumps(table, protocol=pickle.HIGHEST_PROTOCOL)
    descriptor, part = tempfile.mkstemp(dir=folder, prefix=f"{name}.", suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(blake2b(content, digest_size=_DIGEST).digest() + content)
        Path(part).chmod(0o644)
        if version_of(_PACKAGE) == _VERSION:
            Path(part).replace(folder / _file(name))
    finally:
        Path(part).unlink(missing_ok=True)
    for other in folder.glob("*.table"):
        if not other.name.endswith(f".{_VERSION}.table"):
            other.unlink(missing_ok=True)
