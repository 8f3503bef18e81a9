"""Why the names of two organizations are alike or not: which word met which, by what rule, with how much evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crm_etl.normalize.names import lexicon, organization_similarity
from crm_etl.normalize.names.edits import tables
from crm_etl.normalize.names.explanation import Alone, Explanation, Meeting
from crm_etl.normalize.names.organization_alignment import FEATURES, MOST, Array, Rule, align
from crm_etl.normalize.names.organization_similarity import Batch
from crm_etl.normalize.names.organization_words import Compared, Word

_SIDES = ("left", "right")
_COMMON = 6.0


def explain(left: str, right: str, left_lang: str | None = None, right_lang: str | None = None) -> Explanation:
    """The reasons for the score that :func:`.organization_similarity.score` gives this pair."""
    batch = organization_similarity.read([left], [right], [left_lang], [right_lang])
    score = float(organization_similarity.score([left], [right], [left_lang], [right_lang])[0])
    names = [batch.names[batch.left[0]], batch.names[batch.right[0]]]
    words = [(*name.words, *name.asides)[:MOST] for name in names]
    meetings: list[Meeting] = []
    met: tuple[set[int], set[int]] = (set(), set())
    for (i, i2, j, j2), (bits, rule) in _meetings(batch) if all(words) else ():
        a, b = words[0][i : i2 + 1], words[1][j : j2 + 1]
        met[0].update(range(i, i2 + 1))
        met[1].update(range(j, j2 + 1))
        meetings.append(Meeting(_shown(a), _shown(b), round(bits, 1), _rule(rule, a, b)))
    alone = [
        Alone(side, _shown([word]), round(word.bits, 1), _why_alone(word, place >= len(names[at].words)))
        for at, side in enumerate(_SIDES)
        for place, word in enumerate(words[at])
        if place not in met[at]
    ]
    found = dict(zip(FEATURES, organization_similarity.features(batch)[0].tolist(), strict=True))
    remarks = tuple(_remarks(names, found, all(words)))
    return Explanation(left, right, "organization", round(score, 2), tuple(meetings), tuple(alone), remarks)


def _meetings(batch: Batch) -> Iterator[tuple[tuple[int, int, int, int], tuple[float, Rule]]]:
    runs = [_run(batch, int(name)) for name in (batch.left[0], batch.right[0])]
    acronym = organization_similarity.acronyms(batch)[0]
    places, values = align(runs[0], runs[1], batch.lexis, batch.letters, tables(), acronym)
    for (i, i2, j, j2), (bits, _, rule) in zip(places.tolist(), values.tolist(), strict=True):
        yield (i, i2, j, j2), (bits, Rule(int(rule)))


def _run(batch: Batch, name: int) -> Array:
    return batch.runs.word[batch.runs.at[name] : batch.runs.at[name + 1]][:MOST]


def _shown(words: Sequence[Word]) -> str:
    return " ".join(word.short or word.text for word in words)


def _rule(rule: Rule, a: Sequence[Word], b: Sequence[Word]) -> str:
    if rule == Rule.EQUAL:
        return "the same word"
    if rule == Rule.TRANSLATION:
        names = lexicon.lexicon().names
        shared = [names[concept] for concept in a[0].concepts if concept in b[0].concepts]
        return f"both mean {shared[0].replace('_', ' ')}"
    if rule == Rule.JOINED:
        return "written together"
    if rule == Rule.ACRONYM:
        return "an acronym and the words it is made of"
    return "the letters correspond"


def _why_alone(word: Word, is_aside: bool) -> str:
    if is_aside:
        return "an addition, which may be left out"
    if word.is_place:
        return "a place that the other does not name"
    return "no counterpart, but a common word" if word.bits < _COMMON else "no counterpart"


def _remarks(names: Sequence[Compared], found: dict[str, float], have_words: bool) -> Iterator[str]:
    if not have_words:
        yield "one of the names has no words: no evidence"
        return
    if found["numbers_differ"]:
        yield f"the numbers differ: {_numbers(names[0])} and {_numbers(names[1])}"
    if found["numbers_equal"]:
        yield f"the numbers are equal: {_numbers(names[0])}"
    if found["forms_differ"]:
        yield f"the legal forms differ: {names[0].form} and {names[1].form}"
    if found["forms_equal"]:
        yield f"the legal forms are of one class: {names[0].form}"
    if found["places_differ"]:
        yield "they name different places"


def _numbers(name: Compared) -> str:
    return ", ".join(sorted(name.numbers))
