"""Grammatical number in messages: one row is kept, two rows are."""

from __future__ import annotations


def counted(number: int, noun: str, several: str | None = None) -> str:
    """``1 row``, ``2,000 rows``; ``several``: a plural that is not made by an s."""
    return f"{number:,} {agreeing(number, noun, several)}"


def agreeing(number: int, one: str, several: str | None = None) -> str:
    """The word ``one`` as it stands with ``number``."""
    return one if number == 1 else f"{one}s" if several is None else several
