"""How good the linkage is, for the people who sign it: measured against a truth, or what can be said without one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from crm_etl.report.charts import bar_chart
from crm_etl.report.curves import Line as Curve
from crm_etl.report.curves import curve_chart
from crm_etl.report.page import render_template, script

_MEASURES = (
    ("pairwise", "pairs of records"),
    ("cluster", "whole clients"),
    ("b_cubed", "records (B-cubed)"),
    ("across_scripts", "pairs across scripts"),
    ("within_scripts", "pairs within a script"),
)
_BELOW = "match weight from which pairs would be merged, bits"
_TONES = (("precision", "ok"), ("recall", "warn"), ("f1", ""))
_NAMES = {"precision": "precision", "recall": "recall", "f1": "F1"}
Line = dict[str, Any]


def write(figures: Mapping[str, Any], folder: Path, title: str) -> dict[str, Path]:
    """Lay ``evaluation.html`` and ``evaluation.json`` down in ``folder``.

    ``figures``: what :func:`crm_etl.assessment.assess` found; those of a truth may be missing.
    """
    page, document = folder / "evaluation.html", folder / "evaluation.json"
    page.write_text(render_template("evaluation.html", title=title, **context(figures)), encoding="utf-8")
    document.write_text(json.dumps(figures, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return {"evaluation": page, "evaluation figures": document}


def context(figures: Mapping[str, Any]) -> dict[str, Any]:
    """What the page shows."""
    guess = figures["estimates"]
    measured = "pairwise" in figures
    return {
        "measured": measured,
        "cards": _cards(figures["pairwise"] if measured else guess["expected"]),
        "whole": figures["cluster"]["f1"] if measured else None,
        "measures": [_line(words, figures[name]) for name, words in _MEASURES if name in figures],
        "records": figures.get("records"),
        "curve": _curve(figures["curve"]["points"], figures["curve"]["best"]["weight"]) if measured else "",
        "best": figures["curve"]["best"] if measured else None,
        "cuts": figures["cluster_curve"] if measured else [],
        "sources": [_line(name, row) for name, row in _met(figures.get("by_sources", {}))],
        "scripts": [_line(_scripts(name), row) for name, row in _met(figures.get("by_scripts", {}))],
        "blocking": figures["blocking"] if measured else None,
        "rules": _rules(figures["blocking"]["by_rule"]) if measured else [],
        "guess": guess,
        "guessed": _curve(_shares(guess["curve"]), None),
        "captures": [{"kind": kind, **line} for kind, line in guess["blocking"]["estimates"].items()],
        "sizes": bar_chart(
            [(f"{size} {'record' if size == '1' else 'records'}", float(count), "") for size, count in _sizes(guess)],
            "clients by number of records",
        ),
        "people": [line for line in guess["decided"] if line["same"] + line["different"]],
        "remarks": figures["remarks"],
    }


def _cards(row: Mapping[str, Any]) -> list[tuple[str, float]]:
    return [(words, float(row[name])) for name, words in _NAMES.items()]


def _line(name: str, row: Mapping[str, Any]) -> Line:
    return {"name": name, "right": None, "found": None, "true": None, **row}


def _met(groups: Mapping[str, Line]) -> list[tuple[str, Line]]:
    """The groups between which there is a pair, true or found."""
    return [(name, row) for name, row in groups.items() if row["true"] or row["found"]]


def _scripts(name: str) -> str:
    return " and ".join(dict.fromkeys(script(code) for code in name.split(" x ")))


def _curve(points: Sequence[Mapping[str, Any]], mark: float | None) -> Any:
    lines = [
        Curve(_NAMES[name], tone, [(point["weight"], point[name]) for point in points])
        for name, tone in _TONES
        if points and name in points[0]
    ]
    return curve_chart(lines, "precision and recall by threshold", _BELOW, mark)


def _shares(points: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The points at which anything is merged: with nothing found there is no share to show."""
    return [dict(point) for point in points if point["found"]]


def _rules(by_rule: Mapping[str, Mapping[str, Any]]) -> list[Line]:
    lines = [{"name": name, **row} for name, row in by_rule.items()]
    return sorted(lines, key=lambda line: -line["met"])


def _sizes(guess: Mapping[str, Any]) -> list[tuple[str, int]]:
    return list(guess["clusters"]["sizes"].items())
