"""The linkage model for the people who must trust it: what it learned, how surely, and what it makes of the pairs.

Figures come from :mod:`crm_etl.match.diagnostics`; no record and no value is shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from crm_etl.match.diagnostics import Figures
from crm_etl.report.charts import columns, curves, line_chart, weight_chart
from crm_etl.report.exports import write_json
from crm_etl.report.page import render_template

_TITLES = {"person": "Persons", "organization": "Organizations"}


def write(figures: Figures, folder: Path, title: str, document: dict[str, Any]) -> list[Path]:
    """Lay the page (``model.html``), its figures (``model-figures.json``), and the model itself down in ``folder``.

    ``document``: the model as a later run can be told to score by (``model.json``).
    """
    page = folder / "model.html"
    comparisons = [comparison for kind in figures["kinds"] for comparison in kind["comparisons"]]
    most = max([1.0, *(abs(bits) for comparison in comparisons for _, bits in _bars(comparison))])
    kinds = [_drawn(kind, most) for kind in figures["kinds"]]
    page.write_text(render_template("model.html", title=title, kinds=kinds, figures=figures), encoding="utf-8")
    return [page, write_json(figures, folder / "model-figures.json"), write_json(document, folder / "model.json")]


def _drawn(kind: Figures, most: float) -> dict[str, Any]:
    """A kind with its charts; ``most``: bits of the longest bar of weights, which have one scale all over the page."""
    return {
        **kind,
        "title": _TITLES[kind["kind"]],
        "convergence": line_chart([round(turn["matches"]) for turn in kind["rounds"]], "expected matches by round"),
        "weights": [
            {**comparison, "chart": weight_chart(_bars(comparison), f"weights of {comparison['name']}", most)}
            for comparison in kind["comparisons"]
        ],
        "histogram_chart": columns(
            [(bar["from"], bar["pairs"], bar["matches"]) for bar in kind["histogram"]], "pairs in play by weight"
        ),
        "rarity_charts": [
            {
                "comparison": line["comparison"],
                "chart": curves(line["expected"], line["learned"], f"worth of rare values of {line['comparison']}"),
            }
            for line in kind["rarity"]
        ],
    }


def _bars(comparison: Figures) -> list[tuple[str, float]]:
    return [(level["name"].replace("_", " "), level["weight"]) for level in comparison["levels"]]
