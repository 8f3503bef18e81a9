"""How results look in the terminal. Takes the plain dictionaries that ``--json`` prints; adds nothing to them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from crm_etl.number import agreeing, counted
from crm_etl.terminal import cell, filled, flagged, grid, put, remarks, reports, screen

if TYPE_CHECKING:
    from crm_etl.faults import Fault


#: Actions of a plan that are shown even when no row has them.
_ALWAYS = ("insert", "update", "leave", "refuse")
_SAMPLES = 3
#: Decisions that are listed one by one.
_UNHEEDED = 10
_STATES = {"refused": "not obeyed", "waiting": "waiting"}
_REMEDIES = {
    "refused": "not obeyed: decide one of the pairs anew with crm-etl decide; the last decision on a pair counts",
    "waiting": "waiting: the key is misspelt, or its row is gone or in quarantine. If misspelt, decide again with the "
    "right key, and add a line 'unsure' for the misspelt pair",
}
_STALE = "correction fits no row any more: the source changed that row"
_STALE_ONES = "corrections fit no row any more: the sources changed those rows"


def fault(error: Fault, *, as_json: bool) -> None:
    """The fault on standard error; as one JSON document on standard output for machines."""
    if as_json:
        where = error.where
        document = {
            "error": error.what,
            "where": None if where is None else {key: value for key, value in vars(where).items() if value is not None},
            "remedy": error.remedy,
            "exit_code": error.exit_code,
        }
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        return
    console = Console(stderr=True, highlight=False)
    first, *rest = str(error).splitlines()
    console.print(f"[bold red]error:[/] {escape(first)}", soft_wrap=True)
    for line in rest:
        console.print(escape(line), soft_wrap=True)


def _verdict(good: bool, yes: str, no: str) -> str:
    return f"[bold green]{yes}[/]" if good else f"[bold red]{no}[/]"


def _sources(console: Console, summary: dict[str, Any]) -> None:
    names = ("source", "read", "accepted", "quarantined", "excluded", "awaiting")
    put(console, filled(grid(*names, numeric=names[1:]), summary["sources"], names))
    console.print(
        f"clients [bold]{summary['clients']:,}[/] from {counted(summary['records'], 'record')}: "
        f"{summary['merges']:,} merged away, {counted(summary['review'], 'pair')} for a person to decide, "
        f"{summary['contradicted']:,} forbidden though alike, "
        f"{counted(summary['quarantined'], 'row')} in quarantine"
    )
    if summary["corrected"] or summary["stale_corrections"]:
        stale = summary["stale_corrections"]
        console.print(
            f"{counted(summary['corrected'], 'row')} as people corrected {agreeing(summary['corrected'], 'it', 'them')}"
            + (f"; [bold]{stale:,}[/] {agreeing(stale, _STALE, _STALE_ONES)}" if stale else "")
        )
    _dropped(console, summary["dropped"])
    _events(console, summary["events"])
    flagged(console, summary["flagged"])
    _decisions(console, summary["decisions"])
    ledger = summary["ledger"]
    console.print(
        "ledger "
        + _verdict(ledger["closed"], "closed to zero", f"OPEN by {counted(ledger['difference'], 'row')}")
        + f" over {counted(ledger['read'], 'row')} read"
    )


def _dropped(console: Console, dropped: dict[str, int]) -> None:
    """What was not compared because too many records share a blocking key."""
    if dropped["blocks"]:
        console.print(
            f"up to {counted(dropped['pairs'], 'pair')} not compared, in {counted(dropped['blocks'], 'block')} of too "
            "many records: crm-etl blocking lists the largest",
            soft_wrap=True,
        )


def _events(console: Console, events: dict[str, int]) -> None:
    """What became of clients that the target holds."""
    if any(events.values()):
        console.print(
            f"clients of the target: [bold]{counted(events['merge'], 'merge')}[/], "
            f"[bold]{counted(events['split'], 'split')}[/]; events.csv lists them with their reasons",
            soft_wrap=True,
        )


def _decisions(console: Console, decisions: dict[str, Any]) -> None:
    """What people decided and was not obeyed, and what to do about it."""
    if not decisions["unheeded"]:
        return
    console.print(
        f"[yellow]{escape(decisions['file'])}:[/] {counted(decisions['refused'], 'decision')} not obeyed, "
        f"{decisions['waiting']:,} waiting for records",
        soft_wrap=True,
    )
    for one in decisions["unheeded"][:_UNHEEDED]:
        line = "" if one["line"] is None else f"line {one['line']}: "
        said = f"{one['left']} and {one['right']} {one['verdict']}, {_STATES[one['state']]}: {one['reason']}"
        console.print(f"  {line}{escape(said)}", soft_wrap=True)
    if len(decisions["unheeded"]) > _UNHEEDED:
        console.print(f"  and {len(decisions['unheeded']) - _UNHEEDED:,} more: --json lists them all")
    for state, remedy in _REMEDIES.items():
        if decisions[state]:
            console.print(f"  {remedy}", soft_wrap=True)


def _unmapped(console: Console, found: list[dict[str, Any]]) -> None:
    for line in found:
        values = f"{counted(line['values'], 'value')} that the map does not know"
        console.print(
            f"[yellow]{escape(line['source'])}.{escape(line['field'])}[/]: {values} "
            f"{agreeing(line['values'], 'keeps', 'keep')} {counted(line['rows'], 'row')} in quarantine: "
            f"unmapped.csv lists {agreeing(line['values'], 'it', 'them')} for the map"
        )


def _plan(console: Console, plan: dict[str, Any]) -> None:
    totals: dict[str, int] = {}
    for counts in plan["counts"].values():
        for action, count in counts.items():
            totals[action] = totals.get(action, 0) + count
    actions = [action for action in totals if totals[action] or action in _ALWAYS]
    table = grid("table", *actions, numeric=tuple(actions))
    for name, counts in plan["counts"].items():
        table.add_row(name, *(cell(counts.get(action, 0)) for action in actions))
    put(console, table)
    console.print(f"plan {plan['id']}: " + _verdict(not plan["blocked"], "may be applied", "may NOT be applied"))
    for failed in plan["failed_checks"]:
        console.print(f"  failed check: {escape(str(failed))}")


def _stages(console: Console, stages: list[dict[str, Any]]) -> None:
    table = grid("stage", "seconds", "peak MB", numeric=("seconds", "peak MB"))
    for stage in stages:
        table.add_row(escape(stage["stage"]), f"{stage['seconds']:.1f}", cell(stage["peak_mb"]))
    console.print(table)


def _warnings(console: Console, summary: dict[str, Any]) -> None:
    """What the sources' readers noticed and let pass."""
    if summary["unchanged"]:
        same = escape(", ".join(summary["unchanged"]))
        console.print(f"[dim]the same files as at the last run, byte for byte: {same}[/]", soft_wrap=True)
    for source, warnings in summary["warnings"].items():
        for warning in warnings:
            console.print(f"[yellow]{escape(source)}:[/] {escape(warning)}", soft_wrap=True)


