"""Letters of one script that stand inside words of another because they look the same (Latin C in «Сибирь»)."""

from __future__ import annotations

import re

from crm_etl.normalize.text import script_of

_PART = re.compile(r"[^\W\d_]+")
_LATIN_CYRILLIC = dict(zip("aceopxyikmhtbAВCEOPXYIKMHTBсd", "асеорхуікмнтвАВСЕОРХУІКМНТВсд", strict=True))
_LATIN_CYRILLIC.update(
    {"B": "В", "H": "Н", "K": "К", "M": "М", "T": "Т", "ï": "ї", "Ï": "Ї", "ë": "ё", "Ë": "Ё", "j": "ј", "s": "ѕ"}
)
_CYRILLIC_LATIN = {v: k for k, v in _LATIN_CYRILLIC.items() if v not in "сВвнтм"}
_CYRILLIC_LATIN.update({"с": "c", "С": "C", "В": "B", "к": "k"})


def unmix(text: str) -> tuple[str, bool]:
    """``text`` with each mixed Latin and Cyrillic word in the script of most of its letters, and whether any was.

    A word with a letter that has no twin stays as it is: it may be a brand.
    """
    if text.isascii():
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
