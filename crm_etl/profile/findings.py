"""What a person should look at in the profile of a source, each with its tone: in words and counts, without values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crm_etl.number import counted

#: Share of cells without a valid value from which on it is worth a word.
_INVALID = 0.05
_SWITCHBOARD = 6
_SURE_ENCODING = 0.8


def findings(source: Mapping[str, Any]) -> list[dict[str, str]]:
    """``tone`` (bad, warn) and ``text`` of everything odd about the profile ``source``."""
    return [{"tone": tone, "text": text} for tone, text in _all(source)]


def _all(source: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, tone in (("missing", "bad"), ("unmapped", "warn")):
        if source[name]:
            yield tone, f"{name} columns: {', '.join(source[name])}"
    yield from _key(source)
    yield from _encoding(source)
    for why, count in source["set_aside"].items():
        yield "warn", f"{counted(count, 'row')} set aside: {why}"
    yield from (("warn", warning) for warning in source["warnings"])
    for field, found in source["contacts"].items():
        yield from _contacts(field, found)
    yield from _columns(source["columns"])


def _key(source: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    key = source["key"]
    if key is None:
        if not any(one["exact"] for one in source["key_candidates"]):
            yield "warn", "no column, and no pair of columns, tells all rows apart"
        return
    for name, text in (
        ("missing", "without a key"),
        ("duplicate", "share their key"),
        ("ambiguous", "have keys that differ only by case, blanks or zeros"),
    ):
        if key[name]:
            yield "bad", f"{counted(key[name], 'row')} {text}"


def _encoding(source: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    found = source["encoding"]
    if found is None or found["confidence"] < _SURE_ENCODING:
        return
    if found["declared"].replace("_", "-").casefold().removesuffix("-sig") != found["proposed"]:
        yield "warn", f"declared {found['declared']}, the bytes look like {found['proposed']}"


def _contacts(field: str, found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if found["invalid"] > _INVALID * max(found["cells"], 1):
        yield "warn", f"{counted(found['invalid'], 'cell')} of {field} without a valid one"
    many = sum(one["values"] for one in found["sharing"] if one["rows"] >= _SWITCHBOARD)
    if many:
        shared = counted(many, field.removesuffix("s"))
        yield "warn", f"{shared} shared by {_SWITCHBOARD} rows or more: a switchboard, or a placeholder"


def _columns(columns: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for what, tone, text in (
        ("lost", "bad", "characters lost before delivery"),
        ("mojibake", "bad", "text read in the wrong encoding once"),
        ("controls", "bad", "control characters, whose rows are set aside unless 'remove_controls' is declared"),
        ("invisible", "warn", "marks that nobody sees, or blanks to trim"),
        ("placeholders", "warn", "placeholders"),
    ):
        hit = [column["name"] for column in columns if column[what]]
        if hit:
            cells = sum(column[what] for column in columns)
            yield tone, f"{text}: {counted(cells, 'cell')} in {_some(hit)}"
    twofold = [column["name"] for column in columns if _either_way(column)]
    if twofold:
        yield "warn", f"day and month could be either way round in {_some(twofold)}"
    calendars = [column["name"] for column in columns if _two_calendars(column)]
    if calendars:
        yield "warn", f"Gregorian and Jalali dates together in {_some(calendars)}"
    empty = [column["name"] for column in columns if not column["filled"]]
    if empty:
        yield "warn", f"empty columns: {_some(empty)}"


def _either_way(column: Mapping[str, Any]) -> bool:
    dates = column["dates"]
    return len(dates) > 1 and dates[0]["share"] == dates[1]["share"] and dates[0]["share"] > 0.5


def _two_calendars(column: Mapping[str, Any]) -> bool:
    return len({date["calendar"] for date in column["dates"]}) > 1


def _some(names: list[str], most: int = 6) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
