"""The demo company's folder: its marker, its README, its migration file and the old systems' reports.

A folder that holds anything but a demo is never touched.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from crm_etl import migration
from crm_etl.faults import Fault, Where
from crm_etl.passwords import has_literal_password

MARKER = ".demo-company"
VARIABLE = "CRM_ETL_DEMO_DB"
FILES = {
    "shop": "legacy/shop_clients.csv",
    "tehran": "legacy/tehran.xlsx",
    "crm": "old CRM",
    "cards": "legacy/manual.xlsx",
}
_TEMPLATE = Path(__file__).parent / "data" / "migration.yml"
_README = """# Demo company

Made by `crm-etl demo` (seed {seed}): {clients} real clients, persons and organizations, in {records} legacy
records. Nobody in here exists.

| what | where |
|---|---|
| the shop's accounting system: clients, sales | `legacy/shop_clients.csv`, `legacy/shop_sales.csv` (cp1251, `;`) |
| the Tehran branch's workbook | `legacy/tehran.xlsx` (Persian, Jalali dates) |
| the old CRM | {crm} |
| paper cards, partly typed in | `legacy/manual.xlsx` |
| reports that the old systems printed | `legacy/reports/*.csv` |
| the migration | `migration.yaml` |
| which records are the same client | `truth.csv` (source, key, entity): for judging the matching, never for doing it |
| rows that must be refused, excluded or awaited | `expected.json` |

The folder is replaced when the demo is made again. `{marker}` marks it.
"""


def check(folder: Path) -> None:
    """Refuse a folder that holds something and is not a demo.

    Raises:
        Fault: it does.
    """
    if folder.is_file():
        raise Fault("this is a file", where=Where(str(folder)), remedy="name a folder")
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
        raise Fault(
            "the folder holds something that is not a demo",
            where=Where(str(folder)),
            remedy="name a new or an empty folder",
        )


def prepare(folder: Path) -> Path:
    """Empty ``folder`` of an earlier demo, mark it, and give the path of its ``legacy``.

    Decisions, the new CRM and the state go too: they speak of clients that no longer exist.

    Raises:
        Fault: the folder holds something that is not a demo.
    """
    check(folder)
    if folder.exists():
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    legacy = folder / "legacy"
    legacy.mkdir(parents=True)
    (folder / MARKER).write_text("A demo of crm-etl; it may be deleted.\n", encoding="utf-8")
    return legacy


def reports(folder: Path, systems: dict[str, Any]) -> None:
    """What the old systems printed, counted from what was written into them."""
    shop, crm = systems["shop"], systems["crm"]
    shop.report.write(folder / "sales_by_month.csv", ("month", "currency"), "documents", "total")
    crm.stages.write(folder / "open_opportunities.csv", ("stage", "currency"), "opportunities", "total")
    crm.channels.write(folder / "interactions_by_channel.csv", ("year", "channel"), "contacts")
    kinds = shop.kinds
    for name in ("tehran", "crm", "cards"):
        kinds.merge(systems[name].kinds)
    kinds.write(folder / "clients_by_system.csv", ("system", "kind"), "records")


def describe(folder: Path, facts: dict[str, Any], seed: int, database_url: str | None) -> None:
    """Write ``migration.yaml`` and ``README.md``, and load the former to be sure of it."""
    url = "sqlite:///legacy/crm.sqlite" if database_url is None else _without_secret(database_url)
    text = _TEMPLATE.read_text(encoding="utf-8").replace("@crm_url@", url)
    for source, rows in facts["rows"].items():
        text = text.replace(f"@least_{source}@", str(rows // 2))
    lines = [line for line in text.splitlines() if not line.startswith(("# Words with @", "# settings."))]
    path = folder / migration.FILE_NAME
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    migration.parse(path.read_text(encoding="utf-8"), path, {VARIABLE: database_url or ""})
    crm = "`legacy/crm.sqlite`" if database_url is None else "tables in the database of the migration file"
    readme = _README.format(seed=seed, clients=facts["clients"], records=facts["records"], crm=crm, marker=MARKER)
    (folder / "README.md").write_text(readme, encoding="utf-8")


def _without_secret(url: str) -> str:
    """The URL itself, or the variable that must hold it where it has a password."""
    return "${" + VARIABLE + "}" if has_literal_password(url) else url
