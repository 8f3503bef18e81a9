"""The set ``latin``: persons with Latin names only, written as party rows block by block, so that memory is bounded.

A block has an own seed and an own file of truth lines, so that it is the same whoever makes it, and the share of
duplicates is the same at every size. Names are read by the product's own parser: the columns are what a migration of
such records would hold. What is true of the people stands in :mod:`.people`, what records get wrong in :mod:`.slips`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.linkage import people, slips
from benchmarks.linkage.slips import Record
from crm_etl import schema
from crm_etl.demo.dice import Dice
from crm_etl.normalize import names

SEED = "latin persons 1"
BLOCK = 20_000
#: Persons with one, two, ... records: 1.6 records a person.
_RECORDS = (0.58, 0.86, 0.96, 1.0)
_SOURCES = ("desk", "shop", "web")
#: Parquet columns: as :data:`crm_etl.schema.PARTY` has them.
_TYPES = {"text": pa.string(), "list": pa.list_(pa.string()), "int": pa.int64()}
_FIELDS = pa.schema([(column.name, _TYPES[column.kind]) for column in schema.PARTY.columns])


def write(size: int, parties: Path, truth: Path, processes: int = 2, block: int = BLOCK) -> None:
    """Write ``size`` records to ``parties`` (Parquet) and their entities to ``truth`` (CSV: source, key, entity)."""
    blocks = [(number, min(block, size - start)) for number, start in enumerate(range(0, size, block))]
    with pq.ParquetWriter(parties, _FIELDS) as writer, truth.open("w", encoding="utf-8", newline="") as lines:
        lines.write("source,key,entity\n")
        for table, entities in _made(blocks, processes):
            writer.write_table(table)
            lines.writelines(f"{source},{key},{entity}\n" for source, key, entity in entities)


def _made(blocks: list[tuple[int, int]], processes: int) -> Iterator[tuple[pa.Table, list[tuple[str, str, str]]]]:
    if processes < 2 or len(blocks) < 2:
        yield from map(_block, blocks)
        return
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(_block, block) for block in blocks[: 2 * processes]]
        rest = iter(blocks[2 * processes :])
        while waiting:
            yield waiting.pop(0).result()
            waiting.extend(pool.submit(_block, block) for block in islice(rest, 1))


def _block(block: tuple[int, int]) -> tuple[pa.Table, list[tuple[str, str, str]]]:
    """The party rows of a block and their entities, in an order that tells nothing."""
    number, size = block
    dice = Dice(f"{SEED}:{number}")
    made = list(islice(_records(dice, number, size), size))
    made.sort(key=lambda one: one[0])
    keyed = [(_SOURCES[int(digest[:2], 16) % 3], digest, entity, record) for digest, entity, record in made]
    frame = parties((source, digest, record) for source, digest, _, record in keyed)
    return _table(frame), [(source, digest, entity) for source, digest, entity, _ in keyed]


def _records(dice: Dice, block: int, size: int) -> Iterator[tuple[str, str, Record]]:
    for person_number, person in enumerate(people.people(f"{SEED}:{block}:people", size)):
        entity = f"P{block:04d}{person_number:05d}"
        chance = dice.random()
        for number in range(next(count for count, share in enumerate(_RECORDS, 1) if chance < share)):
            yield _digest(f"{entity}:{number}"), entity, slips.record(dice, person)


def _digest(text: str) -> str:
    return hashlib.blake2b(f"{SEED}:{text}".encode(), digest_size=6).hexdigest()


def parties(records: Iterable[tuple[str, str, Record]]) -> pd.DataFrame:
    """The party rows of (source, key, record)."""
    return schema.PARTY.build(_row(number, *one) for number, one in enumerate(records, 1))


def _row(number: int, source: str, key: str, record: Record) -> dict[str, Any]:
    place = record.place
    return {
        **_name(record.given, record.family, record.sex),
        "source": source,
        "key": key,
        "file": "made",
        "row": number,
        "fingerprint": key,
        "status": "active",
        "birth_date": record.birth_date,
        "birth_date_raw": record.birth_date,
        "phones": list(record.phones),
        "emails": [] if record.email is None else [record.email],
        "country": None if place is None else place.country,
        "city": None if place is None else place.city,
        "postal_code": record.postal_code,
        "street": record.street,
        "address_raw": record.street,
        "branch": None,
    }


@lru_cache(maxsize=200_000)
def _name(given: str | None, family: str, sex: str | None) -> dict[str, Any]:
    text = family if given is None else f"{given} {family}"
    name = names.parse(text, names.Hints("person", None, sex, given, None, family))
    return {
        "kind": name.kind,
        "name_raw": text,
        "name": name.native,
        "name_latin": name.latin,
        "script": name.script,
        "language": name.language,
        "given": name.given,
        "family": name.family,
        "given_latin": name.given_latin,
        "patronymic": name.patronymic,
        "patronymic_latin": name.patronymic_latin,
        "family_latin": name.family_latin,
        "sex": name.sex,
        "name_keys": names.keys(name),
    }


def _table(frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(frame, schema=_FIELDS, preserve_index=False)
