"""The stages joined in the order of the data: what the command line and Dagster both call.

Each function here is one stage: frames in, one bundle out, nothing read or written beside what its arguments
name. :class:`Run` walks them for a whole migration and rests each result in the state folder under the key that
the Dagster asset of the same stage has, so that both ways leave the same traces. What a stage *does* lives in
the rooms (``extract``, ``normalize``, ``match``, ...), not here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import pandas as pd

from crm_etl import match, schema
from crm_etl.extract import extract
from crm_etl.load import registry
from crm_etl.load.apply import Batch, apply
from crm_etl.load.plan import Plan, make_plan
from crm_etl.match import Candidates, Clustered, Scored, decisions
from crm_etl.merge import Merged, merge
from crm_etl.meter import Meter
from crm_etl.migration import Migration, Source
from crm_etl.normalize import normalize
from crm_etl.progress import NullProgress, Progress
from crm_etl.quality import check, gate, load_suite
from crm_etl.storage import State

Bundle = TypeVar("Bundle")


@dataclass(frozen=True)
class Raw:
    """A delivered source: every row as text, or refused, or excluded. Asset ``raw/<source>``."""

    rows: pd.DataFrame
    refused: pd.DataFrame
    excluded: pd.DataFrame
    checks: pd.DataFrame
    facts: dict[str, Any]


@dataclass(frozen=True)
class Party:
    """A source's accepted records in canonical form, and those refused on the way. Asset ``party/<source>``."""

    rows: pd.DataFrame
    refused: pd.DataFrame
    checks: pd.DataFrame
    facts: dict[str, Any]


@dataclass(frozen=True)
class Clients:
    """The single client database before it is loaded. Asset ``client/database``."""

    crm_user: pd.DataFrame
    client: pd.DataFrame
    client_name: pd.DataFrame
    client_phone: pd.DataFrame
    client_email: pd.DataFrame
    client_address: pd.DataFrame
    client_identifier: pd.DataFrame
    client_consent: pd.DataFrame
    interaction: pd.DataFrame
    client_transaction: pd.DataFrame
    opportunity: pd.DataFrame
    lineage: pd.DataFrame
    refused: pd.DataFrame
    checks: pd.DataFrame
    facts: dict[str, Any]


def raw(migration: Migration, source: Source, progress: Progress) -> Raw:
    """Read one source and check it as delivered."""
    delivered = extract(source, migration.root, progress)
    gated = gate(delivered.rows, load_suite("raw", migration.root), f"raw/{source.name}", delivered.rows)
    refused = _stack([delivered.refused, gated.refused], schema.QUARANTINE)
    return Raw(gated.rows, refused, delivered.excluded, gated.checks, delivered.facts)


def party(migration: Migration, source: Source, delivered: Raw, progress: Progress) -> Party:
    """Bring one source's rows into canonical form and quarantine those that break row expectations."""
    normalized = normalize(delivered.rows, source, progress)
    if source.entity != "client":
        return Party(normalized.rows, normalized.refused, schema.CHECKS.empty(), normalized.facts)
    gated = gate(normalized.rows, load_suite("party", migration.root), f"party/{source.name}", delivered.rows)
    refused = _stack([normalized.refused, gated.refused], schema.QUARANTINE)
    return Party(gated.rows, refused, gated.checks, normalized.facts)


def parties(migration: Migration, by_source: Mapping[str, Party]) -> pd.DataFrame:
    """The accepted client records of all sources, in the migration file's order: what the matching works on."""
    return _stack([by_source[source.name].rows for source in migration.client_sources], schema.PARTY)


def pairs(migration: Migration, people: pd.DataFrame, progress: Progress) -> Candidates:
    """Pairs of records worth comparing."""
    return match.candidate_pairs(people, migration.matching, progress)


def scores(migration: Migration, people: pd.DataFrame, candidates: Candidates, progress: Progress) -> Scored:
    """The pairs with comparison levels, match weights and the model that gave them."""
    return match.score(people, candidates, migration.matching, progress)


def clusters(migration: Migration, people: pd.DataFrame, scored: Scored, crosswalk: pd.DataFrame) -> Clustered:
    """Which records are one client; ids are inherited through ``crosswalk``."""
    judged = decisions.read(migration.root / migration.matching.decisions)
    return match.cluster(people, scored, migration.matching, judged, crosswalk)


