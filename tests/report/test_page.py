from __future__ import annotations

import xml.etree.ElementTree as ET
from decimal import Decimal

import pytest

from crm_etl.report.charts import bar_chart, line_chart
from crm_etl.report.page import aligned, number, percent, script


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1234567, "1 234 567"),
        (-1234.5, "−1 234.5"),
        ("1234.50", "1 234.50"),
        (Decimal("-0.10"), "−0.10"),
        (None, "–"),
        (float("nan"), "–"),
        ("no such line", "no such line"),
        (0, "0"),
    ],
)
def test_numbers_are_grouped_and_exact(value: object, shown: str) -> None:
    assert number(value).replace("\N{NARROW NO-BREAK SPACE}", " ") == shown


def test_percentages_never_claim_all_or_nothing() -> None:
    assert [percent(share) for share in (1.0, 0.99999, 0.5, 0.00001, 0.0)] == [
        "100.0 %",
        ">99.9 %",
        "50.0 %",
        "<0.1 %",
        "0.0 %",
    ]
    assert percent(None) == "–"


@pytest.mark.parametrize(
    ("figures", "shown"),
    [
        (["56707.10", "56707.1", "0.00"], ["56707.10", "56707.10", "0.00"]),
        (["-1", None, "-1.5"], ["-1.0", None, "-1.5"]),
        (["5", "4", "1"], ["5", "4", "1"]),
        (["n/a", "1.25"], ["n/a", "1.25"]),
        ([None, None], [None, None]),
    ],
)
def test_figures_of_one_line_have_the_same_digits(figures: list[str | None], shown: list[str | None]) -> None:
    assert aligned(figures) == shown


def test_scripts_have_names() -> None:
    assert [script(code) for code in ("Arab", "Geor", "Zyyy", "Thai")] == [
        "Persian/Arabic",
        "Georgian",
        "digits, signs",
        "Thai",
    ]


def test_charts_are_well_formed_and_escape_their_labels() -> None:
    bars = ET.fromstring(str(bar_chart([("<b> & علی", 3, "bad"), ("none", 0, "")], 'a "title"')))
    assert next(text.text for text in bars.iter("text")) == "<b> & علی"
    widths = [float(rect.attrib["width"]) for rect in bars.iter("rect")]
    assert widths[0] > widths[1] == 0
    line = ET.fromstring(str(line_chart([5, 0, 2], "run")))
    assert len(list(line.iter("circle"))) == 3
    assert str(line_chart([], "none")) == ""
