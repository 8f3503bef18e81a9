"""Several numbers of which only the first is written in full: 223-44-50/51, 88776655-8, (495) 123-45-67, 765-43-21.

Every number made here is one that the plans hold; what could be read in two ways is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from crm_etl.normalize.phones.figures import MARK, Found, extended, number
from crm_etl.normalize.phones.lines import line

#: Lines that a range may stand for; a wider one is no group of lines of one office.
_WIDEST = 20
#: Two numbers that only blanks or dashes part.
_JOINT = re.compile(r"[\s\-‐-―−]+")
_JOINTS = 30
_RANGE = re.compile(r"(?P<number>.*\d)\s*[\-‐-―−]\s*(?P<last>\d{1,4})")
_FOLLOWED = re.compile(r"(?P<number>.*\d\)?)(?P<rest>[\s\-‐-―−().]+\d{1,3}\)?\s*)")
_TURNED = re.compile(r"\s*(?P<subscriber>\d[\d\s]{3,8}\d)\s*[\-‐-―−(]\s*(?P<code>0\d{2,3})\s*\)?")


def split(piece: str, country: str) -> list[str]:
    """The valid numbers that ``piece`` can be parted into, at blanks or dashes, in one way only; else none."""
    joints = [(0, 0), *(joint.span() for joint in _JOINT.finditer(piece)), (len(piece), len(piece))]
    if not 2 < len(joints) <= _JOINTS:
        return []
    ways: list[list[list[str]]] = [[[]], *([] for _ in joints[1:])]
    for end in range(1, len(joints)):
        for begin in range(end):
            if ways[begin] and (begin, end) != (0, len(joints) - 1):
                one, _ = number(piece[joints[begin][1] : joints[end][0]], country)
                ways[end].extend([*way, one] for way in ways[begin] if one is not None)
        # A third way tells no more than a second: there is no single one.
        del ways[end][2:]
    return ways[-1][0] if len(ways[-1]) == 1 else []


def turned(piece: str, country: str) -> list[str]:
    """The number of ``piece`` with its area code behind it, as cells written from right to left show it."""
    match = _TURNED.fullmatch(piece)
    one = None if match is None else number(match["code"] + match["subscriber"], country)[0]
    return [] if one is None else [one]


def followed(piece: str, country: str) -> tuple[str, int] | None:
    """The home number with which ``piece`` begins, if one to three digits stand apart behind it (a floor, an hour),
    and how many signs are not its own."""
    match = _FOLLOWED.fullmatch(piece)
    if match is None:
        return None
    one, notes = number(match["number"], country)
    return None if one is None or "phones:country_assumed" in notes else (one, len(match["rest"]))


def lines(piece: str, country: str) -> list[str]:
    """The numbers of ``piece`` written as a range of last digits (88776655-8); none where it is no range."""
    match = _RANGE.fullmatch(piece)
    if match is None:
        return []
    first, _ = number(match["number"], country)
    more = [] if first is None else following(first, match["last"])
    return [first, *more] if first is not None and more else []


def following(first: str, last: str) -> list[str]:
    """The numbers after ``first`` (E.164) up to the one that ends in ``last``; none if that is no short range."""
    plain = first.partition(";")[0]
    if not near(plain, last):
        return []
    begin, end = int(plain[-len(last) :]), int(last)
    return list(_ending(plain, (str(one).zfill(len(last)) for one in range(begin + 1, end + 1))))


def another(first: str, last: str) -> str | None:
    """The number that differs from ``first`` (E.164) in its last digits."""
    return next(_ending(first.partition(";")[0], iter([last])), None)


def near(first: str, last: str) -> bool:
    """Whether the line that ends in ``last`` comes soon after ``first`` (E.164), as lines of one office do."""
    begin = int(first.partition(";")[0][-len(last) :])
    return begin < int(last) < begin + _WIDEST


def same_area(first: str, piece: str) -> Found:
    """``piece``, a subscriber's number alone, in the area of the landline ``first`` (E.164)."""
    bare, _, hidden = piece.partition(MARK)
    subscriber = "".join(filter(str.isdigit, bare))
    if line(first).kind != "landline" or not 5 <= len(subscriber) <= 8:
        return None, ()
    found = another(first, subscriber)
    if found is None or line(found).kind != "landline":
        return None, ()
    return extended(found, hidden), ("phones:area_code_shared",)


def _ending(first: str, endings: Iterator[str]) -> Iterator[str]:
    for ending in endings:
        found, _ = number(first[: -len(ending)] + ending, "ZZ")
        if found is not None:
            yield found
