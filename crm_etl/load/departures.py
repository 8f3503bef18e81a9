"""Records that left a client for another one, by a split or a move, and the rows that they brought to the client left.

Such rows were loaded for a record that is another client's now: :mod:`crm_etl.load.plan` takes them off the client
that it left. Rows of client records only; interactions, transactions and opportunities follow their own legacy row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from crm_etl import joining
from crm_etl.load import rowjson
from crm_etl.load.cells import among
from crm_etl.load.differences import CHANGE_NAMES, NO_CHANGES
from crm_etl.load.registry import TargetState

_TEXT = "string[pyarrow]"
_RECORD = ["source", "key"]
_PLACE = ("country", "city", "postal_code")
#: Columns that say what a row of a table is about.
_SUBJECTS: dict[str, tuple[str, ...]] = {
    "client_name": ("full_name",),
    "client_phone": ("phone",),
    "client_email": ("email",),
    "client_address": _PLACE,
    "client_identifier": ("type", "value"),
    "client_consent": ("channel",),
}
#: What a party states of each of those tables. Answers on consents that came from sources of their own are nobody's in
#: particular: they stay, for a "no" that is one too many harms less than one that is missing.
_STATED: dict[str, Callable[[pd.DataFrame], list[pd.Series]]] = {
    "client_name": lambda party: [party["name"], party["name_latin"], party["other_names"].explode()],
    "client_phone": lambda party: [party["phones"].explode()],
    "client_email": lambda party: [party["emails"].explode()],
    "client_address": lambda party: [_subject(party, _PLACE)],
    "client_identifier": lambda party: [party["identifiers"].explode().str.replace(":", joining.UNIT, n=1)],
    "client_consent": lambda party: [party["consents"].explode().str.replace(":.*", "", regex=True)],
}


@dataclass(frozen=True)
class Departures:
    """``records``: the parties that left, with client_id (the client left) and into (the one they are of now).

    ``shut``: clients that people merged into others, whose rows are theirs to move.
    """

    records: pd.DataFrame
    shut: pd.Index

    @classmethod
    def of(
        cls,
        members: pd.DataFrame,
        parties: pd.DataFrame,
        target: TargetState,
        staying: pd.Series,
        known: pd.Index,
        shut: pd.Index,
    ) -> Departures:
        """The departures from the clients ``staying`` to clients ``known`` to the CRM after the load.

        A client that comes back after a merge was left by all records of the client that it had been merged into.
        """
        then = target.crosswalk[[*_RECORD, "client_id"]]
        back = target.retired[among(target.retired["client_id"], staying)]
        back = back.assign(merged_into=back["client_id"].map(target.survivors()).astype(_TEXT))
        merged = then.rename(columns={"client_id": "merged_into"}).merge(back)
        moved = pd.concat([then, merged[[*_RECORD, "client_id"]]], ignore_index=True)
        moved = moved.merge(members[[*_RECORD, "client_id"]].rename(columns={"client_id": "into"}), on=_RECORD)
        moved = moved[
            (moved["client_id"] != moved["into"])
            & among(moved["client_id"], staying)
            & among(moved["into"], known)
            & ~among(moved["into"], shut)
        ]
        mine = parties[among(_reference(parties), _reference(moved))].drop_duplicates(_RECORD)
        return cls(moved.merge(mine, on=_RECORD), shut)

    def changes(self, table: str, wanted: pd.DataFrame, gone: pd.DataFrame, loaded: pd.Series) -> pd.DataFrame:
        """Plan rows that take off what the records brought: remove, or conflict where people edited the row since.

        Args:
            wanted: rows of the table that the legacy brings, those refused left out.
            gone: rows of the CRM that were loaded and are not wanted any more.
            loaded: JSON of the rows as last loaded, indexed by key.
        """
        rows = gone[among(gone["client_id"], self.records["client_id"])].reset_index(drop=True)
        if rows.empty:
            return NO_CHANGES
        rows = rows.assign(subject=_subject(rows, _SUBJECTS[table]))
        found = rows.merge(self._stated(table), on=["client_id", "subject"])
        if table != "client_name":  # a further name there may be the client's own name here
            held = wanted["client_id"].str.cat(_subject(wanted, _SUBJECTS[table]), sep=joining.UNIT)
            found = found[among(found["into"].str.cat(found["subject"], sep=joining.UNIT), held)]
        found = found.sort_values(["row_id", "into", "record"]).drop_duplicates("row_id", ignore_index=True)
        now = rowjson.encode(found[list(gone.columns[1:])])
        edited = now.to_numpy(dtype=object) != loaded.reindex(found["row_id"].to_numpy(dtype=object)).to_numpy()
        changes = found[["row_id", "client_id"]].assign(
            table=table,
            action=pd.Series(edited | among(found["client_id"], self.shut)).map({True: "conflict", False: "remove"}),
            reason="split: " + found["record"] + " is of " + found["into"] + " now",
            fields=pd.NA,
            before=now.array,
            after=pd.NA,
        )
        return changes[CHANGE_NAMES].astype(_TEXT)

    def _stated(self, table: str) -> pd.DataFrame:
        """client_id (left), subject, into and record (source:key) of what the records state of a table."""
        known = self.records.assign(record=_reference(self.records))
        names = ["client_id", "into", "record"]
        parts = [pd.DataFrame({"subject": part.astype(_TEXT)}).join(known[names]) for part in _STATED[table](known)]
        return pd.concat(parts, ignore_index=True).dropna(subset="subject")


def follows(table: str) -> bool:
    """Whether the rows of ``table`` are brought by client records."""
    return table in _SUBJECTS


def _reference(records: pd.DataFrame) -> pd.Series:
    return records["source"] + ":" + records["key"]


def _subject(rows: pd.DataFrame, names: tuple[str, ...]) -> pd.Series:
    first, *rest = (rows[name].astype(_TEXT).fillna("") for name in names)
    return first.str.cat(rest, sep=joining.UNIT) if rest else first
