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


def test_levels_may_stand_in_any_order_and_must_be_known(tmp_path: Path, learned: str) -> None:
    document = json.loads(learned)
    levels = document["kinds"]["person"]["comparisons"]["birth_date"]
    turned = dict(reversed(levels.items()))
    document["kinds"]["person"]["comparisons"]["birth_date"] = turned
    assert model_file.read(_given(tmp_path, document), "model.json") == document
    turned["sometimes"] = {"m": 0.1, "u": 0.1, "weight": 0.0}
    with pytest.raises(Fault, match="person, birth_date: unknown levels sometimes"):
        model_file.read(_given(tmp_path, document), "model.json")


def test_shares_among_kin_and_namesakes_add_up_too(tmp_path: Path, learned: str) -> None:
    document = json.loads(learned)
    document["kinds"]["person"]["kin"]["household"]["levels"]["phones"]["same"] = 0.99
    with pytest.raises(Fault, match="phones: kin, household of all levels adds up to"):
        model_file.read(_given(tmp_path, document), "model.json")
