"""The benchmark of names: its measures are right, its pairs are hard and labelled, and the command runs anywhere."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.names import matchers, pairs, sample, speed
from benchmarks.names.__main__ import main
from benchmarks.names.measures import best_threshold, quality
from crm_etl.faults import SourceFault

HEADER = "left,right,left_lang,right_lang,kind,label,source,left_id\n"


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_measures_of_a_known_ranking() -> None:
    scores = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    same = np.array([True, True, False, True, False])
    found = quality(scores, same, threshold=2.5)
    assert (found.pairs, found.true) == (5, 3)
    assert found.f1 == pytest.approx(2 * 2 / (3 + 3))
    assert found.best_f1 == pytest.approx(2 * 3 / (4 + 3))
    assert found.best_threshold == best_threshold(scores, same) == 2.0
    assert found.recall_at_precision == pytest.approx(2 / 3)
    assert found.average_precision == pytest.approx((1 + 1 + 3 / 4) / 3)


def test_equal_scores_are_never_told_apart() -> None:
    scores, same = np.zeros(4), np.array([True, False, False, False])
    found = quality(scores, same, threshold=0.0)
    assert found.average_precision == found.precision == 0.25
    assert quality(scores, same, threshold=1.0).f1 == 0.0


@given(st.lists(st.tuples(st.integers(-3, 3), st.booleans()), min_size=1).filter(lambda rows: any(s for _, s in rows)))
def test_the_best_threshold_is_the_best(rows: list[tuple[int, bool]]) -> None:
    scores = np.array([float(score) for score, _ in rows])
    same = np.array([label for _, label in rows])
    best = quality(scores, same, best_threshold(scores, same)).f1
    assert best == pytest.approx(max(quality(scores, same, float(value)).f1 for value in range(-3, 4)))
    assert best == pytest.approx(quality(scores, same, 0.0).best_f1)


@pytest.fixture(scope="module")
def known() -> list[pairs.Pair]:
    return sample.pairs(120)


def test_made_pairs_are_the_same_every_time(known: list[pairs.Pair]) -> None:
    assert sample.pairs(120) == known


def test_made_pairs_are_labelled_by_entity_and_hard(known: list[pairs.Pair]) -> None:
    assert all(pair.same == (pair.left_id == pair.right_id) for pair in known)
    assert sum(pair.same for pair in known) == 120
    assert {pair.how for pair in known} == {"pos", "neg-jw", "neg-random", "neg-shared", "neg-skel"}
    assert sum(pair.crosses for pair in known if pair.same) > 80
    nearest = [pair for pair in known if pair.how == "neg-jw"]
    assert sum(not set(pair.left.split()).isdisjoint(pair.right.split()) for pair in nearest) > 0


def test_no_name_stands_on_both_sides_of_the_split(known: list[pairs.Pair]) -> None:
    sides = [{pair.left_id for pair in known if pair.unseen is flag} for flag in (True, False)]
    assert all(sides)
    assert sides[0].isdisjoint(sides[1])


def test_new_pairs_are_new_and_distinct(known: list[pairs.Pair]) -> None:
    fresh = [(pair.left, pair.right) for pair in speed.recombined(known)]
    assert len(fresh) > len(known)
    assert len(set(fresh)) == len(fresh)
    assert {(pair.left, pair.right) for pair in known}.isdisjoint(fresh)


def test_the_command_runs_without_any_file(tmp_path: Path) -> None:
    done = call("--size", "120", "--parse", "200", "--json", tmp_path / "found.json")
    assert done.exit_code == 0, done.output
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert found["matchers"][0]["name"] == "crm-etl"
    assert found["matchers"][0]["quality"]["persons, cross-script"]["average_precision"] > 0.9
    assert found["parse"]["names"] == 200
    assert "F1 at a threshold fixed beforehand" in done.stdout
    for name in found["missing"]:
        assert f"left out: {name}" in done.stdout


def test_matchers_of_others_that_are_missing_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent() -> matchers.Matcher:
        raise ImportError("No module named 'nobody'")

    monkeypatch.setattr(matchers, "_OTHERS", (("Nobody's", absent),))
    done = call("--size", "120", "--no-speed", "--markdown")
    assert done.exit_code == 0, done.output
    assert "* left out: Nobody's, not installed (No module named 'nobody')" in done.stdout
    assert "Pairs a second" not in done.stdout


def test_a_file_of_pairs_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(HEADER + "Юрий Гагарин,Yuri Gagarin,ru,en,person,1,wiki,1\nBank,Банк,,,org,0,,\n", encoding="utf-8")
    first, second = pairs.read(path)
    assert (first.same, first.scripts, first.kind) == (True, ("Cyrl", "Latn"), "person")
    assert (second.same, second.left_lang, second.kind, second.unseen) == (False, None, "organization", True)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"left,right,kind\n", "no column left_lang, right_lang, label"),
        (b"left,right,left_lang,right_lang,kind,label\na,b,,,ship,1\n", "unknown kind"),
        (b"left,right,left_lang,right_lang,kind,label\na,b,,,person,yes\n", "unknown label"),
        ("left\nЮрий".encode("cp1251"), "not a CSV file in UTF-8"),
        (b"", "no column"),
        (None, "no such file"),
    ],
)
def test_a_bad_file_is_answered_with_its_place(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "pairs.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceFault, match=says):
        pairs.read(path)
    done = call("--pairs", path)
    assert done.exit_code == 2
    assert "to do:" in done.stderr


def test_nothing_to_measure_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(HEADER + "a,b,,,person,1,,\n", encoding="utf-8")
    done = call("--pairs", path)
    assert done.exit_code == 2
    assert "nothing to measure" in done.stderr
