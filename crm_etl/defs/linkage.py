"""Assets ``match/...``: which records are the same client, and what clients are to one another."""

import dagster as dg
from pydantic import Field

from crm_etl import pipeline, schema
from crm_etl.defs import columns, figures, keys
from crm_etl.defs.labels import Labels
from crm_etl.defs.step import Result, materialize
from crm_etl.load import registry
from crm_etl.match import Candidates, Clustered, Scored
from crm_etl.match.relations import Related
from crm_etl.migration import Migration
from crm_etl.pipeline import Party
from crm_etl.progress import Progress
from crm_etl.report.files import write_relations
from crm_etl.run import CLUSTERS, RELATIONS, last_scores
from crm_etl.storage import State, write_frame


def build(migration: Migration) -> list[dg.AssetsDefinition]:
    """The four assets of the matching."""
    return [_pairs(migration), _scores(migration), _clusters(migration), _relations(migration)]


def _pairs(migration: Migration) -> dg.AssetsDefinition:
    @dg.asset(
        key=keys.PAIRS,
        dagster_type=keys.typed(Candidates),
        ins=keys.party_inputs(migration.client_sources, Party),
        group_name="match",
        description="Which pairs of records are worth comparing: blocking rules, their pairs, and what was dropped.",
        owners=Labels(migration).owners(),
        kinds={"pandas", "recordlinkage"},
        metadata={"dagster/column_schema": columns.of_table(schema.BLOCKING)},
    )
    def pairs(context: dg.AssetExecutionContext, **inputs: Party) -> Result:
        people = pipeline.parties(migration, keys.by_source("party", inputs))
        return materialize(
            context,
            lambda progress: pipeline.pairs(migration, people, progress),
            lambda bundle: {**figures.counts(bundle, "rules"), **figures.facts(bundle.facts)},
        )

    return pairs


class Rerun(dg.Config):
    """Settings of a run that follows another one."""

    incremental: bool = Field(False, description="compare only records that changed since the last run, by its model")


def _scores(migration: Migration) -> dg.AssetsDefinition:
    @dg.asset(
        key=keys.SCORES,
        dagster_type=keys.typed(Scored),
        deps=[keys.PAIRS],
        ins=keys.party_inputs(migration.client_sources, Party),
        group_name="match",
        description="The pairs compared field by field, with match weight and probability (Fellegi-Sunter, EM).",
        owners=Labels(migration).owners(),
        kinds={"pandas", "recordlinkage"},
    )
    def scores(context: dg.AssetExecutionContext, config: Rerun, **inputs: Party) -> Result:
        people = pipeline.parties(migration, keys.by_source("party", inputs))
        last = last_scores(State.of(migration)) if config.incremental else None
        return materialize(
            context,
            lambda progress: pipeline.scores(migration, people, progress, last),
            lambda bundle: {**figures.counts(bundle, "pairs"), **figures.facts(bundle.facts)},
        )

    return scores


def _clusters(migration: Migration) -> dg.AssetsDefinition:
    @dg.asset(
        key=keys.CLUSTERS,
        dagster_type=keys.typed(Clustered),
        ins={
            "scored": dg.AssetIn(key=keys.SCORES, dagster_type=keys.typed(Scored)),
            **keys.party_inputs(migration.client_sources, Party),
        },
        group_name="match",
        description="Which records are one client. Ids come from the target's registry where it knows the records.",
        owners=Labels(migration).owners(),
        kinds={"pandas"},
        metadata={"dagster/column_schema": columns.of_table(schema.MEMBERS)},
    )
    def clusters(context: dg.AssetExecutionContext, scored: Scored, **inputs: Party) -> Result:
        people = pipeline.parties(migration, keys.by_source("party", inputs))

        def describe(bundle: Clustered) -> figures.Metadata:
            clients = int(bundle.members["client_id"].nunique())
            return {**figures.counts(bundle, "members"), "clients": clients, **figures.facts(bundle.facts)}

        def work(_: Progress) -> Clustered:
            crosswalk = registry.crosswalk(migration.target.url, migration.root)
            clustered = pipeline.clusters(migration, people, scored, crosswalk)
            write_frame(clustered.members[schema.CROSSWALK.names], State.of(migration).root / CLUSTERS)
            return clustered

        return materialize(context, work, describe)

    return clusters


def _relations(migration: Migration) -> dg.AssetsDefinition:
    @dg.asset(
        key=keys.RELATIONS,
        dagster_type=keys.typed(Related),
        ins={
            "clustered": dg.AssetIn(key=keys.CLUSTERS, dagster_type=keys.typed(Clustered)),
            **keys.party_inputs(migration.client_sources, Party),
        },
        group_name="match",
        description="What clients are to one another without being one: same household, works at, branch of.",
        owners=Labels(migration).owners(),
        kinds={"pandas"},
        metadata={"dagster/column_schema": columns.of_table(schema.RELATIONS)},
    )
    def relations(context: dg.AssetExecutionContext, clustered: Clustered, **inputs: Party) -> Result:
        people = pipeline.parties(migration, keys.by_source("party", inputs))
        state = State.of(migration)

        def work(_: Progress) -> Related:
            related = pipeline.relations(people, clustered)
            write_frame(related.relations, state.root / RELATIONS)
            write_relations(migration, related.relations, clustered.members, people, state.reports)
            return related

        return materialize(
            context, work, lambda bundle: {**figures.counts(bundle, "relations"), **figures.facts(bundle.facts)}
        )

    return relations
