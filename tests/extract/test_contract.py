"""The layout contract: what the last run saw is held against what is delivered now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from crm_etl import migration, run
from crm_etl.cli import main
from crm_etl.extract import Layout, contract, extract
from crm_etl.faults import Fault, LayoutFault, SourceFault, StateFault
from crm_etl.load.plan import Plan
from crm_etl.migration import CsvSource
from crm_etl.progress import NullProgress
from crm_etl.storage import State

_ROWS = [f"{number},Anna Petrova,+7916{number:07},1984-03-21" for number in range(1, 21)]
_HEADER = "id,name,phone,born"
_DECLARED = """name: m
sources:
- {name: old, connector: csv, path: a.csv, encoding: utf-8, key: id, ignore: [born],
   fields: {name: name, phones: phone}}
"""


def source(**settings: Any) -> CsvSource:
    base = {"name": "old", "connector": "csv", "path": "a.csv", "encoding": "utf-8", "key": "id", "ignore": ["born"]}
    return CsvSource.model_validate({**base, "fields": {"name": "name", "phones": "phone"}, **settings})


def deliver(folder: Path, header: str = _HEADER, rows: list[str] | None = None) -> None:
    lines = [header, *(_ROWS if rows is None else rows)]
    (folder / "a.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def layout(folder: Path, last: Layout | None = None, **settings: Any) -> tuple[Layout, list[str], bool]:
    facts = extract(source(**settings), folder, last=last).facts
    now = Layout.of_document(json.loads(json.dumps(facts["layout"])))
    return now, facts["warnings"], contract.unchanged(last, now)


@pytest.fixture
def last(tmp_path: Path) -> Layout:
    deliver(tmp_path)
    return layout(tmp_path)[0]


def test_what_is_remembered(last: Layout) -> None:
    assert last.columns == ("id", "name", "phone", "born")
    assert last.kinds == {"id": "number", "name": "text", "phone": "number", "born": "date"}
    assert (last.records, len(last.files)) == (20, 1)


def test_the_same_delivery_is_told(tmp_path: Path, last: Layout) -> None:
    assert layout(tmp_path, last)[1:] == ([], True)
    deliver(tmp_path, rows=[*_ROWS, "21,Boris,,"])
    assert layout(tmp_path, last)[1:] == ([], False)


@pytest.mark.parametrize(
    ("header", "rows", "said"),
    [
        ("id,phone,name,born", ["1,+7916,Anna,1984-03-21"], "in another order: phone"),
        ("id,name,phone", ["1,Anna,+7916"], "missing: born"),
        ("id,name,phone,born,vip", ["1,Anna,+7916,1984-03-21,x"], "new: vip"),
        ("id,name,phones,born", ["1,Anna,+7916,1984-03-21"], "renamed, it seems: phone -> phones"),
    ],
)
def test_another_layout_stops_the_source_with_both_lists(
    tmp_path: Path, last: Layout, header: str, rows: list[str], said: str
) -> None:
    deliver(tmp_path, header, rows * 20)
    with pytest.raises(LayoutFault) as caught:
        layout(tmp_path, last)
    assert said in caught.value.what
    table = caught.value.what.splitlines()[1:]
    assert table[0].split() == ["last", "run", "|", "delivered", "now"]
    shown = [[side.strip(" 0123456789") for side in line.removesuffix("<-").split("|")] for line in table[1:]]
    assert [left for left, _ in shown if left] == _HEADER.split(",")
    assert [right for _, right in shown if right] == header.split(",")
    assert "crm-etl accept old" in str(caught.value)
    assert "Anna" not in str(caught.value)


def test_a_row_of_data_where_the_names_were_is_not_told(tmp_path: Path, last: Layout) -> None:
    deliver(tmp_path, "Sidorenko,Olena,Kyiv,yes")
    with pytest.raises(LayoutFault) as caught:
        layout(tmp_path, last)
    assert not {"Sidorenko", "Olena", "Kyiv"} & set(str(caught.value).replace(",", " ").split())
    assert "a, a, a, a" in str(caught.value)


def test_who_changed_the_mapping_has_looked_at_the_columns(tmp_path: Path, last: Layout) -> None:
    deliver(tmp_path, "id,name,phones,born")
    now, warnings, _ = layout(tmp_path, last, fields={"name": "name", "phones": "phones"})
    assert any("renamed, it seems: phone -> phones" in warning for warning in warnings)
    assert now.columns[2] == "phones"


@pytest.mark.parametrize(("count", "settings"), [(9, {}), (15, {"volume": {"fewer": 0.8}})])
def test_far_too_few_rows_stop_the_source(tmp_path: Path, last: Layout, count: int, settings: dict[str, Any]) -> None:
    deliver(tmp_path, rows=_ROWS[:count])
    with pytest.raises(SourceFault, match=rf"{count} records, 20 at the last run"):
        layout(tmp_path, last, **settings)


def test_far_too_many_rows_warn(tmp_path: Path, last: Layout) -> None:
    deliver(tmp_path, rows=[f"{number},Anna,," for number in range(41)])
    assert any("41 records, 20 at the last run" in warning for warning in layout(tmp_path, last)[1])
    deliver(tmp_path, rows=[f"{number},Anna,," for number in range(40)])
    assert not any("at the last run: more" in warning for warning in layout(tmp_path, last)[1])


def test_cells_of_another_kind_warn(tmp_path: Path, last: Layout) -> None:
    deliver(tmp_path, rows=[f"{number},Anna,none,yesterday" for number in range(20)])
    assert [warning.partition(":")[0] for warning in layout(tmp_path, last)[1]] == ["column 'phone'", "column 'born'"]


def test_columns_without_names_that_changed_places_stop_the_source(tmp_path: Path) -> None:
    columns = {"columns": ["id", "name", "phone", "born"], "header_row": 0}
    (tmp_path / "a.csv").write_text("\n".join(_ROWS) + "\n", encoding="utf-8")
    last = layout(tmp_path, **columns)[0]
    swapped = [f"{number},+7916{number:07},Anna Petrova,1984-03-21" for number in range(1, 21)]
    (tmp_path / "a.csv").write_text("\n".join(swapped) + "\n", encoding="utf-8")
    with pytest.raises(LayoutFault, match="column 'name': text at the last run, now number"):
        layout(tmp_path, last, **columns)


def test_a_source_of_broken_rows_stops_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_etl.extract._MANY_REFUSED", 15)
    deliver(tmp_path, rows=[f"{row},more" for row in _ROWS])
    with pytest.raises(SourceFault, match=r"20 of the first 20 rows cannot be read.*ragged_row"):
        layout(tmp_path)
    assert layout(tmp_path, volume={"quarantined": 1})[0].records == 20


@pytest.mark.parametrize("text", [{}, {"columns": 1}, {"columns": [], "kinds": [], "records": "x"}])
def test_a_damaged_memory_is_told(text: dict[str, Any]) -> None:
    with pytest.raises(StateFault, match="damaged"):
        Layout.of_document(text)


@given(st.lists(st.sampled_from("abcdef"), unique=True, min_size=1), st.permutations("abcdef"), st.integers(1, 6))
def test_every_difference_of_columns_is_named(before: list[str], order: list[str], size: int) -> None:
    now = order[:size]
    known = Layout(tuple(before), {}, 0, contract.declared(source()), ())
    try:
        contract.check_order(source(), known, now, contract.Where("a.csv"))
    except Fault as fault:
        said = fault.what.splitlines()[0]
        assert tuple(before) != tuple(now)
        told = set(before) ^ set(now) if set(before) & set(now) else set(before)
        assert all(name in said for name in told)
        assert set(before) & set(now) or not set(said.partition("new: ")[2]) & set("bcdef")
    else:
        assert tuple(before) == tuple(now)


def test_the_command_line_stops_takes_the_layout_when_told_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "migration.yaml").write_text(_DECLARED, encoding="utf-8")

    def said(*command: str) -> tuple[int, str]:
        answer = CliRunner().invoke(main, ["-C", str(tmp_path), *command])
        return answer.exit_code, answer.output

    deliver(tmp_path)
    assert said("dry-run")[0] == 0
    code, output = said("dry-run")
    assert code == 0
    assert "the same files as at the last run, byte for byte: old" in output
    deliver(tmp_path, "id,born,name,phone", [f"{n},1984-03-21,Anna Petrova,+7916{n:07}" for n in range(1, 21)])
    for command in ("dry-run", "check"):
        code, output = said(command)
        assert code == 2
        assert "crm-etl" in output
        assert "order" in output
    assert said("accept", "nobody")[0] == 2
    assert said("accept", "old") == (0, "old: 4 columns, 20 rows are right from now on\n")
    assert said("dry-run")[0] == 0


def test_rehearsals_do_not_move_what_deliveries_are_held_against(tmp_path: Path) -> None:
    (tmp_path / "migration.yaml").write_text(_DECLARED, encoding="utf-8")

    def ended(*command: str) -> int:
        return CliRunner().invoke(main, ["-C", str(tmp_path), *command]).exit_code

    deliver(tmp_path, rows=_rows(20))
    assert ended("run") == 0
    deliver(tmp_path, rows=_rows(12))
    assert [ended("dry-run"), ended("reconcile")] == [0, 0]
    deliver(tmp_path, rows=_rows(9))
    assert ended("dry-run") == 2
    deliver(tmp_path, rows=_rows(12))
    assert ended("run") in (0, 1)
    deliver(tmp_path, rows=_rows(9))
    assert ended("dry-run") == 0


def test_a_load_holds_deliveries_against_those_of_its_plan_alone(tmp_path: Path) -> None:
    (tmp_path / "migration.yaml").write_text(_DECLARED, encoding="utf-8")
    loaded = migration.load(tmp_path)
    state = State.of(loaded)

    def records(as_: str) -> int:
        known = run.known_layout(state, loaded.source("old"), as_)
        assert known is not None
        return known.records

    for count in (20, 21):
        deliver(tmp_path, rows=_rows(count))
        run.Run(loaded, state).rehearse()
    deliver(tmp_path, rows=_rows(22))
    run.Run(loaded, state).deliver()
    assert [records(as_) for as_ in (run.HELD, run.SEEN)] == [20, 22]
    run.load(loaded, state.read("load/plan", Plan), NullProgress())
    assert [records(as_) for as_ in (run.HELD, run.SEEN)] == [21, 22]


def _rows(count: int) -> list[str]:
    names = ("Anna Petrova", "Boris Ivanov", "Olena Shevchenko", "Reza Karimi")
    return [f"{n},{names[n % 4]},+7916{n:07},1984-03-21" for n in range(1, count + 1)]


def test_one_file_in_two_sources_blocks_the_load(tmp_path: Path) -> None:
    rows = "id,name\n1,Anna Petrova\n2,Boris Ivanov\n"
    for name in ("a.csv", "copy of a.csv"):
        (tmp_path / name).write_text(rows, encoding="utf-8")
    line = "- {{name: {0}, connector: csv, path: {1}, encoding: utf-8, key: id, fields: {{name: name}}}}\n"
    sources = line.format("one", "a.csv") + line.format("two", "copy of a.csv")
    (tmp_path / "migration.yaml").write_text(f"name: m\nsources:\n{sources}", encoding="utf-8")
    answer = CliRunner().invoke(main, ["-C", str(tmp_path), "dry-run", "--json"])
    assert answer.exit_code == 1
    plan = json.loads(answer.stdout)["plan"]
    assert plan["blocked"]
    assert any("delivered_once" in str(check) for check in plan["failed_checks"])
