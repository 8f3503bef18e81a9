"""One column of the CRM against the records that fed it: which differ, and the rule that explains each.

The CRM's rows are *units* (a client, a client's channel, a transaction); each source record belongs to one.
Here belongs the comparison itself, on arrays; which columns are compared with which stands in
:mod:`crm_etl.reconcile.compare`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm_etl import schema

Texts = npt.NDArray[np.object_]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
#: Positions and the values there.
Values = tuple[Ints, Texts]
NOTHING: Values = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=object))

EQUAL, RAW, EXPLAINED, UNEXPLAINED = "equal", "raw", "explained", "unexplained"
CRM_EDIT = "crm_edit"
CHANGED = "changed_since_load"
SURVIVORSHIP = "survivorship"
UNION = "union"
#: Loaded earlier, delivered no more, and not made by the merge today: nothing is deleted in the CRM by itself.
KEPT = "no_longer_delivered"


@dataclass(frozen=True)
class Units:
    """The CRM side. ``record`` maps each source record to its unit; ``edited_known``: a baseline is there.

    ``changed`` marks units some record of which has changed in the legacy system, or come, since the last load;
    ``other`` clients of which nothing that was loaded is delivered any more.
    """

    record: Ints
    references: Texts
    unit_references: Texts
    changed: Mask
    baseline_known: bool
    other: Mask = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def __len__(self) -> int:
        return len(self.unit_references)

    def any_record(self, mask: Mask) -> Mask:
        """Which units have a record in ``mask``."""
        return np.bincount(self.record[mask], minlength=len(self)) > 0


@dataclass(frozen=True)
class Side:
    """One field: ``legacy`` a value a record, ``crm`` and ``baseline`` a value a unit (None: no value).

    ``rule``: per unit the survivorship rule that decided, where known. ``whole``: units whose value is put
    together from all their records (a sum, a joined text), and the rule's name. ``veto``: records whose
    difference no survivorship may explain.
    """

    field: str
    legacy: Texts
    crm: Texts
    baseline: Texts
    rule: Texts | None = None
    whole: dict[str, Mask] | None = None
    veto: Mask | None = None
    raw: Texts | None = None


@dataclass(frozen=True)
class Differences:
    """``findings``: schema.FINDINGS; ``line``: the field's counts (see SUMMARY of :mod:`compare`)."""

    findings: pd.DataFrame
    line: dict[str, Any]


def differences(units: Units, side: Side) -> Differences:
    """Compare one field. A value that no record has, or that the CRM lacks, is a difference too."""
    crm = side.crm[units.record]
    stated = _there(side.legacy)
    differs = stated & (side.legacy != crm)
    carried = units.any_record(stated & ~differs)
    edited = units.baseline_known & (side.crm != side.baseline)
    rules = _rules(units, side, carried, np.asarray(edited, dtype=bool))
    at = np.flatnonzero(differs)
    unit = units.record[at]
    found = rules[unit].copy()
    if side.veto is not None:
        own = _first_rule(len(at), {CRM_EDIT: edited[unit], CHANGED: units.changed[unit]})
        found = np.where(side.veto[at], own, found)
    # Values of the CRM that no record states at all: found once, by client, not once a record.
    strange = np.flatnonzero(_there(side.crm) & ~units.any_record(stated) & ~carried)
    frames = [
        _findings(side.field, units.references[at], side.legacy[at], crm[at], found),
        _findings(side.field, units.unit_references[strange], None, side.crm[strange], rules[strange]),
    ]
    findings = schema.FINDINGS.conform(pd.concat(frames, ignore_index=True))
    same = stated & ~differs
    spelled = 0 if side.raw is None else int((same & _there(side.raw) & (side.raw != crm)).sum())
    return Differences(findings, summary_line(side.field, int(stated.sum()), int(same.sum()), spelled, findings))


def summary_line(field: str, compared: int, same: int, raw: int, findings: pd.DataFrame) -> dict[str, Any]:
    """The counts of one field; ``same`` includes the ``raw`` ones, which differ in spelling only."""
    status = findings["status"].value_counts()
    return {
        "field": field,
        "compared": compared,
        "equal": same - raw,
        "raw": raw,
        "explained": int(status.get(EXPLAINED, 0)),
        "unexplained": int(status.get(UNEXPLAINED, 0)),
        "rules": {str(rule): int(rows) for rule, rows in findings["rule"].value_counts().items()},
    }


