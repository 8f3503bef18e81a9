"""The demo company as a whole: counts, truth, determinism, migration file, deliberate faults."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from crm_etl import migration, schema
from crm_etl.demo import generate
from crm_etl.faults import Fault

from .conftest import Made


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".sqlite"
    }


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        generate(tmp_path / name, size=300, seed=5)
    generate(tmp_path / "c", size=300, seed=6)
    one, two, other = (_bytes(tmp_path / name) for name in "abc")
    assert one == two
    assert one["truth.csv"] != other["truth.csv"]
    assert one["legacy/tehran.xlsx"] == two["legacy/tehran.xlsx"]


def test_truth_covers_every_key_exactly(made: Made) -> None:
    truth = [(row["source"], row["key"]) for row in made.truth]
    assert len(truth) == len(set(truth)) == made.facts["records"]
    assert set(truth) == {(source, key) for source, keys in made.keys().items() for key in keys}


def test_rows_are_records_and_the_repeated_ones(made: Made) -> None:
    keys = made.keys()
    assert {source: len(found) for source, found in keys.items()} == made.facts["rows"]
    repeated = {(source, key) for source, found in keys.items() for key, n in Counter(found).items() if n > 1}
    declared = {("shop", key) for key in made.expected["quarantined"]["duplicate_key"]["shop"]}
    declared |= {
        (source, key) for source, found in made.expected["excluded"]["exact_duplicate"].items() for key in found
    }
    assert repeated == declared
    assert sum(made.facts["rows"].values()) == made.facts["records"] + len(repeated)


def test_size_is_the_number_of_records(made: Made, company: Made) -> None:
    assert made.facts["records"] in (50, 500)
    assert company.facts["records"] == 3000
    assert 0.55 < company.facts["clients"] / 3000 < 0.68


def test_records_of_a_client(company: Made) -> None:
    sizes = Counter(Counter(row["entity"] for row in company.truth).values())
    shares = {size: count / sum(sizes.values()) for size, count in sizes.items()}
    assert 0.55 < shares[1] < 0.68
    assert 0.2 < shares[2] < 0.3
    assert 0.1 < sum(share for size, share in shares.items() if size >= 3) < 0.2


def test_migration_file_loads(made: Made) -> None:
    loaded = migration.load(made.folder)
    assert [source.name for source in loaded.client_sources] == ["shop", "tehran", "crm", "cards"]
    assert {source.entity for source in loaded.sources} == set(schema.ENTITIES)
    assert len(loaded.reconciliation.reports) == 4
    for report in loaded.reconciliation.reports:
        header = (made.folder / report.legacy).read_text(encoding="utf-8").splitlines()[0].split(",")
        assert header == [*report.keys, *report.measures]


def test_mapping_names_every_column_of_the_files(made: Made) -> None:
    loaded = migration.load(made.folder)
    for name, columns in (
        ("shop", set(made.shop()[0])),
        ("shop_sales", set(made.shop("shop_sales")[0])),
        ("tehran", set(made.sheet("tehran.xlsx", 3)[0])),
        ("cards", set(made.sheet("manual.xlsx", 1)[0])),
        ("crm", set(made.crm("SELECT * FROM clients")[0]._fields)),
    ):
        source = loaded.source(name)
        assert {*source.used_columns, *source.ignore} == columns, name


def test_waves_cover_every_branch(company: Made) -> None:
    branches = {name for wave in migration.load(company.folder).waves for name in wave.branches}
    assert {row.office for row in company.crm("SELECT DISTINCT office FROM clients")} <= branches


def test_first_client_stands_in_three_scripts(made: Made) -> None:
    first = {row["source"]: row["key"] for row in made.truth if row["entity"] == "E00000001"}
    assert set(first) == {"shop", "tehran", "crm", "cards"}
    shop = next(row for row in made.shop() if row["Код"] == first["shop"])
    tehran = next(row for row in made.sheet("tehran.xlsx", 3) if str(row["کد مشتری"]) == first["tehran"])
    assert any("а" <= letter <= "я" for letter in (shop["Наименование"] + shop["Фамилия"]).lower())
    assert any("\u0600" <= letter <= "\u06ff" for letter in str(tehran["نام خانوادگی"]))


def test_many_clients_are_duplicates_across_scripts(company: Made) -> None:
    scripts: dict[str, set[str]] = defaultdict(set)
    for row in company.truth:
        scripts[row["entity"]].add(row["source"])
    across = sum({"shop", "crm"} <= found or {"tehran", "crm"} <= found for found in scripts.values())
    assert across > 0.1 * len(scripts)


def test_refuses_a_folder_of_somebody_else(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(Fault, match="not a demo") as caught:
        generate(tmp_path, size=50)
    assert caught.value.remedy
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_replaces_its_own_folder(tmp_path: Path) -> None:
    generate(tmp_path / "demo", size=60)
    (tmp_path / "demo" / "crm.sqlite").write_bytes(b"old")
    facts = generate(tmp_path / "demo", size=50)
    assert facts["records"] == 50
    assert not (tmp_path / "demo" / "crm.sqlite").exists()


def test_refuses_a_size_that_cannot_hold_the_cases(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="at least 50"):
        generate(tmp_path / "demo", size=49)
