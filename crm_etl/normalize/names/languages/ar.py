"""Arabic words in Latin letters as Arabs write their names in English.

A name of ``ar.yml`` has its customary form; the article stands off (al-Hassan). Other words are read with the vowels
that Persian readers give them (:mod:`.fa`: most names of Persian are Arabic words) and Arabic sounds: Nasih, not Naseh.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from crm_etl.normalize import lists
from crm_etl.normalize.names.languages import fa
from crm_etl.normalize.text import fold

_ARTICLE = "ال"
_SHORTEST_WITH_ARTICLE = 5
_LETTERS: Mapping[str, str] = {"ث": "th", "ذ": "dh", "ض": "d", "ظ": "z", "ق": "q", "و": "w"}
_SOUNDS: Mapping[str, str] = {"v": "w", "va": "wa", "ve": "wi", "vo": "wu", "o": "u", "ow": "aw", "vv": "ww", "e": "i"}
#: English writes a doubled sound of two letters once.
_DOUBLED = re.compile(r"(dh|gh|kh|sh|th)\1")


@cache
def _names() -> Mapping[str, str]:
    """Names, folded and joined -> Latin form."""
    document = lists.load("names/languages/ar.yml")
    tables = (document[name] for name in ("elements", "given_f", "given_m"))
    return {fold(word).replace(" ", ""): latin for table in tables for word, latin in table.items()}


@lru_cache(maxsize=100_000)
def romanize(word: str) -> str:
    """``word`` (one word) romanized, lower case."""
    joined = fold(word).replace(" ", "")
    known = _names()
    if joined in known:
        return known[joined]
    if joined.startswith(_ARTICLE) and len(joined) >= _SHORTEST_WITH_ARTICLE:
        return f"al-{_stem(joined.removeprefix(_ARTICLE))}"
    return _stem(joined)


def _stem(word: str) -> str:
    """``word`` without the article: a name, a name with ‑ي, or read letter by letter."""
    known = _names()
    if word in known:
        return known[word]
    if word.endswith("ی") and word[:-1] in known:
        return f"{known[word[:-1]]}i"
    text = fa.transcribed(word, _LETTERS, _SOUNDS)
    text = f"{text.removesuffix('eh')}a" if text.endswith("eh") and word.endswith("ه") else text
    text = _DOUBLED.sub(r"\1", text.replace("e", "i").replace("o", "u"))
    return text.replace("uu", "ou").replace("ii", "i")


ROMANIZERS = {"practical": romanize}
