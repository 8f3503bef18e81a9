"""Column names and cells together -> a proposed mapping of one source. For people: nothing of the pipeline acts on it.

Every column is scored for every field of an entity by its name and by its cells; the assignment with the greatest sum
wins, so that two columns never quarrel for one field. Which entity a source is, which column is its key and where its
client is found are told by the same scores. How a proposal is written down is the matter of :mod:`.proposal`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast, get_args

import numpy as np

from crm_etl.migration import ENUMS, FIELD_TYPES, IDENTIFIER_TYPES, Calendar, Entity
from crm_etl.normalize import lists
from crm_etl.normalize.text import clean, digits, script
from crm_etl.profile import content, headers
from crm_etl.profile.content import Seen
from crm_etl.profile.store import Facts, Held

ENTITIES: tuple[str, ...] = get_args(Entity)
#: Below this a column is better left to a person; below the second it is proposed with a question mark.
LEAST, SURE = 0.3, 0.7
#: What the cells weigh where the name says something already.
_CONTENT = 0.85
#: Fields that several columns may fill.
_REPEATED = {"phones": 5, "emails": 3, "comment": 1}
_WARNED = {"phone", "email", "identifier", "country"}
_PAIRED = ("created_at", "updated_at")
_NO_CLIENT = "no column holds keys of a client source: name it under 'client'"


@dataclass(frozen=True)
class Column:
    """A column with all that is known of it."""

    name: str
    facts: Facts
    seen: Seen
    said: Mapping[str, float]


@dataclass(frozen=True)
class Line:
    """One proposed line: ``field`` filled from ``column``. ``settings`` as in the migration file; ``why``: name,
    content, or both; ``doubts``: what a person should look at, in words."""

    field: str
    column: str
    settings: dict[str, Any]
    confidence: float
    why: str
    doubts: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        return self.confidence >= SURE and not self.doubts


@dataclass
class Draft:
    """The proposed mapping of one source. ``client``: source and column of its client; ``ignore``: column -> why;
    ``keys``: columns that are the key only together."""

    name: str
    entity: str
    entity_confidence: float
    key: Line | None
    lines: list[Line]
    ignore: dict[str, str]
    client: tuple[str, Line] | None = None
    null_tokens: tuple[str, ...] = ()
    country: str | None = None
    decimal: str | None = None
    keys: tuple[str, ...] = ()
    doubts: list[str] = field(default_factory=list)


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
    scores = {one: _assigned(columns, one) for one in ((entity,) if entity is not None else ENTITIES)}
    totals = {one: _worth(one, found, columns) for one, found in scores.items()}
    for one, sure in headers.entities_of(f"{title} {name}").items():
        if one in totals:
            totals[one] += 0.35 * sure
    best = max(totals, key=lambda one: totals[one])
    rest = max((total for one, total in totals.items() if one != best), default=0.0)
    sure = round(min(1.0, 0.5 + totals[best] - rest), 2) if len(totals) > 1 else 1.0
    return _drafted(name, best, sure, scores[best], columns, held)


# ------------------------------------------------------------------------------------------------------- assignment
@dataclass(frozen=True)
class Score:
    """How well a column suits a field, and what says so."""

    total: float
    name: float
    cells: float

    @property
    def why(self) -> str:
        if self.name >= 0.4 and self.cells >= 0.4:
            return "name and content"
        return "name" if self.name >= self.cells else "content"


def score(column: Column, name: str, entity: str) -> Score:
    """How well ``column`` suits the field ``name`` of ``entity`` (``identifiers.<type>`` for identifiers)."""
    kind = FIELD_TYPES[entity].get(name.partition(".")[0], name)
    said = column.said.get(name, 0.0) * content.fits(name, kind, column.seen)
    told = content.tells(name, kind, column.seen)
    if told and column.said and max(column.said.values()) > 0.8 and not column.said.get(name):
        # The name says something else for sure: the cells must speak against it, not merely for this.
        told *= 0.5
    return Score(1 - (1 - said) * (1 - _CONTENT * told), said, told)


def _slots(entity: str) -> list[str]:
    """The fields of ``entity``, those that take several columns several times."""
    slots = ["key", "ignore", "ignore"]
    if entity != "client":
        slots += ["client"]
    for name in FIELD_TYPES[entity]:
        if name == "identifiers":
            slots += [f"identifiers.{kind}" for kind in IDENTIFIER_TYPES if kind != "other"]
        else:
            slots += [name] * _REPEATED.get(name, 1)
    return slots


def _assigned(columns: Sequence[Column], entity: str) -> list[tuple[Column, str, Score]]:
    """The columns with the fields that suit them best, all together."""
    from scipy.optimize import linear_sum_assignment

    slots = _slots(entity)
    table = [{name: score(column, name, entity) for name in dict.fromkeys(slots)} for column in columns]
    # The later of several like slots are a little worse, so that ties fall to the first columns.
    worth = np.array(
        [
            [max(row[name].total - 0.001 * place, 0.0) if row[name].total >= LEAST else 0.0 for name in slots]
            for place, row in enumerate(table)
        ]
    )
    rows, places = linear_sum_assignment(worth, maximize=True)
    found = [
        (columns[row], slots[place], table[row][slots[place]])
        for row, place in zip(rows, places, strict=True)
        if worth[row, place] > 0
    ]
    return sorted(found, key=lambda one: columns.index(one[0]))


_TELLTALE = {
    "client": {"name": 0.5, "family": 0.4, "given": 0.3, "phones": 0.3, "emails": 0.3, "birth_date": 0.3, "kind": 0.2},
    "transaction": {"amount": 0.5, "occurred_at": 0.2, "type": 0.2, "document": 0.2, "client": 0.3},
    "interaction": {"channel": 0.3, "direction": 0.3, "occurred_at": 0.2, "subject": 0.2, "client": 0.3},
    "opportunity": {"stage": 0.6, "expected_close": 0.2, "amount": 0.1, "title": 0.1, "client": 0.3},
    "consent": {"allowed": 0.6, "channel": 0.4, "client": 0.3},
}
#: What an entity has to have: without any of these a source is none of it.
_NEEDED = {
    "client": ("name", "family", "given", "phones", "emails"),
    "transaction": ("amount",),
    "interaction": ("channel", "direction", "subject"),
    "opportunity": ("stage", "title", "expected_close"),
    "consent": ("allowed",),
}


def _worth(entity: str, found: Sequence[tuple[Column, str, Score]], columns: Sequence[Column]) -> float:
    """How well a source is explained as ``entity``: the mean of its columns' scores, and its telltale fields."""
    if not columns:
        return 0.0
    best: dict[str, float] = {}
    for _, name, told in found:
        best[name.partition(".")[0]] = max(best.get(name.partition(".")[0], 0.0), told.total)
    explained = sum(told.total for _, name, told in found if name not in ("ignore",)) / len(columns)
    tale = sum(weight * best.get(name, 0.0) for name, weight in _TELLTALE[entity].items())
    needed = max((best.get(name, 0.0) for name in _NEEDED[entity]), default=0.0)
    return (explained + tale) * (0.3 + 0.7 * needed)


