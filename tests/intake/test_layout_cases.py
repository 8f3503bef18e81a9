"""Deliveries that are not what the last one was, through the command line; and the page that lists all cases."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from crm_etl.cli import main

_ROOT = Path(__file__).parents[2]
_DECLARED = """name: m
sources:
- {name: old, connector: csv, path: a.csv, encoding: utf-8, key: id, ignore: [born],
   fields: {name: name, phones: phone}}
"""
_ROWS = [{"id": str(n), "name": "Anna Petrova", "phone": f"+7916{n:07}", "born": "1984-03-21"} for n in range(1, 13)]


def deliver(folder: Path, *columns: str) -> None:
    lines = [",".join(columns), *(",".join(row.get(name, "x") for name in columns) for row in _ROWS)]
    (folder / "a.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def dry_run(folder: Path) -> tuple[int, Any, str]:
    answer = CliRunner().invoke(main, ["-C", str(folder), "dry-run", "--json"])
    return answer.exit_code, json.loads(answer.stdout) if answer.exit_code != 2 else None, answer.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "migration.yaml").write_text(_DECLARED, encoding="utf-8")
    deliver(tmp_path, "id", "name", "phone", "born")
    assert dry_run(tmp_path)[0] == 0
    return tmp_path


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (("id", "name", "born"), "missing: phone"),
        (("id", "name", "phones", "born"), "phone -> phones"),
        (("id", "born", "phone", "name"), "in another order"),
        (("id", "name", "phone", "born", "vip"), "new: vip"),
    ],
)
def test_case_12_another_layout_is_refused_with_both_lists(folder: Path, columns: tuple[str, ...], said: str) -> None:
    deliver(folder, *columns)
    code, _, output = dry_run(folder)
    assert code == 2
    assert said in output
    for name in ("id", "name", "phone", "born", *columns):
        assert name in output
    assert "Petrova" not in output
    assert "Traceback" not in output
    assert not (folder / "crm.sqlite").exists()


def test_case_19_the_same_delivery_again_changes_nothing_and_is_told(folder: Path) -> None:
    _, before, _ = dry_run(folder)
    _, after, _ = dry_run(folder)
    assert before["unchanged"] == after["unchanged"] == ["old"]
    assert before["plan"]["counts"] == after["plan"]["counts"]


def test_the_page_lists_every_case_and_every_case_is_tested() -> None:
    page = (_ROOT / "docs/reference/bad-input.md").read_text("utf-8")
    lines = re.findall(r"^\| (\d+) \| .+ \| (?:[RQFAW](?:, )?)+ \| .+ \|$", page, re.MULTILINE)
    listed = [int(number) for number in lines]
    assert listed == list(range(1, 69))
    names = [
        match
        for path in sorted((_ROOT / "tests/intake").glob("test_*.py"))
        for match in re.findall(r"^def test_case_((?:\d\d_and_)*\d\d)_", path.read_text("utf-8"), re.MULTILINE)
    ]
    tested = {int(number) for name in names for number in name.split("_and_")}
    assert tested == set(listed)
