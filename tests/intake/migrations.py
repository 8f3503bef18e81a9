"""Migrations that tests make of a few rows: the folder, its files and its mapping, and what the stages make of them."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa
import yaml
from click.testing import CliRunner

from crm_etl import migration
from crm_etl.cli import main
from crm_etl.extract import Extracted, extract
from crm_etl.normalize import Normalized, normalize

Row = Mapping[str, str]


def a_source(name: str, fields: Mapping[str, Any], **settings: Any) -> dict[str, Any]:
    """A CSV source as ``migration.yaml`` declares it; bad rows alone do not stop it."""
    declared = {
        "name": name,
        "connector": "csv",
        "path": f"{name}.csv",
        "encoding": "utf-8",
        "key": "id",
        "volume": {"quarantined": 1},
        "fields": dict(fields),
    }
    return declared | settings


def a_folder(root: Path, *sources: Mapping[str, Any], **settings: Any) -> Path:
    """A migration folder that declares ``sources``; its files are for :func:`deliver`."""
    root.mkdir(parents=True, exist_ok=True)
    document = {"name": "trial", "sources": [dict(source) for source in sources], **settings}
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
    (root / "migration.yaml").write_text(text, encoding="utf-8")
    return root


def deliver(folder: Path, name: str, rows: Sequence[Row]) -> None:
    """Writes the CSV file of a source: the columns of its first row, each cell quoted."""
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)


@dataclass(frozen=True)
class Read:
    """What extraction and normalization made of one source; every row that was read is in it once."""

    raw: Extracted
    party: Normalized

    @property
    def refused(self) -> pd.DataFrame:
        return pd.concat([self.raw.refused, self.party.refused], ignore_index=True)

    @property
    def accepted(self) -> list[str]:
        """Keys of the accepted rows."""
        return self.party.rows["key"].tolist()

    @property
    def notes(self) -> dict[str, int]:
        """Note -> accepted rows that bear it."""
        return dict(self.party.facts["notes"])

    @property
    def reasons(self) -> dict[str, tuple[str, str]]:
        """Key -> field and reason of its refusal."""
        rows = self.refused[["key", "field", "reason"]].itertuples(index=False)
        return {key: (field, reason) for key, field, reason in rows}

    def cells(self, key: str) -> dict[str, str | None]:
        """The original cells of a refused row."""
        (cells,) = self.refused.loc[self.refused["key"] == key, "cells"]
        found: dict[str, str | None] = json.loads(cells)
        return found

    def of(self, key: str, field: str) -> Any:
        """What stands in ``field`` of an accepted row; None for no value."""
        (value,) = self.party.rows.loc[self.party.rows["key"] == key, field]
        return None if value is pd.NA else value

    def all_of(self, field: str) -> dict[str, Any]:
        return {key: self.of(key, field) for key in self.accepted}


def read(folder: Path, name: str) -> Read:
    """Extracts and normalizes one source, and holds the rows that come out against those that went in."""
    declared = migration.load(folder)
    source = declared.source(name)
    raw = extract(source, declared.root)
    party = normalize(raw.rows, source)
    found = Read(raw, party)
    assert raw.facts["read"] == len(party.rows) + len(found.refused) + len(raw.excluded)
    return found


def read_rows(root: Path, rows: Sequence[Row], fields: Mapping[str, Any], **settings: Any) -> Read:
    """One source of client records, ``rows`` by their key column ``id``, read."""
    a_folder(root, a_source("c", fields, **settings))
    deliver(root, "c", rows)
    return read(root, "c")


def said(folder: Path, *command: str) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON answer of the program, called as a person calls it; it never dies of an exception."""
    answer = CliRunner().invoke(main, ["-C", str(folder), *command, "--json"])
    assert answer.exception is None or isinstance(answer.exception, SystemExit), answer.exc_info
    return answer.exit_code, json.loads(answer.stdout)


def quarantine(folder: Path) -> pd.DataFrame:
    """The quarantine's report file, by key."""
    path = folder / ".crm-etl" / "reports" / "quarantine.csv"
    return pd.read_csv(path, dtype="string", encoding="utf-8-sig").set_index("key")


def in_crm(folder: Path, query: str, url: str | None = None) -> list[tuple[Any, ...]]:
    """Rows of a query on the target, or what a person changes there."""
    engine = sa.create_engine(url or f"sqlite:///{folder / 'crm.sqlite'}", poolclass=sa.NullPool)
    with engine.begin() as connection:
        found = connection.exec_driver_sql(query)
        return [tuple(row) for row in found] if found.returns_rows else []
