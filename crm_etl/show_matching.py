"""How the figures of the matching look in the terminal: blocking and evaluation. Adds nothing to them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rich.console import Console
from rich.markup import escape

from crm_etl.number import agreeing, counted
from crm_etl.terminal import cell, filled, flagged, grid, put, remarks, reports, screen

_MEASURES = ("pairwise", "cluster", "b_cubed", "across_scripts", "within_scripts")
_SHARES = ("precision", "recall", "f1")
#: Dropped blocks of a rule that are shown.
_DROPPED = 2
_COUNTS = ("keys", "blocks", "pairs", "new", "matches", "only", "dropped")


def blocking(found: dict[str, Any]) -> None:
    out = screen()
    names = ("rule", *_COUNTS, "seconds")
    lines = [{**line, "dropped": line["dropped_pairs"]} for line in found["rules"]]
    put(out, filled(grid(*names, numeric=names[1:]), lines, names))
    out.print(
        f"[bold]{found['pairs']:,}[/] {agreeing(found['pairs'], 'pair')} of {counted(found['records'], 'record')}, "
        f"about {found['seconds']:.1f} seconds to compare"
    )
    _dropped(out, found)
    out.print(f"matches expected among them: {found['matches']:,} (by the {_JUDGES[found['judged_by']]})")
    _recall(out, found["recall"], found["truth"], found["dropped_pairs"])
    out.print(_RECORDS[found["records_of"]])
    if not found["within"]:
        remedy = "" if "proposal" in found else ": crm-etl blocking --propose"
        out.print(f"[bold red]more than the budget[/] of {counted(found['budget'], 'pair')}{remedy}")
    if "proposal" in found:
        _proposal(out, found)


def _dropped(out: Console, found: dict[str, Any]) -> None:
    """Which limits dropped blocks, and the largest of them."""
    limits, by_limit = found["limits"], found["dropped_by"]
    why = {
        "max_block": f"more than {counted(limits['max_block'], 'record')} (matching.max_block)",
        "budget": f"more than {counted(limits['affordable'], 'record')}, times the room of their rule, to keep to "
        f"{counted(limits['budget'], 'pair')} (matching.pairs_per_record)",
    }
    for limit, pairs in by_limit.items():
        if pairs:
            out.print(f"{counted(pairs, 'pair')} dropped with blocks of {why[limit]}")
    if found["dropped"]:
        names = ("rule", "records", "pairs", "shared by, for example")
        of_rule: Counter[str] = Counter()
        lines = []
        for line in found["dropped"]:
            of_rule[line["rule"]] += 1
            if of_rule[line["rule"]] <= _DROPPED:
                lines.append({**line, names[3]: ", ".join(line["examples"])})
        out.print("the largest blocks of each rule that were dropped (--json lists more):")
        put(out, filled(grid(*names, numeric=names[1:3]), lines, names))


_RECORDS = {
    "last_run": "records: those of the last run; --fresh reads the sources as they are now",
    "sources": "records: those of the sources as they are now",
}
_JUDGES = {"model": "last run's model", "beliefs": "declared beliefs: no run has learned a model yet"}


#: Said beside an estimate of the recall where blocks were dropped.
_NOT_COVERED = "what only the dropped blocks hold is not in this estimate"


def _recall(out: Console, estimate: dict[str, Any], truth: dict[str, Any] | None, dropped: int) -> None:
    if estimate["recall"] is None:
        out.print("share of all matches that they find: too few matches to estimate it")
    else:
        out.print(
            f"share of all matches that they find: about [bold]{estimate['recall']:.3f}[/] "
            f"({estimate['low']:.3f} to {estimate['high']:.3f}), from matches that independent rules found twice"
        )
        if dropped:
            out.print(_NOT_COVERED)
    if truth is not None:
        out.print(
            f"by the truth: [bold]{truth['recall']:.4f}[/] ({truth['met']:,} of {counted(truth['true'], 'true pair')})"
        )


def _proposal(out: Console, found: dict[str, Any]) -> None:
    proposal = found["proposal"]
    if found["settings"] is None:
        out.print(f"\n[bold red]no rule fits[/] a budget of {counted(proposal['budget'], 'pair')}: allow more")
        return
    names = ("rule", "new", "matches")
    out.print(
        f"\nproposed for a budget of {counted(proposal['budget'], 'pair')}, in the order of what each pair is worth:"
    )
    put(out, filled(grid(*names, numeric=names[1:]), proposal["rules"], names))
    out.print(
        f"{counted(proposal['pairs'], 'pair')}, {proposal['found']:.2%} of the matches that all rules together find"
    )
    out.print(escape(found["settings"]), soft_wrap=True)


def evaluation(figures: dict[str, Any]) -> None:
    out = screen()
    if "pairwise" in figures:
        _measured(out, figures)
    else:
        out.print("no truth is known: this is what the run itself says")
    _estimated(out, figures["estimates"])
    remarks(out, figures["remarks"])
    reports(out, figures["reports"])


def _measured(out: Console, figures: dict[str, Any]) -> None:
    shown = grid("measure", *_SHARES, numeric=_SHARES)
    lines = [(name, figures[name]) for name in _MEASURES if name in figures]
    groups = [line for group in ("by_sources", "by_scripts") for line in figures.get(group, {}).items()]
    lines += [(name, line) for name, line in groups if line["true"] or line["found"]]
    for name, line in lines:
        shown.add_row(escape(name), *(cell(float(line[key])) if line.get("true", 1) else "–" for key in _SHARES))
    out.print(shown)
    records, best, met = figures["records"], figures["curve"]["best"], figures["blocking"]
    out.print(
        f"{counted(records['compared'], 'record')} compared; {records['only_in_members']:,} of the run without a "
        f"truth, {records['only_in_truth']:,} of the truth not in the run"
    )
    out.print(f"blocking brought {met['met']:,} of {counted(met['true'], 'true pair')} together: {met['recall']:.4f}")
    out.print(f"best F1 of bare pairs {best['f1']:.3f}, from {best['weight']:.1f} bits ({best['probability']:.3f})")


def _estimated(out: Console, guess: dict[str, Any]) -> None:
    expected, found, clusters = guess["expected"], guess["blocking"], guess["clusters"]
    out.print(
        f"expected by the model: precision [bold]{expected['precision']:.3f}[/], recall of what was compared "
        f"[bold]{expected['recall']:.3f}[/] ({expected['matches_expected']:,.0f} matches expected)"
    )
    if found["recall"] is not None:
        out.print(
            f"brought together by blocking: about {found['recall']:.3f} of the matches "
            f"({found['low']:.3f} to {found['high']:.3f})"
        )
        if guess["dropped"]["pairs"]:
            out.print(f"{_NOT_COVERED}: crm-etl blocking lists them")
    out.print(
        f"{counted(clusters['clients'], 'client')}, {clusters['merged']:,} of several records: {clusters['sparse']:,} "
        f"held together by few, {clusters['weak_link']:,} by a weak link, {clusters['contradicted']:,} with a "
        "contradiction"
    )
    flagged(out, guess["flagged"])
    out.print(f"{counted(guess['review']['review'], 'pair')} for a person to decide")
    if any(guess["decisions"].values()):
        out.print(
            f"{counted(guess['decisions']['refused'], 'decision')} of people not obeyed, "
            f"{guess['decisions']['waiting']:,} waiting for records: crm-etl dry-run lists them"
        )
    _decided(out, guess["decided"])


def _decided(out: Console, bands: list[dict[str, Any]]) -> None:
    for band in bands:
        if band["share"] is not None:
            pairs = counted(band["same"] + band["different"], "decided pair")
            out.print(
                f"people called {band['same']:,} of {pairs} {_band(band['least'], band['most'])} the same: "
                f"{band['share']:.3f} ({band['low']:.3f} to {band['high']:.3f})"
            )


def _band(least: float, most: float) -> str:
    if most == 1:
        return f"of probability {least:g} or more"
    return f"below probability {most:g}" if least == 0 else f"of probability {least:g} to below {most:g}"