def rehearsal(summary: dict[str, Any]) -> None:
    console = screen()
    _sources(console, summary)
    _warnings(console, summary)
    _unmapped(console, summary["unmapped"])
    _plan(console, summary["plan"])
    samples = grid("action", "samples by reference")
    for action, references in summary["plan"]["samples"].items():
        samples.add_row(action, escape(", ".join(references[:_SAMPLES])))
    console.print(samples)
    _stages(console, summary["stages"])
    reports(console, summary["reports"])
    console.print("nothing was written to the target")


def migrated(summary: dict[str, Any], *, short: bool) -> None:
    console = screen()
    _sources(console, summary)
    _warnings(console, summary)
    _unmapped(console, summary["unmapped"])
    if not short:
        _plan(console, summary["plan"])
        _stages(console, summary["stages"])
    batch = summary["batch"]
    done = f"applied as batch {batch['id']}" if batch["id"] is not None else "nothing to apply: target is up to date"
    console.print(f"load: {done}")
    _reconciliation(console, summary["reconciliation"])
    if summary["evaluation"] is not None:
        _figures(console, summary["evaluation"])
    reports(console, summary["reports"])


def _reconciliation(console: Console, found: dict[str, Any]) -> None:
    console.print(
        "reconciliation "
        + _verdict(found["ok"], "fine", "found differences")
        + f": {counted(found['explained'], 'difference')} explained, {found['unexplained']:,} unexplained"
    )


