"""Romanized words reduced to the sounds that survive a change of script.

Two grains. *Fine* keeps hard and soft consonants apart and serves names of one region (Иванов, Ivanov, ایوانف).
*Coarse* keeps only where in the mouth a consonant is made, as names that went through a third language need
(Giscard, Жискар, ژیسکار). Vowels vanish but for a mark that a word begins with one. Where a letter has several
sounds (English and German *j*, silent *h*) a word has several skeletons.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product

#: Letters -> alternative sounds. Longest first. "" is silence.
_SOUNDS: dict[str, tuple[str, ...]] = {
    "shch": ("C",),
    "tsch": ("C",),
    "sch": ("C", "ZK"),
    "tch": ("C",),
    "dzh": ("C",),
    "sh": ("C",),
    "zh": ("C",),
    "ch": ("C", "K"),
    "cz": ("C",),
    "sz": ("C",),
    "rz": ("C", "RZ"),
    "dj": ("C",),
    "ts": ("Z", "T"),
    "tz": ("Z",),
    "dz": ("Z", "D"),
    "kh": ("H",),
    "gh": ("G", ""),
    "ck": ("K",),
    "cq": ("K",),
    "qu": ("K", "KV"),
    "ph": ("F",),
    "th": ("T",),
    "wh": ("V", ""),
    "x": ("KZ", "H", "Z"),
    "j": ("C", "", "H"),
    "h": ("H", ""),
    "w": ("V", ""),
    "v": ("V",),
    "f": ("F",),
    "p": ("P",),
    "b": ("B",),
    "t": ("T",),
    "d": ("D",),
    "s": ("Z",),
    "z": ("Z",),
    "k": ("K",),
    "q": ("G",),
    "g": ("G",),
    "c": ("K",),
    "l": ("L",),
    "r": ("R",),
    "m": ("M",),
    "n": ("N",),
}
_SOFT: dict[str, tuple[str, ...]] = {"c": ("Z", "C"), "g": ("G", "C"), "sc": ("C", "ZK")}
_TOKEN = re.compile(
    r"(?P<glide>[aeo]u$)|(?P<vowel>[aeiouy]+)|(?P<mute>(?<=[aeiouy])[tsdzxp]$)|(?P<soft>sc|[cg])(?=[eiy])"
    r"|(?P<hard>" + "|".join(_SOUNDS) + r")|(?P<other>.)",
    re.DOTALL,
)
#: Sounds that only the coarse grain lets vanish: Persian و, English and German w, French final consonants.
_FAINT: dict[str, tuple[str, ...]] = {"v": ("V", "")}
_COARSE = str.maketrans("CZGHKBPVFDT", "SSKKKPPFFTT")
_MOST = 8


@lru_cache(maxsize=200_000)
def fine(word: str) -> tuple[str, ...]:
    """Skeletons of ``word`` (romanized, lower case), the likeliest first; empty if it has no letter."""
    return _skeletons(word, faint=False)


@lru_cache(maxsize=200_000)
def coarse(word: str) -> tuple[str, ...]:
    """Coarse skeletons of ``word``, the likeliest first."""
    return tuple(dict.fromkeys(_squeeze(skeleton.translate(_COARSE)) for skeleton in _skeletons(word, faint=True)))


def _skeletons(word: str, *, faint: bool) -> tuple[str, ...]:
    choices: list[tuple[str, ...]] = []
    variants = 1
    for match in _TOKEN.finditer(word):
        sounds = _sounds(match, first=not choices, faint=faint)
        if sounds is None:
            continue
        if variants * len(sounds) > _MOST:
            sounds = sounds[:1]
        variants *= len(sounds)
        choices.append(sounds)
    found = [skeleton for skeleton in (_squeeze("".join(pieces)) for pieces in product(*choices)) if skeleton]
    # Persian and Arabic put a vowel before a first pair of consonants: اسمیت is Smith.
    found.extend([skeleton[1:] for skeleton in found if skeleton.startswith(("AZ", "AC"))])
    return tuple(skeleton for skeleton in dict.fromkeys(found) if skeleton)


def _sounds(match: re.Match[str], *, first: bool, faint: bool) -> tuple[str, ...] | None:
    if match["glide"] is not None:
        return ("A",) if first else ("", "V") if faint else None
    if match["mute"] is not None:
        # Final consonants are silent in French names.
        letters = _skeletons_of(match["mute"])
        return (letters, "") if faint else (letters,)
    if match["vowel"] is not None:
        return ("A",) if first else None
    if match["soft"] is not None:
        sounds = _SOFT[match["soft"]]
    elif match["hard"] is not None:
        sounds = _FAINT.get(match["hard"], _SOUNDS[match["hard"]]) if faint else _SOUNDS[match["hard"]]
    else:
        letter = match["other"]
        return (letter,) if letter.isalnum() else None
    return tuple(sound or "A" for sound in sounds) if first else sounds


def _skeletons_of(letters: str) -> str:
    return "".join(_SOUNDS[letter][0] for letter in letters)


def _squeeze(skeleton: str) -> str:
    """Doubled sounds once; a leading vowel mark before others stays."""
    return re.sub(r"(.)\1+", r"\1", skeleton)
