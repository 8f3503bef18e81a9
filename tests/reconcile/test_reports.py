from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from crm_etl import schema
from crm_etl.faults import Fault, MigrationFault, SourceFault, TargetFault
from crm_etl.migration import Report
from crm_etl.reconcile.account import Account
from crm_etl.reconcile.reports import compare_reports
from tests.reconcile import company

URL = "sqlite:///crm.sqlite"
QUERY = "select branch, count(*) as clients, sum(amount) as revenue from sale group by branch"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "crm.sqlite") as db:
        db.execute("create table sale (branch text, amount real)")
        db.executemany("insert into sale values (?, ?)", [("North", 0.1), ("North", 0.2), ("South", 5)])
    (tmp_path / "old.csv").write_text("branch,clients,revenue\nnorth,2,0.30\nSOUTH ,1,5.00\n", encoding="utf-8")
    return tmp_path


def report(**changes: object) -> Report:
    settings: dict[str, object] = {
        "name": "sales",
        "title": "Sales",
        "legacy": "old.csv",
        "keys": ("branch",),
        "measures": ("clients", "revenue"),
        "query": QUERY,
    }
    return Report.model_validate(settings | changes)


def statuses(folder: Path, **changes: object) -> list[tuple[str, str, str]]:
    lines = compare_reports([report(**changes)], folder, URL)
    return [(row.line, row.measure, row.status) for row in lines.itertuples()]


def test_equal_reports_join_on_folded_keys_and_ignore_float_noise(folder: Path) -> None:
    assert {status for _, _, status in statuses(folder)} == {"equal"}


def test_a_changed_figure_differs_unless_tolerated(folder: Path) -> None:
    (folder / "old.csv").write_text("branch,clients,revenue\nnorth,2,0.31\nsouth,1,5\n", encoding="utf-8")
    assert ("north", "revenue", "unexplained") in statuses(folder)
    assert ("north", "revenue", "equal") in statuses(folder, tolerance="0.01")
    lines = compare_reports([report()], folder, URL)
    assert lines["difference"].tolist() == ["0", "0.01", "0", "0"]


def test_lines_that_only_one_side_has(folder: Path) -> None:
    (folder / "old.csv").write_text("branch,clients,revenue\nnorth,2,0.3\nwest,0,0\n", encoding="utf-8")
    found = statuses(folder, tolerance="10")
    assert ("west", "clients", "unexplained") in found
    assert ("South", "clients", "unexplained") in found


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("branch,clients\nnorth,2\n", "no column revenue"),
        ("", "no column"),
        ("branch,clients,revenue\nnorth,2,many\n", "not a number"),
        ("branch,clients,revenue\nnorth,2,NaN\n", "not a number"),
        ("branch,clients,revenue\nnorth,2\n", "2 cells in a line"),
        ("branch,clients,revenue\nnorth,2,3\nNorth,2,3\n", "same keys"),
        ('branch,clients,revenue\n"north,2,3\n', "not CSV"),
    ],
)
def test_a_bad_legacy_report_is_a_fault_with_its_place(folder: Path, text: str, fault: str) -> None:
    (folder / "old.csv").write_text(text, encoding="utf-8")
    with pytest.raises(SourceFault, match=fault) as error:
        compare_reports([report()], folder, URL)
    assert error.value.where is not None
    assert error.value.where.file == "old.csv"
    assert error.value.remedy is not None


def test_a_missing_or_wrongly_encoded_report_is_a_fault(folder: Path) -> None:
    with pytest.raises(SourceFault, match="missing"):
        compare_reports([report(legacy="none.csv")], folder, URL)
    (folder / "old.csv").write_bytes("branch,clients,revenue\nсевер,1,1\n".encode("cp1251"))
    with pytest.raises(SourceFault, match="not UTF-8"):
        compare_reports([report()], folder, URL)


@pytest.mark.parametrize(
    ("query", "kind", "words"),
    [
        ("select missing_one from sale", TargetFault, "no such column"),
        ("selec", TargetFault, "syntax error"),
        ("delete from sale", TargetFault, "attempt to write"),
        ("select branch, 1 as clients from sale", MigrationFault, "no column revenue"),
        ("select branch, 1 as clients, 2 as revenue from sale", MigrationFault, "same keys"),
        ("select branch, 'x' as clients, 2 as revenue from sale group by 1", MigrationFault, "not a number"),
    ],
)
def test_a_bad_query_is_a_fault_and_changes_nothing(folder: Path, query: str, kind: type[Fault], words: str) -> None:
    with pytest.raises(kind, match=words) as error:
        compare_reports([report(query=query)], folder, URL)
    assert "reconciliation.reports 'sales'" in str(error.value)
    with sqlite3.connect(folder / "crm.sqlite") as db:
        assert db.execute("select count(*) from sale").fetchone() == (3,)


