"""Reading suites: the shipped ones, overrides, and what a malformed one gets."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crm_etl import schema
from crm_etl.faults import SuiteFault
from crm_etl.load.targets import crm
from crm_etl.quality import load_suite
from crm_etl.quality.suite import parse_suite

SHIPPED = ("raw", "party", "client", "target", "related")
GOOD: dict[str, Any] = {
    "type": "expect_column_values_to_not_be_null",
    "kwargs": {"column": "name"},
    "meta": {"severity": "row", "says": "every record has a name"},
}


def write(root: Path, *entries: Any, name: str = "party") -> Path:
    (root / "expectations").mkdir(exist_ok=True)
    (root / "expectations" / f"{name}.json").write_text(json.dumps({"name": name, "expectations": entries}))
    return root


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_suites_are_named_without_doubles_and_hold_a_critical_check(name: str) -> None:
    suite = load_suite(name)
    names = [one.name for one in suite.expectations]
    assert len(names) == len(set(names)) >= 10
    assert suite.of_severity("critical").expectations


@pytest.mark.parametrize("name", SHIPPED)
def test_great_expectations_reads_the_shipped_files_as_they_are(name: str) -> None:
    import great_expectations as gx

    document = json.loads((Path(__file__).parents[2] / "expectations" / f"{name}.json").read_text())
    assert len(gx.ExpectationSuite(**document).expectations) == len(load_suite(name).expectations)


def test_lengths_of_the_target_suite_are_those_of_its_columns() -> None:
    checked = 0
    for one in load_suite("target").expectations:
        if one.type == "expect_column_value_lengths_to_be_between":
            for table in one.tables:
                assert one.kwargs["max_value"] == crm.TABLES[table].columns[one.kwargs["column"]].type.length
                checked += 1
    assert checked >= 10


def test_a_migration_folder_overrides(tmp_path: Path) -> None:
    suite = load_suite("party", write(tmp_path, GOOD))
    assert [one.name for one in suite.expectations] == ["name_values_to_not_be_null"]
    assert suite.file.startswith(str(tmp_path))
    assert len(load_suite("raw", tmp_path).expectations) >= 10


def test_derived_names_are_numbered_and_stable(tmp_path: Path) -> None:
    suite = load_suite("party", write(tmp_path, GOOD, GOOD, {**GOOD, "meta": {**GOOD["meta"], "check": "mine"}}))
    assert [one.name for one in suite.expectations] == [
        "name_values_to_not_be_null",
        "name_values_to_not_be_null_2",
        "mine",
    ]


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ("text", "entry 2: is not an object"),
        ({**GOOD, "type": "drop table"}, "has no 'type'"),
        ({**GOOD, "kwargs": []}, "must be objects"),
        ({**GOOD, "meta": {"says": "x"}}, "meta.severity"),
        ({**GOOD, "meta": {"severity": "fatal", "says": "x"}}, "meta.severity"),
        ({**GOOD, "meta": {"severity": "row"}}, "meta.says"),
        ({**GOOD, "type": "expect_table_row_count_to_equal"}, "cannot point at rows"),
        ({**GOOD, "meta": {**GOOD["meta"], "tables": "client"}}, "meta.tables"),
        ({**GOOD, "meta": {**GOOD["meta"], "check": "Not This"}}, "meta.check"),
    ],
)
def test_malformed_entries_are_named(tmp_path: Path, entry: Any, says: str) -> None:
    with pytest.raises(SuiteFault) as caught:
        load_suite("party", write(tmp_path, GOOD, entry))
    assert says in caught.value.what
    assert caught.value.where is not None
    assert str(caught.value.where.file).endswith("party.json")
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("content", "says", "row"),
    [
        (b'{"expectations": [\n,]}', "not JSON", 2),
        (b"\xff\xfe", "not UTF-8", None),
        (b"[]", "no list of expectations", None),
        (b'{"expectations": {}}', "no list of expectations", None),
    ],
)
def test_malformed_files_are_faults(content: bytes, says: str, row: int | None) -> None:
    with pytest.raises(SuiteFault, match=says) as caught:
        parse_suite(content, "party", "party.json")
    assert caught.value.where is not None
    assert caught.value.where.row == row


def test_two_checks_of_one_name_are_a_fault(tmp_path: Path) -> None:
    entry = {**GOOD, "meta": {**GOOD["meta"], "check": "mine"}}
    with pytest.raises(SuiteFault, match="checks stand twice: mine"):
        load_suite("party", write(tmp_path, entry, entry))


def test_an_unknown_suite_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(SuiteFault, match="no suite of expectations 'nosuch'"):
        load_suite("nosuch", tmp_path)


def test_expectations_for_a_frame_by_table_and_by_entity() -> None:
    target = load_suite("target")
    assert "phone_form" in [one.name for one in target.applying("client/client_phone").expectations]
    assert "phone_form" not in [one.name for one in target.applying("client/client").expectations]
    calls = load_suite("related").applying("party/calls", schema.INTERACTION.names)
    assert {"direction_known", "some_rows"} <= {one.name for one in calls.expectations}
    assert "amount_form" not in {one.name for one in calls.expectations}


def test_suites_are_listed_without_great_expectations() -> None:
    code = (
        "import sys; from crm_etl.quality import load_suite; load_suite('party');"
        "sys.exit('great_expectations' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd="/", check=False).returncode == 0
