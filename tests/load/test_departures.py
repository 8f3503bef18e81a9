"""Records that go from one client to another: what they had brought leaves with them, people's own work stays."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from crm_etl import schema
from crm_etl.faults import RowsRefused
from crm_etl.load.undo import undo
from tests.load.factories import Clustering, Target, clustering, merged
from tests.load.test_plan import rows_of
from tests.load.test_undo import contents

ANNA = {
    "name": "Анна Ким",
    "name_latin": "Anna Kim",
    "phones": ["+79160000001", "+79160000007"],
    "emails": ["anna@example.org"],
    "identifiers": ["ru_inn:7707083893"],
    "country": "RU",
    "city": "Moscow",
}
BORIS = {
    "name": "Борис Лес",
    "name_latin": "Boris Les",
    "phones": ["+79160000002", "+79160000007"],
    "emails": ["boris@example.org"],
    "identifiers": ["ru_inn:500100732259"],
    "consents": ["sms:no"],
    "country": "RU",
    "city": "Tver",
}
TOGETHER = clustering(("shop", "1", "c1"), ("shop", "2", "c1"))
APART = clustering(("shop", "1", "c1"), ("shop", "2", "c2"))
CHILDREN = [name for name in schema.CLIENT_TABLES if name.startswith("client_") and name != "client_transaction"]


def parties(boris: dict[str, Any] = BORIS) -> pd.DataFrame:
    rows = [("1", ANNA), ("2", boris)]
    return schema.PARTY.build({"source": "shop", "key": key, "fingerprint": key} | values for key, values in rows)


def database(clustered: Clustering, answers: str = "2", **more: Any) -> SimpleNamespace:
    """What the merge makes: each client with its records' names and contacts; ``answers`` states a consent."""
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in ("client", *CHILDREN)}
    holder = clustered.members.set_index("key")["client_id"]
    for client in dict.fromkeys(holder):
        tables["client"].append({"client_id": client, "kind": "person", "display_name": "Kim"} | more)
    for key, record in (("1", ANNA), ("2", BORIS)):
        mine: dict[str, list[dict[str, Any]]] = {
            "client_name": [{"full_name": record[name]} for name in ("name", "name_latin")],
            "client_phone": [{"phone": phone} for phone in record["phones"]],
            "client_email": [{"email": email} for email in record["emails"]],
            "client_identifier": [{"type": "ru_inn", "value": item[7:]} for item in record["identifiers"]],
            "client_address": [{"country": "RU", "city": record["city"]}],
            "client_consent": [{"channel": "sms", "allowed": "no"}] if key == answers else [],
        }
        for name, rows in mine.items():
            held = [{"row_id": f"{holder[key]} {sorted(row.values())}", "client_id": holder[key]} | row for row in rows]
            tables[name] += [row for row in held if row not in tables[name]]
    return merged(**tables)


@pytest.fixture
def target(tmp_path: Path) -> Target:
    """A target in which Anna and Boris were loaded as one client."""
    target = Target("sqlite:///crm.sqlite", tmp_path)
    target.load(database(TOGETHER), TOGETHER, parties=parties())
    return target


def held(target: Target, client: str) -> set[str]:
    """What stands at a client, of all kinds."""
    queries = (
        ("client_name", "full_name"),
        ("client_phone", "phone"),
        ("client_email", "email"),
        ("client_identifier", "value"),
        ("client_address", "city"),
        ("client_consent", "channel"),
    )
    rows = [target.rows(f"SELECT {column} FROM {name} WHERE client_id = '{client}'") for name, column in queries]
    return {str(value) for part in rows for (value,) in part}


def stated(record: dict[str, Any]) -> set[str]:
    numbers = {item.partition(":")[2] for item in record["identifiers"]}
    return {record["name"], record["name_latin"], record["city"], *record["phones"], *record["emails"], *numbers}


