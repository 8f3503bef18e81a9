"""The pairs for people: doubtful ones and contradicted ones, with enough of both records to decide by."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from crm_etl import schema
from crm_etl.report import doubtful
from tests.match.factories import parties, person


def _pair(left: str, right: str, verdict: str, weight: float, *said: str) -> dict[str, object]:
    reasons = [{"comparison": "decision", "level": level, "weight": 0.0} for level in said]
    sides = {"left_source": "crm", "left_key": left, "right_source": "crm", "right_key": right}
    return sides | {"weight": weight, "probability": 0.5, "verdict": verdict, "reasons": json.dumps(reasons)}


def test_pairs_to_decide_are_told_with_what_to_decide_by(tmp_path: Path) -> None:
    people = parties(
        person("1", "Anna", "Petrova", phones=["+79161234567", "+79161234568"], emails=["a@mail.example"]),
        person("2", "Anna", "Petrova", identifiers=["ru_inn:1"], street="lenina 5", postal_code="101000"),
        person("3", "Anna", "Petrova", file="clients.xlsx", sheet="Sheet1", line=7, address_raw="Ленина, 5"),
    )
    matches = schema.MATCHES.build(
        [
            _pair("1", "2", "match", 9.0),
            _pair("2", "3", "forbidden", 4.0),
            _pair("1", "3", "forbidden", 8.0, "different"),
            _pair("2", "1", "review", 0.5, "unsure"),
            _pair("3", "1", "review", 1.5),
        ]
    )
    rows = pd.read_csv(doubtful.write(matches, people, tmp_path), dtype="string", encoding="utf-8-sig")
    assert rows[["left", "right", "verdict"]].to_numpy().tolist() == [
        ["crm:3", "crm:1", "review"],
        ["crm:2", "crm:1", "review"],
        ["crm:2", "crm:3", "forbidden"],
    ]
    first, second, _ = rows.to_dict("records")
    assert (first["left_file"], first["left_sheet"], first["left_line"]) == ("clients.xlsx", "Sheet1", "7")
    assert first["left_address_raw"] == "Ленина, 5"
    assert first["right_phones"] == "'+79161234567, +79161234568"
    assert first["right_emails"] == "a@mail.example"
    assert (second["left_identifiers"], second["left_street"]) == ("ru_inn:1", "lenina 5")
    assert second["left_postal_code"] == "101000"


def test_no_pairs_to_decide_is_a_file_of_none(tmp_path: Path) -> None:
    path = doubtful.write(schema.MATCHES.empty(), parties(), tmp_path)
    assert pd.read_csv(path, encoding="utf-8-sig").empty
