from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_etl import schema
from crm_etl.faults import LedgerFault
from crm_etl.reconcile import Crm, Legacy, planned, refused_rows
from crm_etl.reconcile.ledger import closes, kept, ledger, lost, require_closed
from tests.reconcile import company

#: Fate of a client row: its client's number, or why it is not in the CRM.
FATES = st.one_of(st.integers(0, 4), st.sampled_from(["quarantined", "total_row", "awaiting_entry"]))


def test_every_row_is_accounted_for() -> None:
    balance = ledger(company.legacy(), company.crm()).set_index("source")
    assert balance.loc["shop"].to_dict() == {
        "read": 4,
        "loaded": 2,
        "merged": 0,
        "quarantined": 1,
        "excluded": 1,
        "awaiting": 0,
        "difference": 0,
    }
    assert balance.loc["desk", ["loaded", "merged", "awaiting"]].tolist() == [1, 1, 1]
    assert balance.loc["sales", ["loaded", "quarantined"]].tolist() == [2, 1]
    assert balance.loc["optins", ["loaded", "merged"]].tolist() == [1, 1]
    require_closed(ledger(company.legacy(), company.crm()))


def test_trust_decides_which_record_of_a_client_counts_as_loaded() -> None:
    side = replace(company.legacy(), trust=("desk", "shop"))
    balance = ledger(side, company.crm()).set_index("source")
    assert balance.loc["desk", ["loaded", "merged"]].tolist() == [2, 0]
    assert balance.loc["shop", ["loaded", "merged"]].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("table", "at", "reference"),
    [("client", 1, "shop:2"), ("client_transaction", 0, "sales:S1"), ("client_consent", 1, "optins:O1")],
)
def test_a_row_that_the_crm_lost_opens_the_ledger_and_is_named(table: str, at: int, reference: str) -> None:
    broken = company.without(company.crm(), table, at)
    balance = ledger(company.legacy(), broken)
    source, key = reference.split(":")
    assert balance.set_index("source").loc[source, "difference"] >= 1
    assert key in lost(company.legacy(), broken).query("source == @source")["key"].tolist()
    with pytest.raises(LedgerFault, match=f"{source}: .* missing") as error:
        require_closed(balance)
    assert error.value.exit_code == 1


def test_a_row_loaded_twice_opens_the_ledger() -> None:
    crm = company.crm()
    twice = pd.concat([crm.tables["client_transaction"]] * 2, ignore_index=True)
    balance = ledger(company.legacy(), replace(crm, tables={**crm.tables, "client_transaction": twice}))
    assert balance.set_index("source").loc["sales", "difference"] == -2
    with pytest.raises(LedgerFault, match="too many"):
        require_closed(balance)


def test_records_of_an_earlier_delivery_do_not_count() -> None:
    crm = company.crm()
    old = schema.CROSSWALK.build([{"source": "shop", "key": "old", "client_id": "c2"}])
    walk = pd.concat([crm.crosswalk, old], ignore_index=True)
    assert closes(ledger(company.legacy(), replace(crm, crosswalk=walk)))


def test_rows_that_a_plan_refuses_are_quarantined_not_lost() -> None:
    crm, legacy = company.crm(), company.legacy()
    members = schema.MEMBERS.conform(company.crosswalk())
    refused = {"table": "client", "row_id": "c2", "action": "refuse", "reason": "too_long"}
    related = {"table": "client_transaction", "row_id": "t2", "action": "refuse", "reason": "client_refused"}
    consent = {"table": "client_consent", "row_id": "n2", "action": "leave", "reason": None}
    changes = pd.DataFrame([refused, related, consent])
    tables = {name: table.empty() for name, table in schema.CLIENT_TABLES.items()} | dict(crm.tables)
    after = planned(tables, members, changes, {}, company.lineage())
    assert after.tables["client"]["client_id"].tolist() == ["c1", "c3"]
    out = refused_rows(changes, members, tables, {}, legacy.parties, legacy.related)
    assert sorted(zip(out["source"], out["key"], out["reason"], strict=True)) == [
        ("sales", "S2", "client_refused"),
        ("shop", "2", "too_long"),
    ]
    assert set(out["stage"]) == {"load"}
    everything = replace(legacy, refused=pd.concat([legacy.refused, out], ignore_index=True))
    assert closes(ledger(everything, after))


