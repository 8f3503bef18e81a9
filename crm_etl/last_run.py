"""The last run's linkage as it rests in the state folder: its clusters, the settings that made them, their records.

Refuses what no longer fits together, and tells what has changed since. What is said of the run stands in
:mod:`crm_etl.assessment` and :mod:`crm_etl.explanation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from pydantic import ValidationError

from crm_etl import pipeline, schema
from crm_etl.faults import StateFault, Where
from crm_etl.match import decisions
from crm_etl.migration import Matching, Migration
from crm_etl.number import agreeing, counted
from crm_etl.storage import State

_CLUSTERS, _DATABASE = "match/clusters", "client/database"


@dataclass(frozen=True)
class _Clusters:
    members: pd.DataFrame
    matches: pd.DataFrame
    unheeded: pd.DataFrame
    facts: dict[str, Any]


@dataclass(frozen=True)
class _Accepted:
    rows: pd.DataFrame


@dataclass(frozen=True)
class _Lineage:
    lineage: pd.DataFrame


@dataclass(frozen=True)
class _Blocks:
    """Of a blocking only its figures."""

    facts: dict[str, Any]


@dataclass(frozen=True)
class LastRun:
    """schema.MEMBERS, schema.MATCHES and schema.UNHEEDED of the last clustering, the settings and the number of
    decisions it was made by."""

    state: State
    members: pd.DataFrame
    matches: pd.DataFrame
    unheeded: pd.DataFrame
    matching: Matching
    decisions: int

    @classmethod
    def of(cls, state: State) -> LastRun:
        """What the last run left in ``state``.

        Raises:
            StateFault: nothing has run yet, or another version of the program, or a run that broke off has left
                records that nothing was matched with.
        """
        clusters = state.read(_CLUSTERS, _Clusters)
        _require_fit(state, _CLUSTERS)
        try:
            matching = Matching.model_validate(clusters.facts["matching"])
            made_by = int(clusters.facts["decisions"])
            return cls(state, clusters.members, clusters.matches, clusters.unheeded, matching, made_by)
        except (KeyError, ValidationError):
            raise StateFault(
                "the last run was of another version of the program: its settings are not known",
                where=Where(str(state.root)),
                remedy="run it again: crm-etl dry-run",
            ) from None

    def rows(self, source: str) -> pd.DataFrame:
        """The accepted records of one source, schema.PARTY."""
        return self.state.read(f"party/{source}", _Accepted).rows

    def people(self) -> pd.DataFrame:
        """The accepted client records of all sources, schema.PARTY, in the order in which they were matched."""
        return pipeline.stack([self.rows(source) for source in self.members["source"].unique()], schema.PARTY)

    def lineage(self) -> pd.DataFrame:
        """Where the values of its clients come from, schema.LINEAGE.

        Raises:
            StateFault: the clients were not merged yet, or others were since.
        """
        lineage = self.state.read(_DATABASE, _Lineage).lineage
        _require_fit(self.state, _DATABASE)
        return lineage

    def remarks(self, migration: Migration) -> list[str]:
        """What has changed in the migration since, in sentences: the run knows nothing of it."""
        now, then = migration.matching, self.matching
        changed = [f"matching.{name}" for name in Matching.model_fields if getattr(now, name) != getattr(then, name)]
        more = len(decisions.read(migration.root / now.decisions)) - self.decisions
        told = []
        if changed:
            has = "has" if len(changed) == 1 else "have"
            told.append(f"{', '.join(changed)} {has} changed since the last run: this is by the settings of that run")
        if more > 0:
            told.append(
                f"{counted(more, 'decision')} made since the last run {agreeing(more, 'does', 'do')} not count yet"
            )
        elif more < 0:
            told.append(f"{counted(-more, 'decision')} that the last run obeyed {agreeing(-more, 'is', 'are')} gone")
        return [f"{line}; crm-etl dry-run takes this in" for line in told]


def _require_fit(state: State, key: str) -> None:
    replaced = state.replaced(key)
    if replaced:
        raise StateFault(
            f"{', '.join(replaced)} {agreeing(len(replaced), 'is', 'are')} newer than {key}: the last run did not come "
            "to its end, or is still at work",
            where=Where(str(state.root)),
            remedy="wait until it ends, or run: crm-etl dry-run",
        )


def dropped_blocks(state: State) -> dict[str, int]:
    """How many ``blocks`` the last blocking dropped, and the ``pairs`` in them; none where there was none."""
    facts = state.read("match/pairs", _Blocks).facts if state.has("match/pairs") else {}
    return {name: int(facts.get(f"dropped_{name}", 0)) for name in ("blocks", "pairs")}
