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
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from connectors.base import Connector, clean_column
from crm_etl.extract import open_source
from crm_etl.faults import DeclarationNeeded, EncodingFault, Fault
from crm_etl.migration import Migration
from crm_etl.profile import mapping, subjects
from crm_etl.profile.columns import profile_column
from crm_etl.profile.contacts import profile_contacts
from crm_etl.profile.encodings import Proposal, propose_encoding
from crm_etl.profile.findings import findings
from crm_etl.profile.growth import growth_by_month
from crm_etl.profile.keys import key_candidates, key_figures, references
from crm_etl.profile.mapping import Column, Draft
from crm_etl.profile.store import Held, Store
from crm_etl.profile.subjects import Subject
from crm_etl.progress import NullProgress, Progress

__all__ = ["Inventory", "Proposal", "profile", "propose_encoding", "take_inventory"]
#: Values of a column that are shown where samples are asked for.
_SAMPLES, _SAMPLE_WIDTH = 5, 80


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
) -> Inventory:
    """The inventory of ``chosen``.

    Returns:
        figures: ``migration``, ``title``, ``sources`` (one dictionary each: ``source``, ``title``, ``connector``,
        ``entity``, ``rows``, ``columns``, ``fault`` ...), ``references`` and ``totals``. A source that cannot be read
        has its ``fault`` as text, and ``encodings`` proposed where that is the trouble.
    """
    with Store() as store:
        loaded = [_Loaded(subject, root, store, progress) for subject in chosen]
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


def _drafts(readable: Sequence[_Loaded], progress: Progress) -> dict[str, Draft]:
    """The proposed mapping of each source, their references to one another settled."""
    drafts = []
    for one in readable:
        with progress.task(f"look at {one.subject.name}", len(one.columns)) as task:
            drafts.append(one.draft())
            task.advance(len(one.columns))
    helds = {one.subject.name: one.held for one in readable if one.held is not None}
    mapping.settle(drafts, helds, {one.subject.name: one.columns for one in readable})
    found = {draft.name: draft for draft in drafts}
    _foreign_keys([one.subject for one in readable], found)
    return found


def _foreign_keys(chosen: Sequence[Subject], drafts: dict[str, Draft]) -> None:
    """Clients are found where foreign keys of a database lead to a table of clients."""
    tables = {(one.settings.get("url"), one.settings.get("table")): one.name for one in chosen}
    for one in chosen:
        for column, (table, _) in ({} if one.look is None else one.look.references).items():
            other = tables.get((one.settings.get("url"), table))
            if other is not None and drafts[other].entity == "client" and drafts[one.name].entity != "client":
                mapping.declare_client(drafts[one.name], column, other)


class _Loaded:
    """A source whose rows are in the store, or whose fault says why they are not."""

    def __init__(self, subject: Subject, root: Path, store: Store, progress: Progress) -> None:
        self.subject = subject
        self.held: Held | None = None
        self.columns: list[Column] = []
        self._root = root
        self._fault: str | None = None
        self._encodings: list[Proposal] = []
        self._connector: Connector | None = None
        try:
            connector = open_source(subject.source, root)
            with progress.task(f"profile {subject.name}") as task:
                self.held = store.load(connector, task)
            self.columns = mapping.columns_of(self.held)
            self._connector = connector
        except Fault as fault:
            self._fault = str(fault)
            if isinstance(fault, EncodingFault | DeclarationNeeded):
                self._encodings = self._propose()

    def _propose(self) -> list[Proposal]:
        path = self._root / str(getattr(self.subject.source, "path", ""))
        return propose_encoding(path) if self.subject.source.connector == "csv" and path.is_file() else []

    def draft(self) -> Draft:
        assert self.held is not None
        subject, look = self.subject, self.subject.look
        made = mapping.draft(subject.name, self.columns, self.held, title=subject.title)
        if look is not None and len(look.keys) == 1 and look.keys[0] in self.held.columns:
            mapping.declare_key(made, look.keys[0])
        return made

    def entry(self, draft: Draft | None) -> dict[str, Any]:
        source, look = self.subject.source, self.subject.look
        entry: dict[str, Any] = {
            "source": self.subject.name,
            "title": self.subject.title,
            "connector": source.connector,
            "entity": source.entity if self.subject.declared or draft is None else draft.entity,
            "declared": self.subject.declared,
            "settings": {key: str(value) for key, value in self.subject.settings.items()},
            "notes": [] if look is None else look.notes,
            "rows": 0,
            "columns": [],
            "fault": self._fault,
            "encodings": [{"encoding": p.encoding, "confidence": p.confidence} for p in self._encodings],
        }
        if draft is None or self.held is None or self._connector is None:
            return entry
        return entry | self._inventory(draft, self.held, self._connector)

    def _inventory(self, draft: Draft, held: Held, connector: Connector) -> dict[str, Any]:
        source = self.subject.source
        guesses = {line.column: line for line in draft.lines}
        for line in (draft.key, None if draft.client is None else draft.client[1]):
            if line is not None:
                guesses.setdefault(line.column, line)
        columns = [
            profile_column(source, column, held, guesses.get(column.name), draft.entity) for column in self.columns
        ]
        delivered = asdict(connector.delivery())
        candidates = key_candidates(self.columns, held)
        if draft.key is None:
            mapping.declare_keys(draft, candidates)
        found = {
            "rows": held.rows,
            "set_aside": held.aside,
            "file": delivered["file"],
            "sheet": connector.sheet,
            "bytes": delivered["bytes"],
            "sha256": delivered["sha256"],
            "warnings": list(connector.warnings),
            "encoding": self._encoding(),
            "columns": columns,
            "missing": [name for name in source.used_columns if clean_column(name) not in connector.columns],
            "unmapped": [column["name"] for column in columns if column["state"] == "unmapped" and source.fields],
            "sensitive": [column["name"] for column in columns if column["sensitive"]],
            "key": key_figures(source, draft, held),
            "key_candidates": candidates,
            "contacts": profile_contacts(source, self.columns, draft),
            "growth": growth_by_month(source, self.columns, draft),
            "languages": _together(column["languages"] for column in columns),
            "scripts": _together(column["scripts"] for column in columns),
        }
        return found | {"findings": findings(found)}

    def _encoding(self) -> dict[str, Any] | None:
        """The declared encoding of a text file, and what its bytes look like."""
        declared = getattr(self.subject.source, "encoding", None)
        proposals = self._propose()
        if declared is None or not proposals:
            return None
        return {"declared": declared, "proposed": proposals[0].encoding, "confidence": proposals[0].confidence}

    def samples(self) -> dict[str, list[str]]:
        shown = {
            column.name: [value[:_SAMPLE_WIDTH] for value in list(column.facts.values)[:_SAMPLES]]
            for column in self.columns
        }
        proposals = self._encodings or self._propose()
        return {**shown, "": [f"{p.encoding}: {line}" for p in proposals[:2] for line in p.sample.splitlines()]}


def _together(tallies: Any) -> dict[str, int]:
    """Cells of all columns together, the most first."""
    whole: dict[str, int] = {}
    for tally in tallies:
        for name, cells in tally.items():
            whole[name] = whole.get(name, 0) + cells
    return dict(sorted(whole.items(), key=lambda item: (-item[1], item[0])))
