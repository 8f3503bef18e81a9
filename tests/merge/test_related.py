"""Related rows follow their client, or leave with their reason."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from crm_etl import schema
from crm_etl.faults import LedgerFault
from crm_etl.merge import merge
from crm_etl.storage import State
from tests.merge.factories import frames, migration, origin, party, related

PEOPLE, MEMBERS = frames(party("crm", "1", "c"), party("shop", "2", "c"), party("crm", "3", "d"))
CALLS = related(
    "interaction",
    {**origin("calls", "a"), "client_source": "shop", "client_key": "2", "owner": "Anna", "subject": "hello"},
    {**origin("calls", "b"), "client_source": "crm", "client_key": "404"},
    {**origin("calls", "c"), "client_source": "crm", "client_key": "bad"},
    {**origin("calls", "d"), "client_source": "crm"},
)
LOST = schema.QUARANTINE.build([{**origin("crm", "bad"), "reason": "bad_date"}])


def test_rows_are_repointed_and_orphans_refused() -> None:
    raw = pd.DataFrame({"source": ["calls"], "key": ["b"], "raw:Kunde": ["404"], "raw:Text": [None]}).astype("string")
    merged = merge(PEOPLE, MEMBERS, {"calls": CALLS}, migration(), LOST, {"calls": raw})
    assert list(merged.interaction["client_id"]) == ["c"]
    assert list(merged.interaction["legacy_key"]) == ["a"]
    assert list(merged.interaction["owner"]) == list(merged.crm_user["user_id"])
    refused = merged.refused.set_index("key")
    assert dict(refused["reason"]) == {"b": "orphan", "c": "client_quarantined", "d": "orphan"}
    assert "crm:bad" in refused.loc["c", "message"]
    assert "bad_date" in refused.loc["c", "message"]
    assert json.loads(refused.loc["b", "cells"]) == {"Kunde": "404", "Text": None}
    assert json.loads(refused.loc["c", "cells"]) == {"client_source": "crm", "client_key": "bad"}
    assert merged.facts["related"] == {"calls": {"read": 4, "kept": 1, "refused": 3}}


def test_lost_clients_may_be_a_mapping() -> None:
    merged = merge(PEOPLE, MEMBERS, {"calls": CALLS}, migration(), {("crm", "bad"): "bad_date"})
    assert list(merged.refused["reason"]) == ["orphan", "client_quarantined", "orphan"]


def test_row_id_stays_when_the_client_changes() -> None:
    before = merge(PEOPLE, MEMBERS, {"calls": CALLS}, migration())
    moved = MEMBERS.assign(client_id=["c", "e", "d"])
    after = merge(PEOPLE, moved, {"calls": CALLS}, migration())
    assert list(before.interaction["row_id"]) == list(after.interaction["row_id"])
    assert list(after.interaction["client_id"]) == ["e"]


@pytest.mark.parametrize("cut", ["parties", "members"])
def test_parties_and_members_must_be_the_same_records(cut: str) -> None:
    people = PEOPLE.iloc[1:] if cut == "parties" else PEOPLE
    members = MEMBERS.iloc[1:] if cut == "members" else MEMBERS
    with pytest.raises(LedgerFault, match="not of the same run"):
        merge(people, members, {}, migration())


def test_twice_the_same_record_is_a_fault() -> None:
    with pytest.raises(LedgerFault, match="1 record standing twice"):
        merge(pd.concat([PEOPLE, PEOPLE.iloc[:1]]), MEMBERS, {}, migration())


def test_nothing_at_all_and_what_rests_in_the_state_folder(tmp_path) -> None:  # type: ignore[no-untyped-def]
    empty = merge(schema.PARTY.empty(), schema.MEMBERS.empty(), {}, migration())
    assert all(len(table) == 0 for table in empty.tables.values())
    merged = merge(PEOPLE, MEMBERS, {"calls": CALLS}, migration())
    state = State(tmp_path)
    state.write("client/database", merged)
    again = state.read("client/database", type(merged))
    assert again.facts == merged.facts
    for name, table in schema.CLIENT_TABLES.items():
        assert list(merged.tables[name].columns) == table.names
        pd.testing.assert_frame_equal(again.tables[name], merged.tables[name])
