"""Demo companies of two sizes, made once."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa

from crm_etl.demo import generate


@dataclass(frozen=True)
class Made:
    folder: Path
    facts: dict[str, Any]

    @property
    def truth(self) -> list[dict[str, str]]:
        with (self.folder / "truth.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @property
    def expected(self) -> dict[str, Any]:
        return json.loads((self.folder / "expected.json").read_text(encoding="utf-8"))

    def shop(self, name: str = "shop_clients") -> list[dict[str, str]]:
        with (self.folder / "legacy" / f"{name}.csv").open(encoding="cp1251", newline="") as file:
            return list(csv.DictReader(file, delimiter=";"))

    def sheet(self, name: str, header_row: int) -> list[dict[str, Any]]:
        book = openpyxl.load_workbook(self.folder / "legacy" / name, read_only=True)
        rows = list(book.worksheets[0].iter_rows(values_only=True))
        book.close()
        return [dict(zip(rows[header_row - 1], row, strict=True)) for row in rows[header_row:]]

    def crm(self, query: str) -> list[Any]:
        engine = sa.create_engine(f"sqlite:///{self.folder / 'legacy' / 'crm.sqlite'}")
        with engine.connect() as connection:
            rows = list(connection.execute(sa.text(query)))
        engine.dispose()
        return rows

    def keys(self) -> dict[str, list[str]]:
        """Every legacy key as it stands in the files, in their order."""
        tehran = [row for row in self.sheet("tehran.xlsx", 3) if row["ردیف"] != "جمع"]
        return {
            "shop": [row["Код"] for row in self.shop()],
            "tehran": [str(row["کد مشتری"]) for row in tehran],
            "crm": [str(row.id) for row in self.crm("SELECT id FROM clients ORDER BY id")],
            "cards": [row["Карточка"] for row in self.sheet("manual.xlsx", 1)],
        }


@pytest.fixture(scope="session", params=[50, 500])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("demo") / "company"
    return Made(folder, generate(folder, size=request.param))


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("demo") / "company"
    return Made(folder, generate(folder, size=3000, seed=7))
