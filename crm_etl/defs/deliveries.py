"""Assets ``raw/<source>`` and ``party/<source>``: one pair per source of the migration, made by factories."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import dagster as dg
import pandas as pd

from crm_etl import pipeline, run, schema
from crm_etl.defs import checks, columns, figures, keys
from crm_etl.defs.labels import Labels
from crm_etl.defs.step import Result, materialize
from crm_etl.migration import Migration, Source
from crm_etl.pipeline import Party, Raw
from crm_etl.quality import load_suite


@dataclass(frozen=True)
class Account:
    """A delivered source without its rows: what the books and the plan need of it."""

    refused: pd.DataFrame
    excluded: pd.DataFrame
    checks: pd.DataFrame
    facts: dict[str, Any]


_NO_ROWS = schema.Table("raw", schema.ORIGIN)


def inputs(migration: Migration) -> dict[str, dg.AssetIn]:
    """Inputs of an asset that merges: all sources in canonical form, and as delivered.

    Of client sources the delivered rows are not read: nobody needs them again, and they are the most.
    """
    return {
        **keys.raw_inputs(migration.client_sources, Account),
        **keys.raw_inputs(migration.related_sources, Raw),
        **keys.party_inputs(list(migration.sources), Party),
    }


def raws(given: Mapping[str, Raw | Account | Party]) -> dict[str, Raw]:
    """The delivered sources among the inputs, by name; of an account with no rows."""
    found = keys.by_source("raw", given)
    return {name: _as_raw(part) for name, part in found.items() if not isinstance(part, Party)}


def parties(given: Mapping[str, Raw | Account | Party]) -> dict[str, Party]:
    """The sources in canonical form among the inputs, by name."""
    found = keys.by_source("party", given)
    return {name: part for name, part in found.items() if isinstance(part, Party)}


def _as_raw(part: Raw | Account) -> Raw:
    if isinstance(part, Raw):
        return part
    return Raw(_NO_ROWS.empty(), part.refused, part.excluded, part.checks, part.facts)


def build(migration: Migration) -> list[dg.AssetsDefinition]:
    """The assets of all sources."""
    made = [_raw(migration, source) for source in migration.sources]
    return [*made, *(_party(migration, source) for source in migration.sources)]


def _raw(migration: Migration, source: Source) -> dg.AssetsDefinition:
    key, labels = keys.raw(source.name), Labels(migration)
    declared = checks.specs(load_suite("raw", migration.root).applying(keys.path(key)), key)

    @dg.asset(
        key=key,
        dagster_type=keys.typed(Raw),
        group_name="extract",
        description=f"{source.label} as delivered: every cell as text, with file and line of origin.",
        owners=labels.owners(source),
        kinds={labels.kind(source), "pandas", "greatexpectations"},
        metadata={"dagster/column_schema": columns.of_raw(source)},
        check_specs=declared,
    )
    def delivered(context: dg.AssetExecutionContext) -> Result:
        return materialize(context, partial(run.delivered, migration, source), _raw_figures, checks.answer(declared))

    return delivered


def _party(migration: Migration, source: Source) -> dg.AssetsDefinition:
    key, labels = keys.party(source.name), Labels(migration)
    suite = load_suite("party" if source.entity == "client" else "related", migration.root)
    declared = checks.specs(suite.applying(keys.path(key), schema.ENTITIES[source.entity].names), key)

    @dg.asset(
        key=key,
        dagster_type=keys.typed(Party),
        ins={"delivered": dg.AssetIn(key=keys.raw(source.name), dagster_type=keys.typed(Raw))},
        group_name="normalize",
        description=f"{source.label} in canonical form ({source.entity} records), the raw text beside it.",
        owners=labels.owners(source),
        kinds={"pandas", "greatexpectations"},
        metadata={"dagster/column_schema": columns.of_table(schema.ENTITIES[source.entity])},
        check_specs=declared,
    )
    def canonical(context: dg.AssetExecutionContext, delivered: Raw) -> Result:
        work = partial(pipeline.party, migration, source, delivered)
        nothing = len(delivered.rows) == 0
        answer = checks.nothing_to_check(declared) if nothing else checks.answer(declared)
        return materialize(context, work, _party_figures, answer)

    return canonical


def _raw_figures(bundle: Raw) -> figures.Metadata:
    warnings = {"warnings": list(bundle.facts["warnings"])} if bundle.facts["warnings"] else {}
    counted = {**figures.counts(bundle, "rows"), **figures.reasons(bundle.refused)}
    return {**counted, **figures.facts(bundle.facts), **warnings}


def _party_figures(bundle: Party) -> figures.Metadata:
    return {**figures.counts(bundle, "rows"), **figures.reasons(bundle.refused), **figures.facts(bundle.facts)}
