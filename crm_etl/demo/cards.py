"""The workbook of paper cards: some typed in by hand, some still only a number that awaits its entry."""

from __future__ import annotations

from pathlib import Path
from random import Random

from crm_etl.demo.contacts import written
from crm_etl.demo.output import Tally, Workbook
from crm_etl.demo.records import Record

HEADER = (
    "Карточка", "Тип", "ФИО или название", "Дата рождения", "Телефон", "E-mail", "Страна", "Город", "Адрес", "ИНН",
    "Статус", "Менеджер", "Отделение", "Заведена", "Примечание",
)  # fmt: skip
_STATUS = {"active": "клиент", "prospect": "интересовался", "former": "бывший"}
#: Share of the cards that nobody has typed in yet.
AWAITING = 0.2


class Cards:
    """Writes ``manual.xlsx`` into ``folder``."""

    def __init__(self, folder: Path, rng: Random) -> None:
        self._rng = rng
        self.kinds = Tally()
        self.awaiting: list[str] = []
        self._book = Workbook(folder / "manual.xlsx")
        self._book.sheet("clients")
        self._book.write(HEADER)
        self._next = 0

    def key(self) -> str:
        self._next += 1
        return f"К-{self._next:06d}"

    def write(self, records: list[Record]) -> int:
        """Rows of ``records``; the number of rows written."""
        for record in records:
            if record.fault == "awaiting_entry":
                self.awaiting.append(record.key)
                self._book.write([record.key])
            else:
                self._book.write(self._row(record))
                self.kinds.add(("cards", record.client.kind))
        return len(records)

    def _row(self, record: Record) -> list[object]:
        home = {"Kyiv": "UA", "Odesa": "UA", "Tehran": "IR"}.get(record.branch, "RU")
        return [
            record.key, "чел" if record.person else "орг", record.name,
            f"{record.birth:%d.%m.%Y}" if record.birth is not None else "",
            ", ".join(written(phone, self._rng, home) for phone in record.phones),
            ", ".join(record.emails), record.country, record.city, record.street, record.ids.get("ru_inn", ""),
            "на паузе" if record.fault == "unmapped_status" else _STATUS[record.status],
            record.owner, record.branch, f"{record.created:%d.%m.%Y}",
            "почерк неразборчив" if self._rng.random() < 0.05 else "",
        ]  # fmt: skip

    def close(self) -> None:
        self._book.close()
