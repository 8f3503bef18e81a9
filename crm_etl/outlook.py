"""What blocking would do to a migration's records, before anything is compared; and rules for a budget of pairs.

Records are those of the last run; where there was none, or fresh ones are asked for, the sources are read and nothing
of them is kept. The last run's model says which pairs are matches; before a first run the declared beliefs do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crm_etl import assessment, pipeline
from crm_etl.faults import StateFault
from crm_etl.last_run import LastRun
from crm_etl.match import Parties, blocking, forecast, proposal, sampling
from crm_etl.match.model import KindModel, restore
from crm_etl.migration import Matching, Migration
from crm_etl.progress import Progress
from crm_etl.run import Run
from crm_etl.storage import State
from crm_etl.truth import read_truth

#: Pairs that a proposal is made from.
_SAMPLE = 400_000
#: No limit: a proposal sets its own.
_UNLIMITED = 1_000_000


@dataclass(frozen=True)
class _Model:
    model: dict[str, Any]


def look(
    migration: Migration,
    state: State,
    progress: Progress,
    *,
    rules: Sequence[str] = (),
    budget: int | None = None,
    propose: bool = False,
    fresh: bool = False,
) -> dict[str, Any]:
    """The figures of :func:`crm_etl.match.forecast.forecast`, or a proposal.

    ``records_of`` says whose records they are of: ``last_run`` or ``sources``.

    Args:
        rules: those to look at instead of ``matching.rules``, and to choose among instead of all.
        budget: pairs that may be compared; by default those that a run would keep to.
        propose: choose rules for the budget; adds ``proposal`` and ``settings`` for the migration file.
        fresh: read the sources although the last run's records are there.

    Raises:
        Fault: ``rules`` names an unknown rule.
    """
    last = None if fresh else _last_run(state)
    parties = Parties(_as_they_are(migration, state, progress) if last is None else last.people())
    matching = migration.matching.model_copy(update={"rules": tuple(rules)} if rules else {})
    models = _models(state)
    allowed = blocking.budget(parties.size, matching) if budget is None else budget
    path = migration.root / assessment.TRUTH
    entities = assessment.entities(parties, read_truth(path)) if path.exists() else None
    figures = forecast.forecast(parties, blocking.plan(parties, matching, progress), models, entities)
    figures |= {"budget": allowed, "within": figures["pairs"] <= allowed}
    figures |= {"records_of": "sources" if last is None else "last_run"}
    if propose:
        among = matching.model_copy(update={"rules": tuple(rules)})
        figures |= _proposal(parties, among, models, allowed, progress)
    return figures


def _last_run(state: State) -> LastRun | None:
    """The last run, if its records are still there."""
    try:
        return LastRun.of(state)
    except StateFault:
        return None


def _as_they_are(migration: Migration, state: State, progress: Progress) -> pd.DataFrame:
    """The accepted records that the sources hold now, schema.PARTY."""
    with state.alone():
        _, by_source = Run(migration, state, progress).deliver(rests=False)
    return pipeline.parties(migration, by_source)


def _models(state: State) -> Mapping[int, KindModel] | None:
    """The model of the last run; None where there is none, or one of another version."""
    if not state.has("match/scores"):
        return None
    try:
        return restore(state.read("match/scores", _Model).model)
    except StateFault:
        return None


def _proposal(
    parties: Parties, matching: Matching, models: Mapping[int, KindModel] | None, budget: int, progress: Progress
) -> dict[str, Any]:
    """Rules for ``budget``, chosen among all that are asked for, with blocks as large as any limit allows."""
    wide = matching.model_copy(update={"max_block": max(proposal.CAPS), "pairs_per_record": _UNLIMITED})
    blocks = blocking.plan(parties, wide, progress)
    sample = sampling.draw(blocks, _SAMPLE)
    found = proposal.propose(blocks, sample, sampling.likely(parties, sample, models), budget)
    return {"proposal": found, "settings": proposal.settings(found)}
