"""The old CRM: a database with clients in Latin and mixed script and four tables of what belongs to them.

SQLite beside the files, or any database of SQLAlchemy. Interactions and preferences have foreign keys;
transactions and opportunities lost theirs long ago, so a few of their rows belong to nobody.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import sqlalchemy as sa

from crm_etl.demo.contacts import written
from crm_etl.demo.errors import RATES
from crm_etl.demo.output import Tally
from crm_etl.demo.records import Record
from crm_etl.faults import SourceFault, Where

MARKER = "crm_etl_demo"
_STATUS = {"active": "Customer", "prospect": "Lead", "former": "Lost"}
_STAGES = ("Lead", "Qualified", "Proposal", "Closed Won", "Closed Lost")
_CHANNELS = ("Call", "Email", "SMS", "Visit", "Chat")
_CURRENCY = {"RU": "RUB", "UA": "UAH", "IR": "IRR", "XX": "EUR"}
_TITLES = ("Annual contract", "Поставка", "Договор", "Repair", "قرارداد", "Upgrade", "Консультация")
_SUBJECTS = ("Звонок о заказе", "Offer sent", "Вопрос по оплате", "پیگیری سفارش", "Meeting at the fair", "Complaint")


def tables() -> tuple[sa.MetaData, dict[str, sa.Table]]:
    """The old CRM's tables; utf8mb4 where MariaDB or MySQL would choose otherwise."""
    meta = sa.MetaData()

    def table(name: str, *columns: Any) -> sa.Table:
        return sa.Table(name, meta, *columns, mysql_charset="utf8mb4", mysql_engine="InnoDB")

    def text(name: str, size: int = 255) -> sa.Column[Any]:
        return sa.Column(name, sa.String(size))

    def key() -> sa.Column[Any]:
        return sa.Column("id", sa.Integer, primary_key=True, autoincrement=False)

    def client(bound: bool) -> sa.Column[Any]:
        reference = [sa.ForeignKey("clients.id")] if bound else []
        return sa.Column("client_id", sa.Integer, *reference)

    money = sa.Numeric(18, 2, asdecimal=True)
    made = {
        "clients": table(
            "clients", key(), text("kind", 10), text("full_name"), text("native_name"), text("gender", 10),
            text("birth_date", 30), text("ru_inn", 20), text("ru_kpp", 20), text("ua_rnokpp", 20),
            text("ua_edrpou", 20), text("ir_national_id", 20), text("ir_company_id", 20), text("mobile", 80),
            text("phone", 120), text("email"), text("country", 60), text("city", 80), text("address"),
            text("zip", 20), text("manager", 80), text("office", 60), text("status", 30),
            sa.Column("balance", money), text("currency", 3), text("created_at", 30), text("modified_at", 30),
            text("note"),
        ),
        "interactions": table(
            "interactions", key(), client(True), text("at", 30), text("channel", 20), text("direction", 10),
            text("subject"), text("user_name", 80),
        ),
        "transactions": table(
            "transactions", key(), client(False), text("at", 30), text("document", 40), text("type", 20),
            sa.Column("amount", money), text("currency", 3),
        ),
        "opportunities": table(
            "opportunities", key(), client(False), text("opened", 30), text("title"), text("stage", 30),
            sa.Column("amount", money), text("currency", 3), text("expected", 30), text("user_name", 80),
        ),
        "preferences": table(
            "preferences", key(), client(True), text("channel", 20), text("allowed", 5), text("since", 30)
        ),
    }  # fmt: skip
    table(MARKER, sa.Column("version", sa.Integer, primary_key=True))
    return meta, made


