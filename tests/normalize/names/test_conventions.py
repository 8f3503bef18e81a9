"""Equal names in other spelling conventions are alike; namesakes that differ in what matters are not.

The cases are tables in ``conventions/``, each with the convention that it shows, for speakers of the languages to
read and to add to.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml

from crm_etl.normalize.names import score_pairs
from crm_etl.normalize.names.similarity import THRESHOLD

FOLDER = Path(__file__).parent / "conventions"
ALIKE = {
    "russian": "person",
    "ukrainian": "person",
    "persian": "person",
    "latin": "person",
    "organizations": "organization",
}
DIFFERENT = {"namesakes": "person", "other_organizations": "organization"}
NEAR = {"near_names": "person"}
#: Bits that such names are less alike than a name and itself.
LESS = 0.1


@dataclass(frozen=True)
class Case:
    """Two spellings and the convention, or the difference, between them."""

    table: str
    a: str
    b: str
    shows: str

    number: int

    def __str__(self) -> str:
        return f"{self.table}-{self.number}"


@cache
def cases(table: str) -> list[Case]:
    rows = yaml.safe_load((FOLDER / f"{table}.yml").read_text(encoding="utf-8"))
    return [Case(table, **row, number=number) for number, row in enumerate(rows, start=1)]


@cache
def scores(table: str) -> dict[Case, float]:
    found = cases(table)
    kind = (ALIKE | DIFFERENT | NEAR)[table]
    return dict(zip(found, score_pairs([case.a for case in found], [case.b for case in found], kind), strict=True))


@pytest.mark.parametrize("case", [case for table in ALIKE for case in cases(table)], ids=str)
def test_equal_names_are_alike(case: Case) -> None:
    assert scores(case.table)[case] >= THRESHOLD


@pytest.mark.parametrize("case", [case for table in DIFFERENT for case in cases(table)], ids=str)
def test_namesakes_are_not(case: Case) -> None:
    assert scores(case.table)[case] < THRESHOLD


@pytest.mark.parametrize("case", [case for table in NEAR for case in cases(table)], ids=str)
def test_near_names_are_less_alike_than_equal_ones(case: Case) -> None:
    equal = float(score_pairs([case.a], [case.a])[0])
    assert scores(case.table)[case] < equal - LESS


@pytest.mark.parametrize("table", ["russian", "ukrainian", "persian", "latin"])
def test_every_script_has_a_hundred_cases(table: str) -> None:
    assert len(cases(table)) >= 100
    assert len({frozenset((case.a, case.b)) for case in cases(table)}) == len(cases(table))


def test_there_are_namesakes_enough() -> None:
    assert len(cases("namesakes")) >= 60


def test_files_and_tables_are_the_same() -> None:
    assert {path.stem for path in FOLDER.glob("*.yml")} == ALIKE.keys() | DIFFERENT.keys() | NEAR.keys()
