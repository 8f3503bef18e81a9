"""Passwords in the URLs of databases: where they stand, and the URL without them.

A password stands between user and host, under a setting of the query that is named so, and within an ODBC connection
string. One variable of the environment in its place, and nothing else, tells nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote_plus, unquote_plus

from crm_etl.environment import is_variable

if TYPE_CHECKING:
    from sqlalchemy import URL

PLACEHOLDER = "${LEGACY_PASSWORD}"
#: What stands before a password, and the password: in a URL, and in an ODBC connection string.
#: As in a URL of SQLAlchemy a user's name may hold @; so may a password, up to the host.
_USERINFO = re.compile(r"(^\s*[\w+.\-]+://[^:/]*:)([^@]*(?:@[^@/?]*)*)(?=@)")
_ODBC = re.compile(r"((?:^|;)\s*(?:pwd|password)\s*=\s*)(\{(?:[^}]|\}\})*\}[^;]*|[^;]*)", re.IGNORECASE)
#: Letters of a password that no word holds by chance.
_SHORT = 4
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
    found = place + mark + "&".join(map(_without_password, query.split("&")))
    return url if found == url else without_password(found)  # what is hidden may have hidden another


def cleared(text: str, url: URL) -> str | None:
    """``text`` without the passwords of ``url``, wherever they stand; None if one is so short that it may be part of
    any word: taking it out would show it."""
    found = _secrets(url)
    if any(len(secret) < _SHORT for secret in found):
        return None
    for secret in found:
        text = text.replace(secret, "***")
    return text


def _secrets(url: URL) -> list[str]:
    """The passwords of a URL, and every other setting that may be one, the longest first."""
    values = {str(url.password or "")}
    for name, given in url.query.items():
        for value in (given,) if isinstance(given, str) else given:
            if is_password(name) or "pass" in name.lower():
                values.add(value)
            elif name.lower() == "odbc_connect":
                raw = {found[2].strip() for found in _ODBC.finditer(value)}
                values |= raw | {each[1:-1].replace("}}", "}") for each in raw if each.startswith("{")}
    return sorted(filter(None, values), key=len, reverse=True)


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
