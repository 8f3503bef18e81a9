"""Why two names are alike or not: which word met which, by what rule, with how much evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from crm_etl.normalize.names.alignment import FEATURES, MOST, Rule, align, kept
from crm_etl.normalize.names.edits import tables
from crm_etl.normalize.names.letters import folding
from crm_etl.normalize.names.similarity import THRESHOLD, ordered, person_features, score_pairs
from crm_etl.normalize.names.tokens import FIGURES, Array, Names, Role, Words, vocabulary

_RULES = {
    Rule.EQUAL: "the same word",
    Rule.JOINED: "written together",
    Rule.VARIANT: "forms of one name",
    Rule.INITIAL: "an initial of the other",
}
_SCRIPTS = ("Latin", "Cyrillic", "Arabic")
_ALONE = {
    Role.PLAIN: "no counterpart",
    Role.INITIAL: "an initial without counterpart",
    Role.PATRONYMIC: "a patronymic, which may be left out",
    Role.PARTICLE: "a particle, which may be left out",
    Role.TITLE: "a title, not compared",
}
#: Rarity, in bits, of two words together under which even equal names are borne by many.
_COMMON = 16.0


@dataclass(frozen=True)
class Meeting:
    """Words of the two names that met: evidence in bits of their letters alone, and the rule in words."""

    left: str
    right: str
    bits: float
    rule: str


@dataclass(frozen=True)
class Alone:
    """A word of the ``left`` or ``right`` name that met none. ``bits``: how rare it is, and so what it could weigh."""

    side: str
    word: str
    bits: float
    rule: str


@dataclass(frozen=True)
class Explanation:
    """The score of two names, log2 of a likelihood ratio, with what it came from.

    The bits of the meetings do not add up to the score: it weighs them together with what is alone.
    """

    left: str
    right: str
    kind: str
    score: float
    meetings: tuple[Meeting, ...]
    alone: tuple[Alone, ...]
    remarks: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """``same`` or ``different`` by :data:`~.similarity.THRESHOLD`, or ``no evidence``."""
        if self.score == 0.0 and not self.meetings:
            return "no evidence"
        return "same" if self.score >= THRESHOLD else "different"

    def sentences(self) -> list[str]:
        """The explanation in words, the strongest reason first."""
        found = [f"{one.left} and {one.right}: {one.rule} ({one.bits:+.1f} bits)" for one in self.meetings]
        found += [f"{one.word} stands only on the {one.side}: {one.rule}" for one in self.alone]
        return [*found, *self.remarks]


def explain_pair(
    left: str, right: str, kind: str = "person", left_lang: str | None = None, right_lang: str | None = None
) -> Explanation:
    """The reasons for the score that :func:`~.similarity.score_pairs` gives this pair.

    Raises:
        ValueError: the kind is unknown.
    """
    if not isinstance(kind, str):
        raise ValueError(f"kind must be person or organization, not {kind!r}")
    score = float(score_pairs([left], [right], kind, left_lang, right_lang)[0])
    if kind != "person":
        from crm_etl.normalize.names import organization_explanation

        return organization_explanation.explain(left, right, left_lang, right_lang)
    if ordered(left, right) != (left, right):
        return _turned(_person(right, left, score))
    return _person(left, right, score)


def _turned(told: Explanation) -> Explanation:
    sides = {"left": "right", "right": "left"}
    return Explanation(
        told.right,
        told.left,
        told.kind,
        told.score,
        tuple(Meeting(one.right, one.left, one.bits, one.rule) for one in told.meetings),
        tuple(Alone(sides[one.side], one.word, one.bits, one.rule) for one in told.alone),
        told.remarks,
    )


def _person(left: str, right: str, score: float) -> Explanation:
    names, words = vocabulary().read([left, right])
    runs = [_run(names, place) for place in (0, 1)]
    shown = [_shown(text, run) for text, run in zip((left, right), runs, strict=True)]
    compared = [kept(run, words) for run in runs]
    places = [_places(run, few) for run, few in zip(runs, compared, strict=True)]
    meetings: list[Meeting] = []
    met: tuple[set[int], set[int]] = (set(), set())
    if all(len(one) for one in compared):
        found, values, _ = align(compared[0], compared[1], words, tables())
        for (i, i2, j, j2), (bits, _, rule) in zip(found.tolist(), values.tolist(), strict=True):
            a, b = places[0][i : i2 + 1], places[1][j : j2 + 1]
            met[0].update(a)
            met[1].update(b)
            one, other = (" ".join(shown[side][k] for k in at) for side, at in ((0, a), (1, b)))
            meetings.append(
                Meeting(one, other, round(bits, 1), _rule(Rule(int(rule)), runs[0][a[0]], runs[1][b[0]], words))
            )
    alone = [
        Alone(
            side, shown[at][k], round(float(words.rarity[runs[at][k]]), 1), _alone(runs[at][k], k in places[at], words)
        )
        for at, side in enumerate(("left", "right"))
        for k in range(len(runs[at]))
        if k not in met[at]
    ]
    remarks = tuple(_remarks(dict(zip(FEATURES, person_features([left], [right])[0].tolist(), strict=True))))
    return Explanation(left, right, "person", round(score, 2), tuple(meetings), tuple(alone), remarks)


def _run(names: Names, place: int) -> Array:
    return names.word[names.begin[place] : names.end[place]]


def _places(run: Array, few: Array) -> list[int]:
    """Places in ``run`` of the words ``few``, which stand in it in order."""
    found: list[int] = []
    for word in few.tolist():
        begin = found[-1] + 1 if found else 0
        found.append(begin + int(np.flatnonzero(run[begin:] == word)[0]))
    return found


def _shown(text: str, run: Array) -> list[str]:
    """The words of ``run`` as ``text`` spells them."""
    table = folding()
    spelled = "".join(letter if table[ord(letter)] != " " else " " for letter in text)
    words = [word for word in spelled.split() if word.translate(table).strip()]
    return words if len(words) == len(run) else [vocabulary().word(number) for number in run.tolist()]


def _alone(word: int, compared: bool, words: Words) -> str:
    """Why ``word`` met none."""
    role = Role(int(words.role[word]))
    if compared or role == Role.TITLE:
        return _ALONE[role]
    if words.script[word] == FIGURES:
        return "a number, not compared"
    return f"behind the first {MOST} words, not compared"


def _rule(rule: Rule, one: int, other: int, words: Words) -> str:
    if rule != Rule.LETTERS:
        return _RULES[rule]
    a, b = int(words.script[one]), int(words.script[other])
    return "spelled alike" if a == b else f"the letters correspond ({_SCRIPTS[max(a, b)]}, {_SCRIPTS[min(a, b)]})"


def _remarks(features: dict[str, float]) -> Iterator[str]:
    if features["few_words"] == 0:
        yield "one of the names has no letters: no evidence"
        return
    if features["crossings"]:
        yield "the words stand in another order"
    if features["sexes"]:
        yield "a woman's form meets a man's"
    if features["loose_patronymics"] == 2:
        yield "the patronymics differ"
    if features["loose_few_words"]:
        yield "both sides have words that the other lacks"
    if features["meetings"] and features["rarity"] < _COMMON:
        yield "what they share is common: many people are called so"
