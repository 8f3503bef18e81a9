"""The gate between two stages: rows that break an expectation of severity ``row`` leave for the quarantine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.merge.refusals import refuse
from crm_etl.quality.run import Outcome, as_checks, run
from crm_etl.quality.suite import Suite
from crm_etl.quality.view import View

STAGE = "quality"


@dataclass(frozen=True)
class Gated:
    """Rows that passed, QUARANTINE rows of those that did not, and the CHECKS rows."""

    rows: pd.DataFrame
    refused: pd.DataFrame
    checks: pd.DataFrame


def gate(
    rows: pd.DataFrame, suite: Suite, table: str, raw: pd.DataFrame | None = None, today: date | None = None
) -> Gated:
    """Part ``rows`` (with ORIGIN columns) by the suite's row expectations, then check the rows that passed.

    A refused row stands once in ``refused``, with the first expectation that it broke as reason and field, and
    what all of them say as message; ``len(rows) == len(result.rows) + len(result.refused)``.

    Args:
        raw: extracted rows, for the original cells; looked up by (source, key).
        table, today: as for :func:`crm_etl.quality.check`.

    Raises:
        SuiteFault: as :func:`crm_etl.quality.check`.
    """
    chosen = suite.applying(table, map(str, rows.columns))
    day = today or date.today()
    of_rows = run(View(rows, day), chosen.of_severity("row"))
    broken = _broken(of_rows)
    out = np.zeros(len(rows), dtype=bool)
    out[list(broken)] = True
    passed = rows[~out].reset_index(drop=True)
    of_frame = run(View(passed, day), chosen.of_severity("critical", "warn"))
    found = {one.expectation.name: one for one in (*of_rows, *of_frame)}
    outcomes = [found[one.name] for one in chosen.expectations if one.name in found]
    return Gated(passed, _refused(rows[out], sorted(broken.items()), raw), as_checks(outcomes, suite, table))


def _broken(outcomes: list[Outcome]) -> dict[int, list[Outcome]]:
    broken: dict[int, list[Outcome]] = {}
    for outcome in outcomes:
        for row in outcome.rows:
            broken.setdefault(row, []).append(outcome)
    return broken


def _refused(rows: pd.DataFrame, broken: list[tuple[int, list[Outcome]]], raw: pd.DataFrame | None) -> pd.DataFrame:
    if rows.empty:
        return schema.QUARANTINE.empty()
    first = [outcomes[0].expectation for _, outcomes in broken]

    def told(texts: list[str]) -> pd.Series:
        return pd.Series(texts, index=rows.index, dtype=object)

    return refuse(
        rows,
        raw,
        stage=STAGE,
        field=told([", ".join(one.columns) for one in first]),
        reason=told([one.type for one in first]),
        message=told(["; ".join(one.expectation.message for one in outcomes) for _, outcomes in broken]),
    )
