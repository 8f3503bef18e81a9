"""The rows of sources while they are looked at: a throw-away DuckDB database, so that size costs disk, not memory.

:meth:`Store.load` takes in what a connector delivers; :class:`Held` answers counts about columns, exactly, over all
rows. What is judged value by value is judged of at most :data:`DISTINCT_LIMIT` distinct values a column: the most
frequent ones, then others chosen by hash, so that a rerun looks at the same; their counts are then scaled up and
marked as sampled. Nothing here knows what a column means.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.base import Batch, Connector
from crm_etl.progress import Task

if TYPE_CHECKING:
    import duckdb

#: Distinct values of a column that are looked at one by one.
DISTINCT_LIMIT = 10_000
_MEMORY = "384MB"
_THREADS = 2
#: Rows that are tried first when columns are combined to a key: most combinations fail here already.
_TRIED = 50_000
_TRIMMED = "trim({}, ' \t\r\n\u00a0\u200b\u200e\u200f\ufeff')"


@dataclass(frozen=True)
class Facts:
    """What is true of all cells of a column. ``lengths``: characters -> cells; ``zeros``: cells of digits only that
    begin with a zero; ``values``: distinct value -> cells that hold it (scaled up where ``sampled``)."""

    filled: int = 0
    distinct: int = 0
    lengths: dict[int, int] = field(default_factory=dict)
    zeros: int = 0
    values: dict[str, float] = field(default_factory=dict)
    sampled: bool = False


class Store:
    """Tables of text. A context manager: the file behind it vanishes at the end."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="crm-etl-profile-")
        self._count = 0
        self._db = _connected(Path(self._folder.name))

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()
        self._folder.cleanup()

    def load(self, connector: Connector, task: Task) -> Held:
        """Everything that ``connector`` delivers. Raises what its ``batches`` raises."""
        self._count += 1
        table = f"t{self._count}"
        names = [f"c{place}" for place in range(len(connector.columns))]
        self._db.execute(f"CREATE TABLE {table} ({', '.join(f'{name} VARCHAR' for name in names)})")
        rows, aside = 0, Counter[str]()
        # Each batch is a transaction of its own: what is not yet committed would be kept in memory.
        for batch in connector.batches():
            self._insert(table, names, batch)
            rows += batch.size
            aside.update(row.reason for row in batch.refused)
            aside.update(row.rule for row in batch.excluded)
            task.advance(len(batch))
        return Held(self._db, table, connector.columns, rows, dict(sorted(aside.items())))

    def _insert(self, table: str, names: Sequence[str], batch: Batch) -> None:
        import pyarrow as pa

        if batch.size:
            self._db.register("batch", pa.table(batch.columns, names=list(names)))
            self._db.execute(f"INSERT INTO {table} SELECT * FROM batch")
            self._db.unregister("batch")


