"""Asset ``client/database``: the single client database, before it is loaded."""

import dagster as dg

from crm_etl import pipeline, schema
from crm_etl.defs import checks, columns, deliveries, figures, keys
from crm_etl.defs.deliveries import Account
from crm_etl.defs.labels import Labels
from crm_etl.defs.step import Result, materialize
from crm_etl.match import Clustered
from crm_etl.migration import Migration
from crm_etl.pipeline import Clients, Party, Raw
from crm_etl.quality import load_suite


def build(migration: Migration) -> list[dg.AssetsDefinition]:
    """The asset of the client database."""
    of_clients = load_suite("client", migration.root).applying(keys.path(keys.DATABASE), schema.CLIENT.names)
    of_tables = checks.for_tables(load_suite("target", migration.root))
    declared = [*checks.specs(of_clients, keys.DATABASE), *checks.specs(of_tables, keys.DATABASE, "target_")]

    @dg.asset(
        key=keys.DATABASE,
        dagster_type=keys.typed(Clients),
        ins={
            "clustered": dg.AssetIn(key=keys.CLUSTERS, dagster_type=keys.typed(Clustered)),
            **deliveries.inputs(migration),
        },
        group_name="client",
        description=(
            "Current and prospective clients as one database, without duplicates: golden records with lineage "
            f"({', '.join(schema.CLIENT_TABLES)}). The columns shown are those of the table client."
        ),
        owners=Labels(migration).owners(),
        kinds={"pandas", "greatexpectations"},
        metadata={"dagster/column_schema": columns.of_table(schema.CLIENT)},
        check_specs=declared,
    )
    def database(context: dg.AssetExecutionContext, clustered: Clustered, **given: Raw | Account | Party) -> Result:
        by_source, raws = deliveries.parties(given), deliveries.raws(given)
        return materialize(
            context,
            lambda _: pipeline.clients(migration, by_source, clustered, raws),
            _figures,
            checks.answer(declared),
        )

    return [database]


def _figures(bundle: Clients) -> figures.Metadata:
    return {**figures.counts(bundle, "client"), **figures.reasons(bundle.refused), **figures.facts(bundle.facts)}
