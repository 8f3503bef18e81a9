"""The shop's accounting system, as it exports: cp1251, semicolons, decimal commas, phones as people type them.

Two files: clients and sales. Other systems: :mod:`crm_etl.demo.tehran`, :mod:`crm_etl.demo.crm`,
:mod:`crm_etl.demo.cards`.
"""

from __future__ import annotations

import unicodedata
from datetime import date, timedelta
from pathlib import Path
from random import Random

from crm_etl.demo import contacts
from crm_etl.demo.errors import RATES
from crm_etl.demo.output import CsvFile, Tally, decimal
from crm_etl.demo.records import Record

HEADER = (
    "Код", "Тип", "Наименование", "Фамилия", "Имя", "Отчество", "ДатаРождения", "Пол", "ИНН", "КПП", "РНОКПП",
    "ЕДРПОУ", "Телефоны", "Email", "Страна", "Индекс", "Город", "Адрес", "Менеджер", "Подразделение", "Сегмент",
    "Статус", "Баланс", "Валюта", "Рассылка", "ДатаСоздания", "ДатаИзменения", "Комментарий", "ВерсияДанных",
)  # fmt: skip
SALES_HEADER = ("Номер", "Дата", "КодКлиента", "ВидОперации", "Сумма", "Валюта")
_BRANCH = {
    "Moscow": "Москва", "Petersburg": "Санкт-Петербург", "Kyiv": "Киев", "Odesa": "Одесса", "Tehran": "Тегеран",
    "International": "Зарубежье",
}  # fmt: skip
_STATUS = {"active": "Действующий", "prospect": "Потенциальный", "former": "Закрыт"}
_CURRENCY = {"RU": "RUB", "UA": "UAH", "IR": "USD", "XX": "EUR"}
_NOTES = ("звонить после 18", "жена", "рабочий", "только WhatsApp")
_COMMENTS = ("VIP", "скидка 5%", "просил не беспокоить утром", "оплата по счёту", "перезвонить", "новый клиент с сайта")
_PLACEHOLDERS = ("нет", "-", "0000000", "отсутствует")
_PAYMENTS = {"sale": "Продажа", "refund": "Возврат", "payment": "Оплата"}


class Shop:
    """Writes the shop's files into ``folder`` and tallies its report of sales."""

    def __init__(self, folder: Path, rng: Random) -> None:
        self._rng = rng
        self.clients = CsvFile(folder / "shop_clients.csv", HEADER, "cp1251", ";")
        self.sales = CsvFile(folder / "shop_sales.csv", SALES_HEADER, "cp1251", ";")
        self.report = Tally()
        self.kinds = Tally()
        self.orphans: list[str] = []
        self.bad_amounts: list[str] = []
        self.sold = 0
        self._next = 1

    def key(self) -> str:
        self._next += self._rng.choice((1, 1, 1, 2, 3))
        return str(self._next).zfill(8)

    def write(self, records: list[Record]) -> int:
        """Rows of ``records``; the number of rows written, repeated ones included."""
        rows: list[list[str]] = []
        for record in records:
            row = self._row(record)
            rows.append(row)
            if record.fault == "exact_duplicate":
                rows.append(row)
            elif record.fault == "duplicate_key":
                rows.append([*row[:2], "Другой Клиент Иванович", "", "", "", *row[6:]])
            elif not record.fault:
                self._sell(record)
        for row in rows:
            self.kinds.add(("shop", "organization" if row[1].startswith("Юр") else "person"))
        self.clients.write(rows)
        return len(rows)

    def _row(self, record: Record) -> list[str]:
        rng, client = self._rng, record.client
        country = client.address.country
        legal = not record.person
        ids = record.ids
        row = [
            record.key,
            rng.choice(("Юрлицо", "Юр. лицо")) if legal else rng.choice(("Физлицо", "Физлицо", "Физ. лицо")),
            *(_held(part) for part in (record.name, record.family, record.given, record.patronymic)),
            f"{record.birth:%d.%m.%Y}" if record.birth is not None else self._nothing(),
            "" if legal or rng.random() < 0.5 else {"m": "М", "f": "Ж"}[client.sex],
            ids.get("ru_inn", "") or self._nothing(),
            ids.get("ru_kpp", ""), ids.get("ua_rnokpp", ""), ids.get("ua_edrpou", ""),
            self._phones(record) or self._nothing(),
            (rng.choice((", ", ";", " ")).join(record.emails)) or self._nothing(),
            record.country if record.language != "Latn" else contacts.country_written(country, "ru"),
            record.postal, record.city, record.street, record.owner, _BRANCH[record.branch],
            rng.choice(("Опт", "Розница", "Розница", "VIP", "")), _STATUS[record.status],
            decimal(record.balance, comma=True, thousands=rng.choice(("\u00a0", " ", ""))),
            _CURRENCY[country], rng.choice(("Да", "Нет", "")),
            f"{record.created:%d.%m.%Y}", f"{record.updated:%d.%m.%Y}",
            rng.choice(_COMMENTS) if rng.random() < 0.15 else "", str(rng.randrange(1, 40)),
        ]  # fmt: skip
        return _faulty(row, record.fault)

    def _nothing(self) -> str:
        return self._rng.choice(_PLACEHOLDERS) if self._rng.random() < RATES.placeholder else ""

    def _phones(self, record: Record) -> str:
        rng = self._rng
        home = {"Kyiv": "UA", "Odesa": "UA"}.get(record.branch, "RU")
        forms = [contacts.written(phone, rng, home) for phone in record.phones]
        if forms and record.phone_note:
            forms[-1] += f" ({rng.choice(_NOTES)})"
        return rng.choice((", ", "; ", " / ")).join(forms)

    def _sell(self, record: Record) -> None:
        rng = self._rng
        if record.status == "prospect" or rng.random() < 0.45:
            return
        rows = []
        for _ in range(rng.choice((1, 1, 2, 3, 5))):
            self.sold += 1
            number = f"ПР-{self.sold:08d}"
            day = record.created + timedelta(days=rng.randrange(0, max(1, (date(2025, 12, 31) - record.created).days)))
            kind = rng.choices(("sale", "payment", "refund"), (16, 3, 1))[0]
            cents = rng.randrange(10_000, 30_000_000) * (-1 if kind == "refund" else 1)
            currency, code = _CURRENCY[record.client.address.country], record.key
            amount = decimal(cents, comma=True, thousands=rng.choice(("\u00a0", "", " ")))
            if rng.random() < RATES.orphan:
                code = "9" + record.key[1:]
                self.orphans.append(number)
            elif rng.random() < RATES.bad_amount:
                amount, cents = "12%", 0
                self.bad_amounts.append(number)
            self.report.add((f"{day:%Y-%m}", currency), cents)
            rows.append((number, f"{day:%d.%m.%Y}", code, _PAYMENTS[kind], amount, currency))
        self.sales.write(rows)

    def close(self) -> None:
        self.clients.close()
        self.sales.close()


def _faulty(row: list[str], fault: str) -> list[str]:
    if fault == "impossible_date":
        row[6] = "31.02.1980"
    elif fault == "unmapped_status":
        row[21] = "На паузе"
    elif fault == "missing_name":
        row[2:6] = [""] * 4
    return row


def _held(text: str) -> str:
    """``text`` as the shop's code page can hold it: Öztürk without his dots."""
    try:
        text.encode("cp1251")
    except UnicodeEncodeError:
        bare = unicodedata.normalize("NFKD", text.replace("ı", "i"))
        return "".join(letter for letter in bare if not unicodedata.combining(letter))
    return text