class Held:
    """The rows of one source: ``columns``, ``rows``, and ``aside``: reason -> rows that the connector set aside."""

    def __init__(
        self,
        db: duckdb.DuckDBPyConnection,
        table: str,
        columns: Sequence[str],
        rows: int,
        aside: dict[str, int],
    ) -> None:
        self._db = db
        self._table = table
        self.columns = tuple(columns)
        self.rows = rows
        self.aside = aside

    def facts(self, column: str) -> Facts:
        self._db.execute(
            f"CREATE OR REPLACE TEMP TABLE v AS SELECT {self._name(column)} AS value, count(*) AS n "
            f"FROM {self._table} WHERE {self._filled(column)} GROUP BY 1"
        )
        filled, distinct, zeros = self._row(
            "SELECT coalesce(sum(n), 0)::BIGINT, count(*), "
            r"coalesce(sum(n) FILTER (regexp_full_match(value, '0\d+')), 0)::BIGINT FROM v"
        )
        lengths = dict(self._rows("SELECT length(value), sum(n)::BIGINT FROM v GROUP BY 1 ORDER BY 1"))
        limit = f"ORDER BY n DESC, hash(value), value LIMIT {DISTINCT_LIMIT}"
        values = dict(self._rows(f"SELECT value, n FROM v {limit}"))
        self._db.execute("DROP TABLE v")
        return Facts(filled, distinct, lengths, zeros, _scaled(values, filled, distinct), distinct > DISTINCT_LIMIT)

    def extent(self, column: str, comma: bool) -> tuple[float | None, float | None]:
        """The least and the greatest number among the cells; decimals have a comma where ``comma``."""
        plain = f"translate({self._name(column)}, '۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩', '01234567890123456789')"
        bare = rf"regexp_replace({plain}, '[\s\x{{00a0}}\x{{202f}}'']', '', 'g')"
        read = f"replace(replace({bare}, '.', ''), ',', '.')" if comma else f"replace({bare}, ',', '')"
        low, high = self._row(f"SELECT min(n), max(n) FROM (SELECT try_cast({read} AS DOUBLE) AS n FROM {self._table})")
        return low, high

    def key(self, columns: Sequence[str]) -> dict[str, int]:
        """How ``columns`` together fare as a key: rows without it (``missing``), rows that share theirs
        (``duplicate``), and rows whose keys differ only by case, blanks or zero padding (``ambiguous``)."""
        parts = [_TRIMMED.format(self._name(column)) for column in columns]
        whole = " AND ".join(f"coalesce({part}, '') <> ''" for part in parts)
        key = f"concat_ws('|', {', '.join(parts)})" if len(parts) > 1 else parts[0]
        folded = r"regexp_replace(lower(regexp_replace(key, '\s+', '', 'g')), '(^|[^0-9])0+([0-9])', '\1\2', 'g')"
        held, shared = self._row(
            f"SELECT coalesce(sum(n), 0)::BIGINT, coalesce(sum(n) FILTER (n > 1), 0)::BIGINT FROM "
            f"(SELECT count(*) AS n FROM {self._table} WHERE {whole} GROUP BY {key})"
        )
        (alike,) = self._row(
            f"SELECT coalesce(sum(n), 0)::BIGINT FROM (SELECT count(*) AS n FROM (SELECT {folded} AS f FROM "
            f"(SELECT {key} AS key FROM {self._table} WHERE {whole})) GROUP BY f HAVING n > 1)"
        )
        return {"missing": self.rows - held, "duplicate": shared, "ambiguous": max(alike - shared, 0)}

    def is_key(self, columns: Sequence[str]) -> bool:
        """Whether no two rows have the same cells in ``columns``, all of them filled."""
        names = ", ".join(map(self._name, columns))
        for few in (f"(SELECT {names} FROM {self._table} LIMIT {_TRIED})", self._table):
            query = f"SELECT count(*), coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM {few} GROUP BY {names})"
            _, most = self._row(query)
            if most != 1:
                return False
        return True

    def inclusion(self, column: str, other: Held, key: str) -> tuple[int, int]:
        """Of the distinct values of ``column``: how many there are, and how many are values of ``key`` in ``other``."""
        own, theirs = _TRIMMED.format(self._name(column)), _TRIMMED.format(other._name(key))
        found = self._row(
            f"SELECT count(*), count(*) FILTER (value IN (SELECT {theirs} FROM {other._table} WHERE {theirs} <> '')) "
            f"FROM (SELECT DISTINCT {own} AS value FROM {self._table} WHERE {self._filled(column)})"
        )
        return int(found[0]), int(found[1])

    def rows_of(self, columns: Sequence[str], most: int) -> list[tuple[str | None, ...]]:
        """Cells of ``columns`` in at most ``most`` rows, chosen by the hash of their cells."""
        names = ", ".join(map(self._name, columns))
        return self._rows(f"SELECT {names} FROM {self._table} ORDER BY hash(({names})) LIMIT {most}")

    def _name(self, column: str) -> str:
        return f"c{self.columns.index(column)}"

    def _filled(self, column: str) -> str:
        return f"{self._name(column)} <> ''"

    def _row(self, query: str) -> tuple[Any, ...]:
        return self._rows(query)[0]

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._db.execute(query).fetchall()


def _connected(folder: Path) -> duckdb.DuckDBPyConnection:
    import duckdb

    db = duckdb.connect(str(folder / "profile.duckdb"))
    for name, value in (("memory_limit", _MEMORY), ("temp_directory", str(folder)), ("threads", str(_THREADS))):
        db.execute(f"SET {name} = '{value}'")
    db.execute("SET preserve_insertion_order = false")
    db.execute("SET enable_progress_bar = false")
    return db


def _scaled(values: dict[str, int], filled: int, distinct: int) -> dict[str, float]:
    """Counts of a sample of the values scaled so that they stand for all: the frequent ones are all in it, the others
    were drawn among those of the least count met and below."""
    if distinct <= len(values):
        return dict(values)
    least = min(values.values())
    tail = sum(count for count in values.values() if count == least)
    rest = filled - sum(values.values())
    factor = (tail + rest) / tail
    return {value: count * factor if count == least else float(count) for value, count in values.items()}
