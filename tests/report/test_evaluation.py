"""The page on how good the linkage is: with a truth, and without one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crm_etl import assessment, migration
from crm_etl.faults import SourceFault, StateFault
from crm_etl.progress import NullProgress
from crm_etl.report.curves import Line, curve_chart
from crm_etl.run import Run
from crm_etl.storage import State
from tests.report.test_pages import watch


@pytest.fixture(scope="module")
def finished(pristine_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo company after a dry run; do not change it."""
    import shutil

    folder = tmp_path_factory.mktemp("evaluated") / "demo-company"
    shutil.copytree(pristine_demo, folder)
    loaded = migration.load(folder)
    Run(loaded, State.of(loaded), NullProgress()).rehearse()
    return folder


def test_with_a_truth_the_page_tells_measures_curves_and_blocking(finished: Path) -> None:
    loaded = migration.load(finished)
    figures = assessment.assess(loaded, State.of(loaded), None)
    assert figures["pairwise"]["f1"] > 0.8
    assert figures["blocking"]["recall"] > 0.9
    assert figures["curve"]["best"]["f1"] >= max(point["f1"] for point in figures["curve"]["points"])
    page = watch(Path(figures["reports"]["evaluation"]))
    for words in ("Measured against a truth", "Other thresholds", "Between sources", "Between scripts", "name_begins"):
        assert words in page.text
    written = json.loads(Path(figures["reports"]["evaluation figures"]).read_text("utf-8"))
    assert written["pairwise"] == figures["pairwise"]


def test_without_a_truth_it_tells_what_it_rests_on(finished: Path, tmp_path: Path) -> None:
    import shutil

    folder = tmp_path / "demo-company"
    shutil.copytree(finished, folder)
    (folder / "truth.csv").unlink()
    loaded = migration.load(folder)
    figures = assessment.assess(loaded, State.of(loaded), None)
    assert "pairwise" not in figures
    assert figures["estimates"]["expected"]["precision"] > 0.8
    page = watch(Path(figures["reports"]["evaluation"]))
    assert "No truth is known" in page.text
    assert "If the model's probabilities are what they claim to be" in page.text
    assert "Between sources" not in page.text


def test_a_truth_of_other_records_and_a_migration_that_never_ran_are_faults(
    finished: Path, pristine_demo: Path, tmp_path: Path
) -> None:
    loaded = migration.load(finished)
    other = tmp_path / "other.csv"
    other.write_text("source,key,entity\nnobody,1,e1\n", encoding="utf-8")
    with pytest.raises(SourceFault, match="none of its records"):
        assessment.assess(loaded, State.of(loaded), other)
    fresh = migration.load(pristine_demo)
    with pytest.raises(StateFault, match="nothing to evaluate yet"):
        assessment.assess(fresh, State(tmp_path / "state"), None)


def test_a_curve_has_a_line_and_a_label_each_and_its_mark() -> None:
    lines = [Line("recall", "warn", [(-2.0, 1.0), (3.0, 0.5)]), Line("F1", "", [(-2.0, 0.4), (3.0, 0.5)])]
    chart = str(curve_chart(lines, "both <curves>", "bits", 0.0))
    assert chart.count("<polyline") == 2
    assert "stroke-dasharray" in chart
    assert "both &lt;curves&gt;" in chart
    assert str(curve_chart([], "none", "bits")) == ""
    assert "stroke-dasharray" not in str(curve_chart(lines, "t", "bits", 9.0))