def reconciled(summary: dict[str, Any]) -> None:
    console = screen()
    names = ("source", "read", "loaded", "merged", "quarantined", "excluded", "awaiting", "difference")
    table = filled(grid(*names, numeric=names[1:]), summary["ledger"], names)
    put(console, table)
    _reconciliation(console, summary)
    reports(console, summary["reports"])


def _figures(console: Console, figures: dict[str, Any]) -> None:
    pairs = figures["pairwise"]
    console.print(
        f"against the truth: precision [bold]{pairs['precision']:.3f}[/], recall [bold]{pairs['recall']:.3f}[/], "
        f"F1 [bold]{pairs['f1']:.3f}[/] (pairs of records)"
    )


def preflight(findings: dict[str, Any]) -> None:
    console = screen()
    names = ("what", "ok", "detail")
    console.print(filled(grid(*names), findings["checks"], names))
    console.print(_verdict(findings["ok"], "ready for a dry run", "not ready"))


def demo(folder: Path, facts: dict[str, Any]) -> None:
    console = screen()
    names = ("file", "rows")
    rows = [{"file": name, "rows": count} for name, count in facts["files"].items()]
    console.print(filled(grid(*names, numeric=("rows",)), rows, names))
    clients, records = counted(facts["clients"], "real client"), counted(facts["records"], "record")
    console.print(f"{clients} in {records} in {escape(str(folder))}")
    console.print(f"next: crm-etl -C {escape(str(folder))} dry-run")


def undone(batch_id: int, counts: dict[str, Any]) -> None:
    console = screen()
    console.print(
        f"batch {batch_id} undone: {counted(counts['deleted'], 'row')} deleted, {counts['restored']:,} restored, "
        f"{counted(counts['crosswalk'], 'record')} set back in the crosswalk"
    )
    if counts["conflicts"]:
        kept, them = counted(counts["conflicts"], "row"), agreeing(counts["conflicts"], "it", "them")
        console.print(f"{kept} kept, wholly or in part: edited since, or others belong to {them}")
        console.print(escape(", ".join(counts["kept"])), soft_wrap=True)


#: Records of a client that are listed.
_RECORDS = 40


def explanation(found: dict[str, Any]) -> None:
    console = screen()
    names = ("record", "file", "sheet", "line", "name_raw")
    console.print(filled(grid(*names), found["records"][:_RECORDS], names))
    if len(found["records"]) > _RECORDS:
        console.print(f"and {counted(len(found['records']) - _RECORDS, 'more record')}: --json lists them all")
    _corrected(console, found["records"])
    console.print(escape(found["evidence"]), soft_wrap=True)
    remarks(console, found["remarks"])
    if "values" not in found:
        return
    values = [{**value, "lost": "; ".join(value["lost"])} for value in found["values"]]
    value_names: tuple[str, ...] = ("field", "value", "record", "rule", "lost")
    if any("corrected" in value for value in values):
        value_names = (*value_names, "corrected")
        values = [{**value, "corrected": _signed(value.get("corrected"))} for value in values]
    console.print(filled(grid(*value_names), values, value_names))


def _corrected(console: Console, records: list[dict[str, Any]]) -> None:
    """The cells of the records that people corrected in the quarantine."""
    cells = [{"record": record["record"], **cell} for record in records for cell in record.get("corrected", ())]
    if cells:
        names = ("record", "column", "was", "now", "who", "at")
        console.print(filled(grid(*names), cells, names))


