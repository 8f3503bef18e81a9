"""One walk through the stages of a migration: results rested in the state folder, report files written, a summary.

Every result lies under the key that the Dagster asset of the same stage has, so that both ways leave the same
traces. A summary is a plain dictionary of counts and references, fit for a terminal, for ``--json`` and for logs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from connectors.sqlsession import one_snapshot
from crm_etl import match, pipeline, schema
from crm_etl.extract import Layout
from crm_etl.extract.contract import unchanged
from crm_etl.faults import RowsRefused, StateFault
from crm_etl.last_run import dropped_blocks
from crm_etl.load import registry
from crm_etl.load.apply import Batch
from crm_etl.load.plan import Plan
from crm_etl.match import Clustered, Scored, evaluate, incremental
from crm_etl.match.members import counts
from crm_etl.match.relations import Related
from crm_etl.match.unheeded import REFUSED, WAITING
from crm_etl.meter import Meter
from crm_etl.migration import Migration, Source
from crm_etl.pipeline import Clients, Party, Raw
from crm_etl.progress import NullProgress, Progress
from crm_etl.reconcile import Reconciled
from crm_etl.reconcile.ledger import closes, require_closed
from crm_etl.report import doubtful, files, repairs
from crm_etl.report.exports import records
from crm_etl.storage import State, write_frame
from crm_etl.truth import read_truth

Bundle = TypeVar("Bundle")
Summary = dict[str, Any]
TRUTH = "truth.csv"
CLUSTERS = "clusters.parquet"
RELATIONS = "relations.parquet"


@dataclass(frozen=True)
class Rehearsal:
    """All that a dry run found."""

    raws: dict[str, Raw]
    by_source: dict[str, Party]
    clustered: Clustered
    database: Clients
    plan: Plan
    ledger: pd.DataFrame
    refused: pd.DataFrame
    parties: pd.DataFrame

    @property
    def matches(self) -> pd.DataFrame:
        return self.clustered.matches

    @property
    def members(self) -> pd.DataFrame:
        return self.clustered.members

    @property
    def unheeded(self) -> pd.DataFrame:
        return self.clustered.unheeded


#: What later deliveries are held against, and what the last reading found: see State.remember.
HELD, SEEN = "held", "seen"


def delivered(migration: Migration, source: Source, progress: Progress) -> Raw:
    """One source read and held against what it looked like when it was last loaded, or first read.

    Raises:
        SourceFault: it cannot be read, or is not what it was: see :mod:`crm_etl.extract.contract`.
    """
    state = State.of(migration)
    held, seen = (known_layout(state, source, as_) for as_ in (HELD, SEEN))
    raw = pipeline.raw(migration, source, progress, held)
    layout: dict[str, Any] = raw.facts["layout"]
    raw.facts["unchanged"] = unchanged(seen, Layout.of_document(layout))
    state.remember(source.name, SEEN, layout)
    if held is None:
        state.remember(source.name, HELD, layout)
    return raw


def accept(migration: Migration, source: Source, progress: Progress) -> Layout:
    """What ``source`` looks like now; later deliveries are held against it."""
    layout: dict[str, Any] = pipeline.raw(migration, source, progress).facts["layout"]
    State.of(migration).remember(source.name, HELD, layout)
    return Layout.of_document(layout)


def known_layout(state: State, source: Source, as_: str) -> Layout | None:
    """What ``source`` looked like, :data:`HELD` or :data:`SEEN`; None before a first reading."""
    known = state.remembered(source.name, as_)
    return None if known is None else Layout.of_document(known)


def load(migration: Migration, plan: Plan, progress: Progress) -> Batch:
    """The plan applied. The deliveries that it was made from are what later ones are held against.

    Raises:
        RowsRefused: constraints of the target forbid rows; a report file names them.
        PlanFault: the plan is stale, or its checks failed.
    """
    state = State.of(migration)
    try:
        batch = pipeline.load(migration, plan, progress)
    except RowsRefused as fault:
        files.write_refused(fault.rows, state.reports)
        raise
    files.remove_refused(state.reports)
    for name, layout in plan.layouts.items():
        state.remember(name, HELD, layout)
    return batch


@dataclass
class Run:
    """Walks the stages for ``migration``, resting each result in ``state``.

    ``incremental``: records that are as they were in the last run are not compared again, and its model stays.
    """

    migration: Migration
    state: State
    progress: Progress = field(default_factory=NullProgress)
    meter: Meter = field(default_factory=Meter)
    incremental: bool = False

    def rehearse(self) -> Summary:
        """A dry run: every stage up to the plan, and its reports. Nothing is written outside the state folder."""
        with self.state.alone():
            return self.report(self._dry())

    def migrate(self) -> Summary:
        """The whole migration: a dry run, its plan applied in one transaction, the reconciliation.

        Raises:
            ChecksFailed: critical checks failed; the reports of the dry run are written nevertheless.
            LedgerFault: rows would be lost; likewise.
            RowsRefused: constraints of the target forbid rows; a report file names them.
            StateFault: another run is at work on this migration.
        """
        with self.state.alone():
            return self._migrate()

    def _migrate(self) -> Summary:
        rehearsal = self._dry()
        summary = self.report(rehearsal)
        require_closed(rehearsal.ledger)
        batch = self._stage("load/batch", partial(load, self.migration, rehearsal.plan, self.progress))
        reconciled = self._compare(rehearsal.raws, rehearsal.by_source)
        summary["reports"] |= self._reconciliation_files(reconciled)
        return summary | {
            "batch": _batch(batch),
            "reconciliation": _verdict(reconciled),
            "stages": self.meter.lines,
        }

    def reconcile(self) -> Summary:
        """Sources and target read afresh and compared; writes the reports only."""
        with self.state.alone():
            return self._reconcile()

    def _reconcile(self) -> Summary:
        raws, by_source = self.deliver(rests=False)
        reconciled = self._compare(raws, by_source)
        return {
            **_verdict(reconciled),
            "ledger": reconciled.ledger.to_dict("records"),
            "reports": self._reconciliation_files(reconciled),
            "stages": self.meter.lines,
        }

    def deliver(self, *, rests: bool = True) -> tuple[dict[str, Raw], dict[str, Party]]:
        """All sources read and normalized, the tables of one database from one snapshot of it.

        Of the raw rows only those of related sources stay in memory. ``rests``: whether they take the place of the
        last run's in the state folder; who only looks leaves those beside what was made of them.
        """
        with one_snapshot():
            return self._deliver(rests)

    def _deliver(self, rests: bool) -> tuple[dict[str, Raw], dict[str, Party]]:
        raws: dict[str, Raw] = {}
        by_source: dict[str, Party] = {}
        for source in self.migration.sources:
            work = partial(delivered, self.migration, source, self.progress)
            raw = self._stage(f"raw/{source.name}", work, rests=rests)
            by_source[source.name] = self._stage(
                f"party/{source.name}", partial(pipeline.party, self.migration, source, raw, self.progress), rests=rests
            )
            raws[source.name] = replace(raw, rows=raw.rows.iloc[:0]) if source.entity == "client" else raw
        return raws, by_source

    def _dry(self) -> Rehearsal:
        raws, by_source = self.deliver()
        migration = self.migration
        people = pipeline.parties(migration, by_source)
        target = registry.read_target(migration.target.url, migration.root)
        crosswalk = target.crosswalk[schema.CROSSWALK.names]
        clustered = self._link(people, crosswalk)
        write_frame(clustered.members[schema.CROSSWALK.names], self.state.root / CLUSTERS)
        database = self._stage("client/database", partial(pipeline.clients, migration, by_source, clustered, raws))
        checks = pipeline.all_checks(migration, raws, by_source, database)
        work = partial(pipeline.plan, migration, raws, clustered, database, checks, people, target)
        plan = self._stage("load/plan", work)
        balance, refused = pipeline.rehearsed_ledger(migration, raws, by_source, clustered, database, plan, target)
        return Rehearsal(raws, by_source, clustered, database, plan, balance, refused, people)

    def _link(self, people: pd.DataFrame, crosswalk: pd.DataFrame) -> Clustered:
        """The four stages of the matching; the records are encoded once for all of them."""
        migration, progress = self.migration, self.progress
        encoded = match.Parties(people)
        self._stage("match/pairs", partial(pipeline.pairs, migration, encoded, progress))
        last = last_scores(self.state) if self.incremental else None
        scored = self._stage("match/scores", partial(pipeline.scores, migration, encoded, progress, last))
        clustered = self._stage("match/clusters", partial(pipeline.clusters, migration, encoded, scored, crosswalk))
        related = self._stage("match/relations", partial(pipeline.relations, encoded, clustered))
        write_frame(related.relations, self.state.root / RELATIONS)
        return clustered

    def report(self, rehearsal: Rehearsal) -> Summary:
        """The summary of a dry run, its report files written."""
        with self.meter.stage("report"), self.progress.task("report"):
            weak = files.weak_places(self.migration, rehearsal.members)
            summary = _counts(self.migration, rehearsal, weak)
            summary["dropped"] = dropped_blocks(self.state)
            summary["evaluation"] = self._evaluation(rehearsal.clustered)
            summary["reports"] = self._plan_files(rehearsal, weak, summary)
        return summary | {"stages": self.meter.lines}

    def _evaluation(self, clustered: Clustered) -> Summary | None:
        path = self.migration.root / TRUTH
        if not path.exists():
            return None
        return evaluate.evaluate(clustered.members, read_truth(path))

    def _compare(self, raws: dict[str, Raw], by_source: dict[str, Party]) -> Reconciled:
        work = partial(pipeline.reconcile, self.migration, raws, by_source, last_members(self.state))
        return self._stage("reconcile/report", work)

    def _plan_files(self, rehearsal: Rehearsal, weak: pd.DataFrame, summary: Summary) -> dict[str, str]:
        written = files.write_rehearsal(self.migration, rehearsal, weak, summary, self.state)
        if self.state.has("match/scores"):
            scored = self.state.read("match/scores", Scored)
            written |= files.write_model(self.migration, scored, self.state.reports)
        if self.state.has("match/relations"):
            related = self.state.read("match/relations", Related).relations
            members, people = rehearsal.clustered.members, rehearsal.parties
            written |= files.write_relations(self.migration, related, members, people, self.state.reports)
        return _texts(written)

    def _reconciliation_files(self, reconciled: Reconciled) -> dict[str, str]:
        return _texts(files.write_reconciliation(self.migration, reconciled, self.state))

    def _stage(self, key: str, work: Callable[[], Bundle], *, rests: bool = True) -> Bundle:
        with self.meter.stage(key), self.progress.task(key):
            bundle = work()
            if rests:
                self.state.write(key, bundle, pipeline.made_of(self.migration).get(key, ()))
        return bundle


@dataclass(frozen=True)
class _Members:
    """Of a clustering only who is with whom."""

    members: pd.DataFrame


def last_members(state: State) -> pd.DataFrame:
    """schema.MEMBERS of the last clustering; empty where there was none."""
    if not state.has("match/clusters"):
        return schema.MEMBERS.empty()
    return state.read("match/clusters", _Members).members


def last_scores(state: State) -> Scored | None:
    """What the last scoring left; None where there was none that this version of the program can go on from."""
    try:
        last = state.read("match/scores", Scored)
    except StateFault:
        return None
    return last if incremental.can_follow(last) else None


def _counts(migration: Migration, rehearsal: Rehearsal, weak: pd.DataFrame) -> Summary:
    ids = rehearsal.database.client["client_id"]
    clients, members = len(ids), rehearsal.clustered.members
    members = members[members["client_id"].isin(ids)]
    balance = rehearsal.ledger
    facts = rehearsal.plan.facts
    return {
        "migration": migration.name,
        "sources": [_source_line(line) for line in balance.to_dict("records")],
        "records": len(members),
        "clients": clients,
        "merges": len(members) - clients,
        "review": int((rehearsal.clustered.matches["verdict"] == "review").sum()),
        "contradicted": int((doubtful.to_decide(rehearsal.matches)["verdict"] == "forbidden").sum()),
        "events": {name: int((rehearsal.plan.events["event"] == name).sum()) for name in ("merge", "split")},
        "flagged": counts(weak),
        "decisions": _decisions(migration, rehearsal.clustered.unheeded),
        "quarantined": int(balance["quarantined"].sum()),
        "warnings": {name: raw.facts["warnings"] for name, raw in rehearsal.raws.items() if raw.facts["warnings"]},
        "unchanged": [name for name, raw in rehearsal.raws.items() if raw.facts["unchanged"]],
        "unmapped": _unmapped(migration, rehearsal.refused),
        "characters": {
            name: raw.facts["characters"] for name, raw in rehearsal.raws.items() if raw.facts["characters"]
        },
        "notes": {name: part.facts["notes"] for name, part in rehearsal.by_source.items() if part.facts["notes"]},
        "corrected": sum(int(raw.facts["corrected"]) for raw in rehearsal.raws.values()),
        "stale_corrections": sum(int(raw.facts["stale_corrections"]) for raw in rehearsal.raws.values()),
        "ledger": {
            "closed": closes(balance),
            "read": int(balance["read"].sum()),
            "difference": int(balance["difference"].abs().sum()),
        },
        "plan": {
            "id": facts["plan_id"],
            "blocked": facts["blocked"],
            "failed_checks": facts["failed_checks"],
            "counts": facts["counts"],
            "reasons": facts["reasons"],
            "samples": facts["samples"],
        },
    }


def _decisions(migration: Migration, unheeded: pd.DataFrame) -> Summary:
    """What people decided and was not obeyed; records by reference."""
    listed = [
        {
            "line": row["line"],
            "left": f"{row['left_source']}:{row['left_key']}",
            "right": f"{row['right_source']}:{row['right_key']}",
            **{name: row[name] for name in ("verdict", "state", "reason")},
        }
        for row in records(unheeded)
    ]
    counts = {state: sum(line["state"] == state for line in listed) for state in (REFUSED, WAITING)}
    return {"file": migration.matching.decisions, **counts, "unheeded": listed}


def _unmapped(migration: Migration, refused: pd.DataFrame) -> list[Summary]:
    """How many values the mapping lacks, and the rows that wait for them; the values stand in the report file."""
    found = repairs.unmapped(migration, refused).groupby(["source", "field"], sort=True)
    return [
        {"source": source, "field": field, "values": len(values), "rows": int(values["rows"].sum())}
        for (source, field), values in found
    ]


def _source_line(line: dict[str, Any]) -> Summary:
    names = ("source", "read", "quarantined", "excluded", "awaiting")
    return {**{name: line[name] for name in names}, "accepted": line["loaded"] + line["merged"]}


def _batch(batch: Batch) -> Summary:
    return {"id": batch.batch_id, "plan_id": batch.plan_id, "applied_at": batch.applied_at}


def _verdict(reconciled: Reconciled) -> Summary:
    return {name: reconciled.facts[name] for name in ("ok", "closed", "explained", "unexplained")}


def _texts(paths: dict[str, Path]) -> dict[str, str]:
    return {name: str(path) for name, path in paths.items()}
