"""Tables are kept between processes, and never outlive what they were made of."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_etl.normalize import kept


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], tuple[Any, int]]:
    """What a new process gets for a table that would be made as a given value, and how often it had to be made."""
    monkeypatch.setattr(kept, "_PACKAGE", tmp_path / "package")
    (tmp_path / "package").mkdir()

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
    monkeypatch.setattr(kept, "_VERSION", "another")
    assert made("new") == ("new", 1)
    assert [file.name for file in _tables(tmp_path)] == ["test_kept.table.another.table"]


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
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
