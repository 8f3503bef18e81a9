"""Tables made of word lists, kept on disk between processes: making them takes longer than most commands.

They lie beside the byte code of this package, or in the user's cache where that cannot be written; where nothing can,
each process makes its own. They are valid for the very files of the package that they were made from: its code and
lists, by size and time. Numbers of what was learned come ready in files and need no keeping.
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
from typing import TypeVar

Made = TypeVar("Made")

_PACKAGE = Path(__file__).parent
_SOURCES = (".py", ".yml", ".csv", ".json", ".npz")


def kept(make: Callable[[], Made]) -> Callable[[], Made]:
    """``make``, called once for this version of the package; what it makes is not to be changed."""
    name = f"{make.__module__.rpartition('.')[2]}.{make.__name__.strip('_')}"

    @cache
    @wraps(make)
    def made() -> Made:
        for folder in folders():
            with suppress(OSError, EOFError, AttributeError, ImportError, IndexError, pickle.UnpicklingError):
                found: Made = pickle.loads((folder / _file(name)).read_bytes())
                return found
        fresh = make()
        for folder in folders():
            with suppress(OSError):
                _write(folder, name, fresh)
                break
        return fresh

    return made


def folders() -> Iterator[Path]:
    """Where tables may lie, the best place first."""
    yield _PACKAGE / "__pycache__"
    with suppress(RuntimeError):  # nobody's home is known
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "crm-etl" / "tables"


def _file(name: str) -> str:
    return f"{name}.{_version()}.table"


@cache
def _version() -> str:
    """What tells this version of the package and of the interpreter."""
    told = blake2b(sys.version.encode(), digest_size=8)
    for path in sorted(_PACKAGE.rglob("*")):
        if path.suffix in _SOURCES:
            state = path.stat()
            told.update(f"{path.relative_to(_PACKAGE)}:{state.st_size}:{state.st_mtime_ns}\n".encode())
    return told.hexdigest()


def _write(folder: Path, name: str, table: object) -> None:
    """In one step, so that no other process reads half of it; tables of other versions leave."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix=f"{name}.", suffix=".part", delete=False) as file:
        pickle.dump(table, file, protocol=pickle.HIGHEST_PROTOCOL)
    Path(file.name).replace(folder / _file(name))
    for other in folder.glob(f"{name}.*.table"):
        if other.name != _file(name):
            other.unlink(missing_ok=True)
