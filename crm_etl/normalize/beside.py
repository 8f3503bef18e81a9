"""What a name cell tells beside the name that stands there: further names of the same party, and other matters.

The parts come from :mod:`.names`. Former surnames, nicknames and names in another form become whole names, so that
they are searched and compared as the name itself; what names nobody, or somebody else, is for the comment.
"""

from __future__ import annotations

from collections.abc import Iterator

from crm_etl.normalize import addresses
from crm_etl.normalize.names import Name
from crm_etl.normalize.text import clean

#: Sign between several nicknames, remarks or people.
_NICKNAMES, _TEXTS = ", ", "; "


def further_names(name: Name) -> list[str]:
    """Whole names, as written, that the party of ``name`` bears or bore besides."""
    found = _of_person(name) if name.kind == "person" else _of_organization(name)
    return [other for other in dict.fromkeys(map(clean, found)) if other and other != name.native]


def comment(name: Name) -> str | None:
    """What stood in the cell of ``name`` and is none of the party's names: remarks, other people, parts of names."""
    if name.kind != "person":
        return None
    texts = [*name.others, *(alias for alias in name.aliases if not _is_whole(alias))]
    if name.family is None and name.nickname is not None:
        texts.append(name.nickname)
    return _TEXTS.join([*texts, *([] if name.remark is None else [name.remark])]) or None


def _of_person(name: Name) -> Iterator[str]:
    yield from filter(_is_whole, name.aliases)
    if name.family is None:
        return
    for former in name.former:
        # Склодовская Мария: the given name went with it.
        yield former if name.given is None or name.given in former.split() else _with_family(name, former)
    if name.nickname is not None:
        yield from (f"{nickname} {name.family}" for nickname in name.nickname.split(_NICKNAMES))


def _with_family(name: Name, family: str) -> str:
    """The name as it is shown, with ``family`` in place of the family name."""
    if name.native is not None and name.family is not None and name.family in name.native:
        return name.native.replace(name.family, family, 1)
    return " ".join(part for part in (name.given, name.patronymic, family) if part is not None)


def _of_organization(name: Name) -> Iterator[str]:
    """Names in brackets. Places and remarks, which stand there too, stay in the name as it is shown."""
    return (alias for alias in name.aliases if not alias[:1].islower() and not _is_place(alias))


def _is_whole(alias: str) -> bool:
    return " " in alias


def _is_place(text: str) -> bool:
    return addresses.country(text).value is not None or addresses.place(text) is not None
