"""Words in Latin letters without their diacritics, lower case."""

from __future__ import annotations

import unicodedata

#: Letters that Unicode does not decompose.
_LETTERS = str.maketrans(
    {
        "ł": "l", "ø": "o", "đ": "d", "ß": "ss", "ı": "i", "ə": "a", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d",
        "ħ": "h", "ŋ": "n", "ŧ": "t", "ƒ": "f",
    }
)  # fmt: skip
#: Letters whose sound the bare letter would hide.
_SOUNDS = str.maketrans({"š": "sh", "ş": "sh", "ș": "sh", "č": "ch", "ç": "ch", "ć": "ch", "ž": "zh", "ñ": "n"})


def romanize(word: str) -> str:
    """``word`` in ASCII letters as far as its letters have a Latin base; others stay."""
    if word.isascii():
        return word.lower()
    word = unicodedata.normalize("NFC", word.casefold()).translate(_SOUNDS).translate(_LETTERS)
    bare = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare).casefold()
