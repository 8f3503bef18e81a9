"""Records without a name, on the whole road: told by another record, or quarantined at the plan; nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from crm_etl.cli import main
from crm_etl.extract import extract
from crm_etl.migration import parse
from crm_etl.normalize import normalize
from crm_etl.run import CLUSTERS

_ROWS = """id,name,tax,phone,born
1,Anna Petrova,4137877,+79161234567,1980-02-03
2,,4137877,,1980-02-03
3,,5555555,,
4,Boris Ivanov,999111,+79161234568,1970-01-01
5,,,+79161234568,1970-01-01
6,,5555555,,
7,,,+79161234999,
"""
_DECLARED = """name: nameless
sources:
- name: c
  connector: csv
  path: c.csv
  encoding: utf-8
  key: id
  volume: {quarantined: 0.9}
  fields:
    kind: {constant: person}
    name: name
    birth_date: {column: born, format: '%Y-%m-%d'}
    phones: phone
    identifiers: {column: tax, type: other}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "c.csv").write_text(_ROWS, encoding="utf-8")
    (tmp_path / "migration.yaml").write_text(_DECLARED, encoding="utf-8")
    return tmp_path


def _said(folder: Path, *command: str) -> tuple[int, dict[str, Any]]:
    answer = CliRunner().invoke(main, ["-C", str(folder), *command, "--json"])
    return answer.exit_code, json.loads(answer.stdout)


def test_what_another_record_tells_is_merged_and_the_rest_is_quarantined(folder: Path) -> None:
    code, _ = _said(folder, "run")
    assert code == 0
    clusters = pd.read_parquet(folder / ".crm-etl" / CLUSTERS).set_index("key")["client_id"]
    assert clusters["1"] == clusters["2"]
    assert clusters["4"] == clusters["5"]
    assert clusters["3"] == clusters["6"]
    code, said = _said(folder, "reconcile")
    assert code == 0
    (line,) = said["ledger"]
    assert {name: line[name] for name in ("read", "loaded", "merged", "quarantined", "difference")} == {
        "read": 7,
        "loaded": 2,
        "merged": 2,
        "quarantined": 3,
        "difference": 0,
    }
    refused = pd.read_csv(folder / ".crm-etl" / "reports" / "quarantine.csv", dtype="string", encoding="utf-8-sig")
    assert refused.set_index("key")["reason"].to_dict() == {
        "3": "name_missing",
        "6": "name_missing",
        "7": "name_missing",
    }
    assert refused.set_index("key")["stage"].to_dict() == {"3": "merge", "6": "merge", "7": "normalize"}


def test_a_rerun_changes_nothing(folder: Path) -> None:
    _said(folder, "run")
    code, said = _said(folder, "run")
    assert code == 0
    assert not [counts for counts in said["plan"]["counts"].values() if counts.get("insert") or counts.get("update")]


def test_a_client_whose_name_vanishes_later_is_quarantined_and_stays(folder: Path) -> None:
    _said(folder, "run")
    delivered = (folder / "c.csv").read_text(encoding="utf-8")
    (folder / "c.csv").write_text(delivered.replace("Boris Ivanov", ""), encoding="utf-8")
    code, said = _said(folder, "run")
    assert code == 0
    assert said["ledger"] == {"closed": True, "read": 7, "difference": 0}
    refused = pd.read_csv(folder / ".crm-etl" / "reports" / "quarantine.csv", dtype="string", encoding="utf-8-sig")
    assert refused.set_index("key")["stage"].to_dict() == dict.fromkeys("3645", "merge") | {"7": "normalize"}
    code, said = _said(folder, "reconcile")
    assert (code, said["unexplained"]) == (0, 0)
    (line,) = said["ledger"]
    assert (line["loaded"], line["merged"], line["quarantined"], line["difference"]) == (1, 1, 5, 0)
    (folder / "c.csv").write_text(delivered, encoding="utf-8")
    code, said = _said(folder, "run")
    assert code == 0
    assert not [counts for counts in said["plan"]["counts"].values() if counts.get("insert") or counts.get("update")]


@pytest.mark.parametrize(
    ("fields", "accepted"),
    [
        ("given: name, identifiers: {column: tax, type: other}", ["1", "2", "3"]),
        ("name: name, identifiers: {column: tax, type: other}", ["1"]),
        ("given: name, identifiers: {column: tax, type: ru_kpp, on_error: warn}", ["1"]),
    ],
)
def test_a_source_of_given_names_is_one_of_persons_and_a_branch_number_tells_nobody(
    tmp_path: Path, fields: str, accepted: list[str]
) -> None:
    (tmp_path / "c.csv").write_text("id,name,tax\n1,Anna,770701001\n2,,770701001\n3,-,773301001\n4,,\n", "utf-8")
    line = f"sources: [{{name: c, connector: csv, path: c.csv, encoding: utf-8, key: id, fields: {{{fields}}}}}]"
    migration = parse(f"name: nameless\n{line}", tmp_path / "migration.yaml")
    migration._root = tmp_path
    source = migration.sources[0]
    read = normalize(extract(source, tmp_path).rows, source)
    assert read.rows["key"].tolist() == accepted
    assert len(read.rows) + len(read.refused) == 4
    assert set(read.refused["reason"]) == {"name_missing"}
    assert set(read.rows["kind"]) == {"person"}
