"""Proposals for the encoding of text, with a confidence and a decoded sample. A person declares it.

Order marks and the strict grammar of UTF-8 decide where they can. The single-byte encodings accept almost any
bytes, so their texts are judged as texts: letters common in Russian, Ukrainian and Persian, words of one script,
capitals only where capitals stand, and no box drawing or control characters in between.
"""

from __future__ import annotations

import codecs
import math
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from connectors.content import kind_of_head

CANDIDATES = ("cp1251", "cp866", "koi8-r", "koi8-u", "mac-cyrillic", "cp1256")
#: So many first bytes are enough for a proposal.
HEAD = 1 << 18
_SAMPLE_LINES, _SAMPLE_WIDTH = 3, 80
_SHARPNESS = 8.0
#: Letters from the most to the least frequent: usual counts over general Russian (with Ukrainian) and Persian text.
_COMMON = ("оеаинтсрвлкмдпуяыьгзбчйіхжшюцщэфєїъґё", "اینرمدهوسيتبلشکكگفحجزخعقپصطىچةضغأثذئظژآ")
_RANK = {letter: 1 - 0.9 * place / len(order) for order in _COMMON for place, letter in enumerate(order)}
_USUAL = set("«»“”„–—…№°·’\u200c،؛؟\xa0")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Proposal:
    """An encoding that fits. ``confidence``: 0 to 1, all proposals for a text sum to at most 1. ``sample``: the
    first lines with letters beyond ASCII, decoded; personal data, for the eyes of the person who declares."""

    encoding: str
    confidence: float
    sample: str


def propose(head: bytes) -> list[Proposal]:
    """Encodings in which text that begins with ``head`` could be read, the likeliest first; empty if none fits or
    it is no text."""
    # A cut through a line can cut through a character.
    cut = head.rfind(b"\n")
    if len(head) >= HEAD and cut > 0:
        head = head[:cut]
    sure = _sure(head)
    if sure is None and kind_of_head(head) != "text":
        return []
    if sure is not None:
        return [Proposal(sure, 1.0, _sample(head.decode(sure, "replace")))]
    texts = {name: _decoded(head, name) for name in CANDIDATES}
    if texts["koi8-u"] == texts["koi8-r"]:  # it adds four letters: where they are missing it is not worth a word
        texts["koi8-u"] = None
    scores = {name: _score(text) for name, text in texts.items() if text is not None}
    if not scores:
        return []
    powers = {name: math.exp(_SHARPNESS * score) for name, score in scores.items()}
    whole = sum(powers.values())
    quality = min(1.0, max(0.05, max(scores.values()) / 0.6))
    ranked = sorted(scores, key=lambda name: (-scores[name], name))
    return [Proposal(name, round(quality * powers[name] / whole, 3), _sample(texts[name] or "")) for name in ranked]


def is_common(character: str) -> bool:
    """Whether it is a usual letter of Russian, Ukrainian or Persian, a Latin one with a mark, or a digit of theirs."""
    return not character.isascii() and (
        character.lower() in _RANK or character.isdecimal() or ("À" <= character <= "ÿ" and character.isalpha())
    )


def is_usual(character: str) -> bool:
    """Whether it is punctuation beyond ASCII that stands in ordinary text."""
    return character in _USUAL


def _sure(head: bytes) -> str | None:
    """The encoding that an order mark, zero bytes or valid UTF-8 leave no doubt of."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if head.startswith(mark):
            return name
    if len(head) >= 4 and head.count(0) > len(head) // 8:
        return "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
    return "utf-8" if _decoded(head, "utf-8") is not None else None


def _decoded(head: bytes, encoding: str) -> str | None:
    try:
        return head.decode(encoding)
    except UnicodeDecodeError:
        return None


def _score(text: str) -> float:
    """Mean plausibility of the characters beyond ASCII, about -1 (noise) to 0.8 (prose)."""
    beyond = [character for character in text if not character.isascii()]
    if not beyond:
        return 0.0
    points = sum(_worth(character) for character in beyond)
    faults = sum(_faults(word) for word in _WORD.findall(text) if not word.isascii())
    return (points - faults) / len(beyond)


def _worth(character: str) -> float:
    if character in _USUAL:
        return 0.3
    return _RANK.get(character.lower(), -0.5 if unicodedata.category(character).startswith("L") else -1.0)


def _faults(word: str) -> float:
    """Capitals after small letters, and neighbours of different scripts."""
    pairs = list(pairwise(word))
    rising = sum(a.islower() and b.isupper() for a, b in pairs)
    mixed = sum(_script(a) != _script(b) for a, b in pairs)
    return rising + mixed


@cache
def _script(letter: str) -> str:
    """The first word of a letter's name: CYRILLIC, ARABIC, LATIN."""
    return unicodedata.name(letter, "?").partition(" ")[0]


def _sample(text: str) -> str:
    lines = [line[:_SAMPLE_WIDTH] for line in text.splitlines() if not line.isascii()]
    return "\n".join((lines or text.splitlines())[:_SAMPLE_LINES])
