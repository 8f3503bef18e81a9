"""Proposals written down: they load, say what is doubtful, keep secrets and leave people's files alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from crm_etl.faults import Fault, MigrationFault
from crm_etl.inventory import Wish, take
from crm_etl.migration import CsvSource
from crm_etl.normalize import normalize
from crm_etl.normalize.identifiers.checks import checks
from crm_etl.profile import proposal, subjects, take_inventory
from crm_etl.profile.look import source_name
from crm_etl.progress import NullProgress
from tests.normalize.frames import raw

PEOPLE = ["Иванов Пётр Сергеевич", "Кузнецова Анна", "Петров Андрей", "ООО «Ромашка»", "Шевченко Тарас Григорович"]


def write(path: Path, header: str, rows: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")


def clients(folder: Path, extra: str = "", cells: Sequence[str] = ("",)) -> None:
    rows = [
        f"К-{n:04};{PEOPLE[n % 5]};8916200{n:04};user{n}@mail.ru;{1 + n % 28}.0{1 + n % 9}.2020{cells[n % len(cells)]}"
        for n in range(60)
    ]
    write(folder / "clients.csv", f"Код;ФИО;Телефон;Почта;Создан{extra}", rows)


def proposed(folder: Path, *places: str) -> tuple[str, dict[str, object]]:
    """The text that is proposed for the files of ``folder``, and its only (or last) source as a document."""
    found = subjects.of_places([str(folder / place) for place in places], folder)
    inventory = take_inventory(found, folder)
    text = proposal.write(inventory.subjects, inventory.drafts, name="draft")
    proposal.check(text, folder / "migration.yaml")
    return text, yaml.safe_load(text)["sources"][-1]


def line_of(text: str, word: str) -> str:
    return next(line for line in text.splitlines() if word in line)


def test_each_line_says_how_sure_it_is_and_why(tmp_path: Path) -> None:
    clients(tmp_path)
    text, source = proposed(tmp_path, "clients.csv")
    assert source["key"] == "Код"
    assert source["entity"] == "client"
    assert source["fields"]["name"] == "ФИО"  # type: ignore[index]
    line = line_of(text, "emails:")
    assert "# 0.9" in line
    assert "name and content" in line


def test_dates_that_could_be_either_way_round_are_doubtful(tmp_path: Path) -> None:
    rows = [f"{n};{PEOPLE[n % 5]};0{1 + n % 9}.0{1 + n % 7}.2020" for n in range(40)]
    write(tmp_path / "a.csv", "id;ФИО;Создан", rows)
    text, _ = proposed(tmp_path, "a.csv")
    assert "# ?" in line_of(text, "created_at:")
    assert "%m.%d.%Y" in line_of(text, "created_at:")


def test_jalali_dates_are_declared_as_such(tmp_path: Path) -> None:
    rows = [f"{n};{('علی رضایی', 'مریم احمدی')[n % 2]};139{n % 9}/0{1 + n % 9}/{10 + n % 19}" for n in range(40)]
    write(tmp_path / "a.csv", "کد;نام;تاریخ ثبت", rows)
    _, source = proposed(tmp_path, "a.csv")
    rule = {"column": "تاریخ ثبت", "format": "%Y/%m/%d", "calendar": "jalali"}
    assert source["fields"]["created_at"] == rule  # type: ignore[index]


def test_words_of_a_closed_list_that_nobody_knows_are_doubtful(tmp_path: Path) -> None:
    clients(tmp_path, ";Статус", (";Активный", ";Потенциальный", ";Заморожен"))
    text, source = proposed(tmp_path, "clients.csv")
    status = source["fields"]["status"]  # type: ignore[index]
    assert status["map"] == {"Активный": "active", "Потенциальный": "prospect"}
    assert "# ?" in line_of(text, "Потенциальный")
    assert "'Заморожен'" in line_of(text, "Потенциальный")


def test_a_column_that_nothing_explains_is_ignored_with_a_question(tmp_path: Path) -> None:
    clients(tmp_path, ";Кльфм", (";а1б", ";в2г", ";д3е"))
    text, source = proposed(tmp_path, "clients.csv")
    assert source["ignore"] == ["Кльфм"]
    assert "# ?" in line_of(text, "- Кльфм")


def test_identifiers_are_typed_by_their_check_digits(tmp_path: Path) -> None:
    inns = [str(n) for n in range(7707083800, 7707084200) if checks()["ru_inn"](str(n))]
    codes = [str(n) for n in range(21560000, 21560400) if checks()["ua_edrpou"](str(n))]
    rows = [f"{n};{PEOPLE[n % 5]};{inns[n % 30]};{codes[n % 30]}" for n in range(60)]
    write(tmp_path / "a.csv", "id;ФИО;Налоговый номер;Реестр", rows)
    _, source = proposed(tmp_path, "a.csv")
    kinds = {rule["column"]: rule["type"] for rule in source["fields"]["identifiers"]}  # type: ignore[index]
    assert kinds == {"Налоговый номер": "ru_inn", "Реестр": "ua_edrpou"}


def test_two_columns_are_the_key_where_one_is_not(tmp_path: Path) -> None:
    rows = [f"{n // 10};{n % 10};{PEOPLE[n % 5]};user{n % 7}@mail.ru" for n in range(100)]
    write(tmp_path / "a.csv", "Филиал;Номер;ФИО;Почта", rows)
    text, source = proposed(tmp_path, "a.csv")
    assert source["key"] == ["Филиал", "Номер"]
    assert "# ?" in line_of(text, "key:")


def test_a_turnover_does_not_become_the_key_where_a_code_is_one(tmp_path: Path) -> None:
    rows = [f"{n * 1009};{PEOPLE[n % 5]};{max(n, 5)}" for n in range(60)]
    write(tmp_path / "a.csv", "Оборот;ФИО;Код", rows)
    _, source = proposed(tmp_path, "a.csv")
    assert source["key"] == "Код"


def test_sums_are_no_key_even_where_no_column_is_one(tmp_path: Path) -> None:
    rows = [f"{n * 1009},50;{PEOPLE[n % 5]};{n // 2}" for n in range(60)]
    write(tmp_path / "a.csv", "Оборот;ФИО;Код", rows)
    text, source = proposed(tmp_path, "a.csv")
    assert source["key"] != "Оборот"
    assert "# ?" in line_of(text, "key:")


def test_a_declared_key_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f"{n};{PEOPLE[n % 5]};{n * 1009}" for n in range(60)]
    write(tmp_path / "a.csv", "Код;ФИО;Оборот", rows)
    (tmp_path / "migration.yaml").write_text(
        "name: m\nsources:\n- {name: shop, connector: csv, path: a.csv, encoding: utf-8, delimiter: ';', "
        "key: Оборот, fields: {name: ФИО}}\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    _, paths = take(Wish(propose=True), NullProgress())
    document = yaml.safe_load(Path(paths["proposed mapping"]).read_text("utf-8"))
    assert document["sources"][0]["key"] == "Оборот"


def test_the_client_is_found_by_the_keys_it_holds(tmp_path: Path) -> None:
    clients(tmp_path)
    rows = [f"{n};К-{n % 60:04};{n % 40};{100 + n},50;0{1 + n % 9}.01.2021" for n in range(200)]
    write(tmp_path / "sales.csv", "№;Покупатель;Скидка;Сумма;Дата", rows)
    text, source = proposed(tmp_path, "clients.csv", "sales.csv")
    assert source["entity"] == "transaction"
    assert source["client"] == {"source": "clients", "column": "Покупатель"}
    assert "100% of its values are keys there" in line_of(text, "client: {")
    assert source["decimal"] == ","


def test_what_says_nothing_of_clients_is_left_out_and_named(tmp_path: Path) -> None:
    clients(tmp_path)
    write(tmp_path / "rates.csv", "currency;rate", ["USD;1.5", "EUR;2.5", "RUB;3.5"])
    text, source = proposed(tmp_path, "rates.csv", "clients.csv")
    assert source["name"] == "clients"
    assert "rates: left out" in text


def test_placeholders_become_null_tokens_but_answers_do_not(tmp_path: Path) -> None:
    clients(tmp_path, ";Телефон 2;Рассылка", (";нет данных;да", ";89031112233;нет"))
    _, source = proposed(tmp_path, "clients.csv")
    assert source["null_tokens"] == ["нет данных"]
    assert source["fields"]["consent_email"]["map"] == {"да": "yes", "нет": "no"}  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "field"),
    [("Do not call", "consent_phone"), ("Отказ от рассылки", "consent_email"), ("Не звонить", "consent_phone")],
)
def test_refusals_are_turned_round_and_doubtful(tmp_path: Path, name: str, field: str) -> None:
    clients(tmp_path, f";{name}", (";1", ";0"))
    text, source = proposed(tmp_path, "clients.csv")
    assert source["fields"][field]["map"] == {"1": "no", "0": "yes"}  # type: ignore[index]
    assert "# ?" in line_of(text, f"{field}:")


def test_a_refusal_written_yes_or_no_is_turned_round_and_its_unknown_words_are_named(tmp_path: Path) -> None:
    clients(tmp_path, ";Do not call", (";yes", ";no", ";blocked", ";yes", ";no"))
    text, source = proposed(tmp_path, "clients.csv")
    rule = source["fields"]["consent_phone"]  # type: ignore[index]
    assert rule["map"] == {"yes": "no", "no": "yes"}
    assert "swapped" in line_of(text, "consent_phone:")
    assert "'blocked'" in line_of(text, "consent_phone:")


def test_who_may_not_be_called_has_not_consented_after_normalizing(tmp_path: Path) -> None:
    clients(tmp_path, ";Do not call", (";yes", ";no"))
    text, _ = proposed(tmp_path, "clients.csv")
    declared = proposal.check(text, tmp_path / "migration.yaml").sources[0]
    person = {"Код": "1", "ФИО": PEOPLE[0], "Телефон": "89162000001", "Почта": "", "Создан": "01.02.2020"}
    rows = [{**person, "Do not call": cell} for cell in ("yes", "no", "Yes")]
    consents = normalize(raw(rows, list(rows[0])), declared).rows["consents"]
    assert [list(one) for one in consents] == [["phone:no"], ["phone:yes"], ["phone:no"]]


def test_a_refusal_of_which_no_word_is_known_is_turned_round_all_the_same(tmp_path: Path) -> None:
    clients(tmp_path, ";Do not call", (";",))
    _, source = proposed(tmp_path, "clients.csv")
    assert source["fields"]["consent_phone"]["map"] == {"yes": "no", "no": "yes"}  # type: ignore[index]


def test_no_consent_is_read_out_of_cells_alone(tmp_path: Path) -> None:
    clients(tmp_path, ";Кльфм", (";да", ";нет"))
    _, source = proposed(tmp_path, "clients.csv")
    assert source["ignore"] == ["Кльфм"]


@pytest.mark.parametrize("name", ["a: b", "# x", "{y}", "нет", "yes", "- z", "'q'", "1", "*w", "a, b", "a\u00a0b"])
def test_any_column_name_is_written_so_that_it_is_read_again(tmp_path: Path, name: str) -> None:
    rows = [f"{n},{PEOPLE[n % 5]},user{n}@mail.ru" for n in range(30)]
    write(tmp_path / "a.csv", f'id,Name,"{name}"', rows)
    _, source = proposed(tmp_path, "a.csv")
    assert source["fields"]["emails"]["column"] == " ".join(name.split())  # type: ignore[index]


def test_a_line_break_in_a_cell_breaks_no_comment(tmp_path: Path) -> None:
    clients(tmp_path, ";Статус", (";Активный", ';"Замо\nрожен"'))
    text, _ = proposed(tmp_path, "clients.csv")
    assert "рожен" in text


@pytest.mark.parametrize("name", ["no", "Yes", "on", "null", "nan", "1e5"])
def test_any_file_name_gives_a_source_that_loads(tmp_path: Path, name: str) -> None:
    clients(tmp_path)
    (tmp_path / "clients.csv").rename(tmp_path / f"{name}.csv")
    sales = [f"{n};К-{n % 60:04};1{n:02}.00;0{1 + n % 9}.05.2021" for n in range(90)]
    write(tmp_path / "sales.csv", "Номер;Клиент;Сумма;Дата", sales)
    text, source = proposed(tmp_path, f"{name}.csv", "sales.csv")
    declared = proposal.check(text, tmp_path / "migration.yaml")
    assert [one.name for one in declared.sources] == [source_name(name), "sales"]
    assert source["client"]["source"] == source_name(name)  # type: ignore[index]


def test_the_migration_of_a_folder_called_no_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clients(tmp_path / "no")
    monkeypatch.chdir(tmp_path / "no")
    _, paths = take(Wish(("clients.csv",), propose=True), NullProgress())
    assert yaml.safe_load(Path(paths["proposed mapping"]).read_text("utf-8"))["name"] == "no"


def test_a_line_break_in_a_column_name_breaks_no_comment(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "old.db") as connection:
        connection.execute('create table clients ("client\nno: x" integer primary key, name text, email text)')
        people = [(n, PEOPLE[n % 5], f"user{n}@mail.ru") for n in range(40)]
        connection.executemany("insert into clients values (?, ?, ?)", people)
    text, source = proposed(tmp_path, "old.db")
    assert "# primary key client no: x" in text
    assert source["name"] == "clients"


def test_columns_called_like_variables_are_named_as_they_are(tmp_path: Path) -> None:
    clients(tmp_path, ";note ${HOME};Телефон ${A}", (";a;1", ";b;2"))
    text, _ = proposed(tmp_path, "clients.csv")
    (declared,) = proposal.check(text, tmp_path / "migration.yaml", {"HOME": "/root", "A": "b"}).sources
    assert declared.key == "Код"
    assert {"note ${HOME}", "Телефон ${A}"} <= {*declared.used_columns, *declared.ignore}


def test_a_key_and_a_file_called_like_variables_are_named_as_they_are(tmp_path: Path) -> None:
    rows = [f"К-{n:04};{PEOPLE[n % 5]};user{n}@mail.ru" for n in range(60)]
    write(tmp_path / "${A}.csv", "${KEY};ФИО;Почта", rows)
    text, _ = proposed(tmp_path, "${A}.csv")
    (declared,) = proposal.check(text, tmp_path / "migration.yaml", {"KEY": "x", "A": "b"}).sources
    assert isinstance(declared, CsvSource)
    assert (declared.key, declared.path, declared.title) == ("${KEY}", "${A}.csv", "${A}")


# ----------------------------------------------------------------------------------------------------- the command
def test_a_day_one_folder_becomes_a_migration_that_loads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clients(tmp_path / "legacy")
    monkeypatch.chdir(tmp_path)
    found, paths = take(Wish(("legacy",), propose=True), NullProgress())
    document = yaml.safe_load(Path(paths["proposed mapping"]).read_text("utf-8"))
    assert Path(paths["proposed mapping"]) == tmp_path / "migration.yaml"
    assert document["sources"][0]["path"] == "legacy/clients.csv"
    assert found["proposal"]["sure"] >= 4
    assert (tmp_path / ".crm-etl/reports/profile.html").exists()


def test_people_s_files_are_never_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clients(tmp_path / "legacy")
    monkeypatch.chdir(tmp_path)
    take(Wish(("legacy",), propose=True), NullProgress())
    before = (tmp_path / "migration.yaml").read_text("utf-8")
    _, again = take(Wish(("legacy",), propose=True), NullProgress())
    _, declared = take(Wish(propose=True), NullProgress())
    assert (tmp_path / "migration.yaml").read_text("utf-8") == before
    assert Path(again["proposed mapping"]).name == Path(declared["proposed mapping"]).name == "proposal.yaml"
    with pytest.raises(MigrationFault, match="exists already"):
        take(Wish(("legacy",), propose=True, out=tmp_path / "migration.yaml"), NullProgress())


def test_paths_of_a_proposal_start_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clients(tmp_path / "legacy")
    monkeypatch.chdir(tmp_path)
    _, paths = take(Wish(("legacy/clients.csv",), propose=True, out=Path("new/migration.yaml")), NullProgress())
    document = yaml.safe_load(Path(paths["proposed mapping"]).read_text("utf-8"))
    assert document["sources"][0]["path"] == "../legacy/clients.csv"


def test_secrets_stay_names_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clients(tmp_path)
    monkeypatch.setenv("OLD_PATH", "clients.csv")
    (tmp_path / "migration.yaml").write_text(
        "name: m\nsources:\n- {name: shop, connector: csv, path: '${OLD_PATH}', encoding: utf-8, delimiter: ';', "
        "key: Код, fields: {name: ФИО}}\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    _, paths = take(Wish(propose=True), NullProgress())
    text = Path(paths["proposed mapping"]).read_text("utf-8")
    assert yaml.safe_load(text)["sources"][0]["path"] == "${OLD_PATH}"


def test_sources_and_places_do_not_mix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clients(tmp_path)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Fault, match="at once"):
        take(Wish(("shop", "clients.csv")), NullProgress())


def test_values_stand_on_the_page_only_if_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clients(tmp_path)
    monkeypatch.chdir(tmp_path)
    take(Wish(("clients.csv",)), NullProgress())
    page, figures = (tmp_path / ".crm-etl/reports" / name for name in ("profile.html", "profile.json"))
    assert "Кузнецова" not in page.read_text("utf-8") + figures.read_text("utf-8")
    take(Wish(("clients.csv",), samples=True), NullProgress())
    assert "Кузнецова" in page.read_text("utf-8")
    assert "Кузнецова" not in figures.read_text("utf-8")