def _signed(correction: dict[str, str] | None) -> str:
    return "" if correction is None else f"{correction['who']}, {correction['at']}"


def parsed_names(found: dict[str, Any]) -> None:
    console = screen()
    if len(found["names"]) == 1:
        put(console, _parts(found["names"][0]))
        return
    shown = ("text", "given", "patronymic", "family", "organization", "form", "notes")
    rows = [
        {**name, "organization": name["org_name"], "form": name["legal_form"], "notes": _noted(name["notes"])}
        for name in found["names"]
    ]
    used = tuple(column for column in shown if any(row[column] for row in rows))
    put(console, filled(grid(*used), rows, used))


def _noted(notes: Iterable[str]) -> str:
    """Notes in words: ``name:mixed_script`` is *mixed script*."""
    return ", ".join(note.removeprefix("name:").replace("_", " ") for note in notes)


def _parts(name: dict[str, Any]) -> Table:
    """One name: a row for each part that it has, with the Latin form beside the native one."""
    table = grid("part", "native", "latin")
    pairs = {"native": "latin", "org_name": "org_latin"}
    for part, value in name.items():
        if part == "latin" or part.endswith("_latin") or value is None or value in ((), [], False, ""):
            continue
        shown = _noted(value) if isinstance(value, (list, tuple)) else value
        table.add_row(
            _PARTS.get(part, part.replace("_", " ")), cell(shown), cell(name.get(pairs.get(part, f"{part}_latin")))
        )
    return table


#: What parts are called where their own name would puzzle.
_PARTS = {"native": "whole name", "org_name": "name without form", "ordered": "order certain"}


def romanized_names(found: dict[str, Any]) -> None:
    if len(found["names"]) == 1:
        screen().print(escape(found["names"][0]["latin"]), soft_wrap=True)
        return
    names = ("text", "latin")
    put(screen(), filled(grid(*names), found["names"], names))


def romanization_standards(found: dict[str, Any]) -> None:
    names = ("language", "standard", "title", "source")
    rows = [
        {**row, "standard": f"{row['standard']} (default)" if row["default"] else row["standard"]}
        for row in found["standards"]
    ]
    put(screen(), filled(grid(*names), rows, names))


def compared_names(found: dict[str, Any]) -> None:
    names = ("left", "right", "kind", "bits", "meaning")
    rows = [{**row, "bits": _bits(row["score"])} for row in found["pairs"]]
    put(screen(), filled(grid(*names, numeric=("bits",)), rows, names))


def explained_names(found: dict[str, Any]) -> None:
    console = screen()
    table = grid("left", "right", "bits", "rule", numeric=("bits",))
    for meeting in found["meetings"]:
        table.add_row(
            *(cell(meeting[side]) for side in ("left", "right")), _bits(meeting["bits"]), cell(meeting["rule"])
        )
    for alone in found["alone"]:
        words = (alone["word"], "") if alone["side"] == "left" else ("", alone["word"])
        table.add_row(*(cell(word) for word in words), f"({alone['bits']:.1f})", cell(alone["rule"]))
    if table.row_count:
        put(console, table)
    for remark in found["remarks"]:
        console.print(escape(remark), soft_wrap=True)
    console.print(f"[bold]{_bits(found['score'])} bits[/]: {_odds(found)}", soft_wrap=True)
    console.print(_verdict(found["alike"], "taken for one name", "not taken for one name"))


def _odds(found: dict[str, Any]) -> str:
    if found["score"] == 0:
        return "no evidence either way"
    likelier, other = ("one", "two different ones") if found["score"] > 0 else ("two different ones", "one")
    bearer = {"person": "person", "organization": "organization"}[found["kind"]]
    return (
        f"{found['meaning'].replace('bearer', bearer)}; such spellings are {found['odds']:,.6g} times likelier "
        f"from {likelier} than from {other}"
    )


def _bits(score: float) -> str:
    return f"{score:+.1f}"
