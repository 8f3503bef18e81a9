"""What the last run's linkage is worth: measured where a truth is known, and estimated in any case.

Reads what the run left in the state folder and matches nothing anew. The figures are plain dictionaries of counts
and shares, fit for a terminal, for ``--json`` and for the page (:mod:`crm_etl.report.evaluation`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from crm_etl import schema
from crm_etl.faults import SourceFault, StateFault, Where
from crm_etl.last_run import LastRun, dropped_blocks
from crm_etl.match import Parties, blocking, curves, decisions, estimates, recall, rules
from crm_etl.match.compare import COMPARISONS
from crm_etl.match.encode import Flags, Floats, Ints
from crm_etl.match.evaluate import evaluate, matching_rows
from crm_etl.match.evidence import odds
from crm_etl.match.members import counts, to_look_at
from crm_etl.match.signs import contradict
from crm_etl.match.unheeded import REFUSED, WAITING
from crm_etl.migration import Migration
from crm_etl.progress import NullProgress, Progress
from crm_etl.report import evaluation
from crm_etl.storage import State
from crm_etl.truth import read_truth

TRUTH = "truth.csv"
Figures = dict[str, Any]


@dataclass(frozen=True)
class _Scores:
    pairs: pd.DataFrame


@dataclass(frozen=True)
class _Rules:
    rules: pd.DataFrame


@dataclass(frozen=True)
class _Pairs:
    """The pairs in play: positions, rules as bits, weights; ``weight`` of a forbidden pair is without bottom."""

    left: Ints
    right: Ints
    rules: Ints
    weight: Floats
    probability: Floats

    @classmethod
    def of(cls, pairs: pd.DataFrame, parties: Parties) -> _Pairs:
        left, right, rules = (pairs[name].to_numpy(dtype=np.int64) for name in ("left", "right", "rules"))
        forbidden = _forbidden(pairs, parties, left)
        weight = np.where(forbidden, -np.inf, pairs[schema.WEIGHT].to_numpy(dtype=np.float64))
        probability = np.where(forbidden, 0.0, pairs[schema.PROBABILITY].to_numpy(dtype=np.float64))
        return cls(left, right, rules, weight, probability)


def assess(migration: Migration, state: State, truth: Path | None, progress: Progress | None = None) -> Figures:
    """Figures on the last run, and the page that holds them (``reports``).

    Args:
        truth: file of columns source, key, entity; None is the migration's own ``truth.csv``, if it has one.

    Returns:
        With a truth what :func:`crm_etl.match.evaluate.evaluate` gives, ``blocking``, ``curve`` and
        ``cluster_curve``; always ``estimates``: what can be said without one, and ``remarks``: what has changed since
        the run, in sentences.

    Raises:
        StateFault: nothing has run yet, or what rests of runs does not fit together.
        SourceFault: the truth file cannot be read, or speaks of none of the run's records.
    """
    known = _truth(migration, truth)
    with (progress or NullProgress()).task("evaluate"):
        figures = _figures(migration, state, known)
    if known is not None and not figures["records"]["compared"]:
        raise SourceFault(
            "none of its records was matched in the last run",
            where=Where(str(truth or migration.root / TRUTH)),
            remedy="source and key must be those of the migration's client sources",
        )
    page = evaluation.write(figures, state.reports, migration.title or migration.name)
    return figures | {"reports": {name: str(path) for name, path in page.items()}}


def entities(parties: Parties, truth: pd.DataFrame) -> Ints:
    """True entity of each position; -1 where the truth does not name it."""
    found = np.full(parties.size, -1, dtype=np.int64)
    records = pd.DataFrame({name: parties.column(name) for name in ("source", "key")})
    ours, theirs = matching_rows(records, truth)
    found[ours] = pd.factorize(truth["entity"].take(theirs))[0]
    return found


def _truth(migration: Migration, path: Path | None) -> pd.DataFrame | None:
    own = migration.root / TRUTH
    if path is None and not own.exists():
        return None
    return read_truth(own if path is None else path)


def _figures(migration: Migration, state: State, truth: pd.DataFrame | None) -> Figures:
    if not state.has("match/clusters"):
        raise StateFault("nothing to evaluate yet", where=Where(str(state.root)), remedy="run: crm-etl dry-run")
    last = LastRun.of(state)
    frame = last.people()
    parties = Parties(frame)
    pairs = _Pairs.of(state.read("match/scores", _Scores).pairs, parties)
    figures = {} if truth is None else _measured(last, frame, parties, pairs, truth)
    return figures | {"estimates": _estimated(migration, last, parties, pairs), "remarks": last.remarks(migration)}


def _measured(last: LastRun, frame: pd.DataFrame, parties: Parties, pairs: _Pairs, truth: pd.DataFrame) -> Figures:
    found = evaluate(last.members, truth, frame)
    entity = entities(parties, truth)
    blocks = blocking.plan(parties, last.matching)
    names = [rule.name for rule in blocks.rules]
    right: Flags = (entity[pairs.left] == entity[pairs.right]) & (entity[pairs.left] >= 0)
    judged = (entity[pairs.left] >= 0) & (entity[pairs.right] >= 0)
    met = recall.against_truth(blocks.through_copies, names, entity)
    return found | {
        "blocking": met,
        "curve": curves.of_pairs(pairs.weight[judged], right[judged], met["true"]),
        "cluster_curve": curves.of_clusters(pairs.left, pairs.right, pairs.weight, entity),
    }


def _estimated(migration: Migration, last: LastRun, parties: Parties, pairs: _Pairs) -> Figures:
    matching = last.matching
    client = np.asarray(pd.factorize(last.members["client_id"].take(_rows(parties, last.members)))[0])
    likely = pairs.probability >= matching.threshold
    known = {rule.name: recall.evidence(rule) for rule in (*rules.RULES, rules.COPIES)}
    asked = last.state.read("match/pairs", _Rules).rules["rule"].tolist()
    verdicts, bound = last.matches["verdict"], odds(matching.threshold)
    return {
        "expected": estimates.expected(pairs.probability, client[pairs.left] == client[pairs.right]),
        "curve": estimates.curve(pairs.weight, pairs.probability),
        "blocking": recall.recaptured(pairs.rules[likely], [known[name] for name in asked]),
        "dropped": dropped_blocks(last.state),
        "clusters": estimates.clusters(last.members, bound),
        "flagged": counts(to_look_at(last.members, bound)),
        "review": {name: int((verdicts == name).sum()) for name in ("review", "forbidden")},
        "decisions": {name: int((last.unheeded["state"] == name).sum()) for name in (REFUSED, WAITING)},
        "decided": estimates.decided(last.matches, _decisions(migration), matching),
    }


def _decisions(migration: Migration) -> pd.DataFrame:
    return decisions.read(migration.root / migration.matching.decisions)


def _rows(parties: Parties, members: pd.DataFrame) -> Ints:
    """The row of each position among the members."""
    records = pd.DataFrame({name: parties.column(name) for name in ("source", "key")})
    ours, theirs = matching_rows(records, members)
    if len(ours) < parties.size:
        raise StateFault("the last run was of other records", remedy="run: crm-etl dry-run")
    return theirs


def _forbidden(pairs: pd.DataFrame, parties: Parties, left: Ints) -> Flags:
    found = np.zeros(len(left), dtype=np.bool_)
    for kind, table in COMPARISONS.items():
        at = np.flatnonzero(parties.kind[left] == kind)
        codes = {entry.name: pairs[f"{schema.LEVEL_PREFIX}{entry.name}"].to_numpy()[at] for entry in table}
        found[at] = contradict(kind, codes)
    return found
