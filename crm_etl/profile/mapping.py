"""Column names and cells together -> a proposed mapping of one source. For people: nothing of the pipeline acts on it.

Which entity a source is, is told by how well its columns suit one (:mod:`.assignment`); then each line gets its
settings: formats, calendars, maps, types. Clients of related sources: :mod:`.clients`. How a proposal is written down:
:mod:`.proposal`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast, get_args

from crm_etl.migration import ENUMS, FIELD_TYPES, Calendar, Entity
from crm_etl.normalize import lists
from crm_etl.normalize.text import clean, digits, script
from crm_etl.profile import closed_lists, content, headers
from crm_etl.profile.assignment import Score, assigned, worth
from crm_etl.profile.drafts import (
    Column,
    Draft,
    Line,
)
from crm_etl.profile.keys import is_code
from crm_etl.profile.store import Held

ENTITIES: tuple[str, ...] = get_args(Entity)
_WARNED = {"phone", "email", "identifier", "country"}
_PAIRED = ("created_at", "updated_at")
#: A longer cell is no word of a closed list.
_LONGEST_WORD = 40


def columns_of(held: Held) -> list[Column]:
    """All columns of a source, looked at."""
    found = []
    for name in held.columns:
        facts = held.facts(name)
        found.append(Column(name, facts, content.look(facts, held.rows), headers.fields_of(name)))
    return found


def draft(name: str, columns: Sequence[Column], held: Held, entity: str | None = None, title: str = "") -> Draft:
    """The mapping of source ``name``; ``entity`` and the client reference are settled by :func:`settle` where the
    source alone cannot tell. ``title``: the file's, sheet's or table's own name."""
    scores = {one: assigned(columns, one) for one in ((entity,) if entity is not None else ENTITIES)}
    totals = {one: worth(one, found, columns) for one, found in scores.items()}
    for one, sure in headers.entities_of(f"{title} {name}").items():
        if one in totals:
            totals[one] += 0.35 * sure
    best = max(totals, key=lambda one: totals[one])
    rest = max((total for one, total in totals.items() if one != best), default=0.0)
    sure = round(min(1.0, 0.5 + totals[best] - rest), 2) if len(totals) > 1 else 1.0
    return _drafted(name, best, sure, scores[best], columns, held)


def _drafted(
    name: str,
    entity: str,
    sure: float,
    found: Sequence[tuple[Column, str, Score]],
    columns: Sequence[Column],
    held: Held,
) -> Draft:
    chosen = {slot: column for column, slot, _ in found}
    lines, ignore = [], {}
    key = client = None
    for column, slot, told in found:
        if slot == "ignore":
            ignore[column.name] = "a number of the row or of the system"
        elif slot == "key":
            key = Line("key", column.name, {}, round(told.total, 2), told.why)
        elif slot == "client":
            client = Line("client", column.name, {}, round(told.total, 2), told.why)
        else:
            lines.append(_line(column, _street(slot, chosen), entity, told))
    lines = _ordered_dates(lines, held, {column.name: column for column in columns})
    used = {line.column for line in lines} | set(ignore) | {one.column for one in (key, client) if one is not None}
    for column in columns:
        if column.name not in used:
            ignore[column.name] = "empty" if column.facts.filled == 0 else "nothing says what it is"
    made = Draft(name, entity, sure, key or _any_key(columns), lines, ignore)
    if client is not None:
        made.client = ("", client)
    _number_document(made, columns)
    made.null_tokens = _null_tokens(columns, made)
    made.country = _country(columns)
    made.decimal = _decimal(columns, made)
    if made.key is not None:
        made.ignore.pop(made.key.column, None)
    return made


def _street(slot: str, chosen: Mapping[str, Column]) -> str:
    """An address beside a column of cities is a street; a street with no city anywhere is a whole address."""
    if slot == "address" and "city" in chosen and "street" not in chosen:
        return "street"
    return "address" if slot == "street" and "city" not in chosen and "address" not in chosen else slot


def _line(column: Column, slot: str, entity: str, told: Score) -> Line:
    name, _, kind_of_id = slot.partition(".")
    kind = FIELD_TYPES[entity][name]
    settings: dict[str, Any] = {"type": kind_of_id} if kind_of_id else {}
    doubts: list[str] = []
    if kind == "date":
        doubts += _date(column, settings)
    if kind in ("enum", "bool"):
        doubts += _closed(column, name, kind, settings)
    if kind == "phone" and column.seen.restore_zero:
        settings["restore_zero"] = True
    if kind in _WARNED:
        settings["on_error"] = "warn"
    if column.facts.filled == 0:
        doubts.append("the column is empty")
    return Line(name, column.name, settings, round(min(told.total, 0.99), 2), told.why, tuple(doubts))


def _date(column: Column, settings: dict[str, Any]) -> list[str]:
    """The format of a date column; says so where another would fit as well."""
    formats = column.seen.formats
    if not formats:
        settings["format"] = "%Y-%m-%d"
        return ["no cell tells the format"]
    settings["format"] = formats[0]["format"]
    if formats[0]["calendar"] != "gregorian":
        settings["calendar"] = formats[0]["calendar"]
    rivals = [one for one in formats[1:] if one["share"] == formats[0]["share"]]
    return [f"day and month may be the other way round: {rival['format']} fits as well" for rival in rivals[:1]]


