"""Postal codes by the shapes of their countries (``postal.yml``)."""

from __future__ import annotations

import re
from functools import cache

from crm_etl.normalize import lists
from crm_etl.normalize.text import clean, digits


def postal_code(cell: str, country: str) -> str | None:
    """The postal code in ``cell`` if it has the shape of ``country``; a code without known shape as it is."""
    text = _label().sub("", digits(clean(cell)).upper())
    shape = _shapes().get(country)
    if shape is None:
        return text or None
    text = re.sub(r"[.,]0+$", "", text)
    found = next((one for one in (text, text.replace(" ", "")) if shape.fullmatch(one)), None)
    return None if found is None else written(found, country)


def search(text: str, country: str) -> tuple[str, str] | None:
    """The postal code somewhere in ``text``, and what is left without it and its label."""
    if country not in _shapes():
        return None
    plain = digits(text).upper()
    if len(plain) != len(text) or not any(map(str.isdigit, plain)):
        return None
    match = _within(country).search(plain)
    if match is None:
        return None
    before = _label(at_end=True).sub("", text[: match.start()])
    return written(match.group(), country), clean(f"{before} {text[match.end() :]}")


def written(code: str, country: str) -> str:
    """``code`` as it is compared: Iranian ones of ten digits in one, the others as their post writes them."""
    return code.replace("-", "").replace(" ", "") if country in ("IR", "US", "PL", "CZ", "SK", "GR", "SE") else code


@cache
def _shapes() -> dict[str, re.Pattern[str]]:
    shapes: dict[str, re.Pattern[str]] = {}
    for shape, lands in lists.load("addresses/postal.yml")["shapes"].items():
        shapes |= dict.fromkeys(lands, re.compile(shape))
    return shapes


@cache
def _within(country: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w\-])(?:{_shapes()[country].pattern})(?![\w\-])")


@cache
def _label(at_end: bool = False) -> re.Pattern[str]:
    words = "|".join(lists.load("addresses/postal.yml")["labels"])
    form = rf"(?:^|(?<=\s))(?:{words})\s*[:.№]?\s*"
    return re.compile(f"{form}$" if at_end else f"^{form}", re.IGNORECASE)
