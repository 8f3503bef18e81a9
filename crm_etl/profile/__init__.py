"""The inventory of sources: what is there, in which shape, how sound, and how it could be mapped.

Reads the sources without holding them against the mapping, so that it works before the mapping fits, and before there
is one (:mod:`.looks`). Rows lie in a throw-away database meanwhile (:mod:`.store`), so that size costs no memory.
Columns are judged in :mod:`.columns`, phones and e-mails in :mod:`.contacts`, growth in :mod:`.growth`, keys in
:mod:`.keys`, byte encodings in :mod:`.encodings`; mappings are proposed in :mod:`.mapping` and written down in
:mod:`.proposal`. Proposals are for people: nothing of the pipeline acts on them. Figures hold no personal values;
samples, where asked for, are kept apart from them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm_etl.environment import literal
from crm_etl.migration import Migration
from crm_etl.profile import subjects
from crm_etl.profile.clients import settle
from crm_etl.profile.drafts import Draft, declare_client
from crm_etl.profile.encodings import Proposal, propose_encoding
from crm_etl.profile.keys import references
from crm_etl.profile.loaded import Loaded
from crm_etl.profile.store import Store
from crm_etl.profile.subjects import Subject
from crm_etl.progress import NullProgress, Progress

__all__ = ["Inventory", "Proposal", "profile", "propose_encoding", "take_inventory"]


@dataclass(frozen=True)
class Inventory:
    """What was found. ``figures``: JSON values without anything personal; ``samples``: source -> column -> values, and
    source -> ``""`` -> lines of the file as the proposed encoding reads them; ``drafts``: the proposed mappings of
    the sources that could be read."""

    figures: dict[str, Any]
    subjects: list[Subject]
    drafts: list[Draft]
    samples: dict[str, dict[str, list[str]]] = field(default_factory=dict)


def profile(
    migration: Migration,
    progress: Progress = NullProgress(),  # noqa: B008
    sources: Sequence[str] = (),
) -> dict[str, Any]:
    """The figures of the declared ``sources`` (none given: all); see :func:`take_inventory`."""
    found = subjects.of_migration(migration, sources)
    return take_inventory(found, migration.root, migration.name, migration.title, progress).figures


def take_inventory(
    chosen: Sequence[Subject],
    root: Path,
    name: str = "",
    title: str = "",
    progress: Progress = NullProgress(),  # noqa: B008
    *,
    samples: bool = False,
    left_out: Sequence[dict[str, str]] = (),
) -> Inventory:
    """The inventory of ``chosen``; ``left_out``: what was found beside them, see :func:`.subjects.find`.

    Returns:
        figures: ``migration``, ``title``, ``sources`` (one dictionary each: ``source``, ``title``, ``connector``,
        ``entity``, ``rows``, ``columns``, ``fault`` ...), ``references``, ``left_out`` and ``totals``. A source that
        cannot be read has its ``fault`` as text, and ``encodings`` proposed where that is the trouble.
    """
    with Store() as store:
        loaded = [Loaded(subject, root, store, progress) for subject in chosen]
        readable = [one for one in loaded if one.held is not None]
        drafts = _drafts(readable, progress)
        entries = [one.entry(drafts.get(one.subject.name)) for one in loaded]
        held = {one.subject.name: one.held for one in readable if one.held is not None}
        columns = {one.subject.name: one.columns for one in readable}
        linked = references(held, columns, drafts)
    figures = {
        "migration": name,
        "title": title,
        "sources": entries,
        "references": linked,
        "left_out": list(left_out),
        "totals": {
            "sources": len(entries),
            "unreadable": sum(entry["fault"] is not None for entry in entries),
            "rows": sum(entry["rows"] for entry in entries),
            "client_rows": sum(entry["rows"] for entry in entries if entry["entity"] == "client"),
            "columns": sum(len(entry["columns"]) for entry in entries),
            "personal": sum(len(entry.get("sensitive", ())) for entry in entries),
        },
    }
    shown = {one.subject.name: one.samples() for one in loaded} if samples else {}
    return Inventory(figures, list(chosen), list(drafts.values()), shown)


def _drafts(readable: Sequence[Loaded], progress: Progress) -> dict[str, Draft]:
    """The proposed mapping of each source, their references to one another settled."""
    drafts = []
    for one in readable:
        with progress.task(f"look at {one.subject.name}", len(one.columns)) as task:
            drafts.append(one.draft())
            task.advance(len(one.columns))
    helds = {one.subject.name: one.held for one in readable if one.held is not None}
    settle(drafts, helds, {one.subject.name: one.columns for one in readable})
    found = {draft.name: draft for draft in drafts}
    _foreign_keys([one.subject for one in readable], found)
    return found


def _foreign_keys(chosen: Sequence[Subject], drafts: dict[str, Draft]) -> None:
    """Clients are found where foreign keys of a database lead to a table of clients."""
    tables = {(one.settings.get("url"), one.settings.get("table")): one.name for one in chosen}
    for one in chosen:
        for column, (table, _) in ({} if one.look is None else one.look.references).items():
            other = tables.get((one.settings.get("url"), literal(table)))
            if other is not None and drafts[other].entity == "client" and drafts[one.name].entity != "client":
                declare_client(drafts[one.name], column, other)