# ------------------------------------------------------------------------------------------------------------ drafts
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
    if column.facts.distinct > 40:
        return [f"{column.facts.distinct} different values: write the map"]
    nothing = lists.placeholders()["cell"] if kind == "enum" else frozenset()
    cells = dict.fromkeys(cell for cell in map(clean, column.facts.values) if cell and cell.casefold() not in nothing)
    unknown = []
    known: dict[str, str] = {}
    for cell in cells:
        value = _boolean(cell) if kind == "bool" else content.enum_value(name, cell)
        if value is None:
            unknown.append(cell)
        elif cell != value:
            known[cell] = value
    if known:
        settings["map"] = known
    if not unknown:
        return []
    allowed = "yes, no" if kind == "bool" else ", ".join(ENUMS[name])
    return [f"no word known for {', '.join(repr(cell) for cell in unknown[:6])}: map to {allowed}"]


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
    """The first column that is full and unique, whatever it is; None where there is none."""
    for column in columns:
        if column.seen.fill == 1 and column.seen.uniqueness == 1:
            return Line("key", column.name, {}, 0.4, "content", ("the only column without doubles or gaps",))
    return None


def declare_key(made: Draft, column: str) -> None:
    """The key of a database's table is what the database says; ``column`` is no field besides."""
    made.key = Line("key", column, {}, 0.99, "primary key of the database")
    made.ignore.pop(column, None)
    made.lines = [line for line in made.lines if line.column != column or line.field == "document"]


