"""Which cells of a record people corrected, and which values of its client rest on them.

Reads what the last run left in the state folder; for :mod:`crm_etl.explanation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from crm_etl.migration import Source
from crm_etl.storage import State

_NAMES = ("name", "given", "family", "patronymic", "other_names")
#: Field of a client -> the fields of the mapping that it is made from, where they are called otherwise.
_MADE_FROM: dict[str, tuple[str, ...]] = {
    "display_name": _NAMES,
    "latin_name": _NAMES,
    "client_name": _NAMES,
    "legal_form": _NAMES,
    "language": _NAMES,
    "client_phone": ("phones",),
    "client_email": ("emails",),
    "client_identifier": ("identifiers",),
    "client_address": ("address", "country", "region", "city", "postal_code", "street"),
    "client_consent": ("consent_email", "consent_phone", "consent_sms", "consent_post"),
}


@dataclass(frozen=True)
class _Facts:
    facts: dict[str, Any]


#: A correction as the extraction applied it, see :class:`crm_etl.extract.mending.Mended`.
Applied = dict[str, Any]


def of_record(state: State, source: str, fingerprint: str, row: int) -> Applied | None:
    """The correction that made the record of the last run what it is; None where nobody corrected it."""
    applied: list[Applied] = state.read(f"raw/{source}", _Facts).facts.get("corrections", [])
    return next((one for one in applied if one["fingerprint"] == fingerprint and one["row"] == row), None)


def as_told(applied: Applied) -> list[dict[str, Any]]:
    """A line for each cell: column, what was delivered, what it is now, who corrected it and when."""
    signed = {name: applied[name] for name in ("who", "at", "number")}
    return [{"column": name, "was": was, "now": now, **signed} for name, (was, now) in applied["cells"].items()]


def touches(applied: Applied, source: Source, field: str) -> bool:
    """Whether the client's ``field`` is made from a cell that was corrected."""
    columns = {
        column
        for name in _MADE_FROM.get(field, (field,))
        for rule in source.fields.get(name, ())
        for column in rule.source_columns
    }
    return not columns.isdisjoint(applied["cells"])
