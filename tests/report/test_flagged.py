"""The clients to look at: those with a flag or a weak link and no others, the worst first, records by reference."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from crm_etl import schema
from crm_etl.match.members import counts, to_look_at
from crm_etl.report import flagged


def _client(name: str, size: int, weakest: float | None, flags: str | None, contradictions: int = 0) -> pd.DataFrame:
    shared = {"client_id": name, "size": size, "density": 1 / 3, "weakest": weakest, "flags": flags, "bridges": 0}
    rows = ({**shared, "source": "crm", "key": f"{name}-{at}", "contradictions": contradictions} for at in range(size))
    return schema.MEMBERS.build(rows)


def test_flagged_clients_are_listed_the_worst_first(tmp_path: Path) -> None:
    members = pd.concat(
        [
            _client("fine", 2, 9.0, None),
            _client("single", 1, None, None),
            _client("crowd", 30, 1.0, "large+loose"),
            _client("bridged", 2, 9.0, "bridge"),
            _client("against", 2, -3.0, "contradiction", contradictions=1),
            _client("weak", 3, 1.2345, None),
        ],
        ignore_index=True,
    )
    found = to_look_at(members, 1.5)
    assert counts(found) == {"large": 1, "loose": 1, "contradiction": 1, "bridge": 1, "weak_link": 3}
    shown = pd.read_csv(flagged.write(found, members, tmp_path), encoding="utf-8-sig").set_index("client_id")
    assert shown.index.tolist() == ["against", "crowd", "weak", "bridged"]
    assert shown["flags"].tolist() == ["contradiction+weak_link", "large+loose+weak_link", "weak_link", "bridge"]
    assert shown.loc["weak", ["size", "density", "weakest", "contradictions"]].tolist() == [3, 0.333, 1.23, 0]
    assert shown.loc["bridged", "records"] == "crm:bridged-0, crm:bridged-1"
    assert len(shown.loc["crowd", "records"].split(", ")) == 5


def test_nothing_to_look_at_is_a_file_of_no_clients(tmp_path: Path) -> None:
    members = _client("fine", 2, 9.0, None)
    found = to_look_at(members, 1.5)
    assert not any(counts(found).values())
    assert pd.read_csv(flagged.write(found, members, tmp_path), encoding="utf-8-sig").empty
