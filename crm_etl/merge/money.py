"""Balances: one value with their currency, added up over the records of a client when currencies agree."""

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
    """Put sums into ``choice`` where all records of a client agree on the currency; count where they do not.

    An unstated currency agrees only with another unstated one: nobody knows what it is.
    """
    differ = 0
    for entry in np.flatnonzero(choice.rule != ONLY_VALUE):
        parts = candidates.texts[candidates.value[choice.start[entry] : choice.stop[entry]]]
        amounts, currencies = parted(parts)
        if len(set(currencies)) > 1:
            differ += 1
            continue
        total = Decimal(0)
        for amount in amounts:
            total = _EXACT.add(total, Decimal(amount))
        choice.values[entry] = " ".join([f"{total:f}", *(currency for currency in currencies[:1] if currency)])
        choice.rule[entry] = SUM
    return {DIFFER: differ} if differ else {}


def parted(values: Texts) -> tuple[Texts, Texts]:
    """``amount currency`` back into amounts and currencies, None where the currency is unstated."""
    amounts, currencies = np.empty(len(values), dtype=object), np.empty(len(values), dtype=object)
    for at, value in enumerate(values):
        amount, _, currency = value.partition(" ")
        amounts[at], currencies[at] = amount, currency or None
    return amounts, currencies
