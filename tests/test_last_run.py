"""What rests of the last run: looks leave it alone, what does not fit is refused, what changed since is told."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from crm_etl import migration, outlook
from crm_etl.assessment import assess
from crm_etl.explanation import decide, explain_two, explanation
from crm_etl.faults import StateFault
from crm_etl.last_run import LastRun
from crm_etl.match import decisions
from crm_etl.migration import Migration
from crm_etl.progress import NullProgress
from crm_etl.run import Run
from crm_etl.storage import State
from tests.intake.desk import HEADER, Desk
from tests.test_cli import call

ROWS = [
    "1;Коваль Наталья;24.06.1971;+79161234567;Действующий;\n",
    "2;Коваль Наталья;24.06.1971;+79161234567;Действующий;\n",
    "3;Сидоров Пётр;01.02.1980;+79037654321;Действующий;\n",
    "4;Белова Анна;05.05.1990;+79051112233;Действующий;\n",
]
JUDGED = {"left_source": "shop", "left_key": "1", "right_source": "shop", "verdict": "same", "who": "eva"}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migration after a dry run, in which a person called record 1 the same as 2 and 3; do not change it."""
    desk = Desk(tmp_path_factory.mktemp("desk"))
    desk.deliver(HEADER + "".join(ROWS))
    for key in "23":
        decisions.append(desk.root / "decisions.csv", JUDGED | {"right_key": key})
    Run(desk.migration, State.of(desk.migration)).rehearse()
    return desk.root


@pytest.fixture
def folder(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "desk"))


def _opened(folder: Path) -> tuple[Migration, State]:
    loaded = migration.load(folder)
    return loaded, State.of(loaded)


def _deliver_less(folder: Path) -> None:
    """Record 2 is gone, and 1 bears another name."""
    rows = [ROWS[0].replace("Наталья", "Мария"), *ROWS[2:]]
    (folder / "clients.csv").write_text(HEADER + "".join(rows), encoding="utf-8")


def test_a_reconciliation_and_a_look_at_the_sources_leave_the_records_of_the_last_run(folder: Path) -> None:
    before = explanation(*_opened(folder), "shop:2")
    _deliver_less(folder)
    loaded, state = _opened(folder)
    Run(loaded, state).reconcile()
    looked = outlook.look(loaded, state, NullProgress(), fresh=True)
    assert (looked["records"], looked["records_of"]) == (3, "sources")
    standing = outlook.look(loaded, state, NullProgress())
    assert (standing["records"], standing["records_of"]) == (4, "last_run")
    assert explanation(loaded, state, "shop:2") == before
    assert assess(loaded, state, None)["estimates"]["clusters"]["clients"] == 2


def test_a_run_that_broke_off_is_told_and_nothing_of_it_is_mixed_with_the_last(folder: Path) -> None:
    _deliver_less(folder)
    loaded, state = _opened(folder)
    Run(loaded, state).deliver()
    looks: tuple[Callable[[], Any], ...] = (
        partial(explanation, loaded, state, "shop:1"),
        partial(explain_two, loaded, state, "shop:1", "shop:4"),
        partial(assess, loaded, state, None),
    )
    for look in looks:
        with pytest.raises(StateFault, match="party/shop is newer than match/clusters") as fault:
            look()
        assert "crm-etl dry-run" in str(fault.value)
    assert outlook.look(loaded, state, NullProgress())["records_of"] == "sources"
    shown = call("-C", folder, "explain", "shop:2")
    assert (shown.exit_code, "Traceback" in shown.output) == (2, False)


def test_values_of_other_clients_are_refused(folder: Path) -> None:
    _deliver_less(folder)
    loaded, state = _opened(folder)
    lineage = folder / ".crm-etl/frames/client/database"
    shutil.copytree(lineage, folder / "older")
    Run(loaded, state).rehearse()
    shutil.rmtree(lineage)
    shutil.copytree(folder / "older", lineage)
    with pytest.raises(StateFault, match="match/clusters is newer than client/database"):
        explanation(loaded, state, "shop:1")
    assert assess(loaded, state, None)["remarks"] == []


def _declare(folder: Path, **matching: Any) -> None:
    path = folder / "migration.yaml"
    document = yaml.safe_load(path.read_text("utf-8")) | {"matching": matching}
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")


def test_figures_are_by_the_settings_of_the_run_and_say_what_has_changed_since(folder: Path) -> None:
    (folder / "truth.csv").write_text("source,key,entity\nshop,1,a\nshop,2,a\nshop,3,b\n")
    before = assess(*_opened(folder), None)
    _declare(folder, threshold=0.99, rules=["phone"])
    after = assess(*_opened(folder), None)
    (remark,) = after["remarks"]
    assert remark.startswith("matching.threshold, matching.rules have changed since the last run")
    assert {**after, "remarks": []} == before
    page = Path(after["reports"]["evaluation"]).read_text("utf-8")
    assert "matching.threshold, matching.rules have changed since the last run" in page


def test_decisions_since_the_last_run_are_told(folder: Path) -> None:
    loaded, state = _opened(folder)
    assert explanation(loaded, state, "shop:1")["remarks"] == []
    decide(loaded, "shop:2", "shop:4", "different", "", "eva")
    for found in (explanation(loaded, state, "shop:1"), assess(loaded, state, None)):
        assert found["remarks"] == [
            "1 decision made since the last run does not count yet; crm-etl dry-run takes this in"
        ]
    for command in (["explain", "shop:1"], ["explain", "shop:1", "shop:4"], ["evaluate"]):
        assert "1 decision made since the last run" in call("-C", folder, *command).output
    (folder / "decisions.csv").unlink()
    assert explanation(loaded, state, "shop:1")["remarks"][0].startswith(
        "2 decisions that the last run obeyed are gone"
    )


def test_the_pair_that_speaks_most_against_a_client_is_shown_though_nothing_kept_it(folder: Path) -> None:
    loaded, state = _opened(folder)
    last = LastRun.of(state)
    kept = {frozenset(pair) for pair in zip(last.matches["left_key"], last.matches["right_key"], strict=True)}
    assert frozenset("23") not in kept
    against = explanation(loaded, state, "shop:1")["evidence"].split("within the client, against it:")[1]
    assert "shop:2 and shop:3: one client" in against


def test_sources_in_another_order_are_those_of_the_run_all_the_same(folder: Path) -> None:
    path = folder / "migration.yaml"
    document = yaml.safe_load(path.read_text("utf-8"))
    before = assess(*_opened(folder), None)["estimates"]
    more = {**document["sources"][0], "name": "added"}
    document["sources"].insert(0, more)
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    assert assess(*_opened(folder), None)["estimates"] == before


def test_a_state_of_another_version_is_told(folder: Path) -> None:
    values = folder / ".crm-etl/frames/match/clusters/values.json"
    values.write_text('{"facts": {}}', encoding="utf-8")
    with pytest.raises(StateFault, match="its settings are not known"):
        explanation(*_opened(folder), "shop:1")
