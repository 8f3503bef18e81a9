"""Makes the demo company: draws clients, records them in four systems, writes everything down.

Works in blocks of records, so that memory stays bounded at any size: within a block the rows of a system are
shuffled and then get their keys, so that neither order nor key gives a duplicate away. Who the clients are:
:mod:`crm_etl.demo.people`. What a system's files look like: the module of that system.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from typing import Any

from crm_etl.demo import folder as files
from crm_etl.demo.cards import AWAITING, Cards
from crm_etl.demo.crm import Crm
from crm_etl.demo.dice import Dice
from crm_etl.demo.errors import RATES
from crm_etl.demo.output import SHEET_ROWS, CsvFile
from crm_etl.demo.people import Client, Population
from crm_etl.demo.records import SOURCES, WEIGHTS, Record, record
from crm_etl.demo.shop import Shop
from crm_etl.demo.tehran import Tehran
from crm_etl.faults import Fault
from crm_etl.progress import NullProgress, Progress

#: Records that a client has: 1, 2, ... and their shares; 1.7 on average.
RECORDS_OF_A_CLIENT = ((1, 2, 3, 4, 5), (0.60, 0.25, 0.07, 0.04, 0.04))
_BLOCK = 20_000
#: Faults that refuse (or exclude) a row, and the systems that have them.
FAULTS = (
    ("impossible_date", ("shop", "tehran", "crm")),
    ("unmapped_status", ("crm", "shop", "tehran", "cards")),
    ("missing_name", ("shop", "crm", "tehran")),
    ("duplicate_key", ("shop",)),
    ("exact_duplicate", ("shop", "tehran")),
)
LEAST_SIZE = 50


def generate(
    folder: Path,
    size: int = 8500,
    seed: int = 20260101,
    database_url: str | None = None,
    progress: Progress = NullProgress(),  # noqa: B008 - holds no state
) -> dict[str, Any]:
    """Make the demo company in ``folder``, replacing an earlier demo there, and say what was made.

    Args:
        size: client records in all systems together; 8,500 records describe about 5,000 clients. Rows that
            repeat an earlier record (two of the deliberate faults) come on top.
        seed: same seed and size, same bytes in every CSV file and workbook and in the truth.
        database_url: SQLAlchemy URL that holds the old CRM instead of ``legacy/crm.sqlite``. If it has a
            password, migration.yaml names the environment variable CRM_ETL_DEMO_DB in its place.

    Returns:
        ``clients``, ``records``, ``rows`` a source, and everything that ``expected.json`` holds.

    Raises:
        Fault: the size is too small, or ``folder`` holds something that is not a demo.
    """
    if size < LEAST_SIZE:
        raise Fault(f"a demo company has at least {LEAST_SIZE} records", remedy=f"ask for {LEAST_SIZE} or more")
    legacy = files.prepare(folder)
    url = database_url or f"sqlite:///{(legacy / 'crm.sqlite').as_posix()}"
    rng = Dice(seed)
    with ExitStack() as stack:

        def opened(system: Any) -> Any:
            stack.callback(system.close)
            return system

        truth = opened(CsvFile(folder / "truth.csv", ("source", "key", "entity")))
        systems: dict[str, Any] = {
            "shop": opened(Shop(legacy, rng)),
            "tehran": opened(Tehran(legacy, rng)),
            "crm": opened(Crm(url, rng)),
            "cards": opened(Cards(legacy, rng)),
        }
        run = _Run(rng, systems, truth)
        task = stack.enter_context(progress.task("demo company", size))
        for block in _blocks(Population(rng, size), rng, size):
            run.write(block)
            task.advance(len(block))
    facts = run.facts()
    files.reports(legacy / "reports", systems)
    (folder / "expected.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    files.describe(folder, facts, seed, database_url)
    return facts


def _blocks(population: Population, rng: Random, size: int) -> Iterator[list[Record]]:
    """Exactly ``size`` records, in blocks of whole clients."""
    faults = _fault_plan(size)
    used: Counter[str] = Counter()
    block: list[Record] = []
    made = 0
    for group in population.groups():
        for client in group:
            count = min(size - made, _count(client, rng))
            sources = _sources(client, count, used, rng)
            block += [record(client, source, rng) for source in sources]
            made += count
        while made < size and faults and faults[-1][0] <= made:
            _, fault, source = faults.pop()
            block.append(_faulty(population.person(), fault, source, rng))
            used[source] += 1
            made += 1
        if len(block) >= _BLOCK or made >= size:
            yield block
            block = []
        if made >= size:
            return


def _count(client: Client, rng: Random) -> int:
    if client.number == 1:
        return 4  # the showcase stands in every system
    return rng.choices(*RECORDS_OF_A_CLIENT)[0]


def _sources(client: Client, count: int, used: Counter[str], rng: Random) -> list[str]:
    """Systems of a client's records; a second record in the same system is less likely, not impossible."""
    if client.number == 1:
        chosen = list(SOURCES)[:count]
    else:
        weights = list(WEIGHTS[client.culture])
        chosen = []
        for _ in range(count):
            source = rng.choices(SOURCES, weights)[0]
            chosen.append(source)
            weights[SOURCES.index(source)] *= 0.45
    for index, source in enumerate(chosen):
        if source in ("tehran", "cards") and used[source] >= SHEET_ROWS:
            chosen[index] = "crm"
        used[chosen[index]] += 1
    return chosen


