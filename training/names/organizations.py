"""Learns ``models/concepts.json`` and ``models/organizations.json``: how common the concepts of the lexicon are in
organizations' names, and what the alignment of two such names is worth.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np

from crm_etl.normalize.names import lexicon, organization_words
from crm_etl.normalize.names.organization_alignment import FEATURES
from crm_etl.normalize.names.organization_similarity import features, read
from training.names import scorer
from training.names.examples import Example, forms, slip
from training.names.split import trains

#: Features that can only speak for, and only against, one organization.
_FOR = frozenset(
    ["translated", "spelled", "worst_quality", "acronym", "covered_few", "covered_many", "numbers_equal", "joined"]
)
_AGAINST = frozenset(
    [
        *("deviation", "worst_deviation", "alone_many", "alone_few", "rarest_many", "rarest_few", "alone_few_words"),
        *("places_differ", "meanings_differ", "numbers_differ", "number_alone", "forms_differ"),
    ]
)
RISES = [1 if name in _FOR else -1 if name in _AGAINST else 0 for name in FEATURES]
_SEED = 11
_SMOOTHING = 0.5
#: What invented examples weigh beside real ones.
_VARIED = 0.2
#: Legal forms of one class, native and Latin, for examples that have them.
_FORMS = (("ООО", "LLC"), ("ЗАО", "CJSC"), ("ТОВ", "LLC"), ("ПАО", "PJSC"), ("ФГУП", "FSUE"), ("АО", "JSC"))


def learn_concepts(pairs: Sequence[Mapping[str, str]], path: Path) -> None:
    """Counts the names of the training entities that have a word of each concept."""
    names = sorted({(pair[side], pair[f"{side}_lang"]) for pair in _training(pairs) for side in ("left", "right")})
    known = lexicon.lexicon().names
    counts: Counter[str] = Counter()
    for text, language in names:
        words = organization_words.compared(text, language).words
        counts.update({known[concept] for word in words for concept in word.concepts})
    shares = {name: round((count + _SMOOTHING) / (len(names) + 1.0), 5) for name, count in sorted(counts.items())}
    path.write_text(json.dumps({"names": len(names), "shares": shares}, indent=0) + "\n", encoding="utf-8")
    organization_words.forget()


def learn(pairs: Sequence[Mapping[str, str]], path: Path) -> None:
    """Learns from the labelled ``pairs`` that may be learned from."""
    found = list(examples(_training(pairs)))
    batch = read(*([getattr(one, name) for one in found] for name in ("left", "right", "left_lang", "right_lang")))
    same, share = np.array([one.same for one in found]), np.array([one.share for one in found])
    scorer.learn(features(batch), same, share, FEATURES, path, rises=RISES)
    print(f"organizations: {len(found):,} examples, {int(same.sum()):,} of them of one organization")


def _training(pairs: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    return [pair for pair in pairs if pair["kind"] == "org" and trains(pair)]


def examples(pairs: Sequence[Mapping[str, str]]) -> Iterator[Example]:
    """Examples out of labelled ``pairs``: all forms of the entities, in two languages and in one, and what the pairs
    do not show: numbers, legal forms, slips of the pen, organizations that differ in one word.
    """
    chance = random.Random(_SEED)
    for example in chain(forms(pairs), _within_language(pairs)):
        yield example
        if chance.random() < 0.15:
            yield from _numbered(example, chance)
        if chance.random() < 0.15:
            yield _with_forms(example, chance)
        if example.same:
            yield from (replace(other, share=_VARIED * other.share) for other in _varied(example, chance))


def _within_language(pairs: Sequence[Mapping[str, str]]) -> Iterator[Example]:
    """The names of two entities that are easily confused, in one language."""
    names: dict[str, dict[str, str]] = defaultdict(dict)
    for pair in pairs:
        for side in ("left", "right"):
            names[pair[f"{side}_id"]].setdefault(pair[f"{side}_lang"], pair[side])
    for pair in pairs:
        if pair["label"] == "0":
            a, b = names[pair["left_id"]], names[pair["right_id"]]
            yield from (Example(a[one], b[one], one, one, False, 0.3) for one in sorted(a.keys() & b.keys()))


def _varied(example: Example, chance: random.Random) -> Iterator[Example]:
    """Two spellings of one organization changed: both the same, a slip of the pen, another word, a word more."""
    left, right, languages = example.left, example.right, (example.left_lang, example.right_lang)
    if chance.random() < 0.3:
        yield Example(left, left, languages[0], languages[0], True, 0.2)
        yield Example(right, right, languages[1], languages[1], True, 0.2)
    if chance.random() < 0.3:
        yield Example(slip(right, chance), right, languages[1], languages[1], True, 0.3)
    for text, language in ((left, languages[0]), (right, languages[1])):
        other = _with_another_word(text, language, chance)
        if other is not None:
            yield Example(other, right, language, languages[1], False, 0.06)
            yield Example(text, other, language, language, False, 0.15)
    if len(right.split()) == 1:
        yield Example(right, f"{right} {_telling_word(chance)}", languages[1], languages[1], False, 0.3)
    if chance.random() < 0.5 and len(right.split()) == 1:
        yield Example(left, _another(right, chance), *languages, False, 0.2)
        yield Example(right, _another(right, chance), languages[1], languages[1], False, 0.3)


def _with_another_word(text: str, language: str, chance: random.Random) -> str | None:
    """``text`` with one of its telling words replaced by another of its kind; None if it has no telling word."""
    tokens = text.split()
    common = lexicon.lexicon().common
    meant = [lexicon.meanings(lexicon.plain(token)) for token in tokens]
    places = [at for at, concepts in enumerate(meant) if concepts and common.isdisjoint(concepts)]
    if not places:
        return None
    tokens[chance.choice(places)] = _telling_word(chance)
    return " ".join(tokens)


def _telling_word(chance: random.Random) -> str:
    """A word of the lexicon that is not common."""
    known = lexicon.lexicon()
    number = chance.choice([number for number in range(len(known.names)) if number not in known.common])
    return known.names[number].replace("_", " ")


def _another(word: str, chance: random.Random) -> str:
    """A word that sounds like ``word`` and is another: half of its later letters are others."""
    letters = list(word)
    for at in chance.sample(range(1, len(letters)), max(2, len(letters) // 3)) if len(letters) > 3 else ():
        letters[at] = chance.choice("aeioulmnrstkpdv")
    return "".join(letters) if len(word) > 3 else f"{word}{chance.choice('lmnrst')}o"


def _numbered(example: Example, chance: random.Random) -> Iterator[Example]:
    """The same number on both sides, and two numbers: those are two organizations."""
    one, other = chance.sample(range(1, 60), 2)
    for second, same in ((one, example.same), (other, False)):
        left, right = f"{example.left} № {one}", f"{example.right} No. {second}"
        yield Example(left, right, example.left_lang, example.right_lang, same, 0.3 * example.share)


def _with_forms(example: Example, chance: random.Random) -> Example:
    """Legal forms on both sides or one; of one organization mostly, of two seldom, of the same class."""
    one = chance.choice(_FORMS)
    other = one if chance.random() < (0.9 if example.same else 0.4) else chance.choice(_FORMS)
    left = f"{one[0]} {example.left}"
    right = example.right if chance.random() < 0.3 else f"{example.right} {other[1]}"
    return Example(left, right, example.left_lang, example.right_lang, example.same, 0.3 * example.share)
