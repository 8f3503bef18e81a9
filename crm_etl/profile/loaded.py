"""A source while its inventory is taken: its rows in the store, or the fault that forbids it; its figures."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from connectors.base import Connector, clean_column
from crm_etl.environment import literal
from crm_etl.extract import open_source
from crm_etl.faults import DeclarationNeeded, EncodingFault, Fault
from crm_etl.profile import mapping
from crm_etl.profile.columns import profile_column
from crm_etl.profile.contacts import profile_contacts
from crm_etl.profile.drafts import Column, Draft, declare_key, declare_keys, keep_key, name_key
from crm_etl.profile.encodings import Proposal, propose_encoding
from crm_etl.profile.findings import findings
from crm_etl.profile.growth import growth_by_month
from crm_etl.profile.keys import key_candidates, key_figures
from crm_etl.profile.store import Held, Store
from crm_etl.profile.subjects import Subject
from crm_etl.progress import Progress

#: Values of a column that are shown where samples are asked for.
_SAMPLES, _SAMPLE_WIDTH = 5, 80


class Loaded:
    """A source whose rows are in the store, or whose fault says why they are not."""

    def __init__(self, subject: Subject, root: Path, store: Store, progress: Progress) -> None:
        self.subject = subject
        self.held: Held | None = None
        self.columns: list[Column] = []
        self._root = root
        self._fault: str | None = None
        self._doubtful = False
        self._connector: Connector | None = None
        try:
            if subject.look is not None and subject.look.fault is not None:
                raise subject.look.fault
            held, connector = self._read(store, progress)
            zeros = getattr(connector, "lost_zeros", ())
            if zeros and not subject.declared:
                # What is proposed is what is looked at: keys without their zeros are other keys.
                subject.settings["shown_zeros"] = literal(zeros)
                self.subject = replace(subject, source=subject.source.model_copy(update={"shown_zeros": zeros}))
                held, connector = self._read(store, progress)
            self.held = held
            self.columns = mapping.columns_of(self.held)
            self._connector = connector
        except Fault as fault:
            self._fault = str(fault)
            self._doubtful = isinstance(fault, EncodingFault | DeclarationNeeded)

    def _read(self, store: Store, progress: Progress) -> tuple[Held, Connector]:
        """All rows of the source, in the store, and the connector that delivered them."""
        connector = open_source(self.subject.source, self._root)
        with progress.task(f"profile {self.subject.name}") as task:
            return store.load(connector, task), connector

    @cached_property
    def _encodings(self) -> list[Proposal]:
        path = self._root / str(getattr(self.subject.source, "path", ""))
        return propose_encoding(path) if self.subject.source.connector == "csv" and path.is_file() else []

    def draft(self) -> Draft:
        assert self.held is not None
        subject, look = self.subject, self.subject.look
        made = mapping.draft(subject.name, self.columns, self.held, title=subject.title)
        if look is not None and len(look.keys) == 1 and look.keys[0] in self.held.columns:
            declare_key(made, look.keys[0])
        keys = [clean_column(name) for name in subject.source.key_columns]
        if subject.declared and keys and set(keys) <= set(self.held.columns):
            rules = [rule for one in subject.source.fields.values() for rule in one]
            keep_key(made, keys, {clean_column(name) for rule in rules for name in rule.source_columns})
        return made

    def entry(self, draft: Draft | None) -> dict[str, Any]:
        source, look = self.subject.source, self.subject.look
        encodings = self._encodings if self._doubtful else []
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
            "encodings": [{"encoding": p.encoding, "confidence": p.confidence} for p in encodings],
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
        if draft.key is None and not draft.keys:
            declare_keys(draft, candidates)
            if not draft.keys and self.columns:
                name_key(draft, self.columns)
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
        proposals = self._encodings
        if declared is None or not proposals:
            return None
        return {"declared": declared, "proposed": proposals[0].encoding, "confidence": proposals[0].confidence}

    def samples(self) -> dict[str, list[str]]:
        shown = {
            column.name: [value[:_SAMPLE_WIDTH] for value in list(column.facts.values)[:_SAMPLES]]
            for column in self.columns
        }
        return {**shown, "": [f"{p.encoding}: {line}" for p in self._encodings[:2] for line in p.sample.splitlines()]}


def _together(tallies: Any) -> dict[str, int]:
    """Cells of all columns together, the most first."""
    whole: dict[str, int] = {}
    for tally in tallies:
        for name, cells in tally.items():
            whole[name] = whole.get(name, 0) + cells
    return dict(sorted(whole.items(), key=lambda item: (-item[1], item[0])))
