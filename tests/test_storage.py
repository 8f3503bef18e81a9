"""The state folder gives back what was laid down, and answers what is missing."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from crm_etl import schema, storage
from crm_etl.faults import StateFault
from crm_etl.storage import State


@dataclass(frozen=True)
class Pair:
    parties: pd.DataFrame
    names: pd.DataFrame
    facts: dict[str, int]


@dataclass(frozen=True)
class Triple(Pair):
    more: pd.DataFrame


def a_pair() -> Pair:
    parties = schema.PARTY.build([{"source": "a", "key": "1", "phones": ["+1", "+2"], "line": 7}, {"key": "2"}])
    return Pair(parties, schema.CLIENT_NAME.build([{"row_id": "x", "is_primary": True}]), {"read": 2})


def test_bundles_come_back_as_they_went(tmp_path: Path) -> None:
    state = State(tmp_path)
    for _ in range(2):  # the second time replaces the first
        state.write("party/a", a_pair())
    back = state.read("party/a", Pair)
    pd.testing.assert_frame_equal(back.parties, a_pair().parties)
    pd.testing.assert_frame_equal(back.names, a_pair().names)
    assert back.facts == {"read": 2}
    assert sorted(path.name for path in (tmp_path / "frames/party").iterdir()) == ["a"]


def test_empty_frames_keep_their_types(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.write("x", Pair(schema.PARTY.empty(), schema.CLIENT_NAME.empty(), {}))
    pd.testing.assert_frame_equal(state.read("x", Pair).parties, schema.PARTY.empty())


def test_missing_and_older_results_are_told_apart(tmp_path: Path) -> None:
    state = State(tmp_path)
    with pytest.raises(StateFault, match="no result of 'x' yet"):
        state.read("x", Pair)
    state.write("x", a_pair())
    with pytest.raises(StateFault, match="another version"):
        state.read("x", Triple)


def test_migration_folder_is_found_or_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StateFault, match="no migration here"):
        storage.open_migration(None)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "migration.yaml").write_text("")
        found = [path.name for path in tmp_path.iterdir()]
        if len(found) == 1:
            assert storage.open_migration(None).name == "one"
    with pytest.raises(StateFault, match="several migrations"):
        storage.open_migration(None)
    assert storage.open_migration(tmp_path / "two").name == "two"
