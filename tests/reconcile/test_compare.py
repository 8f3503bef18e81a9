from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from crm_etl import schema
from crm_etl.reconcile import Crm, Legacy
from crm_etl.reconcile.compare import compare, sampled
from tests.reconcile import company


def findings(legacy: Legacy, crm: Crm, field: str) -> list[tuple[Any, ...]]:
    found = compare(legacy, crm).findings
    rows = found[found["subject"] == field]
    return [
        tuple(None if pd.isna(cell) else cell for cell in row)
        for row in rows[["reference", "legacy", "crm", "status", "rule"]].itertuples(index=False)
    ]


def test_a_value_that_lost_is_explained_by_its_survivorship_rule() -> None:
    assert findings(company.legacy(), company.crm(), "branch") == [
        ("desk:A c1", "south", "north", "explained", "trusted")
    ]


def test_a_name_spelled_otherwise_in_the_source_is_raw_only() -> None:
    (line,) = [one for one in compare(company.legacy(), company.crm()).fields if one["field"] == "display_name"]
    assert (line["equal"], line["raw"], line["explained"]) == (2, 1, 1)


def test_a_balance_is_the_sum_of_its_records_or_unexplained() -> None:
    assert {row[4] for row in findings(company.legacy(), company.crm(), "balance")} == {"sum"}
    wrong = company.edited(company.crm(loaded=False), "client", 0, balance="11.76")
    assert {row[3] for row in findings(company.legacy(), wrong, "balance")} == {"unexplained"}


def test_a_value_changed_by_people_in_the_crm_is_their_edit() -> None:
    crm = company.edited(company.crm(), "client", 1, display_name="بهزاد")
    assert findings(company.legacy(), crm, "display_name")[0][3:] == ("explained", "crm_edit")
    unknown = company.edited(company.crm(loaded=False), "client", 1, display_name="بهزاد")
    assert findings(company.legacy(), unknown, "display_name")[0][3:] == ("unexplained", None)


def test_a_source_that_changed_since_the_load_explains_its_difference() -> None:
    legacy = company.legacy()
    parties = legacy.parties.copy()
    parties.loc[1, ["branch", "fingerprint"]] = ["west", "new"]
    found = findings(replace(legacy, parties=parties), company.crm(), "branch")
    assert ("shop:2 c2", "west", "north", "explained", "changed_since_load") in found
    parties.loc[1, "fingerprint"] = "f2"
    found = findings(replace(legacy, parties=parties), company.crm(), "branch")
    assert ("shop:2 c2", "west", "north", "unexplained", None) in found


def test_a_value_that_the_crm_lost_or_made_up_is_unexplained() -> None:
    gone = company.edited(company.crm(loaded=False), "client", 0, birth_date=pd.NA)
    assert findings(company.legacy(), gone, "birth_date") == [("shop:1 c1", "1984-03-21", None, "unexplained", None)]
    made = company.edited(company.crm(loaded=False), "client", 1, birth_date="2000-01-01")
    assert findings(company.legacy(), made, "birth_date") == [("c2", None, "2000-01-01", "unexplained", None)]


def test_of_consents_only_the_stricter_may_stand() -> None:
    assert {row[4] for row in findings(company.legacy(), company.crm(), "consents")} == {"stricter"}
    loose = company.edited(company.crm(loaded=False), "client_consent", 1, allowed="yes")
    assert findings(company.legacy(), loose, "consents")[-1] == ("optins:O2 c2", "no", "yes", "unexplained", None)


def test_phones_missing_or_added_in_the_crm() -> None:
    missing = company.without(company.crm(loaded=False), "client_phone", 1)
    assert findings(company.legacy(), missing, "phones") == [("desk:A c1", "+79160000002", None, "unexplained", None)]
    deleted = company.without(company.crm(), "client_phone", 1)
    assert findings(company.legacy(), deleted, "phones")[0][3:] == ("explained", "crm_edit")
    new = schema.CLIENT_PHONE.build([{"row_id": "x", "client_id": "c2", "phone": "+78000000000"}])
    crm = company.crm()
    more = replace(crm, tables={**crm.tables, "client_phone": pd.concat([crm.tables["client_phone"], new])})
    assert findings(company.legacy(), more, "phones") == [("c2", None, "+78000000000", "explained", "crm_edit")]


def test_a_record_with_fewer_phones_than_its_client_is_counted_as_union() -> None:
    (line,) = [one for one in compare(company.legacy(), company.crm()).fields if one["field"] == "phones"]
    assert line["rules"] == {"union": 1}
    assert line["unexplained"] == 0


def test_a_transaction_at_the_wrong_client_is_unexplained() -> None:
    wrong = company.edited(company.crm(loaded=False), "client_transaction", 1, client_id="c3")
    assert findings(company.legacy(), wrong, "transaction.client_id") == [
        ("sales:S2 c3", "c2", "c3", "unexplained", None)
    ]


@pytest.mark.parametrize("amount", ["100.1", "100.1000"])
def test_amounts_are_compared_as_amounts(amount: str) -> None:
    same = company.edited(company.crm(loaded=False), "client_transaction", 0, amount=amount)
    assert findings(company.legacy(), same, "transaction.amount") == []


def test_a_sample_is_the_same_on_every_run_and_of_whole_clients() -> None:
    ids = pd.Series([f"c{number % 50}" for number in range(100)], dtype="string[pyarrow]")
    chosen = sampled(ids, 7)
    assert ids[chosen].nunique() == 7
    assert chosen.equals(sampled(ids, 7))
    assert sampled(ids, 0).all()
    few = compare(company.legacy(), company.crm(), sample=1)
    assert sum(line["compared"] for line in few.fields if line["field"] == "kind") < 4


