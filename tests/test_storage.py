"""The state folder gives back what was laid down, and answers what is missing."""

import subprocess
import sys
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


def test_a_result_knows_which_of_those_that_it_was_made_of_are_others_now(tmp_path: Path) -> None:
    state = State(tmp_path)
    for key in ("party/a", "party/b"):
        state.write(key, a_pair())
    state.write("match", a_pair(), ["party/a", "party/b"])
    state.write("party/a", a_pair())  # the same anew
    assert state.replaced("match") == []
    state.write("party/b", Pair(schema.PARTY.empty(), a_pair().names, {"read": 2}))
    assert state.replaced("match") == ["party/b"]
    state.write("match", a_pair())
    assert state.replaced("match") == []


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


@pytest.mark.parametrize("cut", ["values.json", "parties.parquet"])
def test_a_damaged_result_is_told_without_a_traceback(tmp_path: Path, cut: str) -> None:
    state = State(tmp_path)
    state.write("x", a_pair())
    file = tmp_path / "frames" / "x" / cut
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(StateFault, match="the result of 'x' is damaged") as caught:
        state.read("x", Pair)
    assert caught.value.exit_code == 2


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


def test_what_a_killed_process_left_is_no_result_and_goes_with_the_next_write(tmp_path: Path) -> None:
    state = State(tmp_path)
    state.write("party/a", a_pair())
    folder = tmp_path / "frames/party"
    (folder / ".a~old-x").mkdir()
    (folder / "a").rename(folder / ".a~old-x" / "was")  # killed between the two moves
    (folder / ".a~half").mkdir()
    with pytest.raises(StateFault, match="no result of 'party/a' yet"):
        state.read("party/a", Pair)
    state.write("party/a", a_pair())
    assert state.read("party/a", Pair).facts == {"read": 2}
    assert sorted(path.name for path in folder.iterdir()) == ["a"]


HAMMER = """
import sys, pandas as pd
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from crm_etl.storage import State

@dataclass(frozen=True)
class Two:
    frame: pd.DataFrame
    number: int

state = State(Path(sys.argv[1]))
for _ in range(40):
    number = int(sys.argv[2])
    state.write("raw/x", Two(pd.DataFrame({"n": [number] * 50}), number))
    back = state.read("raw/x", Two)
    assert set(back.frame["n"]) == {back.number}
"""


def test_processes_that_write_at_once_leave_a_whole_bundle(tmp_path: Path) -> None:
    workers = [
        subprocess.Popen([sys.executable, "-c", HAMMER, str(tmp_path), str(number)], stderr=subprocess.PIPE)
        for number in range(3)
    ]
    for worker in workers:
        _, told = worker.communicate(timeout=60)
        assert worker.returncode == 0, told.decode()
    assert [path.name for path in (tmp_path / "frames/raw").iterdir()] == ["x"]


def test_a_second_run_is_kept_out_until_the_first_one_ends(tmp_path: Path) -> None:
    with State(tmp_path).alone():
        with pytest.raises(StateFault, match="another run is at work"), State(tmp_path).alone():
            pytest.fail("two at once")
        State(tmp_path).write("x", a_pair())
    with State(tmp_path).alone():
        assert State(tmp_path).read("x", Pair).facts == {"read": 2}


def test_single_rows_are_found_without_the_others(tmp_path: Path) -> None:
    state = State(tmp_path)
    assert state.find("party/a", "parties", "key", ["2"]).empty
    state.write("party/a", a_pair())
    found = state.find("party/a", "parties", "key", ["2", "9"])
    pd.testing.assert_frame_equal(found, a_pair().parties.iloc[1:].reset_index(drop=True))
    assert state.find("party/a", "parties", "key", []).empty