def _fault_plan(size: int) -> list[tuple[int, str, str]]:
    """(records made before it, fault, source) of every row to be refused or excluded, the first one last."""
    # Bounded, so that beside SHEET_ROWS of clients they still fit on a sheet.
    each = min(10_000, max(1, round(size * RATES.refused)))
    plan = []
    for kind, (fault, sources) in enumerate(FAULTS):
        for number in range(each):
            at = int((number + (kind + 1) / (len(FAULTS) + 1)) * size / each * 0.95)
            plan.append((at, fault, sources[number % len(sources)]))
    awaiting = min(30_000, max(2, round(size * 0.05 * AWAITING)))
    plan += [(int((number + 0.5) * size / awaiting * 0.95), "awaiting_entry", "cards") for number in range(awaiting)]
    return sorted(plan, reverse=True)


def _faulty(client: Client, fault: str, source: str, rng: Random) -> Record:
    made = record(client, source, rng)
    made.fault = fault
    return made


class _Run:
    """Gives records their keys, hands them to their systems and keeps the books."""

    def __init__(self, rng: Random, systems: dict[str, Any], truth: CsvFile) -> None:
        self._rng, self._systems, self._truth = rng, systems, truth
        self._clients = 0
        self._records = 0
        self._rows: Counter[str] = Counter()
        self._faults: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))

    def write(self, block: list[Record]) -> None:
        self._records += len(block)
        self._clients += len({made.client.number for made in block})
        for source in SOURCES:
            mine = [made for made in block if made.source == source]
            self._rng.shuffle(mine)
            system = self._systems[source]
            for made in mine:
                made.key = system.key()
                if made.fault:
                    self._faults[made.fault][source].append(made.key)
            self._truth.write((source, made.key, f"E{made.client.number:08d}") for made in mine)
            self._rows[source] += system.write(mine)

    def _files(self) -> dict[str, int]:
        rows = {files.FILES[source]: count for source, count in self._rows.items()}
        rows["legacy/shop_sales.csv"] = self._systems["shop"].sold
        return rows | {f"{files.FILES['crm']}: {table}": n for table, n in self._systems["crm"].counts.items()}

    def facts(self) -> dict[str, Any]:
        """What ``expected.json`` holds: counts, and the references of rows that need care."""
        shop, crm = self._systems["shop"], self._systems["crm"]
        faults = {name: dict(self._faults[name]) for name in sorted(self._faults)}
        quarantined = {name: faults[name] for name, _ in FAULTS if name in faults and name != "exact_duplicate"}
        return {
            "clients": self._clients,
            "records": self._records,
            "rows": dict(self._rows),
            "files": self._files(),
            "quarantined": quarantined | {"bad_amount": {"shop_sales": shop.bad_amounts}},
            "excluded": {"exact_duplicate": faults.get("exact_duplicate", {}), "total_row": {"tehran": 1}},
            "awaiting": {"cards": faults.get("awaiting_entry", {}).get("cards", [])},
            "orphans": {"shop_sales": shop.orphans, **crm.orphans},
        }
