"""Persian words outside all lists read letter by letter: which Latin letters each Persian one stands for.

Short vowels go with the consonant before them, so a word is a sequence of decisions, one a letter, among the few
readings that the letter can have. The readings are weighed by the letters around and by what was read before, with the
weights of ``fa_vowels.json``: an averaged perceptron, made by ``training/names/persian_vowels.py``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources

#: Latin consonants of the letters that are consonants only.
CONSONANTS: Mapping[str, str] = {
    "ب": "b", "پ": "p", "ت": "t", "ث": "s", "ج": "j", "چ": "ch", "ح": "h", "خ": "kh", "د": "d", "ذ": "z", "ر": "r",
    "ز": "z", "ژ": "zh", "س": "s", "ش": "sh", "ص": "s", "ض": "z", "ط": "t", "ظ": "z", "غ": "gh", "ف": "f",
    "ق": "gh", "ک": "k", "گ": "g", "ل": "l", "م": "m", "ن": "n", "ه": "h",
    # Pashto, Urdu and Kurdish
    "ټ": "t", "ډ": "d", "ړ": "r", "ښ": "sh", "ږ": "zh", "ځ": "z", "څ": "ts", "ڼ": "n", "ں": "n", "ہ": "h", "ھ": "h",
    "ٹ": "t", "ڈ": "d", "ڑ": "r", "ڵ": "l", "ڕ": "r", "ڤ": "v",
}  # fmt: skip
_SHORT = ("", "a", "e", "o")
#: Readings of letters that are vowels, or both.
_MIXED: Mapping[str, tuple[str, ...]] = {
    "ا": ("a", "", "e", "o", "i"),
    "آ": ("a",),
    "و": ("ou", "v", "o", "va", "ve", "vo", "ow", "", "w", "u", "vou", "vv", "vva", "oo"),
    "ی": ("i", "y", "e", "ya", "ye", "yo", "ey", "ei", "a", "", "ie", "yy", "yya", "yye"),
    "ع": ("", "a", "e", "o"),
    "ۆ": ("o",), "ێ": ("e",), "ے": ("e",), "ۇ": ("ou",), "ې": ("e",),
}  # fmt: skip
#: Consonants that tashdid may double, unwritten.
_DOUBLED = frozenset("bptjdrzsfkglmnhy")
EDGE = "-"
_VOWELS = frozenset("aeiou")


@cache
def readings(letter: str) -> tuple[str, ...]:
    """What ``letter`` may stand for, the most usual first; a letter of no Persian word stands for itself."""
    consonant = CONSONANTS.get(letter)
    if consonant is None:
        return _MIXED.get(letter, (letter,))
    doubled = (consonant * 2,) if consonant in _DOUBLED else ()
    silent = ("",) if letter == "ه" else ()
    return (*(base + vowel for base in (consonant, *doubled) for vowel in _SHORT), *silent)


def features(word: str, place: int, before: str, earlier: str) -> tuple[str, ...]:
    """What the reading of the letter at ``place`` is weighed by; ``before``, ``earlier`` are the readings before it."""
    at = place + 3
    around = f"{EDGE * 3}{word}{EDGE * 3}"
    letter, left, right = around[at], around[at - 1], around[at + 1]
    after, prior = around[at + 2], around[at - 2]
    sound = before[-1:] or "0"
    return (
        letter,
        f"l{left}{letter}",
        f"r{letter}{right}",
        f"b{left}{letter}{right}",
        f"R{letter}{right}{after}",
        f"L{prior}{left}{letter}",
        f"w{left}{letter}{right}{after}",
        f"W{letter}{right}{after}{around[at + 3]}",
        f"p{prior}{left}{letter}{right}",
        f"s{sound}{letter}{right}",
        f"t{before}{letter}{right}{after}",
        f"u{earlier[-1:]}{before}{letter}",
        f"v{_shape(word, place)}{sound}",
        f"V{_shape(word, place)}{letter}",
        f"P{place}{_pattern(word)}",
        f"Q{place}{word[0]}{_pattern(word)}",
        f"C{_open(before)}{_open(earlier)}{_pattern(word)[place : place + 3]}",
    )


def _open(reading: str) -> str:
    """Whether a syllable may still close after ``reading``: it ends in a vowel, in a consonant, or is nothing."""
    return "0" if reading == "" else "v" if reading[-1] in _VOWELS else "c"


@lru_cache(maxsize=10_000)
def _pattern(word: str) -> str:
    """The pattern of a word, as Arabic grammar has it: its consonants alike, its long vowels as they are."""
    return "".join(letter if letter in "اآویه" else "c" for letter in word)


def _shape(word: str, place: int) -> str:
    """How far the word's ends are and where its next long vowel is: the metre of Arabic and Persian word patterns."""
    rest = word[place + 1 : place + 4]
    return f"{min(place, 3)}{min(len(word) - place, 4)}{''.join('v' if c in 'اآوی' else 'c' for c in rest)}"


