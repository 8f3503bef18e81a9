"""In which languages the words of a column are written, as far as scripts, letters and telling words say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from crm_etl.normalize.names.languages import detection
from crm_etl.normalize.text import script

#: Distinct values that are looked at.
LIMIT = 1000
_SCRIPTS = ("Cyrl", "Arab", "Latn", "Armn", "Geor", "Grek")


def languages_of(values: Mapping[str, float]) -> dict[str, int]:
    """Language (ISO 639-1) -> cells of ``values`` (value -> cells) in it, the most first; cells without words of a
    known script in none."""
    tally: Counter[str] = Counter()
    for value, cells in list(values.items())[:LIMIT]:
        code = script(value)
        if code not in _SCRIPTS or not _worded(value):
            continue
        language = detection.guess(value, code)
        if language is not None:
            tally[language] += round(cells)
    return dict(sorted(tally.items(), key=lambda item: (-item[1], item[0])))


def _worded(value: str) -> bool:
    """Whether ``value`` holds a word rather than a code or an address of the net."""
    return "@" not in value and sum(map(str.isdigit, value)) * 2 < len(value) and sum(map(str.isalpha, value)) > 2
