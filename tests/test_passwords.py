"""Passwords in URLs: found wherever they stand, hidden there, and left alone where the environment holds them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from connectors.database import Database
from crm_etl.environment import is_variable
from crm_etl.passwords import PLACEHOLDER as PW
from crm_etl.passwords import has_literal_password, without_password


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:secret@h/d", f"postgresql://u:{PW}@h/d"),
        ("postgresql://:secret@h/d", f"postgresql://:{PW}@h/d"),
        ("POSTGRESQL://u:secret@h/d", f"POSTGRESQL://u:{PW}@h/d"),
        (" postgresql://u:a secret@h/d", f" postgresql://u:{PW}@h/d"),
        ("mysql+mysql_connector://u:secret@h/d", f"mysql+mysql_connector://u:{PW}@h/d"),
        ("postgresql://u:${X}secret@h/d", f"postgresql://u:{PW}@h/d"),
        ("postgresql://u:$${secret}@h/d", f"postgresql://u:{PW}@h/d"),
        ("postgresql://u:se/cr?et@h/d", f"postgresql://u:{PW}@h/d"),
        ("mysql://me@srv:secret@h/d", f"mysql://me@srv:{PW}@h/d"),
        ("postgresql://u:se@cret@h/d", f"postgresql://u:{PW}@h/d"),
        ("postgresql://h/d?user=u&password=secret", f"postgresql://h/d?user=u&password={PW}"),
        ("postgresql://h/d?PassWd=secret&x=1", f"postgresql://h/d?PassWd={PW}&x=1"),
        ("postgresql://h/d?password=se\ncret", f"postgresql://h/d?password={PW}"),
        ("postgresql://u:secret@h/d?pwd=secret", f"postgresql://u:{PW}@h/d?pwd={PW}"),
        ("postgresql://h/d?p%61ssword=secret", f"postgresql://h/d?p%61ssword={PW}"),
        ("postgresql://u@h/d?sslpassword=secret", f"postgresql://u@h/d?sslpassword={PW}"),
        (
            "mssql+pyodbc://?odbc_connect=DRIVER%3D%7Bx%7D%3BUID%3Du%3BPWD%3Dsecret%3BDATABASE%3Dd",
            f"mssql+pyodbc://?odbc_connect=DRIVER%3D{{x}}%3BUID%3Du%3BPWD%3D{PW}%3BDATABASE%3Dd",
        ),
        ("mssql+pyodbc://?odbc_connect=Pwd%3D%7Bse%3Bcret%7D", f"mssql+pyodbc://?odbc_connect=Pwd%3D{PW}"),
        ("mssql+pyodbc://?odbc_connect=Pwd%3D%7Bse%7D%7D%3Bcret%7D", f"mssql+pyodbc://?odbc_connect=Pwd%3D{PW}"),
    ],
)
def test_a_password_is_found_and_hidden_wherever_it_stands(url: str, shown: str) -> None:
    assert has_literal_password(url)
    assert without_password(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:${PW}@h/d",
        "postgresql://h/d?user=u&password=${PW}",
        "postgresql://u:${PW}@h/d?password=${PW}",
        "postgresql://u:@h/d?password=",
        "mssql+pyodbc://?odbc_connect=DRIVER%3D%7Bx%7D%3BPWD%3D${PW}",
        "postgresql://u@h:5432/d",
        "postgresql://u@h/d?application_name=a:b@c&passfile=/home/u/.pgpass",
        "sqlite:///crm.sqlite",
        "https://example.org/?q=a:b@c",
        "a?password=text of a cell",
    ],
)
def test_a_url_that_shows_no_password_stays_as_it_is(url: str) -> None:
    assert not has_literal_password(url)
    assert without_password(url) == url


@given(st.text(st.sampled_from(":/?&=@;{}$ %aPW"), max_size=30), st.sampled_from(["", "?pwd=", "?odbc_connect=pwd%3D"]))
@example("u:se@cret@h", "")
@example("me@srv:secret@h", "")
def test_what_is_hidden_shows_no_password_any_more(rest: str, before: str) -> None:
    hidden = without_password(f"postgresql://{before}{rest}")
    assert not has_literal_password(hidden)
    try:
        url = make_url(hidden)
    except (ArgumentError, ValueError):
        return
    shown = str(url.password or "").strip()
    assert shown in ("", PW) or is_variable(shown)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:secret@h/d",
        *(f"postgresql://u@h/d?{name}=secret" for name in ("password", "passwd", "pwd", "pass", "sslpassword")),
        "mysql://u@h/d?ssl-key-password=secret",
        "postgresql://h/d?password=secret&password=other",
        "mssql+pyodbc://?odbc_connect=UID%3Du%3BPWD%3Dsecret",
        "mssql+pyodbc://?odbc_connect=PWD%3D%7Bsecret%7D",
    ],
)
def test_words_of_the_driver_show_no_password(url: str) -> None:
    place = Database(make_url(url), Path())
    assert place.words(ValueError("no entry for u with secret")) == "no entry for u with ***"


def test_a_password_that_may_be_part_of_any_word_is_not_taken_out() -> None:
    assert Database(make_url("postgresql://u:a@h/d"), Path()).words(ValueError("bad a")) == "ValueError"
