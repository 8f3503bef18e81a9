"""Romanization tables: letters, and where they stand, -> Latin letters.

A table is data, written in a language's YAML file under ``romanization``; this module says what it means. In a word
the rule that knows most of the place goes first: ``initial`` (begin of the word), ``final`` (its end), ``after`` (the
letter before), then ``letters``; among rules of one kind the one for the longest sequence of letters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

Letters = Mapping[str, str]

#: Signs that keyboards have for the apostrophe; a table knows it as ``'``.
APOSTROPHES = str.maketrans("’ʼ`‘", "''''")


@dataclass(frozen=True)
class Table:
    """A standard's rules. ``after`` maps a letter to the rules behind it; ``rest`` are letters of other alphabets."""

    letters: Letters
    initial: Letters = field(default_factory=dict)
    final: Letters = field(default_factory=dict)
    after: Mapping[str, Letters] = field(default_factory=dict)
    rest: Letters = field(default_factory=dict)

    @property
    def is_ascii(self) -> bool:
        """Whether all that the table writes is ASCII."""
        rules = (self.letters, self.initial, self.final, *self.after.values())
        return all(latin.isascii() for rule in rules for latin in rule.values())

    @cached_property
    def _everywhere(self) -> Letters:
        return {**self.rest, **self.letters}

    @cached_property
    def _longest(self) -> int:
        rules = (self._everywhere, self.initial, self.final, *self.after.values())
        return max((len(letters) for rule in rules for letters in rule), default=1)

    @cached_property
    def _plain(self) -> dict[int, str] | None:
        """The table for :meth:`str.translate` where no rule looks at the place."""
        if self._longest > 1 or self.initial or self.final or self.after:
            return None
        return str.maketrans(dict(self._everywhere))

    def romanize(self, word: str) -> str:
        """``word`` (one word, any case) in Latin letters, lower case; letters that no rule has stay."""
        word = word.casefold()
        if not word.isalpha():
            word = word.translate(APOSTROPHES)
        if self._plain is not None:
            return word.translate(self._plain)
        pieces = []
        place = 0
        everywhere, placed = self._everywhere, self._placed
        while place < len(word):
            letter = word[place]
            if letter in placed:
                size, latin = self._at(word, place)
                pieces.append(latin)
                place += size
            else:
                pieces.append(everywhere.get(letter, letter))
                place += 1
        return "".join(pieces)

    @cached_property
    def _placed(self) -> frozenset[str]:
        """First letters of all rules that look further than one letter."""
        rules = (self.initial, self.final, *self.after.values())
        longer = (letters for letters in self._everywhere if len(letters) > 1)
        return frozenset(letters[0] for letters in (*longer, *(letters for rule in rules for letters in rule)))

    def _at(self, word: str, place: int) -> tuple[int, str]:
        """How many letters of ``word`` from ``place`` on the best rule takes, and what it writes."""
        before = word[place - 1] if place else ""
        sizes = range(min(self._longest, len(word) - place), 0, -1)
        if not before and self.initial:
            for size in sizes:
                if word[place : place + size] in self.initial:
                    return size, self.initial[word[place : place + size]]
        if self.final and word[place:] in self.final and len(word) - place <= self._longest:
            return len(word) - place, self.final[word[place:]]
        for rules in (self.after.get(before), self._everywhere):
            if rules is not None:
                for size in sizes:
                    latin = rules.get(word[place : place + size])
                    if latin is not None:
                        return size, latin
        return 1, word[place]
