"""Progress of long work, injected so that no stage knows who watches.

:class:`NullProgress` for library use, :class:`RichProgress` for the terminal, :class:`LogProgress` for any
logger (Dagster's, say). Labels name sources and stages, never people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.progress import Progress as RichBar


class Task(Protocol):
    """One piece of long work under way."""

    def advance(self, steps: int = 1) -> None: ...


class Progress(Protocol):
    """Opens tasks. ``total`` is None where the amount of work is unknown."""

    def task(self, label: str, total: int | None = None) -> AbstractContextManager[Task]: ...


class _SilentTask:
    def advance(self, steps: int = 1) -> None:
        return None


class NullProgress:
    """Shows nothing."""

    @contextmanager
    def task(self, label: str, total: int | None = None) -> Iterator[Task]:
        yield _SilentTask()


class LogProgress:
    """Says when a task begins and ends, through ``say`` (for example a logger's ``info``)."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say

    @contextmanager
    def task(self, label: str, total: int | None = None) -> Iterator[Task]:
        self._say(f"{label}: begins")
        yield _SilentTask()
        self._say(f"{label}: done")


class _RichTask:
    def __init__(self, bar: RichBar, label: str, total: int | None) -> None:
        self._bar = bar
        self._id = bar.add_task(label, total=total)

    def advance(self, steps: int = 1) -> None:
        self._bar.advance(self._id, steps)

    def finish(self) -> None:
        self._bar.remove_task(self._id)


class RichProgress:
    """A bar a task on standard error; use as a context manager around the whole run."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )

    def __enter__(self) -> RichProgress:
        self._bar.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._bar.stop()

    @contextmanager
    def task(self, label: str, total: int | None = None) -> Iterator[Task]:
        task = _RichTask(self._bar, label, total)
        try:
            yield task
        finally:
            task.finish()
