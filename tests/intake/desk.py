"""A small migration on disk, its quarantine laid down as the dry run does, and a person who corrects it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import yaml

from crm_etl import pipeline, schema
from crm_etl.migration import Migration, load
from crm_etl.pipeline import Party, Raw
from crm_etl.progress import NullProgress
from crm_etl.report import quarantine
from crm_etl.report.quarantine_table import Layout
from crm_etl.resubmission import resubmit

CLIENTS: dict[str, Any] = {
    "name": "shop",
    "connector": "csv",
    "path": "clients.csv",
    "encoding": "utf-8",
    "delimiter": ";",
    "entity": "client",
    "key": "Код",
    "decimal": ",",
    "fields": {
        "name": "Имя",
        "birth_date": {"column": "Рождение", "format": "%d.%m.%Y"},
        "phones": "Телефон",
        "status": {"column": "Статус", "map": {"Действующий": "active", "Закрыт": "former"}},
        "balance": "Баланс",
    },
}
SALES: dict[str, Any] = {
    "name": "sales",
    "connector": "csv",
    "path": "sales.csv",
    "encoding": "utf-8",
    "entity": "transaction",
    "key": "id",
    "client": {"source": "shop", "column": "client"},
    "fields": {"occurred_at": {"column": "at", "format": "%Y-%m-%d"}, "amount": "sum"},
}
HEADER = "Код;Имя;Рождение;Телефон;Статус;Баланс\n"
Row = Mapping[str, Any]
Correct = Callable[[dict[str, Any]], None]


class Desk:
    """A migration folder; the texts of its sources are written with :meth:`deliver`."""

    def __init__(self, folder: Path, *sources: dict[str, Any]) -> None:
        self.root = folder
        document = {"name": "desk", "sources": [dict(one) for one in sources or (CLIENTS,)]}
        (folder / "migration.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")

    @property
    def migration(self) -> Migration:
        return load(self.root)

    def deliver(self, text: str | bytes, name: str = "clients.csv") -> None:
        content = text if isinstance(text, bytes) else text.encode("utf-8")
        (self.root / name).write_bytes(content)

    def walk(self) -> tuple[dict[str, Raw], dict[str, Party]]:
        """All sources read and normalized; no row is lost on the way."""
        migration = self.migration
        raws = {one.name: pipeline.raw(migration, one, NullProgress()) for one in migration.sources}
        parties = {
            one.name: pipeline.party(migration, one, raws[one.name], NullProgress()) for one in migration.sources
        }
        for name, raw in raws.items():
            assert raw.facts["read"] == len(raw.rows) + len(raw.refused) + len(raw.excluded)
            assert len(raw.rows) == len(parties[name].rows) + len(parties[name].refused)
        return raws, parties

    def quarantine(self) -> pd.DataFrame:
        """The refused rows of all sources; their page, CSV and workbook are laid down in the folder."""
        raws, parties = self.walk()
        refused = pipeline.stack(
            [part.refused for name in raws for part in (raws[name], parties[name])], schema.QUARANTINE
        )
        layouts = {one.name: Layout.of(one, raws[one.name].facts) for one in self.migration.sources}
        quarantine.write(refused, self.root, "Desk", layouts)
        return refused

    def reasons(self) -> dict[tuple[str, int], str]:
        """Source and line of every refused row -> why."""
        refused = self.quarantine()
        places = zip(refused["source"], refused["line"], strict=True)
        return {(str(name), int(line)): str(why) for (name, line), why in zip(places, refused["reason"], strict=True)}

    def send(self, path: Path | None = None, who: str = "anna") -> dict[str, Any]:
        return resubmit(self.migration, path or self.root / "quarantine.xlsx", NullProgress(), who)


def correct_book(path: Path, correct: Correct, out: Path | None = None) -> Path:
    """Every row of the workbook as a dictionary by column, changed by ``correct`` and written back."""
    book = openpyxl.load_workbook(path)
    for sheet in book.worksheets[1:]:
        names = [cell.value for cell in sheet[1]]
        for cells in sheet.iter_rows(min_row=2):
            row = {name: cell.value for name, cell in zip(names, cells, strict=True)}
            before = dict(row)
            correct(row)
            for name, cell in zip(names, cells, strict=True):
                if row[name] != before[name]:
                    cell.value = row[name]
    book.save(out or path)
    return out or path


def correct_csv(path: Path, correct: Correct) -> Path:
    """The same for the CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = list(csv.reader(file))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for cells in rows:
            row: dict[str, Any] = dict(zip(header, cells, strict=True))
            correct(row)
            writer.writerow([row[name] for name in header])
    return path