def align(word: str, latin: str) -> list[str] | None:
    """Which part of ``latin`` each letter of ``word`` stands for, by the likeliest readings; None if none fit."""
    costs: dict[int, tuple[float, list[str]]] = {0: (0.0, [])}
    for letter in word:
        reached: dict[int, tuple[float, list[str]]] = {}
        for stop, (cost, parts) in costs.items():
            for rank, reading in enumerate(readings(letter)):
                if not latin.startswith(reading, stop):
                    continue
                end, total = stop + len(reading), cost + _STEP * rank
                if end not in reached or total < reached[end][0]:
                    reached[end] = (total, [*parts, reading])
        costs = reached
    return costs[len(latin)][1] if len(latin) in costs else None


#: What a reading costs more than the one more usual.
_STEP = 0.1

Weights = Mapping[str, Mapping[str, float]]


def decide(word: str, weights: Weights, allowed: Sequence[Sequence[str]]) -> list[str]:
    """The reading of each letter of ``word``, out of ``allowed``, that ``weights`` favour, from left to right."""
    chosen: list[str] = []
    before = earlier = ""
    for place, options in enumerate(allowed):
        best = options[0]
        if len(options) > 1:
            scores = dict.fromkeys(_pronounceable(options, word, place, before), 0.0)
            for feature in features(word, place, before, earlier):
                for reading, weight in weights.get(feature, _NOTHING).items():
                    if reading in scores:
                        scores[reading] += weight
            best = max(scores, key=scores.__getitem__)
        chosen.append(best)
        before, earlier = best, before
    return chosen


_NOTHING: Mapping[str, float] = {}


@cache
def _weights() -> Weights:
    text = resources.files(__package__).joinpath("fa_vowels.json").read_text(encoding="utf-8")
    weights: Weights = json.loads(text)["weights"]
    return weights


def _pronounceable(options: Sequence[str], word: str, place: int, before: str) -> Sequence[str]:
    """``options`` that a syllable of Persian can have: none begins with two consonants, none doubles one at its end."""
    closes = word[place + 1 : place + 2] in CONSONANTS or place == len(word) - 1
    after_consonant = not before or before[-1] not in _VOWELS
    fitting = [
        one
        for one in options
        if not (_is_doubled(one) and (after_consonant or (closes and one[-1] not in _VOWELS)))
        and not (place == 0 and len(word) > 1 and closes and one != "" and one[-1] not in _VOWELS)
    ]
    return fitting or options


def _is_doubled(reading: str) -> bool:
    return len(reading) > 1 and reading[0] == reading[1] and reading[0] not in _VOWELS


def readings_of(word: str) -> list[str]:
    """The likely reading of each letter of ``word`` (folded, joined)."""
    return decide(word, _weights(), [readings(letter) for letter in word])


def read(word: str) -> str:
    """``word`` (folded, joined) in Latin letters with the vowels that are likely."""
    return "".join(readings_of(word))
