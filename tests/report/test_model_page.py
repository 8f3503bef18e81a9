"""The page on the linkage model: its figures add up, its charts are SVG, nothing is fetched, no record is shown."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pandas as pd
import pytest

from crm_etl.match import Parties, Scored, score
from crm_etl.match.diagnostics import Figures, diagnose
from crm_etl.report import model
from crm_etl.report.charts import columns, curves, weight_chart
from tests.match.factories import MATCHING, crowd, organization, parties
from tests.report.test_pages import watch


@pytest.fixture(scope="module")
def scored() -> Scored:
    people = crowd(200)[0]
    firms = parties(*(organization(f"o{n}", f"Firm {n // 2}", source=f"s{n % 2}", phones=["+1"]) for n in range(6)))
    return score(Parties(pd.concat([people, firms], ignore_index=True)), MATCHING)


@pytest.fixture(scope="module")
def figures(scored: Scored) -> Figures:
    return diagnose(scored, MATCHING)


def test_figures_add_up(scored: Scored, figures: Figures) -> None:
    assert [kind["kind"] for kind in figures["kinds"]] == ["person", "organization"]
    assert sum(kind["in_play"] for kind in figures["kinds"]) == len(scored.pairs)
    for kind in figures["kinds"]:
        assert sum(bar["pairs"] for bar in kind["histogram"]) == kind["in_play"]
        assert sum(bar["matches"] for bar in kind["histogram"]) == pytest.approx(kind["expected"])
        assert kind["matches"] + kind["review"] <= kind["in_play"] <= kind["compared"]
        for comparison in kind["comparisons"]:
            assert sum(level["m"] for level in comparison["levels"]) == pytest.approx(1, abs=1e-3)
            shown = sum(level["pairs"] for level in comparison["levels"])
            assert shown == pytest.approx(comparison["known"] * kind["compared"])
    person = figures["kinds"][0]
    assert person["rounds"][-1]["moved"] < 1e-3
    assert person["rarity"][0]["comparison"] == "name"
    assert person["matches"] == pytest.approx(person["expected"], rel=0.2)


def test_the_page_opens_offline_and_names_no_record(figures: Figures, tmp_path: Path) -> None:
    page, written, document = model.write(figures, tmp_path, "Demo <company>", {"version": 4})
    seen = watch(page)
    for words in ("Persons", "Organizations", "the same family and given name", "Convergence", "Demo <company>"):
        assert words in seen.text
    assert "+7916" not in page.read_text(encoding="utf-8")
    assert json.loads(written.read_text(encoding="utf-8"))["kinds"][0]["kind"] == "person"
    assert json.loads(document.read_text(encoding="utf-8")) == {"version": 4}


def test_the_page_of_a_rerun_says_what_it_does_not_count(figures: Figures, tmp_path: Path) -> None:
    assert figures["taken_over"] is None
    whole = model.write(figures, tmp_path, "Demo", {})[0].read_text(encoding="utf-8")
    again = model.write(figures | {"taken_over": 1234}, tmp_path, "Demo", {})[0].read_text(encoding="utf-8")
    assert "A rerun" not in whole
    assert "1 234 pairs in play" in again.replace("\u202f", " ").replace("\u00a0", " ").replace(",", " ")


def test_a_model_without_pairs_makes_a_page(tmp_path: Path) -> None:
    empty = score(Parties(parties()), MATCHING)
    assert "How to read this" in watch(model.write(diagnose(empty, MATCHING), tmp_path, "", {})[0]).text


def test_charts_are_well_formed_and_draw_each_item_once() -> None:
    weights = ET.fromstring(weight_chart([("differs", -3.0), ("<same>", 12.5)], "weights"))
    assert [bar.get("class") for bar in weights.iter("rect")] == ["mark bad", "mark ok"]
    assert [text.text for text in weights.iter("text")] == ["differs", "\N{MINUS SIGN}3.0", "<same>", "+12.5"]
    wider, narrower = (
        float(next(ET.fromstring(weight_chart([("same", 5.0)], "weights", most)).iter("rect")).get("width", ""))
        for most in (5.0, 10.0)
    )
    assert wider == pytest.approx(2 * narrower, abs=0.2)
    bars = ET.fromstring(columns([(-2, 4, 1.0), (0, 0, 0.0), (2, 1, 1.0)], "pairs"))
    heights = [float(bar.get("height", "")) for bar in bars.iter("rect")]
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.2)
    assert heights[2:4] == [0.0, 0.0]
    assert len(list(ET.fromstring(curves([0.0, 10.0], [0.0, 8.0], "rarity")).iter("polyline"))) == 1
