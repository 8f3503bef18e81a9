"""Which column suits which field best, all columns of a source together, so that two never quarrel for one field.

Every column is scored for every field by its name (:mod:`.headers`) and by its cells (:mod:`.verdicts`); the assignment
with the greatest sum wins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crm_etl.migration import FIELD_TYPES, IDENTIFIER_TYPES
from crm_etl.profile import verdicts
from crm_etl.profile.drafts import (
    LEAST,
    NEEDED,
    Column,
)

#: What the cells weigh where the name says something already.
_CONTENT = 0.85
#: Fields that several columns may fill.
_REPEATED = {"phones": 5, "emails": 3, "comment": 1}
_TELLTALE = {
    "client": {"name": 0.5, "family": 0.4, "given": 0.3, "phones": 0.3, "emails": 0.3, "birth_date": 0.3, "kind": 0.2},
    "transaction": {"amount": 0.5, "occurred_at": 0.2, "type": 0.2, "document": 0.2, "client": 0.3},
    "interaction": {"channel": 0.3, "direction": 0.3, "occurred_at": 0.2, "subject": 0.2, "client": 0.3},
    "opportunity": {"stage": 0.6, "expected_close": 0.2, "amount": 0.1, "title": 0.1, "client": 0.3},
    "consent": {"allowed": 0.6, "channel": 0.4, "client": 0.3},
}


@dataclass(frozen=True)
class Score:
    """How well a column suits a field, and what says so."""

    total: float
    name: float
    cells: float

    @property
    def why(self) -> str:
        if self.name >= 0.4 and self.cells >= 0.4:
            return "name and content"
        return "name" if self.name >= self.cells else "content"


def score(column: Column, name: str, entity: str) -> Score:
    """How well ``column`` suits the field ``name`` of ``entity`` (``identifiers.<type>`` for identifiers)."""
    kind = FIELD_TYPES[entity].get(name.partition(".")[0], name)
    said = column.said.get(name, 0.0) * verdicts.fits(name, kind, column.seen)
    told = verdicts.tells(name, kind, column.seen)
    if told and column.said and max(column.said.values()) > 0.8 and not column.said.get(name):
        # The name says something else for sure: the cells must speak against it, not merely for this.
        told *= 0.5
    return Score(1 - (1 - said) * (1 - _CONTENT * told), said, told)


def _slots(entity: str) -> list[str]:
    """The fields of ``entity``, those that take several columns several times."""
    slots = ["key", "ignore", "ignore"]
    if entity != "client":
        slots += ["client"]
    for name in FIELD_TYPES[entity]:
        if name == "identifiers":
            slots += [f"identifiers.{kind}" for kind in IDENTIFIER_TYPES if kind != "other"]
        else:
            slots += [name] * _REPEATED.get(name, 1)
    return slots


def assigned(columns: Sequence[Column], entity: str) -> list[tuple[Column, str, Score]]:
    """The columns with the fields that suit them best, all together."""
    from scipy.optimize import linear_sum_assignment

    slots = _slots(entity)
    table = [{name: score(column, name, entity) for name in dict.fromkeys(slots)} for column in columns]
    # The later of several like slots are a little worse, so that ties fall to the first columns.
    worth = np.array(
        [
            [max(row[name].total - 0.001 * place, 0.0) if row[name].total >= LEAST else 0.0 for name in slots]
            for place, row in enumerate(table)
        ]
    )
    rows, places = linear_sum_assignment(worth, maximize=True)
    found = [
        (columns[row], slots[place], table[row][slots[place]])
        for row, place in zip(rows, places, strict=True)
        if worth[row, place] > 0
    ]
    return sorted(found, key=lambda one: columns.index(one[0]))


def worth(entity: str, found: Sequence[tuple[Column, str, Score]], columns: Sequence[Column]) -> float:
    """How well a source is explained as ``entity``: the mean of its columns' scores, and its telltale fields."""
    if not columns:
        return 0.0
    best: dict[str, float] = {}
    for _, name, told in found:
        best[name.partition(".")[0]] = max(best.get(name.partition(".")[0], 0.0), told.total)
    explained = sum(told.total for _, name, told in found if name not in ("ignore",)) / len(columns)
    tale = sum(weight * best.get(name, 0.0) for name, weight in _TELLTALE[entity].items())
    needed = max((best.get(name, 0.0) for name in NEEDED[entity]), default=0.0)
    return (explained + tale) * (0.3 + 0.7 * needed)
