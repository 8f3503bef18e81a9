"""Cells that stand for nothing: known words, one digit over and over, dates of nines, test addresses.

They are shown by name, since known words are nobody's data; a shared placeholder must never make two clients one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping

from crm_etl.normalize import lists
from crm_etl.normalize.text import clean, digits

_REPEATED = re.compile(r"[+(]?(\d)(?:[\s()\-.]*\1){4,}")
_NO_DATE = re.compile(r"99[./-]99[./-]\d{2,4}|00[./-]00[./-]\d{2,4}|0000[./-]00[./-]00(?:[ T].*)?")
_ROW = re.compile(r"[+]?\d*?(?:1234567\d*|7654321)")


def placeholders_of(values: Mapping[str, float], kinds: Collection[str] = ()) -> dict[str, int]:
    """Placeholder -> cells of ``values`` (value -> cells) that hold it, the most first. ``kinds``: what else the
    column holds: words that stand for no ``name`` or no ``email`` are none elsewhere, 0 is none among a ``number``."""
    tally: Counter[str] = Counter()
    for value, cells in values.items():
        name = placeholder(value, kinds)
        if name is not None:
            tally[name] += round(cells)
    return dict(sorted(tally.items(), key=lambda item: (-item[1], item[0])))


def placeholder(value: str, kinds: Collection[str] = ()) -> str | None:
    """What placeholder ``value`` is; None where it is none. ``kinds``: see :func:`placeholders_of`."""
    word = clean(value).casefold()
    if any(word in lists.placeholders()[kind] for kind in ("cell", "name", "email") if kind == "cell" or kind in kinds):
        return None if word == "0" and "number" in kinds else word
    if "number" in kinds:
        return None
    figures = digits(word)
    repeated = _REPEATED.fullmatch(figures)
    if repeated is not None:
        return f"{repeated[1] * 3}…"
    if _NO_DATE.fullmatch(figures) is not None:
        return "a date that is none, such as 99.99.9999"
    return "1234567…" if _ROW.fullmatch(figures) is not None and len(figures) >= 7 else None