def declare_client(made: Draft, column: str, source: str) -> None:
    """The client is where a foreign key of the database leads to."""
    made.client = (source, Line("client", column, {}, 0.99, "foreign key of the database"))
    made.ignore.pop(column, None)
    made.lines = [line for line in made.lines if line.column != column]
    made.doubts = [doubt for doubt in made.doubts if doubt != _NO_CLIENT]


def speaks_of_clients(made: Draft) -> bool:
    """Whether anything in a source is about clients: a name or a contact, or a reference to a client source."""
    if made.entity != "client":
        return made.client is not None and made.client[0] != ""
    return any(line.field in _NEEDED["client"] for line in made.lines)


def declare_keys(made: Draft, candidates: Sequence[Mapping[str, Any]]) -> None:
    """Where no column is the key, the first pair of ``candidates`` is."""
    for one in candidates:
        if one["exact"]:
            made.keys = tuple(one["columns"])
            return


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


# ------------------------------------------------------------------------------------------------ clients of a source
def settle(drafts: Sequence[Draft], helds: Mapping[str, Held], columns: Mapping[str, Sequence[Column]]) -> None:
    """Find each related source's client: the column whose values are keys of a client source.

    A source that no such column is found in stays what it is, with a doubt that says so; where no source holds
    clients, the likeliest one is made a client source.
    """
    if drafts and not any(one.entity == "client" for one in drafts):
        likeliest = max(drafts, key=lambda one: _clientlike(columns[one.name]))
        _become_client(likeliest, columns[likeliest.name], helds[likeliest.name])
    clients = [one for one in drafts if one.entity == "client" and one.key is not None]
    for one in drafts:
        if one.entity != "client":
            _refer(one, clients, helds, columns[one.name])


def _clientlike(columns: Sequence[Column]) -> float:
    return _worth("client", _assigned(columns, "client"), columns)


def _become_client(one: Draft, columns: Sequence[Column], held: Held) -> None:
    fresh = draft(one.name, columns, held, "client")
    one.__dict__.update(fresh.__dict__)
    one.doubts.append("no source looks like one of clients: this is the likeliest")


def _refer(one: Draft, clients: Sequence[Draft], helds: Mapping[str, Held], columns: Sequence[Column]) -> None:
    best: tuple[float, str, Column, float] | None = None
    for column in columns:
        if (one.key is not None and column.name == one.key.column) or column.facts.distinct < 2:
            continue
        if max(column.seen.share("date"), column.seen.share("decimal"), column.seen.share("email")) > 0.5:
            continue
        for other in clients:
            assert other.key is not None
            distinct, held = helds[one.name].inclusion(column.name, helds[other.name], other.key.column)
            share = held / distinct if distinct else 0.0
            said = max(column.said.get("client", 0.0), column.said.get("key", 0.0) * 0.5)
            total = (
                0.6 * share + 0.3 * said + 0.1 * (column.name == other.key.column) + 0.05 * (column.seen.repeats > 1.05)
            )
            if share >= 0.5 and (best is None or total > best[0]):
                best = (total, other.name, column, share)
    if best is None:
        one.doubts.append(_NO_CLIENT)
        return
    total, source, column, share = best
    doubts = () if share >= 0.9 else (f"{share:.0%} of its values are keys of {source}",)
    line = Line(
        "client", column.name, {}, round(min(total, 0.99), 2), f"{share:.0%} of its values are keys there", doubts
    )
    freed = [held.column for held in one.lines if held.column == column.name]
    one.lines = [held for held in one.lines if held.column not in freed]
    one.ignore.pop(column.name, None)
    if one.client is not None and one.client[1].column != column.name:
        one.ignore[one.client[1].column] = "nothing says what it is"
    one.client = (source, line)