def _engine(url: str) -> sa.Engine:
    try:
        return sa.create_engine(url)
    except (sa.exc.ArgumentError, ValueError):
        raise SourceFault(
            "this is not a database URL",
            remedy="write it as postgresql+psycopg://user@host/database or mysql+pymysql://user@host/database",
        ) from None
    except (ImportError, sa.exc.NoSuchModuleError):
        raise SourceFault(
            f"no driver for '{sa.make_url(url).drivername}'",
            remedy="pip install 'crm-etl[postgres]' and write postgresql+psycopg://, "
            "or pip install 'crm-etl[mysql]' and write mysql+pymysql://",
        ) from None


class Crm:
    """Writes the old CRM into the database at ``url``, replacing an earlier demo there.

    Raises:
        SourceFault: the database cannot be reached, or holds tables of these names that are no demo's.
    """

    def __init__(self, url: str, rng: Random) -> None:
        self._rng = rng
        self.kinds = Tally()
        self.stages, self.channels = Tally(), Tally()
        self.orphans: dict[str, list[str]] = {"crm_transactions": [], "crm_opportunities": []}
        self._meta, self._tables = tables()
        self._engine = _engine(url)
        self._next = 100
        self._ids = dict.fromkeys(("interactions", "transactions", "opportunities", "preferences"), 0)
        self._prepare()

    def _prepare(self) -> None:
        place = Where(self._engine.url.set(query={}).render_as_string(hide_password=True))
        try:
            strangers = self._strangers()
            if not strangers:
                self._meta.drop_all(self._engine)
                self._meta.create_all(self._engine)
                with self._engine.begin() as connection:
                    connection.execute(self._meta.tables[MARKER].insert(), [{"version": 1}])
        except sa.exc.SQLAlchemyError as error:
            self.close()
            raise SourceFault(
                f"the database cannot be used: {type(error).__name__}",
                where=place,
                remedy="check that the server runs and the user may create tables",
            ) from None
        if strangers:
            self.close()
            raise SourceFault(
                f"the database has tables of its own: {', '.join(strangers)}",
                where=place,
                remedy="give an empty database, or another schema, for the demo",
            )

    def _strangers(self) -> list[str]:
        """Tables of these names that no demo made."""
        present = set(sa.inspect(self._engine).get_table_names())
        return [] if MARKER in present else sorted(present & set(self._tables))

    def key(self) -> str:
        self._next += self._rng.choice((1, 1, 1, 4))
        return str(self._next)

    def write(self, records: list[Record]) -> int:
        """Rows of ``records`` with what belongs to them, in one transaction; the number of client rows."""
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in self._tables}
        for record in records:
            rows["clients"].append(self._client(record))
            self.kinds.add(("crm", record.client.kind))
            if not record.fault:
                self._belongings(record, rows)
        with self._engine.begin() as connection:
            for name, made in rows.items():
                for start in range(0, len(made), 5000):
                    connection.execute(self._tables[name].insert(), made[start : start + 5000])
        return len(records)

    def _client(self, record: Record) -> dict[str, Any]:
        rng, client = self._rng, record.client
        home = {"Kyiv": "UA", "Odesa": "UA", "Tehran": "IR"}.get(record.branch, "RU")
        forms = [written(phone, rng, home if rng.random() < 0.3 else "XX") for phone in record.phones]
        sex = {"m": "Male", "f": "Female"}.get(client.sex, "")
        status = "Zombie" if record.fault == "unmapped_status" else _STATUS[record.status]
        birth = f"{record.birth:%Y-%m-%d}" if record.birth is not None else self._nothing()
        row: dict[str, Any] = {
            "id": int(record.key),
            "kind": "Person" if record.person else "Company",
            "full_name": None if record.fault == "missing_name" else record.name,
            "native_name": record.other_name or None,
            "gender": sex if sex and rng.random() < 0.4 else None,
            "birth_date": "1980-02-31" if record.fault == "impossible_date" else birth,
            "mobile": forms[0] if forms else self._nothing(),
            "phone": "; ".join(forms[1:]) or None,
            "email": ", ".join(record.emails) or self._nothing(),
            "country": record.country or None,
            "city": record.city or None,
            "address": record.street or None,
            "zip": record.postal or None,
            "manager": record.owner,
            "office": record.branch,
            "status": status,
            "balance": Decimal(record.balance) / 100,
            "currency": _CURRENCY[client.address.country],
            "created_at": f"{record.created:%Y-%m-%d}",
            "modified_at": f"{record.updated:%Y-%m-%d}",
            "note": rng.choice(("met at the fair", "referred", "просил прайс")) if rng.random() < 0.1 else None,
        }
        for name in ("ru_inn", "ru_kpp", "ua_rnokpp", "ua_edrpou", "ir_national_id", "ir_company_id"):
            row[name] = record.ids.get(name)
        return row

    def _nothing(self) -> str | None:
        return self._rng.choice(("n/a", "-", "null")) if self._rng.random() < RATES.placeholder else None

    def _belongings(self, record: Record, rows: dict[str, list[dict[str, Any]]]) -> None:
        rng, key = self._rng, int(record.key)
        for _ in range(rng.choices((0, 1, 2, 4), (5, 3, 2, 1))[0]):
            day, channel = self._day(record), rng.choice(_CHANNELS)
            self.channels.add((f"{day:%Y}", channel))
            rows["interactions"].append(
                {"id": self._id("interactions"), "client_id": key, "at": f"{day:%Y-%m-%d} 10:30:00",
                 "channel": channel, "direction": rng.choice(("In", "Out")), "subject": rng.choice(_SUBJECTS),
                 "user_name": record.owner}
            )  # fmt: skip
        if record.status == "active" and rng.random() < 0.4:
            number = self._id("transactions")
            rows["transactions"].append(
                {"id": number, "client_id": self._owner(key, "transactions", number),
                 "at": f"{self._day(record):%Y-%m-%d}", "document": f"INV-{number:07d}",
                 "type": rng.choice(("Sale", "Sale", "Payment", "Refund")),
                 "amount": Decimal(rng.randrange(100, 9_000_000)) / 100,
                 "currency": _CURRENCY[record.client.address.country]}
            )  # fmt: skip
        if rng.random() < 0.25:
            self._opportunity(record, key, rows)
        for channel in ("email", "phone", "sms", "post"):
            if rng.random() < 0.2:
                rows["preferences"].append(
                    {"id": self._id("preferences"), "client_id": key, "channel": channel,
                     "allowed": rng.choice(("Y", "Y", "N")), "since": f"{record.created:%Y-%m-%d}"}
                )  # fmt: skip

    def _opportunity(self, record: Record, key: int, rows: dict[str, list[dict[str, Any]]]) -> None:
        rng, number = self._rng, self._id("opportunities")
        stage, cents = rng.choice(_STAGES), rng.randrange(10_000, 90_000_000)
        day, currency = self._day(record), _CURRENCY[record.client.address.country]
        if not stage.startswith("Closed"):
            self.stages.add((stage, currency), cents)
        rows["opportunities"].append(
            {"id": number, "client_id": self._owner(key, "opportunities", number), "opened": f"{day:%Y-%m-%d}",
             "title": rng.choice(_TITLES), "stage": stage, "amount": Decimal(cents) / 100, "currency": currency,
             "expected": f"{day + timedelta(days=rng.randint(20, 200)):%Y-%m-%d}", "user_name": record.owner}
        )  # fmt: skip

    def _owner(self, key: int, table: str, number: int) -> int:
        if self._rng.random() >= RATES.orphan:
            return key
        self.orphans[f"crm_{table}"].append(str(number))
        return key + 900_000_000

    def _day(self, record: Record) -> date:
        return record.created + timedelta(days=self._rng.randrange(max(1, (date(2025, 12, 31) - record.created).days)))

    def _id(self, table: str) -> int:
        self._ids[table] += 1
        return self._ids[table]

    @property
    def counts(self) -> dict[str, int]:
        """Rows of the tables that belong to clients."""
        return dict(self._ids)

    def close(self) -> None:
        self._engine.dispose()
