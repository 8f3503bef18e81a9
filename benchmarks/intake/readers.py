"""One reading in a process of its own: ``python -m benchmarks.intake.readers READER WHAT``; says how many rows it got.

Ours read in batches, each let go when the next comes (``stream``), or all of a source into the frame that the next
stage takes (``frame``). The peers are the calls of pandas that give every cell as text.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_SHEET = "clients"


def _connector(what: str) -> Any:
    from connectors.registry import connect

    if "://" in what:
        url, _, table = what.rpartition("#")
        return connect("sql", Path(), ("id",), url=url, table=table)
    path = Path(what)
    if path.suffix == ".csv":
        return connect("csv", path.parent, ("id",), path=path.name, encoding="utf-8")
    return connect("excel", path.parent, ("id",), path=path.name, sheet=_SHEET)


def stream(what: str) -> int:
    """Rows of our connector, a batch at a time."""
    return sum(batch.size for batch in _connector(what).batches())


def frame(what: str) -> int:
    """Rows of our connector, all of them in one frame of text."""
    from crm_etl.extract.frame import RawFrame

    connector = _connector(what)
    raw = RawFrame(connector.columns)
    for batch in connector.batches():
        raw.add(batch)
    return len(raw.cells())


def pandas_csv(what: str) -> int:
    import pandas as pd

    return len(pd.read_csv(what, dtype=str, keep_default_na=False))


def pandas_csv_pyarrow(what: str) -> int:
    import pandas as pd

    return len(pd.read_csv(what, dtype="string[pyarrow]", keep_default_na=False, engine="pyarrow"))


def pandas_openpyxl(what: str) -> int:
    import pandas as pd

    return len(pd.read_excel(what, sheet_name=_SHEET, dtype=str, engine="openpyxl"))


def pandas_calamine(what: str) -> int:
    import pandas as pd

    return len(pd.read_excel(what, sheet_name=_SHEET, dtype=str, engine="calamine"))


def pandas_sql(what: str) -> int:
    import pandas as pd
    from sqlalchemy import create_engine

    url, _, table = what.rpartition("#")
    with create_engine(url).connect() as connection:
        return len(pd.read_sql(f"select * from {table} order by id", connection).astype(str))


READERS: dict[str, Callable[[str], int]] = {
    "ours, in batches": stream,
    "ours, in one frame": frame,
    "pandas": pandas_csv,
    "pandas, engine pyarrow": pandas_csv_pyarrow,
    "pandas, openpyxl": pandas_openpyxl,
    "pandas, calamine": pandas_calamine,
    "pandas, read_sql": pandas_sql,
}

if __name__ == "__main__":
    print(READERS[sys.argv[1]](sys.argv[2]))
