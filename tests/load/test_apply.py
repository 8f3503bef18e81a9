"""Applying plans: on each kind of database, once, again, stale, blocked, interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crm_etl import schema
from crm_etl.faults import ChecksFailed, PlanFault, TargetFault
from crm_etl.load import bulk
from crm_etl.load.apply import apply
from crm_etl.load.connection import target_url, writing
from crm_etl.load.plan import make_plan
from crm_etl.load.registry import crosswalk, read_target
from crm_etl.storage import State
from tests.load.factories import COMPANY, Target, check, company

CANONICAL = {"balance": ["-1234.50", "98000000.00"], "created_at": ["2020-01-05T10:30:00", None]}


def test_what_was_loaded_reads_back_and_a_rerun_changes_nothing(any_url: str, tmp_path: Path) -> None:
    target = Target(any_url, tmp_path)
    batch = target.load(company())
    assert batch.batch_id == 1
    state = read_target(any_url, tmp_path)
    for name in schema.CLIENT_TABLES:
        wanted = getattr(company(), name)
        if name == "client":
            wanted = wanted.assign(**CANONICAL)
        if name == "client_transaction":
            wanted = wanted.assign(amount="0.10")
        assert state.table(name).astype(object).where(lambda f: f.notna(), None).to_dict("records") == wanted.astype(
            object
        ).where(lambda f: f.notna(), None).to_dict("records")
    assert crosswalk(any_url, tmp_path).to_dict("records") == [
        {"source": "office", "key": "A-1", "client_id": "c1"},
        {"source": "office", "key": "B-2", "client_id": "c2"},
        {"source": "shop", "key": "1", "client_id": "c1"},
    ]
    before = target.dump()
    again = target.plan(company())
    assert again.empty
    assert {action for table in again.facts["counts"].values() for action, n in table.items() if n} == {"leave"}
    assert apply(again, any_url, tmp_path).batch_id is None
    assert target.dump() == before


def test_a_change_and_an_edit_meet(any_url: str, tmp_path: Path) -> None:
    target = Target(any_url, tmp_path)
    target.load(company())
    target.edit("UPDATE client SET segment = 'gold', owner = 'boris' WHERE client_id = 'c1'")
    plan = target.plan(company(segment="silver", balance="10.00", comment=None))
    batch = apply(plan, any_url, tmp_path)
    assert batch.counts["client"]["update"] == 1
    assert batch.counts["client"]["conflict"] == 1
    rows = target.rows("SELECT segment, owner, balance, comment FROM client WHERE client_id = 'c1'")
    assert [(row[0], row[1], float(row[2]), row[3]) for row in rows] == [("gold", "boris", 10.0, None)]
    again = target.plan(company(segment="silver", balance="10.00", comment=None))
    assert again.empty
    assert again.facts["counts"]["client"]["conflict"] == 1


def test_the_plan_survives_the_state_folder(tmp_path: Path) -> None:
    target = Target("sqlite:///crm.sqlite", tmp_path)
    plan = target.plan(company())
    assert not (tmp_path / "crm.sqlite").exists(), "a dry run made the target"
    state = State(tmp_path / ".crm-etl")
    state.write("load/plan", plan)
    assert apply(state.read("load/plan", type(plan)), target.url, tmp_path).batch_id == 1
    assert (tmp_path / "crm.sqlite").exists()


def test_plans_are_deterministic(tmp_path: Path) -> None:
    target = Target("sqlite:///crm.sqlite", tmp_path)
    assert target.plan(company()).plan_id == target.plan(company()).plan_id
    assert target.plan(company()).plan_id != target.plan(company(segment="other")).plan_id


def test_a_plan_vouches_for_the_layouts_that_it_was_made_from(tmp_path: Path) -> None:
    target = Target("sqlite:///crm.sqlite", tmp_path)
    plan = target.plan(company(), layouts={"shop": {"records": 20}})
    with pytest.raises(PlanFault, match="changed after"):
        apply(replace(plan, layouts={"shop": {"records": 2}}), target.url, tmp_path)
    State(tmp_path / ".crm-etl").write("load/plan", plan)
    assert State(tmp_path / ".crm-etl").read("load/plan", type(plan)).layouts == {"shop": {"records": 20}}


def test_a_stale_plan_is_refused(any_url: str, tmp_path: Path) -> None:
    target = Target(any_url, tmp_path)
    target.load(company())
    plan = target.plan(company(segment="silver"))
    target.edit("UPDATE client SET owner = 'boris' WHERE client_id = 'c2'")
    before = target.dump()
    with pytest.raises(PlanFault, match="stale"):
        apply(plan, any_url, tmp_path)
    assert target.dump() == before


def test_a_second_plan_from_before_the_first_load_is_stale(tmp_path: Path) -> None:
    target = Target("sqlite:///crm.sqlite", tmp_path)
    first, second = target.plan(company()), target.plan(company())
    apply(first, target.url, tmp_path)
    with pytest.raises(PlanFault, match="stale"):
        apply(second, target.url, tmp_path)


def test_failed_critical_checks_block_whoever_calls(tmp_path: Path) -> None:
    state = read_target("sqlite:///crm.sqlite", tmp_path)
    plan = make_plan(company(), COMPANY, state, check(success=False))
    assert plan.facts["blocked"]
    assert plan.facts["failed_checks"] == ["client/client: has_name"]
    with pytest.raises(ChecksFailed):
        apply(plan, "sqlite:///crm.sqlite", tmp_path)
    with pytest.raises(PlanFault, match="changed after"):
        apply(replace(plan, checks=check(success=True)), "sqlite:///crm.sqlite", tmp_path)
    assert not (tmp_path / "crm.sqlite").exists()
    warned = make_plan(company(), COMPANY, state, check(success=False, severity="warn"))
    assert not warned.facts["blocked"]


def test_an_exception_on_the_way_leaves_nothing(any_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = Target(any_url, tmp_path)
    plan = target.plan(company())
    insert = bulk.insert

    def breaks(connection: Any, table: Any, columns: Any) -> int:
        if table.name == "opportunity":
            raise KeyboardInterrupt
        return insert(connection, table, columns)

    monkeypatch.setattr(bulk, "insert", breaks)
    with pytest.raises(KeyboardInterrupt):
        apply(plan, any_url, tmp_path)
    assert {name: rows for name, rows in target.dump().items() if rows} == {}
    monkeypatch.undo()
    assert apply(plan, any_url, tmp_path).batch_id == 1, "the same plan goes through afterwards"


def test_a_killed_load_leaves_nothing(tmp_path: Path) -> None:
    script = """
        import os, signal, sys
        from pathlib import Path
        from crm_etl.load import bulk
        from tests.load.factories import Target, company
        insert = bulk.insert
        def dies(connection, table, columns):
            done = insert(connection, table, columns)
            if table.name == "client_transaction":
                os.kill(os.getpid(), signal.SIGKILL)
            return done
        bulk.insert = dies
        Target("sqlite:///crm.sqlite", Path(sys.argv[1])).load(company())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    target = Target("sqlite:///crm.sqlite", tmp_path)
    assert {name: rows for name, rows in target.dump().items() if rows} == {}
    assert target.load(company()).batch_id == 1


