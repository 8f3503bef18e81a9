"""How every command answers: exit codes, faults as a short text, ``--json`` as one document on standard output.

Exit codes: 0 fine, 1 differences or failed checks, 2 could not run. Which commands there are: :mod:`crm_etl.cli`.
"""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crm_etl.faults import Fault, Where

if TYPE_CHECKING:
    from crm_etl.migration import Migration
    from crm_etl.progress import Progress

FINE, DIFFERENCES, COULD_NOT_RUN = 0, 1, 2
_REMEDIES = {
    errno.EACCES: "give your user the right to it",
    errno.EPERM: "give your user the right to it",
    errno.EROFS: "the file system is read only: use another folder",
    errno.ENOSPC: "the disk is full: make room and run again",
    errno.EDQUOT: "your quota of disk space is used up: make room and run again",
}


class Guarded(click.Group):
    """A group whose commands answer faults with a short text and their exit code, never a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Fault as fault:
            _answer(ctx, fault)
        except BrokenPipeError:
            raise
        except OSError as error:
            _answer(ctx, _refused(error))


def _answer(ctx: click.Context, fault: Fault) -> None:
    from crm_etl import show

    show.fault(fault, as_json=bool(ctx.find_root().meta.get("json")))
    ctx.exit(fault.exit_code)


def _refused(error: OSError) -> Fault:
    """What the machine refused, wherever it happened: no right, no space, no such folder."""
    remedy = _REMEDIES.get(error.errno or 0, "look at the file or folder; nothing half done is taken for whole")
    where = None if error.filename is None else Where(str(error.filename))
    return Fault(f"the machine refuses: {error.strerror or type(error).__name__}", where=where, remedy=remedy)


def machine(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--json``: the result as one JSON document on standard output, nothing else."""

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON document for machines.")
    @wraps(command)
    def with_json(*args: Any, as_json: bool, **kwargs: Any) -> Any:
        click.get_current_context().find_root().meta["json"] = as_json
        return command(*args, as_json=as_json, **kwargs)

    return with_json


def emit(result: dict[str, Any]) -> None:
    click.echo(json.dumps(result, ensure_ascii=False, indent=2))


def opened(folder: Path | None) -> Migration:
    """The migration that a person means; see :func:`crm_etl.storage.open_migration`."""
    from crm_etl import migration
    from crm_etl.storage import open_migration

    return migration.load(open_migration(folder))


@contextmanager
def watched(as_json: bool) -> Iterator[Progress]:
    """Progress bars on a terminal; nothing for machines."""
    from crm_etl.progress import NullProgress, RichProgress

    if as_json or not sys.stderr.isatty():
        yield NullProgress()
    else:
        with RichProgress() as bars:
            yield bars
