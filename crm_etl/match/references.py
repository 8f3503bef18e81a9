"""Records by reference: where the records that people, or earlier runs, name by source and key stand now."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crm_etl import joining
from crm_etl.match import texts
from crm_etl.match.encode import Hashes, Ints, Parties


def locate(parties: Parties, source: Any, key: Any) -> Ints:
    """Position of each record that ``source`` and ``key`` (columns of text) name; -1 where it is not here."""
    if not len(source):
        return np.zeros(0, dtype=np.int64)
    here = references(parties.arrow("source"), parties.arrow("key"))
    found = pc.index_in(references(source, key), value_set=here)
    return np.asarray(pc.fill_null(found, -1).to_numpy(zero_copy_only=False), dtype=np.int64)


def references(source: Any, key: Any) -> pa.Array:
    """Source and key as one text."""
    return joining.join_columns([texts.texts(column).cast(pa.large_string()) for column in (source, key)])


def marks(parties: Parties) -> Hashes:
    """A hash of source and key of each record, (records,): the same in every run."""
    return texts.mix(parties.hashes("source"), parties.hashes("key"))
