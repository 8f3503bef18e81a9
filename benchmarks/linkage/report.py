"""The findings as tables: what each contestant used and how good it was, and what that is beside ours.

A finding is a plain dictionary, the one that ``--json`` writes; the tables show it and add nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

Findings = dict[str, Any]
_LEAST_WIDTH = 118
#: Measure -> how it is read from a contestant's findings, and shown.
_ROWS: dict[str, Callable[[Findings], str]] = {
    "wall time, s": lambda one: f"{one['usage']['wall']:.1f}",
    "processor time, s": lambda one: f"{one['usage']['cpu']:.1f}",
    "peak memory, MB": lambda one: f"{one['usage']['memory'] / 1e6:,.0f}",
    "pairs compared": lambda one: f"{one['pairs']:,}",
    "pair precision": lambda one: f"{one['quality']['pairs']['precision']:.4f}",
    "pair recall": lambda one: f"{one['quality']['pairs']['recall']:.4f}",
    "pair F1": lambda one: f"{one['quality']['pairs']['f1']:.4f}",
    "true pairs found": lambda one: f"{one['quality']['pairs']['right']:,}",
    "pair F1 at the best threshold": lambda one: f"{one['quality']['best']['f1']:.4f}",
    "pairwise F1 of clusters": lambda one: f"{one['quality']['pairwise']['f1']:.4f}",
    "cluster F1": lambda one: f"{one['quality']['cluster']['f1']:.4f}",
    "cluster F1, best components": lambda one: f"{one['quality']['components']['f1']:.4f}",
    "B-cubed F1": lambda one: f"{one['quality']['b_cubed']['f1']:.4f}",
}
_RATIOS = {
    "time": "{:.1f} times our wall time",
    "cpu": "{:.1f} times our processor time",
    "memory": "{:.2f} times our memory",
    "true_pairs": "{:.3f} times our true pairs",
    "pair_f1": "pair F1 {:+.4f} to ours",
    "cluster_f1": "cluster F1 {:+.4f} to ours",
}


def ratios(ours: Findings, peer: Findings) -> dict[str, float]:
    """What ``peer`` used in multiples of ours, and how much better its F1 is."""

    def quality(of: str, measure: str) -> tuple[float, float]:
        return peer["quality"][of][measure], ours["quality"][of][measure]

    def share(pair: tuple[float, float]) -> float:
        return pair[0] / pair[1] if pair[1] else float("inf")

    def difference(pair: tuple[float, float]) -> float:
        return pair[0] - pair[1]

    return {
        "time": share((peer["usage"]["wall"], ours["usage"]["wall"])),
        "cpu": share((peer["usage"]["cpu"], ours["usage"]["cpu"])),
        "memory": share((peer["usage"]["memory"], ours["usage"]["memory"])),
        "true_pairs": share(quality("pairs", "right")),
        "pair_f1": difference(quality("pairs", "f1")),
        "cluster_f1": difference(quality("cluster", "f1")),
    }


def show(found: Findings) -> None:
    """Print all tables."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=_LEAST_WIDTH)
    for measured in found["results"]:
        console.print(_contest(measured))
        for line in _lines(measured):
            console.print(line, soft_wrap=True, markup=False)
        console.print()
    if found["febrl"]:
        console.print(_febrl(found["febrl"]))
    if len(found["results"]) > 1:
        console.print(_growth(found["results"]))
    for name, why in found["left_out"].items():
        console.print(f"left out: {name}, {why}", soft_wrap=True, markup=False)


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place else "left", style="bold" if place == 1 else "")
    return table


def _contest(measured: Findings) -> Table:
    title = f"{measured['set']}: {measured['records']:,} records, {measured['true']:,} true pairs"
    table = _table(title, ("", *(one["name"] for one in measured["contestants"])))
    for label, cell in _ROWS.items():
        table.add_row(label, *(cell(one) for one in measured["contestants"]))
    return table


def _lines(measured: Findings) -> list[str]:
    lines = []
    for one in measured["contestants"]:
        stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in one["stages"].items())
        runs = ", ".join(f"{seconds:.1f}" for seconds in one["walls"])
        lines.append(f"{one['name']}: {stages} s; wall time of each run: {runs} s")
    for name, found in measured["ratios"].items():
        lines.append(f"{name}: " + ", ".join(text.format(found[key]) for key, text in _RATIOS.items()))
    return lines


def _febrl(found: Sequence[Findings]) -> Table:
    columns = ("", "pair precision", "pair recall", "pair F1", "cluster F1", "wall time, s", "peak memory, MB")
    table = _table("FEBRL, one mapping for all", columns)
    for one in found:
        pairwise, cluster, usage = one["quality"]["pairwise"], one["quality"]["cluster"], one["usage"]
        figures = [f"{pairwise[measure]:.4f}" for measure in ("precision", "recall", "f1")]
        used = (f"{usage['wall']:.1f}", f"{usage['memory'] / 1e6:,.0f}")
        table.add_row(one["set"], *figures, f"{cluster['f1']:.4f}", *used)
    return table


def _growth(results: Sequence[Findings]) -> Table:
    """Microseconds of processor and wall time for each record, by set and size."""
    table = _table("Cost of one record, microseconds", ("", "records", "contestant", "wall", "processor"))
    for measured in sorted(results, key=lambda one: (one["set"], one["records"])):
        for one in measured["contestants"]:
            each = [f"{one['usage'][kind] / measured['records'] * 1e6:.1f}" for kind in ("wall", "cpu")]
            table.add_row(measured["set"], f"{measured['records']:,}", one["name"], *each)
    return table
