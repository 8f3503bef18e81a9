"""What is profiled: a source that the migration declares, or a table that was only looked at.

Both can be opened; ``settings`` are those of the connector as they may be written down (secrets stay ``${NAME}``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from crm_etl.environment import literal
from crm_etl.faults import SourceFault, Where
from crm_etl.migration import FILE_NAME, Migration, Source, SourceBase
from crm_etl.passwords import without_password
from crm_etl.profile.look import Look
from crm_etl.profile.looks import is_place, require_one
from crm_etl.profile.places import joined, look_at_place, passed_over

#: Settings of a source that are its mapping; the others are its connector's.
_MAPPING = set(SourceBase.model_fields)


@dataclass(frozen=True)
class Subject:
    """One table to look at. ``declared``: its mapping is that of a migration file; ``look``: what was seen of it
    where no file declares it."""

    name: str
    title: str
    settings: dict[str, Any]
    source: Source
    declared: bool
    look: Look | None = None


def of_migration(migration: Migration, names: Sequence[str] = ()) -> list[Subject]:
    """The declared sources ``names`` (none given: all)."""
    chosen = [migration.source(name) for name in names] or list(migration.sources)
    written = _written(migration.root)
    return [
        Subject(source.name, source.label, written.get(source.name, _settings(source)), source, True)
        for source in chosen
    ]


def of_places(places: Sequence[str], root: Path) -> list[Subject]:
    """The tables at ``places``: files, folders and database URLs.

    Raises:
        SourceFault: there is nothing at a place, or no table anywhere that can be read.
    """
    return find(places, root)[0]


def find(places: Sequence[str], root: Path) -> tuple[list[Subject], list[dict[str, str]]]:
    """The tables at ``places``, and what is there besides: ``what`` (a sheet as file and name) and ``why`` it is no
    table, with its rows and who sees it.

    Raises:
        SourceFault: there are no tables, or none that can be read.
    """
    found = joined([look for place in places for look in look_at_place(place, root)], root)
    require_one(found)
    seen: dict[str, int] = {}
    files = {look.settings.get("path") for look in found}
    subjects = []
    for look in found:
        seen[look.name] = seen.get(look.name, 0) + 1
        name = look.name if seen[look.name] == 1 else f"{look.name[:36]}_{seen[look.name]}"
        if look.table:
            title = look.title
            if len(files) > 1 and "sheet" in look.settings:
                # Sheets of several files are called alike only too often.
                title = f"{Path(look.settings['path']).name}: {title}"
            subjects.append(Subject(name, title, look.written, _source(name, look), False, look))
    left = [_left_out(look) for look in found if not look.table]
    left += [one for place in places for one in passed_over(place, root)]
    if not subjects:
        listed = "".join(f"\n    {one['what']}: {one['why']}" for one in left)
        raise SourceFault(
            f"no tables there{listed}",
            where=Where(", ".join(map(without_password, places))),
            remedy="name files that hold tables",
        )
    return subjects, left


def _left_out(look: Look) -> dict[str, str]:
    place = str(look.settings.get("path", look.title))
    what = f"{place}, sheet {look.title}" if "sheet" in look.settings else place
    return {"what": what, "why": "; ".join(look.notes)}


def sort_arguments(arguments: Sequence[str], root: Path, known: Sequence[str]) -> tuple[list[str], list[str]]:
    """Names of sources and places among the arguments of a command."""
    names = [one for one in arguments if one in known or not is_place(one, root)]
    return names, [one for one in arguments if one not in names]


def _source(name: str, look: Look) -> Source:
    document = {"name": name, "title": look.title, "key": look.keys, "fields": {}, **look.settings, **look.secrets}
    try:
        source: Source = TypeAdapter(Source).validate_python(document)
    except ValidationError:
        raise SourceFault("this cannot be declared as a source", where=Where(look.title)) from None
    return source


def _settings(source: Source) -> dict[str, Any]:
    """The connector's settings of a source whose file cannot be read, with no password in them."""
    document = source.model_dump(mode="json", exclude_defaults=True)
    settings = {key: literal(value) for key, value in document.items() if key not in _MAPPING}
    settings["connector"] = source.connector
    return settings | ({"url": without_password(document["url"])} if "url" in settings else {})


def _written(root: Path) -> dict[str, dict[str, Any]]:
    """Source -> its connector's settings as the migration file writes them, with secrets as ``${NAME}``."""
    try:
        document = yaml.safe_load((root / FILE_NAME).read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError):
        return {}
    return {
        entry["name"]: {key: value for key, value in entry.items() if key not in _MAPPING}
        for entry in document["sources"]
    }
