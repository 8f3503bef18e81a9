"""Words reduced to the consonants that survive a change of script.

Two grains. *Fine* keeps hard and soft consonants apart and serves names of one region (Иванов, Ivanov, ایوانف).
*Coarse* keeps only where in the mouth a consonant is made, as names that went through a third language need
(Giscard, Жискар, ژیسکار). Vowels vanish but for a mark that a word begins with one, so that it does not matter which
short vowels a romanization restored. Where letters have several sounds (English and German *j*, silent *h*) a word
has several skeletons. How letters sound lies in ``languages/sounds.yml``; here belongs only how that is applied.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Literal

from crm_etl.normalize import lists

#: How a word is written: by the rules of its own Latin spelling, romanized from a phonetic script, in Arabic letters,
#: or in Latin letters of unknown origin.
Spelling = Literal["latin", "heard", "arabic", "any"]
#: The sections of ``sounds.yml`` that hold for each; later ones win.
_SECTIONS: Mapping[Spelling, tuple[str, ...]] = {
    "latin": ("common", "latin"),
    "heard": ("common", "heard"),
    "arabic": ("arabic",),
    "any": ("common", "heard", "latin", "any"),
}
Grain = Literal["fine", "coarse"]

_RULE = re.compile(r"(?P<begin>\^?)(?:\((?P<after>\w+)\))?(?P<letters>\w+)(?:\((?P<before>\w+)\))?(?P<end>\$?)")
#: What a skeleton begins with if the word begins with a vowel.
VOWEL = "A"
_DOUBLE = re.compile(r"(.)\1+")
#: Alternative sounds, and what each costs in likelihood.
Sounds = tuple[tuple[str, int], ...]
_SILENCE: Sounds = (("", 0),)
_RARE = "~"
#: A word has at most so many skeletons, the likeliest ones.
MOST: Mapping[Grain, int] = {"fine": 4, "coarse": 8}


@dataclass(frozen=True)
class Rule:
    """Letters of a word in their context, and how they may sound, with what each sound costs in likelihood."""

    letters: str
    begin: bool
    end: bool
    after: str
    before: str
    sounds: Sounds

    def fits(self, word: str, at: int) -> bool:
        """Whether the rule holds at position ``at`` of ``word``."""
        stop = at + len(self.letters)
        return (
            (stop == at + 1 or word.startswith(self.letters, at))
            and not (self.begin and at)
            and not (self.end and stop != len(word))
            and (not self.after or (at > 0 and word[at - 1] in self.after))
            and (not self.before or (stop < len(word) and word[stop] in self.before))
        )

    @property
    def weight(self) -> tuple[int, int]:
        """Of two rules that fit, the heavier one counts."""
        return len(self.letters), self.begin + self.end + bool(self.after) + bool(self.before)


@lru_cache(maxsize=300_000)
def fine(word: str, spelling: Spelling = "any") -> tuple[str, ...]:
    """Skeletons of ``word`` (lower case, no marks), the likeliest first; empty if it has no letter."""
    return _skeletons(word, spelling, "fine")


@lru_cache(maxsize=300_000)
def coarse(word: str, spelling: Spelling = "any") -> tuple[str, ...]:
    """Coarse skeletons of ``word``, the likeliest first."""
    return _skeletons(word, spelling, "coarse")


def _skeletons(word: str, spelling: Spelling, grain: Grain) -> tuple[str, ...]:
    known = rules(spelling, grain)
    found = {"": 0}
    at = 0
    while at < len(word):
        rule = _fitting(known.get(word[at], ()), word, at)
        sounds = heard(rule, word[at], first=at == 0)
        if sounds != _SILENCE:
            found = _extended(found, sounds, grain)
        at += 1 if rule is None else len(rule.letters)
    return tuple(skeleton for skeleton in found if skeleton)


def _fitting(rules: Iterable[Rule], word: str, at: int) -> Rule | None:
    for rule in rules:
        if rule.fits(word, at):
            return rule
    return None


def heard(rule: Rule | None, letter: str, *, first: bool) -> Sounds:
    """How ``rule`` sounds where it fits, at the ``first`` letter of a word or further on; None for no rule at all."""
    sounds = _unknown(letter) if rule is None else rule.sounds
    return _first(letter, sounds) if first and (rule is None or not rule.begin) else sounds


def _unknown(letter: str) -> Sounds:
    """A vowel is silent; digits, and letters of other scripts, stand for themselves."""
    return ((letter, 0),) if letter.isalnum() and letter not in _vowels() else _SILENCE


def _first(letter: str, sounds: Sounds) -> Sounds:
    """A word that begins with a vowel, or with a silent letter and so with a vowel (Hélène, Элен), says so."""
    if letter in _vowels():
        return tuple((VOWEL + sound, cost) for sound, cost in sounds)
    return tuple((sound or VOWEL, cost) for sound, cost in sounds)


def _extended(found: Mapping[str, int], sounds: Sounds, grain: Grain) -> dict[str, int]:
    """Each skeleton so far with each of ``sounds``, the likeliest kept; a sound is written once where it doubles."""
    if len(sounds) == 1:
        return {_joined(skeleton, sounds[0][0]): cost for skeleton, cost in found.items()}
    longer: dict[str, int] = {}
    for skeleton, cost in found.items():
        for sound, more in sounds:
            joined = _joined(skeleton, sound)
            longer[joined] = min(longer.get(joined, cost + more), cost + more)
    likeliest = sorted(longer.items(), key=lambda item: item[1])
    return dict(likeliest[: MOST[grain]])


def squeeze(skeleton: str) -> str:
    """``skeleton`` with doubled sounds once."""
    return _DOUBLE.sub(r"\1", skeleton)


def _joined(skeleton: str, sound: str) -> str:
    return skeleton + sound[1:] if sound and skeleton.endswith(sound[0]) else skeleton + sound


@cache
def _vowels() -> frozenset[str]:
    return frozenset(_document()["vowels"])


@cache
def rules(spelling: Spelling, grain: Grain) -> Mapping[str, tuple[Rule, ...]]:
    """First letter -> rules of ``spelling``, the heaviest first."""
    written = {key: sounds for section in _SECTIONS[spelling] for key, sounds in _document()[section].items()}
    every = sorted((_rule(key, sounds, grain) for key, sounds in written.items()), key=lambda r: r.weight, reverse=True)
    return {first: tuple(rule for rule in every if rule.letters[0] == first) for first in {r.letters[0] for r in every}}


def _rule(key: str, sounds: Iterable[str | None], grain: Grain) -> Rule:
    match = _RULE.fullmatch(key)
    if match is None:
        raise ValueError(f"languages/sounds.yml: {key!r} is no rule; write letters with ^, $ and (letters) around them")
    every = [_RARE if sound is None else sound for sound in sounds]
    merged = _coarse_sounds() if grain == "coarse" else {}
    costs: dict[str, int] = {}
    for rank, sound in enumerate(every):
        rare = sound.startswith(_RARE)
        if grain == "coarse" or not rare:
            costs.setdefault(sound.lstrip(_RARE).translate(merged), rank + rare)
    return Rule(
        letters=match["letters"],
        begin=bool(match["begin"]),
        end=bool(match["end"]),
        after=match["after"] or "",
        before=match["before"] or "",
        sounds=tuple(costs.items()),
    )


@cache
def _coarse_sounds() -> dict[int, str]:
    return {ord(sound): merged for merged, several in _document()["coarse"].items() for sound in several}


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = lists.load("names/languages/sounds.yml")
    return document
