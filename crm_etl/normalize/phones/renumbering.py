"""Numbers of old plans -> today's, by the rules of ``renumbered.yml``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from crm_etl.normalize import lists
from crm_etl.normalize.phones import plans


@dataclass(frozen=True)
class Rule:
    """``old`` figures become ``new``; without a plus only in a source that lies in one of ``lands``."""

    lands: frozenset[str]
    old: re.Pattern[str]
    new: str


@cache
def rules() -> tuple[Rule, ...]:
    """The rules in the order of the file."""
    document = lists.load("phones/renumbered.yml")
    return tuple(Rule(frozenset(entry["lands"]), re.compile(entry["old"]), entry["new"]) for entry in document)


def renumbered(figures: str, country: str) -> str | None:
    """Today's number for ``figures`` if they follow an old plan; None if none, or if the plan has no such number."""
    if not 10 <= len(figures) <= 13:
        return None
    for rule in rules():
        match = rule.old.fullmatch(figures) if country in rule.lands or figures[0] == "+" else None
        if match is not None:
            return plans.valid(match.expand(rule.new), country)
    return None
