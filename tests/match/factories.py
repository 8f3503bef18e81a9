"""Small makers of parties for the tests of linkage."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.match import blocking
from crm_etl.match.encode import Parties
from crm_etl.migration import Matching
from crm_etl.normalize import names

MATCHING = Matching.model_validate({})


def person(key: str, given: str = "", family: str = "", *, source: str = "crm", **cells: Any) -> dict[str, Any]:
    """One party row of a person; names Latin."""
    whole = f"{family} {given}".strip()
    name = names.parse(whole, names.Hints(kind="person", given=given or None, family=family or None))
    row: dict[str, Any] = {
        "source": source,
        "key": key,
        "kind": "person",
        "name": whole or None,
        "given_latin": given.lower() or None,
        "family_latin": family.lower() or None,
        "name_keys": names.keys(name) if whole else [],
    }
    return row | cells


def native(key: str, given: str, family: str, **cells: Any) -> dict[str, Any]:
    """One party row of a person whose name is written in any script."""
    latin = {f"{part}_latin": names.romanize(text).lower() for part, text in (("given", given), ("family", family))}
    return person(key, given, family) | {"given": given, "family": family} | latin | cells


def organization(key: str, org: str, *, source: str = "crm", **cells: Any) -> dict[str, Any]:
    """One party row of an organization."""
    name = names.Name(kind="organization", org_name=cells.get("org_name", org), org_latin=org.lower())
    row = {"source": source, "key": key, "kind": "organization", "name": org, "org_latin": org.lower()}
    return row | {"name_keys": names.keys(name)} | cells


def brought_together(frame: pd.DataFrame, matching: Matching = MATCHING) -> dict[tuple[int, int], set[str]]:
    """Pairs of positions that blocking makes of a party frame, and the rules that make each."""
    blocks = blocking.plan(Parties(frame), matching)
    left, right = blocks.every_pair()
    names = [{rule.name for n, rule in enumerate(blocks.rules) if (bits >> n) & 1} for bits in blocks.bits(left, right)]
    return dict(zip(zip(left.tolist(), right.tolist(), strict=True), names, strict=True))


def parties(*rows: dict[str, Any]) -> pd.DataFrame:
    """A party frame of the rows."""
    return schema.PARTY.build([_listed(row) for row in rows])


def _listed(row: dict[str, Any]) -> dict[str, Any]:
    return {name: [] for name in ("phones", "emails", "identifiers", "other_names", "name_keys")} | row


_SYLLABLES = ["ba", "ko", "mi", "ru", "te", "so", "na", "li", "vo", "da", "pe", "gu", "sha", "kri", "zo", "fe"]
_GIVEN = ["Anna", "Boris", "Viktor", "Galina", "Dmitri", "Elena", "Ivan", "Kirill", "Larisa", "Marina", "Oleg", "Sofia"]


def crowd(people: int, seed: int = 7, copies: float = 0.6) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Parties of three sources and their truth: people who stand in one to three sources, with slips and gaps."""
    draw = np.random.default_rng(seed)
    rows, truth = [], []
    for number in range(people):
        given = str(draw.choice(_GIVEN))
        family = "".join(draw.choice(_SYLLABLES, 3)).capitalize() + "v"
        phone = f"+7916{draw.integers(10**6, 10**7)}"
        born = f"{draw.integers(1950, 2005)}-{draw.integers(1, 13):02d}-{draw.integers(1, 29):02d}"
        email = f"{family.lower()}{draw.integers(1000, 9999)}@mail.example"
        for source in ("crm", "shop", "cards"):
            if source != "crm" and draw.random() > copies:
                continue
            spelled = family if draw.random() > 0.15 else family.replace("v", "w")
            cells = {
                "phones": [phone] if draw.random() > 0.2 else [],
                "emails": [email] if draw.random() > 0.4 else [],
                "birth_date": born if draw.random() > 0.3 else None,
            }
            rows.append(person(str(number), given, spelled, source=source, **cells))
            truth.append({"source": source, "key": str(number), "entity": f"e{number}"})
    order = ["source", "key"]
    records = parties(*rows).sort_values(order, ignore_index=True)
    return records, pd.DataFrame(truth).astype("string[pyarrow]").sort_values(order, ignore_index=True)