def test_two_loads_do_not_run_at_once(any_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm_etl.load.connection._WAIT_SECONDS", 1)
    target = Target(any_url, tmp_path)
    plan = target.plan(company())
    with (
        writing(target_url(any_url, tmp_path)) as connection,
        connection.begin(),
        pytest.raises(TargetFault, match=r"another load|locked"),
    ):
        apply(plan, any_url, tmp_path)
    assert apply(plan, any_url, tmp_path).batch_id == 1


def test_the_targets_own_constraint_is_named_without_the_value(any_url: str, tmp_path: Path) -> None:
    target = Target(any_url, tmp_path)
    target.load(company())
    target.edit("CREATE UNIQUE INDEX only_once ON client_phone (phone)")
    wanted = company()
    extra = wanted.client_phone.iloc[:1].assign(row_id="p3", client_id="c2")
    wanted.client_phone = schema.CLIENT_PHONE.conform(
        schema.CLIENT_PHONE.build([*wanted.client_phone.to_dict("records"), *extra.to_dict("records")])
    )
    before = target.dump()
    with pytest.raises(TargetFault) as caught:
        target.load(wanted)
    assert "+7916" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert target.dump() == before


def test_a_target_file_that_is_no_database_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "crm.sqlite").write_text("not a database, but long enough to be taken for one " * 40)
    with pytest.raises(TargetFault, match="no SQLite database") as caught:
        read_target("sqlite:///crm.sqlite", tmp_path)
    assert caught.value.remedy is not None
