"""Amounts of money and their currencies: a cell with its declared decimal separator -> exact decimal text.

No float anywhere. What is not plainly one number is refused: percentages, multiples, brackets.
"""

from __future__ import annotations

import re
from functools import lru_cache

from crm_etl.normalize import lists
from crm_etl.normalize.reading import Reading
from crm_etl.normalize.text import digits, fold
from crm_etl.schema import MONEY_DECIMALS, MONEY_DIGITS

ERROR = "bad_amount"
#: What connectors make of a typed number.
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_LOCAL = str.maketrans({"٫": ".", "٬": "'", "−": "-", "–": "-", "‑": "-", "’": "'", "\u00a0": " ", "\u202f": " "})


def read(cell: str, decimal: str = ".", *, typed: bool = False) -> Reading:
    """``cell`` as exact decimal text, e.g. ``-1234.50``.

    Thousands may be set off by blanks, apostrophes, or the separator that is not ``decimal``, in groups of three.

    Numbers of ``typed`` sources (workbooks, databases) reach us as digits with a point, whatever ``decimal`` their
    texts have: both are read, and 1.234 beside a decimal comma, which could be either, is refused.
    """
    arabic = "٫" in cell
    text = digits(cell).translate(_LOCAL).strip()
    match = _pattern("." if arabic else decimal).fullmatch(text)
    if typed and decimal == "," and _NUMBER.fullmatch(text) is not None:
        match = None if match is not None and "." in text else _pattern(".").fullmatch(text)
    if match is None:
        return Reading(error=ERROR)
    whole = re.sub(r"\D", "", match["whole"]).lstrip("0") or "0"
    number = whole if match["part"] is None else f"{whole}.{match['part']}"
    negative = match["sign"] == "-" and number.strip("0.") != ""
    return Reading(f"-{number}" if negative else number)


def kept(reading: Reading) -> Reading:
    """``reading``, or an error where its amount has more digits than money has: the trace of a binary fraction, as
    68.66499999999999 for 68.665, which nobody but its owner can round."""
    if reading.value is None:
        return reading
    whole, _, part = reading.value.lstrip("-").partition(".")
    decimals = part.rstrip("0")
    digits = len((whole + decimals).lstrip("0"))
    if len(decimals) > MONEY_DECIMALS or (decimals and digits > MONEY_DIGITS) or len(whole) > MONEY_DIGITS:
        return Reading(error="inexact_amount")
    return reading


@lru_cache(maxsize=2)
def _pattern(decimal: str) -> re.Pattern[str]:
    other = re.escape("," if decimal == "." else ".")
    groups = rf"\d{{1,3}}(?: \d{{3}})+|\d{{1,3}}(?:'\d{{3}})+|\d{{1,3}}(?:{other}\d{{3}})+"
    return re.compile(rf"(?P<sign>[+-]?) ?(?P<whole>{groups}|\d+)(?:{re.escape(decimal)}(?P<part>\d+))?")


def currency(cell: str) -> Reading:
    """ISO 4217 code of a currency's code, sign or local name (``руб.``, ``₽``, ``грн``, ``ریال``, ``تومان``).

    Toman is ten rial and no ISO currency: it is read as ``IRT``, the code in common use, with a note.
    """
    word = cell.strip()
    code = lists.currencies().get(word) or lists.currencies().get(fold(word))
    if code is None:
        return Reading(error="unknown_currency")
    return Reading(code, notes=("currency:not_iso",) if code == "IRT" else ())