def _rules(units: Units, side: Side, carried: Mask, edited: Mask) -> Texts:
    """Per unit what explains a difference from it: people, another record, all records together, or nothing."""
    rules = np.full(len(units), None, dtype=object)
    rules[units.changed] = CHANGED
    for name, mask in (side.whole or {}).items():
        rules[mask] = name
    by_lineage = np.full(len(units), SURVIVORSHIP, dtype=object) if side.rule is None else side.rule
    won = carried & _there(side.crm)
    rules[won] = np.where(_there(by_lineage[won]), by_lineage[won], SURVIVORSHIP)
    rules[edited] = CRM_EDIT
    return rules


def _first_rule(size: int, rules: dict[str, Mask]) -> Texts:
    """For each of ``size`` entries the first of ``rules`` whose mask holds, None where none does."""
    found = np.full(size, None, dtype=object)
    for name, mask in reversed(rules.items()):
        found[mask] = name
    return found


def _findings(field: str, references: Texts, legacy: Texts | None, crm: Texts | None, rule: Texts) -> pd.DataFrame:
    size = len(references)
    nothing = np.full(size, None, dtype=object)
    data = {
        "area": np.full(size, "fields", dtype=object),
        "subject": np.full(size, field, dtype=object),
        "reference": references,
        "legacy": nothing if legacy is None else legacy,
        "crm": nothing if crm is None else crm,
        "status": np.where(_there(rule), EXPLAINED, UNEXPLAINED).astype(object),
        "rule": rule,
    }
    return pd.DataFrame({name: pd.array(values, dtype="string[pyarrow]") for name, values in data.items()})


def list_differences(
    units: Units,
    name: str,
    values: Values,
    held: Values,
    was: Values,
    made: Values | None = None,
    edited: Values = NOTHING,
) -> Differences:
    """Compare the field ``name`` of many values, given of records, of units, of the baseline, of today's merge.

    ``edited`` are those of ``held`` whose rows people changed since the last load, be it in another column. A client
    holds the union of its records' values; that one record has fewer is explained by just that.
    """
    today = NOTHING if made is None else made
    sizes = np.cumsum([len(values[1]), len(held[1]), len(was[1]), len(today[1])])
    codes, _ = pd.factorize(np.concatenate([values[1], held[1], was[1], today[1], edited[1]]))
    width = int(codes.max(initial=0)) + 1
    given, kept, loaded, wanted, touched = np.split(codes.astype(np.int64), sizes)
    given_at = units.record[values[0]] * width + given
    kept_at, loaded_at = held[0] * width + kept, was[0] * width + loaded
    missing = ~np.isin(given_at, kept_at)
    extra = ~np.isin(kept_at, given_at)
    unit = units.record[values[0]]
    gone = _first_rule(len(unit), {CRM_EDIT: np.isin(given_at, loaded_at), CHANGED: units.changed[unit]})
    before = np.isin(kept_at, loaded_at) & ~np.isin(kept_at, edited[0] * width + touched)
    rules = {CHANGED: before & units.changed[held[0]], CRM_EDIT: ~before & units.baseline_known}
    if made is not None and len(units.other):
        # A value that another client is due to have did not vanish: after a split it stands at the wrong one.
        rules[KEPT] = before & ~np.isin(kept, wanted) & ~units.other[held[0]]
    come = _first_rule(len(before), rules)
    records = units.references[values[0]]
    frames = [
        _findings(name, records[missing], values[1][missing], None, gone[missing]),
        _findings(name, units.unit_references[held[0]][extra], None, held[1][extra], come[extra]),
    ]
    findings = schema.FINDINGS.conform(pd.concat(frames, ignore_index=True))
    line = summary_line(name, len(given_at), int((~missing).sum()), 0, findings)
    fewer = _records_with_fewer(units, values[0][~missing], kept_at[~extra], width)
    if fewer:
        line["explained"] += fewer
        line["rules"][UNION] = fewer
    return Differences(findings, line)


def _records_with_fewer(units: Units, present: Ints, shared: Ints, width: int) -> int:
    """Records that state fewer values than all records of their client together."""
    of_record = np.bincount(present, minlength=len(units.record))
    of_unit = np.bincount(np.unique(shared) // width, minlength=len(units))
    return int((of_record < of_unit[units.record]).sum())


def _there(values: Texts) -> Mask:
    return np.asarray(values != None, dtype=bool)  # noqa: E711  (elementwise)
