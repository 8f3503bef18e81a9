"""``crm-etl names``: what parse, romanize and compare answer, from the command line and from files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from crm_etl import naming
from crm_etl.cli import main


def call(*arguments: str | Path, stdin: bytes | str | None = None) -> Result:
    return CliRunner().invoke(main, ["names", *(str(argument) for argument in arguments)], input=stdin)


def document(*arguments: str | Path, stdin: bytes | str | None = None) -> dict[str, Any]:
    result = call(*arguments, "--json", stdin=stdin)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_parse_shows_the_parts_of_one_name() -> None:
    result = call("parse", "г-н Иванов Иван Иванович")
    assert result.exit_code == 0, result.output
    lines = {line.split()[0]: line.split()[1:] for line in result.stdout.splitlines() if line.split()}
    assert lines["given"] == ["Иван", "ivan"]
    assert lines["patronymic"] == ["Иванович", "ivanovich"]
    assert lines["family"] == ["Иванов", "ivanov"]


def test_parse_shows_several_names_in_one_table() -> None:
    result = call("parse", "Олена Ковальська", "محمدرضا حسینی", "Acme Trading LLC")
    assert result.exit_code == 0, result.output
    for text in ("Ковальська", "حسینی", "Acme Trading"):
        assert text in result.stdout


def test_parse_as_json_has_every_field_of_a_name() -> None:
    found = document("parse", "Ivanov, Ivan", "--kind", "person", "--sex", "m")
    (name,) = found["names"]
    assert (name["text"], name["given"], name["family"], name["sex"]) == ("Ivanov, Ivan", "Ivan", "Ivanov", "m")


def test_the_hints_are_obeyed() -> None:
    assert document("parse", "Роза", "--kind", "organization")["names"][0]["kind"] == "organization"
    ukrainian = document("parse", "Гриша Галушко", "--lang", "uk")["names"][0]
    assert ukrainian["family_latin"] == "halushko"


def test_romanize_prints_the_name_alone() -> None:
    assert call("romanize", "Юрий Гагарин").stdout == "iurii gagarin\n"
    assert call("romanize", "Юрий", "--lang", "ru", "--standard", "bgn-pcgn").stdout.strip() == "yuriy"


def test_romanize_lists_the_standards_with_their_sources() -> None:
    found = document("romanize", "--standards")["standards"]
    defaults = {row["language"]: row["standard"] for row in found if row["default"]}
    assert (defaults["ru"], defaults["uk"]) == ("icao-9303", "kmu-2010")
    assert all(row["title"] and row["source"] for row in found)
    shown = call("romanize", "--standards", "--lang", "uk")
    assert "kmu-2010 (default)" in shown.stdout
    assert "icao-9303" not in shown.stdout


def test_compare_says_which_word_met_which() -> None:
    result = call("compare", "Юрий Гагарин", "Yuri Gagarin")
    assert result.exit_code == 0, result.output
    assert "bits" in result.stdout
    assert "taken for one name" in result.stdout
    assert "from one than from two different ones" in result.stdout
    found = document("compare", "Юрий Гагарин", "Yuri Gagarin")
    assert found["kind"] == "person"
    assert found["score"] > 0
    assert {meeting["right"].casefold() for meeting in found["meetings"]} == {"yuri", "gagarin"}
    assert all(meeting["rule"] for meeting in found["meetings"])


def test_compare_names_words_that_stay_alone() -> None:
    found = document("compare", "Иванов Иван Иванович", "Ivan Ivanov")
    assert [alone["side"] for alone in found["alone"]] == ["left"]
    against = call("compare", "Анна Иванова", "Peter Smith")
    assert "from two different ones than from one" in against.stdout


def test_compare_takes_the_kind_from_the_names() -> None:
    assert document("compare", "ООО «Ромашка»", "Romashka LLC")["kind"] == "organization"


def test_nothing_to_compare_is_no_evidence() -> None:
    result = call("compare", "", "123")
    assert result.exit_code == 0, result.output
    assert "no evidence either way" in result.stdout


def test_names_from_a_file_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text("﻿Иван Петров\r\n\r\nAli Karimi\n", encoding="utf-8")
    found = document("parse", "--file", path)
    assert [name["text"] for name in found["names"]] == ["Иван Петров", "Ali Karimi"]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_names_from_a_column(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "names.csv"
    rows = [("id", "name"), ("1", '"Петров\nИван"'), ("2", "Карими")]
    path.write_text("\n".join(separator.join(row) for row in rows) + "\n3\n", encoding="utf-8")
    found = document("romanize", "--file", path, "--column", "name")
    assert [name["latin"] for name in found["names"]] == ["petrov ivan", "karimi", ""]


def test_names_from_standard_input() -> None:
    assert document("romanize", "--file", "-", stdin="Анна\n")["names"] == [{"text": "Анна", "latin": "anna"}]


def test_pairs_from_a_file_have_scores(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("old,new\nЮрий Гагарин,Yuri Gagarin\nООО Ромашка,Romashka LLC\nАнна,\n", encoding="utf-8")
    found = document("compare", "--file", path, "--columns", "old", "new")["pairs"]
    assert [pair["kind"] for pair in found] == ["person", "organization", "person"]
    assert found[0]["score"] > 0
    assert found[2]["score"] == 0.0
    alone = document("compare", "Юрий Гагарин", "Yuri Gagarin")
    assert found[0]["score"] == pytest.approx(alone["score"], abs=0.01)
    shown = call("compare", "--file", path, "--columns", "old", "new")
    assert "Yuri Gagarin" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("parse",), "no name given"),
        (("parse", "Анна", "--file", "x"), "names and a file both"),
        (("parse", "Анна", "--column", "x"), "--column without a file"),
        (("parse", "Анна", "--lang", "xx"), "unknown language 'xx'"),
        (("parse", "a\udcff"), "not text in UTF-8"),
        (("romanize", "Анна", "--standard", "morse"), "no standard 'morse'"),
        (("romanize", "Анна", "--lang", "uk", "--standard", "icao-9303"), "icao-9303"),
        (("compare", "Анна"), "two names are compared"),
        (("compare", "a\udcff", "b"), "not text in UTF-8"),
        (("parse", "--file", "no-such-file"), "No such file"),
    ],
)
def test_mistakes_are_answered_with_what_to_do(arguments: tuple[str, ...], says: str) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "to do:" in result.stderr
    assert isinstance(result.exception, SystemExit)
    failed = call(*arguments, "--json")
    assert says in json.loads(failed.stdout)["error"] or "No such file" in says


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"id\n1\n", "no column name"),
        (b"", "no column name"),
        ("name\nАнна\n".encode("cp1251"), "not text in UTF-8"),
    ],
)
def test_a_file_that_does_not_fit_is_answered_with_its_place(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "names.csv"
    path.write_bytes(content)
    result = call("parse", "--file", path, "--column", "name")
    assert result.exit_code == 2
    assert says in result.stderr
    assert str(path) in result.stderr.replace("\n", "")


@pytest.mark.parametrize(
    ("bits", "odds", "says"),
    [
        (10.0, 1024.0, "strong evidence for"),
        (-3.5, 11.3, "some evidence against"),
        (0.2, 1.15, "hardly any"),
        (0.0, 1.0, "hardly"),
    ],
)
def test_bits_in_odds_and_words(bits: float, odds: float, says: str) -> None:
    found = naming.meaning(bits)
    assert found["odds"] == pytest.approx(odds, rel=0.02)
    assert says in found["meaning"]
