"""What is asked of the input of the name matcher, and what its machine code must hold."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crm_etl.normalize.names import edits, explain_pair, score_pairs
from crm_etl.normalize.names.alignment import APART, measure, meet_each
from crm_etl.normalize.names.edits import NOTHING, tables
from crm_etl.normalize.names.similarity import score_words
from crm_etl.normalize.names.tokens import Vocabulary

ROOT = Path(__file__).parents[3]


def test_names_are_taken_by_place_not_by_label() -> None:
    frame = pd.Series(["Анна", "Иван Петров", "Олег"])
    filtered = frame[1:2]
    assert score_pairs(filtered, ["Ivan Petrov"])[0] == score_pairs(["Иван Петров"], ["Ivan Petrov"])[0]


@pytest.mark.parametrize("name", [None, float("nan"), 7, b"Ivan"])
def test_what_is_no_text_is_refused_with_its_place(name: object) -> None:
    with pytest.raises(TypeError, match=r"right\[1\] is .*, not text"):
        score_pairs(["a", "b"], ["a", name])  # type: ignore[list-item]


def test_one_pair_and_many_run_the_same_machine_code() -> None:
    score_pairs(["Иван"], ["Ivan"])
    score_pairs(["Иван", "Анна"], ["Ivan", "Anna"])
    assert len(measure.signatures) == 1


def test_letters_beyond_the_longest_word_add_no_evidence() -> None:
    whole = explain_pair("alexandropoul constantinexxxxxx", "alexandropoulconstantine")
    assert max((meeting.bits for meeting in whole.meetings), default=0.0) < 90.0


@pytest.mark.parametrize("words", [13, 40])
def test_names_of_very_many_words_are_compared(words: int) -> None:
    name = " ".join(f"слово{chr(0x430 + number % 32)}" for number in range(words))
    assert score_pairs([name], [name])[0] > 0


def test_a_dotted_capital_i_is_a_letter() -> None:
    assert score_pairs(["İstanbul Öz"], ["istanbul oz"], "org")[0] > 3.0


def test_titles_cut_in_two_are_titles() -> None:
    assert np.all(score_pairs(["Д-р Иванов", "г-н Карпов"], ["Иванов", "г. Карпов"]) > 1.0)


def test_a_number_is_told_apart_from_a_word_without_counterpart() -> None:
    told = explain_pair("Ivan Petrov 2024", "Иван Петров")
    assert [(alone.word, alone.rule) for alone in told.alone] == [("2024", "a number, not compared")]


@pytest.mark.slow
def test_the_matcher_works_where_nothing_can_be_written(tmp_path: Path) -> None:
    program = (
        "import numba.core.caching as c\n"
        "c.CacheImpl._locator_classes = []\n"
        "from crm_etl.normalize.names.compiled import compiled\n"
        "print(compiled(lambda a: a + 1)(1))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "2"), done.stderr


def test_single_words_are_scored_by_their_letters_whatever_their_company() -> None:
    words = ["Мохтари", "مختاری", "Mokhtari", "Кравченко", "Инна", "Иван", "Мария Луиза"]
    left, right = np.array([0, 0, 0, 4, 6]), np.array([1, 2, 3, 5, 0])
    bits, one_script = score_words(words, left, right)
    assert (bits[:2] > 5.0).all()
    assert bits[2] <= NOTHING
    assert bits[3] == APART
    assert np.isnan(bits[4])
    assert one_script[:4].tolist() == [False, False, True, True]
    again, _ = score_words(words, right, left)
    assert np.array_equal(bits, again, equal_nan=True)


def test_the_evidence_of_two_words_is_the_same_to_the_bit_whichever_was_seen_first() -> None:
    names = ["Shevchenko", "Shevtschenko", "Шевченко", "Шевчук", "شوچنکو", "Szewczenko", "Chevtchenko", "Севченко"]
    pairs = [(a, b) for a in range(len(names)) for b in range(len(names)) if a < b]
    scores = []
    for order in (names, names[::-1]):
        _, words = Vocabulary().read(order)
        found = np.empty(len(pairs))
        places = np.array([[order.index(names[a]), order.index(names[b])] for a, b in pairs]).T
        meet_each(*places, words, tables(), found)
        scores.append(found.tolist())
    assert scores[0] == scores[1]
    assert max(scores[0]) > 0


def test_tables_are_those_that_ship_with_the_product() -> None:
    kept, packed = tables(), edits._packed()
    for name, array in kept._asdict().items():
        assert np.array_equal(array, getattr(packed, name)), name
        assert array.dtype == getattr(packed, name).dtype, name
