"""Tables are kept between processes, and never outlive what they were made of."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_etl.normalize import kept, lists


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], tuple[Any, int]]:
    """What a new process gets for a table that would be made as a given value, and how often it had to be made."""
    package = tmp_path / "package"
    package.mkdir()
    (package / "words.yml").write_text("abbott")
    monkeypatch.setattr(kept, "_PACKAGE", package)
    monkeypatch.setattr(kept, "_VERSION", kept.version_of(package))

    def run(value: Any) -> tuple[Any, int]:
        count = 0

        def table() -> Any:
            nonlocal count
            count += 1
            return value

        return kept.kept(table)(), count

    return run


def _tables(folder: Path) -> list[Path]:
    return sorted((folder / "package" / "__pycache__").iterdir())


def test_a_table_is_made_once(tmp_path: Path, made: Any) -> None:
    assert made({"a": 1}) == ({"a": 1}, 1)
    assert made("never made") == ({"a": 1}, 0)
    (file,) = _tables(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o644


def test_no_value_is_a_table_too(made: Any) -> None:
    assert made(None) == (None, 1)
    assert made("never made") == (None, 0)


@pytest.mark.parametrize("at", [0, 20, -1])
def test_a_damaged_table_is_made_anew(tmp_path: Path, made: Any, at: int) -> None:
    made(["Иван"] * 10)
    (file,) = _tables(tmp_path)
    content = bytearray(file.read_bytes())
    content[at] ^= 1
    file.write_bytes(content)
    assert made("new") == ("new", 1)
    assert made("never made") == ("new", 0)


def test_tables_of_other_versions_leave(tmp_path: Path, made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made("old")
    (tmp_path / "package" / "__pycache__" / "renamed.words.8cb1767263f3ce22.table").touch()
    (tmp_path / "package" / "words.yml").write_text("zbbott")
    kept.renew()
    assert made("new") == ("new", 1)
    (file,) = _tables(tmp_path)
    assert file.name == f"test_kept.table.{kept.version_of(tmp_path / 'package')}.table"


def test_what_is_made_while_files_change_is_not_kept(tmp_path: Path, made: Any) -> None:
    file = tmp_path / "package" / "words.yml"
    file.write_text("zbbott")
    assert made("of other words") == ("of other words", 1)
    file.write_text("abbott")
    assert made("of these words") == ("of these words", 1)
    assert made("never made") == ("of these words", 0)


def test_who_changes_files_has_tables_made_anew(tmp_path: Path, made: Any) -> None:
    value = ["old"]
    table = kept.kept(lambda: list(value))
    assert table() == ["old"]
    value[0] = "new"
    (tmp_path / "package" / "words.yml").write_text("zbbott")
    assert table() == ["old"]
    kept.renew()
    assert table() == ["new"]


def test_every_caller_has_a_document_of_its_own() -> None:
    document = lists.load("words.yml")
    document.clear()
    assert lists.load("words.yml").keys() >= {"booleans", "currencies", "placeholders"}


def test_contents_tell_a_version_and_times_do_not(tmp_path: Path) -> None:
    file = tmp_path / "words.yml"
    file.write_text("abbott")
    stamp = file.stat()
    first = kept.version_of(tmp_path)
    os.utime(file, (1, 1))
    assert kept.version_of(tmp_path) == first
    file.write_text("zbbott")
    os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert kept.version_of(tmp_path) != first
    assert kept.version_of(tmp_path / "archive.zip") is None


def test_nothing_is_kept_without_a_version(tmp_path: Path, made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_VERSION", None)
    assert made("one") == ("one", 1)
    assert made("two") == ("two", 1)


def test_the_users_cache_serves_where_the_package_cannot_be_written(
    tmp_path: Path, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "package" / "__pycache__").write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert made("one") == ("one", 1)
    assert made("never made") == ("one", 0)
    (file,) = (tmp_path / "cache" / "crm-etl" / "tables").iterdir()
    file.chmod(0o666)  # anybody could have written this
    assert made("two") == ("two", 1)


def test_a_table_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert made("one") == ("one", 1)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["words.yml"]
