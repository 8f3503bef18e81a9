"""The stages joined in the order of the data: what the command line and Dagster both call.

Each function here is one stage: frames in, one bundle out, nothing read or written beside what its arguments
name. What a stage *does* lives in the rooms (``extract``, ``normalize``, ``match``, ...). Walking through all
stages of a migration, with the state folder and the report files, is :mod:`crm_etl.run`'s work.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pandas as pd

from crm_etl import match, schema
from crm_etl.extract import Layout, extract
from crm_etl.load import registry, reuse
from crm_etl.load.apply import Batch, apply
from crm_etl.load.plan import Plan, make_plan
from crm_etl.load.registry import TargetState
from crm_etl.match import Candidates, Clustered, Parties, Scored, decisions, incremental, model_file
from crm_etl.match.identity import fresh_id
from crm_etl.match.relations import Related, relate
from crm_etl.merge import Merged, merge, refuse
from crm_etl.migration import Migration, Source
from crm_etl.normalize import normalize
from crm_etl.progress import Progress
from crm_etl.quality import check, check_tables, gate, load_suite
from crm_etl.reconcile import Legacy, Reconciled, crm_of, planned, refused_rows
from crm_etl.reconcile import reconcile as compare_systems
from crm_etl.reconcile.ledger import ledger

#: The accepted client records; who goes through several stages at once encodes them once, for all of them.
People: TypeAlias = pd.DataFrame | Parties


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
class Clients(Merged):
    """The single client database before it is loaded, with what the checks found. Asset ``client/database``."""

    checks: pd.DataFrame


def raw(migration: Migration, source: Source, progress: Progress, last: Layout | None = None) -> Raw:
    """Read one source and check it as delivered. ``last``: what it looked like at the last run."""
    delivered = extract(source, migration.root, progress, last)
    gated = gate(delivered.rows, load_suite("raw", migration.root), f"raw/{source.name}", delivered.rows)
    refused = stack([delivered.refused, gated.refused], schema.QUARANTINE)
    return Raw(gated.rows, refused, delivered.excluded, gated.checks, delivered.facts)


def party(migration: Migration, source: Source, delivered: Raw, progress: Progress) -> Party:
    """Bring one source's rows into canonical form and quarantine those that break row expectations."""
    normalized = normalize(delivered.rows, source, progress)
    if len(delivered.rows) == 0:  # a workbook in which nothing has been entered yet: nothing to check
        return Party(normalized.rows, normalized.refused, schema.CHECKS.empty(), normalized.facts)
    suite = load_suite("party" if source.entity == "client" else "related", migration.root)
    gated = gate(normalized.rows, suite, f"party/{source.name}", delivered.rows)
    rows, others = _same_clients(migration, source, gated.rows, delivered.rows)
    refused = stack([normalized.refused, gated.refused, others], schema.QUARANTINE)
    return Party(rows, refused, gated.checks, normalized.facts)


