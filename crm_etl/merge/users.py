"""The people who look after clients: one CRM user for each distinct owner that the sources name.

Owners are the same user when they agree without case, outer and doubled blanks, and Unicode form.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.merge.ids import digest
from crm_etl.merge.records import Texts, texts


@dataclass(frozen=True)
class Users:
    """``table``: crm_user. ``ids``: owner as written -> user_id."""

    table: pd.DataFrame
    ids: dict[str, str]

    @classmethod
    def of(cls, owners: Iterable[pd.Series]) -> Users:
        """The users whom ``owners``, text columns, name; the spelling most often used becomes the name."""
        columns = [column.dropna() for column in owners]
        counts = pd.concat(columns).value_counts() if columns else pd.Series(dtype="Int64")
        ids = {str(text): user_id(str(text)) for text in counts.index if str(text).strip()}
        names: dict[str, tuple[int, str]] = {}
        for text, count in counts.items():
            if text in ids:
                best = (-int(count), " ".join(str(text).split()))
                names[ids[text]] = min(best, names.get(ids[text], best))
        table = schema.CRM_USER.build({"user_id": one, "name": names[one][1]} for one in sorted(names))
        return cls(table, ids)

    def of_column(self, owners: Any) -> Texts:
        """``owners`` as user ids, None where nobody is named."""
        written = texts(owners)
        found = np.empty(len(written), dtype=object)
        found[:] = [self.ids.get(text) for text in written]
        return found


def user_id(owner: str) -> str:
    """The stable id of the user whom a source calls ``owner``."""
    return digest("crm_user", unicodedata.normalize("NFC", " ".join(owner.split())).casefold())
