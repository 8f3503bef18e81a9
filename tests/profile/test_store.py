"""Counts over all rows are exact, samples repeat and stand for all, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from connectors.base import Batch, Delivery, ExcludedRow, RefusedRow, RowOrigin, Rows
from crm_etl.profile import store as store_module
from crm_etl.profile.store import Held, Store
from crm_etl.progress import NullProgress


class Listed:
    """A connector that delivers the rows of a list."""

    file, sheet = "list", None

    def __init__(self, columns: Sequence[str], rows: Sequence[Sequence[str | None]], size: int = 7) -> None:
        self.columns = tuple(columns)
        self.warnings: list[str] = []
        self._rows, self._size = rows, size

    def batches(self) -> Iterator[Batch]:
        for start in range(0, len(self._rows), self._size):
            rows = Rows(len(self.columns))
            for at, cells in enumerate(self._rows[start : start + self._size], start):
                rows.take(RowOrigin(at + 2, at + 1), cells)
            yield rows.batch()
        rest = Rows(len(self.columns))
        rest.refused.append(RefusedRow(RowOrigin(1, 1), None, "ragged_row", "", {}))
        rest.excluded.append(ExcludedRow(RowOrigin(1, 1), "blank_row"))
        yield rest.batch()

    def delivery(self) -> Delivery:
        return Delivery("list", None, None)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store() as made:
        yield made


def held(store: Store, columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> Held:
    with NullProgress().task("") as task:
        return store.load(Listed(columns, rows), task)


def test_facts_count_all_cells(store: Store) -> None:
    table = held(store, ["a", "A"], [["x", "007"], ["x", "12"], [None, ""], ["яя", "7"]])
    facts = table.facts("a")
    assert (table.rows, table.aside) == (4, {"blank_row": 1, "ragged_row": 1})
    assert (facts.filled, facts.distinct, facts.lengths, facts.sampled) == (3, 2, {1: 2, 2: 1}, False)
    assert facts.values == {"x": 2, "яя": 1}
    assert table.facts("A").zeros == 1


def test_many_distinct_values_are_sampled_by_hash_and_scaled(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "DISTINCT_LIMIT", 100)
    rows = [[f"value{number}"] for number in range(5000)] + [["нет"]] * 400
    table = held(store, ["a"], rows)
    facts = table.facts("a")
    assert (facts.filled, facts.distinct, facts.sampled, len(facts.values)) == (5400, 5001, True, 100)
    assert facts.values["нет"] == 400
    assert sum(facts.values.values()) == pytest.approx(5400)
    assert facts.values == table.facts("a").values


def test_keys_are_held_as_the_pipeline_holds_them(store: Store) -> None:
    table = held(
        store, ["k", "j"], [["1", "a"], [" 1", "b"], ["01", "c"], ["", "d"], ["2", "e"], ["A b", "f"], ["aB", "g"]]
    )
    assert table.key(["k"]) == {"missing": 1, "duplicate": 2, "ambiguous": 3}
    assert table.key(["k", "j"]) == {"missing": 1, "duplicate": 0, "ambiguous": 0}
    assert table.is_key(["j"])
    assert not held(store, ["k"], [["1"], ["1"]]).is_key(["k"])


def test_inclusion_counts_distinct_values(store: Store) -> None:
    clients = held(store, ["id"], [["1"], ["2 "], ["3"]])
    sales = held(store, ["client"], [["1"], ["1"], ["2"], ["9"], [""]])
    assert sales.inclusion("client", clients, "id") == (3, 2)


@pytest.mark.parametrize(
    ("cells", "comma", "extent"),
    [
        (["1 234,50", "-3", "x"], True, (-3.0, 1234.5)),
        (["1,234.50", "2"], False, (2.0, 1234.5)),
        (["۱۲", "۷"], False, (7.0, 12.0)),
        (["x"], False, (None, None)),
    ],
)
def test_extent_of_numbers(store: Store, cells: list[str], comma: bool, extent: tuple[float | None, ...]) -> None:
    assert held(store, ["n"], [[cell] for cell in cells]).extent("n", comma) == extent


def test_nothing_is_left_behind() -> None:
    with Store() as made:
        folder = Path(made._folder.name)
        assert (folder / "profile.duckdb").exists()
    assert not folder.exists()
