"""The client table: each field by its survivorship rules, fields that belong together from one record.

A client that people made of persons and organizations is of one kind: what only that kind has, its name among it, comes
from its records of that kind.
``display_name``, ``latin_name`` and ``language`` come from one record; ``balance`` and ``currency`` are one
value. Which rules a field gets unless the migration file names its own is written in :func:`rules_of`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.match.encode import KINDS, ORGANIZATION
from crm_etl.merge import money
from crm_etl.merge.lineage import JOINED, rows, trace
from crm_etl.merge.records import Flags, Records, Texts
from crm_etl.merge.survivorship import EARLIEST, NATIVE_SCRIPT, Candidates, Choice, decide
from crm_etl.merge.users import Users
from crm_etl.migration import Survivorship

PLAIN = ("kind", "status", "sex", "birth_date", "legal_form", "owner", "branch", "segment")
#: Fields that mean something else for persons than for organizations, or nothing.
_OF_KIND = ("sex", "birth_date", "legal_form")


@dataclass(frozen=True)
class Clients:
    """``table``: CLIENT; ``lineage``: LINEAGE frames; ``notes``: code -> count of clients doubted."""

    table: pd.DataFrame
    lineage: list[pd.DataFrame]
    notes: dict[str, int]


def rules_of(field: str, survivorship: Survivorship) -> tuple[str, ...]:
    """The rules of ``field``: those declared for it, else its own habit before the default order."""
    if field in survivorship.fields:
        return tuple(survivorship.fields[field])
    habit = {"display_name": NATIVE_SCRIPT, "created_at": EARLIEST, "balance": "trusted"}.get(field)
    return tuple(survivorship.default) if habit is None else (habit, *survivorship.default)


def fold_clients(records: Records, users: Users, survivorship: Survivorship) -> Clients:
    """One row a client, with the lineage of each value that is there."""
    columns: dict[str, Any] = {"client_id": records.client_ids}
    lineage: list[pd.DataFrame] = []
    apt = of_its_kind(records, survivorship)
    for field in PLAIN:
        values = users.of_column(records.frame[field]) if field == "owner" else records.texts(field)
        if field in _OF_KIND:
            values = only(values, apt)
        _settle(field, values, records, survivorship, columns, lineage)
    _settle("created_at", records.texts("created_at"), records, survivorship, columns, lineage)
    _name(records, survivorship, columns, lineage)
    _comment(records, survivorship, columns, lineage)
    notes = _balance(records, survivorship, columns, lineage)
    return Clients(schema.CLIENT.conform(pd.DataFrame(columns)), lineage, notes)


def spread(choice: Choice, values: Texts, size: int) -> Texts:
    """``values`` of the choice's groups at their positions among ``size`` clients, None elsewhere."""
    column = np.full(size, None, dtype=object)
    column[choice.group] = values
    return column


def display_names(records: Records, survivorship: Survivorship) -> tuple[Candidates, Choice]:
    """The name that each client is shown with."""
    everybody = np.arange(len(records), dtype=np.int64)
    names = only(records.texts("name"), of_its_kind(records, survivorship))
    candidates = Candidates.of(records.client, everybody, names)
    return candidates, decide(candidates, rules_of("display_name", survivorship), records)


def only(values: Texts, kept: Flags) -> Texts:
    """``values`` where they are ``kept``, None elsewhere."""
    left = values.copy()
    left[~kept] = None
    return left


def of_its_kind(records: Records, survivorship: Survivorship) -> Flags:
    """Which records are of the kind that their client is, (records,): all but some of those clients that people made of
    persons and organizations. Where no record of that kind has a name all of the client's are."""
    firm = (records.frame["kind"] == KINDS[ORGANIZATION]).fillna(False).to_numpy(dtype=np.bool_)
    firms = np.bincount(records.client, firm, minlength=records.clients)
    mixed = (firms > 0) & (firms < np.bincount(records.client, minlength=records.clients))
    if not mixed.any():
        return np.ones(len(records), dtype=np.bool_)
    kinds, names = records.texts("kind"), records.texts("name")
    candidates = Candidates.of(records.client, np.arange(len(records), dtype=np.int64), kinds)
    choice = decide(candidates, rules_of("kind", survivorship), records)
    found = kinds == spread(choice, choice.values, records.clients)[records.client]
    named = np.bincount(records.client, found & (names != None), minlength=records.clients) > 0  # noqa: E711
    found |= ~named[records.client]
    return np.asarray(found, dtype=np.bool_)


def _settle(
    field: str,
    values: Texts,
    records: Records,
    survivorship: Survivorship,
    columns: dict[str, Any],
    lineage: list[pd.DataFrame],
) -> None:
    candidates = Candidates.of(records.client, np.arange(len(records), dtype=np.int64), values)
    choice = decide(candidates, rules_of(field, survivorship), records)
    columns[field] = spread(choice, choice.values, records.clients)
    lineage.append(trace(records, field, candidates, choice))


def _name(records: Records, survivorship: Survivorship, columns: dict[str, Any], lineage: list[pd.DataFrame]) -> None:
    candidates, choice = display_names(records, survivorship)
    columns["display_name"] = spread(choice, choice.values, records.clients)
    lineage.append(trace(records, "display_name", candidates, choice))
    record = candidates.record[choice.at]
    for field, source in (("latin_name", "name_latin"), ("language", "language")):
        values = records.texts(source)[record]
        there = np.flatnonzero(values != None)  # noqa: E711  (elementwise)
        columns[field] = spread(choice, values, records.clients)
        lineage.append(rows(records, field, choice.group[there], record[there], values[there], choice.rule[there]))


def _comment(
    records: Records, survivorship: Survivorship, columns: dict[str, Any], lineage: list[pd.DataFrame]
) -> None:
    everybody = np.arange(len(records), dtype=np.int64)
    candidates = Candidates.of(records.client, everybody, records.texts("comment"))
    choice = decide(candidates, rules_of("comment", survivorship), records)
    if "comment" not in survivorship.fields:
        for entry in np.flatnonzero(choice.contested):
            parts = candidates.texts[candidates.value[choice.start[entry] : choice.stop[entry]]]
            choice.values[entry] = "\n".join(dict.fromkeys(parts))
            choice.rule[entry] = JOINED
    columns["comment"] = spread(choice, choice.values, records.clients)
    lineage.append(trace(records, "comment", candidates, choice))


def _balance(
    records: Records, survivorship: Survivorship, columns: dict[str, Any], lineage: list[pd.DataFrame]
) -> dict[str, int]:
    candidates, choice = money.balances(records, rules_of("balance", survivorship))
    notes = {} if "balance" in survivorship.fields else money.add_up(candidates, choice)
    amounts, currencies = money.parted(choice.values)
    columns["balance"] = spread(choice, amounts, records.clients)
    lineage.append(trace(records, "balance", candidates, choice).assign(value=pd.array(amounts, "string[pyarrow]")))
    # A client without any balance keeps the currency that its records state.
    rest = records.texts("currency")
    rest[np.isin(records.client, choice.group)] = None
    _settle("currency", rest, records, survivorship, columns, lineage)
    known = np.flatnonzero(currencies != None)  # noqa: E711  (elementwise)
    columns["currency"][choice.group[known]] = currencies[known]
    record = candidates.record[choice.at]
    lineage.append(rows(records, "currency", choice.group[known], record[known], currencies[known], choice.rule[known]))
    return notes
