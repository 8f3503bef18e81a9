"""Passwords in the URLs of databases: where they stand, and the URL without them.

A password stands between user and host, under a setting of the query that is named so, and within an ODBC connection
string. One variable of the environment in its place, and nothing else, tells nothing.
"""

from __future__ import annotations

import re
from urllib.parse import quote_plus, unquote_plus

from crm_etl.environment import is_variable

PLACEHOLDER = "${LEGACY_PASSWORD}"
#: What stands before a password, and the password: in a URL, and in an ODBC connection string.
_USERINFO = re.compile(r"(^\s*[\w+.\-]+://[^:/@]*:)([^@]*)(?=@)")
_ODBC = re.compile(r"((?:^|;)\s*(?:pwd|password)\s*=\s*)(\{(?:[^}]|\}\})*\}[^;]*|[^;]*)", re.IGNORECASE)
_SETTING = re.compile(r"\w*(password\d?|passwd|pwd|passphrase)", re.IGNORECASE)


def has_literal_password(url: str) -> bool:
    """Whether a password stands in ``url`` that is not one variable of the environment and nothing else."""
    return without_password(url) != url


def without_password(url: str) -> str:
    """``url`` as it may be written down: a literal password, wherever it stands, becomes :data:`PLACEHOLDER`.

    Written as text, for a parsed URL would not give ``${NAME}`` back as it was.
    """
    if "://" not in url:
        return url
    place, mark, query = _USERINFO.sub(_hidden, url, count=1).partition("?")
    return place + mark + "&".join(map(_without_password, query.split("&")))


def is_password(setting: str) -> bool:
    """Whether a URL's ``setting`` of this name is a password."""
    return _SETTING.fullmatch(setting.strip()) is not None


def _without_password(pair: str) -> str:
    """A setting of a URL's query, its password hidden if it has one."""
    name, mark, value = pair.partition("=")
    setting = unquote_plus(name)
    if is_password(setting):
        return name + mark + _shown(value)
    if setting.strip().lower() == "odbc_connect":
        plain = unquote_plus(value)
        hidden = _ODBC.sub(_hidden, plain)
        return pair if hidden == plain else f"{name}={quote_plus(hidden, safe='${}')}"
    return pair


def _hidden(found: re.Match[str]) -> str:
    return found[1] + _shown(found[2])


def _shown(password: str) -> str:
    return password if not password or is_variable(password.strip()) else PLACEHOLDER
