"""Persian words in Latin letters, with the short vowels that the script leaves out.

A word is looked up among the given names and surnames of ``fa.yml``; if it is not there it is cut into known
names and surname endings (محمدرضا, حسین‌زاده, کریمیان); what remains is spelled by rule, one short vowel after a
first consonant that has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache

from crm_etl.normalize import lists
from crm_etl.normalize.text import fold

_CONSONANTS: Mapping[str, str] = {
    "ب": "b", "پ": "p", "ت": "t", "ث": "s", "ج": "j", "چ": "ch", "ح": "h", "خ": "kh", "د": "d", "ذ": "z", "ر": "r",
    "ز": "z", "ژ": "zh", "س": "s", "ش": "sh", "ص": "s", "ض": "z", "ط": "t", "ظ": "z", "ع": "", "غ": "gh", "ف": "f",
    "ق": "gh", "ک": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n", "ه": "h",
    # Pashto and Urdu
    "ټ": "t", "ډ": "d", "ړ": "r", "ښ": "sh", "ږ": "zh", "ځ": "z", "څ": "ts", "ڼ": "n", "ں": "n", "ہ": "h", "ھ": "h",
    "ٹ": "t", "ڈ": "d", "ڑ": "r", "ۆ": "o", "ێ": "e", "ڵ": "l", "ڕ": "r", "ڤ": "v", "ے": "e", "ۇ": "u",
}  # fmt: skip
_VOWELS = "aeiou"


@cache
def _known() -> tuple[dict[str, str], dict[str, str]]:
    """Words and endings, folded and joined -> Latin form."""
    document = lists.load("names/languages/fa.yml")

    def flat(*names: str) -> dict[str, str]:
        return {fold(word).replace(" ", ""): latin for name in names for word, latin in document[name].items()}

    return flat("words", "surnames", "given_f", "given_m"), flat("endings")


@lru_cache(maxsize=100_000)
def romanize(word: str) -> str:
    """``word`` (one word, ZWNJ allowed) romanized, lower case."""
    joined = fold(word).replace(" ", "")
    known = _compose(joined)
    if known is None and len(joined) > 4 and joined.startswith("ال"):
        # The Arabic article; المدنی is Al-Madani.
        return f"al-{_compose(joined[2:]) or _spell(joined[2:])}"
    return known or _spell(joined)


def is_ending(word: str) -> bool:
    """Whether ``word`` is a surname ending written as a word of its own (زاده, پور, نژاد)."""
    return fold(word) in _known()[1]


def split_given(word: str) -> list[str]:
    """The given names that a joined one consists of: محمدرضا -> محمد, رضا; else the word itself."""
    words, _ = _known()
    joined = fold(word).replace(" ", "")
    for at in range(2, len(joined) - 1):
        if joined[:at] in words and joined[at:] in words and len(joined[at:]) > 2:
            return [joined[:at], joined[at:]]
    return [joined]


def _compose(word: str) -> str | None:
    words, endings = _known()
    if word in words:
        return words[word]
    if word in endings:
        return endings[word]
    for ending, latin in sorted(endings.items(), key=lambda item: (-len(item[0]), item[0])):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= 2:
            return (_compose(stem) or _spell(stem)) + latin
    if word.endswith("ی") and word[:-1] in words:
        return words[word[:-1]] + "i"
    for at in range(len(word) - 2, 2, -1):
        if word[:at] in words and word[at:] in words:
            return words[word[:at]] + words[word[at:]]
    return None


def _spell(word: str) -> str:
    pieces: list[str] = []
    for place, letter in enumerate(word):
        pieces.append(_letter(word, place, letter, "".join(pieces)))
    text = "".join(pieces)
    # A word cannot begin with two consonants: the vowel between them was only not written.
    first = next((size for size in (2, 1) if text[:size] in _CONSONANTS.values() and text[:size]), 0)
    if first and len(text) > first and text[first] not in _VOWELS + "y":
        text = f"{text[:first]}a{text[first:]}"
    return text


def _letter(word: str, place: int, letter: str, before: str) -> str:
    last = place == len(word) - 1
    following = word[place + 1] if not last else ""
    if letter in "اآ":
        # Initial alef before و or ی only carries that vowel.
        return "" if place == 0 and letter == "ا" and following in ("و", "ی") else "a"
    if letter == "و":
        if place == 0:
            return "v"
        return "v" if following in ("ا", "ی", "و") or before.endswith(("a", "i")) else "o"
    if letter == "ی":
        if place == 0 or following in ("ا", "و"):
            return "y" if place == 0 or before[-1:] in _VOWELS else "i"
        return "i"
    if letter == "ه" and last and place > 0:
        return "eh" if before[-1:] not in _VOWELS else "h"
    if letter == "ع":
        return "" if before.endswith(tuple(_VOWELS)) or following in ("ا", "آ", "ی", "و") else "a"
    return _CONSONANTS.get(letter, letter)


ROMANIZERS = {"practical": romanize}
