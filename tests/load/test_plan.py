"""Plans: the three-way rule per field, refusals, deletions, retirements, new and vanished rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_etl import schema
from crm_etl.load import rowjson
from crm_etl.load.differences import compare
from crm_etl.load.loadable import Refusals
from tests.load.factories import COMPANY, Target, clustering, company, merged

FIELDS = ("segment", "owner", "balance")
VALUES = st.sampled_from([None, "1.00", "2.00", "3.00"])
ROW = st.fixed_dictionaries(dict.fromkeys(FIELDS, VALUES))
SIDES = st.lists(st.tuples(st.none() | ROW, ROW, st.none() | ROW), min_size=1, max_size=30)


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return Target("sqlite:///crm.sqlite", tmp_path)


def rows_of(plan: Any, action: str) -> list[dict[str, Any]]:
    changes = plan.changes[plan.changes["action"] == action]
    return changes.astype(object).where(changes.notna(), None).to_dict("records")


def _frame(rows: list[tuple[int, dict[str, Any]]]) -> pd.DataFrame:
    data = [{"client_id": f"c{number}"} | row for number, row in rows]
    return pd.DataFrame(data, columns=["client_id", *FIELDS]).astype("string[pyarrow]")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SIDES)
def test_a_plan_never_overwrites_an_edit_and_misses_no_clean_change(sides: list[tuple[Any, Any, Any]]) -> None:
    """Sides are (as loaded, legacy now, CRM now); None: never loaded, or not in the CRM."""
    numbered = list(enumerate(sides))
    loaded = _frame([(n, side[0]) for n, side in numbered if side[0] is not None])
    known = pd.Series(rowjson.encode(loaded.iloc[:, 1:]).array, index=loaded["client_id"].to_numpy(dtype=object))
    crm = _frame([(n, side[2]) for n, side in numbered if side[2] is not None])
    wanted = _frame([(n, side[1]) for n, side in numbered])
    found = compare("client", wanted, crm, known, Refusals.none(len(wanted)))
    written: dict[str, dict[str, Any]] = {}
    listed: dict[str, dict[str, Any]] = {}
    for row in found.changes.itertuples():
        (listed if row.action == "conflict" else written)[row.row_id] = json.loads(row.after)
    for number, (then, now, present) in numbered:
        key = f"c{number}"
        if present is None:
            assert (key in written) == (then is None), "people's deletion stays; a new row is inserted"
            continue
        for field in FIELDS:
            edited = then is None or present[field] != then[field]
            changed = (then is None or now[field] != then[field]) and now[field] != present[field]
            assert (field in written.get(key, {})) == (changed and not edited)
            assert (field in listed.get(key, {})) == (changed and edited)
    counts = found.counts
    only_conflict = len(set(listed) - set(written))
    assert len(wanted) == only_conflict + sum(
        counts[action] for action in ("insert", "update", "leave", "refuse", "kept_deleted")
    )


def test_an_edit_to_the_same_value_is_left(target: Target) -> None:
    target.load(company())
    target.edit("UPDATE client SET segment = 'silver' WHERE client_id = 'c1'")
    assert target.plan(company(segment="silver")).empty


def test_other_spellings_of_the_same_value_are_no_change(target: Target) -> None:
    target.load(company())
    assert target.plan(company(balance="-1234.5000", created_at="2020-01-05T10:30:00Z")).empty


def test_a_conflict_lists_both_values_and_the_rest_of_the_row_goes_on(target: Target) -> None:
    target.load(company())
    target.edit("UPDATE client SET segment = 'gold' WHERE client_id = 'c1'")
    plan = target.plan(company(segment="silver", owner="boris"))
    (update,), (conflict,) = rows_of(plan, "update"), rows_of(plan, "conflict")
    assert (update["fields"], update["before"], update["after"]) == (
        '["owner"]',
        '{"owner":"anna"}',
        '{"owner":"boris"}',
    )
    assert (conflict["before"], conflict["after"]) == ('{"segment":"gold"}', '{"segment":"silver"}')
    assert plan.facts["samples"]["client/conflict"] == ["c1"]


def test_what_people_deleted_stays_deleted_with_what_would_hang_on_it(target: Target) -> None:
    target.load(company())
    target.edit("DELETE FROM client_phone WHERE client_id = 'c2'")
    target.edit("DELETE FROM client_identifier WHERE client_id = 'c2'")
    target.edit("DELETE FROM client WHERE client_id = 'c2'")
    wanted = company()
    wanted.client_email = schema.CLIENT_EMAIL.build(
        [
            *wanted.client_email.to_dict("records"),
            {"row_id": "e2", "client_id": "c2", "email": "new@example.com", "is_primary": True},
        ]
    )
    plan = target.plan(wanted)
    assert plan.empty
    assert plan.facts["counts"]["client"]["kept_deleted"] == 1
    assert plan.facts["counts"]["client_phone"]["kept_deleted"] == 1
    assert plan.facts["reasons"] == {"client_email/client_deleted": 1}


def test_rows_that_vanish_from_the_legacy_stay(target: Target) -> None:
    target.load(company())
    wanted = company()
    wanted.interaction = schema.CLIENT_INTERACTION.empty()
    plan = target.plan(wanted)
    assert plan.empty
    assert plan.facts["counts"]["interaction"]["vanished"] == 1


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"display_name": "я" * 256}, "too_long"),
        ({"display_name": None}, "name_missing"),
        ({"balance": "1 234,56"}, "bad_amount"),
        ({"balance": "NaN"}, "bad_amount"),
        ({"balance": "1.23456"}, "bad_amount"),
        ({"balance": "1234567890123456.5"}, "bad_amount"),
        ({"birth_date": "31.02.1999"}, "bad_date"),
        ({"created_at": "yesterday"}, "bad_instant"),
        ({"comment": "a\x00b"}, "nul_character"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_whole_with_all_that_hangs_on_it(
    target: Target, cells: dict[str, str | None], reason: str
) -> None:
    plan = target.plan(company(**cells))
    (client,) = [row for row in rows_of(plan, "refuse") if row["table"] == "client"]
    assert (client["reason"], client["fields"], client["after"]) == (reason, json.dumps(list(cells)), None)
    assert {row["reason"] for row in rows_of(plan, "refuse") if row["table"] != "client"} == {"client_refused"}
    assert plan.crosswalk["client_id"].tolist() == ["c2"]
    target.load(company(**cells))
    assert target.rows("SELECT client_id FROM client") == [("c2",)]
    assert target.plan(company(**cells)).empty
    assert target.load(company()).counts["client"]["insert"] == 1, "mended, it loads"


def test_255_characters_of_any_script_fit(any_url: str, tmp_path: Path) -> None:
    target = Target(any_url, tmp_path)
    target.load(company(display_name="😀" * 255))
    assert target.plan(company(display_name="😀" * 255)).empty


def test_doubles_and_rows_of_nobody_are_refused(target: Target) -> None:
    plan = target.plan(
        merged(
            client=[{"client_id": "c1", "display_name": "Анна"}, {"client_id": "c1", "display_name": "Анна"}],
            client_phone=[
                {"row_id": "p1", "client_id": "c1", "phone": "+7"},
                {"row_id": "p2", "client_id": "nobody", "phone": "+7"},
                {"row_id": "p3", "phone": "+7"},
                {"client_id": "c1", "phone": "+7"},
            ],
        ),
        clustering(("shop", "1", "c1")),
    )
    assert plan.facts["reasons"] == {
        "client/duplicate_key": 1,
        "client_phone/missing_client": 2,
        "client_phone/missing_key": 1,
    }
    assert plan.facts["counts"]["client_phone"]["insert"] == 1


def test_a_client_whose_records_moved_is_retired_and_comes_back_after_a_split(target: Target) -> None:
    target.load(company())
    one = merged(client=[{"client_id": "c1", "kind": "person"}])
    together = clustering(("shop", "1", "c1"), ("office", "A-1", "c1"), ("office", "B-2", "c1"))
    plan = target.plan(one, together)
    (retired,) = rows_of(plan, "retire")
    assert (retired["client_id"], retired["after"]) == ("c2", '{"merged_into":"c1"}')
    target.load(one, together)
    assert target.rows("SELECT merged_into FROM client WHERE client_id = 'c2'") == [("c1",)]
    assert target.rows("SELECT client_id FROM client_phone ORDER BY row_id") == [("c1",), ("c2",)], "nothing deleted"
    assert target.plan(one, together).empty
    target.load(company(), COMPANY)
    assert target.rows("SELECT merged_into FROM client WHERE client_id = 'c2'") == [(None,)]
    assert target.plan(company()).empty


def test_a_child_row_follows_its_record_to_another_client(target: Target) -> None:
    target.load(company())
    wanted = company()
    wanted.interaction["client_id"] = "c2"
    target.load(wanted)
    assert target.rows("SELECT client_id FROM interaction") == [("c2",)]


def test_the_crosswalk_is_written_for_what_is_new_or_changed(target: Target) -> None:
    def parties(mark: str) -> pd.DataFrame:
        records = [("shop", "1", mark), ("office", "A-1", "f2"), ("office", "B-2", "f3")]
        return pd.DataFrame(records, columns=["source", "key", "fingerprint"]).astype("string[pyarrow]")

    assert len(target.plan(company(), parties=parties("f1")).crosswalk) == 3
    target.load(company(), parties=parties("f1"))
    assert target.plan(company(), parties=parties("f1")).empty
    assert target.plan(company()).empty, "an unknown fingerprint is no change"
    assert target.plan(company(), parties=parties("new")).crosswalk["key"].tolist() == ["1"]


def test_a_row_made_in_the_crm_itself_is_not_overwritten(target: Target) -> None:
    target.load(company())
    target.edit("INSERT INTO client (client_id, display_name, segment) VALUES ('c3', 'Анна', 'own')")
    wanted = company()
    own = {"client_id": "c3", "display_name": "Анна", "segment": "legacy"}
    wanted.client = schema.CLIENT.build([*wanted.client.to_dict("records"), own])
    plan = target.plan(wanted)
    assert [row["before"] for row in rows_of(plan, "conflict")] == ['{"segment":"own"}']
    assert not rows_of(plan, "update")
