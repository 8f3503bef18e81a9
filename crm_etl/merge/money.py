"""Balances: one value with its currency, added up over the records of a client that state the same currency."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Context, Decimal

import numpy as np

from crm_etl.merge.lineage import SUM
from crm_etl.merge.records import Records, Texts
from crm_etl.merge.survivorship import ONLY_VALUE, Candidates, Choice, decide

#: Enough digits that no sum of money is ever rounded.
_EXACT = Context(prec=100)
DIFFER = "balance:currencies_differ"


def balances(records: Records, rules: Sequence[str]) -> tuple[Candidates, Choice]:
    """The balances as ``amount`` or ``amount currency``, and the one that ``rules`` prefer."""
    amounts, currencies = records.texts("balance"), records.texts("currency")
    paired = np.empty(len(amounts), dtype=object)
    paired[:] = [
        None if amount is None else amount if currency is None else f"{amount} {currency}"
        for amount, currency in zip(amounts, currencies, strict=True)
    ]
    candidates = Candidates.of(records.client, np.arange(len(records), dtype=np.int64), paired)
    return candidates, decide(candidates, rules, records)


def add_up(candidates: Candidates, choice: Choice) -> dict[str, int]:
    """Put sums into ``choice``: of the records in the currency of the preferred one; count where others differ.

    Amounts in other currencies cannot be added: they stay in the lineage. An unstated currency agrees only with
    another unstated one: nobody knows what it is.
    """
    differ = 0
    for entry in np.flatnonzero(choice.rule != ONLY_VALUE):
        parts = candidates.texts[candidates.value[choice.start[entry] : choice.stop[entry]]]
        amounts, currencies = parted(parts)
        kept = choice.values[entry].partition(" ")[2] or None
        same = [amount for amount, currency in zip(amounts, currencies, strict=True) if currency == kept]
        if len(same) < len(amounts):
            differ += 1
            if len(same) == 1:
                continue
        total = Decimal(0)
        for amount in same:
            total = _EXACT.add(total, Decimal(amount))
        choice.values[entry] = " ".join([f"{total:f}", *([kept] if kept else [])])
        choice.rule[entry] = SUM
    return {DIFFER: differ} if differ else {}


def parted(values: Texts) -> tuple[Texts, Texts]:
    """``amount currency`` back into amounts and currencies, None where the currency is unstated."""
    amounts, currencies = np.empty(len(values), dtype=object), np.empty(len(values), dtype=object)
    for at, value in enumerate(values):
        amount, _, currency = value.partition(" ")
        amounts[at], currencies[at] = amount, currency or None
    return amounts, currencies
