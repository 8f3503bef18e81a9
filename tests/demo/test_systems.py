"""What the legacy files look like: encodings, forms, errors, the reports that they add up to."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from decimal import Decimal

from crm_etl.demo import lexicon
from crm_etl.demo.dice import Dice
from crm_etl.demo.people import Population

from .conftest import Made


def _amount(text: str) -> Decimal:
    return Decimal(text.replace("\u00a0", "").replace(" ", "").replace(",", "."))


def _report(company: Made, name: str) -> dict[tuple[str, str], list[Decimal]]:
    with (company.folder / "legacy" / "reports" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return {(a, b): [Decimal(cell) for cell in rest] for a, b, *rest in list(csv.reader(file))[1:]}


def test_shop_is_cp1251_with_crlf_and_decimal_commas(company: Made) -> None:
    raw = (company.folder / "legacy" / "shop_clients.csv").read_bytes()
    assert raw.count(b"\r\n") == raw.count(b"\n") == company.facts["rows"]["shop"] + 1
    rows = company.shop()
    assert any("\u00a0" in row["Баланс"] for row in rows)
    assert all("," in row["Баланс"] for row in rows)
    assert any(row["Наименование"] and not row["Фамилия"] for row in rows)
    assert any(row["Фамилия"] and not row["Наименование"] for row in rows)
    assert any("і" in row["Наименование"] for row in rows)


def test_shop_phones_come_in_many_forms(company: Made) -> None:
    phones = [row["Телефоны"] for row in company.shop()]
    for mark in ("8 (", "+7", "380", "доб", "; ", "(жена)", "нет"):
        assert any(mark in phone for phone in phones), mark


def test_tehran_is_persian(company: Made) -> None:
    rows = company.sheet("tehran.xlsx", 3)
    assert rows[-1]["ردیف"] == "جمع"
    assert rows[-1]["مانده حساب"] == sum(row["مانده حساب"] for row in rows[:-1])
    text = "".join(f"{row['نام']}{row['نام خانوادگی']}{row['تاریخ تولد']}" for row in rows)
    for letter in "یيکك\u200c۱":
        assert letter in text, letter
    mobiles = [row["موبایل"] for row in rows if isinstance(row["موبایل"], int)]
    assert mobiles
    assert all(str(number).startswith("9") and len(str(number)) == 10 for number in mobiles)


def test_cards_await_their_entry(company: Made) -> None:
    rows = company.sheet("manual.xlsx", 1)
    empty = [row["Карточка"] for row in rows if not any(value for name, value in row.items() if name != "Карточка")]
    assert empty
    assert sorted(empty) == sorted(company.expected["awaiting"]["cards"])


def test_deliberate_faults_are_where_the_expectations_say(company: Made) -> None:
    shop = defaultdict(list)
    for row in company.shop():
        shop[row["Код"]].append(row)
    refused = company.expected["quarantined"]
    assert all(shop[key][0]["ДатаРождения"] == "31.02.1980" for key in refused["impossible_date"]["shop"])
    assert all(shop[key][0]["Статус"] == "На паузе" for key in refused["unmapped_status"]["shop"])
    assert sum(row["Статус"] == "На паузе" for row in company.shop()) == len(refused["unmapped_status"]["shop"])
    for key in refused["duplicate_key"]["shop"]:
        assert len(shop[key]) == 2
        assert shop[key][0] != shop[key][1]
    for key in company.expected["excluded"]["exact_duplicate"]["shop"]:
        assert shop[key][0] == shop[key][1]


def test_orphans_belong_to_nobody(company: Made) -> None:
    orphans = company.crm("SELECT id FROM transactions WHERE client_id NOT IN (SELECT id FROM clients)")
    assert [str(row.id) for row in orphans] == company.expected["orphans"]["crm_transactions"]
    keys = {row["Код"] for row in company.shop()}
    lost = [row["Номер"] for row in company.shop("shop_sales") if row["КодКлиента"] not in keys]
    assert lost == company.expected["orphans"]["shop_sales"]
    assert lost
    assert company.crm("SELECT COUNT(*) FROM interactions WHERE client_id NOT IN (SELECT id FROM clients)") == [(0,)]


def test_sales_report_is_the_sum_of_the_file(company: Made) -> None:
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    counts: Counter[tuple[str, str]] = Counter()
    for row in company.shop("shop_sales"):
        _, month, year = row["Дата"].split(".")
        counts[(f"{year}-{month}", row["Валюта"])] += 1
        if row["Сумма"] != "12%":
            sums[(f"{year}-{month}", row["Валюта"])] += _amount(row["Сумма"])
    assert _report(company, "sales_by_month") == {key: [Decimal(counts[key]), sums[key]] for key in counts}


def test_crm_reports_are_the_sums_of_the_tables(company: Made) -> None:
    query = "SELECT stage, currency, COUNT(*), SUM(amount) FROM opportunities WHERE stage NOT LIKE 'Closed%' "
    found = company.crm(query + "GROUP BY stage, currency")
    expected = {(a, b): [Decimal(n), Decimal(str(round(total, 2)))] for a, b, n, total in found}
    assert _report(company, "open_opportunities") == expected
    channels = company.crm("SELECT SUBSTR(at, 1, 4), channel, COUNT(*) FROM interactions GROUP BY 1, 2")
    assert _report(company, "interactions_by_channel") == {(a, b): [Decimal(n)] for a, b, n in channels}


def test_report_of_clients_counts_the_rows_as_they_stand(company: Made) -> None:
    report = _report(company, "clients_by_system")
    for source, rows in company.facts["rows"].items():
        waiting = len(company.expected["awaiting"]["cards"]) if source == "cards" else 0
        assert sum(count for (system, _), [count] in report.items() if system == source) == rows - waiting


def test_households_share_and_differ() -> None:
    """Father and son: one surname, often one telephone, never one birth date. Other people share nothing."""
    groups = Population(Dice(3), 8500).groups()
    shared = pairs = 0
    for _ in range(2000):
        head, *others = next(groups)
        for son in others:
            if head.kind == "person" and son.kind == "person" and son.sex == "m" and son.family == head.family:
                pairs += 1
                shared += bool(set(son.phones) & set(head.phones))
                assert son.birth != head.birth
                assert son.ids != head.ids or not son.ids
                assert son.address == head.address
    assert pairs > 50
    assert 0.3 < shared / pairs < 0.8


def test_namesakes_bear_one_name_and_are_two_people() -> None:
    groups = Population(Dice(4), 8500).groups()
    people = [client for _ in range(3000) for client in next(groups) if client.kind == "person"]
    names = Counter((client.given, client.patronymic, client.family) for client in people)
    again = [client for client in people if names[(client.given, client.patronymic, client.family)] > 1]
    assert 0.02 < len(again) / len(people) < 0.2
    assert len({(client.given, client.family, client.birth) for client in people}) == len(people)


def test_branches_of_an_organization_have_its_number_and_their_own_kpp() -> None:
    groups = Population(Dice(5), 8500).groups()
    found = 0
    for _ in range(3000):
        offices = [client for client in next(groups) if "ru_kpp" in client.ids]
        if len(offices) > 1:
            found += 1
            assert len({client.ids["ru_inn"] for client in offices}) == 1
            assert len({client.ids["ru_kpp"] for client in offices}) == len(offices)
    assert found > 3


def test_name_tables_are_large_enough() -> None:
    for culture in ("ru", "uk", "fa"):
        given = [*lexicon.given_names(culture, "m").items, *lexicon.given_names(culture, "f").items]
        assert len(given) >= 118
        names = lexicon.surnames(culture, 1_000_000)
        rng = Dice(1)
        assert len({names.draw(rng).native for _ in range(5000)}) > 1000


def test_every_name_is_spelled_in_its_scripts() -> None:
    rng = Dice(2)
    blocks = {"cyrl": ("\u0400", "\u04ff"), "arab": ("\u0600", "\u06ff"), "latn": ("A", "\u024f")}
    for culture in lexicon.CULTURES:
        names = [lexicon.surnames(culture, 100_000).draw(rng) for _ in range(400)]
        names += [*lexicon.given_names(culture, "m").items, *lexicon.given_names(culture, "f").items]
        for name in names:
            for script, (low, high) in blocks.items():
                for spelling in getattr(name, script):
                    letters = [letter for letter in spelling if letter.isalpha()]
                    assert letters, name
                    assert all(low <= letter <= high for letter in letters), (name, script)


def test_feminine_forms_and_patronymics() -> None:
    ivanov = lexicon.slavic_surname("Иванов", "ru")
    assert lexicon.feminine(ivanov, "ru").native == "Иванова"
    assert lexicon.feminine(lexicon.slavic_surname("Ковальський", "uk"), "uk").native == "Ковальська"
    assert lexicon.feminine(lexicon.slavic_surname("Шевченко", "uk"), "uk").native == "Шевченко"
    fathers = {name.native: name for name in lexicon.given_names("ru", "m").items}
    for father, son, daughter in (
        ("Сергей", "Сергеевич", "Сергеевна"),
        ("Илья", "Ильич", "Ильинична"),
        ("Иван", "Иванович", "Ивановна"),
        ("Юрий", "Юрьевич", "Юрьевна"),
    ):
        for sex, expected in (("m", son), ("f", daughter)):
            made = lexicon.patronymic(fathers[father], sex, "ru")
            assert made is not None
            assert made.native == expected


def test_offices_form_a_patronymic_from_the_name_in_their_language() -> None:
    fathers = {name.native: name for name in lexicon.given_names("uk", "m").items}
    made = lexicon.patronymic(fathers["Микола"], "f", "uk")
    assert made is not None
    assert made.cyrl == ("Миколаївна", "Николаевна")
