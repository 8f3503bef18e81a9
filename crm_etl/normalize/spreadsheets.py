"""What spreadsheets do to numbers that are names: 7707083893.0 and 7.707083893E+09.

Exact ones are written out again; digits that were rounded away come back by no rule. Phones and identifiers use this;
amounts of money, which are numbers, do not.
"""

from __future__ import annotations

import re
from decimal import Decimal

_FLOAT = re.compile(r"(?<![\w.,+])(\+?\d{5,})[.,]0+(?![\w.,])")
_EXPONENT = re.compile(r"(?<![\w.,+])\+?(\d+(?:[.,]\d+)?)[eEеЕ]\+?(\d{1,3})(?!\w)")
#: Beyond, a float has rounded already.
_EXACT = 15


def whole_numbers(text: str) -> str | None:
    """``text`` with its floats as whole numbers; None where one has lost digits (9.12E+09)."""
    if not any(sign in text for sign in ".,eEеЕ"):
        return text
    for match in reversed(list(_EXPONENT.finditer(text))):
        mantissa, exponent = match[1].replace(",", "."), int(match[2])
        if exponent > _EXACT or len(mantissa.partition(".")[2]) < exponent:
            return None
        text = text[: match.start()] + str(int(Decimal(mantissa).scaleb(exponent))) + text[match.end() :]
    return _FLOAT.sub(r"\1", text)
