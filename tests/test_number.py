"""Counts in words: singular for one, plural for none and for more."""

from __future__ import annotations

import pytest

from crm_etl.number import agreeing, counted
from crm_etl.show import _unmapped
from crm_etl.terminal import screen


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1234567, "1,234,567 rows"), (-1, "-1 rows")]
)
def test_a_noun_agrees_with_its_number(number: int, said: str) -> None:
    assert counted(number, "row") == said


def test_words_with_a_plural_of_their_own() -> None:
    assert [counted(number, "party", "parties") for number in (1, 2)] == ["1 party", "2 parties"]
    assert [agreeing(number, "keeps", "keep") for number in (1, 2)] == ["keeps", "keep"]


@pytest.mark.parametrize(
    ("values", "rows", "said"),
    [
        (1, 1, "1 value that the map does not know keeps 1 row in quarantine: unmapped.csv lists it for the map"),
        (2, 1, "2 values that the map does not know keep 1 row in quarantine: unmapped.csv lists them for the map"),
    ],
)
def test_what_a_map_lacks_is_told_in_whole_sentences(
    values: int, rows: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _unmapped(screen(), [{"source": "shop", "field": "kind", "values": values, "rows": rows}])
    assert " ".join(capsys.readouterr().out.split()) == f"shop.kind: {said}"
