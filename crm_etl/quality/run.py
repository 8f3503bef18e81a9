"""Great Expectations at work: a suite and a frame in, rows of CHECKS out.

The context is ephemeral and keeps nothing on disk; analytics and progress bars are off. Values never leave:
of each result only whether it held, the counts and, for the gate, the positions of rows are taken.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from crm_etl import schema
from crm_etl.faults import SuiteFault, Where
from crm_etl.quality.suite import Expectation, Suite
from crm_etl.quality.view import View

_COUNTS: dict[str, Any] = {"result_format": "BASIC", "partial_unexpected_count": 0}
_ROWS: dict[str, Any] = {
    "result_format": "COMPLETE",
    "partial_unexpected_count": 0,
    "return_unexpected_index_query": False,
}


@dataclass(frozen=True)
class Outcome:
    """How one expectation fared. ``rows``: positions of the rows that broke it, for severity ``row``."""

    expectation: Expectation
    success: bool
    failed: int
    total: int
    rows: tuple[int, ...] = ()


def check(
    frame: pd.DataFrame,
    suite: Suite,
    table: str,
    tables: Mapping[str, pd.DataFrame] | None = None,
    today: date | None = None,
) -> pd.DataFrame:
    """Rows of CHECKS, one for each expectation of ``suite`` that is for this frame, in the suite's order.

    Args:
        table: what the frame is, e.g. ``party/shop``.
        tables: the tables that ``column@table`` refers to. Without them such expectations are left out; see
            :func:`check_tables`.
        today: the day for ``:days_ago``; by default the machine's.

    Raises:
        SuiteFault: an expectation names a column that is not there, or Great Expectations refuses it.
    """
    chosen = suite.applying(table, map(str, frame.columns))
    return as_checks(run(View(frame, today or date.today(), tables or {}), chosen), suite, table)


def check_tables(
    tables: Mapping[str, pd.DataFrame], suite: Suite, prefix: str = "client/", today: date | None = None
) -> pd.DataFrame:
    """:func:`check` on each of ``tables``, foreign keys among them included."""
    rows = [check(frame, suite, f"{prefix}{name}", tables, today) for name, frame in tables.items()]
    return pd.concat([schema.CHECKS.empty(), *rows], ignore_index=True)


def as_checks(outcomes: list[Outcome], suite: Suite, table: str) -> pd.DataFrame:
    return schema.CHECKS.build(
        {
            "suite": suite.name,
            "table": table,
            "check": one.expectation.name,
            "severity": one.expectation.severity,
            "success": one.success,
            "failed": one.failed,
            "total": one.total,
            "message": one.expectation.message,
        }
        for one in outcomes
    )


def run(view: View, suite: Suite) -> list[Outcome]:
    """The outcomes of ``suite`` on ``view``, in the suite's order."""
    expectations = [one for one in suite.expectations if view.tables or not one.relates]
    found: dict[str, Outcome] = {}
    for form, wanted in ((_ROWS, True), (_COUNTS, False)):
        part = [one for one in expectations if (one.severity == "row") is wanted]
        if part:
            found |= _validate(view, part, suite, form)
    return [found[one.name] for one in expectations]


def _validate(view: View, expectations: list[Expectation], suite: Suite, form: dict[str, Any]) -> dict[str, Outcome]:
    batch = _batch(_look(view, expectations, suite))
    gx_suite = _gx_suite(expectations, suite)
    results = batch.validate(gx_suite, result_format=form).results
    known = {one.name: one for one in expectations}
    return {
        one.name: _outcome(one, result, suite)
        for result in results
        for one in [known[result.expectation_config.meta["check"]]]
    }


def _look(view: View, expectations: list[Expectation], suite: Suite) -> pd.DataFrame:
    names: dict[str, None] = {}
    for one in expectations:
        for name in [*one.columns, *view.named_in(str(one.kwargs.get("row_condition", "")))]:
            if name not in names:
                _try_column(view, name, one, suite)
            names[name] = None
    return view.of(names)


def _try_column(view: View, name: str, one: Expectation, suite: Suite) -> None:
    try:
        View(view.frame.head(0), view.today, view.tables).column(name)
    except KeyError:
        raise SuiteFault(
            f"check {one.name}: the frame has no column '{name}'",
            where=Where(suite.file),
            remedy="mend the name, or say in meta.tables which tables the expectation is for",
        ) from None


def _batch(frame: pd.DataFrame) -> Any:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole").get_batch({"dataframe": frame})


def _gx_suite(expectations: list[Expectation], suite: Suite) -> Any:
    import great_expectations as gx

    built = gx.ExpectationSuite(name=suite.name)
    for one in expectations:
        entry = {"type": one.type, "kwargs": one.kwargs, "meta": {"check": one.name}}
        try:
            built.add_expectation(gx.ExpectationSuite(name=one.name, expectations=[entry]).expectations[0])
        except Exception as error:  # Great Expectations raises its own, pydantic's and plain ones alike
            raise SuiteFault(
                f"check {one.name}: Great Expectations does not know {one.type} with these kwargs "
                f"({type(error).__name__})",
                where=Where(suite.file),
                remedy="mend type and kwargs; its gallery lists them: https://greatexpectations.io/expectations",
            ) from None
    return built


def _outcome(one: Expectation, result: Any, suite: Suite) -> Outcome:
    if _raised(result.exception_info):
        raise SuiteFault(
            f"check {one.name}: {one.type} could not be computed on this frame",
            where=Where(suite.file),
            remedy="mend kwargs: the bounds must be of the column's type, the pattern a regular expression",
        )
    found = result.result
    if "unexpected_count" not in found:  # of the whole frame or column: there is one thing to look at
        return Outcome(one, bool(result.success), int(not result.success), 1)
    total = int(found["element_count"]) - int(found.get("missing_count") or 0)
    rows = tuple(sorted(int(row) for row in found.get("unexpected_index_list") or ()))
    return Outcome(one, bool(result.success), int(found["unexpected_count"]), total, rows)


def _raised(info: dict[str, Any]) -> bool:
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(part.get("raised_exception") for part in info.values())