def _sides(fates: list[int | str]) -> tuple[Legacy, Crm]:
    rows = [company.origin("shop", f"k{at}", at + 1) for at in range(len(fates))]
    placed = [(row, fate) for row, fate in zip(rows, fates, strict=True) if isinstance(fate, int)]
    out = [row for row, fate in zip(rows, fates, strict=True) if fate == "quarantined"]
    left = [row | {"rule": fate} for row, fate in zip(rows, fates, strict=True) if fate in EXCLUSIONS]
    legacy = Legacy(
        {"shop": "client"},
        ("shop",),
        {"shop": len(fates)},
        schema.EXCLUDED.build(left),
        schema.QUARANTINE.build(out),
        schema.PARTY.build(row for row, _ in placed),
        {},
    )
    walk = schema.CROSSWALK.build({**row, "client_id": f"c{fate}"} for row, fate in _references(placed))
    clients = schema.CLIENT.build({"client_id": one} for one in walk["client_id"].unique())
    return legacy, Crm({"client": clients}, walk)


EXCLUSIONS = ("total_row", "awaiting_entry")


def _references(placed: list[tuple[dict[str, object], int]]) -> list[tuple[dict[str, object], int]]:
    return [({"source": row["source"], "key": row["key"]}, fate) for row, fate in placed]


@settings(max_examples=30, deadline=None)
@given(st.lists(FATES, max_size=25))
def test_any_mix_of_fates_adds_up(fates: list[int | str]) -> None:
    legacy, crm = _sides(fates)
    (line,) = ledger(legacy, crm).to_dict("records")
    assert line["difference"] == 0
    assert line["read"] == len(fates)
    assert line["loaded"] == len({fate for fate in fates if isinstance(fate, int)})
    assert line["awaiting"] == fates.count("awaiting_entry")
    assert len(lost(legacy, crm)) == 0


@settings(max_examples=30, deadline=None)
@given(st.lists(FATES, min_size=1, max_size=25), st.data())
def test_any_row_taken_away_is_found(fates: list[int | str], data: st.DataObject) -> None:
    legacy, crm = _sides(fates)
    pots = {"excluded": legacy.excluded, "refused": legacy.refused, "crosswalk": crm.crosswalk}
    pot = data.draw(st.sampled_from([name for name, frame in pots.items() if len(frame)]))
    at = data.draw(st.integers(0, len(pots[pot]) - 1))
    rest = pots[pot].drop(index=at).reset_index(drop=True)
    if pot == "crosswalk":
        crm = replace(crm, crosswalk=rest)
    else:
        legacy = replace(legacy, **{pot: rest})
    assert not closes(ledger(legacy, crm))
    assert ledger(legacy, crm)["difference"].tolist() == [1]


def test_a_loaded_row_that_is_refused_today_counts_once_and_is_named() -> None:
    crm, legacy = company.crm(), company.legacy()
    orphan = company.origin("sales", "S2") | {"stage": "merge", "reason": "client_quarantined", "cells": "{}"}
    refused = pd.concat([legacy.refused, schema.QUARANTINE.build([orphan])], ignore_index=True)
    side = replace(legacy, refused=refused)
    balance = ledger(side, crm).set_index("source")
    assert balance.loc["sales", ["loaded", "quarantined", "difference"]].tolist() == [1, 2, 0]
    assert kept(side, crm).values.tolist() == [["sales", "S2", "quarantined_since_load"]]


def test_a_torn_row_that_bears_the_key_of_an_accepted_one_does_not_hide_it() -> None:
    legacy = company.legacy()
    torn = company.origin("sales", "S2", line=9) | {"stage": "extract", "reason": "ragged_row", "cells": "{}"}
    refused = pd.concat([legacy.refused, schema.QUARANTINE.build([torn])], ignore_index=True)
    side = replace(legacy, refused=refused, read={**legacy.read, "sales": 4})
    balance = ledger(side, company.crm()).set_index("source")
    assert balance.loc["sales", ["loaded", "quarantined", "difference"]].tolist() == [2, 2, 0]


def test_records_and_rows_that_vanished_since_the_load_are_named() -> None:
    legacy = company.legacy()
    side = replace(
        legacy, parties=legacy.parties.drop(index=1), related={**legacy.related, "sales": legacy.related["sales"][:1]}
    )
    found = kept(side, company.crm()).values.tolist()
    assert found == [["shop", "2", "vanished_since_load"], ["sales", "S2", "vanished_since_load"]]
    assert kept(legacy, company.crm()).empty
