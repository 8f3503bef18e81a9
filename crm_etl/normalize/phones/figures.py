"""One number as people write it -> E.164: trunk digits, ways out of the country, zeros lost or put twice.

Which numbers exist is told by :mod:`.plans`; several numbers in one run of digits by :mod:`.series`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from crm_etl.normalize import lists
from crm_etl.normalize.phones import plans
from crm_etl.normalize.phones.lines import hotline
from crm_etl.normalize.phones.renumbering import renumbered

#: Stands between a number and its extension, wherever a cell had words for it.
MARK = "\x01"
#: Digits of extensions and remarks, out of the way of the search for numbers, and back.
HIDDEN = {ord(str(digit)): 0xE000 + digit for digit in range(10)}
SHOWN = {hidden: chr(digit) for digit, hidden in HIDDEN.items()}
#: Countries that dialled 8 before the area code, as their neighbours still do: 8 067 … in Ukraine. The plans know
#: today's habit only.
_EIGHT = frozenset(["UA", "TJ", "UZ", "KG", "GE", "AM", "AZ", "MD", "LV", "EE"])
#: Countries where 8-10 led, or leads, out of the country, and whose people know Russian numbers as 8 9xx.
_EIGHT_TEN = _EIGHT | {"RU", "BY", "KZ", "TM", "LT"}
_SEQUENCES = ("01234567890123456789", "98765432109876543210")

_GROUP = re.compile(r"\d+")

Found = tuple[str | None, tuple[str, ...]]


def number(piece: str, country: str, restore_zero: bool = False) -> Found:
    """E.164 of ``piece`` (one number, perhaps with :data:`MARK` and an extension), and notes; None if it is none."""
    bare, _, hidden = piece.partition(MARK)
    figures = "".join(filter(str.isdigit, bare))
    if placeholder(figures):
        return None, ("phones:placeholder",)
    plus = "+" in bare or "＋" in bare
    if not plus and figures.startswith("00") and len(figures) >= 11:
        plus, figures = True, figures.lstrip("0")
    groups = () if plus or len(figures) < 11 else tuple(_GROUP.findall(bare))
    abroad = bool(groups) and not bare.lstrip().startswith("(") and _abroad(groups, country)
    found, notes = _resolve(("+" if plus else "") + figures, country, restore_zero, abroad)
    if found is None:
        return None, notes
    if hotline(found):
        notes = (*notes, "phones:hotline")
    return extended(found, hidden), notes


def extended(found: str, hidden: str) -> str:
    """``found`` with the extension that :data:`HIDDEN` digits give; none where they are empty."""
    return f"{found};ext={hidden.translate(SHOWN)}" if hidden else found


def placeholder(figures: str) -> bool:
    """Whether ``figures`` only fill a field: one digit over and over, or the digits in order."""
    return (
        len(set(figures.lstrip("0"))) <= 1 or any(figures in row for row in _SEQUENCES) or len(set(figures[-7:])) == 1
    )


@cache
def _neighbours() -> tuple[str, ...]:
    return tuple(str(code) for code in lists.load("phones/habits.yml")["neighbours"])


@lru_cache(maxsize=50_000)
def _abroad(groups: tuple[str, ...], country: str) -> bool:
    """Whether ``groups`` of digits may begin with a neighbour's code, and are no home number with more behind it."""
    figures = "".join(groups)
    code = next((code for code in _neighbours() if figures.startswith(code)), None)
    if code is None:
        return False
    if len(groups) == 1 or groups[0] == code:
        # 7 916 1234567 and 98 912 3456789 are written so by nobody at home.
        sure = len(figures) == 12 or (code == "7" and len(figures) == 11)
        if sure and (len(groups) == 1 or len(code) < 3 or len(groups[1]) < 3):
            return True
    return all(plans.valid(figures[:-more], country) is None for more in (1, 2, 3))


@lru_cache(maxsize=200_000)
def _resolve(figures: str, country: str, restore_zero: bool, abroad: bool) -> Found:
    """E.164 of ``figures`` (digits, perhaps after a plus); with None the notes say why no plan has such a number."""
    today = renumbered(figures, country)
    if today is not None:
        return today, ("phones:renumbered",)
    found = plans.valid(figures, country)
    if found is not None:
        bare = restore_zero and figures[0] not in "+0" and plans.trunk(country) == "0" and found != f"+{figures}"
        return found, ("phones:zero_restored",) if bare else ()
    for guess, note in _guesses(figures, country, restore_zero, abroad):
        found = plans.valid(guess, country)
        if found is not None:
            return found, (note,) if note else ()
    return None, ("phones:invalid", f"phones:{plans.reason(figures, country)}")


def _guesses(figures: str, country: str, restore_zero: bool, abroad: bool) -> Iterator[tuple[str, str]]:
    """What ``figures`` may have been meant for, likeliest first, and the note that it is worth; ``abroad``: they may
    begin with the code of another country."""
    if figures.startswith("+"):
        yield from _without_plus(figures[1:], country)
        return
    if restore_zero:
        yield f"0{figures}", "phones:zero_restored"
        yield f"+{figures}", "phones:zero_restored"
    if figures.startswith("810") and country in _EIGHT_TEN and len(figures) >= 12:
        yield f"+{figures[3:]}", ""
    if figures.startswith("8") and country in _EIGHT:
        yield figures[1:], ""
    if figures.startswith("8") and country in _EIGHT_TEN and len(figures) == 11:
        yield f"+7{figures[1:]}", "phones:country_assumed"
    code = plans.calling_code(country)
    if figures.startswith("0") and code and figures.lstrip("0").startswith(code):
        yield f"+{figures.lstrip('0')}", ""
    if abroad:
        yield f"+{figures}", "phones:country_assumed"


def _without_plus(figures: str, country: str) -> Iterator[tuple[str, str]]:
    """A plus before a trunk digit, which only the country's own people dial: +0912 …, +8 916 …, +00 98 …"""
    if figures.startswith("00"):
        yield f"+{figures.lstrip('0')}", "phones:plus_removed"
    elif figures.startswith("0"):
        yield figures, "phones:plus_removed"
    elif figures.startswith("8") and country in _EIGHT_TEN and len(figures) in (10, 11):
        yield figures, "phones:plus_removed"
        yield from _guesses(figures, country, False, False)
