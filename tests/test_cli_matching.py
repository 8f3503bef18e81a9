"""The commands on blocking and evaluation: what they answer, and their exit codes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from crm_etl import show_matching
from crm_etl.terminal import screen
from tests.test_cli import call, document


def _figures(demo: Path, *arguments: str, code: int = 0) -> Any:
    result = call("-C", demo, "blocking", "--json", *arguments)
    assert result.exit_code == code, result.output
    return document(result)


def test_blocking_reads_the_sources_where_nothing_ran_and_compares_nothing(demo: Path) -> None:
    found = _figures(demo)
    assert found["judged_by"] == "beliefs"
    assert found["truth"]["recall"] > 0.9
    assert found["pairs"] == sum(line["new"] for line in found["rules"])
    assert not (demo / ".crm-etl/clusters.parquet").exists()
    shown = call("-C", demo, "blocking").output
    assert "pairs of" in shown
    assert "records: those of the sources as they are now" in shown
    assert not (demo / ".crm-etl/frames").exists()


def test_blocking_over_its_budget_ends_with_one_and_a_proposal_is_settings(demo: Path) -> None:
    assert _figures(demo, "--budget", "50", code=1)["within"] is False
    found = _figures(demo, "--budget", "400", "--propose")
    assert found["proposal"]["pairs"] <= 400
    settings = yaml.safe_load(found["settings"])["matching"]
    assert settings["rules"] == [line["rule"] for line in found["proposal"]["rules"]]
    path = demo / "migration.yaml"
    declared = yaml.safe_load(path.read_text("utf-8"))
    declared["matching"] = {**declared.get("matching", {}), **settings}
    path.write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    assert _figures(demo, "--budget", "400")["within"] is True


def test_a_proposal_is_chosen_among_all_rules_whatever_the_file_names(demo: Path) -> None:
    declared = yaml.safe_load((demo / "migration.yaml").read_text("utf-8"))
    declared["matching"] = {**declared.get("matching", {}), "rules": ["phone"], "pairs_per_record": 1}
    (demo / "migration.yaml").write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    assert [line["rule"] for line in _figures(demo)["rules"]] == ["phone", "copies"]
    proposed = {line["rule"] for line in _figures(demo, "--budget", "1000", "--propose")["proposal"]["rules"]}
    assert len(proposed - {"phone"}) > 3
    among = _figures(demo, "--budget", "1000", "--propose", "--rules", "email,phone")["proposal"]["rules"]
    assert {line["rule"] for line in among} <= {"email", "phone", "copies"}
    hint = "crm-etl blocking --propose"
    assert hint in call("-C", demo, "blocking", "--budget", "1").output
    asked = call("-C", demo, "blocking", "--budget", "1", "--propose").output
    assert "more than the budget" in asked
    assert hint not in asked


def test_dropped_blocks_are_told_with_their_limit_and_by_record(demo: Path) -> None:
    assert "dropped with blocks" not in call("-C", demo, "blocking").output
    path = demo / "migration.yaml"
    declared = yaml.safe_load(path.read_text("utf-8"))
    declared["matching"] = {**declared.get("matching", {}), "max_block": 4}
    path.write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    found = _figures(demo)
    assert found["dropped"][0]["records"] > 4
    shown = call("-C", demo, "blocking").output
    assert "dropped with blocks of more than 4 records (matching.max_block)" in " ".join(shown.split())
    assert "matching.pairs_per_record" not in shown
    assert found["dropped"][0]["examples"][0] in shown
    rehearsed = call("-C", demo, "dry-run").output
    assert f"up to {found['dropped_pairs']:,} pairs not compared" in rehearsed
    assert "crm-etl blocking lists the largest" in rehearsed
    assert "what only the dropped blocks hold is not in this estimate" in call("-C", demo, "evaluate").output
    page = (demo / ".crm-etl/reports/evaluation.html").read_text("utf-8")
    assert "So is what only dropped blocks hold" in page


def test_the_budget_of_the_file_is_kept_as_it_is_written(demo: Path) -> None:
    """Blocks go until the pairs fit, so that what blocking says is within it is what a run compares."""
    path = demo / "migration.yaml"
    declared = yaml.safe_load(path.read_text("utf-8"))
    declared["matching"] = {**declared.get("matching", {}), "pairs_per_record": 6}
    path.write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    found = _figures(demo)
    assert found["budget"] == found["limits"]["budget"] == 6 * found["records"]
    assert found["dropped_by"]["budget"] > 0 == found["dropped_by"]["max_block"]
    assert found["pairs"] <= found["budget"]


def test_blocking_by_some_rules_only(demo: Path) -> None:
    assert [line["rule"] for line in _figures(demo, "--rules", "phone, email")["rules"]] == ["phone", "email", "copies"]
    result = call("-C", demo, "blocking", "--rules", "sound_of_silence")
    assert result.exit_code == 2
    assert "choose among" in result.stderr


def test_evaluate_needs_a_run_and_then_no_truth(demo: Path) -> None:
    assert call("-C", demo, "evaluate").exit_code == 2
    assert call("-C", demo, "dry-run").exit_code == 0
    shown = call("-C", demo, "evaluate").output
    assert "recall" in shown
    assert "Latn x Latn" in shown
    assert "Zyyy" not in shown  # of records without a name there is no pair
    assert "records: those of the last run" in call("-C", demo, "blocking").output
    assert call("-C", demo, "evaluate", "--truth", "nowhere.csv").exit_code == 2
    (demo / "truth.csv").unlink()
    without = call("-C", demo, "evaluate")
    assert without.exit_code == 0
    assert "no truth is known" in without.output
    assert (demo / ".crm-etl/reports/evaluation.html").exists()


def test_what_people_decided_is_told_by_bands_of_probability(capsys: pytest.CaptureFixture[str]) -> None:
    bands = [(0.75, 1.0), (0.5, 0.75), (0.0, 0.5)]
    told = {"same": 1, "different": 1, "share": 0.5, "low": 0.1, "high": 0.9, "claimed": 0.6}
    show_matching._decided(screen(), [{"least": least, "most": most, **told} for least, most in bands])
    lines = " ".join(capsys.readouterr().out.split())
    assert "1 of 2 decided pairs of probability 0.75 or more the same: 0.500" in lines
    assert "1 of 2 decided pairs of probability 0.5 to below 0.75 the same" in lines
    assert "1 of 2 decided pairs below probability 0.5 the same" in lines
