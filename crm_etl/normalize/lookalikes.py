"""Cyrillic letters that look like Latin ones, where only Latin can be meant: e-mail addresses, VAT numbers.

Letters of names are repaired in :mod:`crm_etl.normalize.names.repair`, where the script of a word is an open question.
"""

from __future__ import annotations

_SMALL = dict(zip("асԁеһіјӏорԛѕуԝхѵ", "acdehijlopqsuwxv", strict=True)) | {"у": "y", "ѵ": "v"}
_GREAT = dict(zip("АВСЕНІЈКМОРЅТУХԌԚԜ", "ABCEHIJKMOPSTYXGQW", strict=True))
_LATIN = str.maketrans(_SMALL | _GREAT)


def latin(text: str) -> str:
    """``text`` with Cyrillic letters that look Latin written as Latin ones; other letters stay."""
    return text if text.isascii() else text.translate(_LATIN)
