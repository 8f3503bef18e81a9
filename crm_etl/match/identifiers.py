"""How alike the tax, state and document numbers of two records are.

A number whose check digit is wrong is refused by normalization, with a note; it is still what somebody read off a
document and typed with a slip. Such numbers are taken from the cell as it came and compared with those of any type.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crm_etl.match.codes import code_texts, listed
from crm_etl.match.edits import Letters, letters, one_slip
from crm_etl.match.encode import Codes, Ints, Levels, Lists, Parties
from crm_etl.normalize.names.compiled import compiled, inner
from crm_etl.normalize.text import clean, digits

#: Numbers of these types are issued anew in the course of a life, or by more than one office.
_CHANGING = ("passport", "other", "eu_vat")
#: The reason code of a registration: it tells the branch of a taxpayer, not the party.
_BRANCH = "ru_kpp"
#: The type that a number which was refused goes by.
_REFUSED = "?"
_NOTES = "identifiers:"
_SEPARATORS = re.compile(r"[;,|/\\\n]+")
_MARKS = re.compile(r"[\s.\-–—]+")
#: Fewer digits are rather a serial number of the row, or a series without its number.
_NUMBER = re.compile(r"[A-Z]{0,3}\d{6,}[A-Z]?")

_STRICT, _BRANCHES, _CHANGES, _UNCHECKED = range(4)


class Numbers(NamedTuple):
    """Of each identifier its type, what the type means for it (strict, branch, changes, refused), and its letters."""

    kind: Ints
    rule: Ints
    letters: Letters


def of(parties: Parties) -> Lists:
    """The identifiers of all records as ``type:number``, refused ones as ``?:number``."""
    return parties.derived_lists("identifiers:all", lambda: _with_refused(parties))


def bare(parties: Parties) -> Lists:
    """The numbers that belong to one party only, without their type: what a slip or a wrong column leaves the same."""
    return parties.derived_lists("identifiers:bare", lambda: of(parties).recode(_bare(of(parties).arrow)))


def unchecked(parties: Parties) -> Lists:
    """The bare numbers that have no check digits, or wrong ones."""
    return parties.derived_lists("identifiers:unchecked", lambda: of(parties).recode(_unchecked(of(parties).arrow)))


def identifiers(parties: Parties, left: Ints, right: Ints) -> Levels:
    """0 contradict, 1 same taxpayer but another branch, 2 another document, 3 one character off, 4 same as one that was
    refused, 5 same."""
    lists = of(parties)
    table = parties.table("identifiers:numbers", lambda: _numbers(lists.arrow))
    level: Levels = _levels(lists.offsets, lists.codes, table, left, right)
    return level


def _with_refused(parties: Parties) -> Lists:
    plain, notes = parties.lists("identifiers"), parties.lists("notes")
    told = np.append(pc.starts_with(notes.arrow, _NOTES).to_numpy(zero_copy_only=False), False)
    noted = np.unique(notes.positions[told[notes.codes]]) if len(notes.codes) else np.zeros(0, dtype=np.int64)
    if not len(noted):
        return plain
    raw = parties.text("identifiers_raw")
    found = [(at, text) for at in noted[raw.codes[noted] >= 0].tolist() for text in _of_cell(at, plain, raw)]
    more = pa.array([text for _, text in found], type=pa.large_string())
    codes, vocabulary = code_texts(pa.concat_arrays([plain.arrow, more]))
    owners = np.concatenate([plain.positions, np.array([at for at, _ in found], dtype=np.int64)])
    entries = np.concatenate([codes[: plain.size][plain.codes], codes[plain.size :]])
    ends = np.cumsum(np.bincount(owners, minlength=parties.size))
    return listed(np.append(0, ends[:-1]), ends, entries[np.argsort(owners, kind="stable")], vocabulary)


def _of_cell(at: int, plain: Lists, raw: Codes) -> list[str]:
    """The refused numbers of the record ``at``: those of its cell that are none of its own."""
    own = {
        str(value).partition(":")[2] for value in plain.values[plain.codes[plain.offsets[at] : plain.offsets[at + 1]]]
    }
    return [f"{_REFUSED}:{number}" for number in _refused(str(raw.values[raw.codes[at]])) if number not in own]


def _refused(cell: str) -> list[str]:
    """The numbers of a cell as it came."""
    parts = (_MARKS.sub("", part) for part in _SEPARATORS.split(digits(clean(cell)).upper()))
    return [number for part in parts for number in _NUMBER.findall(part)]


def _bare(values: pa.Array) -> pa.Array:
    numbers = pc.replace_substring_regex(values, "^[^:]*:", "")
    return pc.if_else(pc.starts_with(values, f"{_BRANCH}:"), pa.scalar(None, type=numbers.type), numbers)


def _unchecked(values: pa.Array) -> pa.Array:
    open_types = pa.array([*_CHANGING, _REFUSED])
    has = pc.is_in(pc.replace_substring_regex(values, ":.*", "").cast(pa.string()), value_set=open_types)
    return pc.if_else(has, _bare(values), pa.scalar(None, type=values.type))


def _numbers(values: pa.Array) -> Numbers:
    types = pc.dictionary_encode(pc.replace_substring_regex(values, ":.*", ""))
    rules = np.array([_rule(name) for name in types.dictionary.to_pylist()], dtype=np.int64)
    kind = types.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return Numbers(kind, rules[kind], letters(pc.replace_substring_regex(values, "^[^:]*:", "")))


def _rule(name: str) -> int:
    if name in _CHANGING:
        return _CHANGES
    return {_BRANCH: _BRANCHES, _REFUSED: _UNCHECKED}.get(name, _STRICT)


@compiled
def _levels(offsets: Any, codes: Any, table: Numbers, left: Any, right: Any) -> Any:
    found = np.empty(len(left), dtype=np.int8)
    for pair in range(len(left)):
        a, b = left[pair], right[pair]
        ours, theirs = codes[offsets[a] : offsets[a + 1]], codes[offsets[b] : offsets[b + 1]]
        found[pair] = _level(ours, theirs, table) if len(ours) and len(theirs) else -1
    return found


@compiled
def _level(ours: Any, theirs: Any, table: Numbers) -> int:
    """Numbers of a type that both have one of in common do not contradict each other; each type is asked for once for
    each number, so that a record with very many is no burden."""
    level, branch = -1, False
    for mine in ours:
        agreed = -1
        for yours in theirs:
            one = _between(mine, yours, table)
            if one < 2 and one >= 0 and agreed < 0:
                agreed = int(_agree(ours, theirs, table.kind[mine], table))
            if one < 2 and one >= 0 and agreed == 1:
                continue
            if one == 0:
                return 0
            if one == 1:
                branch = True
            level = max(level, -1 if one == 1 else one)
    return 1 if branch and level == 5 else level


@compiled
def _between(mine: int, yours: int, table: Numbers) -> int:
    """The level of two numbers alone; 1 for those of two branches, -1 where they cannot be compared."""
    rule, other = table.rule[mine], table.rule[yours]
    if rule == _UNCHECKED or other == _UNCHECKED:
        return int(_written_alike(mine, yours, table))
    if table.kind[mine] != table.kind[yours]:
        return -1
    if rule == _BRANCHES:
        return -1 if mine == yours else 1
    if mine == yours:
        return 5
    if rule == _STRICT:
        return 0
    return 3 if one_slip(_text(mine, table.letters), _text(yours, table.letters)) else 2


@compiled
def _written_alike(mine: int, yours: int, table: Numbers) -> int:
    x, y = _text(mine, table.letters), _text(yours, table.letters)
    if len(x) == len(y) and (x == y).all():
        return 4
    return 3 if one_slip(x, y) else -1


@compiled
def _text(number: int, texts: Letters) -> Any:
    return texts.points[texts.offsets[number] : texts.offsets[number + 1]]


@inner
def _agree(ours: Any, theirs: Any, kind: int, table: Numbers) -> bool:
    """Whether both have a number of this type in common: of several that a party holds, one is enough. The numbers of
    a party are in ascending order."""
    i, j = 0, 0
    while i < len(ours) and j < len(theirs):
        if ours[i] == theirs[j] and table.kind[ours[i]] == kind:
            return True
        if ours[i] <= theirs[j]:
            i += 1
        else:
            j += 1
    return False
