"""How the migration's assets are labelled in Dagster's catalogue: owners, and kinds of storage."""

from __future__ import annotations

from dataclasses import dataclass

from crm_etl.migration import Migration, Source, SqlSource

#: SQLAlchemy dialect -> the kind that Dagster has an icon for.
_DIALECTS = {"postgresql": "postgres"}


@dataclass(frozen=True)
class Labels:
    """Labels of one migration's assets."""

    migration: Migration

    def owners(self, source: Source | None = None) -> list[str]:
        """The team that answers for the source, else for the migration, as Dagster writes owners."""
        team = None if source is None else source.owner_team
        name = self.migration.owner if team is None else team
        return [name if "@" in name else f"team:{name}"]

    def kind(self, source: Source) -> str:
        """csv, excel, or the database system."""
        if isinstance(source, SqlSource):
            return _system(source.url)
        return source.connector if source.connector in ("csv", "dbf") else "excel"

    @property
    def target(self) -> str:
        """The target's database system."""
        return _system(self.migration.target.url)


def _system(url: str) -> str:
    dialect = url.partition(":")[0].partition("+")[0]
    return _DIALECTS.get(dialect, dialect)