def _closed(column: Column, name: str, kind: str, settings: dict[str, Any]) -> list[str]:
    """The map of an enum's or a yes-or-no column's words."""
    refused = kind == "bool" and headers.says_refusal(column.name)
    if column.facts.distinct > 40 and not refused:
        return [f"{column.facts.distinct} different values: write the map"]
    nothing = lists.placeholders()["cell"] if kind == "enum" else frozenset()
    cells = dict.fromkeys(cell for cell in map(clean, column.facts.values) if cell and cell.casefold() not in nothing)
    unknown = []
    known: dict[str, str] = {}
    for cell in cells:
        value = _boolean(cell) if kind == "bool" else closed_lists.enum_value(name, cell)
        if value is None:
            unknown.append(cell)
        else:
            known[cell] = _turned(value) if refused else value
    # Words that mean themselves need no line, unless they mean the opposite here.
    known = {cell: value for cell, value in known.items() if cell != value}
    if refused and not known:
        known = {"yes": "no", "no": "yes"}
    if known:
        settings["map"] = known
    swapped = ["the name speaks of a refusal, so yes and no are swapped"] if refused else []
    return swapped + _unknown(column, name, kind, unknown)


def _turned(answer: str) -> str:
    return "no" if answer == "yes" else "yes"


def _unknown(column: Column, name: str, kind: str, unknown: list[str]) -> list[str]:
    """Words of a closed list that nobody knows, as a doubt."""
    if not unknown:
        return []
    allowed = "yes, no" if kind == "bool" else ", ".join(ENUMS[name])
    # Names of people in what looked like a closed list are nobody's to read in a comment.
    plain = column.seen.share("person") + column.seen.share("given") < 0.5 and max(map(len, unknown)) <= _LONGEST_WORD
    which = ", ".join(repr(cell) for cell in unknown[:6]) if plain else f"{len(unknown)} of its values"
    return [f"no word known for {which}: map to {allowed}"]


def _boolean(cell: str) -> str | None:
    return lists.booleans().get(digits(cell).casefold())


def _ordered_dates(lines: list[Line], held: Held, columns: Mapping[str, Column]) -> list[Line]:
    """Of two dates that only their cells call created and updated, the earlier one is created."""
    pair = {line.field: line for line in lines if line.field in _PAIRED}
    if len(pair) < 2 or any(columns[line.column].said.get(line.field, 0) >= 0.4 for line in pair.values()):
        return lines
    made, changed = (pair[name] for name in _PAIRED)
    rows = held.rows_of([made.column, changed.column], 500)
    days = [
        (_day(first, made), _day(second, changed)) for first, second in rows if first is not None and second is not None
    ]
    later = sum(first > second for first, second in days if first and second)
    earlier = sum(first < second for first, second in days if first and second)
    if later <= earlier:
        return lines
    swap = {made: _PAIRED[1], changed: _PAIRED[0]}
    return [
        Line(swap[line], line.column, line.settings, line.confidence, line.why, line.doubts)
        if line in pair.values()
        else line
        for line in lines
    ]


def _day(cell: str, line: Line) -> str:
    calendar = cast(Calendar, line.settings.get("calendar", "gregorian"))
    return content.read_day(cell, line.settings["format"], calendar) or ""


def _any_key(columns: Sequence[Column]) -> Line | None:
    """The first column that is full and unique and no sum, day or text; None where there is none."""
    for column in columns:
        if column.seen.fill == 1 and column.seen.uniqueness == 1 and is_code(column):
            return Line("key", column.name, {}, 0.4, "content", ("the only column without doubles or gaps",))
    return None


def _number_document(made: Draft, columns: Sequence[Column]) -> None:
    """The key of a transaction is its document's number where no other column is and it is no mere counter."""
    if made.entity != "transaction" or made.key is None or any(line.field == "document" for line in made.lines):
        return
    column = next(column for column in columns if column.name == made.key.column)
    if column.seen.share("letters") > 0.5 or column.said.get("document", 0) >= 0.4:
        made.lines.append(Line("document", column.name, {}, round(min(made.key.confidence, 0.8), 2), made.key.why))


def _null_tokens(columns: Iterable[Column], made: Draft) -> tuple[str, ...]:
    """Placeholders met in the columns, but for those that are an answer in a column of yes and no."""
    words = lists.placeholders()["cell"]
    closed = {line.column for line in made.lines if FIELD_TYPES[made.entity][line.field] in ("bool", "enum", "money")}
    met: dict[str, None] = {}
    answers: set[str] = set()
    for column in columns:
        cells = [clean(value) for value in column.facts.values]
        if column.name in closed:
            answers.update(cell.casefold() for cell in cells)
        elif column.facts.distinct > 1 and not (made.key is not None and column.name == made.key.column):
            met.update(dict.fromkeys(cell.casefold() for cell in cells if cell.casefold() in words))
    return tuple(sorted(word for word in met if word not in answers and word != "0"))


def _country(columns: Sequence[Column]) -> str | None:
    """The default country: where most phones are read best; else the one whose script the cells have."""
    votes: dict[str, float] = {}
    for column in columns:
        if column.seen.country is not None and column.seen.share("phone") > 0.5:
            votes[column.seen.country] = votes.get(column.seen.country, 0) + column.facts.filled
    if votes:
        return max(votes, key=lambda one: votes[one])
    scripts: dict[str, float] = {}
    for column in columns:
        for value, count in list(column.facts.values.items())[:50]:
            scripts[script(value)] = scripts.get(script(value), 0) + count
    return "IR" if scripts.get("Arab", 0) > scripts.get("Cyrl", 0) else None


def _decimal(columns: Sequence[Column], made: Draft) -> str | None:
    """The decimal separator where amounts show a comma."""
    money = {line.column for line in made.lines if FIELD_TYPES[made.entity][line.field] == "money"}
    cells = [value for column in columns if column.name in money for value in column.facts.values]
    commas = sum("," in value[-3:] for value in cells)
    points = sum("." in value[-3:] for value in cells)
    return "," if commas > points else None
