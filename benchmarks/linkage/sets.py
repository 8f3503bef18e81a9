"""The sets of records: made once, kept in a folder outside the repository, the same whenever they are made.

A set is a Parquet file of party rows (:data:`crm_etl.schema.PARTY`) and a CSV file of the truth (source, key, entity).
The folder is ``CRM_ETL_BENCH_DIR``, by default ``~/.cache/crm-etl/bench``.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.linkage import latin
from crm_etl import migration, pipeline, schema
from crm_etl.demo import generate
from crm_etl.faults import Fault
from crm_etl.progress import NullProgress


@dataclass(frozen=True)
class RecordSet:
    """Records and what is true of them."""

    name: str
    size: int
    parties: Path
    truth: Path


def cache() -> Path:
    """The folder of made sets."""
    return Path(os.environ.get("CRM_ETL_BENCH_DIR") or Path.home() / ".cache" / "crm-etl" / "bench")


def prepare(name: str, size: int) -> RecordSet:
    """The set ``name`` (demo or latin) of about ``size`` records, made now if it was not made before.

    Raises:
        Fault: there is no such set.
    """
    if name not in _MAKERS:
        raise Fault(f"there is no set '{name}'", remedy=f"choose among: {', '.join(sorted(_MAKERS))}")
    folder = cache() / f"{name}-{size}"
    made = RecordSet(name, size, folder / "parties.parquet", folder / "truth.csv")
    if not folder.exists():
        part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        _MAKERS[name](size, part)
        part.rename(folder)
    return made


def _latin(size: int, folder: Path) -> None:
    latin.write(size, folder / "parties.parquet", folder / "truth.csv")


def _demo(size: int, folder: Path) -> None:
    """The client records of the demo company, normalized as a run does it."""
    company = folder / "company"
    generate(company, size)
    declared = migration.load(company)
    parts = []
    for source in declared.client_sources:
        delivered = pipeline.raw(declared, source, NullProgress())
        parts.append(pipeline.party(declared, source, delivered, NullProgress()).rows)
    pipeline.stack(parts, schema.PARTY).to_parquet(folder / "parties.parquet", index=False)
    shutil.move(company / "truth.csv", folder / "truth.csv")
    shutil.rmtree(company)


_MAKERS: dict[str, Callable[[int, Path], None]] = {"demo": _demo, "latin": _latin}
