from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from crm_etl import schema
from crm_etl.reconcile import Crm, Legacy
from crm_etl.reconcile.totals import plain, totals
from tests.reconcile import company


def line(legacy: Legacy, crm: Crm, total: str, group: str) -> dict[str, Any]:
    found = totals(legacy, crm)
    (one,) = found[(found["total"] == total) & (found["group"] == group)].to_dict("records")
    return dict(one)


def test_a_company_in_order_has_nothing_unexplained() -> None:
    assert set(totals(company.legacy(), company.crm())["status"]) == {"equal", "explained"}
    assert "unexplained" not in set(totals(company.legacy(), company.crm(loaded=False))["status"])


def test_orphans_explain_the_missing_amount() -> None:
    rubles = line(company.legacy(), company.crm(), "transaction amounts", "RUB")
    assert (rubles["legacy"], rubles["quarantined"], rubles["crm"]) == ("107.10", "7", "100.10")
    assert rubles["status"] == "explained"


def test_balances_agree_and_what_stands_in_another_currency_is_named() -> None:
    assert line(company.legacy(), company.crm(), "balances", "RUB")["status"] == "equal"
    legacy = company.legacy()
    parties = legacy.parties.copy()
    parties.loc[2, "currency"] = "USD"  # Anna's second record
    dollars = line(replace(legacy, parties=parties), company.crm(), "balances", "USD")
    assert (dollars["legacy"], dollars["merged"], dollars["crm"], dollars["status"]) == (
        "1.25",
        "1.25",
        "0",
        "explained",
    )
    wrong = company.edited(company.crm(loaded=False), "client", 0, balance="11.76")
    assert line(legacy, wrong, "balances", "RUB")["unexplained"] == "-0.01"


def test_amounts_are_exact_where_floats_are_not() -> None:
    rows = schema.TRANSACTION.build(
        company.origin("sales", str(at)) | {"amount": "0.1", "currency": "RUB"} for at in range(10)
    )
    held = schema.CLIENT_TRANSACTION.build(
        {"row_id": str(at), "legacy_source": "sales", "legacy_key": str(at), "amount": "0.10", "currency": "RUB"}
        for at in range(10)
    )
    legacy = replace(company.legacy(), related={"sales": rows}, refused=schema.QUARANTINE.empty())
    crm = replace(company.crm(loaded=False), tables={**company.tables(), "client_transaction": held})
    found = line(legacy, crm, "transaction amounts", "RUB")
    assert Decimal(found["legacy"]) == Decimal(found["crm"]) == 1
    assert found["status"] == "equal"


def test_a_changed_amount_is_unexplained_without_a_baseline_and_an_edit_with_one() -> None:
    without = company.edited(company.crm(loaded=False), "client_transaction", 0, amount="99.10")
    assert line(company.legacy(), without, "transaction amounts", "RUB")["unexplained"] == "1.00"
    known = company.edited(company.crm(), "client_transaction", 0, amount="99.10")
    found = line(company.legacy(), known, "transaction amounts", "RUB")
    assert (found["edited"], found["status"]) == ("-1.00", "explained")


def test_amounts_in_refused_rows_are_read_from_their_cells() -> None:
    refused = company.origin("sales", "S9") | {"stage": "normalize", "cells": '{"sum": "1 234.50"}'}
    unreadable = company.origin("sales", "S8") | {"stage": "normalize", "cells": '{"sum": "98 M"}'}
    legacy = company.legacy()
    rows = pd.concat([legacy.refused, schema.QUARANTINE.build([refused, unreadable])], ignore_index=True)
    found = line(replace(legacy, refused=rows), company.crm(), "transaction amounts", "quarantined, currency unknown")
    assert (found["legacy"], found["quarantined"]) == ("1234.50", "1234.50")


def test_a_lost_client_and_a_lost_phone_are_unexplained() -> None:
    fewer = company.without(company.crm(), "client", 2)
    assert line(company.legacy(), fewer, "clients", "organization")["status"] == "unexplained"
    fewer = company.without(company.crm(loaded=False), "client_phone", 1)
    assert line(company.legacy(), fewer, "distinct phones", "all")["unexplained"] == "1"


def test_a_phone_swapped_for_another_does_not_cancel_out() -> None:
    swapped = company.edited(company.crm(loaded=False), "client_phone", 1, phone="+79990000000")
    assert line(company.legacy(), swapped, "distinct phones", "lost")["status"] == "unexplained"


def test_clients_entered_in_the_crm_are_named() -> None:
    crm = company.crm()
    new = schema.CLIENT.build([{"client_id": "own", "kind": "person"}])
    more = replace(crm, tables={**crm.tables, "client": pd.concat([crm.tables["client"], new], ignore_index=True)})
    people = line(company.legacy(), more, "clients", "person")
    assert (people["entered"], people["merged"], people["status"]) == ("1", "1", "equal")


@pytest.mark.parametrize(("value", "text"), [("-0", "0"), ("1E+3", "1000"), ("-0.50", "-0.50")])
def test_plain_notation(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


def test_a_row_that_stands_though_refused_or_vanished_is_kept_even_when_edited() -> None:
    legacy, crm = company.legacy(), company.crm()
    orphan = company.origin("sales", "S2") | {"stage": "merge", "reason": "client_quarantined", "cells": "{}"}
    refused = pd.concat([legacy.refused, schema.QUARANTINE.build([orphan])], ignore_index=True)
    vanished = {**legacy.related, "sales": legacy.related["sales"].drop(index=1).reset_index(drop=True)}
    edited = company.edited(crm, "client_transaction", 1, amount="9.99")
    for side in (replace(legacy, refused=refused), replace(legacy, related=vanished)):
        for held in (crm, edited):
            lines = totals(side, held)
            assert not (lines["status"] == "unexplained").any()
            assert lines.set_index(["total", "group"]).loc[("transactions", "sale"), "kept"] == "1"


def test_a_value_no_longer_delivered_is_kept_unless_the_merge_makes_it_of_nothing() -> None:
    legacy, crm = company.legacy(), company.crm()
    parties = legacy.parties.copy()
    parties.at[2, "phones"] = ["+79160000001"]
    side = replace(legacy, parties=parties)
    today = {**company.tables(), "client_phone": company.tables()["client_phone"][:1]}
    line = totals(side, replace(crm, expected=today)).set_index("total").loc["distinct phones"]
    assert (line["kept"], line["unexplained"]) == ("1", "0")
    line = totals(side, replace(crm, expected=company.tables())).set_index("total").loc["distinct phones"]
    assert line["status"] == "unexplained"
