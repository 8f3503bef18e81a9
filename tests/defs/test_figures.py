"""What of a stage's facts the catalogue is told: numbers and counts, no texts."""

from __future__ import annotations

from crm_etl.defs import figures


def test_numbers_and_counts_are_told_and_texts_are_not() -> None:
    facts = {
        "read": 3,
        "warnings": ["column 'name': look"],
        "refused": {"bad_date": 1},
        "excluded": {},
        "characters": {"invisible": {"phone": 2}, "digits": {}},
        "of_people": {"first": {"name": "Anna"}},
    }
    assert figures.facts(facts) == {
        "fact/read": 3,
        "fact/refused": {"bad_date": 1},
        "fact/characters/invisible": {"phone": 2},
    }
