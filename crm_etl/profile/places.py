"""Files at places that a person names: patterns, files of one layout that belong together, and what a folder holds
besides tables. What one file holds: :mod:`.looks`.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from connectors.delimited.files import locate
from crm_etl.number import counted
from crm_etl.profile.look import Look, path_of, source_name
from crm_etl.profile.looks import SUFFIXES, look_at

_DIGITS = re.compile(r"(\d+)")
_SHOWN = 6
#: Office programs leave these beside a workbook that is open.
LOCK = "~$"


def look_at_place(place: str, root: Path) -> list[Look]:
    """What is found at ``place``, which may be a pattern of files.

    Raises:
        SourceFault: there is nothing, or nothing that is a table.
    """
    if "://" in place or not glob.has_magic(place) or path_of(place, root).exists():
        return look_at(place, root)
    base = Path() if glob.glob(place) else root  # noqa: PTH207  # takes absolute patterns too
    return [look for name in locate(base, place) for look in look_at(str(base / name), root)]


def joined(looks: Sequence[Look], root: Path) -> list[Look]:
    """``looks``, those of text files of one folder and one layout as one whose names differ by numbers alone."""
    groups: dict[object, list[Look]] = {}
    for look in looks:
        groups.setdefault(_layout(look), []).append(look)
    found: list[Look] = []
    for group in groups.values():
        whole = _whole(group, root) if len(group) > 1 else None
        found += group if whole is None else [whole]
    return found


def _layout(look: Look) -> object:
    """What files that belong together have in common; of its own for any other."""
    path = Path(str(look.settings.get("path", "")))
    if look.settings["connector"] != "csv" or not look.columns or "member" in look.settings:
        return id(look)
    rest = {key: value for key, value in look.settings.items() if key != "path"}
    return str(path.parent), _DIGITS.sub("#", path.name), repr(sorted(rest.items())), look.columns


def _whole(group: Sequence[Look], root: Path) -> Look | None:
    """One look at all files of ``group``; None where no pattern means them and nothing else."""
    first = group[0]
    paths = [str(look.settings["path"]) for look in group]
    for path in _patterns(paths):
        if set(locate(root, path)) == set(paths):
            stem = Path(path).name.partition(".")[0]
            plain = re.sub(r"\[0-9\]|\*", " ", stem).strip(" -_")
            note = (
                f"{len(group)} files of one layout, read as one source: {Path(paths[0]).name} to {Path(paths[-1]).name}"
            )
            notes = [*first.notes, note, "declare them apart if a key of one means something else in another"]
            return replace(
                first, name=source_name(plain), title=stem, settings={**first.settings, "path": path}, notes=notes
            )
    return None


def _patterns(paths: Sequence[str]) -> list[str]:
    """Patterns that match the files: the numbers that differ as anything, or as figures of their length."""
    parted = [_DIGITS.split(Path(path).name) for path in paths]
    loose, strict = "", ""
    for place, parts in enumerate(zip(*parted, strict=True)):
        same = glob.escape(parts[0])
        differs = place % 2 and len(set(parts)) > 1
        loose += "*" if differs else same
        strict += "[0-9]" * len(parts[0]) if differs else same
    above = Path(paths[0]).parent
    folder = "" if str(above) == "." else f"{glob.escape(str(above))}/"
    return [folder + loose, folder + strict]


def passed_over(place: str, root: Path) -> list[dict[str, str]]:
    """What the folder ``place`` holds that is not looked at, as one line; none where there is no such thing."""
    path = path_of(place, root)
    if "://" in place or not path.is_dir():
        return []
    entries = sorted(path.iterdir())
    locks = [one for one in entries if one.name.startswith(LOCK)]
    others = [one for one in entries if one.is_file() and one.suffix.lower() not in SUFFIXES]
    kinds = {
        ("folder", "folders"): [one for one in entries if one.is_dir()],
        ("file of another kind", "files of other kinds"): [one for one in others if one not in locks],
        ("lock file of an open workbook", "lock files of open workbooks"): locks,
    }
    told = [f"{counted(len(found), *kind)} ({_some(found)})" for kind, found in kinds.items() if found]
    return [{"what": place, "why": f"not looked at: {'; '.join(told)}"}] if told else []


def _some(paths: Sequence[Path]) -> str:
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return ", ".join(one.name for one in paths[:_SHOWN]) + more
