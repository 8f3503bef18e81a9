"""Letters of one script that stand inside words of another because they look the same (Latin C in «Сибирь»)."""

from __future__ import annotations

import re

from crm_etl.normalize.text import script_of

_PART = re.compile(r"[^\W\d_]+")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_CYRILLIC = re.compile("[\u0400-\u052f]")
#: Latin letter -> the Cyrillic one that looks like it.
_LATIN_CYRILLIC = dict(zip("aceopxyikABCEHIKMOPTXYïëÏË", "асеорхуікАВСЕНІКМОРТХУїёЇЁ", strict=True))
_CYRILLIC_LATIN = {cyrillic: latin for latin, cyrillic in _LATIN_CYRILLIC.items()}


def unmix(text: str) -> tuple[str, bool]:
    """``text`` with each mixed Latin and Cyrillic word in the script of most of its letters, and whether any was.

    A word with a letter that has no twin stays as it is: it may be a brand.
    """
    if text.isascii() or _LATIN.search(text) is None or _CYRILLIC.search(text) is None:
        return text, False
    repaired = _PART.sub(lambda match: _one(match.group()), text)
    return repaired, repaired != text


def _one(word: str) -> str:
    if word.isascii():
        return word
    scripts = [script_of(letter) for letter in word]
    latin, cyrillic = scripts.count("Latn"), scripts.count("Cyrl")
    if not latin or not cyrillic:
        return word
    foreign, twins = ("Latn", _LATIN_CYRILLIC) if cyrillic >= latin else ("Cyrl", _CYRILLIC_LATIN)
    letters = [twins.get(c) if s == foreign else c for c, s in zip(word, scripts, strict=True)]
    return word if None in letters else "".join(letter or "" for letter in letters)
