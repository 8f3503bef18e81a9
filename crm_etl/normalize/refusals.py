"""Rows that cannot be accepted: the first thing that is wrong with each, and the quarantine frame of them."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.normalize.reading import Codes, objects

STAGE = "normalize"
#: Reason -> what is wrong and what to do; never the value.
MESSAGES: dict[str, str] = {
    "bad_date": "not a date in the declared format and calendar: correct the cell, or the field's format",
    "bad_amount": "not one plain number with the declared decimal separator: correct the cell",
    "unmapped_value": "a value that the mapping does not know: add it to the field's map (all such values stand in "
    "unmapped.csv), or correct the cell",
    "unknown_currency": "no currency that is known: write its ISO 4217 code, or add it to the field's map",
    "unknown_country": "no country that is known: write its ISO 3166 code, or add it to the field's map",
    "too_long": "longer than any such value, or than the CRM's column: shorten it in the old system; nothing is cut",
    "inexact_amount": "more digits than money has, the trace of a binary fraction: round it in the old system",
    "zeros_lost": "the check digit would be right with leading zeros: declare restore_zero, or take the cell as text",
    "bad_check": "the check digit or the length is wrong: correct the number",
    "name_ambiguous": "several columns or words claim to be the same part of the name: part it by hand",
    "digits_lost": "a spreadsheet rounded digits away: take the cell anew from the old system, as text",
    "email_homoglyph": "a letter of another script that looks Latin: type the address anew, or declare "
    "repair: [homoglyphs]",
    "name_missing": "the record has no name, and nothing else tells whose it is: enter one",
    "lost_before_delivery": "letters were lost before delivery (question marks): export again with the right encoding",
    "control_characters": "control characters that no database takes: clean the cell in the old system",
    "client_missing": "the row does not say which client it belongs to: fill the reference",
    "key_missing": "the row has no key",
}


class Refusals:
    """Collects what is wrong, row by row; the first thing found counts."""

    def __init__(self, size: int) -> None:
        self._reason: list[str | None] = [None] * size
        self._field: list[str | None] = [None] * size

    def add(self, positions: Codes, field: str, reason: str) -> None:
        for position in positions.tolist():
            if self._reason[position] is None:
                self._reason[position], self._field[position] = reason, field

    @property
    def accepted(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        return np.array([reason is None for reason in self._reason], dtype=bool)

    def frame(self, rows: Any) -> Any:
        """QUARANTINE rows of the refused ``rows`` (a raw frame), with their original cells."""
        positions = np.flatnonzero(~self.accepted)
        bad = rows.iloc[positions]
        names = [column for column in rows.columns if str(column).startswith(schema.RAW_PREFIX)]
        columns = [objects(bad[name]).tolist() for name in names]
        bare = [str(name).removeprefix(schema.RAW_PREFIX) for name in names]
        reasons = [self._reason[position] for position in positions]
        data = {name: bad[name].reset_index(drop=True) for name in schema.ORIGIN_NAMES}
        data["stage"] = STAGE
        data["field"] = [self._field[position] for position in positions]
        data["reason"] = reasons
        data["message"] = [MESSAGES[reason or ""] for reason in reasons]
        data["cells"] = [
            json.dumps(dict(zip(bare, [column[row] for column in columns], strict=True)), ensure_ascii=False)
            for row in range(len(positions))
        ]
        return schema.QUARANTINE.conform(pd.DataFrame(data, index=pd.RangeIndex(len(positions))))

    def counts(self) -> dict[str, int]:
        return dict(sorted(Counter(reason for reason in self._reason if reason is not None).items()))
