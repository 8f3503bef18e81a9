"""The letters that names are compared in: words folded to the alphabet of their script, as small integers.

The folding is for comparison only and loses what spelling conventions disagree about: case, marks, ё, hamza, ZWNJ.
Alphabets and folds are data, ``languages/letters.yml``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from crm_etl.normalize import lists

SCRIPTS = ("Latn", "Cyrl", "Arab")
SOUNDS = "PTSKLRMN?"


@dataclass(frozen=True)
class Alphabet:
    """The letters of one script; the code of a letter is its place, counted from one. 0 marks the edge of a word.

    ``sounds`` gives the letters of each of :data:`SOUNDS`, and those that may be several of them as ``?``.
    """

    script: str
    alphabet: str
    fold: Mapping[str, str]
    sounds: Mapping[str, str]

    def __post_init__(self) -> None:
        if len(set(self.alphabet)) != len(self.alphabet):
            raise ValueError(f"letters.yml: a letter of {self.script} stands twice in its alphabet")

    @property
    def size(self) -> int:
        """Codes of the alphabet, the edge of a word included."""
        return len(self.alphabet) + 1


@cache
def alphabets() -> tuple[Alphabet, ...]:
    """The alphabets in the order of :data:`SCRIPTS`."""
    document: dict[str, Any] = lists.load("names/languages/letters.yml")
    return tuple(Alphabet(code, **document[code]) for code in SCRIPTS)


class _Folding(dict[int, str]):
    """Any character -> the letters it is compared as, or a blank where it parts words; filled as it is asked."""

    def __init__(self, alphabet: tuple[Alphabet, ...]) -> None:
        super().__init__()
        self._letters = frozenset("".join(one.alphabet for one in alphabet))
        self._fold = {letter: folded for one in alphabet for letter, folded in one.fold.items()}

    def __missing__(self, code: int) -> str:
        folded = self[code] = self._folded(chr(code))
        return folded

    def _folded(self, letter: str) -> str:
        for form in (letter, letter.casefold(), unicodedata.normalize("NFKC", letter).casefold()):
            if form in self._fold:
                return self._fold[form]
            if form in self._letters:
                return form
        if letter.isdecimal():
            return str(unicodedata.decimal(letter))
        category = unicodedata.category(letter)
        if category in ("Mn", "Me", "Cf") and letter != "\u200c":
            return ""
        plain = "".join(c for c in unicodedata.normalize("NFKD", letter) if unicodedata.category(c) != "Mn")
        if plain not in ("", letter):
            return "".join(self[ord(part)] for part in plain.casefold())
        return plain.casefold() if category[0] in "LN" else " "


@cache
def folding() -> Mapping[int, str]:
    """For :meth:`str.translate`: text in the letters of the alphabets, other scripts as they are, blanks between."""
    return _Folding(alphabets())


@cache
def codes() -> Mapping[str, int]:
    """Letter -> script number * 64 + code."""
    return {
        letter: 64 * number + place
        for number, one in enumerate(alphabets())
        for place, letter in enumerate(one.alphabet, start=1)
    }


@cache
def sounds() -> tuple[bytes, ...]:
    """By script: letter code -> place in :data:`SOUNDS`, or their number where the letter stands for none."""
    found = []
    for one in alphabets():
        place = {letter: SOUNDS.index(sound) for sound, letters in one.sounds.items() for letter in letters}
        found.append(bytes(place.get(letter, len(SOUNDS)) for letter in "\0" + one.alphabet))
    return tuple(found)
