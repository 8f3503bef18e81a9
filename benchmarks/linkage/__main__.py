"""The command: prepares the sets, runs every contestant on them in a process of its own, prints the tables."""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import click
import pandas as pd

from benchmarks import process
from benchmarks.linkage import febrl, quality, report, sets
from benchmarks.linkage.contestants import OURS, PEERS, Contestant, Task
from benchmarks.linkage.sets import RecordSet
from benchmarks.process import Usage
from crm_etl.faults import Fault

_SETS = ("demo", "latin", "febrl")
#: Records of the demo that everybody links before anything is measured.
_FEW = 1000
_PACKAGES = ("crm-etl", "splink", "duckdb", "recordlinkage", "numpy", "numba", "pandas")


@click.command()
@click.option(
    "--size", "sizes", multiple=True, type=click.IntRange(100), help="Records of a set; repeatable [default: 100000]."
)
@click.option(
    "--set", "names", multiple=True, type=click.Choice(_SETS), help="Set of records; repeatable [default: all]."
)
@click.option("--peers", default=",".join(PEERS), show_default=True, help="Others to run; '' for none.")
@click.option("--runs", default=1, show_default=True, type=click.IntRange(1), help="Runs; the median time is told.")
@click.option(
    "--random-pairs",
    default=1_000_000,
    show_default=True,
    type=click.IntRange(1000),
    help="Random pairs on which everybody counts u.",
)
@click.option("--threads", default=os.cpu_count() or 1, show_default="all cores", type=click.IntRange(1))
@click.option(
    "--json", "json_path", type=click.Path(path_type=Path, dir_okay=False), help="Write the findings as JSON."
)
def main(
    sizes: tuple[int, ...],
    names: tuple[str, ...],
    peers: str,
    runs: int,
    random_pairs: int,
    threads: int,
    json_path: Path | None,
) -> None:
    """Measure how well, how fast and in how much memory records are linked, beside other programs."""
    try:
        chosen = _peers(peers)
        found = _findings(sizes or (100_000,), names or _SETS, chosen, runs, random_pairs, threads)
    except Fault as fault:
        click.echo(f"error: {fault}", err=True)
        sys.exit(fault.exit_code)
    if json_path is not None:
        json_path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    report.show(found)


def _peers(text: str) -> list[Contestant]:
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    unknown = sorted(set(wanted) - set(PEERS))
    if unknown:
        raise Fault(f"no such peers: {', '.join(unknown)}", remedy=f"choose among: {', '.join(PEERS)}")
    return [PEERS[name] for name in wanted]


def _findings(
    sizes: Sequence[int], names: Sequence[str], peers: Sequence[Contestant], runs: int, random_pairs: int, threads: int
) -> report.Findings:
    found: report.Findings = {"machine": _machine(threads), "results": [], "febrl": [], "left_out": {}}
    found["left_out"] = {peer.name: f"not installed: {', '.join(peer.missing)}" for peer in peers if peer.missing}
    able = [OURS, *(peer for peer in peers if not peer.missing)]
    with tempfile.TemporaryDirectory(prefix="crm-etl-bench-") as temporary:
        _warm(able, Path(temporary), threads)
        for name in names:
            if name == "febrl":
                found["febrl"] = [febrl.measure(number, Path(temporary) / f"febrl{number}") for number in febrl.SETS]
                continue
            for size in sizes:
                fit = [one for one in able if one.most is None or size <= one.most]
                for one in (one for one in able if one not in fit):
                    found["left_out"][f"{one.name} on {name} {size:,}"] = f"more than the {one.most:,} that it can bear"
                found["results"].append(
                    contest(sets.prepare(name, size), fit, Path(temporary), runs, random_pairs, threads)
                )
    return found


def _warm(contestants: Sequence[Contestant], temporary: Path, threads: int) -> None:
    """Let everybody link a few records first, unmeasured: what is compiled once after an installation is compiled."""
    few = sets.prepare("demo", _FEW)
    for one in contestants:
        task = Task(few.parties, temporary / "warm" / one.name, 10_000, threads)
        task.folder.mkdir(parents=True)
        process.run(one.command(task), task.folder / "log.txt")


def contest(
    records: RecordSet, contestants: Sequence[Contestant], temporary: Path, runs: int, random_pairs: int, threads: int
) -> report.Findings:
    """Run all ``contestants``, ours first, in turns on one set of records, and measure what they did."""
    known = quality.truth(records.parties, records.truth)
    usages: dict[str, list[Usage]] = {one.name: [] for one in contestants}
    tasks = {
        one.name: Task(records.parties, temporary / records.name / str(records.size) / one.name, random_pairs, threads)
        for one in contestants
    }
    for _ in range(runs):
        for one in contestants:
            task = tasks[one.name]
            shutil.rmtree(task.folder, ignore_errors=True)
            task.folder.mkdir(parents=True)
            usages[one.name].append(process.run(one.command(task), task.folder / "log.txt"))
    measured = [_measured(one, tasks[one.name], usages[one.name], known) for one in contestants]
    return {
        "set": records.name,
        "records": len(known),
        "true": measured[0]["quality"]["pairs"]["true"],
        "random_pairs": random_pairs,
        "contestants": measured,
        "ratios": {one["name"]: report.ratios(measured[0], one) for one in measured[1:]},
    }


def _measured(contestant: Contestant, task: Task, usages: Sequence[Usage], known: pd.DataFrame) -> dict[str, Any]:
    left = contestant.read(task, known[["source", "key"]])
    usage = Usage(
        statistics.median(one.wall for one in usages),
        statistics.median(one.cpu for one in usages),
        max(one.memory for one in usages),
    )
    return {
        "name": contestant.name,
        "about": contestant.about,
        "usage": usage.row(),
        "walls": [one.wall for one in usages],
        "stages": left.facts["stages"],
        "pairs": left.facts["pairs"],
        "threshold": left.facts["threshold"],
        "quality": quality.measure(left, known),
    }


def _machine(threads: int) -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "threads": threads,
        "memory": memory,
        "versions": {name: _version(name) for name in _PACKAGES},
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    main()
