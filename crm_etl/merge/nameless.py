"""Clients that nobody could find in a CRM: none of their records bears a name. They leave with all their records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from crm_etl import schema
from crm_etl.merge.refusals import refuse

NAME_MISSING = "name_missing"
STAGE = "merge"
_MESSAGE = "neither the record nor any other of this client has a name: enter one and send the record again"


class Named(NamedTuple):
    """``parties`` and ``members`` of clients with a name; ``refused``: QUARANTINE rows of the others."""

    parties: pd.DataFrame
    members: pd.DataFrame
    refused: pd.DataFrame


def part_nameless(parties: pd.DataFrame, members: pd.DataFrame, raw: Mapping[str, pd.DataFrame]) -> Named:
    """The records (PARTY and MEMBERS) of clients of whom at least one record bears a name, and the others refused."""
    nameless = parties.loc[parties["name"].isna(), ["source", "key"]]
    if nameless.empty:
        return Named(parties, members, schema.QUARANTINE.empty())
    references = pd.MultiIndex.from_frame(members[["source", "key"]])
    named = ~references.isin(pd.MultiIndex.from_frame(nameless))
    told = members["client_id"].isin(members.loc[named, "client_id"]).to_numpy(dtype=bool)
    out = pd.MultiIndex.from_frame(parties[["source", "key"]]).isin(references[~told])
    refused = [
        refuse(part, raw.get(str(source)), stage=STAGE, field="name", reason=NAME_MISSING, message=_MESSAGE)
        for source, part in parties[out].groupby("source", sort=True)
    ]
    frames = [schema.QUARANTINE.empty(), *refused]
    return Named(parties[~out], members[told], pd.concat(frames, ignore_index=True))
