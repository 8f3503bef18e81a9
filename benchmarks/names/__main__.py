"""The command: reads or makes the pairs, runs every matcher on them, prints the tables."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.names import matchers, pairs, report, sample, speed
from benchmarks.names.matchers import Matcher
from benchmarks.names.measures import Scores, best_threshold, quality
from benchmarks.names.pairs import Group, Pair
from crm_etl.faults import Fault


@click.command()
@click.option(
    "--pairs",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV file of labelled pairs; README.md tells its layout [default: pairs made from the demo's clients].",
)
@click.option(
    "--size", default=2000, show_default=True, type=click.IntRange(20), help="True pairs to make without a file."
)
@click.option("--all", "everything", is_flag=True, help="Measure all pairs: a file whose entities were in no training.")
@click.option("--others/--no-others", default=True, show_default=True, help="Run the matchers of others too.")
@click.option("--speed/--no-speed", "fast", default=True, show_default=True, help="Measure speed too.")
@click.option("--parse", "names", default=0, type=click.IntRange(0), help="Time the parsing of so many names, too.")
@click.option(
    "--json", "json_path", type=click.Path(path_type=Path, dir_okay=False), help="Write the findings as JSON."
)
@click.option("--markdown", is_flag=True, help="Print the tables as Markdown.")
def main(
    path: Path | None,
    size: int,
    everything: bool,
    others: bool,
    fast: bool,
    names: int,
    json_path: Path | None,
    markdown: bool,
) -> None:
    """Measure how well and how fast names are told alike across scripts, beside other matchers."""
    try:
        known = sample.pairs(size) if path is None else pairs.read(path)
        found = compare(known, everything=everything, others=others, fast=fast)
    except Fault as fault:
        click.echo(f"error: {fault}", err=True)
        sys.exit(fault.exit_code)
    if names:
        seconds, distinct = speed.parse_rate(names)
        found["parse"] = {"names": names, "distinct": distinct, "seconds": seconds}
    if json_path is not None:
        json_path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if markdown:
        click.echo(report.markdown(found))
    else:
        report.show(found)


def compare(
    known: Sequence[Pair], *, everything: bool = False, others: bool = True, fast: bool = True
) -> report.Findings:
    """The findings of every matcher on ``known``.

    Raises:
        Fault: no group of the pairs to be measured holds both true and false ones.
    """
    measured = [place for place, pair in enumerate(known) if everything or pair.unseen]
    groups = pairs.groups([known[place] for place in measured])
    if not groups:
        raise Fault(
            "nothing to measure: no group has true and false pairs of entities that were in no training",
            remedy="give a larger file, or --all if nothing was learned from it",
        )
    rivals, missing = matchers.others() if others else ([], {})
    tuning = _tuning(known, set(measured))
    return {
        "pairs": len(known),
        "unseen": len(measured),
        "tuned": bool(tuning),
        "groups": [group.label for group in groups],
        "matchers": [_run(each, known, measured, tuning, groups, fast) for each in (matchers.Ours(), *rivals)],
        "missing": missing,
        "parse": None,
    }


def _tuning(known: Sequence[Pair], measured: set[int]) -> list[int]:
    """Places of the pairs on which thresholds are chosen: never a measured one."""
    return [place for place, pair in enumerate(known) if place not in measured and pair.tunes]


def _run(
    matcher: Matcher, known: Sequence[Pair], measured: list[int], tuning: list[int], groups: Sequence[Group], fast: bool
) -> dict[str, Any]:
    one_of_each = [known[places[0]] for places in speed.sorts(known).values()]
    _, first = speed.timed(matcher, one_of_each)
    scores, speeds = speed.measured(matcher, known, fast)
    found = {}
    for group in groups:
        places = np.array([measured[place] for place in group.places])
        same = pairs.labels([known[place] for place in places])
        threshold = _threshold(matcher, scores, known, tuning, known[places[0]].kind)
        if threshold is None:
            threshold = best_threshold(scores[places], same)
        found[group.label] = quality(scores[places], same, threshold).row()
    return {
        "name": matcher.name,
        "about": matcher.about,
        "first_call": first,
        "quality": found,
        "speed": [each.row() for each in speeds],
    }


def _threshold(matcher: Matcher, scores: Scores, known: Sequence[Pair], tuning: list[int], kind: str) -> float | None:
    """The threshold fixed beforehand: shipped, else the best on the tuning pairs of that kind; None without such."""
    if matcher.threshold is not None:
        return matcher.threshold
    places = [place for place in tuning if known[place].kind == kind]
    same = pairs.labels([known[place] for place in places])
    return best_threshold(scores[places], same) if same.any() and not same.all() else None


if __name__ == "__main__":
    main()
