"""The state folder of a migration, and how the stages' results rest in it.

A stage returns a *bundle*: a frozen dataclass whose fields are frames (``pandas.DataFrame``) or plain JSON
values (dict, list, str, int, float, bool, None). :meth:`State.write` lays each frame down as Parquet and the
rest as JSON, atomically, under the stage's asset key (``raw/shop``); :meth:`State.read` gives the bundle back.
Beside it stands of what it was made, so that :meth:`State.replaced` tells what no longer fits together.
Several processes may write and read at once: a lock for each key keeps them apart, and dies with its process.
Paths of everything else in the folder (reports, plans, models, Dagster's home) are named here and only here.
"""

from __future__ import annotations

import dataclasses
import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from crm_etl.faults import StateFault, Where
from crm_etl.migration import Migration

FOLDER = ".crm-etl"
_VALUES = "values.json"
_MADE_OF = "made-of.json"
#: Between the name of a bundle and what is beside it; no source's name holds it.
_MARK = "~"
_LIST = pa.list_(pa.string())
Bundle = TypeVar("Bundle")


@dataclasses.dataclass(frozen=True)
class State:
    """The state folder at ``root``; made when first written to."""

    root: Path

    @classmethod
    def of(cls, migration: Migration) -> State:
        return cls(migration.root / FOLDER)

    @property
    def reports(self) -> Path:
        return self._folder("reports")

    @property
    def plans(self) -> Path:
        return self._folder("plans")

    @property
    def dagster_home(self) -> Path:
        return self._folder("dagster")

    @property
    def history(self) -> Path:
        return self._folder("history")

    def _folder(self, name: str) -> Path:
        path = self.root / name
        path.mkdir(parents=True, exist_ok=True)
        ignore = self.root / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
        return path

    def write(self, key: str, bundle: Any, made_of: Iterable[str] = ()) -> None:
        """Lay ``bundle`` down under ``key``, replacing what stood there in one step.

        ``made_of``: keys of the results that it was made of, as they rest now; see :meth:`replaced`.
        """
        home = self._folder("frames") / key
        home.parent.mkdir(parents=True, exist_ok=True)
        digests = {name: self._digest(name) for name in made_of}
        with _locked(self._lock(key)):
            for left in home.parent.glob(f".{home.name}{_MARK}*"):  # by a process that was killed while it wrote
                shutil.rmtree(left)
            _replace(home, bundle, digests)

    def replaced(self, key: str) -> list[str]:
        """The results that the one under ``key`` was made of and that are others now; none where none were noted."""
        path = self.root / "frames" / key / _MADE_OF
        try:
            made_of: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return []
        return [name for name, digest in made_of.items() if self._digest(name) != digest]

    def _digest(self, key: str) -> str:
        """A hash of the frames under ``key``: the same as long as they hold the same."""
        digest = hashlib.sha256()
        with _locked(self._lock(key), shared=True):
            for frame in sorted((self.root / "frames" / key).glob("*.parquet")):
                with frame.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    def _lock(self, key: str) -> Path:
        return self._folder("locks") / key.replace("/", _MARK)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keeps a second run of the command line out while this one lasts.

        Raises:
            StateFault: another one is at work.
        """
        with _locked(self._folder("locks") / "run", wait=False) as free:
            if not free:
                raise StateFault(
                    "another run is at work on this migration",
                    where=Where(str(self.root)),
                    remedy="wait until it ends and run again",
                )
            yield

    def read(self, key: str, kind: type[Bundle]) -> Bundle:
        """The bundle that was written under ``key``.

        Raises:
            StateFault: the stage has not run yet, or ran in another version of the program.
        """
        home = self.root / "frames" / key
        if not home.parent.exists():
            return self._read(key, home, kind)
        with _locked(self._lock(key), shared=True):
            return self._read(key, home, kind)

    def _read(self, key: str, home: Path, kind: type[Bundle]) -> Bundle:
        if not (home / _VALUES).exists():
            raise StateFault(
                f"no result of '{key}' yet", where=Where(str(home)), remedy="run the stage first: crm-etl dry-run"
            )
        try:
            return self._unpacked(key, home, kind)
        except (ValueError, TypeError, AttributeError, OSError):  # Arrow's complaints are ValueErrors and OSErrors
            raise StateFault(
                f"the result of '{key}' is damaged",
                where=Where(str(home)),
                remedy="run it again, in full: crm-etl dry-run",
            ) from None

    def _unpacked(self, key: str, home: Path, kind: type[Bundle]) -> Bundle:
        values = json.loads((home / _VALUES).read_text(encoding="utf-8"))
        fields: dict[str, Any] = {}
        for field in dataclasses.fields(kind):  # type: ignore[arg-type]
            frame = home / f"{field.name}.parquet"
            if frame.exists():
                fields[field.name] = read_frame(frame)
            elif field.name in values:
                fields[field.name] = values[field.name]
            else:
                raise StateFault(
                    f"the result of '{key}' is of another version: it has no '{field.name}'",
                    where=Where(str(home)),
                    remedy="run it again: crm-etl dry-run",
                )
        return kind(**fields)

    def remember(self, source: str, as_: str, layout: dict[str, Any]) -> None:
        """Keep what ``source`` looks like (:mod:`crm_etl.extract.contract`) in place of what was kept ``as_``:
        ``seen`` at the last reading, or ``held``, what later deliveries are held against."""
        path = self._layout(source, as_)
        with _locked(self._lock(f"layout/{source}")):
            fresh = path.with_suffix(".new")
            fresh.write_text(json.dumps(layout, ensure_ascii=False, indent=1), encoding="utf-8")
            fresh.replace(path)

    def remembered(self, source: str, as_: str) -> dict[str, Any] | None:
        """What is known of ``source`` ``as_`` (see :meth:`remember`); None where nothing is.

        Raises:
            StateFault: the memory is damaged.
        """
        path = self.root / "layouts" / f"{source}.{as_}.json"
        try:
            layout: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError:
            raise StateFault(
                "the remembered layout of a source is damaged",
                where=Where(str(path)),
                remedy=f"take the present one: crm-etl accept {source}",
            ) from None
        return layout

    def _layout(self, source: str, as_: str) -> Path:
        return self._folder("layouts") / f"{source}.{as_}.json"

    def find(self, key: str, name: str, column: str, values: list[str]) -> pd.DataFrame:
        """The rows of the frame ``name`` under ``key`` whose ``column`` is one of ``values``; the others are not kept
        in memory. No rows and no columns where there is no such frame."""
        path = self.root / "frames" / key / f"{name}.parquet"
        if not values or not path.exists():
            return pd.DataFrame()
        with _locked(self._lock(key), shared=True):
            return read_frame(path, [(column, "in", values)])

    def has(self, key: str) -> bool:
        return (self.root / "frames" / key / _VALUES).exists()


@contextmanager
def _locked(path: Path, *, shared: bool = False, wait: bool = True) -> Iterator[bool]:
    """The lock file at ``path`` held; gives whether it is, which only without ``wait`` can fail."""
    with path.open("a") as file:
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True


def _replace(home: Path, bundle: Any, made_of: dict[str, str]) -> None:
    """Lays ``bundle`` down beside ``home`` and then moves it there: a reader finds the old one or the new one."""
    fresh = Path(tempfile.mkdtemp(prefix=f".{home.name}{_MARK}", dir=home.parent))
    values: dict[str, Any] = {}
    for field in dataclasses.fields(bundle):
        value = getattr(bundle, field.name)
        if isinstance(value, pd.DataFrame):
            write_frame(value, fresh / f"{field.name}.parquet")
        else:
            values[field.name] = value
    (fresh / _VALUES).write_text(json.dumps(values, ensure_ascii=False, indent=1), encoding="utf-8")
    if made_of:
        (fresh / _MADE_OF).write_text(json.dumps(made_of, indent=1), encoding="utf-8")
    if not home.exists():
        fresh.replace(home)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{home.name}{_MARK}old-", dir=home.parent))
    home.replace(old / "was")
    fresh.replace(home)
    shutil.rmtree(old)


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """``frame`` as Parquet at ``path``; list columns keep their type even when all lists are empty."""
    arrays: list[pa.Array] = []
    for name in frame.columns:
        column = frame[name]
        if column.dtype == object:
            arrays.append(pa.array(column.tolist(), type=_LIST))
        else:
            arrays.append(pa.Array.from_pandas(column))
    table = pa.Table.from_arrays(
        [array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array for array in arrays],
        names=[str(name) for name in frame.columns],
    )
    pq.write_table(table, path, compression="zstd")


def read_frame(path: Path, filters: list[tuple[str, str, Any]] | None = None) -> pd.DataFrame:
    """The frame that :func:`write_frame` laid down, with the dtypes of :mod:`crm_etl.schema`.

    ``filters``: as pyarrow's ``read_table`` takes them; only rows that pass are read.
    """
    table = pq.read_table(path, filters=filters)
    return pd.DataFrame({name: _column(table.column(name)) for name in table.column_names})


def _column(values: pa.ChunkedArray) -> Any:
    if pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
        cells = np.empty(len(values), dtype=object)
        for position, cell in enumerate(values.to_pylist()):
            cells[position] = [] if cell is None else cell
        return cells
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return pd.array(values, dtype="string[pyarrow]")
    if pa.types.is_int64(values.type):
        return pd.array(values.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get))
    if pa.types.is_boolean(values.type):
        return values.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get).array
    return values.to_numpy()


def open_migration(folder: Path | None) -> Path:
    """The migration folder that a person means: the one given, else this one, else the only one below it.

    Raises:
        StateFault: there is none, or there are several.
    """
    here = Path.cwd() if folder is None else folder
    if folder is not None or (here / "migration.yaml").exists():
        return here
    below = sorted(path.parent for path in here.glob("*/migration.yaml"))
    if len(below) == 1:
        return below[0]
    if below:
        raise StateFault(
            f"several migrations here: {', '.join(path.name for path in below)}", remedy="choose one with -C DIR"
        )
    raise StateFault(
        "no migration here",
        where=Where(str(here)),
        remedy="make one with: crm-etl init DIR (or an example with: crm-etl demo), or name its folder with -C DIR",
    )
