"""Letters of one script that stand inside words of another because they look the same (Latin C in «Сибирь»)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from crm_etl.normalize.text import fold, script_of

_PART = re.compile(r"[^\W_]+")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_GREEK = re.compile("[\u0370-\u03ff]")
#: Latin letter -> the Cyrillic one that looks like it.
_LATIN_CYRILLIC: Mapping[str, str] = dict(
    zip("aceopxyikjsABCEHIKMOPTXYJSïëÏË", "асеорхуікјѕАВСЕНІКМОРТХУЈЅїёЇЁ", strict=True)
)
_CYRILLIC_LATIN = {cyrillic: latin for latin, cyrillic in _LATIN_CYRILLIC.items()}
#: Greek letter -> the Latin one that looks like it.
_GREEK_LATIN: Mapping[str, str] = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονικ", "ABEZHIKMNOPTYXovik", strict=True))
#: Digits typed for letters: 3ахаров, Петр0в, В1ктор.
_DIGITS: Mapping[str, str] = {"0": "о", "3": "з", "1": "і"}
_DIGIT = re.compile("[013]")
_LETTERS_BESIDE_DIGITS = 3


def unmix(text: str, brands: frozenset[str] = frozenset()) -> tuple[str, bool]:
    """``text`` with each mixed word in the script of most of its letters, and whether any was mixed.

    A word with a letter that has no twin stays as it is, and so do ``brands`` (folded).
    """
    if text.isascii():
        return text, False
    latin, cyrillic = _LATIN.search(text) is not None, _CYRILLIC.search(text) is not None
    greek = (latin or cyrillic) and _GREEK.search(text) is not None
    if not (latin and cyrillic) and not greek and not (cyrillic and _DIGIT.search(text) is not None):
        return text, False
    repaired = _PART.sub(lambda match: match.group() if fold(match.group()) in brands else _one(match.group()), text)
    return repaired, repaired != text


def is_mixed(text: str, brands: frozenset[str] = frozenset()) -> bool:
    """Whether a word of ``text`` that is none of ``brands`` (folded) has both Latin and Cyrillic letters."""
    if text.isascii() or _LATIN.search(text) is None or _CYRILLIC.search(text) is None:
        return False
    words = _PART.findall(text)
    return any(_LATIN.search(word) and _CYRILLIC.search(word) and fold(word) not in brands for word in words)


def cyrillic_twin(word: str) -> str | None:
    """``word`` of Latin letters in the Cyrillic ones that look the same; None where a letter has no twin."""
    if not all(letter in _LATIN_CYRILLIC or not letter.isalpha() for letter in word):
        return None
    return "".join(_LATIN_CYRILLIC.get(letter, letter) for letter in word)


def _one(word: str) -> str:
    if word.isascii():
        return word
    scripts = [script_of(letter) for letter in word]
    latin, cyrillic = scripts.count("Latn"), scripts.count("Cyrl")
    digits = sum(map(str.isdigit, word))
    latin -= sum(letter.isdigit() for letter in word if letter.isascii())
    if cyrillic >= _LETTERS_BESIDE_DIGITS and digits == 1 and not word[-1].isdigit():
        return _undigited(word)
    if _GREEK.search(word) is not None:
        return _ungreeked(word)
    if not latin or not cyrillic or digits:
        return word
    foreign, twins = ("Latn", _LATIN_CYRILLIC) if cyrillic >= latin else ("Cyrl", _CYRILLIC_LATIN)
    letters = [twins.get(c) if s == foreign else c for c, s in zip(word, scripts, strict=True)]
    return word if None in letters else "".join(letter or "" for letter in letters)


def _undigited(word: str) -> str:
    """``word`` with the letter that its one digit stands for."""
    at = next(at for at, letter in enumerate(word) if letter.isdigit())
    twin = _DIGITS.get(word[at])
    rest = word[at + 1 :]
    if twin is None or not (rest.islower() or rest.isupper()):
        return word
    return _one(word[:at] + (twin.upper() if at == 0 or rest.isupper() else twin) + rest)


def _ungreeked(word: str) -> str:
    """``word`` with its few Greek letters in the script of the others."""
    letters = [_GREEK_LATIN.get(letter, letter) for letter in word]
    if sum(map(str.isalpha, word)) < 2 * len(_GREEK.findall(word)) + 1 or any(map(_GREEK.match, letters)):
        return word
    return _one("".join(letters))