def test_names_are_compared_with_those_that_the_merge_makes_today() -> None:
    rows = [{"row_id": "m1", "client_id": "c1", "full_name": "Anna Kim", "script": "Latn"}]
    names = {"client_name": schema.CLIENT_NAME.build(rows)}
    crm = replace(company.crm(loaded=False), expected=names)
    lost = findings(company.legacy(), crm, "client_name.full_name")
    assert lost == [("c1 m1", "Anna Kim", None, "unexplained", None)]
    held = replace(crm, tables={**crm.tables, **names})
    assert findings(company.legacy(), held, "client_name.full_name") == []
    deleted = replace(crm, baseline=names)
    assert findings(company.legacy(), deleted, "client_name.full_name")[0][3:] == ("explained", "crm_edit")


def test_nothing_on_either_side() -> None:
    legacy = replace(company.legacy(), parties=schema.PARTY.empty(), related={})
    empty = Crm({}, schema.CROSSWALK.empty())
    assert len(compare(legacy, empty).findings) == 0


def test_a_value_that_no_record_states_any_more_is_kept_but_not_one_that_the_merge_makes() -> None:
    legacy, crm = company.legacy(), company.crm()
    parties = legacy.parties.copy()
    parties.at[2, "phones"] = ["+79160000001"]
    side = replace(legacy, parties=parties)
    today = {**company.tables(), "client_phone": company.tables()["client_phone"][:1]}
    assert [found[3:] for found in findings(side, replace(crm, expected=today), "phones")] == [
        ("explained", "no_longer_delivered")
    ]
    assert findings(side, replace(crm, expected=company.tables()), "phones")[0][3] == "unexplained"


def test_a_client_of_which_nothing_loaded_is_delivered_any_more_is_not_explained() -> None:
    legacy, crm = company.legacy(), company.crm()
    parties = legacy.parties.copy()
    for row in (0, 2):
        parties.at[row, "phones"], parties.at[row, "emails"] = ["+79160000009"], []
    new = schema.CLIENT_PHONE.build([{"row_id": "p9", "client_id": "c1", "phone": "+79160000009"}])
    today = {**company.tables(), "client_phone": new, "client_email": schema.CLIENT_EMAIL.empty()}
    phones = pd.concat([company.tables()["client_phone"], new], ignore_index=True)
    held = {**company.tables(), "client_phone": phones}
    for batch, status in ((2, "unexplained"), (1, "explained")):
        since = {"client_phone": {"p1": 1, "p2": 1, "p9": batch}, "client_email": {"e1": 1}}
        side = replace(crm, tables=held, baseline=held, expected=today, since=since)
        found = findings(replace(legacy, parties=parties), side, "phones")
        assert [row[3] for row in found] == [status, status]


def test_a_value_that_belongs_to_another_client_now_is_not_explained() -> None:
    legacy, crm = company.legacy(), company.crm()
    parties = legacy.parties.copy()
    parties.at[2, "phones"], parties.at[1, "phones"] = [], ["+79160000002"]
    today = {**company.tables(), "client_phone": company.tables()["client_phone"].assign(client_id=["c1", "c2"])}
    moved = {"row_id": "p3", "client_id": "c2", "phone": "+79160000002"}
    phones = pd.concat([company.tables()["client_phone"], schema.CLIENT_PHONE.build([moved])], ignore_index=True)
    held = {**company.tables(), "client_phone": phones}
    side = replace(crm, tables=held, baseline=held, expected=today)
    found = findings(replace(legacy, parties=parties), side, "phones")
    assert found == [("c1", None, "+79160000002", "unexplained", None)]


def test_a_row_that_people_edited_is_their_work_wherever_its_record_went() -> None:
    """Phone, name and consent of c1 are due to c2, whose record states them; people edited the rows in between."""
    legacy, crm = company.legacy(), company.crm()
    parties = legacy.parties.copy()
    parties.at[2, "phones"], parties.at[1, "phones"] = [], ["+79160000002"]
    parties.at[0, "consents"], parties.at[2, "consents"] = [], []
    name = {"row_id": "m1", "full_name": "Boris", "script": "Latn"}
    names = schema.CLIENT_NAME.build([name | {"client_id": "c1"}])
    loaded = {**company.tables(), "client_name": names}
    moved = {"row_id": "p3", "client_id": "c2", "phone": "+79160000002"}
    phones = loaded["client_phone"].assign(is_primary=pd.array([None, True], dtype="boolean"))
    consents = loaded["client_consent"].assign(since=["2024-01-01", None])
    held = {
        **loaded,
        "client_phone": pd.concat([phones, schema.CLIENT_PHONE.build([moved])], ignore_index=True),
        "client_name": names.assign(given="Borya"),
        "client_consent": schema.CLIENT_CONSENT.conform(consents),
    }
    today = {
        "client_phone": pd.concat([phones[:1], schema.CLIENT_PHONE.build([moved])], ignore_index=True),
        "client_name": schema.CLIENT_NAME.build([name | {"row_id": "m2", "client_id": "c2"}]),
        "client_consent": loaded["client_consent"][1:],
    }
    side = replace(crm, tables=held, baseline=loaded, expected=today)
    moved_on = replace(legacy, parties=parties)
    assert findings(moved_on, side, "phones") == [("c1", None, "+79160000002", "explained", "crm_edit")]
    assert ("c1 email", None, "no", "explained", "crm_edit") in findings(moved_on, side, "consents")
    assert ("c1 m1", None, "Boris", "explained", "crm_edit") in findings(moved_on, side, "client_name.full_name")
