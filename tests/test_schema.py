"""Frames conform to their tables: columns, order, dtypes."""

import pandas as pd
import pytest

from crm_etl import schema


@pytest.mark.parametrize("table", [schema.PARTY, schema.MEMBERS, *schema.CLIENT_TABLES.values()])
def test_empty_frames_have_the_tables_columns(table: schema.Table) -> None:
    frame = table.empty()
    assert list(frame.columns) == table.names
    assert len(frame) == 0


def test_missing_columns_become_no_value() -> None:
    frame = schema.PARTY.build([{"source": "a", "key": "1", "phones": ["+1"]}, {"source": "a", "key": "2"}])
    assert frame["phones"].tolist() == [["+1"], []]
    assert frame["name"].isna().all()
    assert frame.dtypes["key"] == "string[pyarrow]"


def test_unknown_columns_are_an_error() -> None:
    with pytest.raises(ValueError, match="frob"):
        schema.LEDGER.conform(pd.DataFrame({"frob": [1]}))


def test_every_column_says_what_it_means() -> None:
    tables = [schema.PARTY, schema.QUARANTINE, schema.LINEAGE, *schema.CLIENT_TABLES.values()]
    assert all(column.doc for table in tables for column in table.columns)
