"""Which rows go on, which are refused and which are left out on purpose. The first rule that fits a row wins:

unreadable characters, the source's own filters, missing keys, exact copies, duplicate keys, keys too alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from crm_etl import schema
from crm_etl.extract.frame import arrow, text
from crm_etl.extract.keys import delivered_key, fold_key
from crm_etl.migration import Source

STAGE = "extract"
#: C0 and C1 controls except tab, line feed and carriage return: no text holds them, and databases refuse some.
CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}]"
C0 = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
#: How a spreadsheet shows a long number: nobody knows the digits that the key had.
_ROUNDED = r"^[0-9](?:[.,][0-9]+)?[eE]\+[0-9]{2,3}$"
LOST = r"\x{fffd}"
_LISTED = 10
_Mask = np.ndarray[Any, np.dtype[np.bool_]]


def sort_rows(source: Source, frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """``frame`` (origin and ``raw:`` columns) parted into kept rows, QUARANTINE and EXCLUDED."""
    sorter = _Sorter(frame)
    says = "the cell holds control characters; remove them at the source, or declare remove_controls"
    # UTF-8 read in a false encoding is full of C1 controls, which the declared repair turns into letters.
    sorter.unreadable(CONTROLS, "control_character", says, partial(_kept, source, CONTROLS))
    sorter.unreadable(C0, "control_character", says, partial(_kept, source, C0))
    sorter.unreadable(LOST, "lost_characters", "characters were lost before delivery (U+FFFD); have it exported again")
    for rule in source.exclude:
        cells = frame[schema.RAW_PREFIX + rule.column].str.strip().str.lower()
        values = [value.strip().lower() for value in rule.values]
        sorter.exclude(cells.isin(values).to_numpy(dtype=bool, na_value=False), rule.rule)
    column = "|".join(source.key_columns)
    missing = frame["key"].isna().to_numpy(dtype=bool)
    sorter.refuse(missing, column, "key_missing", "the key is empty; give the record its key at the source")
    sorter.refuse(
        _fits(frame["key"], _ROUNDED), column, "digits_lost", "a spreadsheet rounded the key; take it as text"
    )
    longer = (frame["key"].str.len() > schema.LENGTHS["key"]).to_numpy(dtype=bool, na_value=False)
    sorter.refuse(longer, column, "too_long", f"the key has more than {schema.LENGTHS['key']} characters")
    delivered = delivered_key([arrow(frame[schema.RAW_PREFIX + name]) for name in source.key_columns])
    sorter.exclude(sorter.copies(), "exact_duplicate")
    sorter.twins(delivered, column, "duplicate_key", "the key also stands in {}; make it unique at the source")
    folded = fold_key(arrow(frame["key"]))
    sorter.twins(folded, column, "ambiguous_key", "the key differs only by case, blanks or zeros from that in {}")
    return sorter.parted()


def _kept(source: Source, pattern: str, column: str) -> bool:
    """Whether cells of ``column`` that ``pattern`` fits are refused: those of keys, and others unless declared."""
    keys = (*source.key_columns, *([] if source.client is None else [source.client.column]))
    if source.remove_controls and column not in keys:
        return False
    return source.mends(column) is (pattern == C0)


def _fits(values: pd.Series, pattern: str) -> _Mask:
    hit: _Mask = pc.match_substring_regex(arrow(values), pattern).fill_null(False).to_numpy().astype(bool)
    return hit


class _Sorter:
    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
        self._kept: _Mask = np.ones(len(frame), dtype=bool)
        self._refused: list[tuple[int, str, str, str]] = []
        self._excluded: list[tuple[int, str]] = []
        self._raw = [name for name in frame.columns if name.startswith(schema.RAW_PREFIX)]

    def unreadable(
        self, pattern: str, reason: str, message: str, among: Callable[[str], bool] = lambda name: True
    ) -> None:
        """Refuse rows with cells that ``pattern`` fits, in the columns that ``among`` takes."""
        for name in filter(lambda name: among(name.removeprefix(schema.RAW_PREFIX)), self._raw):
            hit = pc.match_substring_regex(arrow(self._frame[name]), pattern).fill_null(False)
            if pc.any(hit).as_py():
                self.refuse(hit.to_numpy().astype(bool), name.removeprefix(schema.RAW_PREFIX), reason, message)

    def refuse(self, hit: _Mask, column: str, reason: str, message: str) -> None:
        self._refused.extend((int(position), column, reason, message) for position in np.flatnonzero(hit & self._kept))
        self._kept &= ~hit

    def exclude(self, hit: _Mask, rule: str) -> None:
        self._excluded.extend((int(position), rule) for position in np.flatnonzero(hit & self._kept))
        self._kept &= ~hit

    def copies(self) -> _Mask:
        """Rows all of whose cells stand in an earlier row."""
        prints = self._frame["fingerprint"][self._kept]
        copies: _Mask = np.zeros(len(self._frame), dtype=bool)
        copies[prints.index[prints.duplicated(keep="first").to_numpy()]] = True
        return copies

    def twins(self, keys: Any, column: str, reason: str, message: str) -> None:
        """Refuse all kept rows that share one of ``keys``; each message says where the others stand."""
        held = pd.Series(text(keys))[self._kept]
        shared = held[held.duplicated(keep=False).to_numpy()]
        places = _places(self._frame.loc[shared.index, ["file", "line", "row"]])
        groups: dict[str, list[int]] = {}
        for position, key in zip(shared.index.tolist(), shared.to_numpy(dtype=object), strict=True):
            groups.setdefault(key, []).append(position)
        for positions in groups.values():
            around = positions[: _LISTED + 1]
            for position in positions:
                others = [places[other] for other in around if other != position][:_LISTED]
                more = len(positions) - 1 - len(others)
                listing = ", ".join(others) + (f" and {more} more" if more else "")
                self._refused.append((position, column, reason, message.format(listing)))
        self._kept[shared.index.to_numpy(dtype=int)] = False

    def parted(self) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        kept = self._frame if self._kept.all() else self._frame[self._kept].reset_index(drop=True)
        excluded = self._frame.loc[[position for position, _ in self._excluded], schema.ORIGIN_NAMES]
        excluded = excluded.assign(rule=[rule for _, rule in self._excluded])
        return kept, self._quarantine(), schema.EXCLUDED.conform(excluded)

    def _quarantine(self) -> pd.DataFrame:
        rows = self._frame.loc[[position for position, *_ in self._refused]]
        names = [name.removeprefix(schema.RAW_PREFIX) for name in self._raw]
        columns = [rows[name].to_numpy(dtype=object, na_value=None) for name in self._raw]
        cells = [
            json.dumps(dict(zip(names, values, strict=True)), ensure_ascii=False)
            for values in zip(*columns, strict=True)
        ]
        return schema.QUARANTINE.conform(
            rows[schema.ORIGIN_NAMES].assign(
                stage=STAGE,
                field=[column for _, column, _, _ in self._refused],
                reason=[reason for *_, reason, _ in self._refused],
                message=[message for *_, message in self._refused],
                cells=cells,
            )
        )


def _places(lines: pd.DataFrame) -> dict[Any, str]:
    """Where rows stand; with the file where there are several."""
    several = lines["file"].nunique() > 1
    return {
        position: f"row {row}" if line is pd.NA else f"line {line} of {file}" if several else f"line {line}"
        for position, file, line, row in zip(lines.index, lines["file"], lines["line"], lines["row"], strict=True)
    }
