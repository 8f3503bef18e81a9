"""Which rows of a load the target's own constraints refuse: found by writing them in parts, and taking all back.

A load is one transaction, so the first row that breaks a constraint stops all of it and the database names the
constraint only. Here the rows are written again, in halves of halves, each behind a savepoint, until every row at
fault stands alone; nothing of that stays. Rows of a client that was refused itself are not tried: its fault is theirs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from crm_etl.faults import RefusedRow
from crm_etl.load.cells import among
from crm_etl.load.connection import constraint_of
from crm_etl.load.targets import crm

Write = Callable[[str, pd.DataFrame], None]
#: More rows at fault are one fault: they are not looked for.
MOST = 100
_NAMED = 5


def find(
    connection: sa.Connection, changes: pd.DataFrame, writers: Mapping[str, Write], crosswalk: pd.DataFrame
) -> list[RefusedRow]:
    """The first :data:`MOST` rows of ``changes`` that the target refuses. The caller rolls the transaction back.

    Args:
        changes: rows of the plan that write, in its form.
        writers: what writes the rows of one table, by action, in the order of the load.
        crosswalk: source, key, client_id of the records behind the clients.
    """
    found: list[tuple[str, str, str | None, str, str | None]] = []
    lost: set[str] = set()
    for action, write in writers.items():
        of_action = changes[(changes["action"] == action).to_numpy(dtype=bool)]
        for name in crm.TABLES:
            rows = of_action[(of_action["table"] == name).to_numpy(dtype=bool)]
            rows = rows[~among(rows["client_id"], sorted(lost))]
            for position, constraint in _refused(connection, name, rows, write, MOST):
                row = rows.iloc[position]
                client = None if row["client_id"] is pd.NA else str(row["client_id"])
                if name == "client" and client is not None:
                    lost.add(client)
                after = None if row["after"] is pd.NA else str(row["after"])
                found.append((name, str(row["row_id"]), client, constraint, after))
    return [RefusedRow(*line[:4], _records(line[4], line[2], crosswalk)) for line in found[:MOST]]


def _refused(
    connection: sa.Connection, name: str, rows: pd.DataFrame, write: Write, most: int
) -> list[tuple[int, str]]:
    """Position and constraint of the rows of one table that cannot be written; the others are."""
    found: list[tuple[int, str]] = []
    waiting = [(0, len(rows))] if len(rows) else []
    while waiting and len(found) < most:
        start, stop = waiting.pop()
        savepoint = connection.begin_nested()
        try:
            write(name, rows.iloc[start:stop])
            savepoint.commit()
        except DBAPIError as error:
            savepoint.rollback()
            constraint = constraint_of(error)
            if constraint is None:
                raise
            middle = (start + stop) // 2
            if stop - start == 1:
                found.append((start, constraint))
            else:
                waiting += [(middle, stop), (start, middle)]
    return found


def _records(after: str | None, client: str | None, crosswalk: pd.DataFrame) -> str | None:
    """The legacy record of a row that has one, else the records of its client, as source:key."""
    values = {} if after is None else json.loads(after)
    if values.get("legacy_source") is not None:
        return f"{values['legacy_source']}:{values['legacy_key']}"
    of_client = crosswalk[(crosswalk["client_id"] == client).fillna(False).to_numpy(dtype=bool)]
    named = (of_client["source"] + ":" + of_client["key"]).tolist()
    return ", ".join(named[:_NAMED]) or None
