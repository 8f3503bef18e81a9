"""The demo company's sources, looked at once; and the same sources under other column names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from crm_etl import migration
from crm_etl.demo import generate
from crm_etl.extract import open_source
from crm_etl.migration import Migration, Source
from crm_etl.profile import headers, mapping
from crm_etl.profile.clients import settle
from crm_etl.profile.drafts import Column, Draft
from crm_etl.profile.store import Held, Store
from crm_etl.progress import NullProgress


@dataclass(frozen=True)
class Looked:
    """The demo's sources in a store, with their columns looked at."""

    migration: Migration
    helds: dict[str, Held]
    columns: dict[str, list[Column]]

    def drafts(self, names: Mapping[str, Mapping[str, str]]) -> list[Draft]:
        """Proposals for the sources of ``names``, their columns named as it says (source -> column -> name)."""
        helds, columns, drafts = {}, {}, []
        for source in (source for source in self.migration.sources if source.name in names):
            held, own = self.helds[source.name], names[source.name]
            shown = [own.get(column, column) for column in held.columns]
            helds[source.name] = Held(held._db, held._table, shown, held.rows, held.aside)
            columns[source.name] = [
                replace(column, name=name, said=headers.fields_of(name))
                for column, name in zip(self.columns[source.name], shown, strict=True)
            ]
            drafts.append(mapping.draft(source.name, columns[source.name], helds[source.name]))
        settle(drafts, helds, columns)
        return drafts


@pytest.fixture(scope="session")
def demo_company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("profile") / "demo"
    generate(folder, size=1500)
    return folder


@pytest.fixture(scope="session")
def looked(demo_company: Path) -> Iterator[Looked]:
    declared = migration.load(demo_company)
    with Store() as store, NullProgress().task("") as task:
        helds = {source.name: store.load(open_source(source, declared.root), task) for source in declared.sources}
        yield Looked(declared, helds, {name: mapping.columns_of(held) for name, held in helds.items()})


def wanted(source: Source) -> dict[str, set[str]]:
    """Column -> the fields that the demo's own mapping fills from it, identifiers with their type."""
    found: dict[str, set[str]] = {}
    for name, rules in source.fields.items():
        for rule in rules:
            for column in rule.source_columns:
                found.setdefault(column, set()).add(name if rule.type is None else f"{name}.{rule.type}")
    return found


def proposed(draft: Draft) -> dict[str, set[str]]:
    """Column -> the fields that a proposal fills from it."""
    found: dict[str, set[str]] = {}
    for line in draft.lines:
        kind = line.settings.get("type")
        found.setdefault(line.column, set()).add(line.field if kind is None else f"{line.field}.{kind}")
    return found