def _same_clients(
    migration: Migration, source: Source, rows: pd.DataFrame, delivered: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The records whose keys lead to the clients that they led to at the last load, and the others, quarantined."""
    if source.entity != "client":
        return rows, schema.QUARANTINE.empty()
    known = registry.held(migration.target.url, migration.root, source.name, rows)
    out = reuse.reused(rows, known) & ~rows["key"].isin(source.renamed).to_numpy(dtype=bool)
    if not out.any():
        return rows, schema.QUARANTINE.empty()
    field = "|".join(source.key_columns)
    refused = refuse(rows[out], delivered, stage=reuse.STAGE, field=field, reason=reuse.REASON, message=reuse.MESSAGE)
    return rows[~out].reset_index(drop=True), refused


def made_of(migration: Migration) -> dict[str, list[str]]:
    """Results that are read beside those which they were made of, and these: replaced alone, they no longer fit."""
    return {
        "match/clusters": [
            *(f"party/{source.name}" for source in migration.client_sources),
            *("match/pairs", "match/scores"),
        ],
        "client/database": ["match/clusters"],
    }


def parties(migration: Migration, by_source: Mapping[str, Party]) -> pd.DataFrame:
    """The accepted client records of all sources, in the migration file's order: what the matching works on."""
    return stack([by_source[source.name].rows for source in migration.client_sources], schema.PARTY)


def pairs(migration: Migration, people: People, progress: Progress) -> Candidates:
    """Which pairs of records are worth comparing, in figures."""
    return match.candidates(_encoded(people), migration.matching, progress)


def scores(migration: Migration, people: People, progress: Progress, last: Scored | None = None) -> Scored:
    """The pairs in play with comparison levels, match weights and the model that gave them.

    ``last``: what the last run found; only what changed since is compared, and the model stays. None compares
    everything.

    Raises:
        Fault: the decisions or the model file cannot be read.
        StateFault: ``last`` is of another version of the program.
    """
    encoded, matching = _encoded(people), migration.matching
    model = model_file.read(migration.root, matching.model)
    if last is None:
        scored = match.score(encoded, matching, progress, decisions=_judged(migration), model=model)
    else:
        scored = incremental.rescore(encoded, matching, last, progress, model=model)
    return incremental.remember(encoded, matching, scored)


def clusters(migration: Migration, people: People, scored: Scored, crosswalk: pd.DataFrame) -> Clustered:
    """Which records are one client; ids are inherited through ``crosswalk``."""
    return match.cluster(_encoded(people), scored, migration.matching, _judged(migration), crosswalk)


def relations(people: People, clustered: Clustered) -> Related:
    """What clients are to one another without being one: household, works at, branch of."""
    return relate(_encoded(people), clustered.members)


def _encoded(people: People) -> Parties:
    return people if isinstance(people, Parties) else Parties(people)


def _judged(migration: Migration) -> pd.DataFrame:
    return decisions.read(migration.root / migration.matching.decisions)


def clients(
    migration: Migration, by_source: Mapping[str, Party], clustered: Clustered, raws: Mapping[str, Raw]
) -> Clients:
    """The single client database with lineage, checked. ``raws``: for the original cells of rows refused here."""
    merged = _merged(migration, by_source, parties(migration, by_source), clustered.members, raws)
    client = check(merged.client, load_suite("client", migration.root), "client/database")
    tables = check_tables(merged.tables, load_suite("target", migration.root))
    fields = {field.name: getattr(merged, field.name) for field in dataclasses.fields(merged)}
    return Clients(**fields, checks=stack([client, tables], schema.CHECKS))


def _merged(
    migration: Migration,
    by_source: Mapping[str, Party],
    people: pd.DataFrame,
    members: pd.DataFrame,
    raws: Mapping[str, Raw],
) -> Merged:
    related = {source.name: by_source[source.name].rows for source in migration.related_sources}
    lost = [part.refused for name in _client_names(migration) for part in (raws[name], by_source[name])]
    cells = {name: part.rows for name, part in raws.items()}
    return merge(people, members, related, migration, stack(lost, schema.QUARANTINE), cells)


def _client_names(migration: Migration) -> list[str]:
    return [source.name for source in migration.client_sources]


def all_checks(
    migration: Migration, raws: Mapping[str, Raw], by_source: Mapping[str, Party], database: Clients
) -> pd.DataFrame:
    """Every check result that a plan must carry: what failed critically forbids its application."""
    frames = [*(part.checks for part in raws.values()), *(part.checks for part in by_source.values())]
    shares = [_quarantined_share(source, raws[source.name], by_source[source.name]) for source in migration.sources]
    once = [_delivered_once(source, raws) for source in migration.sources]
    return stack([*frames, database.checks, schema.CHECKS.build([*shares, *once])], schema.CHECKS)


def _delivered_once(source: Source, raws: Mapping[str, Raw]) -> dict[str, Any]:
    """One file under two names, in two sources, would count its clients twice. Sheets of one workbook are no copies."""
    mine = _files(raws[source.name])
    copies = sorted(
        f"{file} ({other})"
        for other, part in raws.items()
        for digest, file in _files(part).items()
        if other != source.name and digest in mine and file != mine[digest]
    )
    return {
        "suite": "raw",
        "table": f"raw/{source.name}",
        "check": "delivered_once",
        "severity": "critical",
        "success": not copies,
        "failed": len(copies),
        "total": len(mine),
        "message": f"no other source has a file of the same content{': ' + ', '.join(copies) if copies else ''}",
    }


def _files(delivered: Raw) -> dict[str, str]:
    """Hash of each file of a delivery -> its name."""
    return {str(file["sha256"]): str(file["file"]) for file in delivered.facts["files"] if file["sha256"]}


def _quarantined_share(source: Source, delivered: Raw, read: Party) -> dict[str, Any]:
    """A wrong format or mapping refuses rows by the hundred, each for a good reason: together they are one fault."""
    refused, total = len(delivered.refused) + len(read.refused), int(delivered.facts["read"])
    limit = source.volume.quarantined
    return {
        "suite": "party",
        "table": f"party/{source.name}",
        "check": "quarantined_share",
        "severity": "critical",
        "success": refused <= limit * total,
        "failed": refused,
        "total": total,
        "message": f"at most {limit:.0%} of the rows are in quarantine; more means that the mapping does not fit "
        f"(volume.quarantined sets the limit){_commonest([delivered.refused, read.refused])}",
    }


def _commonest(refused: list[pd.DataFrame]) -> str:
    """The reasons that most rows were refused for."""
    counts = pd.concat([frame["reason"] for frame in refused]).value_counts()
    listed = ", ".join(f"{reason} {count}" for reason, count in counts.head(3).items())
    return f"; most often: {listed}" if listed else ""


def plan(
    migration: Migration,
    raws: Mapping[str, Raw],
    clustered: Clustered,
    database: Clients,
    checks: pd.DataFrame,
    people: pd.DataFrame,
    target: TargetState | None = None,
) -> Plan:
    """What a load would do to ``target``, by default the target as it is now. Writes nothing.

    ``raws``: the deliveries that it is made from; later ones are held against them once it is loaded.
    """
    if target is None:
        target = registry.read_target(migration.target.url, migration.root)
    layouts = {name: part.facts["layout"] for name, part in raws.items()}
    return make_plan(database, clustered, target, checks, parties=people, layouts=layouts)


def load(migration: Migration, frozen: Plan, progress: Progress) -> Batch:
    """Do what the plan says, in one transaction.

    Raises:
        ChecksFailed: critical checks of the plan failed.
        PlanFault: the target changed since the plan was made.
    """
    return apply(frozen, migration.target.url, migration.root, progress)


def reconcile(
    migration: Migration,
    raws: Mapping[str, Raw],
    by_source: Mapping[str, Party],
    last: pd.DataFrame,
) -> Reconciled:
    """The sources as just delivered against the target as it is now. Matches nothing anew and writes nothing.

    What the target *should* hold is what the merge makes of the records whose client the target's own crosswalk
    names. Records that it does not name are not loaded, and the ledger shows them, unless the target could not
    take them: those are quarantined, as the plan said. ``last``: schema.MEMBERS of the last clustering, which
    groups such records; empty where there was none.
    """
    target = registry.read_target(migration.target.url, migration.root)
    people = parties(migration, by_source)
    members = _standing_members(people, target.crosswalk, last)
    merged = _merged(migration, by_source, people, members, raws)
    changes = make_plan(merged, _Standing(members), target, schema.CHECKS.empty(), parties=people).changes
    held = {name: target.table(name) for name in schema.CLIENT_TABLES}
    related = {source.name: by_source[source.name].rows for source in migration.related_sources}
    cells = {name: part.rows for name, part in raws.items()}
    kept_out = refused_rows(changes, members, merged.tables, held, people, related, cells)
    legacy = legacy_side(migration, raws, by_source, people, [merged.refused, kept_out])
    crm = crm_of(target, merged.lineage, merged.tables)
    return compare_systems(
        legacy,
        crm,
        migration.reconciliation,
        migration.root,
        migration.target.url,
        target=target.facts["fingerprint"],
    )


@dataclass(frozen=True)
class _Standing:
    """The target's own grouping of records, in the form that a plan takes: nothing happens to it."""

    members: pd.DataFrame
    events: pd.DataFrame = dataclasses.field(default_factory=schema.EVENTS.empty)


def _standing_members(people: pd.DataFrame, crosswalk: pd.DataFrame, last: pd.DataFrame) -> pd.DataFrame:
    """Every record's client: as the target says, else as last clustered, else one of its own."""
    rows = people[["source", "key"]]
    for grouping, name in ((crosswalk, "held"), (last, "last")):
        ids = grouping[schema.CROSSWALK.names].rename(columns={"client_id": name})
        rows = rows.merge(ids, on=["source", "key"], how="left")
    ids = rows["held"].fillna(rows["last"])
    taken = set(ids.dropna())
    alone = rows[ids.isna()]
    fresh = [fresh_id((str(row.source), str(row.key)), taken) for row in alone.itertuples()]
    ids = ids.fillna(pd.Series(fresh, index=alone.index, dtype=ids.dtype))
    return schema.MEMBERS.conform(rows[["source", "key"]].assign(client_id=ids))


def rehearsed_ledger(
    migration: Migration,
    raws: Mapping[str, Raw],
    by_source: Mapping[str, Party],
    clustered: Clustered,
    database: Clients,
    frozen: Plan,
    target: TargetState,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The ledger as it would stand after the plan, and all rows in quarantine, those that the plan refuses included."""
    people = parties(migration, by_source)
    held = {name: target.table(name) for name in schema.CLIENT_TABLES}
    related = {source.name: by_source[source.name].rows for source in migration.related_sources}
    cells = {name: part.rows for name, part in raws.items()}
    kept_out = refused_rows(frozen.changes, clustered.members, database.tables, held, people, related, cells)
    legacy = legacy_side(migration, raws, by_source, people, [database.refused, kept_out])
    after = planned(database.tables, clustered.members, frozen.changes, held, database.lineage)
    return ledger(legacy, after), legacy.refused


def legacy_side(
    migration: Migration,
    raws: Mapping[str, Raw],
    by_source: Mapping[str, Party],
    people: pd.DataFrame,
    later: Sequence[pd.DataFrame],
) -> Legacy:
    """What the sources delivered, as the reconciliation sees it. ``later``: rows that merge and plan refused."""
    refused = [part.refused for name in by_source for part in (raws[name], by_source[name])]
    return Legacy.of(
        migration,
        {name: int(part.facts["read"]) for name, part in raws.items()},
        stack([part.excluded for part in raws.values()], schema.EXCLUDED),
        stack([*refused, *later], schema.QUARANTINE),
        people,
        {source.name: by_source[source.name].rows for source in migration.related_sources},
        {name: part.facts.get("corrections", []) for name, part in raws.items()},
    )


def stack(frames: list[pd.DataFrame], table: schema.Table) -> pd.DataFrame:
    """The frames one below the other, conformed to ``table``; none of them gives no rows."""
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return table.empty()
    return table.conform(pd.concat(filled, ignore_index=True))
