"""How many of the true pairs blocking brings together: counted where a truth is known, else estimated.

Without a truth rules are taken for independent catches of one population, as in capture-recapture: what share of the
matches that share a phone do the rules about names find too? Rules are grouped by the evidence that they rest on, for
two rules about one name are anything but independent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from crm_etl.match.curves import true_pairs
from crm_etl.match.encode import Flags, Ints
from crm_etl.match.rules import Rule

#: Pairs looked up at a time.
_CHUNK = 1_000_000
#: Matches that two groups of rules must both have found before an estimate is made of them; and how wide its interval
#: may be to count beside narrower ones.
_FEWEST, _WIDEST = 30, 0.02
#: Standard normal deviate of a two-sided 95 % interval.
DEVIATE = 1.96


#: Words in the names of features, and the kind of evidence that they are; all other features are made of names.
_KINDS = {
    "phone": "phone",
    "email": "email",
    "local_part": "email",
    "identifier": "identifier",
    "birth": "birth date",
    "city": "place",
    "street": "place",
    "postal": "place",
    "address": "place",
    "house": "place",
}


class Covering(Protocol):
    """What is asked of a blocking: which rules bring pairs together, as a bit mask a pair, 0 for none."""

    def bits(self, left: Ints, right: Ints) -> Ints: ...


def evidence(rule: Rule) -> frozenset[str]:
    """What a rule rests on: name, phone, email, identifier, birth date, place; that for copies on nothing of these."""
    if rule.copies:
        return frozenset()
    return frozenset(_kind(getattr(feature, "__name__", "")) for feature in rule.features)


def _kind(feature: str) -> str:
    return next((kind for word, kind in _KINDS.items() if word in feature), "name")


def against_truth(blocking: Covering, rules: Sequence[str], entities: Ints) -> dict[str, Any]:
    """Share of the true pairs that blocking brings together.

    Args:
        blocking: its bits stand for ``rules``, the lowest first.
        entities: true entity of each position; -1 where it is not known.

    Returns:
        ``recall``, ``met``, ``true``; ``by_rule``: true pairs ``met`` by each rule, those met by it ``alone``, and
        its ``recall``.
    """
    left, right = true_pairs(entities)
    met = np.zeros(len(rules), dtype=np.int64)
    alone = np.zeros(len(rules), dtype=np.int64)
    together = 0
    for start in range(0, len(left), _CHUNK):
        part = slice(start, start + _CHUNK)
        bits = np.asarray(blocking.bits(left[part], right[part]), dtype=np.int64)
        together += int((bits != 0).sum())
        met += [int(((bits >> at) & 1).sum()) for at in range(len(rules))]
        alone += [int((bits == 1 << at).sum()) for at in range(len(rules))]
    return {
        "recall": _share(together, len(left)),
        "met": together,
        "true": len(left),
        "by_rule": {
            name: {"met": int(met[at]), "alone": int(alone[at]), "recall": _share(int(met[at]), len(left))}
            for at, name in enumerate(rules)
        },
    }


def recaptured(bits: Ints, evidence: Sequence[frozenset[str]]) -> dict[str, Any]:
    """Estimate from matches alone what share of all matches blocking brought together.

    For each kind of evidence: matches found by rules that rest on it only, by rules that do not touch it, and by
    both, give the size of the whole (Chapman, 1951; variance by Seber, 1970). Supposed is that whether a match agrees
    in the one says nothing about whether it agrees in the other; the lowest of the narrow estimates is put first.
    Matches that only dropped blocks hold were never met by any rule, and nothing here tells how many they are.

    Args:
        bits: rules that brought each match, (matches,), none 0. Those that only rules without evidence brought, as
            that for copies, say nothing of it.
        evidence: what each rule rests on, lowest bit first, such as ``{"name", "place"}``.

    Returns:
        ``recall`` with its bounds ``low`` and ``high`` (95 %), or None each where too few matches were found twice;
        ``estimates``: the figures of each kind of evidence; ``matches``.
    """
    bits = bits[bits & sum(1 << at for at, rests in enumerate(evidence) if rests) != 0]
    kinds = sorted(frozenset().union(*evidence))
    estimates = {kind: _estimate(bits, *_apart(evidence, kind)) for kind in kinds}
    cautious = _cautious([line for line in estimates.values() if line["both"] >= _FEWEST])
    bounds = {name: cautious.get(name) for name in ("recall", "low", "high")}
    return {
        **bounds,
        "matches": len(bits),
        "estimates": {kind: line for kind, line in estimates.items() if line["one"]},
    }


def _cautious(estimates: list[dict[str, Any]]) -> Mapping[str, Any]:
    """The lowest of the estimates that are narrow enough, else the narrowest."""

    def width(line: Mapping[str, Any]) -> float:
        return float(line["recall"] - line["low"])

    narrow = [line for line in estimates if width(line) <= _WIDEST / 2]
    return min(narrow, key=lambda line: line["recall"]) if narrow else min(estimates, key=width, default={})


def _apart(evidence: Sequence[frozenset[str]], kind: str) -> tuple[int, int]:
    """Masks of the rules that rest on ``kind`` alone, and of those that do not touch it."""
    one = sum(1 << at for at, rests in enumerate(evidence) if rests == {kind})
    other = sum(1 << at for at, rests in enumerate(evidence) if rests and kind not in rests)
    return one, other


def _estimate(bits: Ints, one: int, other: int) -> dict[str, Any]:
    first: Flags = (bits & one) != 0
    second: Flags = (bits & other) != 0
    a, b, both, found = (int(flags.sum()) for flags in (first, second, first & second, bits != 0))
    whole = (a + 1) * (b + 1) / (both + 1) - 1
    spread = ((a + 1) * (b + 1) * (a - both) * (b - both) / ((both + 1) ** 2 * (both + 2))) ** 0.5
    return {
        "one": a,
        "other": b,
        "both": both,
        "whole": whole,
        "recall": _share(found, whole),
        "low": _share(found, whole + DEVIATE * spread),
        "high": _share(found, whole - DEVIATE * spread),
    }


def _share(part: float, whole: float) -> float:
    return min(part / whole, 1.0) if whole > 0 else 1.0
