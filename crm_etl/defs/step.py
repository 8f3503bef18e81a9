"""One step of a run: do the stage's work, measure it, turn faults into what Dagster shows people.

Every asset goes through :func:`materialize`; what differs between assets is the work and its description.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import dagster as dg

from crm_etl.defs import figures
from crm_etl.faults import Fault
from crm_etl.meter import Meter
from crm_etl.progress import LogProgress, Progress

if TYPE_CHECKING:
    Result = dg.MaterializeResult[Any]
else:  # Dagster takes an annotation with type arguments for several outputs.
    Result = dg.MaterializeResult

Outcome = TypeVar("Outcome")


def materialize(
    context: dg.AssetExecutionContext,
    work: Callable[[Progress], Outcome],
    describe: Callable[[Outcome], figures.Metadata],
    checks: Callable[[Outcome], Sequence[dg.AssetCheckResult]] = lambda _: (),
    value: Callable[[Outcome], Any] = lambda outcome: outcome,
) -> Result:
    """The result of ``work`` with its figures and its check results.

    ``value`` takes the bundle that rests in the state folder out of an outcome that holds more, such as reports.

    Raises:
        dagster.Failure: the work met a fault; says what is wrong, where, and what to do. Never retried, because
            the same input gives the same fault.
    """
    meter = Meter()
    try:
        with meter.stage(context.asset_key.to_user_string()):
            outcome = work(LogProgress(context.log.info))
    except Fault as fault:
        raise dg.Failure(
            description=str(fault), metadata={"fault": type(fault).__name__}, allow_retries=False
        ) from None
    measured = {name: meter.lines[0][name] for name in ("seconds", "peak_mb")}
    return dg.MaterializeResult(
        value=value(outcome), metadata={**describe(outcome), **measured}, check_results=checks(outcome)
    )