def test_without_a_target_there_is_nothing_to_ask(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("branch,clients,revenue\n", encoding="utf-8")
    with pytest.raises(TargetFault, match="no target"):
        compare_reports([report()], tmp_path, URL)
    assert not (tmp_path / "crm.sqlite").exists()


#: Its table says which rows the report counts.
SALES = "select 'RUB' as currency, 100.10 as sum /* from client_transaction */"


def test_refused_rows_explain_a_line_only_to_the_last_unit(folder: Path) -> None:
    # The old system counts the orphan sale of 7 rubles (S3) that is quarantined.
    account = Account(company.legacy(), company.crm())
    settings = {"keys": ("currency",), "measures": ("sum",), "query": SALES}
    for figure, status in (("107.10", "explained"), ("107.11", "unexplained")):
        (folder / "old.csv").write_text(f"currency,sum\nRUB,{figure}\n", encoding="utf-8")
        lines = compare_reports([report(**settings)], folder, URL, account.explain)
        assert lines["status"].tolist() == [status]
    (folder / "old.csv").write_text("currency,sum\nEUR,7\nRUB,100.10\n", encoding="utf-8")
    lines = compare_reports([report(**settings)], folder, URL, account.explain)
    assert lines["status"].tolist() == ["unexplained", "equal"]


def test_merged_records_explain_fewer_clients_but_a_lost_client_does_not(folder: Path) -> None:
    settings = {"keys": ("kind",), "measures": ("clients",)}
    (folder / "old.csv").write_text("kind,clients\nperson,3\n", encoding="utf-8")
    found = compare_reports(
        [report(**settings, query="select 'person' as kind, 2 as clients")],
        folder,
        URL,
        Account(company.legacy(), company.crm()).explain,
    )
    assert found["rule"].tolist() == ["merged: 1 client record"]
    broken = company.without(company.crm(), "client", 1)
    found = compare_reports(
        [report(**settings, query="select 'person' as kind, 1 as clients")],
        folder,
        URL,
        Account(company.legacy(), broken).explain,
    )
    assert found["status"].tolist() == ["unexplained"]


def test_refused_cells_count_as_the_mapping_reads_them_and_a_doubled_key_once(folder: Path) -> None:
    twice = [company.origin("shop", "9") | {"stage": "extract", "cells": '{"Type": " Firm"}'} for _ in range(2)]
    legacy = company.legacy()
    refused = pd.concat([legacy.refused, schema.QUARANTINE.build(twice)], ignore_index=True)
    legacy = replace(legacy, refused=refused, mapped={"shop": {"Type": {"firm": "organization"}}})
    (folder / "old.csv").write_text("system,kind,n\nshop,organization,1\n", encoding="utf-8")
    settings = {"keys": ("system", "kind"), "measures": ("n",)}
    query = "select 'shop' as system, 'organization' as kind, 0 as n"
    found = compare_reports([report(**settings, query=query)], folder, URL, Account(legacy, company.crm()).explain)
    assert found["rule"].tolist() == ["quarantined: 1 client record"]


def test_a_row_of_another_kind_explains_nothing(folder: Path) -> None:
    (folder / "old.csv").write_text("currency,sum\nRUB,107.10\n", encoding="utf-8")
    settings = {"keys": ("currency",), "measures": ("sum",), "query": SALES.replace("client_transaction", "client")}
    lines = compare_reports([report(**settings)], folder, URL, Account(company.legacy(), company.crm()).explain)
    assert lines["status"].tolist() == ["unexplained"]


def test_a_report_of_one_source_is_not_explained_by_rows_of_another(folder: Path) -> None:
    # Another source's orphan of the same currency is no part of a report that counts the rows of "sales" only.
    legacy = company.legacy()
    other = company.sales()[2:].assign(source="desk_sales")
    orphan = company.origin("desk_sales", "S3") | {"stage": "merge", "reason": "orphan", "cells": "{}"}
    side = replace(
        legacy,
        entities={**legacy.entities, "desk_sales": "transaction"},
        related={**legacy.related, "desk_sales": other},
        refused=pd.concat([legacy.refused, schema.QUARANTINE.build([orphan])], ignore_index=True),
    )
    (folder / "old.csv").write_text("currency,sum\nRUB,107.10\n", encoding="utf-8")
    for condition, status in (("legacy_source = 'sales'", "explained"), ("1 = 1", "unexplained")):
        query = SALES.replace("*/", f"where {condition} */")
        settings = {"keys": ("currency",), "measures": ("sum",), "query": query}
        lines = compare_reports([report(**settings)], folder, URL, Account(side, company.crm()).explain)
        assert lines["status"].tolist() == [status], condition


def test_an_orphan_explains_a_line_in_the_words_of_its_own_cells(folder: Path) -> None:
    legacy = company.legacy()
    refused = legacy.refused.copy()
    refused.loc[refused["source"] == "sales", "cells"] = '{"sort": "Retail"}'
    side = replace(legacy, refused=refused, mapped={"sales": {"sort": {"retail": "sale"}}})
    (folder / "old.csv").write_text("sort,sum\nRetail,107.10\n", encoding="utf-8")
    query = "select 'Retail' as sort, 100.10 as sum /* from client_transaction */"
    settings = {"keys": ("sort",), "measures": ("sum",), "query": query}
    for known, status in ((side, "explained"), (legacy, "unexplained")):
        lines = compare_reports([report(**settings)], folder, URL, Account(known, company.crm()).explain)
        assert lines["status"].tolist() == [status]


def test_a_row_that_a_person_left_out_explains_the_line_that_counted_it(folder: Path) -> None:
    gone = company.origin("shop", "9") | {"rule": "excluded_by_person", "cells": '{"Type": " Firm"}'}
    legacy = company.legacy()
    excluded = pd.concat([legacy.excluded, schema.EXCLUDED.build([gone])], ignore_index=True)
    legacy = replace(legacy, excluded=excluded, mapped={"shop": {"Type": {"firm": "organization"}}})
    settings = {"keys": ("system", "kind"), "measures": ("n",)}
    query = "select 'shop' as system, 'organization' as kind, 0 as n"
    for figure, rule in ((1, "left out by a person: 1 client row"), (2, None)):
        (folder / "old.csv").write_text(f"system,kind,n\nshop,organization,{figure}\n", encoding="utf-8")
        found = compare_reports([report(**settings, query=query)], folder, URL, Account(legacy, company.crm()).explain)
        assert found["rule"].astype(object).where(found["rule"].notna(), None).tolist() == [rule]


def test_a_corrected_row_moves_from_the_line_it_was_in_to_the_one_it_is_in(folder: Path) -> None:
    # Sale S1 of 100.10 rubles: the old system has it in dollars, and a person corrected that.
    corrected = [{"key": "S1", "cells": {"cur": ["USD", "RUB"]}}]
    side = replace(company.legacy(), corrected={"sales": corrected}, fields={("sales", "cur"): "currency"})
    # S3, in quarantine, is 7 rubles that the old system counts.
    (folder / "old.csv").write_text("currency,sum\nRUB,7\nUSD,100.10\n", encoding="utf-8")
    settings = {"keys": ("currency",), "measures": ("sum",), "query": SALES}
    lines = compare_reports([report(**settings)], folder, URL, Account(side, company.crm()).explain)
    assert dict(zip(lines["line"], lines["rule"], strict=True)) == {
        "RUB": "quarantined: 1 transaction row, corrected by a person: 1 transaction row",
        "USD": "corrected by a person: 1 transaction row",
    }
    lines = compare_reports([report(**settings)], folder, URL, Account(company.legacy(), company.crm()).explain)
    assert "explained" not in lines["status"].tolist()


def test_a_corrected_amount_explains_just_its_difference(folder: Path) -> None:
    corrected = [{"key": "S1", "cells": {"sum": ["90.10", "100.10"]}}]
    side = replace(company.legacy(), corrected={"sales": corrected})
    settings = {"keys": ("currency",), "measures": ("sum",), "query": SALES}
    for figure, status in (("97.10", "explained"), ("97.20", "unexplained")):
        (folder / "old.csv").write_text(f"currency,sum\nRUB,{figure}\n", encoding="utf-8")
        lines = compare_reports([report(**settings)], folder, URL, Account(side, company.crm()).explain)
        assert lines["status"].tolist() == [status]
