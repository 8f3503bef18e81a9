"""Communication preferences: one answer a client and channel, and the stricter one wins.

Answers come from the client records themselves and from sources of consents. No declared rule can weaken this.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.merge.contacts import Children
from crm_etl.merge.ids import row_ids
from crm_etl.merge.lineage import encode
from crm_etl.merge.records import Records, Texts, explode, texts
from crm_etl.merge.survivorship import ONLY_VALUE, SAME, STRICTER

_COLUMNS = ["client_id", "channel", "allowed", "since", "source", "key"]
_GROUP = ["client_id", "channel"]


def fold_consents(records: Records, consents: pd.DataFrame) -> Children:
    """The answers of ``records`` and of ``consents`` (CONSENT rows with ``client_id``).

    ``since`` is the latest date on which the winning answer was given.
    """
    answers = pd.concat([_of_parties(records), consents[_COLUMNS]], ignore_index=True).astype("string[pyarrow]")
    answers["undated"] = answers["since"].isna()
    answers["newest"] = -pd.factorize(answers["since"], sort=True)[0]
    answers = answers.sort_values([*_GROUP, "allowed", "undated", "newest", "source", "key"], ignore_index=True)
    # "no" sorts before "yes": the first row of each group is the stricter answer, the latest given.
    winners = answers.drop_duplicates(_GROUP, ignore_index=True)
    groups = answers.groupby(_GROUP, sort=False)["allowed"]
    rule = np.where(groups.nunique() > 1, STRICTER, np.where(groups.size() > 1, SAME, ONLY_VALUE))
    table = winners.assign(row_id=row_ids(winners["client_id"], winners["channel"]))
    return Children(
        schema.CLIENT_CONSENT.conform(table[schema.CLIENT_CONSENT.names]),
        _lineage(answers, winners, rule.astype(object)),
    )


def _of_parties(records: Records) -> pd.DataFrame:
    record, items = explode(records.frame["consents"])
    parts = [item.partition(":") for item in items]
    return pd.DataFrame(
        {
            "client_id": records.client_ids.take(records.client[record]),
            "channel": [channel for channel, _, _ in parts],
            "allowed": [allowed for _, _, allowed in parts],
            "since": pd.array([pd.NA] * len(parts), dtype="string[pyarrow]"),
            "source": records.frame["source"].array.take(record),
            "key": records.frame["key"].array.take(record),
        }
    )


def _lineage(answers: pd.DataFrame, winners: pd.DataFrame, rule: Texts) -> pd.DataFrame:
    joined = answers.merge(winners[[*_GROUP, "allowed"]], on=_GROUP, suffixes=("", "_won"))
    losers = joined[joined["allowed"] != joined["allowed_won"]]
    lost: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in losers.itertuples(index=False):
        part = {"source": row.source, "key": row.key, "value": f"{row.channel}:{row.allowed}"}
        lost.setdefault((row.client_id, row.channel), []).append(part)
    data = {
        "client_id": winners["client_id"],
        "field": schema.CLIENT_CONSENT.name,
        "value": winners["channel"] + ":" + winners["allowed"],
        "source": winners["source"],
        "key": winners["key"],
        "rule": rule,
        "lost": [
            encode(lost[group]) if group in lost else "[]"
            for group in zip(texts(winners["client_id"]), texts(winners["channel"]), strict=True)
        ],
    }
    return schema.LINEAGE.conform(pd.DataFrame(data))