def test_after_a_split_each_client_has_what_its_own_records_state(target: Target) -> None:
    assert held(target, "c1") == stated(ANNA) | stated(BORIS) | {"sms"}
    plan = target.plan(database(APART), APART, parties=parties())
    removed = rows_of(plan, "remove")
    assert {row["reason"] for row in removed} == {"split: shop:2 is of c2 now"}
    assert {row["table"] for row in removed} == set(CHILDREN)
    counts = plan.facts["counts"]["client_phone"]
    assert (counts["remove"], counts["vanished"], counts["insert"]) == (1, 0, 2)
    target.load(database(APART), APART, parties=parties())
    assert held(target, "c1") == stated(ANNA)
    assert held(target, "c2") == stated(BORIS) | {"sms"}
    assert target.plan(database(APART), APART, parties=parties()).empty


def test_what_people_edited_or_entered_stays_and_is_listed(target: Target) -> None:
    target.edit("UPDATE client_phone SET is_primary = 1 WHERE phone = '+79160000002'")
    target.edit("INSERT INTO client_email (row_id, client_id, email) VALUES ('own', 'c1', 'boris@example.org')")
    plan = target.plan(database(APART), APART, parties=parties())
    (conflict,) = rows_of(plan, "conflict")
    assert (conflict["table"], conflict["client_id"]) == ("client_phone", "c1")
    assert conflict["reason"] == "split: shop:2 is of c2 now"
    assert plan.facts["counts"]["client_phone"]["conflict"] == 1
    target.load(database(APART), APART, parties=parties())
    assert held(target, "c1") == stated(ANNA) | {"+79160000002", "boris@example.org"}
    assert target.rows("SELECT row_id FROM client_email WHERE client_id = 'c1' AND email LIKE 'boris%'") == [("own",)]
    assert target.plan(database(APART), APART, parties=parties()).empty


def test_a_value_that_the_old_system_dropped_stays_whoever_left(target: Target) -> None:
    without = parties(BORIS | {"emails": []})
    apart = database(APART)
    apart.client_email = apart.client_email[:1]
    plan = target.plan(apart, APART, parties=without)
    assert plan.facts["counts"]["client_email"]["vanished"] == 1
    assert "client_email" not in {row["table"] for row in rows_of(plan, "remove")}


def test_a_no_that_the_record_did_not_state_stays(target: Target) -> None:
    plan = target.plan(database(APART), APART, parties=parties(BORIS | {"consents": ["email:no"]}))
    assert plan.facts["counts"]["client_consent"]["vanished"] == 1
    assert "client_consent" not in {row["table"] for row in rows_of(plan, "remove")}


def test_a_value_stays_that_the_other_client_does_not_get(target: Target) -> None:
    apart = database(APART)
    apart.client_phone = apart.client_phone[apart.client_phone["client_id"] == "c1"]
    plan = target.plan(apart, APART, parties=parties())
    assert plan.facts["counts"]["client_phone"]["vanished"] == 1
    assert "client_phone" not in {row["table"] for row in rows_of(plan, "remove")}


def test_nothing_leaves_for_a_client_that_the_target_refuses(target: Target) -> None:
    apart = database(APART)
    apart.client.loc[apart.client["client_id"] == "c2", "display_name"] = None
    plan = target.plan(apart, APART, parties=parties())
    assert plan.facts["reasons"]["client/name_missing"] == 1
    assert rows_of(plan, "remove") == []


def test_a_client_that_people_merged_into_another_is_left_to_them(target: Target) -> None:
    target.edit("INSERT INTO client (client_id, display_name) VALUES ('own', 'Anna')")
    target.edit("UPDATE client SET merged_into = 'own' WHERE client_id = 'c1'")
    plan = target.plan(database(APART), APART, parties=parties())
    assert rows_of(plan, "remove") == []
    assert {row["reason"] for row in rows_of(plan, "conflict")} == {"split: shop:2 is of c2 now"}


