"""Records are found by what a report shows of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from crm_etl import schema
from crm_etl.explanation import decide
from crm_etl.faults import StateFault
from crm_etl.match import decisions
from crm_etl.neutral import neutral
from crm_etl.storage import State
from tests.intake.desk import Desk


@dataclass(frozen=True)
class Clusters:
    members: pd.DataFrame
    matches: pd.DataFrame


@pytest.mark.parametrize("key", ["a\u202eb", "x\u200f1", "=1", "'=1", "plain"])
def test_a_key_that_a_report_made_visible_names_its_record(tmp_path: Path, key: str) -> None:
    migration = Desk(tmp_path).migration
    records = [{"source": "shop", "key": one, "client_id": f"c{place}"} for place, one in enumerate((key, "2"))]
    State.of(migration).write("match/clusters", Clusters(schema.MEMBERS.build(records), schema.MATCHES.empty()))
    shown = neutral(f"shop:{key}")
    decide(migration, shown, "shop:2", "same", "", "eva")
    assert decisions.read(tmp_path / "decisions.csv")["left_key"].tolist() == [key]
    with pytest.raises(StateFault, match="no record"):
        decide(migration, shown + "x", "shop:2", "same", "", "eva")
