"""A client's names: the best in each script, its Latin form, and every further name it goes or went by."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.merge.clients import display_names, of_its_kind, only, rules_of
from crm_etl.merge.contacts import Children, first_of_each
from crm_etl.merge.ids import row_ids
from crm_etl.merge.lineage import ROMANIZED, UNION, rows, trace
from crm_etl.merge.records import Flags, Ints, Records, Texts, explode
from crm_etl.merge.survivorship import Candidates, decide
from crm_etl.migration import Survivorship
from crm_etl.normalize.text import script

SCRIPTS = ("Arab", "Cyrl", "Latn", "Armn", "Geor", "Grek", "Hebr", "Zyyy")
_LETTERS = (
    ("Arab", re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]")),
    ("Cyrl", re.compile("[\u0400-\u052f]")),
    ("Latn", re.compile("[A-Za-z\u00c0-\u024f]")),
)
_PARTS = ("given", "patronymic", "family")


def client_names(records: Records, survivorship: Survivorship) -> Children:
    """Names by script: the best own name in each, a romanized one where no record is in Latin letters, others."""
    apt = of_its_kind(records, survivorship)
    pieces = [_own(records, survivorship, apt), _romanized(records, survivorship), _others(records, apt)]
    names = pd.concat([names for names, _ in pieces], ignore_index=True)
    lineage = pd.concat([trail for _, trail in pieces], ignore_index=True)
    # Own names stand before romanized and other ones: of names that repeat, those stay.
    folded = names["full_name"].str.casefold()
    kept = first_of_each(names["client"].to_numpy(dtype=np.int64), folded.to_numpy(dtype=object, na_value=None))
    kept = kept[np.argsort(names["client"].to_numpy()[kept], kind="stable")]
    names, lineage = names.iloc[kept].reset_index(drop=True), lineage.iloc[kept].reset_index(drop=True)
    _, choice = display_names(records, survivorship)
    shown = np.full(records.clients, None, dtype=object)
    shown[choice.group] = choice.values
    client = names.pop("client").to_numpy(dtype=np.int64)
    ids = records.client_ids.take(client)
    names["client_id"] = ids
    names["row_id"] = row_ids(ids, names["script"], names["full_name"])
    names["is_primary"] = _same(names["full_name"].to_numpy(dtype=object), shown[client])
    return Children(schema.CLIENT_NAME.conform(names), lineage)


def _same(names: Texts, shown: Texts) -> list[bool]:
    return [
        name == other or name.casefold() == (other or "").casefold() for name, other in zip(names, shown, strict=True)
    ]


def script_of(name: str) -> str:
    """ISO 15924 code of the first script of :data:`SCRIPTS` that ``name`` has letters of."""
    return next((code for code, letters in _LETTERS if letters.search(name)), None) or script(name)


def _scripts(names: Texts, stated: Texts | None = None) -> Texts:
    known = {name: script_of(name) for name in set(names) if name is not None}
    found = np.empty(len(names), dtype=object)
    found[:] = [known.get(name) for name in names]
    if stated is not None:
        found = np.where(np.isin(stated.astype(str), SCRIPTS), stated, found)
    return found


def _own(records: Records, survivorship: Survivorship, apt: Flags) -> tuple[pd.DataFrame, pd.DataFrame]:
    values = only(records.texts("name"), apt)
    script = _scripts(values, records.texts("script"))
    code = np.zeros(len(values), dtype=np.int64)
    for number, name in enumerate(SCRIPTS):
        code[script == name] = number
    group = records.client * len(SCRIPTS) + code
    candidates = Candidates.of(group, np.arange(len(records), dtype=np.int64), values)
    choice = decide(candidates, rules_of("display_name", survivorship), records)
    record = candidates.record[choice.at]
    client = choice.group // len(SCRIPTS)
    frame = _frame(client, script[record], choice.values)
    for part in ("language", *_PARTS):
        frame[part] = records.texts(part)[record]
    return frame, trace(records, schema.CLIENT_NAME.name, candidates, choice, client)


def _romanized(records: Records, survivorship: Survivorship) -> tuple[pd.DataFrame, pd.DataFrame]:
    candidates, choice = display_names(records, survivorship)
    script = _scripts(records.texts("name"), records.texts("script"))
    has_latin = np.isin(choice.group, records.client[script == "Latn"])
    record = candidates.record[choice.at]
    latin = records.texts("name_latin")[record]
    at = np.flatnonzero(~has_latin & (latin != None))  # noqa: E711  (elementwise)
    record, client, latin = record[at], choice.group[at], latin[at]
    frame = _frame(client, np.full(len(at), "Latn", dtype=object), latin)
    frame["language"] = records.texts("language")[record]
    for part in _PARTS:
        frame[part] = records.texts(f"{part}_latin")[record]
    return frame, rows(records, schema.CLIENT_NAME.name, client, record, latin, ROMANIZED)


def _others(records: Records, apt: Flags) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Further names, and those of records that are not of their client's kind."""
    record, values = explode(records.frame["other_names"])
    named = np.flatnonzero(only(records.texts("name"), ~apt) != None)  # noqa: E711  (elementwise)
    record, values = np.append(record, named), np.append(values, records.texts("name")[named])
    client = records.client[record]
    frame = _frame(client, _scripts(values), values)
    return frame, rows(records, schema.CLIENT_NAME.name, client, record, values, UNION)


def _frame(client: Ints, script: Texts, names: Texts) -> pd.DataFrame:
    frame = pd.DataFrame({"client": client, "script": script, "full_name": names}, dtype=object)
    for part in ("language", *_PARTS):
        frame[part] = None
    return frame
