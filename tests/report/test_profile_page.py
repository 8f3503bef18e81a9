"""The page of the inventory: complete in itself, drawn, and never running what a source delivered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm_etl.profile import subjects, take_inventory
from crm_etl.report import charts
from crm_etl.report.profile import language, render
from tests.report.test_pages import EVIL

HEADER = 'id;имя;Телефон;Почта;"<b>Создан";Сумма'


@pytest.fixture
def figures(tmp_path: Path) -> dict[str, Any]:
    rows = [
        f'{n};Иванов Пётр;8916200{n // 9:04};u{n}@mail.ru;{1 + n % 28:02}.03.20{10 + n % 9};"{n},50"' for n in range(80)
    ]
    (tmp_path / "a.csv").write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    return take_inventory(subjects.of_places([str(tmp_path / "a.csv")], tmp_path), tmp_path, "m", EVIL).figures


def test_the_page_needs_nothing_and_runs_nothing(figures: dict[str, Any]) -> None:
    page = render(figures)
    assert "<script" not in page
    assert "<img" not in page
    assert "url(" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "&lt;b&gt;Создан" in page
    assert "<b>Создан" not in page


def test_growth_lengths_and_sharing_are_drawn(figures: dict[str, Any]) -> None:
    page = render(figures)
    assert page.count("<svg") >= 8
    for title in ("Records about clients by month", "Lengths of Почта", "Values of phones that several rows share"):
        assert title in page
    assert "shared by 6 rows or more" in page


def test_samples_are_shown_where_they_are_given(figures: dict[str, Any]) -> None:
    page = render(figures, {"a": {"имя": ["Секретов", EVIL], "": ["cp1251: строка"]}})
    assert "Секретов" in page
    assert "cp1251: строка" in page
    assert EVIL not in page
    assert "personal data" in page
    assert "Секретов" not in render(figures)


def test_a_timeline_has_a_bar_a_period_and_ends_at_the_sum() -> None:
    drawn = str(charts.timeline([("2020-01", 2), ("2020-02", 0), ("2020-03", 5)], "t"))
    assert drawn.count("<rect") == 3
    assert ">7</text>" in drawn
    assert ">2020</text>" in drawn
    assert str(charts.timeline([], "t")) == ""


def test_parts_leave_out_what_is_nothing() -> None:
    drawn = str(charts.parts([("valid", 3, "ok"), ("none", 0, "bad")], "t"))
    assert "valid 3" in drawn
    assert "none" not in drawn


def test_histograms_show_each_bin() -> None:
    assert str(charts.histogram([(1, 2, 4), (3, 4, 0)], "t")).count("<rect") == 2


def test_languages_have_names() -> None:
    assert (language("uk"), language("xx")) == ("Ukrainian", "xx")
