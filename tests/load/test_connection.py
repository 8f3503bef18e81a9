"""What is said of the target database: no password and nobody's data."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from crm_etl.load.connection import constraint_of, shown


@pytest.mark.parametrize(
    "url", ["postgresql://u:secret@h/d", "postgresql://h/d?user=u&password=secret&sslmode=require"]
)
def test_a_url_is_shown_without_its_password_wherever_that_stands(url: str) -> None:
    said = shown(make_url(url))
    assert "secret" not in said
    assert "h/d" in said


class _Refused(Exception):
    """An error of a driver."""

    def __init__(self, *parts: Any, sqlstate: str | None = None) -> None:
        super().__init__(*parts)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            IntegrityError("", {}, _Refused("UNIQUE constraint failed: client.name")),
            "UNIQUE constraint failed: client.name",
        ),
        (IntegrityError("", {}, _Refused("client Ivan Petrov exists already")), "a trigger"),
        (ProgrammingError("", {}, _Refused("no Ivan here", sqlstate="P0001")), "a trigger"),
        (DBAPIError("", {}, _Refused(1644, "no Ivan here")), "a trigger"),
        (IntegrityError("", {}, _Refused(1062, "Duplicate entry 'Ivan' for key 'phone'")), "constraint phone"),
        (ProgrammingError("", {}, _Refused("syntax error")), None),
    ],
)
def test_a_refusal_names_its_constraint_and_quotes_nobody(error: DBAPIError, said: str | None) -> None:
    assert constraint_of(error) == said