def test_undo_brings_back_what_a_split_took_off(any_url: str, tmp_path: Path) -> None:
    target = Target(any_url, tmp_path)
    target.load(database(TOGETHER), TOGETHER, parties=parties())
    before = contents(target)
    target.load(database(APART, segment="vip"), APART, parties=parties())
    counts = undo(2, any_url, tmp_path)
    assert contents(target) == before
    assert counts["restored"] == 8
    target.load(database(APART), APART, parties=parties())
    assert held(target, "c1") == stated(ANNA)
    undo(3, any_url, tmp_path)
    undo(1, any_url, tmp_path)
    assert {name: rows for name, rows in contents(target).items() if rows} == {}


def test_undo_brings_nothing_back_to_a_client_that_people_deleted(target: Target) -> None:
    target.load(database(APART), APART, parties=parties())
    for name in CHILDREN:
        target.edit(f"DELETE FROM {name} WHERE client_id = 'c1'")
    target.edit("DELETE FROM client WHERE client_id = 'c1'")
    undo(2, target.url, target.root)
    assert target.rows("SELECT client_id FROM client") == []
    assert held(target, "c1") == set()


def test_a_merge_that_is_undone_restores_both_clients(target: Target) -> None:
    target.load(database(APART), APART, parties=parties())
    apart = {name: rows for name, rows in contents(target).items() if name in schema.CLIENT_TABLES}
    target.load(database(TOGETHER), TOGETHER, parties=parties())
    assert target.rows("SELECT merged_into FROM client WHERE client_id = 'c2'") == [("c1",)]
    assert held(target, "c1") == stated(ANNA) | stated(BORIS) | {"sms"}
    target.load(database(APART), APART, parties=parties())
    assert {name: rows for name, rows in contents(target).items() if name in schema.CLIENT_TABLES} == apart
    history = target.rows(
        "SELECT batch_id, before_values, after_values FROM crm_etl_change "
        "WHERE table_name = 'client' AND row_id = 'c2' AND action <> 'insert' ORDER BY batch_id"
    )
    assert history == [
        (3, '{"merged_into":null}', '{"merged_into":"c1"}'),
        (4, '{"merged_into":"c1"}', '{"merged_into":null}'),
    ]


def test_a_client_that_comes_back_gives_up_what_stays_with_the_other(tmp_path: Path) -> None:
    target = Target("sqlite:///crm.sqlite", tmp_path)
    for client in ("c2", "c1", "c0"):  # both records in c2, then c2 merged into c1, and c1 into c0
        one = clustering(("shop", "1", client), ("shop", "2", client))
        target.load(database(one), one, parties=parties())
    assert held(target, "c2") == stated(ANNA) | stated(BORIS) | {"sms"}
    apart = clustering(("shop", "1", "c0"), ("shop", "2", "c2"))
    target.load(database(apart), apart, parties=parties())
    assert held(target, "c2") == stated(BORIS) | {"sms"}
    assert held(target, "c0") == stated(ANNA)
    assert target.plan(database(apart), apart, parties=parties()).empty


def test_a_value_never_stands_twice_while_it_goes(any_url: str, tmp_path: Path) -> None:
    target = Target(any_url, tmp_path)
    target.load(database(TOGETHER), TOGETHER, parties=parties())
    target.edit("CREATE UNIQUE INDEX only_once ON client_email (email)")
    target.load(database(APART), APART, parties=parties())
    assert "boris@example.org" in held(target, "c2")
    undo(2, any_url, tmp_path)
    assert "boris@example.org" in held(target, "c1")


def test_a_row_that_the_targets_own_tables_need_is_named(target: Target) -> None:
    row = target.rows("SELECT row_id FROM client_email WHERE email = 'boris@example.org'")[0][0]
    target.edit("CREATE TABLE mailing (email_id VARCHAR(64) REFERENCES client_email (row_id))")
    target.edit("INSERT INTO mailing SELECT row_id FROM client_email WHERE email = 'boris@example.org'")
    before = target.dump()
    with pytest.raises(RowsRefused) as caught:
        target.load(database(APART), APART, parties=parties())
    assert [(refused.table, refused.row_id) for refused in caught.value.rows] == [("client_email", row)]
    assert target.dump() == before
