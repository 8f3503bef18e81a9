"""Undo: the CRM as before the batch, without losing what people did after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_etl import schema
from crm_etl.faults import PlanFault
from crm_etl.load.registry import batches, crosswalk
from crm_etl.load.undo import undo
from tests.load.factories import COMPANY, Target, clustering, company, merged

LOG = {"crm_etl_batch", "crm_etl_change", "crm_etl_event"}
MERGE = {"event": "merge", "client_id": "c1", "other_id": "c2", "reason": "office:B-2"}


def contents(target: Target) -> dict[str, list[tuple[object, ...]]]:
    """Everything but the log of batches, which an undo keeps."""
    return {name: rows for name, rows in target.dump().items() if name not in LOG}


def test_undo_of_everything_leaves_nothing(any_url: str, tmp_path: Path) -> None:
    target = Target(any_url, tmp_path)
    target.load(company())
    counts = undo(1, any_url, tmp_path)
    assert {name: rows for name, rows in contents(target).items() if rows} == {}
    assert (counts["deleted"], counts["restored"], counts["crosswalk"], counts["conflicts"]) == (13, 0, 3, 0)
    assert target.load(company()).batch_id == 2


def test_undo_of_updates_retirements_and_moves_restores_the_state_before(any_url: str, tmp_path: Path) -> None:
    target = Target(any_url, tmp_path)
    target.load(company())
    before = contents(target)
    one = company(segment="silver", balance=None)
    one.client = one.client.iloc[:1]
    moved = clustering(("shop", "1", "c1"), ("office", "A-1", "c1"), ("office", "B-2", "c1"), events=(MERGE,))
    batch = target.load(one, moved)
    assert contents(target) != before
    assert target.rows("SELECT event, client_id, other_id FROM crm_etl_event") == [("merge", "c1", "c2")]
    assert batch.batch_id == 2
    counts = undo(2, any_url, tmp_path)
    assert contents(target) == before
    assert (counts["deleted"], counts["restored"], counts["crosswalk"]) == (0, 2, 1)
    assert target.plan(company()).empty
    assert target.load(one, moved).batch_id == 3


def test_later_edits_are_kept_and_named(any_url: str, tmp_path: Path) -> None:
    target = Target(any_url, tmp_path)
    target.load(company())
    target.load(company(segment="silver", owner="boris"))
    target.edit("UPDATE client SET segment = 'gold' WHERE client_id = 'c1'")
    counts = undo(2, any_url, tmp_path)
    assert target.rows("SELECT segment, owner FROM client WHERE client_id = 'c1'") == [("gold", "anna")]
    assert (counts["restored"], counts["conflicts"], counts["kept"]) == (1, 1, ["client:c1"])
    plan = target.plan(company())
    assert plan.facts["counts"]["client"]["update"] == 0, "people's gold stays"
    counts = undo(1, any_url, tmp_path)
    assert counts["kept"] == ["client:c1"]
    assert target.rows("SELECT client_id, segment FROM client") == [("c1", "gold")]
    assert crosswalk(any_url, tmp_path)["client_id"].tolist() == ["c1", "c1"], "a kept client keeps its records"


def test_a_client_to_whom_people_added_something_is_kept(any_url: str, tmp_path: Path) -> None:
    target = Target(any_url, tmp_path)
    target.load(company())
    target.edit("INSERT INTO client_phone (row_id, client_id, phone) VALUES ('own', 'c2', '+7')")
    assert undo(1, any_url, tmp_path)["kept"] == ["client:c2"]
    assert target.rows("SELECT client_id FROM client") == [("c2",)]
    assert target.rows("SELECT row_id FROM client_phone") == [("own",)]


def test_a_row_deleted_since_stays_deleted(tmp_path: Path) -> None:
    target = Target("sqlite:///crm.sqlite", tmp_path)
    target.load(company())
    wanted = company()
    wanted.client_email["email"] = "other@example.com"
    target.load(wanted)
    target.edit("DELETE FROM client_email")
    undo(2, target.url, tmp_path)
    assert target.rows("SELECT count(*) FROM client_email") == [(0,)]
    assert target.plan(company()).facts["counts"]["client_email"]["kept_deleted"] == 1


def test_records_that_joined_a_client_leave_it_again(tmp_path: Path) -> None:
    target = Target("sqlite:///crm.sqlite", tmp_path)
    target.load(company())
    target.load(company(), clustering(*COMPANY.members[["source", "key", "client_id"]].values, ("web", "5", "c1")))
    assert len(crosswalk(target.url, tmp_path)) == 4
    undo(2, target.url, tmp_path)
    assert crosswalk(target.url, tmp_path)["source"].tolist() == ["office", "office", "shop"]


def test_only_the_latest_batch_can_be_undone_and_only_once(tmp_path: Path) -> None:
    target = Target("sqlite:///crm.sqlite", tmp_path)
    with pytest.raises(PlanFault, match="does not exist"):
        undo(1, target.url, tmp_path)
    assert batches(target.url, tmp_path) == []
    assert not (tmp_path / "crm.sqlite").exists()
    target.load(company())
    target.load(company(segment="silver"))
    with pytest.raises(PlanFault, match="undo batch 2 first"):
        undo(1, target.url, tmp_path)
    with pytest.raises(PlanFault, match="no batch 7"):
        undo(7, target.url, tmp_path)
    undo(2, target.url, tmp_path)
    assert [(batch["id"], batch["undone"]) for batch in batches(target.url, tmp_path)] == [(1, False), (2, True)]
    with pytest.raises(PlanFault, match="undone already"):
        undo(2, target.url, tmp_path)
    undo(1, target.url, tmp_path)


def test_an_interrupted_undo_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = Target("sqlite:///crm.sqlite", tmp_path)
    target.load(company())
    before = target.dump()
    monkeypatch.setattr("crm_etl.load.undo._forget", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        undo(1, target.url, tmp_path)
    assert target.dump() == before


def test_a_kept_row_of_nothing_else(tmp_path: Path) -> None:
    target = Target("sqlite:///crm.sqlite", tmp_path)
    target.load(merged(crm_user=[{"user_id": "u1", "name": "anna"}]), clustering())
    target.edit("UPDATE crm_user SET name = 'Anna'")
    assert undo(1, target.url, tmp_path)["kept"] == ["crm_user:u1"]
    assert schema.CRM_USER.names[0] == "user_id"
