"""A proposed mapping written down: a migration file that loads, each line with how sure it is and why.

Lines that a person should look at are marked ``# ?``. What is proposed is decided in :mod:`.mapping`; here it only
becomes text, in the dialect of ``migration.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from crm_etl.environment import literal
from crm_etl.migration import FIELD_TYPES, Migration, parse
from crm_etl.profile.drafts import LEAST, Draft, Line, speaks_of_clients
from crm_etl.profile.subjects import Subject

_HEAD = """\
# A proposed mapping: made by looking at column names and cells, for a person to read and mend.
# Behind each line: how sure (0 to 1) and what speaks for it. Lines to look at first are marked '# ?'.
# {aim}
# All settings: docs/reference/migration-file.md.
"""
#: Settings of a migration that a proposal takes over as they are.
_KEPT = ("matching", "survivorship", "target", "reconciliation", "waves")
_WIDTH = 62
_ORDER = ("connector", "path", "url", "table", "query", "sheet", "encoding", "delimiter", "header_row")


def write(
    subjects: Sequence[Subject],
    drafts: Sequence[Draft],
    *,
    name: str,
    title: str = "",
    aim: str = "Mend it, then check it: crm-etl check",
    rest: dict[str, Any] | None = None,
) -> str:
    """The text of a migration file that maps ``subjects`` as ``drafts`` say; ``rest``: its other settings."""
    drafts = [_written(draft) for draft in drafts]
    known = {draft.name: draft for draft in drafts}
    titled = [f"title: {_scalar(literal(title))}"] if title else []
    lines = [_HEAD.format(aim=aim), f"name: {_scalar(name)}", *titled, "", "sources:"]
    clients = [draft for draft in drafts if draft.entity == "client" and speaks_of_clients(draft)]
    for subject in subjects:
        draft = known.get(subject.name)
        if draft is None:
            lines += [f"  # ? {subject.name}: could not be read, so nothing is proposed for it", ""]
        elif not subject.declared and not speaks_of_clients(draft) and clients:
            lines += [f"  # ? {_one_line(subject.title)}: left out, nothing in it speaks of clients", ""]
        else:
            lines += [*_source(subject, draft, clients), ""]
    for key in _KEPT:
        if rest is not None and key in rest:
            dumped = yaml.safe_dump({key: rest[key]}, allow_unicode=True, sort_keys=False, width=110)
            lines += [dumped]
    return "\n".join(lines).rstrip() + "\n"


def rest_of(migration: Migration, drafts: Sequence[Draft]) -> dict[str, Any]:
    """The settings of ``migration`` beside its sources that fit the proposal."""
    document = yaml.safe_load((migration.root / "migration.yaml").read_text(encoding="utf-8"))
    rest = {key: document[key] for key in _KEPT if key in document}
    clients = {draft.name for draft in drafts if draft.entity == "client"}
    if not set(migration.survivorship.trust) <= clients:
        rest.pop("survivorship", None)
    return rest


def check(text: str, path: Path, environ: dict[str, str] | None = None) -> Migration:
    """The proposal as the pipeline will read it. Raises MigrationFault where it could not."""
    names = set(re.findall(r"\$\{(\w+)\}", text))
    return parse(text, path, {**dict.fromkeys(names, "secret"), **(environ or {})})


def counts(drafts: Sequence[Draft]) -> dict[str, int]:
    """How much is proposed: ``lines``, of them ``sure`` and ``doubtful``, and columns that ``nothing`` fits."""
    lines = [line for draft in drafts for line in draft.lines]
    return {
        "lines": len(lines),
        "sure": sum(line.sure for line in lines),
        "doubtful": sum(not line.sure for line in lines),
        "nothing": sum(why.startswith("nothing") for draft in drafts for why in draft.ignore.values()),
    }


# ----------------------------------------------------------------------------------------------------------- sources
def _written(draft: Draft) -> Draft:
    """``draft`` with what it names of its source as a migration file must write it."""
    return replace(
        draft,
        key=None if draft.key is None else _written_line(draft.key),
        lines=[_written_line(line) for line in draft.lines],
        ignore={literal(column): why for column, why in draft.ignore.items()},
        client=None if draft.client is None else (draft.client[0], _written_line(draft.client[1])),
        null_tokens=tuple(literal(draft.null_tokens)),
        keys=tuple(literal(draft.keys)),
    )


def _written_line(line: Line) -> Line:
    return replace(line, column=literal(line.column), settings=literal(line.settings))


def _source(subject: Subject, draft: Draft, clients: Sequence[Draft]) -> list[str]:
    settings = {key: subject.settings[key] for key in _ORDER if key in subject.settings}
    settings |= {key: value for key, value in subject.settings.items() if key not in settings}
    lines = [f"  - name: {_scalar(draft.name)}"]
    if subject.title != draft.name:
        lines.append(f"    title: {_scalar(literal(subject.title))}")
    lines += [f"    {key}: {_flow(value)}" for key, value in settings.items()]
    lines += [f"    # {_one_line(note)}" for note in ([] if subject.look is None else subject.look.notes)]
    lines += [f"    # ? {_one_line(doubt)}" for doubt in draft.doubts]
    unsure = draft.entity_confidence < 0.75
    lines.append(_noted(f"    entity: {draft.entity}", f"{'? ' if unsure else ''}{draft.entity_confidence:.2f}"))
    lines += [_key(draft), *_client(draft, clients)]
    if draft.country is not None:
        lines.append(_noted(f"    country: {_scalar(draft.country)}", "where most phones are read best"))
    if draft.decimal is not None:
        lines.append(f"    decimal: {_scalar(draft.decimal)}")
    if draft.null_tokens:
        lines.append(_noted(f"    null_tokens: {_flow(list(draft.null_tokens))}", "met in cells; they mean no value"))
    return [*lines, *_fields(draft), *_ignored(draft)]


def _key(draft: Draft) -> str:
    if draft.key is not None:
        return _noted(f"    key: {_scalar(draft.key.column)}", _why(draft.key))
    if draft.keys:
        return _noted(
            f"    key: {_flow(list(draft.keys))}", "? no single column tells the rows apart; together they do"
        )
    column = _scalar(_any_column([*(line.column for line in draft.lines), *draft.ignore]))
    return _noted(f"    key: {column}", "? no column tells the rows apart: name the right one")


def _client(draft: Draft, clients: Sequence[Draft]) -> list[str]:
    if draft.entity == "client":
        return []
    if draft.client is not None and draft.client[0]:
        source, line = draft.client
        return [
            _noted(
                f"    client: {{source: {_scalar(source, flow=True)}, column: {_scalar(line.column, flow=True)}}}",
                _why(line),
            )
        ]
    some = _any_column([*draft.ignore, *(line.column for line in draft.lines)])
    column = draft.client[1].column if draft.client is not None else some
    source = clients[0].name if clients else draft.name
    text = f"    client: {{source: {_scalar(source, flow=True)}, column: {_scalar(column, flow=True)}}}"
    return [_noted(text, "? not found: the column that holds the clients' keys")]


def _any_column(columns: Sequence[str]) -> str:
    """A column to stand where a person has to name the right one."""
    return columns[0] if columns else "id"


def _fields(draft: Draft) -> list[str]:
    order = list(FIELD_TYPES[draft.entity])
    lines = ["    fields:" if draft.lines else "    fields: {}"]
    for field in sorted({line.field for line in draft.lines}, key=order.index):
        rules = [line for line in draft.lines if line.field == field]
        if len(rules) == 1:
            lines += _rule(f"      {field}:", rules[0])
        else:
            lines.append(f"      {field}:")
            for rule in rules:
                lines += _rule("        -", rule)
    return lines


def _rule(start: str, line: Line) -> list[str]:
    note = _why(line)
    if not line.settings:
        return [_noted(f"{start} {_scalar(line.column)}", note)]
    text = f"{start} {_flow({'column': line.column, **line.settings})}"
    if len(text) <= 108 or "map" not in line.settings:
        return [_noted(text, note)]
    indent = " " * (len(start) - len(start.lstrip()) + 2)
    plain = {key: value for key, value in {"column": line.column, **line.settings}.items() if key != "map"}
    first, *others = [f"{key}: {_flow(value)}" for key, value in plain.items()]
    entries = [f"{indent}  {_scalar(key)}: {_scalar(value)}" for key, value in line.settings["map"].items()]
    block = [f"{indent}{other}" for other in (first, *others)]
    if start.lstrip() == "-":
        return [_noted(f"{start} {first}", note), *block[1:], f"{indent}map:", *entries]
    return [_noted(start, note), *block, f"{indent}map:", *entries]


def _ignored(draft: Draft) -> list[str]:
    """Columns that nothing fits: they would be left behind, so each says why."""
    used = {line.column for line in draft.lines} | set(draft.keys)
    rest = {column: why for column, why in draft.ignore.items() if column not in used}
    if draft.client is not None:
        rest.pop(draft.client[1].column, None)
    if not rest:
        return []
    return [
        "    ignore:",
        *(
            _noted(f"      - {_scalar(column)}", f"{'? ' if why.startswith('nothing') else ''}{why}")
            for column, why in rest.items()
        ),
    ]


def _why(line: Line) -> str:
    doubt = "" if line.sure else "? "
    return "; ".join([f"{doubt}{max(line.confidence, LEAST):.2f} {line.why}", *line.doubts])


def _noted(text: str, note: str) -> str:
    return f"{text:<{_WIDTH}}  # {_one_line(note)}"


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


# ----------------------------------------------------------------------------------------------------------- scalars
def _scalar(value: Any, *, flow: bool = False) -> str:
    """``value`` as a YAML scalar on one line, quoted where it must be (``flow``: also inside braces)."""
    text = yaml.safe_dump([value], allow_unicode=True, default_flow_style=True, width=1 << 20).strip()
    return text[1:-1]


def _flow(value: Any) -> str:
    return (
        yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, sort_keys=False, width=1 << 20)
        .removesuffix("\n...\n")
        .strip()
    )
