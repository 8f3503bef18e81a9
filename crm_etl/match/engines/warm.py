"""Compiles the linkage once, at installation: ``python -m crm_etl.match.engines.warm`` links a few made-up parties.

The machine code stays on disk for all later processes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.match.agglomerate import Links, agglomerate
from crm_etl.match.engines import local
from crm_etl.migration import Matching
from crm_etl.normalize import names

_PERSONS = (
    ("Иванов Пётр", "1980-02-03", "+79161234567"),
    ("Ivanov Petr", "1980-03-02", "+79161234567"),
    ("پتر ایوانف", "1980-02-03", "+79161234568"),
    ("Petrov Ivan Sergeevich", "1980-02-03", "+79161234567"),
)
_PARTS = ("given", "family", "patronymic", "given_latin", "family_latin", "patronymic_latin", "org_name", "org_latin")
_FIRMS = ("Ромашка", "Romashka", "Romashka Trade House", "Torgovy Dom Romashka")


def parties() -> pd.DataFrame:
    """A few persons and organizations with something of every kind of field."""
    persons = [_party("person", number, *row) for number, row in enumerate(_PERSONS)]
    firms = [_party("organization", number, name, "2001-02-03", "+74951112233") for number, name in enumerate(_FIRMS)]
    return schema.PARTY.build([*persons, *firms])


def _party(kind: str, number: int, text: str, date: str, phone: str) -> dict[str, Any]:
    hints = names.Hints(kind="person" if kind == "person" else "organization")
    name = names.parse(text, hints)
    return {
        **{part: getattr(name, part) for part in _PARTS},
        "source": "warm",
        "key": f"{kind}{number}",
        "kind": kind,
        "name": text,
        "script": name.script,
        "name_keys": names.keys(name),
        "other_names": ["Peter Ivanov"] if number == 1 and kind == "person" else [],
        "birth_date": date,
        "phones": [phone],
        "emails": [f"box{number % 2}.long@mail.example"],
        "identifiers": ["ru_inn:7707083893"] if kind == "organization" else [f"other:12345{number}"],
        "city": "Moskva" if number else "Moscow",
        "postal_code": "101000",
        "street": f"ulitsa lenina {number // 2}",
        "sex": "m" if kind == "person" else None,
        "notes": [],
    }


def _chain() -> Links:
    """Three records, of which the first and the last have only the second in common: such components are cut."""
    none = np.zeros(2, dtype=np.bool_)
    left = np.arange(2, dtype=np.int64)
    return Links(left, left + 1, np.full(2, 9.0), ~none, none, none, none, none)


if __name__ == "__main__":
    local.run(parties(), Matching.model_validate({}), None, schema.CROSSWALK.empty())
    agglomerate(_chain(), np.arange(3, dtype=np.uint64))
