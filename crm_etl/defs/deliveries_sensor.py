"""The sensor that asks for a dry run when source files or corrections of their rows are new or changed.

Off until somebody turns it on. What is in a database is not watched, but corrections of its rows are.
"""

from __future__ import annotations

import hashlib
import json
import time
from itertools import chain
from pathlib import Path

import dagster as dg

from connectors.delimited.files import locate
from crm_etl import corrections
from crm_etl.defs.jobs import dry_run
from crm_etl.faults import SourceFault
from crm_etl.migration import Migration, SqlSource

#: A file touched more recently than this may still be written.
SETTLED_SECONDS = 10.0
INTERVAL_SECONDS = 60


def sensor(migration: Migration) -> dg.SensorDefinition:
    """Asks for one dry run per state of the source files and corrections, once all files are there and at rest."""
    sources = [source for source in migration.sources if not isinstance(source, SqlSource)]

    @dg.sensor(
        name="new_deliveries",
        job=dry_run,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Rehearses the migration when source files or corrections are new or changed.",
    )
    def new_deliveries(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        found = {source.name: files(migration.root, source.path) for source in sources}
        missing = sorted(name for name, paths in found.items() if not paths)
        if missing:
            return _nothing(context, f"waiting for the files of: {', '.join(missing)}")
        paths = [*chain.from_iterable(found.values()), *files(migration.root, corrections.FILE)]
        if not paths:
            return _nothing(context, "no source is a file, and no row was corrected")
        if time.time() - max(path.stat().st_mtime for path in paths) < SETTLED_SECONDS:
            return _nothing(context, "a file has just been written and may be incomplete")
        seen = fingerprint(paths)
        if seen == context.cursor:
            return _nothing(context, "no file is new or changed")
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=seen)], cursor=seen)

    return new_deliveries


def files(root: Path, path: str) -> list[Path]:
    """The files that are there of a source's ``path``, which may be a pattern."""
    try:
        paths = [root / name for name in locate(root, path)]
    except SourceFault:
        return []
    return [path for path in paths if path.is_file()]


def fingerprint(paths: list[Path]) -> str:
    """A hash of path, size and modification time of the files: equal while none of them is touched."""
    stats = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(paths)]
    return hashlib.sha256(json.dumps(stats).encode()).hexdigest()


def _nothing(context: dg.SensorEvaluationContext, why: str) -> dg.SensorResult:
    return dg.SensorResult(skip_reason=why, cursor=context.cursor)
