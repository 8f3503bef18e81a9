"""Model files that people give: found, of this program, and without figures that contradict each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from crm_etl.faults import Fault
from crm_etl.match import Parties, model_file, score
from tests.match.factories import MATCHING, crowd


@pytest.fixture(scope="module")
def learned() -> str:
    return json.dumps(score(Parties(crowd(60)[0]), MATCHING).model)


def _given(folder: Path, document: Any) -> Path:
    (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def test_what_a_run_left_is_taken_as_it_is(tmp_path: Path, learned: str) -> None:
    assert model_file.read(_given(tmp_path, json.loads(learned)), "model.json") == json.loads(learned)
    assert model_file.read(tmp_path, None) is None


def test_a_file_that_is_no_model_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="no such model file"):
        model_file.read(tmp_path, "gone.json")
    with pytest.raises(Fault, match="not a model in JSON"):
        model_file.read(_given(tmp_path, [1]), "model.json")
    with pytest.raises(Fault, match="another version"):
        model_file.read(_given(tmp_path, {"version": 0}), "model.json")


@pytest.mark.parametrize(
    ("figure", "value", "what"),
    [
        ("weight", 25.5, "person, phones, same: the weight is 25.5, but m and u make"),
        ("m", 0.999, "person, phones: m of all levels adds up to"),
        ("u", 0.5, "person, phones: u of all levels adds up to"),
    ],
)
def test_figures_that_contradict_each_other_are_refused(
    tmp_path: Path, learned: str, figure: str, value: float, what: str
) -> None:
    document = json.loads(learned)
    document["kinds"]["person"]["comparisons"]["phones"]["same"][figure] = value
    with pytest.raises(Fault, match=what) as caught:
        model_file.read(_given(tmp_path, document), "model.json")
    assert caught.value.remedy
