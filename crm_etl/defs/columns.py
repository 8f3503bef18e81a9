"""The columns of assets for Dagster's catalogue, taken from :mod:`crm_etl.schema`; personal ones are tagged."""

from __future__ import annotations

import dagster as dg

from crm_etl import schema
from crm_etl.migration import Source

_TYPES: dict[schema.Kind, str] = {
    "text": "string",
    "list": "array<string>",
    "int": "integer",
    "float": "double",
    "bool": "boolean",
}


def of_table(table: schema.Table) -> dg.TableSchema:
    """The columns of a frame that :mod:`crm_etl.schema` describes."""
    return dg.TableSchema([_column(column) for column in table.columns])


def of_raw(source: Source) -> dg.TableSchema:
    """The columns of a delivered source: origin, then its own, all text. Any of those may be personal."""
    own = [
        schema.Column(f"{schema.RAW_PREFIX}{name}", "text", f"column '{name}' as delivered", personal=True)
        for name in dict.fromkeys([*source.used_columns, *source.ignore])
    ]
    return dg.TableSchema([_column(column) for column in (*schema.ORIGIN, *own)])


def _column(column: schema.Column) -> dg.TableColumn:
    tags = {"personal": ""} if column.personal else {}
    return dg.TableColumn(column.name, _TYPES[column.kind], column.doc, tags=tags)
