"""Records are found where they stand now, by source and key together."""

from __future__ import annotations

import pandas as pd

from crm_etl.match.encode import Parties
from crm_etl.match.references import locate
from tests.match.factories import parties, person


def test_a_record_is_found_by_source_and_key_together() -> None:
    here = Parties(parties(person("2", source="shop"), person("1", source="shop"), person("1", source="crm")))
    source = pd.Series(["shop", "crm", "crm", "shop"], dtype="string[pyarrow]")
    key = pd.Series(["1", "2", "1", "2"], dtype="string[pyarrow]")
    assert locate(here, source, key).tolist() == [1, -1, 0, 2]


def test_nobody_asked_for_is_nobody_found() -> None:
    here = Parties(parties(person("1")))
    assert locate(here, pd.Series([], dtype="string[pyarrow]"), pd.Series([], dtype="string[pyarrow]")).tolist() == []
    assert locate(Parties(parties()), ["crm"], ["1"]).tolist() == [-1]
