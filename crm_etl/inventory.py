"""``crm-etl profile``: which tables are meant, where the report goes, and where a proposed mapping is written.

Sources are named as the migration names them; anything else is a place (a file, a folder, a database URL) that no
migration needs to know. What is found in the tables: :mod:`crm_etl.profile`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_etl import migration
from crm_etl.faults import Fault, MigrationFault, Where
from crm_etl.migration import FILE_NAME, Migration
from crm_etl.profile import Inventory, proposal, subjects, take_inventory
from crm_etl.profile.look import source_name
from crm_etl.profile.subjects import Subject
from crm_etl.progress import Progress
from crm_etl.report import files
from crm_etl.storage import FOLDER, State, open_migration


@dataclass(frozen=True)
class Wish:
    """What a person asks for: ``arguments`` as typed, ``folder`` of the migration if given, ``samples`` of values on
    the page, and a mapping proposed (``propose``), to be written to ``out`` if given."""

    arguments: tuple[str, ...] = ()
    folder: Path | None = None
    samples: bool = False
    propose: bool = False
    out: Path | None = None


def take(wish: Wish, progress: Progress) -> tuple[dict[str, Any], dict[str, str]]:
    """The figures of the inventory, and the files written, by name.

    Raises:
        MigrationFault: no migration is meant, a source is unknown, or the proposal would replace a file.
        SourceFault: there is nothing at a place.
    """
    names, places = _sorted(wish)
    if names and places:
        raise MigrationFault(
            f"sources and places at once: {', '.join(names)} is no file here",
            remedy="name sources of the migration, or files, folders and database URLs",
        )
    if places:
        return _of_places(wish, places, progress)
    return _of_sources(wish, names, progress)


def _sorted(wish: Wish) -> tuple[list[str], list[str]]:
    known: list[str] = []
    if wish.arguments:
        try:
            known = [source.name for source in migration.load(open_migration(wish.folder)).sources]
        except Fault:
            known = []
    return subjects.sort_arguments(wish.arguments, wish.folder or Path(), known)


def _of_sources(wish: Wish, names: Sequence[str], progress: Progress) -> tuple[dict[str, Any], dict[str, str]]:
    declared = migration.load(open_migration(wish.folder))
    chosen = subjects.of_migration(declared, names)
    found = take_inventory(chosen, declared.root, declared.name, declared.title, progress, samples=wish.samples)
    state = State.of(declared)
    paths = files.write_profile(found.figures, state.reports, found.samples if wish.samples else None)
    if wish.propose:
        out = wish.out if wish.out is not None else state.reports / "proposal.yaml"
        _refuse(out, state.reports)
        moved = [_moved(subject, declared.root, out.parent) for subject in chosen] if wish.out is not None else chosen
        text = proposal.write(
            moved,
            found.drafts,
            name=declared.name,
            title=declared.title,
            aim=f"Its place is {out} until a person takes it over into {FILE_NAME}.",
            rest=proposal.rest_of(declared, found.drafts),
        )
        paths |= _written(text, out, found)
    return found.figures, {name: str(path) for name, path in paths.items()}


def _of_places(wish: Wish, places: Sequence[str], progress: Progress) -> tuple[dict[str, Any], dict[str, str]]:
    root = (wish.out.parent if wish.out is not None else wish.folder if wish.folder is not None else Path()).resolve()
    root.mkdir(parents=True, exist_ok=True)
    known = _known(root)
    chosen, left = subjects.find(places, root)
    title = "" if known is None else known.title
    name = known.name if known is not None else source_name(root.name)
    found = take_inventory(chosen, root, name, title, progress, samples=wish.samples, left_out=left)
    state = State(root / FOLDER)
    paths = files.write_profile(found.figures, state.reports, found.samples if wish.samples else None)
    if wish.propose:
        beside = known is not None and wish.out is None
        out = wish.out if wish.out is not None else state.reports / "proposal.yaml" if beside else root / FILE_NAME
        _refuse(out, state.reports)
        text = proposal.write(chosen, found.drafts, name=name, title=title)
        paths |= _written(text, out, found)
    return found.figures, {name: str(path) for name, path in paths.items()}


def _known(root: Path) -> Migration | None:
    return migration.load(root) if (root / FILE_NAME).exists() else None


def _refuse(out: Path, reports: Path) -> None:
    """Nothing that a person has edited is replaced."""
    if out.exists() and out.resolve().parent != reports.resolve():
        raise MigrationFault(
            "this file exists already", where=Where(str(out)), remedy="name another one with --out, or move it away"
        )


def _written(text: str, out: Path, found: Inventory) -> dict[str, Path]:
    """The proposal as a file, once it is sure that it loads."""
    if not found.drafts:
        faults = [str(source["fault"]) for source in found.figures["sources"]]
        raise MigrationFault("\n".join(["nothing can be proposed: no source could be read", *faults]))
    proposal.check(text, out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, encoding="utf-8")
    found.figures["proposal"] = {"file": str(out), **proposal.counts(found.drafts)}
    return {"proposed mapping": out}


def _moved(subject: Subject, root: Path, folder: Path) -> Subject:
    """``subject`` with its path as it is seen from ``folder``."""
    settings = dict(subject.settings)
    if "path" in settings:
        settings["path"] = os.path.relpath(root / settings["path"], folder.resolve())
    url = str(settings.get("url", ""))
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
        settings["url"] = f"sqlite:///{os.path.relpath(root / url.removeprefix('sqlite:///'), folder.resolve())}"
    return Subject(subject.name, subject.title, settings, subject.source, subject.declared, subject.look)
