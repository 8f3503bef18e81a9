"""Addresses that were written wrongly but can be meant in one way only: @ in words, commas for dots, letters of the
Russian keyboard that look Latin.

A repaired domain must end as domains do; whether anybody reads mail there is known to nobody here.
"""

from __future__ import annotations

import re
from functools import cache

from crm_etl.normalize.emails.mailboxes import habits
from crm_etl.normalize.lookalikes import latin
from crm_etl.normalize.text import script_of

_AT = re.compile(r"\s*@[\s@]*")
_OPEN, _CLOSE = r"[\[({<]", r"[\])}>]"


def spoken(text: str) -> str:
    """``text`` with the words for @ and dot as signs: ivan собака mail точка ru."""
    return _dots().sub(".", _ats().sub("@", text)) if "@" not in text or _dots().search(text) else text


def joined(text: str) -> str:
    """``text`` with what tears addresses apart set right: ivan @ mail.ru, ivan@@mail.ru, ivan@mail,ru."""
    return _torn().sub(_mended, _AT.sub("@", text))


def _mended(torn: re.Match[str]) -> str:
    """The two halves joined; a domain that is whole already takes no word behind it, whatever that looks like."""
    before, between, end = torn.groups()
    _, dot, known = before.lower().rpartition(".")
    whole = dot and known in habits()["tlds"] and not between.startswith("..")
    return torn.group() if whole else f"{before}.{end}"


def homoglyph(address: str) -> bool:
    """Whether scripts mix in ``address`` where they must not: within the local part or the name of the domain, or
    between a local part and a domain. Addresses in one script (иван@почта.рф) are as good as Latin ones."""
    if address.isascii():
        return False
    local, _, domain = address.rpartition("@")
    name, _, end = domain.rpartition(".")
    if any(len(_scripts(part)) > 1 for part in (local, name, end)):
        return True
    if end in habits()["latin_only" if not name.isascii() else "ends"]:
        return True
    return not local.isascii() and (domain.isascii() or _scripts(local) != _scripts(name))


def unmixed(address: str) -> str | None:
    """``address`` in Latin letters, if the others look like Latin ones and its domain then ends as domains do."""
    local, _, domain = latin(address).lower().rpartition("@")
    name, _, end = domain.rpartition(".")
    end = habits()["ends"].get(address.casefold().rpartition(".")[2], end)
    fixed = f"{local}@{name}.{end}"
    return fixed if fixed.isascii() and end in habits()["tlds"] else None


def _scripts(part: str) -> set[str]:
    return {script_of(letter) for letter in part if letter.isalpha()}


@cache
def _ats() -> re.Pattern[str]:
    return _words("at", r"(?=\S+)")


@cache
def _dots() -> re.Pattern[str]:
    return _words("dot", r"(?=[a-z]{2,})")


def _words(kind: str, after: str) -> re.Pattern[str]:
    every, bracketed = habits()[kind], set(habits()["bracketed"])
    bare = "|".join(re.escape(word) for word in every if word not in bracketed) or "(?!)"
    inner = "|".join(map(re.escape, every))
    # Bare English words count where both are there: ivan at mail dot ru.
    pair = {"at": r"\s+at\s+(?=[\w.\-]+\s+dot\s)", "dot": r"(?<=[\w])\s+dot\s+"}[kind]
    return re.compile(rf"(?:\s*{_OPEN}\s*(?:{inner})\s*{_CLOSE}\s*|\s+(?:{bare})\s+|{pair}){after}", re.IGNORECASE)


@cache
def _torn() -> re.Pattern[str]:
    ends = "|".join(habits()["tlds"])
    return re.compile(
        rf"(@[\w\-]+(?:\.[\w\-]+)*)(\s*,\s*|\s+\.\s*|\.\s+|\.{{2,}})({ends})\b(?![\w\-.]*@)", re.IGNORECASE
    )