def clients(migration: Migration, by_source: Mapping[str, Party], clustered: Clustered) -> Clients:
    """The single client database with lineage, checked."""
    related = {source.name: by_source[source.name].rows for source in migration.related_sources}
    refused = _stack([by_source[source.name].refused for source in migration.client_sources], schema.QUARANTINE)
    merged = merge(parties(migration, by_source), clustered.members, related, migration, refused)
    return Clients(**{name: getattr(merged, name) for name in _MERGED}, checks=_client_checks(migration, merged))


@dataclass(frozen=True)
class Rehearsal:
    """All that a dry run found."""

    raws: dict[str, Raw]
    by_source: dict[str, Party]
    clustered: Clustered
    database: Clients
    plan: Plan


_MERGED = [name for name in Clients.__dataclass_fields__ if name != "checks"]


def _client_checks(migration: Migration, merged: Merged) -> pd.DataFrame:
    checks = [check(merged.client, load_suite("client", migration.root), "client/database")]
    return _stack(checks, schema.CHECKS)


def all_checks(raws: Mapping[str, Raw], by_source: Mapping[str, Party], database: Clients) -> pd.DataFrame:
    """Every check result that a plan must carry: what failed critically forbids its application."""
    frames = [*(part.checks for part in raws.values()), *(part.checks for part in by_source.values())]
    return _stack([*frames, database.checks], schema.CHECKS)


def plan(
    migration: Migration, clustered: Clustered, database: Clients, checks: pd.DataFrame, people: pd.DataFrame
) -> Plan:
    """What a load would do to the target as it is now. Writes nothing."""
    target = registry.read_target(migration.target.url, migration.root)
    return make_plan(database, clustered, target, checks, people)


def load(migration: Migration, frozen: Plan, progress: Progress) -> Batch:
    """Do what the plan says, in one transaction.

    Raises:
        ChecksFailed: critical checks of the plan failed.
        PlanFault: the target changed since the plan was made.
    """
    return apply(frozen, migration.target.url, migration.root, progress)


def _stack(frames: list[pd.DataFrame], table: schema.Table) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return table.empty()
    return table.conform(pd.concat(filled, ignore_index=True))


@dataclass
class Run:
    """One walk through the stages of a migration, each result rested in the state folder."""

    migration: Migration
    state: State
    progress: Progress = field(default_factory=NullProgress)
    meter: Meter = field(default_factory=Meter)

    def deliver(self) -> tuple[dict[str, Raw], dict[str, Party]]:
        """Read and normalize all sources. Of the raw parts only what was refused or left out stays in memory."""
        raws: dict[str, Raw] = {}
        by_source: dict[str, Party] = {}
        for source in self.migration.sources:
            delivered = self._stage(f"raw/{source.name}", partial(raw, self.migration, source, self.progress))
            by_source[source.name] = self._stage(
                f"party/{source.name}", partial(party, self.migration, source, delivered, self.progress)
            )
            raws[source.name] = replace(delivered, rows=delivered.rows.iloc[:0])
        return raws, by_source

    def dry(self) -> Rehearsal:
        """All stages up to the plan: nothing is written outside the state folder."""
        raws, by_source = self.deliver()
        people = parties(self.migration, by_source)
        crosswalk = registry.crosswalk(self.migration.target.url, self.migration.root)
        candidates = self._stage("match/pairs", partial(pairs, self.migration, people, self.progress))
        scored = self._stage("match/scores", partial(scores, self.migration, people, candidates, self.progress))
        clustered = self._stage("match/clusters", partial(clusters, self.migration, people, scored, crosswalk))
        database = self._stage("client/database", partial(clients, self.migration, by_source, clustered))
        checks = all_checks(raws, by_source, database)
        frozen = self._stage("load/plan", partial(plan, self.migration, clustered, database, checks, people))
        return Rehearsal(raws, by_source, clustered, database, frozen)

    def _stage(self, key: str, work: Callable[[], Bundle]) -> Bundle:
        with self.meter.stage(key), self.progress.task(key):
            bundle = work()
            self.state.write(key, bundle)
        return bundle
