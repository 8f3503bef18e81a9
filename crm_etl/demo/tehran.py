"""The workbook of the Tehran branch: Persian names and digits, Jalali dates as text, phones that became numbers.

A title above the header, a total row at the end and a second sheet that is nobody's business.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from random import Random

from crm_etl.demo.contacts import Phone, written
from crm_etl.demo.errors import RATES
from crm_etl.demo.output import Tally, Workbook
from crm_etl.demo.records import Record
from crm_etl.demo.scripts import persian_digits

HEADER = (
    "ردیف", "کد مشتری", "نوع", "نام", "نام خانوادگی", "نام شرکت", "کد ملی", "شناسه ملی", "تاریخ تولد", "موبایل",
    "تلفن", "ایمیل", "کشور", "شهر", "نشانی", "کد پستی", "کارشناس", "شعبه", "وضعیت", "مانده حساب", "تاریخ ثبت",
    "تاریخ ویرایش", "توضیحات",
)  # fmt: skip
SHEET = "مشتریان"
HEADER_ROW = 3
TOTAL = "جمع"
_BRANCH = {
    "Moscow": "مسکو", "Petersburg": "پترزبورگ", "Kyiv": "کی‌یف", "Odesa": "اودسا", "Tehran": "تهران",
    "International": "بین‌الملل",
}  # fmt: skip
_STATUS = {"active": "فعال", "prospect": "بالقوه", "former": "غیرفعال"}


class Tehran:
    """Writes ``tehran.xlsx`` into ``folder``."""

    def __init__(self, folder: Path, rng: Random) -> None:
        self._rng = rng
        self.kinds = Tally()
        self._book = Workbook(folder / "tehran.xlsx")
        self._book.sheet(SHEET, right_to_left=True)
        self._book.write(["فهرست مشتریان شعبه تهران"])
        self._book.write([])
        self._book.write(HEADER)
        self._number = 0
        self._next = 1000
        self._balance = 0

    def key(self) -> str:
        self._next += self._rng.choice((1, 1, 2))
        return str(self._next)

    def write(self, records: list[Record]) -> int:
        """Rows of ``records``; the number of rows written, repeated ones included."""
        before = self._book.row
        for record in records:
            self._number += 1
            row = self._row(record)
            for _ in range(2 if record.fault == "exact_duplicate" else 1):
                self._book.write(row)
                self._balance += record.balance // 100
                self.kinds.add(("tehran", record.client.kind))
        return self._book.row - before

    def _row(self, record: Record) -> list[object]:
        rng = self._rng
        legal, ids = not record.person, record.ids
        mobiles = [phone for phone in record.phones if phone.mobile and phone.country == "IR"]
        others = [phone for phone in record.phones if phone not in mobiles]
        birth = jalali(record.birth) if record.birth is not None else self._nothing()
        birth = "۱۳۶۲/۱۳/۴۵" if record.fault == "impossible_date" else birth
        status = "تعلیق" if record.fault == "unmapped_status" else _STATUS[record.status]
        name = ("", "", "") if record.fault == "missing_name" else (record.given, record.family, record.name)
        return [
            self._number, int(record.key), "حقوقی" if legal else "حقیقی", *name,
            self._digits(ids.get("ir_national_id", "")), self._digits(ids.get("ir_company_id", "")), birth,
            self._mobile(mobiles[0]) if mobiles else self._nothing(),
            "، ".join(self._digits(written(phone, rng, "IR")) for phone in [*mobiles[1:], *others]),
            ", ".join(record.emails), record.country, record.city, record.street, self._digits(record.postal),
            record.owner, _BRANCH[record.branch], status, record.balance // 100,
            jalali(record.created), jalali(record.updated),
            rng.choice(("مشتری ویژه", "تماس بعد از ظهر", "نقدی")) if rng.random() < 0.1 else "",
        ]  # fmt: skip

    def _nothing(self) -> str:
        return self._rng.choice(("-", "ندارد", "نامشخص")) if self._rng.random() < RATES.placeholder else ""

    def _digits(self, text: str) -> str:
        chance = self._rng.random()
        return persian_digits(text, arabic=chance < 0.08) if chance < 0.6 else text

    def _mobile(self, phone: Phone) -> object:
        """Four in five were typed as numbers, and so lost their leading zero."""
        if self._rng.random() < 0.8:
            return int(phone.national)
        return self._digits(written(phone, self._rng, "IR"))

    def close(self) -> None:
        total: list[object] = [""] * len(HEADER)
        total[0], total[HEADER.index("مانده حساب")] = TOTAL, self._balance
        self._book.write(total)
        self._book.sheet("راهنما")
        self._book.write(["این برگه برای یادداشت‌های دفتر است"])
        self._book.write(["نرخ ارز", 42000])
        self._book.close()


@lru_cache(maxsize=100_000)
def jalali(day: date) -> str:
    """``day`` in the Jalali calendar with Persian digits: ۱۳۶۲/۰۵/۱۴."""
    import jdatetime

    return persian_digits(jdatetime.date.fromgregorian(date=day).strftime("%Y/%m/%d"))
