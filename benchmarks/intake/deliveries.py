"""The deliveries that are read: made once of a seed, kept in a cache folder, or laid down in a database.

Twenty columns as an export has them: keys, names in three scripts, phones, e-mails, dates, amounts with a decimal
comma, remarks of which every third is quoted because it holds the delimiter. Nothing is random but the draws of the
seed, so that every run reads the same bytes.
"""

from __future__ import annotations

import csv
import os
import random
from collections.abc import Iterator
from pathlib import Path

COLUMNS = (
    "id",
    "name",
    "name_local",
    "phone",
    "phone_work",
    "email",
    "born",
    "city",
    "street",
    "house",
    "postal_code",
    "tax_number",
    "status",
    "owner",
    "branch",
    "balance",
    "currency",
    "created",
    "consent",
    "remark",
)
#: Columns of a table in a database: the first eleven, as many as a legacy table of clients has.
TABLE = COLUMNS[:11]
_GIVEN = ("Anna", "Boris", "Dmitri", "Elham", "Fatemeh", "Olena", "Petro", "Reza", "Svetlana", "Viktor")
_FAMILY = ("Petrova", "Ivanov", "Karimi", "Shevchenko", "Rostami", "Sidorenko", "Hosseini", "Kovalenko")
_LOCAL = ("Анна Петрова", "Борис Иванов", "الهام کریمی", "Олена Шевченко", "رضا رستمی", "Viktor Kovalenko")
_CITIES = ("Москва", "Київ", "تهران", "Kazan", "Харків", "مشهد")
_SEED = 20260101


def folder() -> Path:
    """Where deliveries are kept: ``CRM_ETL_BENCH_DIR``, else the user's cache."""
    home = Path(os.environ.get("CRM_ETL_BENCH_DIR", Path.home() / ".cache" / "crm-etl" / "bench")) / "intake"
    home.mkdir(parents=True, exist_ok=True)
    return home


def rows(size: int) -> Iterator[list[str]]:
    """``size`` rows of :data:`COLUMNS`."""
    dice = random.Random(_SEED)
    for number in range(1, size + 1):
        given, family = dice.choice(_GIVEN), dice.choice(_FAMILY)
        remark = "звонить после 18:00" if number % 3 else 'asked for "the blue one", then left'
        yield [
            f"{number:08}",
            f"{given} {family}",
            dice.choice(_LOCAL),
            f"+7 (9{dice.randrange(10**8, 10**9 - 1) // 10:08}",
            "" if number % 4 else f"8495{dice.randrange(10**6, 10**7)}",
            f"{given}.{family}{number}@example.org".lower(),
            f"{dice.randint(1, 28):02}.{dice.randint(1, 12):02}.{dice.randint(1940, 2005)}",
            dice.choice(_CITIES),
            f"ул. {family}, д.",
            str(dice.randint(1, 199)),
            str(dice.randint(100000, 999999)),
            str(dice.randint(10**9, 10**10 - 1)),
            dice.choice(("клиент", "интересовался", "бывший")),
            dice.choice(_GIVEN),
            dice.choice(("север", "юг")),
            f"{dice.randint(0, 10**6)},{dice.randint(0, 99):02}",
            "RUB",
            f"2019-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}",
            dice.choice(("да", "нет")),
            remark,
        ]


def delimited(size: int) -> Path:
    """A CSV file with ``size`` rows."""
    path = folder() / f"clients-{size}.csv"
    if not path.exists():
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows(rows(size))
        fresh.replace(path)
    return path


def workbook(size: int) -> Path:
    """A workbook with ``size`` rows; house and balance are numbers, the birth date a date."""
    import datetime as dt

    import xlsxwriter

    path = folder() / f"clients-{size}.xlsx"
    if not path.exists():
        fresh = path.with_suffix(".new")
        with xlsxwriter.Workbook(fresh, {"constant_memory": True}) as book:
            day = book.add_format({"num_format": "dd.mm.yyyy"})
            sheet = book.add_worksheet("clients")
            sheet.write_row(0, 0, COLUMNS)
            for number, cells in enumerate(rows(size), 1):
                sheet.write_row(number, 0, cells[:6])
                sheet.write_datetime(number, 6, dt.datetime.strptime(cells[6], "%d.%m.%Y"), day)
                sheet.write_row(number, 7, cells[7:9])
                sheet.write_number(number, 9, int(cells[9]))
                sheet.write_row(number, 10, cells[10:15])
                sheet.write_number(number, 15, float(cells[15].replace(",", ".")))
                sheet.write_row(number, 16, cells[16:])
        fresh.replace(path)
    return path


def table(size: int, url: str) -> str:
    """A table with ``size`` rows in the PostgreSQL database at ``url``; gives its name."""
    import psycopg
    from sqlalchemy import make_url

    name = f"bench_clients_{size}"
    target = make_url(url)
    with psycopg.connect(
        host=target.host, port=target.port, user=target.username, password=target.password, dbname=target.database
    ) as connection:
        held = connection.execute("select to_regclass(%s)", (name,)).fetchone()
        if held is not None and held[0] is not None:
            return name
        shapes = [f"{column} date" if column == "born" else f"{column} text" for column in TABLE[1:]]
        connection.execute(f"create table {name} (id integer primary key, {', '.join(shapes)})")
        with connection.cursor() as cursor, cursor.copy(f"copy {name} from stdin") as copy:
            for cells in rows(size):
                day, month, year = cells[6].split(".")
                copy.write_row([int(cells[0]), *cells[1:6], f"{year}-{month}-{day}", *cells[7:11]])
    return name
