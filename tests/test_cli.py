"""The command line: what it answers, its exit codes, and that bad input never shows a traceback."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crm_etl import show
from crm_etl.cli import main

HEAVY = ("pandas", "numpy", "pyarrow", "dagster", "great_expectations", "recordlinkage", "sqlalchemy", "duckdb", "rich")


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def document(result: Result) -> dict[str, object]:
    parsed: dict[str, object] = json.loads(result.stdout)
    return parsed


def test_help_imports_nothing_heavy() -> None:
    code = f"import crm_etl.cli, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_help(command: str) -> None:
    result = call(command, "--help")
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 3


def test_init_then_check_names_what_is_missing(tmp_path: Path) -> None:
    assert call("init", tmp_path / "new").exit_code == 0
    result = call("-C", tmp_path / "new", "check", "--json")
    assert result.exit_code == 2
    failed = [check for check in document(result)["checks"] if not check["ok"]]  # type: ignore[attr-defined]
    assert [check["what"] for check in failed] == ["source shop"]
    assert "no such file" in failed[0]["detail"]


def test_without_a_migration_says_how_to_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = call("dry-run")
    assert result.exit_code == 2
    assert "crm-etl init" in result.stderr
    assert "Traceback" not in result.output


def test_faults_for_machines_are_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = call("run", "--json")
    assert result.exit_code == 2
    assert document(result)["exit_code"] == 2


@pytest.mark.parametrize("url", ["mysql//x", "nosuch+driver://h/db", "sqlite:////no/such/folder/crm.sqlite"])
def test_demo_answers_a_database_that_it_cannot_use(tmp_path: Path, url: str) -> None:
    result = call("demo", tmp_path / "demo", "--size", "50", "--database-url", url)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)
    assert "to do:" in result.stderr


@pytest.mark.parametrize("number", [errno.EACCES, errno.ENOSPC, errno.EROFS])
def test_what_the_machine_refuses_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), str(tmp_path / "new"))

    monkeypatch.setattr(Path, "mkdir", refuse)
    result = call("init", tmp_path / "new", "--json")
    assert result.exit_code == 2
    assert os.strerror(number) in str(document(result)["error"])
    assert document(result)["where"] == {"file": str(tmp_path / "new")}
    assert document(result)["remedy"]


def test_demo_refuses_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "migration.yaml").write_text("name: precious\n")
    result = call("demo", tmp_path, "--size", "50")
    assert result.exit_code == 2
    assert (tmp_path / "migration.yaml").read_text() == "name: precious\n"


def test_check_passes_on_the_demo(demo: Path) -> None:
    result = call("-C", demo, "check")
    assert result.exit_code == 0, result.output


def test_profile_writes_page_and_json_without_people(demo: Path) -> None:
    result = call("-C", demo, "profile", "shop", "--json")
    assert result.exit_code == 0, result.output
    found = document(result)
    assert [source["source"] for source in found["sources"]] == ["shop"]  # type: ignore[attr-defined]
    assert (demo / ".crm-etl/reports/profile.html").exists()


def test_unknown_source_is_answered(demo: Path) -> None:
    result = call("-C", demo, "profile", "nobody")
    assert result.exit_code == 2
    assert "nobody" in result.stderr


def test_dry_run_shows_plan_ledger_and_samples(demo: Path) -> None:
    result = call("-C", demo, "dry-run")
    assert result.exit_code == 0, result.output
    for words in ("closed to zero", "may be applied", "client/insert", "nothing was written to the target"):
        assert words in result.output
    assert not (demo / "crm.sqlite").exists()


def test_run_reconcile_evaluate_explain_and_undo(demo: Path) -> None:
    ran = call("-C", demo, "run", "--json")
    summary = document(ran)
    assert ran.exit_code == (0 if summary["reconciliation"]["ok"] else 1), ran.output  # type: ignore[index]
    assert summary["batch"]["id"] == 1  # type: ignore[index]
    reconciled = call("-C", demo, "reconcile", "--json")
    assert reconciled.exit_code == ran.exit_code
    assert "F1" in call("-C", demo, "run", "--summary").output
    assert document(call("-C", demo, "evaluate", "--json"))["pairwise"]
    record = document(call("-C", demo, "explain", "--json", _a_record(demo)))
    assert record["values"]
    two = document(call("-C", demo, "explain", "--json", *_two_records(demo)))
    assert two["verdict"] in ("match", "review", "forbidden", "apart")
    assert "match weight" in two["evidence"]
    undone = call("-C", demo, "undo", "1")
    assert undone.exit_code == 0, undone.output
    assert call("-C", demo, "undo", "1").exit_code == 2


def test_a_decision_takes_a_merge_apart(demo: Path) -> None:
    import pandas as pd

    call("-C", demo, "dry-run")
    path = demo / ".crm-etl/clusters.parquet"
    before = pd.read_parquet(path)
    pair = next(group for _, group in before.groupby("client_id") if len(group) == 2)
    left, right = (pair["source"] + ":" + pair["key"]).tolist()
    assert call("-C", demo, "decide", left, right, "different", "--why", "twins").exit_code == 0
    assert call("-C", demo, "dry-run").exit_code == 0
    after = pd.read_parquet(path)
    ids = [after.loc[after["source"] + ":" + after["key"] == name, "client_id"].item() for name in (left, right)]
    assert ids[0] != ids[1]
    assert (demo / "decisions.csv").read_text(encoding="utf-8").count("twins") == 1
    assert call("-C", demo, "decide", left, left, "same").exit_code == 2
    assert call("-C", demo, "decide", left, "shop:none", "same").exit_code == 2


def _a_record(folder: Path) -> str:
    import pandas as pd

    first = pd.read_parquet(folder / ".crm-etl/clusters.parquet").iloc[0]
    return f"{first['source']}:{first['key']}"


def _two_records(folder: Path) -> list[str]:
    """The first and the last record of the last run: hardly ever compared."""
    import pandas as pd

    ends = pd.read_parquet(folder / ".crm-etl/clusters.parquet").iloc[[0, -1]]
    return [f"{row.source}:{row.key}" for row in ends.itertuples()]


def test_ledger_fits_a_narrow_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    counts = ("read", "loaded", "merged", "quarantined", "excluded", "awaiting", "difference")
    line = {"source": "crm_opportunities", **dict.fromkeys(counts, 1234)}
    show.reconciled({"ok": True, "explained": 0, "unexplained": 0, "ledger": [line], "reports": {}})
    heading, row = [text for text in capsys.readouterr().out.splitlines() if "source" in text or "crm_" in text]
    assert heading.split() == ["source", *counts]
    assert row.split() == ["crm_opportunities", *["1,234"] * 7]


def test_explain_of_nobody_is_answered(demo: Path) -> None:
    assert call("-C", demo, "explain", "shop:none").exit_code == 2


@pytest.mark.parametrize("damage", ["bytes", "column", "missing"])
def test_a_damaged_source_stops_the_run_with_place_and_remedy(demo: Path, damage: str) -> None:
    path = demo / "legacy/shop_clients.csv"
    if damage == "bytes":
        path.write_bytes(path.read_bytes()[:-40] + b"\x98\r\n")  # a byte that cp1251 does not know
    elif damage == "column":
        header, rest = path.read_bytes().split(b"\r\n", 1)
        path.write_bytes(header.replace(b"Email", b"Mail") + b"\r\n" + rest)
    else:
        path.unlink()
    result = call("-C", demo, "run")
    assert result.exit_code == 2
    assert "shop_clients.csv" in result.stderr
    assert "to do:" in result.stderr
    assert not (demo / "crm.sqlite").exists()
